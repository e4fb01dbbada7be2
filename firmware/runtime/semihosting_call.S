/*
 * The call itself: an ebreak between two instructions that do nothing, which the host recognises.
 * None of the three may be compressed, and they must not straddle a page.
 */
    .text
    .balign 16
    .globl semihosting_call
    .type semihosting_call, @function
    .option push
    .option norvc
semihosting_call:
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    .option pop
    ret
    .size semihosting_call, . - semihosting_call
