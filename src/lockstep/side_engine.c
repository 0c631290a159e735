/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "lockstep/side.h"

enum { GUEST_ANSWER = 4 }; /* registers that RESUME shows */

static struct moat_regs host_registers(const uint64_t *word)
{
	struct moat_regs regs;

	memcpy(regs.x, word, OP_WORDS * sizeof(*word));
	for (uint32_t i = OP_WORDS; i < sizeof(regs.x) / sizeof(regs.x[0]);
		i++) {
		regs.x[i] = SIDE_KEPT(i);
	}
	return regs;
}

static void check_kept(
	struct host_machine *machine, const struct moat_regs *regs)
{
	for (uint32_t i = OP_WORDS; i < sizeof(regs->x) / sizeof(regs->x[0]);
		i++) {
		if (regs->x[i] != SIDE_KEPT(i)) {
			host_machine_violate(
				machine, "x10..x17 of the host changed");
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

static void check_step(struct host_machine *machine,
	const struct moat_regs *regs, enum moat_action action)
{
	check_kept(machine, regs);
	check_event(machine, action);
}

/* The host goes on with the answer in its registers. */
static void host_outcome(const struct moat_regs *regs, enum outcome_kind kind,
	struct outcome *outcome)
{
	outcome->kind = kind;
	memcpy(outcome->word, regs->x, sizeof(outcome->word));
}

/* vcpu_run was accepted: its answer comes with the exit that ends the run. */
static void enter_outcome(struct host_machine *machine,
	const struct moat_regs *regs, const struct moat_regs *before,
	struct outcome *outcome)
{
	outcome->kind = OUTCOME_ENTER;
	if (memcmp(regs, before, sizeof(*regs)) != 0) {
		host_machine_violate(
			machine, "vcpu_run wrote the host's registers");
	}
}

static void do_call(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct moat_regs regs = host_registers(op->word);
	struct moat_regs before = regs;
	enum moat_action action = host_machine_call(machine, op->cpu, &regs);

	check_step(machine, &regs, action);
	if (action == MOAT_GUEST_ENTER) {
		enter_outcome(machine, &regs, &before, outcome);
		return;
	}
	host_outcome(&regs, OUTCOME_ANSWER, outcome);
	if (action != MOAT_HOST_RESUME) {
		host_machine_violate(machine, "a call took a wrong action");
	}
}

/* One try of an access; false if the engine says that it is to be retried. */
static bool try_host_access(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct host_access access = {
		op->word[0], op->word[1], op->kind == OP_HOST_WRITE};
	struct moat_ipa ipa = {op->word[0]};
	enum moat_action action;

	if (host_cpu_access(machine, op->cpu, &access)) {
		outcome->kind = OUTCOME_VALUE;
		outcome->word[0] = access.value;
		return true;
	}
	outcome->kind = OUTCOME_FAULT;
	action = host_machine_abort(machine, op->cpu, ipa);
	check_event(machine, action);
	return action == MOAT_HOST_INJECT;
}

/*
 * With one step at a time nobody else is changing the map, so that a retry can
 * only be for what this CPU had cached: the second try must do.
 */
static void do_host_access(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	for (int turn = 0; turn < HOST_RETRY_MAX; turn++) {
		if (try_host_access(machine, op, outcome)) {
			return;
		}
	}
	host_machine_violate(machine, "RETRY, but the access faults again");
}

/* The guest goes on: the first registers of its answer. */
static void resume_outcome(
	const struct moat_context *context, struct outcome *outcome)
{
	outcome->kind = OUTCOME_RESUME;
	memcpy(outcome->word, context->x, GUEST_ANSWER * sizeof(context->x[0]));
}

static void do_exit(struct host_machine *machine, const struct op *op,
	const struct moat_trap *trap, struct outcome *outcome)
{
	const uint64_t nothing[OP_WORDS] = {0};
	struct moat_regs regs = host_registers(nothing);
	struct moat_context *context = moat_context(machine->engine, op->cpu);
	enum moat_action action =
		host_machine_exit(machine, op->cpu, trap, &regs);

	check_step(machine, &regs, action);
	if (action == MOAT_GUEST_RESUME) {
		resume_outcome(context, outcome);
		return;
	}
	host_outcome(&regs, OUTCOME_EXIT, outcome);
	if (action != MOAT_HOST_RETURN) {
		host_machine_violate(machine, "an exit took a wrong action");
	}
}

static void do_guest_access(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	bool is_write = op->kind == OP_GUEST_WRITE;
	struct host_access access = {op->word[0], op->word[1], is_write};
	struct moat_trap trap = {MOAT_TRAP_ABORT,
		is_write ? MOAT_ACCESS_WRITE : MOAT_ACCESS_READ, {op->word[0]}};

	if (host_cpu_access(machine, op->cpu, &access)) {
		outcome->kind = OUTCOME_VALUE;
		outcome->word[0] = access.value;
		return;
	}
	do_exit(machine, op, &trap, outcome);
}

static void do_guest(struct host_machine *machine, const struct op *op,
	struct moat_context *context, struct outcome *outcome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};

	if (op->kind == OP_GUEST_SET) {
		context->x[op->word[0]] = op->word[1];
		outcome->kind = OUTCOME_DONE;
	} else if (op->kind == OP_GUEST_TRAP) {
		trap.kind = (enum moat_trap_kind)op->word[0];
		do_exit(machine, op, &trap, outcome);
	} else if (op->kind == OP_GUEST_CALL) {
		memcpy(context->x, op->word, sizeof(op->word));
		do_exit(machine, op, &trap, outcome);
	} else {
		do_guest_access(machine, op, outcome);
	}
}

void side_engine(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct moat_context *context = NULL;

	memset(outcome, 0, sizeof(*outcome));
	if (op->cpu >= machine->config.cpu_count) {
		return;
	}
	context = moat_context(machine->engine, op->cpu);
	if (op_is_of_host(op->kind) != (context == NULL)) {
		return;
	}
	if (op->kind == OP_CALL) {
		do_call(machine, op, outcome);
	} else if (!context) {
		do_host_access(machine, op, outcome);
	} else {
		do_guest(machine, op, context, outcome);
	}
}
