#include "runtime/trap.h"

#include <stddef.h>
#include <stdio.h>

#include "drivers/hart.h"
#include "runtime/cluster.h"
#include "runtime/semihosting.h"

#define CAUSE_INTERRUPT (1u << 31)
#define INTERRUPTS 32
#define EXCEPTIONS 16
#define STATUS_CRASHED 126

_Static_assert(offsetof(struct trap_frame, x) == TRAP_FRAME_X, "x");
_Static_assert(offsetof(struct trap_frame, f) == TRAP_FRAME_F, "f");
_Static_assert(offsetof(struct trap_frame, fcsr) == TRAP_FRAME_FCSR, "fcsr");
_Static_assert(offsetof(struct trap_frame, pc) == TRAP_FRAME_PC, "pc");
_Static_assert(offsetof(struct trap_frame, status) == TRAP_FRAME_STATUS, "status");
_Static_assert(offsetof(struct trap_frame, cause) == TRAP_FRAME_CAUSE, "cause");
_Static_assert(offsetof(struct trap_frame, value) == TRAP_FRAME_VALUE, "value");
_Static_assert(sizeof(struct trap_frame) <= TRAP_FRAME_BYTES, "the frame holds everything");
_Static_assert(TRAP_FRAME_BYTES % 16 == 0, "the stack stays aligned as the ABI has it");

void trap_dispatch(struct trap_frame *frame);

static interrupt_handler_t interrupt_handlers[INTERRUPTS];
static exception_handler_t exception_handlers[EXCEPTIONS];

void interrupt_register(unsigned number, interrupt_handler_t handler)
{
    interrupt_handlers[number] = handler;
}

void exception_register(unsigned cause, exception_handler_t handler)
{
    exception_handlers[cause] = handler;
}

static void dispatch_interrupt(unsigned number)
{
    if (!interrupt_handlers[number]) {
        printf("hart %u: interrupt %u has no handler; see interrupt_register\n", hart_id(), number);
        semihosting_crash();
    }
    interrupt_handlers[number](number);
}

/*
 * The platform tells of the crash when it is called. Where nobody answers, the call is an exception
 * itself: then this hart tells, and ends the run.
 */
static void crash(const struct trap_frame *frame)
{
    static _Thread_local const struct trap_frame *crashed;

    if (crashed) {
        printf("hart %u: exception %u at 0x%08x, mtval 0x%08x\n", hart_id(),
               (unsigned)crashed->cause, (unsigned)crashed->pc, (unsigned)crashed->value);
        cluster_finish(STATUS_CRASHED);
    }
    crashed = frame;
    semihosting_crash();
}

static void dispatch_exception(struct trap_frame *frame)
{
    if (frame->cause >= EXCEPTIONS || !exception_handlers[frame->cause])
        crash(frame);
    else
        exception_handlers[frame->cause](frame);
}

/* Called by trap.S. */
void trap_dispatch(struct trap_frame *frame)
{
    if (frame->cause & CAUSE_INTERRUPT)
        dispatch_interrupt(frame->cause % INTERRUPTS);
    else
        dispatch_exception(frame);
}
