/* SPDX-License-Identifier: BSD-2-Clause */
#include "views/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/scene.h"
#include "views/pair.h"

enum { CAPACITY_FIRST = 256 };

/* What came of a script. */
enum verdict {
	VERDICT_ALIKE, /* nobody can tell */
	VERDICT_UNFAIR, /* a turn that the rules do not allow there */
	VERDICT_TOLD /* the observer can tell */
};

void script_add(struct script *script, const struct turn *turn)
{
	if (!script) {
		return;
	}
	if (script->count == script->capacity) {
		script->capacity = script->capacity ? 2 * script->capacity
						    : CAPACITY_FIRST;
		script->turn = realloc(
			script->turn, script->capacity * sizeof(*script->turn));
		if (!script->turn) {
			fprintf(stderr, "noninterference: no memory\n");
			exit(2);
		}
	}
	script->turn[script->count++] = *turn;
}

void script_add_hidden(
	struct script *script, uint32_t side, const struct op *op)
{
	struct turn turn = {.kind = TURN_HIDDEN, .side = side};

	turn.op[side] = *op;
	script_add(script, &turn);
}

void script_free(struct script *script)
{
	free(script->turn);
	memset(script, 0, sizeof(*script));
}

/* ---- Doing it again ---------------------------------------------------- */

struct replay {
	struct pair pair;
	struct trial trial[2];
};

static enum verdict take_hidden(struct replay *replay, const struct turn *turn)
{
	struct pair *pair = &replay->pair;
	struct trial *trial = &replay->trial[turn->side];
	struct outcome outcome;

	trial_make(pair, turn->side, &turn->op[turn->side], trial);
	if (trial->outcome.kind == OUTCOME_SKIPPED) {
		return VERDICT_ALIKE;
	}
	if (trial->actor == pair->observer || trial->record.count != 0) {
		return VERDICT_UNFAIR;
	}
	pair_do(pair, turn->side, trial, &outcome);
	return pair_look(pair, turn->side) && pair_is_alike(pair)
		       ? VERDICT_ALIKE
		       : VERDICT_TOLD;
}

/* The observer does the same, where it is; or is told the same. */
static bool is_fair(const struct replay *replay, const struct turn *turn)
{
	const struct trial *trial = replay->trial;
	uint32_t observer = replay->pair.observer;

	if (turn->kind == TURN_OWN) {
		return trial[0].actor == observer && trial[1].actor == observer;
	}
	return trial[0].actor != observer && trial[1].actor != observer &&
	       model_view_is_equal(&trial[0].record, &trial[1].record);
}

static enum verdict take_both(struct replay *replay, const struct turn *turn)
{
	struct pair *pair = &replay->pair;
	struct outcome outcome[2];
	bool is_told = false;

	for (uint32_t side = 0; side < 2; side++) {
		trial_make(pair, side, &turn->op[side], &replay->trial[side]);
		if (replay->trial[side].outcome.kind == OUTCOME_SKIPPED) {
			return VERDICT_UNFAIR;
		}
	}
	if (!is_fair(replay, turn)) {
		return VERDICT_UNFAIR;
	}
	for (uint32_t side = 0; side < 2; side++) {
		pair_do(pair, side, &replay->trial[side], &outcome[side]);
		(void)pair_look(pair, side);
	}
	is_told = pair_is_answered(pair, turn->kind == TURN_OWN, outcome);
	return is_told && pair_is_alike(pair) ? VERDICT_ALIKE : VERDICT_TOLD;
}

static enum verdict take(struct replay *replay, const struct turn *turn)
{
	switch (turn->kind) {
	case TURN_OWN:
	case TURN_TOLD:
		return take_both(replay, turn);
	case TURN_HIDDEN:
		return take_hidden(replay, turn);
	case TURN_WORD:
		pair_set_word(&replay->pair, turn->at, turn->value);
		break;
	case TURN_VCPU:
		replay->pair.random.state = turn->value;
		pair_set_vcpu(&replay->pair, turn->at);
		break;
	}
	return VERDICT_ALIKE;
}

/* All of @script; @count is how many turns it took to tell. */
static enum verdict run(const struct script *script, size_t *count)
{
	struct replay replay = {.pair = {.observer = 0}};
	enum verdict verdict = VERDICT_ALIKE;

	pair_begin(&replay.pair, script->shape, script->observer, 0);
	for (*count = 0; *count < script->count && verdict == VERDICT_ALIKE;
		++*count) {
		verdict = take(&replay, &script->turn[*count]);
	}
	trial_free(&replay.trial[0]);
	trial_free(&replay.trial[1]);
	pair_end(&replay.pair);
	return verdict;
}

/* ---- Leaving out ------------------------------------------------------- */

struct shrinker {
	struct script *script;
	uint64_t turns; /* that may yet be done again */
};

/* Whether it tells; not asked any more when that has taken long enough. */
static bool still_tells(
	struct shrinker *shrinker, const struct script *script, size_t *count)
{
	enum verdict verdict;

	if (shrinker->turns == 0) {
		return false;
	}
	verdict = run(script, count);
	shrinker->turns -= *count < shrinker->turns ? *count : shrinker->turns;
	return verdict == VERDICT_TOLD;
}

/* @trial takes the place of the script if it still tells; or it is freed. */
static bool keep_if_told(struct shrinker *shrinker, struct script *trial)
{
	size_t used;

	if (!still_tells(shrinker, trial, &used)) {
		script_free(trial);
		return false;
	}
	script_free(shrinker->script);
	*shrinker->script = *trial;
	shrinker->script->count = used;
	return true;
}

/* Try it without @count turns from @first on. */
static bool leave_out(struct shrinker *shrinker, size_t first, size_t count)
{
	const struct script *script = shrinker->script;
	struct script trial = {
		.shape = script->shape, .observer = script->observer};

	for (size_t i = 0; i < script->count; i++) {
		if (i < first || i >= first + count) {
			script_add(&trial, &script->turn[i]);
		}
	}
	return keep_if_told(shrinker, &trial);
}

/* Try it without secrets: there are many, and often none is needed. */
static void leave_out_secrets(struct shrinker *shrinker)
{
	const struct script *script = shrinker->script;
	struct script trial = {
		.shape = script->shape, .observer = script->observer};

	for (size_t i = 0; i < script->count; i++) {
		if (script->turn[i].kind < TURN_WORD) {
			script_add(&trial, &script->turn[i]);
		}
	}
	(void)keep_if_told(shrinker, &trial);
}

/* One pass from the end, in pieces of @size that begin @stride apart; whether
 * anything went. */
static bool pass(struct shrinker *shrinker, size_t size, size_t stride)
{
	struct script *script = shrinker->script;
	bool has_shrunk = false;
	size_t first = script->count;

	while (first > 0) {
		first = first > stride ? first - stride : 0;
		if (first < script->count) {
			has_shrunk |= leave_out(shrinker, first, size);
		}
	}
	return has_shrunk;
}

/* A run and what ends it can only go together, and so may three things. */
static bool pass_few(struct shrinker *shrinker)
{
	bool has_shrunk = pass(shrinker, 1, 1);

	has_shrunk |= pass(shrinker, 2, 1);
	return pass(shrinker, 3, 1) || has_shrunk;
}

/* One word of a turn as 0, on both sides, if that tells as well. */
static void try_zero(
	struct shrinker *shrinker, struct turn *turn, uint32_t word)
{
	const struct turn old = *turn;
	size_t used;

	if (turn->op[0].word[word] == 0 && turn->op[1].word[word] == 0) {
		return;
	}
	turn->op[0].word[word] = 0;
	turn->op[1].word[word] = 0;
	if (!still_tells(shrinker, shrinker->script, &used) ||
		used != shrinker->script->count) {
		*turn = old;
	}
}

static void simplify(struct shrinker *shrinker)
{
	for (size_t i = 0; i < shrinker->script->count; i++) {
		struct turn *turn = &shrinker->script->turn[i];
		uint32_t side = turn->kind == TURN_HIDDEN ? turn->side : 0;

		for (uint32_t word = 0;
			word < OP_WORDS && turn->kind < TURN_WORD; word++) {
			if (op_is_plain(&turn->op[side], word)) {
				try_zero(shrinker, turn, word);
			}
		}
	}
}

bool script_shrink(struct script *script, uint64_t turns)
{
	struct shrinker shrinker = {script, turns};
	size_t used;

	if (run(script, &used) != VERDICT_TOLD) {
		return false;
	}
	script->count = used;
	leave_out_secrets(&shrinker);
	for (size_t size = script->count / 2; size > 1; size /= 2) {
		(void)pass(&shrinker, size, size);
	}
	while (pass_few(&shrinker)) {
	}
	simplify(&shrinker);
	return true;
}

/* ---- Printing ---------------------------------------------------------- */

static void print_side(const struct script *script, uint32_t side)
{
	struct moat_config config = shape_make(script->shape);
	struct scene scene = scene_make(&config);

	for (size_t i = 0; i < script->count; i++) {
		const struct turn *turn = &script->turn[i];
		struct scene_step step = {.op = turn->op[side]};
		bool is_both =
			turn->kind == TURN_OWN || turn->kind == TURN_TOLD;

		if (is_both ||
			(turn->kind == TURN_HIDDEN && turn->side == side)) {
			scene_add(&scene, &step);
		}
	}
	printf("# the %s of two\n", side == 0 ? "first" : "second");
	scene_write(&scene, stdout);
	scene_free(&scene);
}

/* After which operation of the second scene, from 1 on. */
static void print_secrets(const struct script *script)
{
	size_t done = 0;

	for (size_t i = 0; i < script->count; i++) {
		const struct turn *turn = &script->turn[i];

		if (turn->kind == TURN_WORD) {
			printf("# secret, after %zu of its operations: "
			       "0x%" PRIx64 " at 0x%" PRIx64 "\n",
				done, turn->value, turn->at);
		} else if (turn->kind == TURN_VCPU) {
			printf("# secret, after %zu of its operations: the "
			       "registers of VM %" PRIu64 " vCPU %" PRIu64 "\n",
				done, turn->at / MOAT_VCPU_MAX,
				turn->at % MOAT_VCPU_MAX);
		} else {
			done += turn->kind != TURN_HIDDEN || turn->side == 1;
		}
	}
}

void script_print(const struct script *script)
{
	print_side(script, 0);
	print_side(script, 1);
	print_secrets(script);
}
