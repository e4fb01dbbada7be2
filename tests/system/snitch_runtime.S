# The first instructions of every hart: a stack and thread-local memory of its own in the TCDM.

    .equ TCDM_END, 0x10020000
    .equ STACK_BYTES, 1024
    .equ GAP, 8

    .section .text.start, "ax"
    .globl _start
_start:
    .option norelax
    la   gp, __global_pointer$
    csrr a0, mhartid
    li   t0, TCDM_END - GAP
    la   t1, __cluster_bytes
    sub  t0, t0, t1
    li   t1, STACK_BYTES + GAP
    mul  t1, a0, t1
    sub  sp, t0, t1
    la   t1, __thread_bytes
    sub  sp, sp, t1
    andi sp, sp, -16
    mv   tp, sp
    call start_hart
1:  wfi
    j    1b
