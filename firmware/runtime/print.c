/*
 * stdout and stderr: each hart stores to an address of its own, where the platform puts lines
 * together, so that harts which print at the same time do not mix their letters.
 */
#include "drivers/board.h"

#ifdef VPLAT_STDOUT_BASE

#include <stdio.h>

#include "drivers/hart.h"

static int put(char character, FILE *stream)
{
    (void)stream;
    VPLAT_STDOUT->putc[hart_id()].value = (uint8_t)character;
    return (uint8_t)character;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);

FILE *const stdout = &console;
FILE *const stderr = &console;

#endif
