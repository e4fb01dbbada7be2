#include "drivers/board.h"

#ifdef VPLAT_UART_BASE

#include "drivers/uart16550.h"

#define DATA_BITS 8
/* The field of the line control register counts from 5 data bits. */
#define WORD_LENGTH VPLAT_PUT(NS16550_LCR_WORD_LENGTH, DATA_BITS - 5)
#define FIFO_CHARACTERS 16

void uart_open(uint16_t divisor)
{
    VPLAT_UART->ier_dlm = 0;
    VPLAT_UART->lcr = WORD_LENGTH | NS16550_LCR_DLAB_MASK;
    VPLAT_UART->rbr_thr_dll = divisor & UINT8_MAX;
    VPLAT_UART->ier_dlm = divisor >> 8;
    VPLAT_UART->lcr = WORD_LENGTH;
    VPLAT_UART->iir_fcr = NS16550_IIR_FCR_FIFO_ENABLE_MASK | NS16550_IIR_FCR_RX_FIFO_RESET_MASK |
                          NS16550_IIR_FCR_TX_FIFO_RESET_MASK;
    VPLAT_UART->mcr = NS16550_MCR_DTR_MASK | NS16550_MCR_RTS_MASK;
}

void uart_set_loopback(bool on)
{
    if (on)
        VPLAT_UART->mcr |= NS16550_MCR_LOOP_MASK;
    else
        VPLAT_UART->mcr &= ~NS16550_MCR_LOOP_MASK;
}

void uart_write(const void *data, size_t bytes)
{
    const uint8_t *character = data;

    while (bytes > 0) {
        /* An empty transmit FIFO takes as many as it is deep, without a look in between. */
        while (!(VPLAT_UART->lsr & NS16550_LSR_THRE_MASK))
            ;
        for (unsigned room = FIFO_CHARACTERS; room > 0 && bytes > 0; room--, bytes--)
            VPLAT_UART->rbr_thr_dll = *character++;
    }
}

void uart_drain(void)
{
    while (!(VPLAT_UART->lsr & NS16550_LSR_TEMT_MASK))
        ;
}

int uart_try_read(void)
{
    if (!(VPLAT_UART->lsr & NS16550_LSR_DR_MASK))
        return -1;
    return (int)VPLAT_GET(NS16550_RBR_THR_DLL_DATA, VPLAT_UART->rbr_thr_dll);
}

uint8_t uart_read(void)
{
    int character;

    do
        character = uart_try_read();
    while (character < 0);
    return (uint8_t)character;
}

void uart_receive_interrupt(bool on)
{
    VPLAT_UART->ier_dlm = on ? NS16550_IER_DLM_ERBFI_MASK : 0;
}

#endif
