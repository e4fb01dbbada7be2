/* Rows are gathered; between them the buffer is the hart's own, a row is not. */
#include "seeded.h"

#define ROW 24
#define PITCH 64
#define ROWS 60

static uint8_t here[ROW * ROWS] IN_TCDM_ZEROED, there[PITCH * ROWS] IN_L3_ZEROED;
static volatile unsigned seen;

void lead(void)
{
#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE
    transfer_t transfer = dma_store_rows(there, here, ROW, ROWS, PITCH);
#else
    transfer_t transfer = xdma_start_rows(there, PITCH, here, ROW, ROW, ROWS);
#endif

    seen = *(volatile uint8_t *)(there + 7 * PITCH + ROW);
    seen = *(volatile uint32_t *)(there + 8 * PITCH - 4);
    seen = *(volatile uint8_t *)(there + 7 * PITCH + ROW - 1); /* BUG */
    *(volatile uint8_t *)(there + 7 * PITCH + ROW) = 1;
    finish(transfer);
}
