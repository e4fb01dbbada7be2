/*
 * The timer: two counters of 32 bits that count cycles and send an event at a compare value.
 */
#ifndef DRIVERS_TIMER_H
#define DRIVERS_TIMER_H

#include "drivers/board.h"

/* The low counter sends EVENT_TIMER_LOW, the high one EVENT_TIMER_HIGH, each to all harts. */
enum timer { TIMER_LOW, TIMER_HIGH };

/* Send the event once, `cycles` from now. */
void timer_start_once(enum timer timer, uint32_t cycles);

/* Send it again and again, `cycles` apart, until timer_stop. */
void timer_start_periodic(enum timer timer, uint32_t cycles);

void timer_stop(enum timer timer);

/* Cycles since the counter was started, or since its last event if it is periodic. */
uint32_t timer_count(enum timer timer);

/* Sleep for `cycles`. Nobody else may use this counter meanwhile. */
void timer_sleep(enum timer timer, uint32_t cycles);

#endif
