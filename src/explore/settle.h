/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_EXPLORE_SETTLE_H
#define MOAT_EXPLORE_SETTLE_H

#include "model/model.h"

struct moat;

/**
 * Make the same in all states, on both sides, what no step of a scope can be
 * told by:
 *
 * - measurements: two calls answer them, nothing else reads them, and they are
 *   extended without bound. That they are right was compared before;
 * - registers of vCPUs but SCOPE_SECRET, PC, system registers, timer: the guest
 *   could have set them before its next step; every call of the scopes sets
 *   the registers it passes, and so does an entry those that it writes.
 */
void settle(struct moat *engine, struct model *model);

#endif
