/*
 * The vector table, and the way from a trap to trap_dispatch in C and back.
 */
#include "drivers/hart.h"
#include "runtime/trap.h"

    /* Exceptions arrive at the first vector, interrupt n at the n-th; mcause tells them apart. */
    .section .vectors, "ax", @progbits
    .globl trap_vectors
    .option push
    .option norvc
trap_vectors:
    .rept 32
    j trap_entry
    .endr
    .option pop

    /* Store or load all registers that the frame has a place for, but for sp. */
    .macro each_register integer, float
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \integer x\n, TRAP_FRAME_X + 4 * \n(sp)
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \integer x\n, TRAP_FRAME_X + 4 * \n(sp)
    .endr
#ifdef __riscv_flen
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7
    \float f\n, TRAP_FRAME_F + 4 * \n(sp)
    .endr
    .irp n, 10, 11, 12, 13, 14, 15, 16, 17
    \float f\n, TRAP_FRAME_F + 4 * (\n - 2)(sp)
    .endr
    .irp n, 28, 29, 30, 31
    \float f\n, TRAP_FRAME_F + 4 * (\n - 12)(sp)
    .endr
#endif
    .endm

    .text
    .type trap_entry, @function
trap_entry:
    addi sp, sp, -TRAP_FRAME_BYTES
    each_register sw, fsw
    addi t0, sp, TRAP_FRAME_BYTES
    sw t0, TRAP_FRAME_X + 4 * 2(sp)

#ifdef __riscv_flen
    frcsr t0
    sw t0, TRAP_FRAME_FCSR(sp)
#endif
    csrr t1, mepc
    csrr t2, mstatus
    csrr t3, mcause
    csrr t4, mtval
    sw t1, TRAP_FRAME_PC(sp)
    sw t2, TRAP_FRAME_STATUS(sp)
    sw t3, TRAP_FRAME_CAUSE(sp)
    sw t4, TRAP_FRAME_VALUE(sp)

    mv a0, sp
    call trap_dispatch

    /* The handler may have let interrupts in; none may come between here and mret. */
    csrci mstatus, MSTATUS_MIE
#ifdef __riscv_flen
    lw t0, TRAP_FRAME_FCSR(sp)
    fscsr t0
#endif
    lw t1, TRAP_FRAME_PC(sp)
    lw t2, TRAP_FRAME_STATUS(sp)
    csrw mepc, t1
    csrw mstatus, t2

    each_register lw, flw
    lw sp, TRAP_FRAME_X + 4 * 2(sp)
    mret
    .size trap_entry, . - trap_entry
