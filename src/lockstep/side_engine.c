/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lockstep/side.h"

enum {
	REGISTERS = sizeof(struct moat_regs) / sizeof(uint64_t),
	ZERO_REGISTER = 31
};

/* The host's registers: @count words of @word, then what is not to be seen. */
static struct moat_regs host_registers(const uint64_t *word, uint32_t count)
{
	struct moat_regs regs;

	for (uint32_t i = 0; i < REGISTERS; i++) {
		regs.x[i] = i < count ? word[i] : SIDE_KEPT(i);
	}
	return regs;
}

/* A step that writes @first registers has kept those behind them. */
static void check_kept(struct host_machine *machine,
	const struct moat_regs *before, const struct moat_regs *after,
	uint32_t first)
{
	for (uint32_t i = first; i < REGISTERS; i++) {
		if (after->x[i] != before->x[i]) {
			host_machine_violate(machine,
				"a register of the host changed that the "
				"step keeps");
		}
	}
}

/* What a step said must be what its event said [trace.h]. */
static void check_event(struct host_machine *machine, enum moat_action action)
{
	if (machine->event.action != (uint32_t)action) {
		host_machine_violate(
			machine, "the event has another action than the step");
	}
}

/* The host goes on with the answer in its registers. */
static void host_outcome(const struct moat_regs *regs, enum outcome_kind kind,
	uint32_t count, struct outcome *outcome)
{
	outcome->kind = kind;
	memcpy(outcome->word, regs->x, count * sizeof(regs->x[0]));
}

/* ---- Host -------------------------------------------------------------- */

static void do_call(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct moat_regs regs = host_registers(op->word, OP_WORDS);
	struct moat_regs before = regs;
	enum moat_action action = host_machine_call(machine, op->cpu, &regs);

	check_event(machine, action);
	if (action == MOAT_GUEST_ENTER) {
		outcome->kind = OUTCOME_ENTER;
		check_kept(machine, &before, &regs, 0);
		return;
	}
	check_kept(machine, &before, &regs, OUTCOME_RESULTS);
	host_outcome(&regs, OUTCOME_ANSWER, OUTCOME_RESULTS, outcome);
	if (action != MOAT_HOST_RESUME) {
		host_machine_violate(machine, "a call took a wrong action");
	}
}

static enum moat_action take_abort(
	struct host_machine *machine, const struct op *op)
{
	struct moat_ipa ipa = {op->word[0]};
	enum moat_action action = host_machine_abort(machine, op->cpu, ipa);

	check_event(machine, action);
	return action;
}

/* An access of the host, again as long as the engine says RETRY. */
static void do_host_access(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct host_access access = {op->word[0], op->word[1],
		op->kind == OP_HOST_WRITE ? MOAT_ACCESS_WRITE
					  : MOAT_ACCESS_READ};

	for (int turn = 0; turn < HOST_RETRY_MAX; turn++) {
		if (host_cpu_access(machine, op->cpu, &access)) {
			outcome->kind = OUTCOME_VALUE;
			outcome->word[0] = access.value;
			return;
		}
		if (take_abort(machine, op) == MOAT_HOST_INJECT) {
			outcome->kind = OUTCOME_FAULT;
			return;
		}
	}
	host_machine_violate(machine, "RETRY, but the access faults again");
}

static void do_host_abort(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	enum moat_action action = take_abort(machine, op);

	outcome->kind =
		action == MOAT_HOST_RETRY ? OUTCOME_RETRY : OUTCOME_FAULT;
	if (action != MOAT_HOST_RETRY && action != MOAT_HOST_INJECT) {
		host_machine_violate(machine, "an abort took a wrong action");
	}
}

static void do_host(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	if (op->kind == OP_CALL) {
		do_call(machine, op, outcome);
	} else if (op->kind == OP_HOST_ABORT) {
		do_host_abort(machine, op, outcome);
	} else {
		do_host_access(machine, op, outcome);
	}
}

/* ---- Guest ------------------------------------------------------------- */

static void do_exit(struct host_machine *machine, const struct op *op,
	const struct moat_trap *trap, struct outcome *outcome)
{
	struct moat_regs regs = host_registers(NULL, 0);
	struct moat_regs before = regs;
	struct moat_context *context =
		moat_cpu_context(machine->engine, op->cpu);
	enum moat_action action =
		host_machine_exit(machine, op->cpu, trap, &regs);

	check_event(machine, action);
	if (action == MOAT_GUEST_RESUME) {
		check_kept(machine, &before, &regs, 0);
		outcome->kind = OUTCOME_RESUME;
		memcpy(outcome->word, context->x,
			OUTCOME_RESUMED * sizeof(context->x[0]));
		return;
	}
	check_kept(machine, &before, &regs, OUTCOME_WORDS);
	host_outcome(&regs, OUTCOME_EXIT, OUTCOME_WORDS, outcome);
	if (action != MOAT_HOST_RETURN) {
		host_machine_violate(machine, "an exit took a wrong action");
	}
}

/* Read the word around the address, and of a store write it back changed. */
static bool reach(struct host_machine *machine, uint32_t cpu,
	const struct moat_trap *trap, uint64_t stored, uint64_t *word)
{
	uint64_t ipa = trap->ipa.value - trap->ipa.value % sizeof(*word);
	struct host_access access = {ipa, 0,
		trap->access == MOAT_ACCESS_WRITE ? MOAT_ACCESS_READ
						  : trap->access};

	if (!host_cpu_access(machine, cpu, &access)) {
		return false;
	}
	*word = access.value;
	if (trap->access != MOAT_ACCESS_WRITE) {
		return true;
	}
	access.kind = MOAT_ACCESS_WRITE;
	access.value = side_store(trap, access.value, stored);
	return host_cpu_access(machine, cpu, &access);
}

static void do_guest_access(struct host_machine *machine, const struct op *op,
	struct moat_context *context, struct outcome *outcome)
{
	struct moat_trap trap = side_trap(op);
	bool has_register =
		trap.has_syndrome && trap.register_index < ZERO_REGISTER;
	bool is_write = op->kind == OP_GUEST_WRITE;
	uint64_t stored = trap.register_index < ZERO_REGISTER ? op->word[1] : 0;
	uint64_t word;

	if (is_write && has_register) {
		context->x[trap.register_index] = stored;
	}
	if (!reach(machine, op->cpu, &trap, stored, &word)) {
		do_exit(machine, op, &trap, outcome);
		return;
	}
	outcome->kind = OUTCOME_VALUE;
	outcome->word[0] = is_write ? stored : side_load(&trap, word);
	if (!is_write && has_register) {
		context->x[trap.register_index] = outcome->word[0];
	}
}

/* The vCPU, or the hardware under it. */
static void do_set(struct moat_context *context, const struct op *op)
{
	uint64_t index = op->word[0];

	if (index < OP_PC_REGISTER) {
		context->x[index] = op->word[1];
	} else if (index == OP_PC_REGISTER) {
		context->pc = op->word[1];
	} else if (index < OP_MAINTENANCE) {
		context->list_register[index - OP_LIST_REGISTER] = op->word[1];
	} else if (index == OP_MAINTENANCE) {
		context->maintenance = op->word[1];
	} else {
		context->deadline = op->word[1];
	}
}

static void do_guest(struct host_machine *machine, const struct op *op,
	struct moat_context *context, struct outcome *outcome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};

	if (op->kind == OP_GUEST_SET) {
		do_set(context, op);
		outcome->kind = OUTCOME_DONE;
	} else if (op->kind == OP_GUEST_GET) {
		outcome->kind = OUTCOME_VALUE;
		outcome->word[0] = context->x[op->word[0]];
	} else if (op->kind == OP_GUEST_TRAP) {
		trap = side_trap_stated(op);
		do_exit(machine, op, &trap, outcome);
	} else if (op->kind == OP_GUEST_CALL) {
		memcpy(context->x, op->word,
			OP_GUEST_WORDS * sizeof(op->word[0]));
		do_exit(machine, op, &trap, outcome);
	} else {
		do_guest_access(machine, op, context, outcome);
	}
}

void side_engine(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct moat_context *context;

	memset(outcome, 0, sizeof(*outcome));
	if (op->cpu >= machine->config.cpu_count) {
		return;
	}
	context = moat_cpu_context(machine->engine, op->cpu);
	if (side_is_host(op) != (context == NULL)) {
		return;
	}
	if (!context) {
		do_host(machine, op, outcome);
	} else {
		do_guest(machine, op, context, outcome);
	}
}
