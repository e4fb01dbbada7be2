/*
 * Traps: handlers for interrupts and exceptions, the same for all harts.
 *
 * A handler runs on the stack of the hart it interrupts, with interrupts off. One that calls
 * hart_interrupts_enable may be interrupted in its turn: everything it could lose is in its frame.
 *
 * The default handler of an exception ends the run with the platform's crash report, which names
 * the instruction that trapped.
 */
#ifndef RUNTIME_TRAP_H
#define RUNTIME_TRAP_H

/* Where trap.S puts what, in bytes. Harts without a floating-point unit leave its part unused. */
#define TRAP_FRAME_X 0
#define TRAP_FRAME_F 128
#define TRAP_FRAME_FCSR 208
#define TRAP_FRAME_PC 212
#define TRAP_FRAME_STATUS 216
#define TRAP_FRAME_CAUSE 220
#define TRAP_FRAME_VALUE 224
#define TRAP_FRAME_BYTES 240

#ifndef __ASSEMBLER__

#include <stdint.h>

/* What a trap saves, and what it restores when the handler returns. */
struct trap_frame {
    uint32_t x[32]; /* x1 to x31; x[0] is not used */
    uint32_t f[20]; /* ft0-ft7, fa0-fa7, ft8-ft11: the others are saved by whoever uses them */
    uint32_t fcsr;
    uint32_t pc;
    uint32_t status;
    uint32_t cause;
    uint32_t value; /* mtval */
};

typedef void (*interrupt_handler_t)(unsigned number);

/* An exception handler that lets the program go on moves frame->pc past the instruction. */
typedef void (*exception_handler_t)(struct trap_frame *frame);

/*
 * Call `handler` for the interrupt `number`: that of an event line (drivers/event_unit.h), or one
 * of those in drivers/hart.h. NULL takes the handler away. Events of the event unit are
 * acknowledged when the interrupt is taken; what the CLINT and the UART ask for, their handlers
 * must answer.
 */
void interrupt_register(unsigned number, interrupt_handler_t handler);

/* Call `handler` for the exception `cause` (mcause, 0..15). NULL restores the crash report. */
void exception_register(unsigned cause, exception_handler_t handler);

#endif

#endif
