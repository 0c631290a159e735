/* SPDX-License-Identifier: BSD-2-Clause */
/* States by number: equal for states that are the same but for names. */
#ifndef MOAT_EXPLORE_KEY_H
#define MOAT_EXPLORE_KEY_H

#include "explore/scope.h"

/* Two are equal by chance once in 2^128; zero is none. */
struct key {
	uint64_t low;
	uint64_t high;
};

struct key key_make(void);
void key_add(struct key *key, uint64_t word);

static inline bool key_is_equal(struct key a, struct key b)
{
	return a.low == b.low && a.high == b.high;
}

/* All of the state @model, names included, settled or not. */
void key_add_model(struct key *key, const struct model *model);

/**
 * The key of a state that point_settle left: of everything that it did not make
 * the same in all states, which is all that decides what can happen next.
 *
 * With @is_symmetric, states that differ in the numbers of VMs, CPUs, loose
 * pages and root groups only have one key: no step depends on those (counts of
 * pages are 1), so what is true of one is true of the other, renamed. @states
 * is how many have the key; less if loose pages are a root, which fixes their
 * order.
 */
struct key key_of(const struct scope *scope, const struct model *model,
	bool is_symmetric, uint64_t *states);

#endif
