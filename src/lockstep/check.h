/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_LOCKSTEP_CHECK_H
#define MOAT_LOCKSTEP_CHECK_H

#include <stdio.h>

#include "lockstep/coverage.h"

struct check_options {
	uint64_t seed;
	uint64_t op_count;
	uint32_t invariants_every; /* lockstep_set_invariants_every */
	FILE *trace; /* gets the engines' events as text, unless NULL */
	struct coverage *reached; /* what was reached is added; NULL: printed */
};

/**
 * Random lockstep: operations in scenes of some hundreds, on all machines of
 * shape.h. A difference is shrunk and printed as a scene.
 *
 * Returns the exit status: 0, or 1 if there was a difference.
 */
int check_random(const struct check_options *options);

#endif
