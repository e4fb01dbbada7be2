#ifndef VPLAT_NS16550_H
#define VPLAT_NS16550_H

/*
 * ns16550: A 16550 serial port with FIFOs of 16 characters.
 *
 * Generated from vplat.peripherals.uart.device by `vplat export c-header`; do not edit.
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
#define NS16550_REGISTERS_SIZE VPLAT_U(0x20)

#ifndef __ASSEMBLER__

/* The registers. */
typedef struct {
    /*
     * +0x000, read-write: Load: the oldest received character (RBR). Store: a character to send
     * (THR). With lcr.dlab: bits 7:0 of the divisor (DLL).
     */
    volatile uint32_t rbr_thr_dll;
    /*
     * +0x004, read-write: Which interrupts are enabled (IER). With lcr.dlab: bits 15:8 of the
     * divisor (DLM).
     */
    volatile uint32_t ier_dlm;
    /*
     * +0x008, read-only, write-only, write-1-to-pulse: Load: the most urgent interrupt (IIR).
     * Store: control of the FIFOs (FCR).
     */
    volatile uint32_t iir_fcr;
    /* +0x00c, read-write: Format of a character, and the divisor latch. */
    volatile uint32_t lcr;
    /* +0x010, read-write: Modem control. */
    volatile uint32_t mcr;
    /* +0x014, read-only, read-to-clear: Line status. */
    volatile const uint32_t lsr;
    /*
     * +0x018, read-to-clear, read-only: Modem status. But for loopback the host is always ready:
     * cts, dsr, dcd are 1, ri is 0.
     */
    volatile const uint32_t msr;
    /* +0x01c, read-write: Scratch. */
    volatile uint32_t scr;
} ns16550_registers_t;

_Static_assert(offsetof(ns16550_registers_t, rbr_thr_dll) == 0x000, "ns16550_registers_t.rbr_thr_dll");
_Static_assert(offsetof(ns16550_registers_t, ier_dlm) == 0x004, "ns16550_registers_t.ier_dlm");
_Static_assert(offsetof(ns16550_registers_t, iir_fcr) == 0x008, "ns16550_registers_t.iir_fcr");
_Static_assert(offsetof(ns16550_registers_t, lcr) == 0x00c, "ns16550_registers_t.lcr");
_Static_assert(offsetof(ns16550_registers_t, mcr) == 0x010, "ns16550_registers_t.mcr");
_Static_assert(offsetof(ns16550_registers_t, lsr) == 0x014, "ns16550_registers_t.lsr");
_Static_assert(offsetof(ns16550_registers_t, msr) == 0x018, "ns16550_registers_t.msr");
_Static_assert(offsetof(ns16550_registers_t, scr) == 0x01c, "ns16550_registers_t.scr");
_Static_assert(sizeof(ns16550_registers_t) == 0x020, "ns16550_registers_t");

#endif

/*
 * rbr_thr_dll (read-write): Load: the oldest received character (RBR). Store: a character to send
 * (THR). With lcr.dlab: bits 7:0 of the divisor (DLL).
 */
#define NS16550_RBR_THR_DLL_OFFSET VPLAT_U(0x000)
#define NS16550_RBR_THR_DLL_RESET VPLAT_U(0x00000000)
/* data, bits 7:0, read-write: The character, in as many low bits as lcr.word_length says. */
#define NS16550_RBR_THR_DLL_DATA_SHIFT VPLAT_U(0)
#define NS16550_RBR_THR_DLL_DATA_MASK VPLAT_U(0x000000ff)

/*
 * ier_dlm (read-write): Which interrupts are enabled (IER). With lcr.dlab: bits 15:8 of the divisor
 * (DLM).
 */
#define NS16550_IER_DLM_OFFSET VPLAT_U(0x004)
#define NS16550_IER_DLM_RESET VPLAT_U(0x00000000)
/* erbfi, bit 0, read-write: Received data, and the timeout of characters left in the FIFO. */
#define NS16550_IER_DLM_ERBFI_SHIFT VPLAT_U(0)
#define NS16550_IER_DLM_ERBFI_MASK VPLAT_U(0x00000001)
/* etbei, bit 1, read-write: The transmitter takes another character. */
#define NS16550_IER_DLM_ETBEI_SHIFT VPLAT_U(1)
#define NS16550_IER_DLM_ETBEI_MASK VPLAT_U(0x00000002)
/* elsi, bit 2, read-write: An error or a break in lsr. */
#define NS16550_IER_DLM_ELSI_SHIFT VPLAT_U(2)
#define NS16550_IER_DLM_ELSI_MASK VPLAT_U(0x00000004)
/* edssi, bit 3, read-write: A change of the modem lines in msr. */
#define NS16550_IER_DLM_EDSSI_SHIFT VPLAT_U(3)
#define NS16550_IER_DLM_EDSSI_MASK VPLAT_U(0x00000008)

/*
 * iir_fcr (read-only, write-only, write-1-to-pulse): Load: the most urgent interrupt (IIR). Store:
 * control of the FIFOs (FCR).
 */
#define NS16550_IIR_FCR_OFFSET VPLAT_U(0x008)
#define NS16550_IIR_FCR_RESET VPLAT_U(0x00000001)
/* none_pending, bit 0, read-only: No interrupt is pending. */
#define NS16550_IIR_FCR_NONE_PENDING_SHIFT VPLAT_U(0)
#define NS16550_IIR_FCR_NONE_PENDING_MASK VPLAT_U(0x00000001)
/* fifo_enable, bit 0, write-only: Use the FIFOs. Other bits of this register count only with it. */
#define NS16550_IIR_FCR_FIFO_ENABLE_SHIFT VPLAT_U(0)
#define NS16550_IIR_FCR_FIFO_ENABLE_MASK VPLAT_U(0x00000001)
/* cause, bits 3:1, read-only: What is pending, if none_pending is 0. */
#define NS16550_IIR_FCR_CAUSE_SHIFT VPLAT_U(1)
#define NS16550_IIR_FCR_CAUSE_MASK VPLAT_U(0x0000000e)
#define NS16550_IIR_FCR_CAUSE_MODEM_STATUS VPLAT_U(0)
#define NS16550_IIR_FCR_CAUSE_TRANSMITTER_EMPTY VPLAT_U(1)
#define NS16550_IIR_FCR_CAUSE_RECEIVED_DATA VPLAT_U(2)
#define NS16550_IIR_FCR_CAUSE_LINE_STATUS VPLAT_U(3)
#define NS16550_IIR_FCR_CAUSE_CHARACTER_TIMEOUT VPLAT_U(6)
/* rx_fifo_reset, bit 1, write-1-to-pulse: Drop the received characters. */
#define NS16550_IIR_FCR_RX_FIFO_RESET_SHIFT VPLAT_U(1)
#define NS16550_IIR_FCR_RX_FIFO_RESET_MASK VPLAT_U(0x00000002)
/* tx_fifo_reset, bit 2, write-1-to-pulse: Drop the characters that are not on the line yet. */
#define NS16550_IIR_FCR_TX_FIFO_RESET_SHIFT VPLAT_U(2)
#define NS16550_IIR_FCR_TX_FIFO_RESET_MASK VPLAT_U(0x00000004)
/* dma_mode, bit 3, write-only: Of the pins that ask for DMA, which nothing is connected to. */
#define NS16550_IIR_FCR_DMA_MODE_SHIFT VPLAT_U(3)
#define NS16550_IIR_FCR_DMA_MODE_MASK VPLAT_U(0x00000008)
/* fifos_enabled, bits 7:6, read-only: Both bits are set while the FIFOs are enabled. */
#define NS16550_IIR_FCR_FIFOS_ENABLED_SHIFT VPLAT_U(6)
#define NS16550_IIR_FCR_FIFOS_ENABLED_MASK VPLAT_U(0x000000c0)
/* rx_trigger, bits 7:6, write-only: Received characters that make an interrupt: 1, 4, 8, 14. */
#define NS16550_IIR_FCR_RX_TRIGGER_SHIFT VPLAT_U(6)
#define NS16550_IIR_FCR_RX_TRIGGER_MASK VPLAT_U(0x000000c0)
#define NS16550_IIR_FCR_RX_TRIGGER_ONE VPLAT_U(0)
#define NS16550_IIR_FCR_RX_TRIGGER_FOUR VPLAT_U(1)
#define NS16550_IIR_FCR_RX_TRIGGER_EIGHT VPLAT_U(2)
#define NS16550_IIR_FCR_RX_TRIGGER_FOURTEEN VPLAT_U(3)

/* lcr (read-write): Format of a character, and the divisor latch. */
#define NS16550_LCR_OFFSET VPLAT_U(0x00c)
#define NS16550_LCR_RESET VPLAT_U(0x00000000)
/* word_length, bits 1:0, read-write: Data bits, less 5. */
#define NS16550_LCR_WORD_LENGTH_SHIFT VPLAT_U(0)
#define NS16550_LCR_WORD_LENGTH_MASK VPLAT_U(0x00000003)
/* stop_bits, bit 2, read-write: 1: two stop bits; one and a half with 5 data bits. */
#define NS16550_LCR_STOP_BITS_SHIFT VPLAT_U(2)
#define NS16550_LCR_STOP_BITS_MASK VPLAT_U(0x00000004)
/* parity_enable, bit 3, read-write: Send and check a parity bit. */
#define NS16550_LCR_PARITY_ENABLE_SHIFT VPLAT_U(3)
#define NS16550_LCR_PARITY_ENABLE_MASK VPLAT_U(0x00000008)
/* even_parity, bit 4, read-write: 1: even parity. 0: odd. */
#define NS16550_LCR_EVEN_PARITY_SHIFT VPLAT_U(4)
#define NS16550_LCR_EVEN_PARITY_MASK VPLAT_U(0x00000010)
/* stick_parity, bit 5, read-write: The parity bit is the inverse of even_parity. */
#define NS16550_LCR_STICK_PARITY_SHIFT VPLAT_U(5)
#define NS16550_LCR_STICK_PARITY_MASK VPLAT_U(0x00000020)
/* set_break, bit 6, read-write: Hold the line at zero. */
#define NS16550_LCR_SET_BREAK_SHIFT VPLAT_U(6)
#define NS16550_LCR_SET_BREAK_MASK VPLAT_U(0x00000040)
/* dlab, bit 7, read-write: Reach the divisor in place of rbr, thr and ier. */
#define NS16550_LCR_DLAB_SHIFT VPLAT_U(7)
#define NS16550_LCR_DLAB_MASK VPLAT_U(0x00000080)

/* mcr (read-write): Modem control. */
#define NS16550_MCR_OFFSET VPLAT_U(0x010)
#define NS16550_MCR_RESET VPLAT_U(0x00000000)
/* dtr, bit 0, read-write: Data terminal ready. */
#define NS16550_MCR_DTR_SHIFT VPLAT_U(0)
#define NS16550_MCR_DTR_MASK VPLAT_U(0x00000001)
/* rts, bit 1, read-write: Request to send. */
#define NS16550_MCR_RTS_SHIFT VPLAT_U(1)
#define NS16550_MCR_RTS_MASK VPLAT_U(0x00000002)
/* out1, bit 2, read-write: First output for free use. */
#define NS16550_MCR_OUT1_SHIFT VPLAT_U(2)
#define NS16550_MCR_OUT1_MASK VPLAT_U(0x00000004)
/* out2, bit 3, read-write: Second output for free use. */
#define NS16550_MCR_OUT2_SHIFT VPLAT_U(3)
#define NS16550_MCR_OUT2_MASK VPLAT_U(0x00000008)
/* loop, bit 4, read-write: Connect the transmitter to the receiver, dtr, rts, out1, out2 to msr. */
#define NS16550_MCR_LOOP_SHIFT VPLAT_U(4)
#define NS16550_MCR_LOOP_MASK VPLAT_U(0x00000010)

/* lsr (read-only, read-to-clear): Line status. */
#define NS16550_LSR_OFFSET VPLAT_U(0x014)
#define NS16550_LSR_RESET VPLAT_U(0x00000060)
/* dr, bit 0, read-only: A received character waits in rbr. */
#define NS16550_LSR_DR_SHIFT VPLAT_U(0)
#define NS16550_LSR_DR_MASK VPLAT_U(0x00000001)
/* oe, bit 1, read-to-clear: A character was lost: the receiver was full. */
#define NS16550_LSR_OE_SHIFT VPLAT_U(1)
#define NS16550_LSR_OE_MASK VPLAT_U(0x00000002)
/* pe, bit 2, read-to-clear: The oldest character came with a wrong parity bit. */
#define NS16550_LSR_PE_SHIFT VPLAT_U(2)
#define NS16550_LSR_PE_MASK VPLAT_U(0x00000004)
/* fe, bit 3, read-to-clear: The oldest character came without a stop bit. */
#define NS16550_LSR_FE_SHIFT VPLAT_U(3)
#define NS16550_LSR_FE_MASK VPLAT_U(0x00000008)
/* bi, bit 4, read-to-clear: The oldest character, a zero, stands for a break. */
#define NS16550_LSR_BI_SHIFT VPLAT_U(4)
#define NS16550_LSR_BI_MASK VPLAT_U(0x00000010)
/* thre, bit 5, read-only: thr, or the transmit FIFO, is empty. */
#define NS16550_LSR_THRE_SHIFT VPLAT_U(5)
#define NS16550_LSR_THRE_MASK VPLAT_U(0x00000020)
/* temt, bit 6, read-only: All characters have left on the line. */
#define NS16550_LSR_TEMT_SHIFT VPLAT_U(6)
#define NS16550_LSR_TEMT_MASK VPLAT_U(0x00000040)
/* fifo_error, bit 7, read-only: A character in the receive FIFO came with an error or a break. */
#define NS16550_LSR_FIFO_ERROR_SHIFT VPLAT_U(7)
#define NS16550_LSR_FIFO_ERROR_MASK VPLAT_U(0x00000080)

/*
 * msr (read-to-clear, read-only): Modem status. But for loopback the host is always ready: cts,
 * dsr, dcd are 1, ri is 0.
 */
#define NS16550_MSR_OFFSET VPLAT_U(0x018)
#define NS16550_MSR_RESET VPLAT_U(0x000000b0)
/* dcts, bit 0, read-to-clear: cts has changed. */
#define NS16550_MSR_DCTS_SHIFT VPLAT_U(0)
#define NS16550_MSR_DCTS_MASK VPLAT_U(0x00000001)
/* ddsr, bit 1, read-to-clear: dsr has changed. */
#define NS16550_MSR_DDSR_SHIFT VPLAT_U(1)
#define NS16550_MSR_DDSR_MASK VPLAT_U(0x00000002)
/* teri, bit 2, read-to-clear: ri has gone from 1 to 0. */
#define NS16550_MSR_TERI_SHIFT VPLAT_U(2)
#define NS16550_MSR_TERI_MASK VPLAT_U(0x00000004)
/* ddcd, bit 3, read-to-clear: dcd has changed. */
#define NS16550_MSR_DDCD_SHIFT VPLAT_U(3)
#define NS16550_MSR_DDCD_MASK VPLAT_U(0x00000008)
/* cts, bit 4, read-only: Clear to send. */
#define NS16550_MSR_CTS_SHIFT VPLAT_U(4)
#define NS16550_MSR_CTS_MASK VPLAT_U(0x00000010)
/* dsr, bit 5, read-only: Data set ready. */
#define NS16550_MSR_DSR_SHIFT VPLAT_U(5)
#define NS16550_MSR_DSR_MASK VPLAT_U(0x00000020)
/* ri, bit 6, read-only: Ring indicator. */
#define NS16550_MSR_RI_SHIFT VPLAT_U(6)
#define NS16550_MSR_RI_MASK VPLAT_U(0x00000040)
/* dcd, bit 7, read-only: Data carrier detect. */
#define NS16550_MSR_DCD_SHIFT VPLAT_U(7)
#define NS16550_MSR_DCD_MASK VPLAT_U(0x00000080)

/* scr (read-write): Scratch. */
#define NS16550_SCR_OFFSET VPLAT_U(0x01c)
#define NS16550_SCR_RESET VPLAT_U(0x00000000)
/* value, bits 7:0, read-write: Anything; it means nothing here. */
#define NS16550_SCR_VALUE_SHIFT VPLAT_U(0)
#define NS16550_SCR_VALUE_MASK VPLAT_U(0x000000ff)

#endif /* VPLAT_NS16550_H */
