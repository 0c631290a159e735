/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confidentiality and integrity, tested as stated (docs/testing.md): two
 * machines that one observer, the host or a VM, cannot tell apart take steps,
 * and it still must not [CALL-2].
 *
 *     SC  a step of the observer's own, done in both: the answers are equal,
 *         refusals included, and so are the views after it
 *     LR  a step of somebody else of which there is no record for the observer,
 *         done in one of the two: its view is what it was
 *     RC  steps of others, a different one in each machine, with one record:
 *         the views are equal after it
 *
 * Whatever no record tells of is different in the two: each machine has its own
 * host and VMs as far as the observer is concerned. How much differs is
 * counted, and which operations were judged: a test of nothing would show. What
 * a view and a record are, model/view.h says.
 *
 *     noninterference [--steps N] [--pairs N] [--seed N] [--turns N]
 *
 * prints the table of docs/testing.md; of a finding, what is left once N turns
 * at most were done again without others. Exit status: 0 nobody can tell, 1
 * somebody can, or nothing was judged, 2 an argument is wrong.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/generate.h"
#include "lockstep/shape.h"
#include "views/pair.h"

enum { RULE_SC, RULE_LR, RULE_RC, RULE_COUNT };

static const char *const rule_names[RULE_COUNT] = {"SC", "LR", "RC"};

enum {
	STEPS_DEFAULT = 800,
	PAIRS_DEFAULT = 24,
	TURNS_DEFAULT = 300000,
	CALLS_MAX = 64,
	RESAMPLE = 32, /* steps until what is not seen is made random again */
	SAMPLE = 64, /* steps between two counts of bits, and all asking */
	DRAWS = 6, /* for an operation that concerns the observer */
	JUDGED_MIN = 2, /* times each call of the host is to be judged */
	BITS_MIN = 1000 /* that are to differ at a count, on the average */
};

/* Of all pairs of one kind of observer: the host, or a VM. */
struct tally {
	uint64_t judged[RULE_COUNT];
	uint64_t calls[CALLS_MAX]; /* SC of the host, RC of a VM, by call */
	uint64_t unmatched; /* no step of the second machine had the record */
	uint64_t refused; /* SC of refusals */
	uint64_t bits; /* at all counts */
	uint64_t counts;
	uint64_t least; /* bits at a count */
};

struct run {
	struct pair pair;
	struct tally *tally;
	struct trial first;
	struct trial second;
	uint64_t seed;
	uint64_t step;
};

/* ---- Findings ---------------------------------------------------------- */

static void print_op(const char *name, const struct trial *trial,
	const struct outcome *outcome)
{
	char text[2][OP_TEXT];

	op_print(&trial->op, text[0]);
	outcome_print(outcome, text[1]);
	printf("  %s: %s = %s\n", name, text[0], text[1]);
}

/* The first word in which the views differ. */
static void print_views(const struct pair *pair)
{
	const struct model_view *a = &pair->side[0].view;
	const struct model_view *b = &pair->side[1].view;

	for (size_t i = 0; i < a->count && i < b->count; i++) {
		if (a->word[i] != b->word[i]) {
			printf("  word %zu of the views: 0x%" PRIx64
			       " and 0x%" PRIx64 "\n",
				i, a->word[i], b->word[i]);
			return;
		}
	}
	printf("  the views have %zu and %zu words\n", a->count, b->count);
}

/* Always false, for the caller to return. */
static bool report(
	const struct run *run, uint32_t rule, const struct outcome *outcome)
{
	char name[16] = "the host";

	if (run->pair.observer != DEED_HOST) {
		snprintf(name, sizeof(name), "VM %u",
			run->pair.observer - DEED_VM);
	}
	printf("noninterference: %s: %s can tell (seed %" PRIu64
	       ", step %" PRIu64 ") [CALL-2]\n",
		rule_names[rule], name, run->seed, run->step);
	print_op("first", &run->first, &outcome[0]);
	if (rule != RULE_LR) {
		print_op("second", &run->second, &outcome[1]);
	}
	print_views(&run->pair);
	return false;
}

/* ---- Rules ------------------------------------------------------------- */

static void note_call(struct tally *tally, const struct op *op)
{
	const struct op_call *call = op_call_of(op);

	for (size_t i = 0; op->kind == OP_CALL && call &&
			   i < op_host_call_count() && i < CALLS_MAX;
		i++) {
		tally->calls[i] += call == op_host_call(i);
	}
}

static bool do_both(struct run *run, uint32_t rule)
{
	struct pair *pair = &run->pair;
	const struct turn turn = {
		.kind = rule == RULE_SC ? TURN_OWN : TURN_TOLD,
		.op = {run->first.op, run->second.op}};
	struct outcome outcome[2];

	script_add(pair->script, &turn);
	pair_do(pair, 0, &run->first, &outcome[0]);
	pair_do(pair, 1, &run->second, &outcome[1]);
	run->tally->judged[rule]++;
	(void)pair_look(pair, 0);
	(void)pair_look(pair, 1);
	if (!pair_is_answered(pair, rule == RULE_SC, outcome) ||
		!pair_is_alike(pair)) {
		return report(run, rule, outcome);
	}
	return true;
}

/* Where the vCPU that runs on @cpu of the first machine runs in the second. */
static uint32_t other_cpu(const struct pair *pair, uint32_t cpu)
{
	struct model_cpu runs = model_cpu_at(pair->side[0].model, cpu);
	const struct model_vcpu *vcpu =
		model_vcpu_at(pair->side[1].model, runs.vm, runs.vcpu);

	return runs.is_guest && vcpu ? vcpu->cpu : cpu;
}

/* SC: what the observer does, it does in both. */
static bool judge_own(struct run *run)
{
	struct op op = run->first.op;

	if (run->pair.observer != DEED_HOST) {
		op.cpu = other_cpu(&run->pair, op.cpu);
	} else {
		note_call(run->tally, &op);
		run->tally->refused += outcome_is_refusal(&run->first.outcome);
	}
	trial_make(&run->pair, 1, &op, &run->second);
	return do_both(run, RULE_SC);
}

/* LR: nobody told the observer anything. */
static bool judge_hidden(struct run *run, uint32_t side, struct trial *trial)
{
	struct outcome outcome[2];

	script_add_hidden(run->pair.script, side, &trial->op);
	pair_do(&run->pair, side, trial, &outcome[side]);
	run->tally->judged[RULE_LR]++;
	if (pair_look(&run->pair, side) && pair_is_alike(&run->pair)) {
		return true;
	}
	if (side == 1) {
		run->first.op = trial->op;
		outcome[0] = outcome[1];
	}
	return report(run, RULE_LR, outcome);
}

/* RC: something else is done in the second machine, with the same record. */
static bool judge_told(struct run *run)
{
	if (!mirror_find(&run->pair, &run->first, &run->second)) {
		run->tally->unmatched++;
		return true;
	}
	note_call(run->tally, &run->first.op);
	return do_both(run, RULE_RC);
}

/* Of a range that is done in part only that part is asked for, so that the
 * second machine needs no more than that. */
static void cut_range(struct run *run)
{
	struct op op = run->first.op;
	uint64_t done = run->first.outcome.word[1];
	const struct op_call *call = op_call_of(&op);

	for (uint32_t i = 0; call && i < call->argument_count; i++) {
		if (op.kind == OP_CALL && call->argument[i] == OP_COUNT &&
			done != 0 && op.word[i + 1] > done) {
			op.word[i + 1] = done;
			trial_make(&run->pair, 0, &op, &run->first);
			return;
		}
	}
}

/* ---- Runs -------------------------------------------------------------- */

/* The second machine does something that the observer is not told of. */
static bool step_second(struct run *run)
{
	struct pair *pair = &run->pair;
	struct op op;

	generate_op(pair->side[1].model, &pair->random, &op);
	trial_make(pair, 1, &op, &run->second);
	if (run->second.outcome.kind == OUTCOME_SKIPPED ||
		run->second.actor == pair->observer ||
		run->second.record.count != 0) {
		return true;
	}
	return judge_hidden(run, 1, &run->second);
}

static void count_bits(struct run *run)
{
	struct tally *tally = run->tally;
	uint64_t bits = pair_count_bits(&run->pair);

	tally->bits += bits;
	tally->least =
		tally->counts == 0 || bits < tally->least ? bits : tally->least;
	tally->counts++;
}

/* Whether the observer does it, or the host does it to the observer. */
static bool is_about(const struct pair *pair, const struct op *op)
{
	return pair->observer == DEED_HOST ||
	       deed_actor(pair->side[0].model, op) == pair->observer ||
	       (op->kind == OP_CALL && op->word[1] + DEED_VM == pair->observer);
}

static void draw(struct pair *pair, struct op *op)
{
	uint32_t count = 0;

	do {
		generate_op(pair->side[0].model, &pair->random, op);
	} while (++count < DRAWS && !is_about(pair, op));
}

static bool step(struct run *run)
{
	struct op op;

	draw(&run->pair, &op);
	trial_make(&run->pair, 0, &op, &run->first);
	if (run->first.outcome.kind == OUTCOME_SKIPPED) {
		return true;
	}
	if (run->first.actor == run->pair.observer) {
		return judge_own(run);
	}
	if (run->first.record.count != 0) {
		cut_range(run);
		return judge_told(run);
	}
	return judge_hidden(run, 0, &run->first) && step_second(run);
}

/* ---- Asking ------------------------------------------------------------ */

/* The vCPU that runs on @cpu makes the guest's call @index, all arguments zero;
 * false if nobody does, or does not go on at once. */
static bool try_ask(const struct pair *pair, uint32_t side, uint32_t cpu,
	size_t index, struct trial *trial)
{
	struct op op = {.kind = OP_GUEST_CALL, .cpu = cpu};

	op.word[0] = op_guest_call(index)->function;
	trial_make(pair, side, &op, trial);
	return trial->outcome.kind == OUTCOME_RESUME;
}

/* In the second machine: by any VM but the observer. */
static bool ask_hidden(struct run *run, uint32_t cpu, size_t index)
{
	return !try_ask(&run->pair, 1, cpu, index, &run->second) ||
	       run->second.actor == run->pair.observer ||
	       run->second.record.count != 0 ||
	       judge_hidden(run, 1, &run->second);
}

/* In both: by the observer, if it is a VM. */
static bool ask_own(struct run *run, uint32_t cpu, size_t index)
{
	return !try_ask(&run->pair, 0, cpu, index, &run->first) ||
	       run->first.actor != run->pair.observer || judge_own(run);
}

/*
 * Each VM that runs asks for all that it may be told: all others in the second
 * machine alone, then the observer. It comes after another past, in whatever
 * such answers could count or keep; steps drawn at random ask too seldom.
 */
static bool ask_all(struct run *run)
{
	uint32_t cpus = run->pair.side[0].machine->config.cpu_count;
	size_t count = op_guest_call_count();
	bool is_good = true;

	for (size_t i = 0; is_good && i < cpus * count; i++) {
		is_good = ask_hidden(run, (uint32_t)(i / count), i % count);
	}
	for (size_t i = 0; is_good && i < cpus * count; i++) {
		is_good = ask_own(run, (uint32_t)(i / count), i % count);
	}
	return is_good;
}

/* ---- Pairs ------------------------------------------------------------- */

/* The finding again, with nothing that it can do without. */
static void print_shortest(struct script *script, uint64_t turns)
{
	size_t count = script->count;

	fflush(stdout);
	if (!script_shrink(script, turns)) {
		printf("# done again, nobody can tell\n");
		return;
	}
	printf("# %zu of %zu turns are enough\n", script->count, count);
	script_print(script);
}

struct options {
	uint64_t steps;
	uint64_t pairs;
	uint64_t seed;
	uint64_t turns;
};

/* One pair, from the start; false if the observer can tell. */
static bool run_pair(struct tally *tally, uint32_t observer, uint64_t seed,
	const struct options *options)
{
	struct run run = {.tally = tally, .seed = seed};
	struct script script = {
		.shape = (uint32_t)(seed % SHAPE_COUNT), .observer = observer};
	bool is_good = true;

	pair_begin(&run.pair, script.shape, observer, seed);
	run.pair.script = &script;
	for (run.step = 0; is_good && run.step < options->steps; run.step++) {
		if (run.step % RESAMPLE == 0) {
			pair_resample(&run.pair);
		}
		is_good = step(&run);
		if (run.step % SAMPLE == SAMPLE - 1) {
			count_bits(&run);
			is_good = is_good && ask_all(&run);
		}
	}
	trial_free(&run.first);
	trial_free(&run.second);
	pair_end(&run.pair);
	if (!is_good) {
		print_shortest(&script, options->turns);
	}
	script_free(&script);
	return is_good;
}

/* ---- Figures ----------------------------------------------------------- */

static void print_tally(const char *name, const struct tally *tally)
{
	printf("| %s | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " | %" PRIu64
	       " | %" PRIu64 " | %" PRIu64 " | %" PRIu64 " |\n",
		name, tally->judged[RULE_SC], tally->refused,
		tally->judged[RULE_LR], tally->judged[RULE_RC],
		tally->unmatched,
		tally->bits / (tally->counts ? tally->counts : 1),
		tally->least);
}

/* A call that was hardly ever judged shows that the test is empty there. Calls
 * that only look have no record for a VM. */
static bool is_enough(const char *name, const struct tally *tally, bool is_host)
{
	bool is_good =
		tally->counts == 0 || tally->bits / tally->counts >= BITS_MIN;

	if (!is_good) {
		printf("noninterference: %s: too little differs\n", name);
	}
	for (size_t i = 0; i < op_host_call_count(); i++) {
		uint64_t number = op_host_call(i)->function - MOAT_FUNCTION(0);
		bool is_about_vm = number >= MOAT_VM_CREATE &&
				   number != MOAT_VM_INFO &&
				   number != MOAT_PAGE_INFO;

		if ((is_host || is_about_vm) && tally->calls[i] < JUDGED_MIN) {
			printf("noninterference: %s: %s was judged %" PRIu64
			       " times only\n",
				name, op_host_call(i)->name, tally->calls[i]);
			is_good = false;
		}
	}
	return is_good;
}

static bool parse(struct options *options, int count, char **word)
{
	const struct op_symbols none = {NULL, 0};

	for (int i = 1; i < count; i += 2) {
		uint64_t *value = NULL;

		if (strcmp(word[i], "--steps") == 0) {
			value = &options->steps;
		} else if (strcmp(word[i], "--pairs") == 0) {
			value = &options->pairs;
		} else if (strcmp(word[i], "--seed") == 0) {
			value = &options->seed;
		} else if (strcmp(word[i], "--turns") == 0) {
			value = &options->turns;
		}
		if (!value || i + 1 == count ||
			!op_parse_number(word[i + 1], &none, value)) {
			return false;
		}
	}
	return true;
}

int main(int count, char **word)
{
	struct options options = {
		STEPS_DEFAULT, PAIRS_DEFAULT, 1, TURNS_DEFAULT};
	struct tally tally[2] = {{.refused = 0}, {.refused = 0}};
	bool is_enough_judged;

	if (!parse(&options, count, word)) {
		fprintf(stderr, "usage: noninterference [--steps N] "
				"[--pairs N] [--seed N] [--turns N]\n");
		return 2;
	}
	for (uint64_t i = 0; i < options.pairs; i++) {
		uint64_t seed = options.seed + i;
		bool is_host = seed % 3 == 0;
		uint32_t observer = is_host ? DEED_HOST : DEED_VM + seed % 2;

		if (!run_pair(&tally[!is_host], observer, seed, &options)) {
			return 1;
		}
	}
	printf("| observer | SC | of them refusals | LR | RC | no match | "
	       "bits that differ | least |\n"
	       "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
	print_tally("the host", &tally[0]);
	print_tally("a VM", &tally[1]);
	is_enough_judged = is_enough("the host", &tally[0], true);
	return !is_enough("a VM", &tally[1], false) || !is_enough_judged;
}
