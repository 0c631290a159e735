/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lockstep/side.h"

enum { ZERO_REGISTER = 31 };

static void host_outcome(const struct moat_regs *regs, enum outcome_kind kind,
	uint32_t count, struct outcome *outcome)
{
	outcome->kind = kind;
	memcpy(outcome->word, regs->x, count * sizeof(regs->x[0]));
}

/* ---- Host -------------------------------------------------------------- */

static void do_call(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	struct moat_regs regs = {{0}};

	memcpy(regs.x, op->word, sizeof(op->word));
	if (model_host_call(model, op->cpu, &regs) == MOAT_GUEST_ENTER) {
		outcome->kind = OUTCOME_ENTER;
		return;
	}
	host_outcome(&regs, OUTCOME_ANSWER, OUTCOME_RESULTS, outcome);
}

static void do_host_abort(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	struct moat_ipa ipa = {op->word[0]};

	outcome->kind = model_host_abort(model, op->cpu, ipa) == MOAT_HOST_RETRY
				? OUTCOME_RETRY
				: OUTCOME_FAULT;
}

/* The model has no cached translations: what faults is for the host to see. */
static void do_host_access(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	struct moat_pa pa = {op->word[0]};
	enum model_access access;
	uint64_t value = op->word[1];

	if (op->kind == OP_HOST_WRITE) {
		access = model_host_write(model, op->cpu, pa, value);
	} else {
		access = model_host_read(model, op->cpu, pa, &value);
	}
	if (access == MODEL_ACCESS_DONE) {
		outcome->kind = OUTCOME_VALUE;
		outcome->word[0] = value;
		return;
	}
	do_host_abort(model, op, outcome);
}

static void do_host(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	if (op->kind == OP_CALL) {
		do_call(model, op, outcome);
	} else if (op->kind == OP_HOST_ABORT) {
		do_host_abort(model, op, outcome);
	} else {
		do_host_access(model, op, outcome);
	}
}

/* ---- Guest ------------------------------------------------------------- */

static void do_exit(struct model *model, const struct op *op,
	const struct moat_trap *trap, struct outcome *outcome)
{
	struct moat_regs regs = {{0}};
	const uint64_t *registers = model_guest_registers(model, op->cpu);

	if (model_guest_exit(model, op->cpu, trap, &regs) ==
		MOAT_GUEST_RESUME) {
		outcome->kind = OUTCOME_RESUME;
		memcpy(outcome->word, registers,
			OUTCOME_RESUMED * sizeof(*registers));
		return;
	}
	host_outcome(&regs, OUTCOME_EXIT, OUTCOME_WORDS, outcome);
}

/* As the engine's side does it: the word around, and back if it is a store. */
static bool reach(struct model *model, uint32_t cpu,
	const struct moat_trap *trap, uint64_t stored, uint64_t *word)
{
	struct moat_ipa ipa = {
		trap->ipa.value - trap->ipa.value % sizeof(*word)};

	if (!model_guest_permits(model, cpu, ipa, trap->access) ||
		model_guest_read(model, cpu, ipa, word) != MODEL_ACCESS_DONE) {
		return false;
	}
	return trap->access != MOAT_ACCESS_WRITE ||
	       model_guest_write(model, cpu, ipa,
		       side_store(trap, *word, stored)) == MODEL_ACCESS_DONE;
}

static void do_guest_access(struct model *model, const struct op *op,
	uint64_t *registers, struct outcome *outcome)
{
	struct moat_trap trap = side_trap(op);
	bool has_register =
		trap.has_syndrome && trap.register_index < ZERO_REGISTER;
	bool is_write = op->kind == OP_GUEST_WRITE;
	uint64_t stored = trap.register_index < ZERO_REGISTER ? op->word[1] : 0;
	uint64_t word;

	if (is_write && has_register) {
		registers[trap.register_index] = stored;
	}
	if (!reach(model, op->cpu, &trap, stored, &word)) {
		do_exit(model, op, &trap, outcome);
		return;
	}
	outcome->kind = OUTCOME_VALUE;
	outcome->word[0] = is_write ? stored : side_load(&trap, word);
	if (!is_write && has_register) {
		registers[trap.register_index] = outcome->word[0];
	}
}

/* The vCPU, or the hardware under it. */
static void do_set(struct model *model, const struct op *op)
{
	struct model_hardware *hardware = model_guest_hardware(model, op->cpu);
	uint64_t index = op->word[0];

	if (index < OP_PC_REGISTER) {
		model_guest_registers(model, op->cpu)[index] = op->word[1];
	} else if (index == OP_PC_REGISTER) {
		model_guest_jump(model, op->cpu, op->word[1]);
	} else if (index < OP_MAINTENANCE) {
		hardware->list_register[index - OP_LIST_REGISTER] = op->word[1];
	} else if (index == OP_MAINTENANCE) {
		hardware->maintenance = op->word[1];
	} else {
		hardware->deadline = op->word[1];
	}
}

static void do_guest(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	uint64_t *registers = model_guest_registers(model, op->cpu);
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};

	if (op->kind == OP_GUEST_SET) {
		do_set(model, op);
		outcome->kind = OUTCOME_DONE;
	} else if (op->kind == OP_GUEST_GET) {
		outcome->kind = OUTCOME_VALUE;
		outcome->word[0] = registers[op->word[0]];
	} else if (op->kind == OP_GUEST_TRAP) {
		trap = side_trap_stated(op);
		do_exit(model, op, &trap, outcome);
	} else if (op->kind == OP_GUEST_CALL) {
		memcpy(registers, op->word,
			OP_GUEST_WORDS * sizeof(op->word[0]));
		do_exit(model, op, &trap, outcome);
	} else {
		do_guest_access(model, op, registers, outcome);
	}
}

void side_model(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	bool is_host = side_is_host(op);

	memset(outcome, 0, sizeof(*outcome));
	if (op->cpu >= model_config(model)->cpu_count ||
		is_host != !model_cpu_at(model, op->cpu).is_guest) {
		return;
	}
	if (is_host) {
		do_host(model, op, outcome);
	} else {
		do_guest(model, op, outcome);
	}
}
