/* What test_core_kernels.py gives and takes. */
    .section .rodata.script, "a", @progbits
    .balign 4
    .globl script
script:
    .incbin "apps/core_kernels/script.bin"

    .section .data.arena, "aw", @progbits
    .balign 16
    .globl arena
arena:
    .incbin "apps/core_kernels/arena.bin"

    .section .bss.instructions, "aw", @nobits
    .balign 4
    .globl instructions
instructions:
    .zero 4 * 9 * 1024 /* harts, cases */
