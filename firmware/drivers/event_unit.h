/*
 * The event unit: how harts sleep, meet and call each other without touching memory.
 *
 * Every hart has a buffer with one bit for each of 32 event lines. An event is kept there until it
 * is cleared, so one that comes before the wait is not lost. A wait is a load that the unit answers
 * when an event of the hart's mask is pending; until then the hart sleeps.
 *
 * Each function that waits sets the mask for its own events alone and puts the old one back. So an
 * interrupt handler may wait for something else while the code that it interrupted is waiting.
 */
#ifndef DRIVERS_EVENT_UNIT_H
#define DRIVERS_EVENT_UNIT_H

#include "drivers/board.h"

/* Events by line, to be combined with |. */
#define EVENT_SOFTWARE(number) (1u << (number))
#define EVENT_DMA EVENT_UNIT_EVENT_MASK_DMA_MASK
#define EVENT_DMA_INTERRUPT EVENT_UNIT_EVENT_MASK_DMA_IRQ_MASK
#define EVENT_TIMER_LOW EVENT_UNIT_EVENT_MASK_TIMER_LOW_MASK
#define EVENT_TIMER_HIGH EVENT_UNIT_EVENT_MASK_TIMER_HIGH_MASK
#define EVENT_JOB_FINISHED (1u << EVENT_UNIT_EVENT_MASK_ACCELERATOR_SHIFT)
#define EVENT_BARRIER EVENT_UNIT_EVENT_MASK_BARRIER_MASK
#define EVENT_MUTEX EVENT_UNIT_EVENT_MASK_MUTEX_MASK
#define EVENT_DISPATCH EVENT_UNIT_EVENT_MASK_DISPATCH_MASK
#define EVENT_SOC EVENT_UNIT_EVENT_MASK_SOC_MASK

/* The number of a line, which is also the number of its interrupt. */
#define EVENT_NUMBER(event) ((unsigned)__builtin_ctz(event))

static inline uint32_t event_mask_exchange(uint32_t mask)
{
    uint32_t previous = VPLAT_EVENT_UNIT_DEMUX->event_mask;
    VPLAT_EVENT_UNIT_DEMUX->event_mask = mask;
    return previous;
}

/*
 * Sleep until one of `events` is pending; clear those of them that are, and return them.
 *
 * Two pulses of one line may have become one event, and one that comes in the very cycle that
 * clears it is lost. So look again at what you wait for after every return, in a loop.
 */
static inline uint32_t event_wait(uint32_t events)
{
    uint32_t mask = event_mask_exchange(events);
    uint32_t pending = VPLAT_EVENT_UNIT_DEMUX->event_wait_clear;
    VPLAT_EVENT_UNIT_DEMUX->event_mask = mask;
    return pending;
}

/* The pending events, whatever the masks say. */
static inline uint32_t event_pending(void)
{
    return VPLAT_EVENT_UNIT_DEMUX->event_buffer;
}

/* Forget pending events. */
static inline void event_clear(uint32_t events)
{
    VPLAT_EVENT_UNIT_DEMUX->buffer_clear = events;
}

/* Let the lines in `events` interrupt this hart; the one with the highest number comes first. */
static inline void event_interrupts_enable(uint32_t events)
{
    VPLAT_EVENT_UNIT_DEMUX->irq_mask_or = events;
}

static inline void event_interrupts_disable(uint32_t events)
{
    VPLAT_EVENT_UNIT_DEMUX->irq_mask_and = events;
}

/* Send the software event `number` (0..7) to the harts whose bits are set. */
static inline void event_send(unsigned number, uint32_t harts)
{
    VPLAT_EVENT_UNIT_DEMUX->sw_event_trigger[number] = harts;
}

/* Send it, then sleep until it comes back from somebody; one access does both. */
static inline void event_send_and_wait(unsigned number, uint32_t harts)
{
    VPLAT_EVENT_UNIT_DEMUX->sw_events_mask = harts;
    uint32_t mask = event_mask_exchange(EVENT_SOFTWARE(number));
    (void)VPLAT_EVENT_UNIT_DEMUX->sw_event_trigger_wait_clear[number];
    VPLAT_EVENT_UNIT_DEMUX->event_mask = mask;
}

/* Say who meets at a barrier, before the first of them arrives. */
static inline void barrier_configure(unsigned barrier, uint32_t harts)
{
    VPLAT_EVENT_UNIT_DEMUX->barrier[barrier].trigger_mask = harts;
    VPLAT_EVENT_UNIT_DEMUX->barrier[barrier].target_mask = harts;
}

/* Arrive, and sleep until all the others have. Only for harts that barrier_configure named. */
static inline void barrier_wait(unsigned barrier)
{
    uint32_t mask = event_mask_exchange(EVENT_BARRIER);
    (void)VPLAT_EVENT_UNIT_DEMUX->barrier[barrier].trigger_wait_clear;
    VPLAT_EVENT_UNIT_DEMUX->event_mask = mask;
}

/* Lock a mutex, asleep while another hart owns it; returns what its last owner left there. */
static inline uint32_t mutex_lock(unsigned mutex)
{
    uint32_t mask = event_mask_exchange(EVENT_MUTEX);
    uint32_t message = VPLAT_EVENT_UNIT_DEMUX->mutex[mutex];
    VPLAT_EVENT_UNIT_DEMUX->event_mask = mask;
    return message;
}

static inline void mutex_unlock(unsigned mutex, uint32_t message)
{
    VPLAT_EVENT_UNIT_DEMUX->mutex[mutex] = message;
}

/* Hand `value` to each hart of `harts`. There is room for eight values that nobody has taken. */
static inline void dispatch_push(uint32_t harts, uint32_t value)
{
    VPLAT_EVENT_UNIT_DEMUX->dispatch_team_config = harts;
    VPLAT_EVENT_UNIT_DEMUX->dispatch_fifo = value;
}

/* Sleep until there is a value for this hart, and take it. */
static inline uint32_t dispatch_pop(void)
{
    uint32_t mask = event_mask_exchange(EVENT_DISPATCH);
    uint32_t value = VPLAT_EVENT_UNIT_DEMUX->dispatch_fifo;
    VPLAT_EVENT_UNIT_DEMUX->event_mask = mask;
    return value;
}

/* The oldest event of the SoC's FIFO, or -1 if it is empty. */
static inline int soc_event_pop(void)
{
    uint32_t word = VPLAT_EVENT_UNIT->soc_event_fifo;
    if (!(word & EVENT_UNIT_SOC_EVENT_FIFO_VALID_MASK))
        return -1;
    return (int)VPLAT_GET(EVENT_UNIT_SOC_EVENT_FIFO_ID, word);
}

#endif
