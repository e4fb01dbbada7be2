/*
 * The part of drivers/ita.h that runs once a job: inline, because a job takes less than 300 cycles.
 * Include drivers/ita.h.
 */
#ifndef DRIVERS_ITA_QUEUE_H
#define DRIVERS_ITA_QUEUE_H

#include "drivers/ita.h"

/*
 * The revision decides on the register map. What compares as a string is a constant all the same:
 * the compiler knows both, and leaves out the code of the other revision.
 */
static inline bool ita_is_first_release(void)
{
    return __builtin_strcmp(VPLAT_ITA_REVISION, "2024-08") == 0;
}

static inline unsigned ita_contexts(void)
{
    return VPLAT_ITA_CONTEXTS ? VPLAT_ITA_CONTEXTS : ita_is_first_release() ? 2 : 4;
}

/* How to wait for a job depends on the cluster: for the event, or by looking again and again. */
#ifdef VPLAT_EVENT_UNIT_DEMUX_BASE
#include "drivers/event_unit.h"

static inline void ita_sleep(void)
{
    event_wait(EVENT_JOB_FINISHED);
}
#else
static inline void ita_sleep(void) {}
#endif

/* The flags of both revisions are the same, in registers at different places. */
static inline void ita_write_stream_flags(uint32_t flags)
{
    if (ita_is_first_release())
        *(volatile uint32_t *)(VPLAT_ITA_BASE + ITA_CTRL_STREAM_2024_08_OFFSET) = flags;
    else
        VPLAT_ITA->ctrl_stream = flags;
}

static inline uint32_t ita_stream_flags(const struct ita_job *job)
{
    uint32_t flags = 0;

    if (job->first)
        flags |= ITA_CTRL_STREAM_WEIGHT_PRELOAD_MASK;
    if (job->next_weight)
        flags |= ITA_CTRL_STREAM_WEIGHT_NEXTLOAD_MASK;
    if (job->bias_by_rows)
        flags |= ITA_CTRL_STREAM_BIAS_DIRECTION_MASK;
    if (!job->bias)
        flags |= ITA_CTRL_STREAM_BIAS_DISABLE_MASK;
    if (!job->stores)
        flags |= ITA_CTRL_STREAM_OUTPUT_DISABLE_MASK;
    return flags;
}

/* Take the lock of the next context; sleep while all of them are in use. */
static inline unsigned ita_acquire(void)
{
    int32_t answer;

    while ((answer = (int32_t)VPLAT_ITA->acquire) < 0)
        ita_sleep();
    return (unsigned)answer;
}

/* Whether another context is free beside the one that is acquired: each pending one is a byte. */
static inline bool ita_leaves_room(void)
{
    return (VPLAT_ITA->status * 0x01010101u >> 24) + 1 < ita_contexts();
}

/* An address as the accelerator's port counts it: on the bus, or from the TCDM's beginning. */
static inline uint32_t ita_pointer(const void *address)
{
    return (uint32_t)address - VPLAT_ITA_POINTER_BASE;
}

static inline struct ita_command ita_encode(const struct ita_job *job)
{
    extern const uint8_t ita_no_bias[ITA_BIAS_READ_BYTES];

    return (struct ita_command){
        .input = ita_pointer(job->input),
        .weight = ita_pointer(job->weight),
        .next_weight = ita_pointer(job->next_weight ? job->next_weight : job->weight),
        .bias = ita_pointer(job->bias ? job->bias : ita_no_bias),
        .output = ita_pointer(job->output),
        .flags = ita_stream_flags(job),
    };
}

static inline unsigned ita_submit_command(const struct ita_command *command)
{
    unsigned number = ita_acquire();
    bool has_room = ita_leaves_room();

    VPLAT_ITA->input_ptr = command->input;
    VPLAT_ITA->weight_ptr0 = command->weight;
    VPLAT_ITA->weight_ptr1 = command->next_weight;
    VPLAT_ITA->bias_ptr = command->bias;
    VPLAT_ITA->output_ptr = command->output;
    ita_write_stream_flags(has_room ? command->flags
                                    : command->flags & ~ITA_CTRL_STREAM_BIAS_DISABLE_MASK);
    VPLAT_ITA->trigger = 0; /* commit, and run */
    /*
     * Between two jobs the unit looks at the next context, whether it has been programmed or not.
     * Were biases still disabled there, by the last job that used it, a job that adds some would
     * get them wrong. So that is cleared at once, while this job runs or waits; and where the next
     * context is still in use, biases of zero have to do.
     */
    if (has_room)
        ita_write_stream_flags(0);
    return number;
}

static inline unsigned ita_submit(const struct ita_job *job)
{
    const struct ita_command command = ita_encode(job);

    return ita_submit_command(&command);
}

static inline bool ita_is_finished(unsigned number)
{
    uint8_t finished = (uint8_t)VPLAT_GET(ITA_RUNNING_JOB_JOB_ID, VPLAT_ITA->running_job);

    /* Both count modulo 256, and no more jobs than there are contexts lie between them. */
    return (int8_t)(finished - number) > 0;
}

static inline void ita_finish(unsigned number)
{
    while (!ita_is_finished(number))
        ita_sleep();
}

#endif
