/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat-schedule                      all orders of all pairs of steps, and of a
 *                                    fixed sample of triples
 * moat-schedule --triples            all orders of all pairs and all triples
 * moat-schedule --compare            pairs and a sample of triples: does the
 *                                    reduction by races find as many orders as
 *                                    the simpler one?
 * moat-schedule --random N [SEED]    N random orders of many steps of 6 CPUs
 * moat-schedule --replay TEXT ORDER  one order, of the scripts in TEXT
 * moat-schedule --list               the steps, by number
 *
 * A run that fails prints its steps, as few as it could find, and how to replay
 * it. Exit status: 0 good, 1 not, 2 for words that it does not know.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/scene.h"
#include "schedule/schedule.h"
#include "schedule/script.h"
#include "stress/machine.h"

enum {
	SAMPLE = 29, /* one in so many triples is tried by default */
	SAMPLE_COMPARED = 97
};

static struct scripts scripts;
static struct outcome outcome;
static uint64_t programs;
static bool is_compared;

static void show_failure(void)
{
	printf("schedule: %s\n", outcome.failure);
	scripts_show(&scripts, outcome.order);
}

/* ---- Pairs and triples ------------------------------------------------- */

/* One step for each coroutine, each on a CPU of its own; false if two want the
 * same CPU. */
static bool scripts_fill(const size_t *step, uint32_t count)
{
	uint32_t hosts = 0;
	bool is_used[SCENE_CPUS + 1] = {false};

	scripts.count = count;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t cpu = step_at(step[i])->cpu;

		if (cpu == CPU_ANY_HOST) {
			cpu = hosts;
			hosts++;
		}
		if (is_used[cpu]) {
			return false;
		}
		is_used[cpu] = true;
		scripts.of[i].cpu = cpu;
		scripts.of[i].count = 1;
		scripts.of[i].step[0] = step[i];
	}
	return true;
}

/* Both reductions run one order of each class to its end. */
static bool counts_agree(const struct program *program, uint64_t found)
{
	static struct outcome simple;

	simple.orders = 0;
	schedule_all(program, true, &simple);
	if (simple.orders == found) {
		return true;
	}
	printf("schedule: %llu orders by races, %llu by sleep sets alone:\n",
		(unsigned long long)found, (unsigned long long)simple.orders);
	scripts_show(&scripts, "");
	return false;
}

static bool explore(const size_t *step, uint32_t count)
{
	uint64_t before = outcome.orders;
	struct program program;

	if (!scripts_fill(step, count)) {
		return true;
	}
	program = scripts_program(&scripts);
	programs++;
	schedule_all(&program, false, &outcome);
	if (outcome.failure != NULL) {
		show_failure();
		return false;
	}
	return !is_compared || counts_agree(&program, outcome.orders - before);
}

/* To the totals of what came before. */
static void report(const char *what)
{
	printf("schedule: %s: %llu programs, %llu orders, %llu cut, %llu "
	       "points\n",
		what, (unsigned long long)programs,
		(unsigned long long)outcome.orders,
		(unsigned long long)outcome.cut,
		(unsigned long long)outcome.points);
	programs = 0;
	outcome.orders = 0;
	outcome.cut = 0;
	outcome.points = 0;
}

static bool explore_pairs(void)
{
	size_t step[2];

	for (step[0] = 0; step[0] < step_count(); step[0]++) {
		for (step[1] = step[0]; step[1] < step_count(); step[1]++) {
			if (!explore(step, 2)) {
				return false;
			}
		}
	}
	report("pairs");
	return true;
}

/* Accesses have many places to go, at each descriptor that a step writes: two
 * of them at once, or one beside hundreds of descriptors, are for the pairs and
 * the random ones. */
static bool is_for_triples(const size_t *step)
{
	uint32_t accesses = 0;
	bool is_wide = false;

	for (uint32_t i = 0; i < 3; i++) {
		accesses += step_at(step[i])->kind >= STEP_READ;
		is_wide |= step_at(step[i])->is_wide;
	}
	return accesses == 0 || (accesses == 1 && !is_wide);
}

static bool explore_triple(const size_t *step, size_t sample)
{
	static size_t number;

	if (!is_for_triples(step)) {
		return true;
	}
	number++;
	return number % sample != 0 || explore(step, 3);
}

/* Those that begin with two given steps. */
static bool explore_thirds(size_t *step, size_t sample)
{
	for (step[2] = step[1]; step[2] < step_count(); step[2]++) {
		if (!explore_triple(step, sample)) {
			return false;
		}
	}
	return true;
}

static bool explore_triples(size_t sample)
{
	size_t step[3];

	for (step[0] = 0; step[0] < step_count(); step[0]++) {
		for (step[1] = step[0]; step[1] < step_count(); step[1]++) {
			if (!explore_thirds(step, sample)) {
				return false;
			}
		}
	}
	report(sample == 1 ? "triples" : "a sample of triples");
	return true;
}

/* ---- Random ------------------------------------------------------------ */

static uint64_t state;

static size_t draw(size_t below)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (size_t)(state >> 33) % below;
}

/* A step that @cpu can do at first, or one for when it has changed sides. */
static size_t draw_step(uint32_t cpu)
{
	size_t step = draw(step_count());

	while (step_at(step)->is_wide || (step_at(step)->cpu != CPU_ANY_HOST &&
						 step_at(step)->cpu != cpu)) {
		step = draw(step_count());
	}
	return step;
}

static bool explore_random(uint64_t seed)
{
	struct program program;

	state = seed;
	scripts.count = SCENE_CPUS;
	for (uint32_t i = 0; i < SCENE_CPUS; i++) {
		struct script *script = &scripts.of[i];

		script->cpu = i;
		script->count = 1 + (uint32_t)draw(ACTS_MAX);
		for (uint32_t k = 0; k < script->count; k++) {
			script->step[k] = draw_step(i);
		}
	}
	program = scripts_program(&scripts);
	programs++;
	schedule_random(&program, seed, &outcome);
	if (outcome.failure != NULL) {
		printf("schedule: seed %llu\n", (unsigned long long)seed);
		scripts_shrink(&scripts, &outcome);
		show_failure();
	}
	return outcome.failure == NULL;
}

static bool explore_randoms(uint64_t runs, uint64_t seed)
{
	for (uint64_t i = 0; i < runs; i++) {
		if (!explore_random(seed + i)) {
			return false;
		}
	}
	report("random");
	return true;
}

/* ---- The whole --------------------------------------------------------- */

static void usage(void)
{
	fprintf(stderr, "usage: moat-schedule [--triples | --compare | "
			"--random N [SEED] | --replay TEXT ORDER | --list]\n");
	exit(2);
}

static bool replay(const char *text, const char *order)
{
	struct program program;

	if (!scripts_read(text, &scripts)) {
		usage();
	}
	program = scripts_program(&scripts);
	programs++;
	schedule_replay(&program, order, &outcome);
	if (outcome.failure != NULL) {
		show_failure();
	} else {
		report("one order");
	}
	return outcome.failure == NULL;
}

static uint64_t number(const char *text)
{
	char *end = NULL;
	uint64_t value = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != 0) {
		usage();
	}
	return value;
}

static bool list(void)
{
	for (size_t i = 0; i < step_count(); i++) {
		printf("%zu %s\n", i, step_at(i)->name);
	}
	return true;
}

static bool choose(int count, char **words)
{
	const char *word = count > 1 ? words[1] : "";

	if (count == 1) {
		return explore_pairs() && explore_triples(SAMPLE);
	}
	if (count == 2 && strcmp(word, "--triples") == 0) {
		return explore_pairs() && explore_triples(1);
	}
	if (count == 2 && strcmp(word, "--compare") == 0) {
		is_compared = true;
		return explore_pairs() && explore_triples(SAMPLE_COMPARED);
	}
	if ((count == 3 || count == 4) && strcmp(word, "--random") == 0) {
		return explore_randoms(
			number(words[2]), count == 4 ? number(words[3]) : 1);
	}
	if (count == 4 && strcmp(word, "--replay") == 0) {
		return replay(words[2], words[3]);
	}
	if (count == 2 && strcmp(word, "--list") == 0) {
		return list();
	}
	usage();
	return false;
}

int main(int count, char **words)
{
	bool good;

	scene_begin();
	good = step_count() > 0 && choose(count, words);
	printf("schedule: %s\n", good ? "good" : "BAD");
	return good ? 0 : 1;
}
