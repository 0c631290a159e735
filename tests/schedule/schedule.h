/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steps of several CPUs at once, in every order that their locks permit.
 *
 * Each CPU is a coroutine. It hands over before it takes a lock, after it has
 * given one back (others may have it before whatever this CPU does then), and
 * before an access of memory by an agent; and, if an agent accesses memory,
 * before the engine writes a descriptor, invalidates or scrubs. Between these
 * points a CPU is alone: what it does there is under a lock (the debug core
 * checks that), or its own.
 *
 * All orders are explored, up to operations that do not depend on each other:
 * of each class one is run to its end, see path.h. Locks are atomic here, and
 * serve whoever comes, in any order; that src/core/lock.c is such a lock is for
 * tests/weak and proofs/spin.
 */
#ifndef SCHEDULE_SCHEDULE_H
#define SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CPU_MAX = 8, /* that act at once */
	ORDER_TEXT = 4096
};

/* What is to be run: acts of CPUs. */
struct program {
	uint32_t count; /* CPUs that act */
	bool has_access; /* some act accesses memory */
	void (*begin)(void); /* the state before every run */
	void (*act)(uint32_t number); /* all that one CPU does */
	const char *(*end)(void); /* after a run: what is wrong, or NULL */
};

struct outcome {
	const char *failure; /* NULL: every order is good */
	uint64_t orders; /* run to their end */
	uint64_t cut; /* runs that turned out to repeat one */
	uint64_t points; /* handings over, of all runs */
	char order[ORDER_TEXT]; /* of the failing run: who went, in a row */
};

/* All orders, up to the first failure; added to what is in @outcome.
 * @is_simple: by the simpler reduction, which has to cut many more runs. */
void schedule_all(
	const struct program *program, bool is_simple, struct outcome *outcome);

/* One order, at random. */
void schedule_random(
	const struct program *program, uint64_t seed, struct outcome *outcome);

/* The one order in @text, as an outcome has it; what is left open is filled
 * with whoever can go first. */
void schedule_replay(const struct program *program, const char *text,
	struct outcome *outcome);

/* ---- For what the CPUs do ---------------------------------------------- */

enum operation_kind {
	OPERATION_TAKE, /* a lock */
	OPERATION_GIVEN, /* what comes after it was given back */
	OPERATION_WORK, /* of the engine on memory */
	OPERATION_ACCESS /* of an agent */
};

struct operation {
	enum operation_kind kind;
	const void *at; /* the lock; the entry, or NULL for any */
	uint64_t ipa; /* ACCESS */
};

/* Let others go, then go on; to take a lock, only while it is free. */
void schedule_point(struct operation operation);

/* This run is wrong. Does not return to an act. */
void schedule_fail(const char *why);

#endif
