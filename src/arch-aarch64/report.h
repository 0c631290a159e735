/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine tells about itself, in lines that begin with "moat: ". */
#ifndef MOAT_ARCH_AARCH64_REPORT_H
#define MOAT_ARCH_AARCH64_REPORT_H

#include <stdint.h>

#include "arch-aarch64/cpu.h"
#include "arch-aarch64/machine.h"

enum report_counter {
	REPORT_CALL, /* calls of the host to the core */
	REPORT_ABORT, /* stage-2 aborts of the host */
	REPORT_REFUSAL, /* of which it had to be told */
	REPORT_EXIT, /* exits of vCPUs */
	REPORT_COUNTER_COUNT,
};

/* The figures of the boot. */
struct report_boot {
	uint64_t ticks; /* from our first instruction to the host's */
	uint64_t memory; /* bytes that the core was given */
	struct moat_range host; /* RAM that the host was told of */
	uint64_t engine; /* bytes of RAM kept from it */
};

/* One line, before the host starts. */
void report_boot(const struct report_boot *boot);

/* Each CPU counts for itself. */
extern uint64_t report_counts[MACHINE_CPU_MAX][REPORT_COUNTER_COUNT];

/* Count something that happened on this CPU. */
static inline void report_count(enum report_counter counter)
{
	report_counts[cpu_number()][counter]++;
}

/* The trace and the summary, when the host ends the machine. Only the first
 * CPU that calls it returns. */
void report_end(void);

#endif
