/*
 * Programs where one hart leads and the others help.
 *
 *     static void task(void *argument) { ... runs on every hart ... }
 *     static int lead(void) { team_fork(task, &work); return 0; }
 *     int main(void) { return team_run(lead); }
 */
#ifndef RUNTIME_TEAM_H
#define RUNTIME_TEAM_H

/*
 * Called by all harts: hart 0 runs `lead` and returns its result. The others sleep, run the tasks
 * that it forks, and return 0 after it has returned.
 */
int team_run(int (*lead)(void));

/* From within lead: run `task` on all harts at once. Returns when the last of them has done it. */
void team_fork(void (*task)(void *argument), void *argument);

#endif
