/* SPDX-License-Identifier: BSD-2-Clause */
/* The shortest scene that still goes wrong. */
#ifndef MOAT_LOCKSTEP_SHRINK_H
#define MOAT_LOCKSTEP_SHRINK_H

#include "lockstep/scene.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Leave steps of @scene, which goes wrong, away, and make their numbers small,
 * as long as it goes wrong (in whatever way): by halves first, by one last.
 * @result becomes that of what is left.
 *
 * Cost: at most SHRINK_RUNS_MAX runs of the scene.
 */
enum { SHRINK_RUNS_MAX = 20000 };

void shrink(struct scene *scene, struct scene_result *result);

#ifdef __cplusplus
}
#endif

#endif
