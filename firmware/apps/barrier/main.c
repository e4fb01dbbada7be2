/*
 * How harts wait for each other: barriers of all and of some, a mutex, a spin lock, atomic
 * instructions, a team that is led by one hart.
 */
#include "drivers/test_and_set.h"
#include "runtime/runtime.h"

#define ROUNDS 50
#define HALF_TEAM_BARRIER 1 /* and the next one for the other half */

static volatile uint32_t rounds_done[VPLAT_HARTS] IN_TCDM_ZEROED;
static volatile uint32_t errors IN_TCDM_ZEROED;
static volatile uint32_t counter IN_TCDM_ZEROED;
static spin_lock_t lock IN_TCDM_ZEROED;

static void check(bool holds)
{
    if (!holds)
        __atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED);
}

/* Work of a different length on each hart, so that they do not arrive together by chance. */
static void work_a_while(unsigned round)
{
    for (volatile unsigned i = (hart_id() * 7 + round * 3) % 29; i > 0; i--)
        ;
}

/* Nobody leaves round n before all have done n rounds, and nobody is a round ahead. */
static void meet_in_rounds(unsigned barrier, unsigned first, unsigned last)
{
    for (unsigned round = 1; round <= ROUNDS; round++) {
        work_a_while(round);
        rounds_done[hart_id()] = round;
        barrier_wait(barrier);
        for (unsigned hart = first; hart <= last; hart++)
            check(rounds_done[hart] == round);
        barrier_wait(barrier);
    }
}

static void report(const char *what)
{
    cluster_barrier();
    if (hart_id() == 0)
        printf("%-28s %s\n", what, errors == 0 ? "ok" : "FAILED");
    cluster_barrier();
}

static void all_harts_meet(void)
{
    meet_in_rounds(RUNTIME_BARRIER, 0, VPLAT_HARTS - 1);
    report("barrier of all harts");
}

/* Two teams with a barrier each do not wait for each other. */
static void halves_meet(void)
{
    unsigned half = hart_id() / (VPLAT_HARTS / 2);
    unsigned first = half * (VPLAT_HARTS / 2), last = first + VPLAT_HARTS / 2 - 1;

    if (hart_id() == first)
        barrier_configure(HALF_TEAM_BARRIER + half, ALL_HARTS / 0x11 << first);
    cluster_barrier();
    meet_in_rounds(HALF_TEAM_BARRIER + half, first, last);
    report("barriers of two halves");
}

static void count_under_mutex(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock(0);
        uint32_t seen = counter;
        work_a_while(seen);
        counter = seen + 1;
        mutex_unlock(0, seen + 1);
    }
    cluster_barrier();
    check(counter == ROUNDS * VPLAT_HARTS);
    report("mutex of the event unit");
}

static void count_under_spin_lock(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        spin_lock(&lock);
        counter--;
        spin_unlock(&lock);
    }
    cluster_barrier();
    check(counter == 0);
    report("spin lock by test-and-set");
}

static void count_atomically(void)
{
    for (int i = 0; i < ROUNDS; i++)
        __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
    cluster_barrier();
    check(counter == ROUNDS * VPLAT_HARTS);
    report("atomic instructions");
}

static void add_own_number(void *argument)
{
    __atomic_fetch_add((volatile uint32_t *)argument, hart_id() + 1, __ATOMIC_RELAXED);
}

static int lead(void)
{
    uint32_t sum = 0;

    for (int i = 0; i < ROUNDS; i++)
        team_fork(add_own_number, &sum);
    check(sum == ROUNDS * (VPLAT_HARTS * (VPLAT_HARTS + 1) / 2));
    return 0;
}

int main(void)
{
    all_harts_meet();
    halves_meet();
    count_under_mutex();
    count_under_spin_lock();
    count_atomically();
    team_run(lead);
    report("team led by hart 0");
    return errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
