/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stress/machine.h"

enum { DEPTH_MAX = 4096 };

/* A point where one goes on. */
struct node {
	uint32_t enabled;
	uint32_t asleep; /* to go on with these would repeat an order */
	uint32_t wanted; /* to be tried */
	uint32_t tried;
	uint32_t chosen;
	struct operation next[CPU_MAX];
	const void *released; /* lock, in what came of the choice */
	/* Of each CPU, how many nodes from the root lead to the last of its
	 * operations that the one done here comes after; 0: none does. */
	uint32_t clock[CPU_MAX];
};

static struct node path[DEPTH_MAX];
static uint32_t depth; /* of this run so far */
static uint32_t kept; /* of it, prescribed */
static uint32_t cpus;
static enum reduction reduction;
static uint32_t last[CPU_MAX]; /* as clock: of each CPU, in this run */

uint32_t set_first(uint32_t set)
{
	uint32_t number = 0;

	while (number < NOBODY && (set & set_of(number)) == 0) {
		number++;
	}
	return number;
}

/* ---- Dependence -------------------------------------------------------- */

/*
 * An access walks by an index at each level, so a descriptor at another index
 * is nothing to it. Invalidation and scrubbing may be about any page.
 */
static bool work_matters(const struct operation *work, uint64_t ipa)
{
	uint64_t index = (uintptr_t)work->at / 8 % 512;

	return work->at == NULL || (uintptr_t)work->at % MOAT_PAGE_SIZE == 0 ||
	       index == ipa / MOAT_PAGE_SIZE % 512 ||
	       index == ipa / REGION_SIZE % 512 ||
	       index == ipa / REGION_SIZE / 512 % 512;
}

static bool depend(const struct operation *a, const struct operation *b)
{
	bool a_locks = a->kind <= OPERATION_GIVEN;
	bool b_locks = b->kind <= OPERATION_GIVEN;

	/* Who has given a lock back cares about who takes it, no more. */
	if (a_locks || b_locks) {
		return a_locks && b_locks && a->at == b->at &&
		       (a->kind == OPERATION_TAKE || b->kind == OPERATION_TAKE);
	}
	if (a->kind == OPERATION_ACCESS && b->kind == OPERATION_WORK) {
		return work_matters(b, a->ipa);
	}
	if (a->kind == OPERATION_WORK && b->kind == OPERATION_ACCESS) {
		return work_matters(a, b->ipa);
	}
	/* Work on one thing is under one lock, or it is a finding. */
	return a->kind == OPERATION_ACCESS || a->at == b->at;
}

static const struct operation *done_at(uint32_t index)
{
	return &path[index].next[path[index].chosen];
}

/* ---- Which came after which -------------------------------------------- */

static void clock_join(uint32_t *clock, uint32_t index)
{
	for (uint32_t i = 0; i < cpus; i++) {
		if (clock[i] < path[index].clock[i]) {
			clock[i] = path[index].clock[i];
		}
	}
}

/* Whether @operation had to wait for the one done at @index. */
static bool is_freed(uint32_t index, const struct operation *operation)
{
	return operation->kind == OPERATION_TAKE &&
	       operation->at == path[index].released;
}

/* What was chosen at @index comes after all that it depends on. */
static void clock_set(uint32_t index)
{
	struct node *node = &path[index];

	memset(node->clock, 0, sizeof(node->clock));
	for (uint32_t i = 0; i < index; i++) {
		if (path[i].chosen == node->chosen ||
			depend(done_at(i), done_at(index)) ||
			is_freed(i, done_at(index))) {
			clock_join(node->clock, i);
		}
	}
	node->clock[node->chosen] = index + 1;
}

/* Whether what was done at @index comes before what was done at @other. */
static bool is_before(uint32_t index, uint32_t other)
{
	return path[other].clock[path[index].chosen] > index;
}

/* ---- Races ------------------------------------------------------------- */

/*
 * A race: what @cpu is about to do depends on what was done at @index and could
 * have come first. What else has been done since and does not come after that,
 * could have, too. Of all this, who could be the first?
 */
struct race {
	uint32_t index;
	uint32_t cpu;
	const struct operation *next; /* of @cpu */
};

/* Whether something of it that was done before @end comes before what was done
 * at @end; @end may be depth, for what @cpu does next. */
static bool has_earlier(const struct race *race, uint32_t end)
{
	for (uint32_t i = race->index + 1; i < end; i++) {
		bool is_earlier = end < depth
					  ? is_before(i, end)
					  : depend(done_at(i), race->next) ||
						    is_freed(i, race->next);

		if (!is_before(race->index, i) && is_earlier) {
			return true;
		}
	}
	return false;
}

static uint32_t firsts(const struct race *race)
{
	uint32_t seen = 0;
	uint32_t set = 0;

	for (uint32_t i = race->index + 1; i < depth; i++) {
		uint32_t chosen = set_of(path[i].chosen);

		if (is_before(race->index, i)) {
			continue;
		}
		if ((seen & chosen) == 0 && !has_earlier(race, i)) {
			set |= chosen;
		}
		seen |= chosen;
	}
	if ((seen & set_of(race->cpu)) == 0 && !has_earlier(race, depth)) {
		set |= set_of(race->cpu);
	}
	return set;
}

/* Turn off where the race began, if none that could be first is tried there. */
static void want(const struct race *race)
{
	struct node *node = &path[race->index];
	uint32_t set = firsts(race) & node->enabled;

	if (set == 0) {
		node->wanted |= node->enabled;
	} else if ((set & node->wanted) == 0) {
		node->wanted |= set_of(set_first(set));
	}
}

static void find_races(uint32_t cpu, const struct operation *next)
{
	for (uint32_t i = depth; i > 0; i--) {
		const struct race race = {i - 1, cpu, next};
		bool is_after =
			last[cpu] != 0 && is_before(i - 1, last[cpu] - 1);

		if (path[i - 1].chosen != cpu && !is_after &&
			depend(done_at(i - 1), next)) {
			want(&race);
		}
	}
}

/* ---- Nodes ------------------------------------------------------------- */

/* Those whose going on was explored at @node stay asleep below it until
 * something that they depend on has happened. */
static uint32_t still_asleep(const struct node *node)
{
	uint32_t set = node->asleep | node->tried;
	uint32_t asleep = 0;

	for (uint32_t i = 0; i < cpus; i++) {
		if ((set & set_of(i)) != 0 && i != node->chosen &&
			!depend(&node->next[i], &node->next[node->chosen])) {
			asleep |= set_of(i);
		}
	}
	return asleep;
}

static struct node *node_at_depth(void)
{
	if (depth == DEPTH_MAX) {
		fprintf(stderr, "schedule: a run is too long\n");
		abort();
	}
	return &path[depth];
}

static void node_make(
	uint32_t enabled, uint32_t waiting, const struct operation *next)
{
	struct node *node = node_at_depth();

	memcpy(node->next, next, sizeof(node->next));
	node->enabled = enabled;
	node->asleep = depth == 0 ? 0 : still_asleep(&path[depth - 1]);
	node->tried = 0;
	node->released = NULL;
	node->chosen = set_first(enabled & ~node->asleep);
	node->wanted = enabled;
	if (reduction == REDUCE_BY_RACES) {
		node->wanted =
			node->chosen == NOBODY ? 0 : set_of(node->chosen);
		for (uint32_t i = 0; i < cpus; i++) {
			if ((waiting & set_of(i)) != 0) {
				find_races(i, &next[i]);
			}
		}
	}
}

/* ---- The path ---------------------------------------------------------- */

void path_plant(uint32_t count, enum reduction by)
{
	cpus = count;
	reduction = by;
	kept = 0;
	path_begin();
}

void path_begin(void)
{
	depth = 0;
	memset(last, 0, sizeof(last));
}

uint32_t path_step(
	uint32_t enabled, uint32_t waiting, const struct operation *next)
{
	if (depth >= kept) {
		node_make(enabled, waiting, next);
		if (path[depth].chosen == NOBODY) {
			return NOBODY;
		}
	}
	/* At the last prescribed node another one goes than did before. */
	if (depth + 1 >= kept) {
		path[depth].released = NULL;
		clock_set(depth);
	}
	depth++;
	last[path[depth - 1].chosen] = depth;
	return path[depth - 1].chosen;
}

void path_release(const void *lock)
{
	if (depth > 0) {
		path[depth - 1].released = lock;
	}
}

void path_note(uint32_t chosen)
{
	node_at_depth()->chosen = chosen;
	depth++;
}

bool path_turn(void)
{
	while (depth > 0) {
		struct node *node = &path[depth - 1];

		node->tried |= set_of(node->chosen);
		node->chosen =
			set_first(node->wanted & ~node->asleep & ~node->tried);
		if (node->chosen != NOBODY) {
			kept = depth;
			return true;
		}
		depth--;
	}
	return false;
}

void path_print(char *text)
{
	uint32_t length = 0;

	while (length < depth && length + 1 < ORDER_TEXT) {
		text[length] = (char)('0' + path[length].chosen);
		length++;
	}
	text[length] = 0;
}
