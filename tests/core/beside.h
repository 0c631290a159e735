/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model beside the engine: it takes each step of a bed as well, so that the
 * literals of the tables hold the model, too.
 *
 * It steps by the engine's events (model_event), which have neither what pages
 * hold nor what a guest computes: answers and actions are compared. The rest is
 * compared by the lockstep.
 */
#ifndef MOAT_TESTS_CORE_BESIDE_H
#define MOAT_TESTS_CORE_BESIDE_H

#include "arch-host/machine.h"

/* @machine has taken no step yet. */
void beside_start(struct host_machine *machine);

/* Also expects the invariants of the model to hold. */
void beside_end(struct host_machine *machine);

#endif
