/* A register is stored to that can only be read. */
#include "seeded.h"

void lead(void)
{
    ita_open();
    *(volatile uint32_t *)&VPLAT_ITA->status = 0; /* BUG */
}
