/* SPDX-License-Identifier: BSD-2-Clause */
#include "views/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "lockstep/shape.h"
#include "lockstep/side.h"

static void side_begin(
	struct pair *pair, struct side *side, const struct moat_config *config)
{
	struct model *engine;

	side->machine = host_machine_create(config, NULL);
	if (side->machine) {
		side->model = model_create(&side->machine->config);
	}
	if (!side->model ||
		!abstract_init(&side->abstract, side->machine, side->model)) {
		fprintf(stderr, "noninterference: no machine\n");
		exit(2);
	}
	engine = abstract_make(&side->abstract);
	deed_view(engine, pair->observer, &side->view);
	model_destroy(engine);
}

void pair_begin(
	struct pair *pair, uint32_t shape, uint32_t observer, uint64_t seed)
{
	struct moat_config config = shape_make(shape);

	memset(pair, 0, sizeof(*pair));
	pair->observer = observer;
	pair->random.state = seed;
	side_begin(pair, &pair->side[0], &config);
	side_begin(pair, &pair->side[1], &config);
}

void pair_end(struct pair *pair)
{
	for (uint32_t i = 0; i < 2; i++) {
		abstract_free(&pair->side[i].abstract);
		model_view_free(&pair->side[i].view);
		model_destroy(pair->side[i].model);
		host_machine_destroy(pair->side[i].machine);
	}
}

/* ---- Trials ------------------------------------------------------------ */

void trial_make(const struct pair *pair, uint32_t side, const struct op *op,
	struct trial *trial)
{
	const struct model *before = pair->side[side].model;
	struct model_deed deed;

	model_destroy(trial->after);
	trial->op = *op;
	trial->after = model_copy(before);
	trial->actor = deed_actor(before, op);
	trial->record.count = 0;
	side_model(trial->after, op, &trial->outcome);
	if (trial->actor != pair->observer &&
		trial->outcome.kind != OUTCOME_SKIPPED) {
		deed = deed_make(before, op, &trial->outcome);
		deed_record(before, trial->after, pair->observer, &deed,
			&trial->record);
	}
}

void trial_free(struct trial *trial)
{
	model_destroy(trial->after);
	model_view_free(&trial->record);
	memset(trial, 0, sizeof(*trial));
}

void pair_do(struct pair *pair, uint32_t side, struct trial *trial,
	struct outcome *outcome)
{
	struct side *at = &pair->side[side];

	host_machine_use(at->machine);
	side_engine(at->machine, &trial->op, outcome);
	model_destroy(at->model);
	at->model = trial->after;
	trial->after = NULL;
}

void pair_poke(struct pair *pair, uint32_t side, const struct op *op)
{
	struct outcome outcome;

	script_add_hidden(pair->script, side, op);
	host_machine_use(pair->side[side].machine);
	side_engine(pair->side[side].machine, op, &outcome);
	side_model(pair->side[side].model, op, &outcome);
}

/* ---- Views ------------------------------------------------------------- */

bool pair_look(struct pair *pair, uint32_t side)
{
	struct side *at = &pair->side[side];
	struct model *engine = abstract_make(&at->abstract);
	struct model_view before = at->view;
	bool is_same;

	memset(&at->view, 0, sizeof(at->view));
	deed_view(engine, pair->observer, &at->view);
	is_same = model_view_is_equal(&before, &at->view);
	model_view_free(&before);
	model_destroy(engine);
	return is_same;
}

/* The context of a vCPU that has registers, or NULL. */
static const struct moat_context *context_of(
	const struct side *side, uint32_t vm, uint32_t index)
{
	const struct moat *m = side->machine->engine;
	const struct vcpu *vcpu = &VCPU(m, vm, index);
	bool has_registers = vcpu->state == MOAT_VCPU_READY ||
			     vcpu->state == MOAT_VCPU_RUNNING;

	return has_registers ? &CONTEXT(m, vcpu->page) : NULL;
}

static bool contexts_are_alike(const struct pair *pair, uint32_t vm)
{
	for (uint32_t i = 0; i < MOAT_VCPU_MAX; i++) {
		const struct moat_context *a =
			context_of(&pair->side[0], vm, i);
		const struct moat_context *b =
			context_of(&pair->side[1], vm, i);

		if (!a != !b || (a && memcmp(a, b, sizeof(*a)) != 0)) {
			return false;
		}
	}
	return true;
}

bool pair_is_alike(const struct pair *pair)
{
	return model_view_is_equal(&pair->side[0].view, &pair->side[1].view) &&
	       (pair->observer == DEED_HOST ||
		       contexts_are_alike(pair, pair->observer - DEED_VM));
}

/* What an exit answers is for the host, not for the VM. */
bool pair_is_answered(
	const struct pair *pair, bool is_own, const struct outcome outcome[2])
{
	bool is_exit = outcome[0].kind == OUTCOME_EXIT ||
		       outcome[1].kind == OUTCOME_EXIT;

	if (!is_own && !(pair->observer == DEED_HOST && is_exit)) {
		return true;
	}
	if (pair->observer != DEED_HOST && is_exit) {
		return outcome[0].kind == outcome[1].kind;
	}
	return outcome_is_equal(&outcome[0], &outcome[1]);
}

/* ---- What is different ------------------------------------------------- */

static uint64_t count_bits(const void *a, const void *b, size_t size)
{
	uint64_t count = 0;

	for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
		uint64_t x;
		uint64_t y;

		memcpy(&x, (const unsigned char *)a + i, sizeof(x));
		memcpy(&y, (const unsigned char *)b + i, sizeof(y));
		for (x ^= y; x != 0; x &= x - 1) {
			count++;
		}
	}
	return count;
}

uint64_t pair_count_bits(const struct pair *pair)
{
	const struct host_machine *a = pair->side[0].machine;
	const struct host_machine *b = pair->side[1].machine;
	uint64_t count = 0;

	for (size_t page = 0; page < a->ram_size / MOAT_PAGE_SIZE; page++) {
		if (a->is_touched[page] || b->is_touched[page]) {
			count += count_bits(a->ram + page * MOAT_PAGE_SIZE,
				b->ram + page * MOAT_PAGE_SIZE, MOAT_PAGE_SIZE);
		}
	}
	return a->memory ? count + count_bits(
					   a->memory, b->memory, a->memory_size)
			 : count;
}

/* ---- Places ------------------------------------------------------------ */

bool pair_free_cpu(struct pair *pair, uint32_t side, uint32_t *cpu)
{
	const struct model *model = pair->side[side].model;
	uint32_t count = model_config(model)->cpu_count;
	uint32_t first = (uint32_t)random_below(&pair->random, count);
	struct op leave = {.kind = OP_GUEST_TRAP, .word = {MOAT_TRAP_IRQ}};

	for (uint32_t i = 0; i < count; i++) {
		*cpu = (first + i) % count;
		if (!model_cpu_at(model, *cpu).is_guest) {
			return true;
		}
	}
	for (uint32_t i = 0; i < count; i++) {
		*cpu = (first + i) % count;
		if (model_cpu_at(model, *cpu).vm + DEED_VM != pair->observer) {
			leave.cpu = *cpu;
			pair_poke(pair, side, &leave);
			return true;
		}
	}
	return false;
}

uint64_t pair_word(const struct pair *pair, uint32_t side, uint64_t pa)
{
	const unsigned char *bytes =
		host_machine_memory(pair->side[side].machine, pa);
	uint64_t word = 0;

	if (bytes) {
		memcpy(&word, bytes, sizeof(word));
	}
	return word;
}
