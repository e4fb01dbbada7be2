#include "drivers/board.h"

#ifdef VPLAT_CLUSTER_CONTROL_BASE

#include "drivers/cluster_control.h"

/* What tells a status from the value after reset (RETURN is bits 30:0). */
#define RETURN_IS_VALID (1u << 31)

_Noreturn void cluster_finish(int status)
{
    VPLAT_CLUSTER_CONTROL->return_value = (uint32_t)status | RETURN_IS_VALID;
    VPLAT_CLUSTER_CONTROL->eoc = CLUSTER_CONTROL_EOC_EOC_MASK;
    for (;;)
        ;
}

static void configure(uint32_t bit, bool is_set)
{
    if (is_set)
        VPLAT_CLUSTER_CONTROL->cluster_cfg |= bit;
    else
        VPLAT_CLUSTER_CONTROL->cluster_cfg &= ~bit;
}

void cluster_clock_accelerator(bool running)
{
    configure(CLUSTER_CONTROL_CLUSTER_CFG_HWPE_EN_MASK, running);
}

void cluster_prefer_accelerator(bool wins)
{
    configure(CLUSTER_CONTROL_CLUSTER_CFG_HCI_INVERT_PRIORITY_MASK, wins);
}

void cluster_restart_hart(unsigned hart, void (*entry)(void))
{
    cluster_halt_hart(hart);
    VPLAT_CLUSTER_CONTROL->boot_addr[hart] = (uint32_t)entry;
    VPLAT_CLUSTER_CONTROL->fetch_en |= 1u << hart;
}

void cluster_halt_hart(unsigned hart)
{
    VPLAT_CLUSTER_CONTROL->fetch_en &= ~(1u << hart);
}

#endif
