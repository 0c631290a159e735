/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lockstep/scene.h"

enum { TAKE = 16 /* nodes that a process takes at once */ };

/*
 * Where one process is: frame[i] is the state at @path[i - 1], frame[0] the
 * first one. Nodes that follow each other mostly have the same parent, so one
 * step leads from one to the next.
 */
struct walker {
	struct search *search;
	struct point *point;
	struct frame frame[STORE_DEPTH_MAX + 1];
	uint32_t path[STORE_DEPTH_MAX];
	uint32_t depth; /* frames behind the first one that hold */
	uint32_t made; /* frames that have memory */
	uint32_t node; /* whose actions are done */
	struct scope_ops ops;
	struct views before; /* of the state of the node */
	struct views after;
	uint64_t transitions;
	uint64_t changes;
	bool is_odd; /* something is wrong with a state, or it seems so */
};

static void save(struct walker *walker, uint32_t index)
{
	for (; walker->made <= index; walker->made++) {
		walker->frame[walker->made] = frame_make(walker->point);
	}
	point_save(walker->point, &walker->frame[index]);
}

/* Be at the first state. */
static struct walker *walker_create(struct search *search)
{
	struct walker *walker = calloc(1, sizeof(*walker));

	if (!walker) {
		fprintf(stderr, "explore: out of memory\n");
		exit(2);
	}
	walker->search = search;
	walker->point = point_create(search->scope);
	walker->point->is_lenient = search->is_lenient;
	save(walker, 0);
	return walker;
}

static void walker_destroy(struct walker *walker)
{
	for (uint32_t i = 0; i < walker->made; i++) {
		frame_free(&walker->frame[i]);
	}
	views_free(&walker->before);
	views_free(&walker->after);
	point_destroy(walker->point);
	free(walker);
}

/* One step further on @path, whose steps went well before. Who walks on from
 * there, or comes back, saves it. */
static void walk_on(struct walker *walker, const uint32_t *path)
{
	const struct node *node =
		&walker->search->store.node[path[walker->depth]];

	scope_list(walker->search->scope, walker->point->model, &walker->ops);
	point_warm(walker->point);
	point_redo(walker->point, &walker->ops.op[node->action]);
	walker->path[walker->depth] = path[walker->depth];
	walker->depth++;
}

/* Be at @node: from the last state on the way there that is kept. */
static void walk_to(struct walker *walker, uint32_t node)
{
	uint32_t path[STORE_DEPTH_MAX];
	uint32_t depth = store_path(&walker->search->store, node, path);
	uint32_t same = 0;

	while (same < depth && same < walker->depth &&
		walker->path[same] == path[same]) {
		same++;
	}
	walker->depth = same;
	point_restore(walker->point, &walker->frame[same]);
	while (walker->depth < depth) {
		walk_on(walker, path);
		if (walker->depth < depth) {
			save(walker, walker->depth);
		}
	}
	walker->node = node;
}

/* ---- Findings ---------------------------------------------------------- */

static void report(struct walker *walker, uint32_t action, const char *text)
{
	struct finding *finding = &walker->search->store.header->finding;

	if (store_claim(&walker->search->store)) {
		finding->node[0] = walker->node;
		finding->action[0] = action;
		finding->count = 1;
		snprintf(finding->text, sizeof(finding->text), "%s", text);
	}
}

static void report_conflict(
	struct walker *walker, uint32_t action, const struct conflict *conflict)
{
	struct finding *finding = &walker->search->store.header->finding;

	if (store_claim(&walker->search->store)) {
		finding->node[0] = conflict->node;
		finding->action[0] = conflict->action;
		finding->node[1] = walker->node;
		finding->action[1] = action;
		finding->count = conflict->is_change ? 1 : 2;
		if (conflict->is_change) {
			finding->node[0] = walker->node;
			finding->action[0] = action;
		}
		snprintf(finding->text, sizeof(finding->text), "%s",
			conflict->text);
	}
}

/* ---- Expand ------------------------------------------------------------ */

/* The state that @action led to, unless it is known. */
static void enter(struct walker *walker, uint32_t action)
{
	struct search *search = walker->search;
	struct node node = {.parent = walker->node, .action = action};
	uint64_t states;

	node.key = key_of(search->scope, walker->point->model,
		search->is_symmetric, &states);
	if (search->is_lenient) {
		point_add_lines(walker->point, &node.key);
	}
	point_add_stale(walker->point, &node.key);
	if (!store_add(&search->store, &node)) {
		return;
	}
	atomic_fetch_add(&search->store.header->concrete, states);
	if (!point_is_sound(walker->point)) {
		report(walker, action, walker->point->difference);
	}
}

/* For each observer: what it may know before and after. */
static void compare_views(struct walker *walker, uint32_t action,
	const struct outcome *outcome, bool is_changed)
{
	struct search *search = walker->search;
	struct conflict conflict = {.node = walker->node, .action = action};
	struct views_step step = {.before = &walker->before,
		.after = is_changed ? &walker->after : &walker->before,
		.op = &walker->ops.op[action],
		.outcome = outcome,
		.told = &walker->point->told};

	if (!search->classes.slot) {
		return;
	}
	if (is_changed) {
		views_take(&walker->after, walker->point, walker->point->model);
	}
	if (!classes_add(&search->classes, &step, &conflict)) {
		report_conflict(walker, action, &conflict);
	}
}

/* Who is careful reports what is wrong; who is not looks again. */
static void complain(struct walker *walker, uint32_t action)
{
	walker->is_odd = true;
	if (walker->point->is_careful) {
		report(walker, action, walker->point->difference);
	}
}

static void do_action(
	struct walker *walker, const struct frame *frame, uint32_t action)
{
	struct outcome outcome;
	enum point_result result = point_step(
		walker->point, frame, &walker->ops.op[action], &outcome);

	walker->transitions++;
	if (result == POINT_DIFFERS) {
		complain(walker, action);
		return;
	}
	compare_views(walker, action, &outcome, result == POINT_CHANGED);
	if (result == POINT_CHANGED) {
		enter(walker, action);
	}
	if (result != POINT_SAME) {
		walker->changes++;
		point_restore(walker->point, frame);
	}
}

/* From the state of @frame, where @point is. Stops if something is wrong. */
static void do_actions(struct walker *walker, const struct frame *frame)
{
	const struct finding *finding = &walker->search->store.header->finding;

	walker->is_odd = false;
	for (uint32_t i = 0; i < walker->ops.count && !finding->is_claimed &&
			     !walker->is_odd;
		i++) {
		do_action(walker, frame, i);
	}
	if (!walker->is_odd && !point_is_clean(walker->point)) {
		complain(walker, 0);
	}
}

/* A line that was not known may have made it so: all is well when it is. */
static void do_again(struct walker *walker, const struct frame *frame,
	uint64_t transitions, uint64_t changes)
{
	walker->transitions = transitions;
	walker->changes = changes;
	point_restore(walker->point, frame);
	walker->point->is_careful = true;
	do_actions(walker, frame);
	walker->point->is_careful = false;
}

/* All that can be done in the state of @node. */
static void expand(struct walker *walker, uint32_t node)
{
	struct search *search = walker->search;
	uint64_t transitions = walker->transitions;
	uint64_t changes = walker->changes;
	struct frame *frame;

	walk_to(walker, node);
	point_warm(walker->point);
	save(walker, walker->depth);
	frame = &walker->frame[walker->depth];
	if (search->classes.slot) {
		views_take(&walker->before, walker->point, frame->model);
	}
	scope_list(search->scope, walker->point->model, &walker->ops);
	walker->point->is_careful = search->classes.slot != NULL;
	do_actions(walker, frame);
	if (walker->is_odd && !walker->point->is_careful) {
		do_again(walker, frame, transitions, changes);
	}
}

static void add_counts(struct walker *walker)
{
	struct store_header *header = walker->search->store.header;

	atomic_fetch_add(&header->transitions, walker->transitions);
	atomic_fetch_add(&header->changes, walker->changes);
	walker->transitions = 0;
	walker->changes = 0;
}

static void expand_some(struct walker *walker, uint64_t first, uint64_t end)
{
	for (uint64_t node = first; node < end; node++) {
		struct key key = walker->search->store.node[node].key;

		if (key.low != 0 || key.high != 0) {
			expand(walker, (uint32_t)node);
		}
	}
	add_counts(walker);
}

static void do_level(struct walker *walker)
{
	struct store_header *header = walker->search->store.header;
	uint64_t first = atomic_fetch_add(&header->cursor, TAKE);

	while (first < header->level_end && !header->finding.is_claimed &&
		!header->is_full) {
		uint64_t end = first + TAKE;

		expand_some(walker, first,
			end < header->level_end ? end : header->level_end);
		first = atomic_fetch_add(&header->cursor, TAKE);
	}
}

/* A walker lasts for all levels: what it has learnt is of use in the next. */
void search_work(struct search *search)
{
	const struct timespec pause = {0, SEARCH_POLL_NANOSECONDS};
	struct store_header *header = search->store.header;
	struct walker *walker = walker_create(search);

	while (!header->is_over) {
		unsigned turn = header->turn;

		do_level(walker);
		atomic_fetch_add(&header->waiting, 1);
		while (header->turn == turn) {
			nanosleep(&pause, NULL);
		}
	}
	walker_destroy(walker);
}

void search_begin(struct search *search)
{
	struct walker *walker = walker_create(search);

	enter(walker, 0);
	walker_destroy(walker);
}

void search_scene(const struct search *search, uint32_t node, uint32_t action,
	struct scene *scene)
{
	struct search copy = *search;
	struct walker *walker = walker_create(&copy);
	uint32_t path[STORE_DEPTH_MAX];
	uint32_t depth = store_path(&search->store, node, path);

	for (uint32_t i = 0; i <= depth; i++) {
		struct scene_step step = {.line = 0};
		uint32_t next =
			i < depth ? search->store.node[path[i]].action : action;

		scope_list(search->scope, walker->point->model, &walker->ops);
		step.op = walker->ops.op[next];
		scene_add(scene, &step);
		if (i < depth) {
			walk_on(walker, path);
		}
	}
	walker_destroy(walker);
}
