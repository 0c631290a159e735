/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat-schedule                       all orders of all pairs of steps, and of
 *                                     triples that a fixed choice picks
 * moat-schedule --triples             all orders of all triples
 * moat-schedule --random N [SEED]     N random orders of many steps of 6 CPUs
 * moat-schedule --replay S,S,.. ORDER one order, of steps by number
 *
 * A run that fails prints the steps, by number and name, and the order, as
 * --replay takes them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule/scene.h"
#include "schedule/schedule.h"
#include "stress/machine.h"

enum {
	ACTS_MAX = 8, /* of one CPU */
	SAMPLE = 13 /* one in so many triples is tried by default */
};

/* What each coroutine does: the steps of one CPU, one after another. */
struct script {
	uint32_t cpu;
	uint32_t count;
	const struct step *step[ACTS_MAX];
};

static struct script scripts[CPU_MAX];
static struct outcome outcome;
static uint64_t programs;

/* Steps of a guest that left its VM by an earlier one are not done, and a host
 * that has entered a VM makes no calls. */
static bool may_do(const struct step *step, uint32_t cpu)
{
	bool is_guest = moat_cpu_context(machine.engine, cpu) != NULL;

	return is_guest == (step->cpu != CPU_ANY_HOST);
}

static void act(uint32_t number)
{
	const struct script *script = &scripts[number];

	for (uint32_t i = 0; i < script->count; i++) {
		if (may_do(script->step[i], script->cpu)) {
			step_do(script->step[i], script->cpu);
		}
	}
}

static struct program program_make(uint32_t count)
{
	struct program program = {
		count, false, scene_restore, act, scene_check};

	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t k = 0; k < scripts[i].count; k++) {
			program.has_access |=
				scripts[i].step[k]->kind >= STEP_READ;
		}
	}
	return program;
}

static void show(uint32_t count)
{
	printf("schedule: %s\n", outcome.failure);
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t k = 0; k < scripts[i].count; k++) {
			printf("  %u: CPU %u: %s\n", i, scripts[i].cpu,
				scripts[i].step[k]->name);
		}
	}
	printf("  order %s\n", outcome.order);
}

/* ---- Pairs and triples ------------------------------------------------- */

/* One step for each coroutine, each on a CPU of its own; false if two want the
 * same CPU. */
static bool scripts_fill(const size_t *step, uint32_t count)
{
	uint32_t hosts = 0;
	bool is_used[SCENE_CPUS + 1] = {false};

	for (uint32_t i = 0; i < count; i++) {
		const struct step *one = step_at(step[i]);
		uint32_t cpu = one->cpu;

		if (cpu == CPU_ANY_HOST) {
			cpu = hosts;
			hosts++;
		}
		if (is_used[cpu]) {
			return false;
		}
		is_used[cpu] = true;
		scripts[i].cpu = cpu;
		scripts[i].count = 1;
		scripts[i].step[0] = one;
	}
	return true;
}

static void show_replay(const size_t *step, uint32_t count)
{
	printf("  --replay ");
	for (uint32_t i = 0; i < count; i++) {
		printf("%s%zu", i == 0 ? "" : ",", step[i]);
	}
	printf(" %s\n", outcome.order);
}

static bool explore(const size_t *step, uint32_t count)
{
	struct program program;

	if (!scripts_fill(step, count)) {
		return true;
	}
	program = program_make(count);
	programs++;
	schedule_all(&program, &outcome);
	if (outcome.failure != NULL) {
		show(count);
		show_replay(step, count);
	}
	return outcome.failure == NULL;
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
	return true;
}

/* Accesses have many places to go: three at once are for the random ones. */
static bool is_for_triples(const size_t *step)
{
	uint32_t accesses = 0;

	for (uint32_t i = 0; i < 3; i++) {
		accesses += step_at(step[i])->kind >= STEP_READ;
		if (step_at(step[i])->is_wide) {
			return false;
		}
	}
	return accesses < 2;
}

static bool explore_triple(const size_t *step, size_t sample)
{
	static size_t number;

	number++;
	if (!is_for_triples(step) || number % sample != 0) {
		return true;
	}
	return explore(step, 3);
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
static const struct step *draw_step(uint32_t cpu)
{
	const struct step *step = step_at(draw(step_count()));

	while (step->is_wide ||
		(step->cpu != CPU_ANY_HOST && step->cpu != cpu)) {
		step = step_at(draw(step_count()));
	}
	return step;
}

static bool explore_random(uint64_t seed)
{
	struct program program;

	state = seed;
	for (uint32_t i = 0; i < SCENE_CPUS; i++) {
		scripts[i].cpu = i;
		scripts[i].count = 1 + (uint32_t)draw(ACTS_MAX);
		for (uint32_t k = 0; k < scripts[i].count; k++) {
			scripts[i].step[k] = draw_step(i);
		}
	}
	program = program_make(SCENE_CPUS);
	programs++;
	schedule_random(&program, seed, &outcome);
	if (outcome.failure != NULL) {
		show(SCENE_CPUS);
		printf("  --random 1 %llu\n", (unsigned long long)seed);
	}
	return outcome.failure == NULL;
}

static bool explore_randoms(uint64_t runs, uint64_t seed)
{
	bool good = true;

	for (uint64_t i = 0; i < runs && good; i++) {
		good = explore_random(seed + i);
	}
	return good;
}

/* ---- The whole --------------------------------------------------------- */

static bool replay(const char *list, const char *order)
{
	size_t step[3];
	uint32_t count = 0;
	struct program program;

	while (count < 3 && *list >= '0' && *list <= '9') {
		char *end;

		step[count] = strtoul(list, &end, 10);
		list = *end == ',' ? end + 1 : end;
		if (step[count] >= step_count()) {
			return false;
		}
		count++;
	}
	if (!scripts_fill(step, count)) {
		return false;
	}
	program = program_make(count);
	programs++;
	schedule_replay(&program, order, &outcome);
	if (outcome.failure != NULL) {
		show(count);
	}
	return outcome.failure == NULL;
}

static bool choose(int count, char **words)
{
	const char *word = count > 1 ? words[1] : "";

	if (count == 1) {
		return explore_pairs() && explore_triples(SAMPLE);
	}
	if (count == 2 && strcmp(word, "--triples") == 0) {
		return explore_triples(1);
	}
	if (count >= 3 && strcmp(word, "--random") == 0) {
		return explore_randoms(strtoull(words[2], NULL, 10),
			count > 3 ? strtoull(words[3], NULL, 10) : 1);
	}
	if (count == 4 && strcmp(word, "--replay") == 0) {
		return replay(words[2], words[3]);
	}
	fprintf(stderr, "usage: moat-schedule [--triples | --random N [SEED] |"
			" --replay S,S,.. ORDER]\n");
	exit(2);
}

int main(int count, char **words)
{
	bool good;

	scene_begin();
	good = step_count() > 0 && choose(count, words);
	printf("schedule: %zu steps, %llu programs, %llu orders, %llu cut, "
	       "%llu points: %s\n",
		step_count(), (unsigned long long)programs,
		(unsigned long long)outcome.orders,
		(unsigned long long)outcome.cut,
		(unsigned long long)outcome.points, good ? "good" : "BAD");
	return good ? 0 : 1;
}
