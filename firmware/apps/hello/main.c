/*
 * Every hart says hello, one after the other: a barrier after each turn keeps them in order.
 */
#include "runtime/runtime.h"

int main(void)
{
    for (unsigned turn = 0; turn < VPLAT_HARTS; turn++) {
        if (turn == hart_id())
            printf("Hello from hart %u of %u\n", hart_id(), VPLAT_HARTS);
        cluster_barrier();
    }
    return 0;
}
