/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confidentiality in all states of a scope [CALL-2]: for each observer, one
 * view and one visible action (its own, or the record of another's) lead to one
 * view and one answer. What a view and a record are, model/view.h says.
 *
 * Of each (observer, view, action) the first (view, answer) it led to is kept,
 * with the step that showed it; another one later is a conflict, and the two
 * steps are a counterexample.
 */
#ifndef MOAT_EXPLORE_CLASSES_H
#define MOAT_EXPLORE_CLASSES_H

#include <stdatomic.h>

#include "explore/point.h"
#include "lockstep/outcome.h"
#include "model/view.h"

enum { CLASSES_OBSERVERS = 1 + SCOPE_VMS_MAX, CLASSES_TEXT = 400 };

/* The views of all observers, the host first. */
struct views {
	struct model_view view[CLASSES_OBSERVERS];
	struct key key[CLASSES_OBSERVERS];
	struct model_view record;
	const struct model *model; /* of which they are */
	struct model *engine; /* the same, if it was made for them; or NULL */
};

/* Of @model, which is to last; or, if @point's sides need not agree, of the
 * state that its engine's memory says. */
void views_take(struct views *views, const struct point *point,
	const struct model *model);
void views_free(struct views *views);

/* A step, and the views around it. */
struct views_step {
	struct views *before;
	const struct views *after;
	const struct op *op;
	const struct outcome *outcome; /* of the engine */
	const struct outcome *told; /* of the model: what may be told of it */
};

struct class_slot {
	atomic_ullong low; /* the key, never zero if it is used */
	uint64_t high;
	uint64_t value; /* hash of the view and the answer */
	uint32_t node;
	uint32_t action;
	atomic_uint is_ready;
};

/* In memory that processes share. */
struct classes {
	struct class_slot *slot; /* NULL: none are kept */
	uint64_t capacity; /* slots */
	atomic_ullong *count; /* of classes; of steps that fell into one */
	size_t size;
};

struct classes classes_open(uint64_t capacity);
void classes_close(struct classes *classes);

struct conflict {
	uint32_t node; /* in: of this step; out: of the one it contradicts */
	uint32_t action;
	bool is_change; /* no other step: a view changed without a record */
	char text[CLASSES_TEXT];
};

/* Returns false on a conflict. Ends the process if the table is full. */
bool classes_add(struct classes *classes, const struct views_step *step,
	struct conflict *conflict);

#endif
