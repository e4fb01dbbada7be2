/*
 * The host, as a testbench offers it to a program: text and the end of the run, through the two
 * memory cells `tohost` and `fromhost`.
 */
#ifndef RUNTIME_HTIF_H
#define RUNTIME_HTIF_H

#include <stddef.h>

/* Show `text` on the host. Harts take turns. */
void htif_write(const char *text, size_t bytes);

/* End the run with `status`; 0 stands for success. */
_Noreturn void htif_exit(int status);

#endif
