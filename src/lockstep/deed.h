/* SPDX-License-Identifier: BSD-2-Clause */
/* What an operation and its outcome are to the other agents: model/view.h. */
#ifndef MOAT_LOCKSTEP_DEED_H
#define MOAT_LOCKSTEP_DEED_H

#include "lockstep/outcome.h"
#include "model/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Observers, and whoever acts, by number: the host, then each VM. */
enum { DEED_HOST, DEED_VM };

/* Whose operation @op is, in the state @before: DEED_HOST or DEED_VM + v. */
uint32_t deed_actor(const struct model *before, const struct op *op);

/* What the operation, done in @before with that outcome, was. */
struct model_deed deed_make(const struct model *before, const struct op *op,
	const struct outcome *outcome);

/* The view of @observer; the record for it of another agent's deed. */
void deed_view(
	const struct model *model, uint32_t observer, struct model_view *view);
void deed_record(const struct model *before, const struct model *after,
	uint32_t observer, const struct model_deed *deed,
	struct model_view *record);

#ifdef __cplusplus
}
#endif

#endif
