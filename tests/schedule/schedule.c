/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule/schedule.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/lock.h"
#include "coroutine/coroutine.h"
#include "moat/port.h"
#include "schedule/path.h"
#include "stress/machine.h"
#include "witness.h"

static const struct program *program;
static const char *failure;
static struct coroutine coroutines[CPU_MAX];
static struct operation next[CPU_MAX]; /* what each does when it goes on */
static uint32_t witnesses[CPU_MAX]; /* the CPU whose step it is in */
static uint32_t done; /* the set of those that have nothing left to do */
static uint32_t current = NOBODY;

/* ---- CPUs -------------------------------------------------------------- */

static void hand_over(void)
{
	if (current == NOBODY) {
		return;
	}
	witnesses[current] = witness_cpu;
	coroutine_yield();
	witness_cpu = witnesses[current];
}

void schedule_point(struct operation operation)
{
	if (current != NOBODY) {
		next[current] = operation;
	}
	if (operation.kind == OPERATION_GIVEN) {
		path_release(operation.at);
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
	coroutine_go_on(&coroutines[number]);
	current = NOBODY;
	witness_cpu = WITNESS_NO_CPU;
}

static void cpu_main(void)
{
	program->act(current);
	done |= set_of(current);
}

/* Each comes to its first point. */
static void cpu_begin(uint32_t number)
{
	witnesses[number] = WITNESS_NO_CPU;
	coroutine_start(&coroutines[number], cpu_main);
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

/* ---- One run ----------------------------------------------------------- */

static uint32_t waiting_set(void)
{
	return (set_of(program->count) - 1) & ~done;
}

static bool is_enabled(uint32_t number)
{
	const struct mutex *lock = next[number].at;

	return next[number].kind != OPERATION_TAKE ||
	       lock->owner == LOCK_NOBODY;
}

static uint32_t enabled_set(void)
{
	uint32_t set = waiting_set();

	for (uint32_t i = 0; i < program->count; i++) {
		if ((set & set_of(i)) != 0 && !is_enabled(i)) {
			set &= ~set_of(i);
		}
	}
	return set;
}

static void run_begin(const struct program *what)
{
	program = what;
	failure = NULL;
	done = 0;
	path_begin();
	program->begin();
	for (uint32_t i = 0; i < program->count; i++) {
		cpu_begin(i);
	}
}

/* Whether the run is over, or has gone wrong. */
static bool run_is_over(void)
{
	if (failure == NULL && waiting_set() != 0 && enabled_set() == 0) {
		failure = "deadlock";
	}
	return failure != NULL || waiting_set() == 0;
}

static void run_end(struct outcome *outcome)
{
	if (failure == NULL) {
		failure = program->end();
	}
	outcome->orders++;
	outcome->failure = failure;
	if (failure != NULL) {
		path_print(outcome->order);
	}
}

static void step_to(struct outcome *outcome, uint32_t chosen)
{
	outcome->points++;
	go_on(chosen);
}

/* ---- All orders -------------------------------------------------------- */

static void run_once(const struct program *what, struct outcome *outcome)
{
	run_begin(what);
	while (!run_is_over()) {
		uint32_t chosen = path_step(enabled_set(), waiting_set(), next);

		if (chosen == NOBODY) {
			outcome->cut++;
			return;
		}
		step_to(outcome, chosen);
	}
	run_end(outcome);
}

void schedule_all(
	const struct program *what, bool is_simple, struct outcome *outcome)
{
	path_plant(what->count, is_simple ? REDUCE_BY_SLEEP : REDUCE_BY_RACES);
	do {
		run_once(what, outcome);
	} while (outcome->failure == NULL && path_turn());
}

/* ---- One order --------------------------------------------------------- */

static uint32_t nth_of(uint32_t set, uint64_t n)
{
	while (n > 0) {
		set &= set - 1;
		n--;
	}
	return set_first(set);
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
		uint32_t chosen;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		chosen = nth_of(enabled, (seed >> 33) % size_of(enabled));
		path_note(chosen);
		step_to(outcome, chosen);
	}
	run_end(outcome);
}

/* Who is to go next by @text, if that can be. */
static uint32_t prescribed(const char *text, uint32_t enabled)
{
	uint32_t number = (uint32_t)(unsigned char)*text - '0';

	return *text != 0 && number < CPU_MAX && (enabled & set_of(number)) != 0
		       ? number
		       : set_first(enabled);
}

void schedule_replay(
	const struct program *what, const char *text, struct outcome *outcome)
{
	run_begin(what);
	while (!run_is_over()) {
		uint32_t chosen = prescribed(text, enabled_set());

		text += *text != 0;
		path_note(chosen);
		step_to(outcome, chosen);
	}
	run_end(outcome);
}
