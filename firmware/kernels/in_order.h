/*
 * Instructions that stay in the order in which they are written, as statements.
 *
 * A hart of the Snitch cluster issues a load every four cycles at best, and waits where the result
 * of one is used before it has come. Compilers put loads side by side, which takes a third longer.
 * A loop that is written with these has its loads where they belong, and the compiler still finds
 * the registers. Operands and results are uint32_t or int32_t, addresses are numbers.
 */
#ifndef KERNELS_IN_ORDER_H
#define KERNELS_IN_ORDER_H

#define IN_ORDER(name, to, left, right)                                                            \
    __asm__ volatile(name " %0, %1, %2" : "=r"(to) : "r"(left), "rI"(right))

/* `right` is a variable or a constant of 12 bits; that of MUL and MULH is a variable. */
#define ADD(to, left, right) IN_ORDER("add", to, left, right)
#define SUB(to, left, right) IN_ORDER("sub", to, left, right)
#define AND(to, left, right) IN_ORDER("and", to, left, right)
#define XOR(to, left, right) IN_ORDER("xor", to, left, right)
#define SLL(to, left, right) IN_ORDER("sll", to, left, right)
#define SRL(to, left, right) IN_ORDER("srl", to, left, right)
#define SRA(to, left, right) IN_ORDER("sra", to, left, right)
#define MUL(to, left, right) IN_ORDER("mul", to, left, right)
#define MULH(to, left, right) IN_ORDER("mulh", to, left, right)

#define IN_ORDER_LOAD(name, to, at, offset)                                                        \
    __asm__ volatile(name " %0, %2(%1)" : "=r"(to) : "r"(at), "i"(offset))

/* From the address `at` and a constant offset of 12 bits: a word, a byte with its sign. */
#define LW(to, at, offset) IN_ORDER_LOAD("lw", to, at, offset)
#define LB(to, at, offset) IN_ORDER_LOAD("lb", to, at, offset)

#define SB(value, at, offset)                                                                      \
    __asm__ volatile("sb %0, %2(%1)" : : "r"(value), "r"(at), "i"(offset) : "memory")

#endif
