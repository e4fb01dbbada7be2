#include "seeded.h"

__attribute__((weak)) void follow(unsigned hart)
{
    (void)hart;
}

int main(void)
{
    if (hart_id() == LEADER)
        lead();
    else
        follow(hart_id());
    return 0;
}
