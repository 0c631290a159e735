/* SPDX-License-Identifier: BSD-2-Clause */
#include "weak/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coroutine/coroutine.h"
#include "moat/port.h"
#include "weak/memory.h"

enum {
	CHOICE_MAX = 4096, /* of one run */
	STEP_MAX = 256, /* remembered of one run */
	VISITED_START = 1 << 16 /* a power of two */
};

struct choice {
	uint32_t chosen;
	uint32_t count;
};

struct step {
	uint32_t thread;
	const char *what;
	const char *function;
	int line;
	uint32_t value;
};

enum status { STATUS_READY, STATUS_WAITS, STATUS_DONE };

struct thread {
	struct coroutine coroutine;
	enum status status;
	uint64_t history; /* of all that it read */
};

static const struct program *program;
static enum wait wait_mode;
static const char *failure;
static struct thread threads[THREAD_MAX];
static uint32_t current = THREAD_MAX;

/* ---- Choices ----------------------------------------------------------- */

static struct choice path[CHOICE_MAX];
static uint32_t depth; /* choices that this run has made */
static uint32_t kept; /* of those, prescribed by the run before */

uint32_t explore_choose(uint32_t count)
{
	if (count <= 1) {
		return 0;
	}
	if (depth == CHOICE_MAX) {
		fprintf(stderr, "weak: a run is too long\n");
		abort();
	}
	if (depth >= kept) {
		path[depth].chosen = 0;
		path[depth].count = count;
	}
	depth++;
	return path[depth - 1].chosen;
}

/* Prescribe the next run; false if this was the last. */
static bool choose_next(void)
{
	while (depth > 0 &&
		path[depth - 1].chosen + 1 == path[depth - 1].count) {
		depth--;
	}
	if (depth == 0) {
		return false;
	}
	path[depth - 1].chosen++;
	kept = depth;
	return true;
}

/* ---- States ------------------------------------------------------------ */

static uint64_t *visited; /* open addressing; 0 is an empty place */
static uint64_t visited_size;
static uint64_t visited_count;
static uint64_t hash;

/* One round of splitmix64. */
static uint64_t mixed(uint64_t number)
{
	number += UINT64_C(0x9e3779b97f4a7c15);
	number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
	return number ^ (number >> 31);
}

void explore_mix(uint64_t number)
{
	hash = mixed(hash ^ number);
}

static bool place(uint64_t *table, uint64_t size, uint64_t state)
{
	uint64_t at = state & (size - 1);

	while (table[at] != 0 && table[at] != state) {
		at = (at + 1) & (size - 1);
	}
	if (table[at] == state) {
		return false;
	}
	table[at] = state;
	return true;
}

static void *allocate(uint64_t count)
{
	void *memory = calloc(count, sizeof(uint64_t));

	if (memory == NULL) {
		fprintf(stderr, "weak: out of memory\n");
		abort();
	}
	return memory;
}

static void visited_begin(void)
{
	free(visited);
	visited_size = VISITED_START;
	visited_count = 0;
	visited = allocate(visited_size);
}

static void visited_grow(void)
{
	uint64_t *bigger = allocate(visited_size * 2);

	for (uint64_t i = 0; i < visited_size; i++) {
		if (visited[i] != 0) {
			place(bigger, visited_size * 2, visited[i]);
		}
	}
	free(visited);
	visited = bigger;
	visited_size *= 2;
}

/* Note the state the program is in; false if it was there before. */
static bool state_is_new(void)
{
	hash = 1;
	for (uint32_t t = 0; t < program->threads; t++) {
		explore_mix(threads[t].history);
		explore_mix(threads[t].status);
	}
	memory_mix();
	if (visited_count * 2 > visited_size) {
		visited_grow();
	}
	if (!place(visited, visited_size, hash == 0 ? 1 : hash)) {
		return false;
	}
	visited_count++;
	return true;
}

/* ---- The trace of a run ------------------------------------------------ */

static struct step steps[STEP_MAX];
static uint32_t step_count;

void explore_note(
	const char *step, const char *function, int line, uint32_t value)
{
	const struct step noted = {current, step, function, line, value};

	if (step_count < STEP_MAX) {
		steps[step_count] = noted;
		step_count++;
	}
	if (current < THREAD_MAX) {
		threads[current].history =
			mixed(threads[current].history ^ value);
	}
}

static void trace_print(char *text)
{
	size_t length = 0;

	text[0] = 0;
	for (uint32_t i = 0; i < step_count && length < TRACE_SIZE; i++) {
		length += (size_t)snprintf(text + length, TRACE_SIZE - length,
			"  thread %u, %s line %d: %s %u\n", steps[i].thread,
			steps[i].function, steps[i].line, steps[i].what,
			steps[i].value);
	}
}

/* ---- Threads ----------------------------------------------------------- */

uint32_t explore_thread(void)
{
	return current;
}

static void hand_over(void)
{
	if (current < THREAD_MAX) {
		coroutine_yield();
	}
}

void explore_yield(void)
{
	hand_over();
}

void explore_fail(const char *why)
{
	failure = why;
	hand_over();
}

static void thread_main(void)
{
	program->run(current);
	threads[current].status = STATUS_DONE;
}

void moat_port_wait(void)
{
	memory_wait(current, wait_mode);
	threads[current].status = STATUS_WAITS;
	hand_over();
	threads[current].status = STATUS_READY;
	memory_woken(current, wait_mode);
}

void moat_port_wake(void)
{
	if (wait_mode == WAIT_SLEEPS) {
		explore_yield();
		memory_wake(current);
		explore_note("wake", __func__, __LINE__, 0);
	}
}

void moat_port_panic(const char *reason)
{
	explore_fail(reason);
	abort();
}

static void thread_resume(uint32_t thread)
{
	current = thread;
	coroutine_go_on(&threads[thread].coroutine);
	current = THREAD_MAX;
}

/* Each thread comes to where it is about to do its first step. */
static void thread_begin(uint32_t thread)
{
	coroutine_start(&threads[thread].coroutine, thread_main);
	threads[thread].status = STATUS_READY;
	threads[thread].history = thread + 1;
	thread_resume(thread);
}

/* ---- One run ----------------------------------------------------------- */

static bool is_enabled(uint32_t thread)
{
	return threads[thread].status == STATUS_READY ||
	       (threads[thread].status == STATUS_WAITS &&
		       memory_may_wake(thread, wait_mode));
}

/* The thread to go on with; THREAD_MAX if there is none. */
static uint32_t choose_thread(void)
{
	uint32_t enabled[THREAD_MAX];
	uint32_t count = 0;

	for (uint32_t t = 0; t < program->threads; t++) {
		if (is_enabled(t)) {
			enabled[count] = t;
			count++;
		}
	}
	return count == 0 ? THREAD_MAX : enabled[explore_choose(count)];
}

static bool all_are_done(void)
{
	for (uint32_t t = 0; t < program->threads; t++) {
		if (threads[t].status != STATUS_DONE) {
			return false;
		}
	}
	return true;
}

static void run_end(void)
{
	if (!all_are_done()) {
		failure = "deadlock: threads wait, and nobody will end it";
	} else if (program->end != NULL) {
		program->end();
	}
}

/* Nothing is checked while the choices of the last run are repeated. */
static bool is_known(void)
{
	return depth >= kept && !state_is_new();
}

static void run_once(void)
{
	depth = 0;
	step_count = 0;
	memory_reset();
	program->begin();
	for (uint32_t t = 0; t < program->threads; t++) {
		thread_begin(t);
	}
	while (failure == NULL && !is_known()) {
		uint32_t thread = choose_thread();

		if (thread == THREAD_MAX) {
			run_end();
			return;
		}
		thread_resume(thread);
	}
}

void explore(
	const struct program *what, enum wait wait, struct verdict *verdict)
{
	program = what;
	wait_mode = wait;
	failure = NULL;
	kept = 0;
	verdict->runs = 0;
	visited_begin();
	do {
		run_once();
		verdict->runs++;
	} while (failure == NULL && choose_next());
	verdict->failure = failure;
	verdict->states = visited_count;
	trace_print(verdict->trace);
}
