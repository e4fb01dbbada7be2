/*
 * The barrier of a Snitch cluster: a load of a CSR that is answered when all harts wait for it.
 */
#ifndef DRIVERS_BARRIER_CSR_H
#define DRIVERS_BARRIER_CSR_H

/* Sleep until all harts have come here; there is only this one barrier. */
static inline void barrier_csr_wait(void)
{
    __asm__ volatile("csrr x0, 0x7c2" : : : "memory");
}

#endif
