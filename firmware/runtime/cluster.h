/*
 * What start.c asks of a cluster: how its harts wait for each other before there is a program, and
 * how a run ends. pulp.c and snitch.c answer, each for boards of its kind.
 */
#ifndef RUNTIME_CLUSTER_H
#define RUNTIME_CLUSTER_H

/* Hart 0: set up what harts wait with. The memory that the program wants zeroed is. */
void cluster_prepare(void);

/* Hart 0: let the others go on. They have slept in cluster_await_start. */
void cluster_start_others(void);
void cluster_await_start(void);

/* Sleep until main has returned on all harts. */
void cluster_await_last(void);

/* End the run with `status`, on all harts; 0 stands for success. */
_Noreturn void cluster_finish(int status);

#endif
