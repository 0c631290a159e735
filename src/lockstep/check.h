/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_LOCKSTEP_CHECK_H
#define MOAT_LOCKSTEP_CHECK_H

#include <stdint.h>

#include "lockstep/coverage.h"

/**
 * Random lockstep: @op_count operations in scenes of some hundreds, on all
 * machines of shape.h. A difference is shrunk and printed as a scene. What was
 * reached is added to @reached or, if that is NULL, printed.
 *
 * Returns the exit status: 0, or 1 if there was a difference.
 */
int check_random(uint64_t seed, uint64_t op_count, struct coverage *reached);

#endif
