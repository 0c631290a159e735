/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One operation, done by the engine on a simulated machine, and by the model.
 * The two files share only the grammar.
 */
#ifndef MOAT_LOCKSTEP_SIDE_H
#define MOAT_LOCKSTEP_SIDE_H

#include "arch-host/machine.h"
#include "lockstep/outcome.h"
#include "model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x10..x17 of the host during every call: a step has to keep them. */
#define SIDE_KEPT(i) (UINT64_C(0x6b65707400000000) + (uint64_t)(i))

void side_engine(struct host_machine *machine, const struct op *op,
	struct outcome *outcome);
void side_model(
	struct model *model, const struct op *op, struct outcome *outcome);

#ifdef __cplusplus
}
#endif

#endif
