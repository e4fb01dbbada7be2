/*
 * The DMA of a Snitch cluster, which one hart drives with instructions of its own (Xdma): its last
 * one. On the others they are illegal. The assembler need not know them.
 *
 *     uint32_t transfer = xdma_start(tile, weights, sizeof tile);
 *     ... compute something else ...
 *     xdma_finish(transfer);
 *
 * Copies are made one after the other. Any address will do at both ends, in the TCDM or outside.
 */
#ifndef DRIVERS_XDMA_H
#define DRIVERS_XDMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/board.h"

/* All have the major opcode custom-1, funct3 0, and differ in funct7. */
#define XDMA_OPCODE "0x2b, 0"

static inline void xdma_addresses(void *to, const void *from)
{
    /* dmsrc and dmdst: their second operand is the upper half of the address. */
    __asm__ volatile(".insn r " XDMA_OPCODE ", 0, x0, %0, x0" : : "r"(from) : "memory");
    __asm__ volatile(".insn r " XDMA_OPCODE ", 1, x0, %0, x0" : : "r"(to) : "memory");
}

/* Copy `bytes`, and return the number of the transfer. Waits while the queue is full. */
static inline uint32_t xdma_start(void *to, const void *from, size_t bytes)
{
    uint32_t transfer;

    xdma_addresses(to, from);
    /* dmcpyi; the third register field is its immediate, here 0. */
    __asm__ volatile(".insn r " XDMA_OPCODE ", 2, %0, %1, x0"
                     : "=r"(transfer)
                     : "r"(bytes)
                     : "memory");
    return transfer;
}

/* Copy `rows` of `row_bytes`, whose beginnings are so far apart at either end. */
static inline uint32_t xdma_start_rows(void *to, size_t to_stride, const void *from,
                                       size_t from_stride, size_t row_bytes, size_t rows)
{
    uint32_t transfer;

    xdma_addresses(to, from);
    /* dmstr, dmrep, and dmcpyi with bit 1 set: two dimensions. */
    __asm__ volatile(".insn r " XDMA_OPCODE ", 6, x0, %0, %1" : : "r"(from_stride), "r"(to_stride));
    __asm__ volatile(".insn r " XDMA_OPCODE ", 7, x0, %0, x0" : : "r"(rows));
    __asm__ volatile(".insn r " XDMA_OPCODE ", 2, %0, %1, x2"
                     : "=r"(transfer)
                     : "r"(row_bytes)
                     : "memory");
    return transfer;
}

/* Whether the transfer is queued or under way. */
static inline bool xdma_is_active(uint32_t transfer)
{
    uint32_t completed;

    /* dmstati 0: the number of the last one that has ended. Numbers wrap around. */
    __asm__ volatile(".insn r " XDMA_OPCODE ", 4, %0, x0, x0" : "=r"(completed) : : "memory");
    return (int32_t)(completed - transfer) < 0;
}

/* Wait until it has ended. */
static inline void xdma_finish(uint32_t transfer)
{
    while (xdma_is_active(transfer))
        ;
}

#endif
