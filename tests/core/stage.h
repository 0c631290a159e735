/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU on a stage: vCPU 0 of an ACTIVE VM 0 runs on CPU 1, and every register
 * of it and of the host has a value of its own, so that a word that goes where
 * it should not is seen.
 */
#ifndef MOAT_TESTS_CORE_STAGE_H
#define MOAT_TESTS_CORE_STAGE_H

#include "scene.h"

#define GUEST(i) (UINT64_C(0x67756573740000) + (i)) /* "guest": its x0..x30 */
#define HOST(i) (UINT64_C(0x686f737400) + (i)) /* "host": its x4..x9 */

enum { STAGE_GENERAL = 31, STAGE_CPU = 1, STAGE_PC = 0x1000 };

struct stage {
	struct bed bed;
	struct moat_context *context;
	struct moat_context before; /* what the context should be */
};

/* On a machine of bed_config; the VM is filled and shares, or not. */
struct stage stage_make(void);
struct stage stage_make_full(void);

/* On a machine whose VM 0 is ACTIVE. */
struct stage stage_make_of(struct bed bed);

/* Give the registers their values again, and take note. */
void stage_mark(struct stage *stage);

/* The vCPU traps; expects the exit record to be @record, x0..x14. */
void stage_exit(struct stage *stage, const struct moat_trap *trap,
	const uint64_t record[15]);

/* The vCPU traps, and goes on. */
void stage_resume(struct stage *stage, const struct moat_trap *trap);

/* A run of it that offers HOST(4)..HOST(9), and has @flags. */
struct moat_regs stage_entry(uint64_t flags);

/* The host runs it again, with that entry and no flags. */
void stage_run_again(struct stage *stage);

/* The whole context is what stage->before says. */
void stage_expect(const struct stage *stage, const char *what);

#endif
