/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The states found so far, in memory that several processes share, and that may
 * be a file: a search that was ended goes on from it.
 *
 * A state is its key and how it was first reached, 24 bytes, and 8 more for the
 * table that finds it. States stand in the order of their depth.
 */
#ifndef MOAT_EXPLORE_STORE_H
#define MOAT_EXPLORE_STORE_H

#include <stdatomic.h>

#include "explore/key.h"

enum { STORE_TEXT = 1200, STORE_DEPTH_MAX = 128, STORE_NAME = 32 };

struct node {
	struct key key; /* zero: none, or found by another process as well */
	uint32_t parent;
	uint32_t action; /* number in the list of scope_list, there */
};

/* What was found to be wrong, by whoever is first. */
struct finding {
	atomic_uint is_claimed;
	uint32_t node[2]; /* of a conflict two, else one */
	uint32_t action[2];
	uint32_t count;
	char text[STORE_TEXT];
};

struct store_header {
	char scope[STORE_NAME];
	uint64_t capacity; /* nodes; twice as many slots, a power of two */
	uint32_t is_symmetric;
	uint32_t depth; /* of the level in work */
	uint64_t level_first; /* its nodes: from there ... */
	uint64_t level_end; /* ... to before this one */
	atomic_ullong cursor; /* the next one to take */
	atomic_ullong count; /* nodes */
	atomic_ullong transitions;
	atomic_ullong concrete; /* states that the nodes stand for */
	atomic_ullong changes; /* of these, those that changed the state */
	atomic_ullong duplicates; /* nodes that two processes found */
	atomic_uint is_full;
	/* Processes wait here for the next level; each level is a turn. */
	atomic_uint turn;
	atomic_uint waiting;
	atomic_uint is_over;
	struct finding finding;
};

struct store {
	struct store_header *header;
	struct node *node;
	atomic_uint *slot; /* node number + 1, or 0 */
	size_t size;
};

/**
 * A store of @capacity nodes for @scope; or, if @file is one already, what it
 * holds. @file may be NULL. Ends the process if that is not possible.
 */
struct store store_open(const struct scope *scope, uint64_t capacity,
	bool is_symmetric, const char *file);
void store_close(struct store *store);

/* Whether @key is new; it then is a node, of that parent and action. */
bool store_add(struct store *store, const struct node *node);

/* The nodes from the first state to @node, without that first one; returns how
 * many. */
uint32_t store_path(const struct store *store, uint32_t node,
	uint32_t path[STORE_DEPTH_MAX]);

/* Whether the caller is the first to find something, and is to say what. */
bool store_claim(struct store *store);

#endif
