/*
 * The reset entry: every hart begins here, at once, with nothing set up but its pc.
 */
#include "drivers/hart.h"

    .section .reset, "ax", @progbits
    .globl _start
    .type _start, @function
_start:
    .cfi_startproc
    /* There is no caller: a backtrace ends here. */
    .cfi_undefined ra

    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop

    la t0, trap_vectors
    ori t0, t0, 1                   /* vectored */
    csrw mtvec, t0

#ifdef __riscv_flen
    li t0, MSTATUS_FS_INITIAL       /* the floating-point unit is off after reset */
    csrs mstatus, t0
    fscsr zero
#endif

    /* Each hart has its stack, __stack_size bytes, counted from the top by its number. */
    csrr a0, mhartid
    andi a0, a0, HART_CORE_MASK
    lui t0, %hi(__stack_size)
    addi t0, t0, %lo(__stack_size)
    mul t0, t0, a0
    la sp, __stack_top
    sub sp, sp, t0

    /* Thread-local variables, a copy for each hart, lie at the top of its stack. */
    lui t0, %hi(__tls_size + 15)
    addi t0, t0, %lo(__tls_size + 15)
    andi t0, t0, -16
    sub sp, sp, t0
    mv tp, sp

    mv a1, tp
    call runtime_start
    .cfi_endproc
    .size _start, . - _start
