/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lockstep/deed.h"

/* ---- Views ------------------------------------------------------------- */

static void add_words(struct key *key, const uint64_t *word, size_t count)
{
	key_add(key, count);
	for (size_t i = 0; i < count; i++) {
		key_add(key, word[i]);
	}
}

static uint32_t observer_count(const struct model *model)
{
	return 1 + model_config(model)->vm_count;
}

void views_take(struct views *views, const struct point *point,
	const struct model *model)
{
	model_destroy(views->engine);
	views->engine = NULL;
	views->model = model;
	if (point->is_lenient) {
		views->engine = abstract_make(&point->abstract);
		views->model = views->engine;
	}
	for (uint32_t i = 0; i < observer_count(views->model); i++) {
		deed_view(views->model, i, &views->view[i]);
		views->key[i] = key_make();
		add_words(&views->key[i], views->view[i].word,
			views->view[i].count);
	}
}

void views_free(struct views *views)
{
	for (uint32_t i = 0; i < CLASSES_OBSERVERS; i++) {
		model_view_free(&views->view[i]);
	}
	model_view_free(&views->record);
	model_destroy(views->engine);
}

/* ---- Table ------------------------------------------------------------- */

enum { COUNT_CLASSES, COUNT_STEPS, COUNTS };

struct classes classes_open(uint64_t capacity)
{
	struct classes classes = {.capacity = capacity};
	unsigned char *memory;

	classes.size = COUNTS * sizeof(*classes.count) +
		       capacity * sizeof(*classes.slot);
	memory = mmap(NULL, classes.size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		fprintf(stderr, "explore: no memory for the views\n");
		exit(2);
	}
	classes.count = (atomic_ullong *)(void *)memory;
	classes.slot = (struct class_slot *)(void *)(classes.count + COUNTS);
	return classes;
}

void classes_close(struct classes *classes)
{
	if (classes->slot) {
		munmap(classes->count, classes->size);
	}
}

/* The slot of @key; it is new if nobody claimed it before. */
static struct class_slot *find(
	struct classes *classes, struct key key, bool *is_new)
{
	uint64_t low = key.low | 1;
	uint64_t at = key.high % classes->capacity;

	for (uint64_t turn = 0; turn < classes->capacity; turn++) {
		struct class_slot *slot = &classes->slot[at];
		unsigned long long expected = 0;

		*is_new = atomic_compare_exchange_strong(
			&slot->low, &expected, low);
		if (*is_new) {
			return slot;
		}
		/* Who claimed it is about to say what it is. */
		while (!atomic_load_explicit(
			&slot->is_ready, memory_order_acquire)) {
		}
		if (expected == low && slot->high == key.high) {
			return slot;
		}
		at = (at + 1) % classes->capacity;
	}
	fprintf(stderr, "explore: too many classes; see --classes\n");
	exit(2);
}

/* @key leads to @value; false if it led elsewhere before. */
static bool add_class(struct classes *classes, struct key key, struct key value,
	struct conflict *conflict)
{
	bool is_new;
	struct class_slot *slot = find(classes, key, &is_new);

	atomic_fetch_add_explicit(
		&classes->count[COUNT_STEPS], 1, memory_order_relaxed);
	if (is_new) {
		slot->high = key.high;
		slot->value = value.high;
		slot->node = conflict->node;
		slot->action = conflict->action;
		atomic_store_explicit(&slot->is_ready, 1, memory_order_release);
		atomic_fetch_add_explicit(&classes->count[COUNT_CLASSES], 1,
			memory_order_relaxed);
		return true;
	}
	if (slot->value == value.high) {
		return true;
	}
	conflict->node = slot->node;
	conflict->action = slot->action;
	return false;
}

/* ---- Steps ------------------------------------------------------------- */

static bool differ(
	struct conflict *conflict, uint32_t observer, const char *what)
{
	char name[16] = "the host";

	if (observer != 0) {
		snprintf(name, sizeof(name), "VM %u", observer - 1);
	}
	snprintf(conflict->text, sizeof(conflict->text),
		"confidentiality: %s %s [CALL-2]", name, what);
	return false;
}

/* A VM does not know on which CPU it runs, nor what an exit told the host. */
static bool add_own(struct classes *classes, uint32_t observer,
	const struct views_step *step, struct conflict *conflict)
{
	const struct outcome *outcome = step->outcome;
	struct key key = step->before->key[observer];
	struct key value = step->after->key[observer];
	bool is_told = observer == 0 || outcome->kind != OUTCOME_EXIT;

	key_add(&key, observer);
	key_add(&key, (uint64_t)step->op->kind);
	key_add(&key, observer == 0 ? step->op->cpu : 0);
	add_words(&key, step->op->word, OP_WORDS);
	key_add(&value, (uint64_t)outcome->kind);
	add_words(&value, outcome->word, is_told ? OUTCOME_WORDS : 0);
	return add_class(classes, key, value, conflict) ||
	       differ(conflict, observer,
		       "can tell two states apart that look the same to it");
}

/* Another agent's step. An exit is an answer to the host: all of it is to
 * follow from what may be told. */
static bool add_others(struct classes *classes, uint32_t observer,
	const struct views_step *step, struct conflict *conflict)
{
	struct key key = step->before->key[observer];
	struct key value = step->after->key[observer];
	const struct model_view *record = &step->before->record;

	if (record->count == 0) {
		conflict->is_change =
			!model_view_is_equal(&step->before->view[observer],
				&step->after->view[observer]);
		return !conflict->is_change ||
		       differ(conflict, observer,
			       "sees a change that no record tells of");
	}
	key_add(&key, UINT64_MAX - observer);
	add_words(&key, record->word, record->count);
	if (observer == DEED_HOST && step->told->kind == OUTCOME_EXIT) {
		add_words(&value, step->outcome->word, OUTCOME_WORDS);
	}
	return add_class(classes, key, value, conflict) ||
	       differ(conflict, observer,
		       "learns more than the record of another's step");
}

bool classes_add(struct classes *classes, const struct views_step *step,
	struct conflict *conflict)
{
	const struct model *before = step->before->model;
	struct model_deed deed = deed_make(before, step->op, step->told);
	uint32_t actor = deed_actor(before, step->op);

	for (uint32_t i = 0; i < observer_count(before); i++) {
		bool is_good;

		if (i == actor) {
			is_good = add_own(classes, i, step, conflict);
		} else {
			deed_record(before, step->after->model, i, &deed,
				&step->before->record);
			is_good = add_others(classes, i, step, conflict);
		}
		if (!is_good) {
			return false;
		}
	}
	return true;
}
