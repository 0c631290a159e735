/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Run a small concurrent program in every way it can go.
 *
 * Threads are coroutines. Whenever one is about to do something that others can
 * see, it hands over; which one goes on, and what a load then reads, are
 * choices. The program is run again and again, each run repeating the choices
 * of the last one up to the deepest that has an alternative left.
 *
 * A run stops where it comes into a state that was there before. Threads are
 * deterministic, so a state is what each thread has read so far, and memory.
 */
#ifndef WEAK_EXPLORE_H
#define WEAK_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>

enum { THREAD_MAX = 3, TRACE_SIZE = 8192 };

struct program {
	const char *name;
	uint32_t threads;
	void (*begin)(void); /* registers memory, before every run */
	void (*run)(uint32_t thread);
	void (*end)(void); /* checks, after every run to the end; or NULL */
};

/* How a CPU waits: it spins, or it sleeps until an event (WFE). */
enum wait { WAIT_SPINS, WAIT_SLEEPS };

struct verdict {
	const char *failure; /* NULL: every way it can go is good */
	uint64_t states;
	uint64_t runs;
	char trace[TRACE_SIZE]; /* the steps of the failing run, a line each */
};

/* Explore @program, up to the first failure. */
void explore(
	const struct program *program, enum wait wait, struct verdict *verdict);

/* ---- For the memory ---------------------------------------------------- */

/* One of @count ways to go on. */
uint32_t explore_choose(uint32_t count);

/* The thread that runs; a number that no thread has in begin and end. */
uint32_t explore_thread(void);

/* Let others go first; and say what the step that follows turned out to be. */
void explore_yield(void);
void explore_note(
	const char *step, const char *function, int line, uint32_t value);

/* This run went wrong. Does not return to a thread. */
void explore_fail(const char *why);

/* Mix a number into the state that is being hashed. */
void explore_mix(uint64_t number);

#endif
