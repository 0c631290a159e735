/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was done to a pair, so that it can be done again without some of it: a
 * finding becomes the shortest one that still is one.
 */
#ifndef MOAT_TESTS_VIEWS_SCRIPT_H
#define MOAT_TESTS_VIEWS_SCRIPT_H

#include <stddef.h>

#include "lockstep/op.h"

struct pair;

enum turn_kind {
	TURN_OWN, /* both: a step of the observer's, one in each machine */
	TURN_TOLD, /* both: steps of others with one record */
	TURN_HIDDEN, /* one: a step that the observer is not told of */
	TURN_WORD, /* a word of memory of the second machine becomes another */
	TURN_VCPU /* so do the registers of a vCPU of it */
};

struct turn {
	enum turn_kind kind;
	uint32_t side; /* of TURN_HIDDEN */
	struct op op[2]; /* by side; of TURN_HIDDEN only that one */
	uint64_t at; /* TURN_WORD: PA; TURN_VCPU: VM * MOAT_VCPU_MAX + vCPU */
	uint64_t value; /* the word; the state of the random numbers */
};

struct script {
	uint32_t shape;
	uint32_t observer;
	struct turn *turn;
	size_t count;
	size_t capacity;
};

/* Note a turn, if @script is not NULL. Ends the process without memory. */
void script_add(struct script *script, const struct turn *turn);
void script_add_hidden(
	struct script *script, uint32_t side, const struct op *op);
void script_free(struct script *script);

/**
 * Leave out of a script, whose last turn the observer can tell from, whatever
 * it can do without; and print the two scenes that are left, and the secrets in
 * which their machines differ.
 *
 * What is left obeys the rules of noninterference.c: to leave out something
 * must not tell the observer that it is missing. No more is left out once so
 * many @turns were done again. Returns false if even the whole script goes well
 * when it is done again.
 */
bool script_shrink(struct script *script, uint64_t turns);
void script_print(const struct script *script);

#endif
