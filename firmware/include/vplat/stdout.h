#ifndef VPLAT_STDOUT_H
#define VPLAT_STDOUT_H

/*
 * stdout: One character port for each core of each cluster.
 *
 * Lines are handed to the console whole, as stream ``core + 16 * cluster``, so that harts which
 * print at the same time do not mix their letters. A line of 4096 bytes is handed over without its
 * end, and what is left when the run ends comes out with ``flush``.
 *
 * Generated from vplat.peripherals.stdout by `vplat export c-header`; do not edit.
 */

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus) && !defined(_Static_assert)
#define _Static_assert(x, y) static_assert(x, y)
#endif
#endif

#ifndef VPLAT_U
#ifdef __ASSEMBLER__
#define VPLAT_U(number) number
#else
#define VPLAT_U(number) number##u
#endif
/* A field's value in a word read from its register: VPLAT_GET(DMA_STATUS_ID, word). */
#define VPLAT_GET(field, word) (((word) & field##_MASK) >> field##_SHIFT)
/* A value in its field's place, to be written: VPLAT_PUT(DMA_CTRL_MODE, DMA_CTRL_MODE_FAST). */
#define VPLAT_PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)
#endif

/* Bytes of the window 'registers'. */
#define STDOUT_REGISTERS_SIZE VPLAT_U(0x1000)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    struct {
        /*
         * +0x000, write-only: Print the low byte as a character of core i; cores of cluster c count
         * from 16 * c.
         */
        volatile uint32_t value;
        uint32_t _reserved_4[1];
    } putc[512];
} stdout_registers_t;

_Static_assert(offsetof(stdout_registers_t, putc[0].value) == 0x000, "stdout_registers_t.putc[0].value");
_Static_assert(offsetof(stdout_registers_t, putc[511].value) == 0xff8, "stdout_registers_t.putc[511].value");
_Static_assert(sizeof(stdout_registers_t) == 0x1000, "stdout_registers_t");

#endif

/*
 * putc (write-only): Print the low byte as a character of core i; cores of cluster c count from 16
 * * c.
 */
#define STDOUT_PUTC_OFFSET(i) (VPLAT_U(0x000) + VPLAT_U(0x8) * (i))
#define STDOUT_PUTC_COUNT VPLAT_U(512)
#define STDOUT_PUTC_RESET VPLAT_U(0x00000000)

#endif /* VPLAT_STDOUT_H */
