#include "runtime/semihosting.h"

#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_RUN_TIME_ERROR_UNKNOWN 0x20023

_Noreturn void semihosting_crash(void)
{
    uint32_t parameters[2] = {ADP_STOPPED_RUN_TIME_ERROR_UNKNOWN, 0};

    semihosting_call(SYS_EXIT_EXTENDED, (uint32_t)parameters);
    for (;;)
        ;
}
