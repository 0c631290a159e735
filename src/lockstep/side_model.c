/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lockstep/side.h"

enum { GUEST_ANSWER = 4 }; /* registers that RESUME shows */

static void host_outcome(const struct moat_regs *regs, enum outcome_kind kind,
	struct outcome *outcome)
{
	outcome->kind = kind;
	memcpy(outcome->word, regs->x, sizeof(outcome->word));
}

static void do_call(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	struct moat_regs regs = {{0}};

	memcpy(regs.x, op->word, sizeof(op->word));
	if (model_host_call(model, op->cpu, &regs) == MOAT_GUEST_ENTER) {
		outcome->kind = OUTCOME_ENTER;
		return;
	}
	host_outcome(&regs, OUTCOME_ANSWER, outcome);
}

static enum model_access host_access(
	struct model *model, const struct op *op, uint64_t *value)
{
	struct moat_pa pa = {op->word[0]};

	*value = op->word[1];
	if (op->kind == OP_HOST_WRITE) {
		return model_host_write(model, op->cpu, pa, *value);
	}
	return model_host_read(model, op->cpu, pa, value);
}

static void value_outcome(uint64_t value, struct outcome *outcome)
{
	outcome->kind = OUTCOME_VALUE;
	outcome->word[0] = value;
}

/* The model has no cached translations: what faults is for the host to see. */
static void do_host_access(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	struct moat_ipa ipa = {op->word[0]};
	enum moat_action action;
	uint64_t value;

	if (host_access(model, op, &value) == MODEL_ACCESS_DONE) {
		value_outcome(value, outcome);
		return;
	}
	action = model_host_abort(model, op->cpu, ipa);
	outcome->kind =
		action == MOAT_HOST_INJECT ? OUTCOME_FAULT : OUTCOME_DONE;
}

static void do_exit(struct model *model, const struct op *op,
	const struct moat_trap *trap, struct outcome *outcome)
{
	struct moat_regs regs = {{0}};
	const uint64_t *registers = model_guest_registers(model, op->cpu);

	if (model_guest_exit(model, op->cpu, trap, &regs) ==
		MOAT_GUEST_RESUME) {
		outcome->kind = OUTCOME_RESUME;
		memcpy(outcome->word, registers,
			GUEST_ANSWER * sizeof(*registers));
		return;
	}
	host_outcome(&regs, OUTCOME_EXIT, outcome);
}

static enum model_access guest_access(
	struct model *model, const struct op *op, uint64_t *value)
{
	struct moat_ipa ipa = {op->word[0]};

	*value = op->word[1];
	if (op->kind == OP_GUEST_WRITE) {
		return model_guest_write(model, op->cpu, ipa, *value);
	}
	return model_guest_read(model, op->cpu, ipa, value);
}

static void do_guest_access(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_ABORT,
		.access = op->kind == OP_GUEST_WRITE ? MOAT_ACCESS_WRITE
						     : MOAT_ACCESS_READ,
		.ipa = {op->word[0]}};
	uint64_t value;

	if (guest_access(model, op, &value) == MODEL_ACCESS_DONE) {
		value_outcome(value, outcome);
		return;
	}
	do_exit(model, op, &trap, outcome);
}

static void do_guest(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	uint64_t *registers = model_guest_registers(model, op->cpu);
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};

	if (op->kind == OP_GUEST_SET) {
		registers[op->word[0]] = op->word[1];
		outcome->kind = OUTCOME_DONE;
	} else if (op->kind == OP_GUEST_TRAP) {
		trap.kind = (enum moat_trap_kind)op->word[0];
		do_exit(model, op, &trap, outcome);
	} else if (op->kind == OP_GUEST_CALL) {
		memcpy(registers, op->word, sizeof(op->word));
		do_exit(model, op, &trap, outcome);
	} else {
		do_guest_access(model, op, outcome);
	}
}

void side_model(
	struct model *model, const struct op *op, struct outcome *outcome)
{
	bool is_host = op_is_of_host(op->kind);

	memset(outcome, 0, sizeof(*outcome));
	if (op->cpu >= model_config(model)->cpu_count ||
		is_host != !model_cpu_at(model, op->cpu).is_guest) {
		return;
	}
	if (op->kind == OP_CALL) {
		do_call(model, op, outcome);
	} else if (is_host) {
		do_host_access(model, op, outcome);
	} else {
		do_guest(model, op, outcome);
	}
}
