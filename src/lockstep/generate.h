/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random operations, drawn from the state of the model: what could be done
 * next, what could just not, and now and then anything at all.
 */
#ifndef MOAT_LOCKSTEP_GENERATE_H
#define MOAT_LOCKSTEP_GENERATE_H

#include "lockstep/op.h"
#include "lockstep/random.h"

#ifdef __cplusplus
extern "C" {
#endif

struct model;

void generate_op(
	const struct model *model, struct random *random, struct op *op);

#ifdef __cplusplus
}
#endif

#endif
