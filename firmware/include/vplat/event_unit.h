#ifndef VPLAT_EVENT_UNIT_H
#define VPLAT_EVENT_UNIT_H

/*
 * event_unit: Puts harts to sleep until something happens: events, barriers, mutexes, dispatched
 * work.
 *
 * A hart reads a wait register of the core-private view and sleeps until an event that is set in
 * its event_mask is pending. Set the bit of what is waited for first: 16 for a barrier, 17 for a
 * mutex, 18 for the dispatch FIFO. The periph view shows the plain registers of all harts to any
 * master.
 *
 * Generated from vplat.peripherals.event_unit.device by `vplat export c-header`; do not edit.
 */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert(x, y) static_assert(x, y)
#endif
#endif

#ifndef VPLAT_U
#ifdef __ASSEMBLER__
#define VPLAT_U(number) number
#else
#define VPLAT_U(number) number##u
#endif
/* A field's value in a word read from its register: VPLAT_GET(DMA_STATUS_ID, word). */
#define VPLAT_GET(field, word) (((word) & field##_MASK) >> field##_SHIFT)
/* A value in its field's place, to be written: VPLAT_PUT(DMA_CTRL_MODE, DMA_CTRL_MODE_FAST). */
#define VPLAT_PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)
#endif

/* Bytes of the window 'registers'. */
#define EVENT_UNIT_REGISTERS_SIZE VPLAT_U(0x800)

/* Bytes of the window 'demux'. */
#define EVENT_UNIT_DEMUX_SIZE VPLAT_U(0x400)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    struct {
        /* +0x000, read-write: Events that end a wait of hart i. Shows event_mask. */
        volatile uint32_t event_mask;
        /* +0x004, write-only: Clears the bits of hart i's event mask that are set here. */
        volatile uint32_t event_mask_and;
        /* +0x008, write-only: Sets the bits of hart i's event mask that are set here. */
        volatile uint32_t event_mask_or;
        /* +0x00c, read-write: Events that interrupt hart i. Shows irq_mask. */
        volatile uint32_t irq_mask;
        /* +0x010, write-only: Clears the bits of hart i's irq mask that are set here. */
        volatile uint32_t irq_mask_and;
        /* +0x014, write-only: Sets the bits of hart i's irq mask that are set here. */
        volatile uint32_t irq_mask_or;
        /* +0x018, read-only: State of the clock of hart i. */
        volatile const uint32_t clock_status;
        /*
         * +0x01c, read-only: Events that hart i has pending, whatever the masks say. Shows
         * event_buffer.
         */
        volatile const uint32_t event_buffer;
        /* +0x020, read-only: Events of hart i that are pending and set in its event mask. */
        volatile const uint32_t buffer_masked;
        /* +0x024, read-only: Events of hart i that are pending and set in its irq mask. */
        volatile const uint32_t buffer_irq_masked;
        /* +0x028, write-only: Clears the pending events of hart i that are set here. */
        volatile uint32_t buffer_clear;
        /*
         * +0x02c, read-write: Who gets the SW events that hart i triggers by a trigger-and-wait
         * read. Shows sw_events_mask.
         */
        volatile uint32_t sw_events_mask;
        /* +0x030, write-only: Clears the bits of hart i's SW events mask that are set here. */
        volatile uint32_t sw_events_mask_and;
        /* +0x034, write-only: Sets the bits of hart i's SW events mask that are set here. */
        volatile uint32_t sw_events_mask_or;
        uint32_t _reserved_38[2];
    } hart[16];
    struct {
        /*
         * +0x000, read-write: The harts that barrier i waits for; none set disables it. Shows
         * barrier_trigger_mask.
         */
        volatile uint32_t trigger_mask;
        /* +0x004, read-only: The harts that have arrived at barrier i. Shows barrier_status. */
        volatile const uint32_t status;
        uint32_t _reserved_8[1];
        /*
         * +0x00c, read-write: The harts that get the barrier event when barrier i is reached by
         * all. Shows barrier_target_mask.
         */
        volatile uint32_t target_mask;
        /* +0x010, write-only: Marks harts as arrived at barrier i. */
        volatile uint32_t trigger;
        uint32_t _reserved_14[3];
    } periph_barrier[16];
    /*
     * +0x600, write-only: Triggers SW event i for the harts whose bits are set; 0 means all harts.
     */
    volatile uint32_t periph_sw_event_trigger[8];
    uint32_t _reserved_620[56];
    /*
     * +0x700, read-only: Reading takes the oldest event out of the FIFO. Event 27 is pending while
     * there is one.
     */
    volatile const uint32_t soc_event_fifo;
    uint32_t _reserved_704[31];
    /* +0x780, read-only: Reserved for events between clusters; nothing is connected, it reads 0. */
    volatile const uint32_t inter_cluster_fifo;
    uint32_t _reserved_784[31];
} event_unit_registers_t;

_Static_assert(offsetof(event_unit_registers_t, hart[0].event_mask) == 0x000, "event_unit_registers_t.hart[0].event_mask");
_Static_assert(offsetof(event_unit_registers_t, hart[0].event_mask_and) == 0x004, "event_unit_registers_t.hart[0].event_mask_and");
_Static_assert(offsetof(event_unit_registers_t, hart[0].event_mask_or) == 0x008, "event_unit_registers_t.hart[0].event_mask_or");
_Static_assert(offsetof(event_unit_registers_t, hart[0].irq_mask) == 0x00c, "event_unit_registers_t.hart[0].irq_mask");
_Static_assert(offsetof(event_unit_registers_t, hart[0].irq_mask_and) == 0x010, "event_unit_registers_t.hart[0].irq_mask_and");
_Static_assert(offsetof(event_unit_registers_t, hart[0].irq_mask_or) == 0x014, "event_unit_registers_t.hart[0].irq_mask_or");
_Static_assert(offsetof(event_unit_registers_t, hart[0].clock_status) == 0x018, "event_unit_registers_t.hart[0].clock_status");
_Static_assert(offsetof(event_unit_registers_t, hart[0].event_buffer) == 0x01c, "event_unit_registers_t.hart[0].event_buffer");
_Static_assert(offsetof(event_unit_registers_t, hart[0].buffer_masked) == 0x020, "event_unit_registers_t.hart[0].buffer_masked");
_Static_assert(offsetof(event_unit_registers_t, hart[0].buffer_irq_masked) == 0x024, "event_unit_registers_t.hart[0].buffer_irq_masked");
_Static_assert(offsetof(event_unit_registers_t, hart[0].buffer_clear) == 0x028, "event_unit_registers_t.hart[0].buffer_clear");
_Static_assert(offsetof(event_unit_registers_t, hart[0].sw_events_mask) == 0x02c, "event_unit_registers_t.hart[0].sw_events_mask");
_Static_assert(offsetof(event_unit_registers_t, hart[0].sw_events_mask_and) == 0x030, "event_unit_registers_t.hart[0].sw_events_mask_and");
_Static_assert(offsetof(event_unit_registers_t, hart[0].sw_events_mask_or) == 0x034, "event_unit_registers_t.hart[0].sw_events_mask_or");
_Static_assert(offsetof(event_unit_registers_t, hart[15].event_mask) == 0x3c0, "event_unit_registers_t.hart[15].event_mask");
_Static_assert(offsetof(event_unit_registers_t, hart[15].event_mask_and) == 0x3c4, "event_unit_registers_t.hart[15].event_mask_and");
_Static_assert(offsetof(event_unit_registers_t, hart[15].event_mask_or) == 0x3c8, "event_unit_registers_t.hart[15].event_mask_or");
_Static_assert(offsetof(event_unit_registers_t, hart[15].irq_mask) == 0x3cc, "event_unit_registers_t.hart[15].irq_mask");
_Static_assert(offsetof(event_unit_registers_t, hart[15].irq_mask_and) == 0x3d0, "event_unit_registers_t.hart[15].irq_mask_and");
_Static_assert(offsetof(event_unit_registers_t, hart[15].irq_mask_or) == 0x3d4, "event_unit_registers_t.hart[15].irq_mask_or");
_Static_assert(offsetof(event_unit_registers_t, hart[15].clock_status) == 0x3d8, "event_unit_registers_t.hart[15].clock_status");
_Static_assert(offsetof(event_unit_registers_t, hart[15].event_buffer) == 0x3dc, "event_unit_registers_t.hart[15].event_buffer");
_Static_assert(offsetof(event_unit_registers_t, hart[15].buffer_masked) == 0x3e0, "event_unit_registers_t.hart[15].buffer_masked");
_Static_assert(offsetof(event_unit_registers_t, hart[15].buffer_irq_masked) == 0x3e4, "event_unit_registers_t.hart[15].buffer_irq_masked");
_Static_assert(offsetof(event_unit_registers_t, hart[15].buffer_clear) == 0x3e8, "event_unit_registers_t.hart[15].buffer_clear");
_Static_assert(offsetof(event_unit_registers_t, hart[15].sw_events_mask) == 0x3ec, "event_unit_registers_t.hart[15].sw_events_mask");
_Static_assert(offsetof(event_unit_registers_t, hart[15].sw_events_mask_and) == 0x3f0, "event_unit_registers_t.hart[15].sw_events_mask_and");
_Static_assert(offsetof(event_unit_registers_t, hart[15].sw_events_mask_or) == 0x3f4, "event_unit_registers_t.hart[15].sw_events_mask_or");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[0].trigger_mask) == 0x400, "event_unit_registers_t.periph_barrier[0].trigger_mask");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[0].status) == 0x404, "event_unit_registers_t.periph_barrier[0].status");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[0].target_mask) == 0x40c, "event_unit_registers_t.periph_barrier[0].target_mask");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[0].trigger) == 0x410, "event_unit_registers_t.periph_barrier[0].trigger");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[15].trigger_mask) == 0x5e0, "event_unit_registers_t.periph_barrier[15].trigger_mask");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[15].status) == 0x5e4, "event_unit_registers_t.periph_barrier[15].status");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[15].target_mask) == 0x5ec, "event_unit_registers_t.periph_barrier[15].target_mask");
_Static_assert(offsetof(event_unit_registers_t, periph_barrier[15].trigger) == 0x5f0, "event_unit_registers_t.periph_barrier[15].trigger");
_Static_assert(offsetof(event_unit_registers_t, periph_sw_event_trigger) == 0x600, "event_unit_registers_t.periph_sw_event_trigger");
_Static_assert(offsetof(event_unit_registers_t, periph_sw_event_trigger[7]) == 0x61c, "event_unit_registers_t.periph_sw_event_trigger[7]");
_Static_assert(offsetof(event_unit_registers_t, soc_event_fifo) == 0x700, "event_unit_registers_t.soc_event_fifo");
_Static_assert(offsetof(event_unit_registers_t, inter_cluster_fifo) == 0x780, "event_unit_registers_t.inter_cluster_fifo");
_Static_assert(sizeof(event_unit_registers_t) == 0x800, "event_unit_registers_t");

/* The core-private view: at one address, each hart has its own unit. Waits exist only here. */
typedef struct {
    /*
     * +0x000, read-write: Events that end a wait of this hart. The bit of what is waited for must
     * be set. One for each port.
     */
    volatile uint32_t event_mask;
    /* +0x004, write-only: Clears the bits of event_mask that are set here. One for each port. */
    volatile uint32_t event_mask_and;
    /* +0x008, write-only: Sets the bits of event_mask that are set here. One for each port. */
    volatile uint32_t event_mask_or;
    /*
     * +0x00c, read-write: Events that interrupt this hart; the highest pending one first. One for
     * each port.
     */
    volatile uint32_t irq_mask;
    /* +0x010, write-only: Clears the bits of irq_mask that are set here. One for each port. */
    volatile uint32_t irq_mask_and;
    /* +0x014, write-only: Sets the bits of irq_mask that are set here. One for each port. */
    volatile uint32_t irq_mask_or;
    /* +0x018, read-only: State of the hart's clock. */
    volatile const uint32_t clock_status;
    /*
     * +0x01c, read-only: Events that have occurred and have not been cleared, whatever the masks
     * say. One for each port.
     */
    volatile const uint32_t event_buffer;
    /* +0x020, read-only: Pending events that are set in event_mask. One for each port. */
    volatile const uint32_t buffer_masked;
    /* +0x024, read-only: Pending events that are set in irq_mask. One for each port. */
    volatile const uint32_t buffer_irq_masked;
    /* +0x028, write-only: Clears the pending events that are set here. One for each port. */
    volatile uint32_t buffer_clear;
    /*
     * +0x02c, read-write: Who gets the SW events that this hart triggers by a trigger-and-wait
     * read. One for each port.
     */
    volatile uint32_t sw_events_mask;
    /*
     * +0x030, write-only: Clears the bits of sw_events_mask that are set here. One for each port.
     */
    volatile uint32_t sw_events_mask_and;
    /* +0x034, write-only: Sets the bits of sw_events_mask that are set here. One for each port. */
    volatile uint32_t sw_events_mask_or;
    /*
     * +0x038, read-only: Sleeps until an event in event_mask is pending; reads those that are.
     * Clears nothing.
     */
    volatile const uint32_t event_wait;
    /*
     * +0x03c, read-only: Sleeps until an event in event_mask is pending; reads those that are and
     * clears them.
     */
    volatile const uint32_t event_wait_clear;
    uint32_t _reserved_40[16];
    /*
     * +0x080, read-write: Writing hands a value to every hart in dispatch_team_config. Reading
     * sleeps until there is a value for the reader, reads the oldest and clears the events in
     * event_mask.
     */
    volatile uint32_t dispatch_fifo;
    /* +0x084, write-only: The harts that get the values written from now on. */
    volatile uint32_t dispatch_team_config;
    uint32_t _reserved_88[14];
    /*
     * +0x0c0, read-write: Reading locks mutex i: sleeps until the reader owns it, reads the message
     * of the last unlock and clears the events in event_mask. Writing unlocks it and leaves the
     * value as the message.
     */
    volatile uint32_t mutex[16];
    /*
     * +0x100, write-only: Triggers SW event i for the harts whose bits are set; 0 means all harts.
     */
    volatile uint32_t sw_event_trigger[8];
    uint32_t _reserved_120[8];
    /*
     * +0x140, read-only: Triggers SW event i for the harts in sw_events_mask, then waits as
     * event_wait does.
     */
    volatile const uint32_t sw_event_trigger_wait[8];
    uint32_t _reserved_160[8];
    /*
     * +0x180, read-only: Triggers SW event i for the harts in sw_events_mask, then waits as
     * event_wait_clear does.
     */
    volatile const uint32_t sw_event_trigger_wait_clear[8];
    uint32_t _reserved_1a0[24];
    struct {
        /* +0x000, read-write: The harts that barrier i waits for; none set disables it. */
        volatile uint32_t trigger_mask;
        /* +0x004, read-only: The harts that have arrived at barrier i. */
        volatile const uint32_t status;
        /* +0x008, read-only: In the manual but not in the hardware: reads 0. */
        volatile const uint32_t status_summary;
        /*
         * +0x00c, read-write: The harts that get the barrier event when barrier i is reached by
         * all.
         */
        volatile uint32_t target_mask;
        /* +0x010, write-only: Marks harts as arrived at barrier i. */
        volatile uint32_t trigger;
        /*
         * +0x014, read-only: Marks the reader as arrived at barrier i and does not wait; reads the
         * pending events that are set in event_mask.
         */
        volatile const uint32_t trigger_self;
        /*
         * +0x018, read-only: Marks the reader as arrived at barrier i, then waits as event_wait
         * does.
         */
        volatile const uint32_t trigger_wait;
        /*
         * +0x01c, read-only: Marks the reader as arrived at barrier i, then waits as
         * event_wait_clear does.
         */
        volatile const uint32_t trigger_wait_clear;
    } barrier[16];
} event_unit_demux_t;

_Static_assert(offsetof(event_unit_demux_t, event_mask) == 0x000, "event_unit_demux_t.event_mask");
_Static_assert(offsetof(event_unit_demux_t, event_mask_and) == 0x004, "event_unit_demux_t.event_mask_and");
_Static_assert(offsetof(event_unit_demux_t, event_mask_or) == 0x008, "event_unit_demux_t.event_mask_or");
_Static_assert(offsetof(event_unit_demux_t, irq_mask) == 0x00c, "event_unit_demux_t.irq_mask");
_Static_assert(offsetof(event_unit_demux_t, irq_mask_and) == 0x010, "event_unit_demux_t.irq_mask_and");
_Static_assert(offsetof(event_unit_demux_t, irq_mask_or) == 0x014, "event_unit_demux_t.irq_mask_or");
_Static_assert(offsetof(event_unit_demux_t, clock_status) == 0x018, "event_unit_demux_t.clock_status");
_Static_assert(offsetof(event_unit_demux_t, event_buffer) == 0x01c, "event_unit_demux_t.event_buffer");
_Static_assert(offsetof(event_unit_demux_t, buffer_masked) == 0x020, "event_unit_demux_t.buffer_masked");
_Static_assert(offsetof(event_unit_demux_t, buffer_irq_masked) == 0x024, "event_unit_demux_t.buffer_irq_masked");
_Static_assert(offsetof(event_unit_demux_t, buffer_clear) == 0x028, "event_unit_demux_t.buffer_clear");
_Static_assert(offsetof(event_unit_demux_t, sw_events_mask) == 0x02c, "event_unit_demux_t.sw_events_mask");
_Static_assert(offsetof(event_unit_demux_t, sw_events_mask_and) == 0x030, "event_unit_demux_t.sw_events_mask_and");
_Static_assert(offsetof(event_unit_demux_t, sw_events_mask_or) == 0x034, "event_unit_demux_t.sw_events_mask_or");
_Static_assert(offsetof(event_unit_demux_t, event_wait) == 0x038, "event_unit_demux_t.event_wait");
_Static_assert(offsetof(event_unit_demux_t, event_wait_clear) == 0x03c, "event_unit_demux_t.event_wait_clear");
_Static_assert(offsetof(event_unit_demux_t, dispatch_fifo) == 0x080, "event_unit_demux_t.dispatch_fifo");
_Static_assert(offsetof(event_unit_demux_t, dispatch_team_config) == 0x084, "event_unit_demux_t.dispatch_team_config");
_Static_assert(offsetof(event_unit_demux_t, mutex) == 0x0c0, "event_unit_demux_t.mutex");
_Static_assert(offsetof(event_unit_demux_t, mutex[15]) == 0x0fc, "event_unit_demux_t.mutex[15]");
_Static_assert(offsetof(event_unit_demux_t, sw_event_trigger) == 0x100, "event_unit_demux_t.sw_event_trigger");
_Static_assert(offsetof(event_unit_demux_t, sw_event_trigger[7]) == 0x11c, "event_unit_demux_t.sw_event_trigger[7]");
_Static_assert(offsetof(event_unit_demux_t, sw_event_trigger_wait) == 0x140, "event_unit_demux_t.sw_event_trigger_wait");
_Static_assert(offsetof(event_unit_demux_t, sw_event_trigger_wait[7]) == 0x15c, "event_unit_demux_t.sw_event_trigger_wait[7]");
_Static_assert(offsetof(event_unit_demux_t, sw_event_trigger_wait_clear) == 0x180, "event_unit_demux_t.sw_event_trigger_wait_clear");
_Static_assert(offsetof(event_unit_demux_t, sw_event_trigger_wait_clear[7]) == 0x19c, "event_unit_demux_t.sw_event_trigger_wait_clear[7]");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].trigger_mask) == 0x200, "event_unit_demux_t.barrier[0].trigger_mask");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].status) == 0x204, "event_unit_demux_t.barrier[0].status");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].status_summary) == 0x208, "event_unit_demux_t.barrier[0].status_summary");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].target_mask) == 0x20c, "event_unit_demux_t.barrier[0].target_mask");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].trigger) == 0x210, "event_unit_demux_t.barrier[0].trigger");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].trigger_self) == 0x214, "event_unit_demux_t.barrier[0].trigger_self");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].trigger_wait) == 0x218, "event_unit_demux_t.barrier[0].trigger_wait");
_Static_assert(offsetof(event_unit_demux_t, barrier[0].trigger_wait_clear) == 0x21c, "event_unit_demux_t.barrier[0].trigger_wait_clear");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].trigger_mask) == 0x3e0, "event_unit_demux_t.barrier[15].trigger_mask");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].status) == 0x3e4, "event_unit_demux_t.barrier[15].status");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].status_summary) == 0x3e8, "event_unit_demux_t.barrier[15].status_summary");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].target_mask) == 0x3ec, "event_unit_demux_t.barrier[15].target_mask");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].trigger) == 0x3f0, "event_unit_demux_t.barrier[15].trigger");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].trigger_self) == 0x3f4, "event_unit_demux_t.barrier[15].trigger_self");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].trigger_wait) == 0x3f8, "event_unit_demux_t.barrier[15].trigger_wait");
_Static_assert(offsetof(event_unit_demux_t, barrier[15].trigger_wait_clear) == 0x3fc, "event_unit_demux_t.barrier[15].trigger_wait_clear");
_Static_assert(sizeof(event_unit_demux_t) == 0x400, "event_unit_demux_t");

#endif

/*
 * event_mask (read-write): Events that end a wait of this hart. The bit of what is waited for must
 * be set. One for each port.
 */
#define EVENT_UNIT_EVENT_MASK_OFFSET VPLAT_U(0x000)
#define EVENT_UNIT_EVENT_MASK_RESET VPLAT_U(0x00000000)
/* software, bits 7:0, read-write: SW events 0 to 7. */
#define EVENT_UNIT_EVENT_MASK_SOFTWARE_SHIFT VPLAT_U(0)
#define EVENT_UNIT_EVENT_MASK_SOFTWARE_MASK VPLAT_U(0x000000ff)
/* dma, bit 8, read-write: The DMA has finished a transfer (event). */
#define EVENT_UNIT_EVENT_MASK_DMA_SHIFT VPLAT_U(8)
#define EVENT_UNIT_EVENT_MASK_DMA_MASK VPLAT_U(0x00000100)
/* dma_irq, bit 9, read-write: The DMA has finished a transfer (interrupt). */
#define EVENT_UNIT_EVENT_MASK_DMA_IRQ_SHIFT VPLAT_U(9)
#define EVENT_UNIT_EVENT_MASK_DMA_IRQ_MASK VPLAT_U(0x00000200)
/* timer_low, bit 10, read-write: The low half of the timer has reached its compare value. */
#define EVENT_UNIT_EVENT_MASK_TIMER_LOW_SHIFT VPLAT_U(10)
#define EVENT_UNIT_EVENT_MASK_TIMER_LOW_MASK VPLAT_U(0x00000400)
/* timer_high, bit 11, read-write: The high half of the timer has reached its compare value. */
#define EVENT_UNIT_EVENT_MASK_TIMER_HIGH_SHIFT VPLAT_U(11)
#define EVENT_UNIT_EVENT_MASK_TIMER_HIGH_MASK VPLAT_U(0x00000800)
/* accelerator, bits 15:12, read-write: Accelerator events; bit 12: a job has finished. */
#define EVENT_UNIT_EVENT_MASK_ACCELERATOR_SHIFT VPLAT_U(12)
#define EVENT_UNIT_EVENT_MASK_ACCELERATOR_MASK VPLAT_U(0x0000f000)
/* barrier, bit 16, read-write: A barrier has been reached by all its harts. */
#define EVENT_UNIT_EVENT_MASK_BARRIER_SHIFT VPLAT_U(16)
#define EVENT_UNIT_EVENT_MASK_BARRIER_MASK VPLAT_U(0x00010000)
/* mutex, bit 17, read-write: A mutex now belongs to this hart. */
#define EVENT_UNIT_EVENT_MASK_MUTEX_SHIFT VPLAT_U(17)
#define EVENT_UNIT_EVENT_MASK_MUTEX_MASK VPLAT_U(0x00020000)
/* dispatch, bit 18, read-write: The dispatch FIFO has a value for this hart. */
#define EVENT_UNIT_EVENT_MASK_DISPATCH_SHIFT VPLAT_U(18)
#define EVENT_UNIT_EVENT_MASK_DISPATCH_MASK VPLAT_U(0x00040000)
/* unused_19, bits 21:19, read-write: Lines that the cluster ties low. */
#define EVENT_UNIT_EVENT_MASK_UNUSED_19_SHIFT VPLAT_U(19)
#define EVENT_UNIT_EVENT_MASK_UNUSED_19_MASK VPLAT_U(0x00380000)
/* cluster, bits 23:22, read-write: Cluster events; bit 22: a transfer of the DMA's own port. */
#define EVENT_UNIT_EVENT_MASK_CLUSTER_SHIFT VPLAT_U(22)
#define EVENT_UNIT_EVENT_MASK_CLUSTER_MASK VPLAT_U(0x00c00000)
/* unused_24, bits 26:24, read-write: Lines that the cluster ties low. */
#define EVENT_UNIT_EVENT_MASK_UNUSED_24_SHIFT VPLAT_U(24)
#define EVENT_UNIT_EVENT_MASK_UNUSED_24_MASK VPLAT_U(0x07000000)
/* soc, bit 27, read-write: The SoC event FIFO holds an event. */
#define EVENT_UNIT_EVENT_MASK_SOC_SHIFT VPLAT_U(27)
#define EVENT_UNIT_EVENT_MASK_SOC_MASK VPLAT_U(0x08000000)
/* unused_28, bits 31:28, read-write: Lines that the cluster ties low. */
#define EVENT_UNIT_EVENT_MASK_UNUSED_28_SHIFT VPLAT_U(28)
#define EVENT_UNIT_EVENT_MASK_UNUSED_28_MASK VPLAT_U(0xf0000000)

/*
 * event_mask_and (write-only): Clears the bits of event_mask that are set here. One for each port.
 */
#define EVENT_UNIT_EVENT_MASK_AND_OFFSET VPLAT_U(0x004)
#define EVENT_UNIT_EVENT_MASK_AND_RESET VPLAT_U(0x00000000)

/* event_mask_or (write-only): Sets the bits of event_mask that are set here. One for each port. */
#define EVENT_UNIT_EVENT_MASK_OR_OFFSET VPLAT_U(0x008)
#define EVENT_UNIT_EVENT_MASK_OR_RESET VPLAT_U(0x00000000)

/*
 * irq_mask (read-write): Events that interrupt this hart; the highest pending one first. One for
 * each port.
 */
#define EVENT_UNIT_IRQ_MASK_OFFSET VPLAT_U(0x00c)
#define EVENT_UNIT_IRQ_MASK_RESET VPLAT_U(0x00000000)
/* software, bits 7:0, read-write: SW events 0 to 7. */
#define EVENT_UNIT_IRQ_MASK_SOFTWARE_SHIFT VPLAT_U(0)
#define EVENT_UNIT_IRQ_MASK_SOFTWARE_MASK VPLAT_U(0x000000ff)
/* dma, bit 8, read-write: The DMA has finished a transfer (event). */
#define EVENT_UNIT_IRQ_MASK_DMA_SHIFT VPLAT_U(8)
#define EVENT_UNIT_IRQ_MASK_DMA_MASK VPLAT_U(0x00000100)
/* dma_irq, bit 9, read-write: The DMA has finished a transfer (interrupt). */
#define EVENT_UNIT_IRQ_MASK_DMA_IRQ_SHIFT VPLAT_U(9)
#define EVENT_UNIT_IRQ_MASK_DMA_IRQ_MASK VPLAT_U(0x00000200)
/* timer_low, bit 10, read-write: The low half of the timer has reached its compare value. */
#define EVENT_UNIT_IRQ_MASK_TIMER_LOW_SHIFT VPLAT_U(10)
#define EVENT_UNIT_IRQ_MASK_TIMER_LOW_MASK VPLAT_U(0x00000400)
/* timer_high, bit 11, read-write: The high half of the timer has reached its compare value. */
#define EVENT_UNIT_IRQ_MASK_TIMER_HIGH_SHIFT VPLAT_U(11)
#define EVENT_UNIT_IRQ_MASK_TIMER_HIGH_MASK VPLAT_U(0x00000800)
/* accelerator, bits 15:12, read-write: Accelerator events; bit 12: a job has finished. */
#define EVENT_UNIT_IRQ_MASK_ACCELERATOR_SHIFT VPLAT_U(12)
#define EVENT_UNIT_IRQ_MASK_ACCELERATOR_MASK VPLAT_U(0x0000f000)
/* barrier, bit 16, read-write: A barrier has been reached by all its harts. */
#define EVENT_UNIT_IRQ_MASK_BARRIER_SHIFT VPLAT_U(16)
#define EVENT_UNIT_IRQ_MASK_BARRIER_MASK VPLAT_U(0x00010000)
/* mutex, bit 17, read-write: A mutex now belongs to this hart. */
#define EVENT_UNIT_IRQ_MASK_MUTEX_SHIFT VPLAT_U(17)
#define EVENT_UNIT_IRQ_MASK_MUTEX_MASK VPLAT_U(0x00020000)
/* dispatch, bit 18, read-write: The dispatch FIFO has a value for this hart. */
#define EVENT_UNIT_IRQ_MASK_DISPATCH_SHIFT VPLAT_U(18)
#define EVENT_UNIT_IRQ_MASK_DISPATCH_MASK VPLAT_U(0x00040000)
/* unused_19, bits 21:19, read-write: Lines that the cluster ties low. */
#define EVENT_UNIT_IRQ_MASK_UNUSED_19_SHIFT VPLAT_U(19)
#define EVENT_UNIT_IRQ_MASK_UNUSED_19_MASK VPLAT_U(0x00380000)
/* cluster, bits 23:22, read-write: Cluster events; bit 22: a transfer of the DMA's own port. */
#define EVENT_UNIT_IRQ_MASK_CLUSTER_SHIFT VPLAT_U(22)
#define EVENT_UNIT_IRQ_MASK_CLUSTER_MASK VPLAT_U(0x00c00000)
/* unused_24, bits 26:24, read-write: Lines that the cluster ties low. */
#define EVENT_UNIT_IRQ_MASK_UNUSED_24_SHIFT VPLAT_U(24)
#define EVENT_UNIT_IRQ_MASK_UNUSED_24_MASK VPLAT_U(0x07000000)
/* soc, bit 27, read-write: The SoC event FIFO holds an event. */
#define EVENT_UNIT_IRQ_MASK_SOC_SHIFT VPLAT_U(27)
#define EVENT_UNIT_IRQ_MASK_SOC_MASK VPLAT_U(0x08000000)
/* unused_28, bits 31:28, read-write: Lines that the cluster ties low. */
#define EVENT_UNIT_IRQ_MASK_UNUSED_28_SHIFT VPLAT_U(28)
#define EVENT_UNIT_IRQ_MASK_UNUSED_28_MASK VPLAT_U(0xf0000000)

/* irq_mask_and (write-only): Clears the bits of irq_mask that are set here. One for each port. */
#define EVENT_UNIT_IRQ_MASK_AND_OFFSET VPLAT_U(0x010)
#define EVENT_UNIT_IRQ_MASK_AND_RESET VPLAT_U(0x00000000)

/* irq_mask_or (write-only): Sets the bits of irq_mask that are set here. One for each port. */
#define EVENT_UNIT_IRQ_MASK_OR_OFFSET VPLAT_U(0x014)
#define EVENT_UNIT_IRQ_MASK_OR_RESET VPLAT_U(0x00000000)

/* clock_status (read-only): State of the hart's clock. */
#define EVENT_UNIT_CLOCK_STATUS_OFFSET VPLAT_U(0x018)
#define EVENT_UNIT_CLOCK_STATUS_RESET VPLAT_U(0x00000000)
/* running, bit 0, read-only: The clock runs; it is gated while the hart sleeps. */
#define EVENT_UNIT_CLOCK_STATUS_RUNNING_SHIFT VPLAT_U(0)
#define EVENT_UNIT_CLOCK_STATUS_RUNNING_MASK VPLAT_U(0x00000001)

/*
 * event_buffer (read-only): Events that have occurred and have not been cleared, whatever the masks
 * say. One for each port.
 */
#define EVENT_UNIT_EVENT_BUFFER_OFFSET VPLAT_U(0x01c)
#define EVENT_UNIT_EVENT_BUFFER_RESET VPLAT_U(0x00000000)
/* software, bits 7:0, read-only: SW events 0 to 7. */
#define EVENT_UNIT_EVENT_BUFFER_SOFTWARE_SHIFT VPLAT_U(0)
#define EVENT_UNIT_EVENT_BUFFER_SOFTWARE_MASK VPLAT_U(0x000000ff)
/* dma, bit 8, read-only: The DMA has finished a transfer (event). */
#define EVENT_UNIT_EVENT_BUFFER_DMA_SHIFT VPLAT_U(8)
#define EVENT_UNIT_EVENT_BUFFER_DMA_MASK VPLAT_U(0x00000100)
/* dma_irq, bit 9, read-only: The DMA has finished a transfer (interrupt). */
#define EVENT_UNIT_EVENT_BUFFER_DMA_IRQ_SHIFT VPLAT_U(9)
#define EVENT_UNIT_EVENT_BUFFER_DMA_IRQ_MASK VPLAT_U(0x00000200)
/* timer_low, bit 10, read-only: The low half of the timer has reached its compare value. */
#define EVENT_UNIT_EVENT_BUFFER_TIMER_LOW_SHIFT VPLAT_U(10)
#define EVENT_UNIT_EVENT_BUFFER_TIMER_LOW_MASK VPLAT_U(0x00000400)
/* timer_high, bit 11, read-only: The high half of the timer has reached its compare value. */
#define EVENT_UNIT_EVENT_BUFFER_TIMER_HIGH_SHIFT VPLAT_U(11)
#define EVENT_UNIT_EVENT_BUFFER_TIMER_HIGH_MASK VPLAT_U(0x00000800)
/* accelerator, bits 15:12, read-only: Accelerator events; bit 12: a job has finished. */
#define EVENT_UNIT_EVENT_BUFFER_ACCELERATOR_SHIFT VPLAT_U(12)
#define EVENT_UNIT_EVENT_BUFFER_ACCELERATOR_MASK VPLAT_U(0x0000f000)
/* barrier, bit 16, read-only: A barrier has been reached by all its harts. */
#define EVENT_UNIT_EVENT_BUFFER_BARRIER_SHIFT VPLAT_U(16)
#define EVENT_UNIT_EVENT_BUFFER_BARRIER_MASK VPLAT_U(0x00010000)
/* mutex, bit 17, read-only: A mutex now belongs to this hart. */
#define EVENT_UNIT_EVENT_BUFFER_MUTEX_SHIFT VPLAT_U(17)
#define EVENT_UNIT_EVENT_BUFFER_MUTEX_MASK VPLAT_U(0x00020000)
/* dispatch, bit 18, read-only: The dispatch FIFO has a value for this hart. */
#define EVENT_UNIT_EVENT_BUFFER_DISPATCH_SHIFT VPLAT_U(18)
#define EVENT_UNIT_EVENT_BUFFER_DISPATCH_MASK VPLAT_U(0x00040000)
/* unused_19, bits 21:19, read-only: Lines that the cluster ties low. */
#define EVENT_UNIT_EVENT_BUFFER_UNUSED_19_SHIFT VPLAT_U(19)
#define EVENT_UNIT_EVENT_BUFFER_UNUSED_19_MASK VPLAT_U(0x00380000)
/* cluster, bits 23:22, read-only: Cluster events; bit 22: a transfer of the DMA's own port. */
#define EVENT_UNIT_EVENT_BUFFER_CLUSTER_SHIFT VPLAT_U(22)
#define EVENT_UNIT_EVENT_BUFFER_CLUSTER_MASK VPLAT_U(0x00c00000)
/* unused_24, bits 26:24, read-only: Lines that the cluster ties low. */
#define EVENT_UNIT_EVENT_BUFFER_UNUSED_24_SHIFT VPLAT_U(24)
#define EVENT_UNIT_EVENT_BUFFER_UNUSED_24_MASK VPLAT_U(0x07000000)
/* soc, bit 27, read-only: The SoC event FIFO holds an event. */
#define EVENT_UNIT_EVENT_BUFFER_SOC_SHIFT VPLAT_U(27)
#define EVENT_UNIT_EVENT_BUFFER_SOC_MASK VPLAT_U(0x08000000)
/* unused_28, bits 31:28, read-only: Lines that the cluster ties low. */
#define EVENT_UNIT_EVENT_BUFFER_UNUSED_28_SHIFT VPLAT_U(28)
#define EVENT_UNIT_EVENT_BUFFER_UNUSED_28_MASK VPLAT_U(0xf0000000)

/* buffer_masked (read-only): Pending events that are set in event_mask. One for each port. */
#define EVENT_UNIT_BUFFER_MASKED_OFFSET VPLAT_U(0x020)
#define EVENT_UNIT_BUFFER_MASKED_RESET VPLAT_U(0x00000000)

/* buffer_irq_masked (read-only): Pending events that are set in irq_mask. One for each port. */
#define EVENT_UNIT_BUFFER_IRQ_MASKED_OFFSET VPLAT_U(0x024)
#define EVENT_UNIT_BUFFER_IRQ_MASKED_RESET VPLAT_U(0x00000000)

/* buffer_clear (write-only): Clears the pending events that are set here. One for each port. */
#define EVENT_UNIT_BUFFER_CLEAR_OFFSET VPLAT_U(0x028)
#define EVENT_UNIT_BUFFER_CLEAR_RESET VPLAT_U(0x00000000)

/*
 * sw_events_mask (read-write): Who gets the SW events that this hart triggers by a trigger-and-wait
 * read. One for each port.
 */
#define EVENT_UNIT_SW_EVENTS_MASK_OFFSET VPLAT_U(0x02c)
#define EVENT_UNIT_SW_EVENTS_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: One bit for each hart; none set means all harts. */
#define EVENT_UNIT_SW_EVENTS_MASK_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_SW_EVENTS_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * sw_events_mask_and (write-only): Clears the bits of sw_events_mask that are set here. One for
 * each port.
 */
#define EVENT_UNIT_SW_EVENTS_MASK_AND_OFFSET VPLAT_U(0x030)
#define EVENT_UNIT_SW_EVENTS_MASK_AND_RESET VPLAT_U(0x00000000)

/*
 * sw_events_mask_or (write-only): Sets the bits of sw_events_mask that are set here. One for each
 * port.
 */
#define EVENT_UNIT_SW_EVENTS_MASK_OR_OFFSET VPLAT_U(0x034)
#define EVENT_UNIT_SW_EVENTS_MASK_OR_RESET VPLAT_U(0x00000000)

/* hart_event_mask (read-write): Events that end a wait of hart i. Shows event_mask. */
#define EVENT_UNIT_HART_EVENT_MASK_OFFSET(i) (VPLAT_U(0x000) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_EVENT_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_EVENT_MASK_RESET VPLAT_U(0x00000000)

/* hart_event_mask_and (write-only): Clears the bits of hart i's event mask that are set here. */
#define EVENT_UNIT_HART_EVENT_MASK_AND_OFFSET(i) (VPLAT_U(0x004) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_EVENT_MASK_AND_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_EVENT_MASK_AND_RESET VPLAT_U(0x00000000)

/* hart_event_mask_or (write-only): Sets the bits of hart i's event mask that are set here. */
#define EVENT_UNIT_HART_EVENT_MASK_OR_OFFSET(i) (VPLAT_U(0x008) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_EVENT_MASK_OR_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_EVENT_MASK_OR_RESET VPLAT_U(0x00000000)

/* hart_irq_mask (read-write): Events that interrupt hart i. Shows irq_mask. */
#define EVENT_UNIT_HART_IRQ_MASK_OFFSET(i) (VPLAT_U(0x00c) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_IRQ_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_IRQ_MASK_RESET VPLAT_U(0x00000000)

/* hart_irq_mask_and (write-only): Clears the bits of hart i's irq mask that are set here. */
#define EVENT_UNIT_HART_IRQ_MASK_AND_OFFSET(i) (VPLAT_U(0x010) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_IRQ_MASK_AND_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_IRQ_MASK_AND_RESET VPLAT_U(0x00000000)

/* hart_irq_mask_or (write-only): Sets the bits of hart i's irq mask that are set here. */
#define EVENT_UNIT_HART_IRQ_MASK_OR_OFFSET(i) (VPLAT_U(0x014) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_IRQ_MASK_OR_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_IRQ_MASK_OR_RESET VPLAT_U(0x00000000)

/* hart_clock_status (read-only): State of the clock of hart i. */
#define EVENT_UNIT_HART_CLOCK_STATUS_OFFSET(i) (VPLAT_U(0x018) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_CLOCK_STATUS_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_CLOCK_STATUS_RESET VPLAT_U(0x00000000)
/* running, bit 0, read-only: The clock runs; it is gated while the hart sleeps. */
#define EVENT_UNIT_HART_CLOCK_STATUS_RUNNING_SHIFT VPLAT_U(0)
#define EVENT_UNIT_HART_CLOCK_STATUS_RUNNING_MASK VPLAT_U(0x00000001)

/*
 * hart_event_buffer (read-only): Events that hart i has pending, whatever the masks say. Shows
 * event_buffer.
 */
#define EVENT_UNIT_HART_EVENT_BUFFER_OFFSET(i) (VPLAT_U(0x01c) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_EVENT_BUFFER_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_EVENT_BUFFER_RESET VPLAT_U(0x00000000)

/* hart_buffer_masked (read-only): Events of hart i that are pending and set in its event mask. */
#define EVENT_UNIT_HART_BUFFER_MASKED_OFFSET(i) (VPLAT_U(0x020) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_BUFFER_MASKED_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_BUFFER_MASKED_RESET VPLAT_U(0x00000000)

/* hart_buffer_irq_masked (read-only): Events of hart i that are pending and set in its irq mask. */
#define EVENT_UNIT_HART_BUFFER_IRQ_MASKED_OFFSET(i) (VPLAT_U(0x024) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_BUFFER_IRQ_MASKED_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_BUFFER_IRQ_MASKED_RESET VPLAT_U(0x00000000)

/* hart_buffer_clear (write-only): Clears the pending events of hart i that are set here. */
#define EVENT_UNIT_HART_BUFFER_CLEAR_OFFSET(i) (VPLAT_U(0x028) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_BUFFER_CLEAR_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_BUFFER_CLEAR_RESET VPLAT_U(0x00000000)

/*
 * hart_sw_events_mask (read-write): Who gets the SW events that hart i triggers by a
 * trigger-and-wait read. Shows sw_events_mask.
 */
#define EVENT_UNIT_HART_SW_EVENTS_MASK_OFFSET(i) (VPLAT_U(0x02c) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_SW_EVENTS_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_SW_EVENTS_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: One bit for each hart; none set means all harts. */
#define EVENT_UNIT_HART_SW_EVENTS_MASK_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_HART_SW_EVENTS_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * hart_sw_events_mask_and (write-only): Clears the bits of hart i's SW events mask that are set
 * here.
 */
#define EVENT_UNIT_HART_SW_EVENTS_MASK_AND_OFFSET(i) (VPLAT_U(0x030) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_SW_EVENTS_MASK_AND_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_SW_EVENTS_MASK_AND_RESET VPLAT_U(0x00000000)

/*
 * hart_sw_events_mask_or (write-only): Sets the bits of hart i's SW events mask that are set here.
 */
#define EVENT_UNIT_HART_SW_EVENTS_MASK_OR_OFFSET(i) (VPLAT_U(0x034) + VPLAT_U(0x40) * (i))
#define EVENT_UNIT_HART_SW_EVENTS_MASK_OR_COUNT VPLAT_U(16)
#define EVENT_UNIT_HART_SW_EVENTS_MASK_OR_RESET VPLAT_U(0x00000000)

/*
 * soc_event_fifo (read-only): Reading takes the oldest event out of the FIFO. Event 27 is pending
 * while there is one.
 */
#define EVENT_UNIT_SOC_EVENT_FIFO_OFFSET VPLAT_U(0x700)
#define EVENT_UNIT_SOC_EVENT_FIFO_RESET VPLAT_U(0x00000000)
/* id, bits 7:0, read-only: Which event it is. */
#define EVENT_UNIT_SOC_EVENT_FIFO_ID_SHIFT VPLAT_U(0)
#define EVENT_UNIT_SOC_EVENT_FIFO_ID_MASK VPLAT_U(0x000000ff)
/* valid, bit 31, read-only: There was an event to read. */
#define EVENT_UNIT_SOC_EVENT_FIFO_VALID_SHIFT VPLAT_U(31)
#define EVENT_UNIT_SOC_EVENT_FIFO_VALID_MASK VPLAT_U(0x80000000)

/*
 * inter_cluster_fifo (read-only): Reserved for events between clusters; nothing is connected, it
 * reads 0.
 */
#define EVENT_UNIT_INTER_CLUSTER_FIFO_OFFSET VPLAT_U(0x780)
#define EVENT_UNIT_INTER_CLUSTER_FIFO_RESET VPLAT_U(0x00000000)

/*
 * event_wait (read-only): Sleeps until an event in event_mask is pending; reads those that are.
 * Clears nothing.
 */
#define EVENT_UNIT_EVENT_WAIT_OFFSET VPLAT_U(0x038)
#define EVENT_UNIT_EVENT_WAIT_RESET VPLAT_U(0x00000000)

/*
 * event_wait_clear (read-only): Sleeps until an event in event_mask is pending; reads those that
 * are and clears them.
 */
#define EVENT_UNIT_EVENT_WAIT_CLEAR_OFFSET VPLAT_U(0x03c)
#define EVENT_UNIT_EVENT_WAIT_CLEAR_RESET VPLAT_U(0x00000000)

/*
 * dispatch_fifo (read-write): Writing hands a value to every hart in dispatch_team_config. Reading
 * sleeps until there is a value for the reader, reads the oldest and clears the events in
 * event_mask.
 */
#define EVENT_UNIT_DISPATCH_FIFO_OFFSET VPLAT_U(0x080)
#define EVENT_UNIT_DISPATCH_FIFO_RESET VPLAT_U(0x00000000)

/* dispatch_team_config (write-only): The harts that get the values written from now on. */
#define EVENT_UNIT_DISPATCH_TEAM_CONFIG_OFFSET VPLAT_U(0x084)
#define EVENT_UNIT_DISPATCH_TEAM_CONFIG_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, write-only: One bit for each hart. */
#define EVENT_UNIT_DISPATCH_TEAM_CONFIG_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_DISPATCH_TEAM_CONFIG_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * mutex (read-write): Reading locks mutex i: sleeps until the reader owns it, reads the message of
 * the last unlock and clears the events in event_mask. Writing unlocks it and leaves the value as
 * the message.
 */
#define EVENT_UNIT_MUTEX_OFFSET(i) (VPLAT_U(0x0c0) + VPLAT_U(0x4) * (i))
#define EVENT_UNIT_MUTEX_COUNT VPLAT_U(16)
#define EVENT_UNIT_MUTEX_RESET VPLAT_U(0x00000000)

/* barrier_trigger_mask (read-write): The harts that barrier i waits for; none set disables it. */
#define EVENT_UNIT_BARRIER_TRIGGER_MASK_OFFSET(i) (VPLAT_U(0x200) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_TRIGGER_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_TRIGGER_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: One bit for each hart. */
#define EVENT_UNIT_BARRIER_TRIGGER_MASK_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_BARRIER_TRIGGER_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/* barrier_status (read-only): The harts that have arrived at barrier i. */
#define EVENT_UNIT_BARRIER_STATUS_OFFSET(i) (VPLAT_U(0x204) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_STATUS_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_STATUS_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-only: One bit for each hart. */
#define EVENT_UNIT_BARRIER_STATUS_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_BARRIER_STATUS_HARTS_MASK VPLAT_U(0x0000ffff)

/* barrier_status_summary (read-only): In the manual but not in the hardware: reads 0. */
#define EVENT_UNIT_BARRIER_STATUS_SUMMARY_OFFSET(i) (VPLAT_U(0x208) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_STATUS_SUMMARY_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_STATUS_SUMMARY_RESET VPLAT_U(0x00000000)

/*
 * barrier_target_mask (read-write): The harts that get the barrier event when barrier i is reached
 * by all.
 */
#define EVENT_UNIT_BARRIER_TARGET_MASK_OFFSET(i) (VPLAT_U(0x20c) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_TARGET_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_TARGET_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: One bit for each hart. */
#define EVENT_UNIT_BARRIER_TARGET_MASK_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_BARRIER_TARGET_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/* barrier_trigger (write-only): Marks harts as arrived at barrier i. */
#define EVENT_UNIT_BARRIER_TRIGGER_OFFSET(i) (VPLAT_U(0x210) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_TRIGGER_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_TRIGGER_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, write-only: One bit for each hart. */
#define EVENT_UNIT_BARRIER_TRIGGER_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_BARRIER_TRIGGER_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * barrier_trigger_self (read-only): Marks the reader as arrived at barrier i and does not wait;
 * reads the pending events that are set in event_mask.
 */
#define EVENT_UNIT_BARRIER_TRIGGER_SELF_OFFSET(i) (VPLAT_U(0x214) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_TRIGGER_SELF_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_TRIGGER_SELF_RESET VPLAT_U(0x00000000)

/*
 * barrier_trigger_wait (read-only): Marks the reader as arrived at barrier i, then waits as
 * event_wait does.
 */
#define EVENT_UNIT_BARRIER_TRIGGER_WAIT_OFFSET(i) (VPLAT_U(0x218) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_TRIGGER_WAIT_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_TRIGGER_WAIT_RESET VPLAT_U(0x00000000)

/*
 * barrier_trigger_wait_clear (read-only): Marks the reader as arrived at barrier i, then waits as
 * event_wait_clear does.
 */
#define EVENT_UNIT_BARRIER_TRIGGER_WAIT_CLEAR_OFFSET(i) (VPLAT_U(0x21c) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_BARRIER_TRIGGER_WAIT_CLEAR_COUNT VPLAT_U(16)
#define EVENT_UNIT_BARRIER_TRIGGER_WAIT_CLEAR_RESET VPLAT_U(0x00000000)

/*
 * periph_barrier_trigger_mask (read-write): The harts that barrier i waits for; none set disables
 * it. Shows barrier_trigger_mask.
 */
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_MASK_OFFSET(i) (VPLAT_U(0x400) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: One bit for each hart. */
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_MASK_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * periph_barrier_status (read-only): The harts that have arrived at barrier i. Shows
 * barrier_status.
 */
#define EVENT_UNIT_PERIPH_BARRIER_STATUS_OFFSET(i) (VPLAT_U(0x404) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_PERIPH_BARRIER_STATUS_COUNT VPLAT_U(16)
#define EVENT_UNIT_PERIPH_BARRIER_STATUS_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-only: One bit for each hart. */
#define EVENT_UNIT_PERIPH_BARRIER_STATUS_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_PERIPH_BARRIER_STATUS_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * periph_barrier_target_mask (read-write): The harts that get the barrier event when barrier i is
 * reached by all. Shows barrier_target_mask.
 */
#define EVENT_UNIT_PERIPH_BARRIER_TARGET_MASK_OFFSET(i) (VPLAT_U(0x40c) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_PERIPH_BARRIER_TARGET_MASK_COUNT VPLAT_U(16)
#define EVENT_UNIT_PERIPH_BARRIER_TARGET_MASK_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, read-write: One bit for each hart. */
#define EVENT_UNIT_PERIPH_BARRIER_TARGET_MASK_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_PERIPH_BARRIER_TARGET_MASK_HARTS_MASK VPLAT_U(0x0000ffff)

/* periph_barrier_trigger (write-only): Marks harts as arrived at barrier i. */
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_OFFSET(i) (VPLAT_U(0x410) + VPLAT_U(0x20) * (i))
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_COUNT VPLAT_U(16)
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_RESET VPLAT_U(0x00000000)
/* harts, bits 15:0, write-only: One bit for each hart. */
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_HARTS_SHIFT VPLAT_U(0)
#define EVENT_UNIT_PERIPH_BARRIER_TRIGGER_HARTS_MASK VPLAT_U(0x0000ffff)

/*
 * sw_event_trigger (write-only): Triggers SW event i for the harts whose bits are set; 0 means all
 * harts.
 */
#define EVENT_UNIT_SW_EVENT_TRIGGER_OFFSET(i) (VPLAT_U(0x100) + VPLAT_U(0x4) * (i))
#define EVENT_UNIT_SW_EVENT_TRIGGER_COUNT VPLAT_U(8)
#define EVENT_UNIT_SW_EVENT_TRIGGER_RESET VPLAT_U(0x00000000)

/*
 * sw_event_trigger_wait (read-only): Triggers SW event i for the harts in sw_events_mask, then
 * waits as event_wait does.
 */
#define EVENT_UNIT_SW_EVENT_TRIGGER_WAIT_OFFSET(i) (VPLAT_U(0x140) + VPLAT_U(0x4) * (i))
#define EVENT_UNIT_SW_EVENT_TRIGGER_WAIT_COUNT VPLAT_U(8)
#define EVENT_UNIT_SW_EVENT_TRIGGER_WAIT_RESET VPLAT_U(0x00000000)

/*
 * sw_event_trigger_wait_clear (read-only): Triggers SW event i for the harts in sw_events_mask,
 * then waits as event_wait_clear does.
 */
#define EVENT_UNIT_SW_EVENT_TRIGGER_WAIT_CLEAR_OFFSET(i) (VPLAT_U(0x180) + VPLAT_U(0x4) * (i))
#define EVENT_UNIT_SW_EVENT_TRIGGER_WAIT_CLEAR_COUNT VPLAT_U(8)
#define EVENT_UNIT_SW_EVENT_TRIGGER_WAIT_CLEAR_RESET VPLAT_U(0x00000000)

/*
 * periph_sw_event_trigger (write-only): Triggers SW event i for the harts whose bits are set; 0
 * means all harts.
 */
#define EVENT_UNIT_PERIPH_SW_EVENT_TRIGGER_OFFSET(i) (VPLAT_U(0x600) + VPLAT_U(0x4) * (i))
#define EVENT_UNIT_PERIPH_SW_EVENT_TRIGGER_COUNT VPLAT_U(8)
#define EVENT_UNIT_PERIPH_SW_EVENT_TRIGGER_RESET VPLAT_U(0x00000000)

#endif /* VPLAT_EVENT_UNIT_H */
