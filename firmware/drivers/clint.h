/*
 * The CLINT: the machine's time, a timer interrupt for each hart, and interrupts from hart to hart.
 *
 * They arrive as INTERRUPT_TIMER and INTERRUPT_SOFTWARE of drivers/hart.h, through mie. The event
 * unit's lines of the same numbers (software events 3 and 7) would share their handlers: a program
 * that uses the CLINT leaves these two out of its interrupt mask.
 */
#ifndef DRIVERS_CLINT_H
#define DRIVERS_CLINT_H

#include "drivers/board.h"

/* Ticks since reset. */
uint64_t clint_time(void);

/* Raise the timer interrupt of `hart` from `time` on. It stays until a later time is set. */
void clint_set_timer(unsigned hart, uint64_t time);

/* No timer interrupt until clint_set_timer. */
void clint_stop_timer(unsigned hart);

/* Raise the software interrupt of `hart`. It stays until it is cleared. */
void clint_send(unsigned hart);
void clint_clear(unsigned hart);

#endif
