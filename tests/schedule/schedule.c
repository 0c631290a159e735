/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "core/lock.h"
#include "moat/port.h"
#include "stress/machine.h"
#include "witness.h"

enum { STACK_SIZE = 131072, DEPTH_MAX = 8192, NOBODY = CPU_MAX };

struct coroutine {
	ucontext_t context;
	bool is_done;
	struct operation next; /* what it does when it goes on */
	uint32_t witness; /* the CPU whose step it is in */
	unsigned char stack[STACK_SIZE];
};

/* A point where one goes on. Sets are bits of numbers. */
struct node {
	uint32_t enabled;
	uint32_t asleep; /* to go on with these would repeat an order */
	uint32_t tried;
	uint32_t chosen;
	struct operation next[CPU_MAX];
};

static const struct program *program;
static const char *failure;
static ucontext_t scheduler;
static struct coroutine coroutines[CPU_MAX];
static uint32_t current = NOBODY;
static struct node path[DEPTH_MAX];
static uint32_t depth; /* of this run so far */
static uint32_t kept; /* of it, prescribed */

/* ---- CPUs -------------------------------------------------------------- */

static void hand_over(void)
{
	if (current == NOBODY) {
		return;
	}
	coroutines[current].witness = witness_cpu;
	swapcontext(&coroutines[current].context, &scheduler);
	witness_cpu = coroutines[current].witness;
}

void schedule_point(struct operation operation)
{
	if (current != NOBODY) {
		coroutines[current].next = operation;
	}
	hand_over();
}

void schedule_fail(const char *why)
{
	if (failure == NULL) {
		failure = why;
	}
	hand_over();
}

static void go_on(uint32_t number)
{
	current = number;
	swapcontext(&scheduler, &coroutines[number].context);
	current = NOBODY;
	witness_cpu = WITNESS_NO_CPU;
}

static void coroutine_main(void)
{
	program->act(current);
	coroutines[current].is_done = true;
	hand_over();
}

/* Each comes to its first point. */
static void coroutine_begin(uint32_t number)
{
	struct coroutine *coroutine = &coroutines[number];

	getcontext(&coroutine->context);
	coroutine->context.uc_stack.ss_sp = coroutine->stack;
	coroutine->context.uc_stack.ss_size = STACK_SIZE;
	coroutine->context.uc_link = NULL;
	makecontext(&coroutine->context, coroutine_main, 0);
	coroutine->is_done = false;
	coroutine->witness = WITNESS_NO_CPU;
	go_on(number);
}

/* A lock of this scheduler is one that can be taken at once. */
void moat_port_wait(void)
{
	schedule_fail("somebody waits for a lock that was free");
}

void moat_port_wake(void)
{
}

void moat_port_panic(const char *reason)
{
	/* The reason may be text that the next run writes over. */
	static char copy[512];

	snprintf(copy, sizeof(copy), "panic: %s", reason);
	schedule_fail(copy);
	fprintf(stderr, "schedule: %s\n", copy);
	abort();
}

void machine_pause(struct machine_work work)
{
	const struct operation operation = {OPERATION_WORK, work.at, 0};

	if (current != NOBODY && program->has_access) {
		schedule_point(operation);
	}
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
	bool a_locks = a->kind <= OPERATION_GIVE;
	bool b_locks = b->kind <= OPERATION_GIVE;

	if (a_locks || b_locks) {
		return a_locks && b_locks && a->at == b->at;
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

static uint32_t bit(uint32_t number)
{
	return UINT32_C(1) << number;
}

static uint32_t first_of(uint32_t set)
{
	uint32_t number = 0;

	while (number < NOBODY && (set & bit(number)) == 0) {
		number++;
	}
	return number;
}

/* ---- One run ----------------------------------------------------------- */

static bool is_enabled(const struct coroutine *coroutine)
{
	const struct mutex *lock = coroutine->next.at;

	return !coroutine->is_done && (coroutine->next.kind != OPERATION_TAKE ||
					      lock->owner == LOCK_NOBODY);
}

static uint32_t enabled_set(void)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < program->count; i++) {
		set |= is_enabled(&coroutines[i]) ? bit(i) : 0;
	}
	return set;
}

static bool all_are_done(void)
{
	bool are_done = true;

	for (uint32_t i = 0; i < program->count; i++) {
		are_done = are_done && coroutines[i].is_done;
	}
	return are_done;
}

/* Those whose going on was explored at @node stay asleep below it until
 * something that they depend on has happened. */
static uint32_t still_asleep(const struct node *node)
{
	uint32_t set = node->asleep | node->tried;
	uint32_t asleep = 0;

	for (uint32_t i = 0; i < program->count; i++) {
		if ((set & bit(i)) != 0 && i != node->chosen &&
			!depend(&node->next[i], &node->next[node->chosen])) {
			asleep |= bit(i);
		}
	}
	return asleep;
}

static void node_fill(struct node *node)
{
	node->enabled = enabled_set();
	for (uint32_t i = 0; i < program->count; i++) {
		node->next[i] = coroutines[i].next;
	}
}

static struct node *node_new(void)
{
	struct node *node = &path[depth];

	if (depth == DEPTH_MAX) {
		fprintf(stderr, "schedule: a run is too long\n");
		abort();
	}
	node_fill(node);
	node->asleep = depth == 0 ? 0 : still_asleep(&path[depth - 1]);
	node->tried = 0;
	node->chosen = first_of(node->enabled & ~node->asleep);
	return node;
}

static void run_begin(const struct program *what)
{
	program = what;
	failure = NULL;
	depth = 0;
	program->begin();
	for (uint32_t i = 0; i < program->count; i++) {
		coroutine_begin(i);
	}
}

/* Whether the run is over, or has gone wrong. */
static bool run_is_over(void)
{
	if (failure == NULL && !all_are_done() && enabled_set() == 0) {
		failure = "deadlock";
	}
	return failure != NULL || all_are_done();
}

static void run_end(struct outcome *outcome)
{
	size_t length = 0;

	if (failure == NULL) {
		failure = program->end();
	}
	outcome->orders++;
	outcome->failure = failure;
	if (failure == NULL) {
		return;
	}
	for (uint32_t i = 0; i < depth && length + 2 < ORDER_TEXT; i++) {
		outcome->order[length] = (char)('0' + path[i].chosen);
		length++;
	}
	outcome->order[length] = 0;
}

static void step_to(struct outcome *outcome, uint32_t chosen)
{
	depth++;
	outcome->points++;
	go_on(chosen);
}

/* ---- All orders -------------------------------------------------------- */

static void run_once(const struct program *what, struct outcome *outcome)
{
	run_begin(what);
	while (!run_is_over()) {
		struct node *node = depth < kept ? &path[depth] : node_new();

		if (node->chosen == NOBODY) {
			outcome->cut++;
			return;
		}
		step_to(outcome, node->chosen);
	}
	run_end(outcome);
}

/* Prescribe the next run; false if there is none. */
static bool choose_next(void)
{
	while (depth > 0) {
		struct node *node = &path[depth - 1];

		node->tried |= bit(node->chosen);
		node->chosen =
			first_of(node->enabled & ~node->asleep & ~node->tried);
		if (node->chosen != NOBODY) {
			kept = depth;
			return true;
		}
		depth--;
	}
	return false;
}

void schedule_all(const struct program *what, struct outcome *outcome)
{
	kept = 0;
	do {
		run_once(what, outcome);
	} while (outcome->failure == NULL && choose_next());
}

/* ---- One order --------------------------------------------------------- */

static uint32_t nth_of(uint32_t set, uint64_t n)
{
	while (n > 0) {
		set &= set - 1;
		n--;
	}
	return first_of(set);
}

static uint32_t size_of(uint32_t set)
{
	uint32_t size = 0;

	for (; set != 0; set &= set - 1) {
		size++;
	}
	return size;
}

void schedule_random(
	const struct program *what, uint64_t seed, struct outcome *outcome)
{
	run_begin(what);
	while (!run_is_over()) {
		uint32_t enabled = enabled_set();

		seed = seed * UINT64_C(6364136223846793005) + 1;
		path[depth].chosen =
			nth_of(enabled, (seed >> 33) % size_of(enabled));
		step_to(outcome, path[depth].chosen);
	}
	run_end(outcome);
}

/* Who is to go next by @text, if that can be. */
static uint32_t prescribed(const char *text, uint32_t enabled)
{
	uint32_t number = (uint32_t)(unsigned char)*text - '0';

	return *text != 0 && number < CPU_MAX && (enabled & bit(number)) != 0
		       ? number
		       : first_of(enabled);
}

void schedule_replay(
	const struct program *what, const char *text, struct outcome *outcome)
{
	run_begin(what);
	while (!run_is_over()) {
		path[depth].chosen = prescribed(text, enabled_set());
		text += *text != 0;
		step_to(outcome, path[depth].chosen);
	}
	run_end(outcome);
}
