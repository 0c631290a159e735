/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * [CALL-2] Equal views give equal answers: two engines run one history, but in
 * the second every secret of every VM is another one: what vCPUs write to pages
 * that only their VM has, and what stands in registers they do not declare. The
 * host must not be able to tell the two apart: every answer, exit record, load
 * and abort of the host is the same, status codes included; and so is every
 * answer of the engine to a vCPU.
 *
 * So is the view that the host has of the state after each step, and that of
 * the VM in whose eyes nothing is different (model/view.h): histories take
 * turns, every second one keeps the secrets of one VM as they are. That VM then
 * is an observer too, and loads the same values.
 *
 * A history without secrets would prove nothing, so the private stores and
 * registers that were made different are counted, and so are the histories at
 * whose end memory is different. And the comparison itself must be able to
 * fail: the last run changes what the *host* writes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/generate.h"
#include "lockstep/shape.h"
#include "lockstep/side.h"
#include "model/view.h"

#define SECRET UINT64_C(0x5ec2e75ec2e75ec2)

enum { HISTORIES = 60, STEPS = 4000, NO_VM = MOAT_VM_MAX };

/* What is different in the second run. */
enum change { CHANGE_SECRETS, CHANGE_HOST_DATA };

struct pair {
	struct host_machine *machine[2];
	struct model *model[2]; /* the first one for the generator, too */
	struct model_view view[2];
	uint32_t observer; /* the VM whose secrets are the same, or NO_VM */
	uint64_t secrets; /* stores and registers that were made different */
	uint64_t steps; /* compared */
};

/* Whether the store goes to a page that only the VM has. */
static bool is_private(const struct model *model, const struct op *op)
{
	struct model_cpu cpu = model_cpu_at(model, op->cpu);
	struct model_page page;
	struct moat_ipa ipa = {op->word[0]};
	struct moat_pa pa;

	return cpu.is_guest && model_translate(model, cpu.vm, ipa, &pa) &&
	       model_page_at(model, pa, &page) && page.state == MOAT_PAGE_VM;
}

/* A share makes a secret public, which is the guest's right: left away. */
static bool is_left_away(const struct op *op)
{
	return op->kind == OP_GUEST_CALL &&
	       (uint32_t)op->word[0] == MOAT_FUNCTION(MOAT_GUEST_SHARE);
}

/*
 * A trapped store shows its register to the host, so such a trap is made one of
 * the zero register. Everything else that shows a register sets it first.
 */
static void hide_stored_register(struct op *op)
{
	if (op->kind == OP_GUEST_TRAP) {
		op->word[5] = 31;
	}
}

/* The registers that a host_call does not declare. */
static void hide_undeclared(struct op *op)
{
	if ((uint32_t)op->word[0] != MOAT_FUNCTION(MOAT_GUEST_HOST_CALL) ||
		op->word[1] > MOAT_HOST_CALL_MAX) {
		return;
	}
	for (uint64_t i = 2 + op->word[1]; i < OP_GUEST_WORDS; i++) {
		op->word[i] ^= SECRET;
	}
}

/* Whether it is the observer that does it. */
static bool is_observers(const struct pair *pair, const struct op *op)
{
	struct model_cpu cpu = model_cpu_at(pair->model[0], op->cpu);

	return cpu.is_guest && cpu.vm == pair->observer;
}

static struct op other(
	const struct pair *pair, const struct op *op, enum change change)
{
	const struct model *model = pair->model[0];
	struct op changed = *op;
	bool is_register =
		op->kind == OP_GUEST_SET && op->word[0] <= OP_PC_REGISTER;

	if (change == CHANGE_HOST_DATA) {
		changed.word[1] ^= op->kind == OP_HOST_WRITE ? SECRET : 0;
	} else if (is_observers(pair, op)) {
		return changed;
	} else if (is_register ||
		   (op->kind == OP_GUEST_WRITE && is_private(model, op))) {
		changed.word[1] ^= SECRET;
	} else if (op->kind == OP_GUEST_CALL) {
		hide_undeclared(&changed);
	}
	return changed;
}

/* What a vCPU loads or stores without a fault is its own affair, and so are its
 * registers when it is resumed after an abort that leads to memory by now. If
 * it is the observer's, it is to be the same. */
static bool is_inside(const struct pair *pair, const struct op *op,
	const struct outcome *outcome)
{
	bool is_access =
		op->kind == OP_GUEST_READ || op->kind == OP_GUEST_WRITE;
	bool is_trap = op->kind == OP_GUEST_TRAP;

	return !is_observers(pair, op) &&
	       ((is_access && outcome->kind == OUTCOME_VALUE) ||
		       (is_trap && outcome->kind == OUTCOME_RESUME));
}

static bool is_indistinguishable(const struct pair *pair, const struct op *op,
	const struct outcome *a, const struct outcome *b)
{
	return (is_inside(pair, op, a) && is_inside(pair, op, b)) ||
	       outcome_is_equal(a, b);
}

/* The views of the host, and of the observer. */
static bool is_view_equal(struct pair *pair)
{
	for (uint32_t i = 0; i < 2; i++) {
		model_view_host(pair->model[i], &pair->view[i]);
	}
	if (!model_view_is_equal(&pair->view[0], &pair->view[1])) {
		return false;
	}
	if (pair->observer == NO_VM) {
		return true;
	}
	for (uint32_t i = 0; i < 2; i++) {
		model_view_vm(pair->model[i], pair->observer, &pair->view[i]);
	}
	return model_view_is_equal(&pair->view[0], &pair->view[1]);
}

static void report(const struct op *op, const struct outcome *a,
	const struct outcome *b, uint64_t seed)
{
	char text[3][OP_TEXT];

	op_print(op, text[0]);
	outcome_print(a, text[1]);
	outcome_print(b, text[2]);
	printf("views: seed %" PRIu64 ": %s\n  %s\n  %s\n", seed, text[0],
		text[1], text[2]);
}

/* One step of both; false if the host, or the vCPU, could tell. */
static bool step(struct pair *pair, struct op *op, enum change change,
	uint64_t seed, bool is_quiet)
{
	struct op changed = other(pair, op, change);
	struct outcome outcome[2];
	struct outcome expected;
	/* Before the step: it may end the run of who takes it. */
	bool is_same;

	host_machine_use(pair->machine[0]);
	side_engine(pair->machine[0], op, &outcome[0]);
	host_machine_use(pair->machine[1]);
	side_engine(pair->machine[1], &changed, &outcome[1]);
	is_same = is_indistinguishable(pair, op, &outcome[0], &outcome[1]);
	side_model(pair->model[0], op, &expected);
	side_model(pair->model[1], &changed, &expected);
	pair->steps++;
	pair->secrets += memcmp(&changed, op, sizeof(changed)) != 0 &&
			 outcome[0].kind != OUTCOME_SKIPPED;
	if (is_same && is_view_equal(pair)) {
		return true;
	}
	if (!is_quiet) {
		report(op, &outcome[0], &outcome[1], seed);
	}
	return false;
}

/* A history of its own for each seed; false as soon as the two can be told. */
static bool history(struct pair *pair, uint64_t seed, enum change change)
{
	struct random random = {seed};

	for (uint32_t i = 0; i < STEPS; i++) {
		struct op op;

		generate_op(pair->model[0], &random, &op);
		hide_stored_register(&op);
		if (!is_left_away(&op) && !step(pair, &op, change, seed,
						  change == CHANGE_HOST_DATA)) {
			return false;
		}
	}
	return true;
}

static void begin(struct pair *pair, uint32_t shape)
{
	struct moat_config config = shape_make(shape);

	for (uint32_t i = 0; i < 2; i++) {
		pair->machine[i] = host_machine_create(&config, NULL);
		if (!pair->machine[i]) {
			printf("views: no machine\n");
			exit(2);
		}
		pair->model[i] = model_create(&pair->machine[i]->config);
	}
}

static void end(struct pair *pair)
{
	for (uint32_t i = 0; i < 2; i++) {
		model_destroy(pair->model[i]);
		model_view_free(&pair->view[i]);
		host_machine_destroy(pair->machine[i]);
	}
}

/* Of all histories. */
struct count {
	uint64_t steps;
	uint64_t secrets;
	uint32_t alike; /* nobody could tell */
	uint32_t hidden; /* and memory is different at the end */
};

static bool is_memory_different(const struct pair *pair)
{
	return memcmp(pair->machine[0]->ram, pair->machine[1]->ram,
		       pair->machine[0]->ram_size) != 0;
}

static struct count run(enum change change)
{
	struct count count = {.steps = 0};

	for (uint64_t seed = 1; seed <= HISTORIES; seed++) {
		struct pair pair = {.observer = seed % 2 == 0 ? 0 : NO_VM};
		bool is_alike;

		begin(&pair, (uint32_t)(seed % SHAPE_COUNT));
		is_alike = history(&pair, seed, change);
		count.steps += pair.steps;
		count.secrets += pair.secrets;
		count.alike += is_alike;
		count.hidden += is_alike && is_memory_different(&pair);
		end(&pair);
	}
	return count;
}

int main(void)
{
	struct count secrets = run(CHANGE_SECRETS);
	struct count control = run(CHANGE_HOST_DATA);

	printf("views: %" PRIu64 " steps of %d histories, %" PRIu64
	       " secrets changed, %u told apart; memory differed in %u; "
	       "control: %u told apart\n",
		secrets.steps, HISTORIES, secrets.secrets,
		HISTORIES - secrets.alike, secrets.hidden,
		HISTORIES - control.alike);
	return secrets.alike < HISTORIES || secrets.hidden < HISTORIES / 4 ||
	       control.alike > HISTORIES / 4;
}
