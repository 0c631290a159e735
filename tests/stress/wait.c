/* SPDX-License-Identifier: BSD-2-Clause */
/* How threads wait, and stop. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "moat/port.h"
#include "stress/machine.h"

/* With more threads than processors, the holder may wait for this one. */
void moat_port_wait(void)
{
	sched_yield();
}

void moat_port_wake(void)
{
}

void moat_port_panic(const char *reason)
{
	fprintf(stderr, "moat: panic: %s\n", reason);
	fflush(NULL);
	abort();
}

/* Threads go on at the same time as it is. */
void machine_pause(struct machine_work work)
{
	(void)work;
}
