/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that looks at what it is given, and at what it may not touch. */
#ifndef MOAT_TESTS_ENTRY_ENTRY_H
#define MOAT_TESTS_ENTRY_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

/* The exception that ended a probe. */
struct taken {
	uint64_t vector; /* offset from VBAR_EL1 */
	uint64_t esr;
	uint64_t far;
	uint64_t elr;
	uint64_t spsr;
	uint64_t daif; /* as the handler found them */
	uint64_t spsel;
};

extern struct taken taken;

/* start.S. */
void probe(uint64_t pc, uint64_t pstate, uint64_t address);
extern char probe_read[];
extern char probe_write[];
extern char probe_fetch[];
extern char probe_read_aarch32[];
extern char probe_call_aarch32[];
extern char probe_sme[];
extern char entry_secondary[];
uint64_t fp_residue(void);
void load_vectors(void);
extern uint64_t entry_general[8];

void entry_main(void);
void entry_other(uint64_t cpu);

/* check.c: one line on the console for each check. */
void check_equal(uint64_t value, uint64_t expected, const char *sentence);
uint32_t check_end(void); /* the last line; returns the failures */

/* Turn a CPU on that is off, let it check its registers and do @job, or none,
 * and wait until it is off again. */
void on_cpu(uint64_t cpu, void (*job)(void));

/* registers.c, aborts.c, redistributor.c, tick.c, worlds.c, attempts.c. */
void registers_check(uint64_t cpu);
void aborts_check(void);
void redistributor_check(void);
void tick_check(void);
void worlds_check(void);
void attempts_check(void);

#endif
