/*
 * The ns16550 UART, 8 data bits, no parity, one stop bit, with its FIFOs.
 */
#ifndef DRIVERS_UART16550_H
#define DRIVERS_UART16550_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/board.h"

/* Set the format and the pace: a bit takes 16 * divisor cycles of the port's clock. */
void uart_open(uint16_t divisor);

/* Connect the transmitter to the receiver inside the port, or to the outside again. */
void uart_set_loopback(bool on);

/* Send; waits while the transmit FIFO is full. */
void uart_write(const void *data, size_t bytes);

/* Wait until everything has left on the line. */
void uart_drain(void);

/* The oldest received character, or -1 if there is none. */
int uart_try_read(void);

/* The same, but wait for one. */
uint8_t uart_read(void);

/* Interrupt (INTERRUPT_EXTERNAL) when a character has come. */
void uart_receive_interrupt(bool on);

#endif
