/* SPDX-License-Identifier: BSD-2-Clause */
/* One process's part of the search. */
#ifndef MOAT_EXPLORE_SEARCH_H
#define MOAT_EXPLORE_SEARCH_H

#include "explore/classes.h"
#include "explore/point.h"
#include "explore/store.h"

/* How often who waits looks. */
enum { SEARCH_POLL_NANOSECONDS = 100000 };

struct search {
	const struct scope *scope;
	struct store store;
	struct classes classes; /* of no capacity: views are not compared */
	bool is_symmetric;
	bool is_lenient; /* only views are compared, not engine and model */
};

/* Take nodes of each level until none is left, or something was found; and wait
 * for the next level, until the search is over. */
void search_work(struct search *search);

/* Enter the first state, which must be sound. */
void search_begin(struct search *search);

/* The steps to @node, and behind it @action, as a scene. */
struct scene;
void search_scene(const struct search *search, uint32_t node, uint32_t action,
	struct scene *scene);

#endif
