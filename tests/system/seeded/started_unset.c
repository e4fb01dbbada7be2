/* The iDMA is launched before anybody has said how many bytes. */
#include "seeded.h"

static uint8_t there[BYTES] IN_L3_ZEROED, here[BYTES] IN_TCDM_ZEROED;
static volatile uint32_t number;

void lead(void)
{
    VPLAT_IDMA_CORE->src_addr = (uint32_t)there;
    VPLAT_IDMA_CORE->dst_addr = (uint32_t)here;
    VPLAT_IDMA_CORE->conf = VPLAT_PUT(IDMA_CONF_DST_PROTOCOL, IDMA_CONF_DST_PROTOCOL_OBI);
    number = VPLAT_IDMA_CORE->next_id[1]; /* BUG */
}
