/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One operation, done by the engine on a simulated machine, and by the model.
 * The two files share the grammar, and what an instruction is (side.c).
 */
#ifndef MOAT_LOCKSTEP_SIDE_H
#define MOAT_LOCKSTEP_SIDE_H

#include "arch-host/machine.h"
#include "lockstep/outcome.h"
#include "model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Registers of the host that a step has to keep, and what those hold before it
 * that it has to write. */
#define SIDE_KEPT(i) (UINT64_C(0x6b65707400000000) + (uint64_t)(i))

void side_engine(struct host_machine *machine, const struct op *op,
	struct outcome *outcome);
void side_model(
	struct model *model, const struct op *op, struct outcome *outcome);

/* Whether the host does it, not a vCPU. */
bool side_is_host(const struct op *op);

/* The trap of a guest_read, guest_write or guest_fetch that faults; and the one
 * that a guest_trap states. */
struct moat_trap side_trap(const struct op *op);
struct moat_trap side_trap_stated(const struct op *op);

/* What the access of @trap loads from the aligned word around its address, as
 * the register has it; and what a store makes of that word. */
uint64_t side_load(const struct moat_trap *trap, uint64_t word);
uint64_t side_store(
	const struct moat_trap *trap, uint64_t word, uint64_t value);

#ifdef __cplusplus
}
#endif

#endif
