/*
 * The DMA copies between the TCDM and both external memories: in one piece and in rows, in both
 * directions, and for all harts at once. Every wait is asleep, for the DMA's event.
 */
#include <string.h>

#include "drivers/dma.h"
#include "kernels/random.h"
#include "runtime/runtime.h"

#define BYTES 6000 /* several bursts, and not a multiple of their length */
#define ROW_BYTES 48
#define ROWS 40
#define STRIDE 200
#define PLANES 4
#define PLANE_ROWS (ROWS / PLANES)

static int8_t in_l3[ROWS * STRIDE] IN_L3_ZEROED;
static int8_t in_l2[ROWS * STRIDE];
static int8_t in_tcdm[VPLAT_HARTS][BYTES] IN_TCDM_ZEROED;

static void report(const char *memory, const char *what, int is_right)
{
    printf("%s: %-28s %s\n", memory, what, is_right ? "ok" : "FAILED");
    if (!is_right)
        exit(EXIT_FAILURE);
}

static void one_piece(const char *memory, int8_t *external)
{
    int8_t *tcdm = in_tcdm[0];
    uint32_t seed = 1;

    random_fill(external, BYTES, &seed);
    memset(tcdm, 0, BYTES);
    dma_finish(dma_load(tcdm, external, BYTES));
    report(memory, "one piece into the TCDM", memcmp(tcdm, external, BYTES) == 0);

    random_fill(tcdm, BYTES, &seed);
    dma_finish(dma_store(external, tcdm, BYTES));
    report(memory, "one piece out of the TCDM", memcmp(tcdm, external, BYTES) == 0);
}

/* Whether the rows in `external` are those in `tcdm`, and `filler` is between them. */
static int rows_agree(const int8_t *external, const int8_t *tcdm, int8_t filler)
{
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < STRIDE; column++) {
            int8_t expected = column < ROW_BYTES ? tcdm[row * ROW_BYTES + column] : filler;
            if (external[row * STRIDE + column] != expected)
                return 0;
        }
    return 1;
}

static void rows(const char *memory, int8_t *external)
{
    const int8_t filler = 0x55;
    int8_t *tcdm = in_tcdm[0];
    uint32_t seed = 2;

    memset(external, filler, ROWS * STRIDE);
    random_fill(tcdm, ROWS * ROW_BYTES, &seed);
    dma_finish(dma_store_rows(external, tcdm, ROW_BYTES, ROWS, STRIDE));
    report(memory, "rows out of the TCDM", rows_agree(external, tcdm, filler));

    memset(tcdm, 0, ROWS * ROW_BYTES);
    dma_finish(dma_load_rows(tcdm, external, ROW_BYTES, ROWS, STRIDE));
    report(memory, "rows into the TCDM", rows_agree(external, tcdm, filler));
}

/*
 * Rows of several planes in one transfer: iDMA has a third dimension, MCHAN takes several commands
 * under one identifier.
 */
static dma_transfer_t load_planes(int8_t *tcdm, const int8_t *external, size_t plane_stride)
{
#ifdef VPLAT_IDMA_CORE
    const struct idma_copy copy = {
        .direction = IDMA_TO_TCDM,
        .tcdm = tcdm,
        .external = external,
        .bytes = ROW_BYTES,
        .rows = PLANE_ROWS,
        .stride = STRIDE,
        .planes = PLANES,
        .plane_stride = plane_stride,
    };

    return idma_start(&copy);
#else
    struct mchan_copy copies[PLANES];

    for (int plane = 0; plane < PLANES; plane++)
        copies[plane] = (struct mchan_copy){
            .direction = MCHAN_TO_TCDM,
            .tcdm = tcdm + plane * PLANE_ROWS * ROW_BYTES,
            .external = external + plane * plane_stride,
            .bytes = PLANE_ROWS * ROW_BYTES,
            .row_bytes = ROW_BYTES,
            .stride = STRIDE,
        };
    return mchan_start(copies, PLANES);
#endif
}

/* Planes overlap here: each begins five rows after the one before, not after its last row. */
static void planes(void)
{
    enum { ROWS_APART = PLANE_ROWS / 2 };
    int8_t *tcdm = in_tcdm[0];
    uint32_t seed = 4;
    int is_right = 1;

    random_fill(in_l3, sizeof in_l3, &seed);
    memset(tcdm, 0, ROWS * ROW_BYTES);
    dma_finish(load_planes(tcdm, in_l3, ROWS_APART * STRIDE));
    for (int row = 0; row < ROWS; row++) {
        int from = row / PLANE_ROWS * ROWS_APART + row % PLANE_ROWS;
        is_right &= memcmp(tcdm + row * ROW_BYTES, in_l3 + from * STRIDE, ROW_BYTES) == 0;
    }
    report("L3", "planes into the TCDM", is_right);
}

/* Several transfers under way at a time, finished in another order than they were started. */
static void several(void)
{
    enum { PIECES = 4, PIECE = BYTES / PIECES };
    dma_transfer_t transfers[PIECES];
    uint32_t seed = 3;

    random_fill(in_l3, BYTES, &seed);
    memset(in_tcdm[0], 0, BYTES);
    for (int i = 0; i < PIECES; i++)
        transfers[i] = dma_load(in_tcdm[0] + i * PIECE, in_l3 + i * PIECE, PIECE);
    for (int i = PIECES - 1; i >= 0; i--)
        dma_finish(transfers[i]);
    report("L3", "four transfers at a time", memcmp(in_tcdm[0], in_l3, BYTES) == 0);
}

static int all_are(int8_t value, const int8_t *bytes, size_t count)
{
    while (count > 0 && bytes[count - 1] == value)
        count--;
    return count == 0;
}

/* Each hart, through its own port, sends its number out and gets its neighbour's back. */
static void all_harts(void)
{
    enum { SHARE = ROWS * STRIDE / VPLAT_HARTS };
    static volatile unsigned right_answers IN_TCDM_ZEROED;
    unsigned neighbour = (hart_id() + 1) % VPLAT_HARTS;
    int8_t *tcdm = in_tcdm[hart_id()];

    memset(tcdm, (int)hart_id(), SHARE);
    dma_finish(dma_store(in_l3 + hart_id() * SHARE, tcdm, SHARE));
    cluster_barrier();
    dma_finish(dma_load(tcdm, in_l3 + neighbour * SHARE, SHARE));
    if (all_are((int8_t)neighbour, tcdm, SHARE))
        __atomic_fetch_add(&right_answers, 1, __ATOMIC_RELAXED);
    cluster_barrier();
    if (hart_id() == 0)
        report("L3", "all harts at once", right_answers == VPLAT_HARTS);
}

int main(void)
{
    if (hart_id() == 0) {
        one_piece("L2", in_l2);
        one_piece("L3", in_l3);
        rows("L2", in_l2);
        rows("L3", in_l3);
        planes();
        several();
    }
    cluster_barrier();
    all_harts();
    return 0;
}
