/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state that every order begins with, and the steps that meet in it.
 *
 *     VM 0  ACTIVE    vCPU 0 runs on CPU 3, vCPU 2 on CPU 5; 1 READY, 3 OFF
 *     VM 1  ACTIVE    vCPU 0 runs on CPU 4; has a block
 *     VM 2  DYING     with pages of two regions, a lent one and a vCPU
 *     VM 3  BUILDING
 *     VM 4  DYING     with nothing but its root
 *     VM 5  EMPTY
 *
 * The host runs on CPUs 0 to 2. Pages of VMs hold secrets; CPUs have cached
 * what they are about to use.
 */
#ifndef SCHEDULE_SCENE_H
#define SCHEDULE_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"

enum { HOST_CPUS = 3, SCENE_CPUS = 6, CPU_ANY_HOST = 6 };

enum step_kind {
	STEP_CALL, /* of the host */
	STEP_ABORT, /* of the host, at access.ipa */
	STEP_TRAP, /* of a guest; of a call regs.x0.. */
	STEP_READ, /* an access, and what follows if it faults */
	STEP_WRITE,
	STEP_WRITE_TWICE /* the second by what the first may have cached */
};

struct step {
	const char *name;
	enum step_kind kind;
	uint32_t cpu; /* or CPU_ANY_HOST */
	bool is_wide; /* it writes hundreds of descriptors */
	struct moat_regs regs;
	struct moat_trap trap;
	uint64_t ipa; /* of an access or an abort */
};

/* Make the scene and the list of steps, once. */
void scene_begin(void);

/* Go back to how it was made. */
void scene_restore(void);

size_t step_count(void);
const struct step *step_at(size_t index);

/* Let @cpu do it. */
void step_do(const struct step *step, uint32_t cpu);

/*
 * What is wrong after a run, or NULL: the model goes through the events and
 * must agree, then with the whole state; the invariants hold; no secret is
 * where it should not be.
 */
const char *scene_check(void);

#endif
