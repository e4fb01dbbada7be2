/*
 * stdout and stderr where the host takes whole pieces of text: each hart has a line of its own,
 * which goes out when it is complete, so that harts which print at the same time do not mix their
 * letters.
 */
#include "drivers/board.h"

#ifndef VPLAT_STDOUT_BASE

#include <stdio.h>

#include "drivers/hart.h"
#include "runtime/htif.h"

#define LINE_BYTES 120

static struct line {
    size_t bytes;
    char text[LINE_BYTES];
} lines[VPLAT_HARTS];

static int flush(FILE *stream)
{
    struct line *line = &lines[hart_id()];

    (void)stream;
    if (line->bytes > 0)
        htif_write(line->text, line->bytes);
    line->bytes = 0;
    return 0;
}

static int put(char character, FILE *stream)
{
    struct line *line = &lines[hart_id()];

    line->text[line->bytes++] = character;
    if (character == '\n' || line->bytes == LINE_BYTES)
        flush(stream);
    return (uint8_t)character;
}

/* A line without an end, when the program ends. */
__attribute__((destructor)) static void flush_last(void)
{
    for (unsigned hart = 0; hart < VPLAT_HARTS; hart++)
        if (lines[hart].bytes > 0)
            htif_write(lines[hart].text, lines[hart].bytes);
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE);

FILE *const stdout = &console;
FILE *const stderr = &console;

#endif
