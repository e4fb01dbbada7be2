    .section .l3, "aw", @progbits
    .balign 64
    .globl operands
    .type operands, @object
operands:
    .incbin "apps/attention/operands.bin"
    .size operands, . - operands
