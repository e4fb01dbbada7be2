#include "drivers/board.h"

#ifdef VPLAT_TIMER_BASE

#include "drivers/timer.h"

#include "drivers/event_unit.h"

/* Both configuration registers have the same fields; the names of the low one's stand for both. */
#define ENABLE PULP_TIMER_CFG_LO_ENABLE_MASK
#define RESET PULP_TIMER_CFG_LO_RESET_MASK
#define SEND_EVENT PULP_TIMER_CFG_LO_IRQ_ENABLE_MASK
#define CLEAR_ON_MATCH PULP_TIMER_CFG_LO_CMP_CLEAR_MASK
#define ONE_SHOT PULP_TIMER_CFG_LO_ONE_SHOT_MASK

static volatile uint32_t *configuration(enum timer timer)
{
    return timer == TIMER_LOW ? &VPLAT_TIMER->cfg_lo : &VPLAT_TIMER->cfg_hi;
}

static volatile uint32_t *compare_value(enum timer timer)
{
    return timer == TIMER_LOW ? &VPLAT_TIMER->cmp_lo : &VPLAT_TIMER->cmp_hi;
}

static void start(enum timer timer, uint32_t compare, uint32_t mode)
{
    timer_stop(timer);
    *compare_value(timer) = compare;
    *configuration(timer) = ENABLE | RESET | SEND_EVENT | mode;
}

void timer_start_once(enum timer timer, uint32_t cycles)
{
    start(timer, cycles, ONE_SHOT);
}

void timer_start_periodic(enum timer timer, uint32_t cycles)
{
    /* The counter stays at the compare value for a cycle and at zero for another one. */
    start(timer, cycles - 1, CLEAR_ON_MATCH);
}

void timer_stop(enum timer timer)
{
    *configuration(timer) = 0;
}

uint32_t timer_count(enum timer timer)
{
    return timer == TIMER_LOW ? VPLAT_TIMER->cnt_lo : VPLAT_TIMER->cnt_hi;
}

void timer_sleep(enum timer timer, uint32_t cycles)
{
    uint32_t event = timer == TIMER_LOW ? EVENT_TIMER_LOW : EVENT_TIMER_HIGH;

    event_clear(event);
    timer_start_once(timer, cycles);
    do
        event_wait(event);
    while (*configuration(timer) & ENABLE);
}

#endif
