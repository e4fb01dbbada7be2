/*
 * Calls to the host, by the RISC-V semihosting specification 1.0.
 */
#ifndef RUNTIME_SEMIHOSTING_H
#define RUNTIME_SEMIHOSTING_H

#include <stdint.h>

/* Do `operation`; what `parameter` means, and the result, depend on it. */
uint32_t semihosting_call(uint32_t operation, uint32_t parameter);

/* End the run with the platform's crash report on the last exception of this hart. */
_Noreturn void semihosting_crash(void);

#endif
