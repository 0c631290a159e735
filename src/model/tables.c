/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls that change the tables of a VM. Where the entry above a leaf table
 * would be, there is one of three things, and these calls lead from one to the
 * other:
 *
 *     nothing          table_create    ->   a leaf table
 *     a leaf table     table_destroy   ->   nothing, if it is empty
 *     a leaf table     table_fold      ->   a block, if it maps one
 *     a block          table_split     ->   a leaf table
 *
 * Folding and splitting change no translation: the same addresses lead to the
 * same pages, and only the level at which they are mapped is another. That a
 * real machine has none at all for a moment in between, no agent here can see.
 */
#include "model/state.h"

/* ---- What they ask in common ------------------------------------------- */

/* A level that exists below some root, and an address where a table of that
 * level can begin. */
static uint64_t argument_refusal(const uint64_t *x, uint64_t level_min)
{
	if (x[3] < level_min || x[3] > MODEL_LEAF_LEVEL) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	if (!model_is_aligned(x[2], model_s2_span((uint32_t)x[3]))) {
		return model_x0(MOAT_BAD_ARG, 2);
	}
	return MOAT_OK;
}

/* The same of a call that brings the page of a table, in x4. */
static uint64_t page_argument_refusal(const uint64_t *x, uint64_t level_min)
{
	uint64_t x0 = argument_refusal(x, level_min);

	if (x0 == MOAT_OK && !model_is_aligned(x[4], MOAT_PAGE_SIZE)) {
		x0 = model_x0(MOAT_BAD_ARG, 4);
	}
	return x0;
}

/* The IPA space is a multiple of what any table below the root translates, and
 * x2 is aligned to that: if x2 is inside, the whole table is. */
static uint64_t place_refusal(
	const struct model *m, const uint64_t *x, uint32_t lives)
{
	uint64_t x0 = model_vm_refusal(m, x[1], lives);
	uint32_t ipa_bits;

	if (x0 != MOAT_OK) {
		return x0;
	}
	ipa_bits = m->vms[x[1]].ipa_bits;
	if (x[2] >= (uint64_t)1 << ipa_bits) {
		return model_x0(MOAT_BAD_IPA, 2);
	}
	if (x[3] <= model_s2_start_level(ipa_bits)) {
		return model_x0(MOAT_BAD_IPA, 3);
	}
	return MOAT_OK;
}

/* The HOST page x4 becomes the table, zeroed: what the host had written there
 * must not become entries. */
static void table_add(struct model *m, const uint64_t *x)
{
	struct model_page page = {.state = MOAT_PAGE_TABLE,
		.vm = (uint32_t)x[1],
		.level = (uint32_t)x[3],
		.ipa = x[2]};

	model_page_set(m, x[4], &page);
	model_page_scrub(m, x[4]);
	model_map_put(&m->vms[page.vm].tables,
		model_s2_key(page.level, page.ipa), &x[4]);
}

/* The page of the table returns, scrubbed. The host named an address, not a
 * page, so it is told which page it got back. */
static uint64_t table_remove(struct model *m, const uint64_t *x)
{
	struct model_vm *vm = &m->vms[x[1]];
	uint64_t key = model_s2_key((uint32_t)x[3], x[2]);
	uint64_t pa = *model_s2_table(vm, (uint32_t)x[3], x[2]);

	model_map_range_remove(&vm->tables, key, key + 1);
	model_page_return(m, pa);
	return pa;
}

/* ---- table_create ------------------------------------------------------ */

/* The level is 1..3 and below the start level, so level - 1 is one that the VM
 * may have; at the start level it is the root, which always exists. */
static uint64_t create_slot_refusal(const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];
	uint32_t above = (uint32_t)x[3] - 1;

	if (model_s2_table(vm, above, x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (!model_s2_is_free(vm, above, x[2])) {
		return model_x0(MOAT_OCCUPIED, 2);
	}
	if (!model_page_is_host(m, x[4])) {
		return model_x0(MOAT_BAD_PAGE, 4);
	}
	return MOAT_OK;
}

/* Arguments that are wrong whatever the state are refused first, so that such a
 * refusal tells nothing about any state. */
struct model_answer model_table_create(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	uint64_t x0 = page_argument_refusal(x, 1);

	if (x0 == MOAT_OK) {
		x0 = place_refusal(m, x, MODEL_BUILDING | MODEL_ACTIVE);
	}
	if (x0 == MOAT_OK) {
		x0 = create_slot_refusal(m, x);
	}
	if (x0 == MOAT_OK) {
		table_add(m, x);
	}
	return model_answer_make(x0);
}

/* ---- table_destroy ----------------------------------------------------- */

/* What table_destroy and table_fold ask of the place where the table is. The
 * table of a missing parent is itself missing. */
static uint64_t table_refusal(const struct model_vm *vm, const uint64_t *x)
{
	bool is_leaf = x[3] == MODEL_LEAF_LEVEL;

	if (is_leaf && model_s2_is_block(vm, x[2])) {
		return model_x0(MOAT_NEEDS_SPLIT, 2);
	}
	if (model_s2_table(vm, (uint32_t)x[3], x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	return MOAT_OK;
}

/* Allowed in every life but EMPTY: a host that made a table for nothing may
 * have it back without killing the VM. */
static uint64_t destroy_refusal(const struct model *m, const uint64_t *x)
{
	uint32_t lives = MODEL_BUILDING | MODEL_ACTIVE | MODEL_DYING;
	uint64_t x0 = argument_refusal(x, 1);

	if (x0 == MOAT_OK) {
		x0 = place_refusal(m, x, lives);
	}
	if (x0 == MOAT_OK) {
		x0 = table_refusal(&m->vms[x[1]], x);
	}
	if (x0 == MOAT_OK &&
		!model_s2_is_empty(&m->vms[x[1]], (uint32_t)x[3], x[2])) {
		x0 = model_x0(MOAT_NOT_EMPTY, 2);
	}
	return x0;
}

/* x1 is the PA of the table. */
struct model_answer model_table_destroy(
	struct model *m, const struct model_request *request)
{
	struct model_answer answer =
		model_answer_make(destroy_refusal(m, request->x));

	if (answer.x[0] == MOAT_OK) {
		answer.x[1] = table_remove(m, request->x);
	}
	return answer;
}

/* ---- table_fold -------------------------------------------------------- */

/* Does page @index behind x2 continue a block that begins with @first? */
static bool continues(const struct model *m, const uint64_t *x, uint64_t first,
	uint64_t index)
{
	const struct model_page *head = model_page_record(m, first);
	uint64_t offset = index * MOAT_PAGE_SIZE;
	const uint64_t *pa = model_s2_page(&m->vms[x[1]], x[2] + offset);
	const struct model_page *page;

	if (pa == NULL || *pa != first + offset) {
		return false;
	}
	page = model_page_record(m, *pa);
	return page->state == head->state &&
	       page->permission == head->permission;
}

/* Would one entry of level 2 say what the 512 entries of the table say? */
static bool is_uniform(const struct model *m, const uint64_t *x)
{
	const uint64_t *first = model_s2_page(&m->vms[x[1]], x[2]);

	if (first == NULL ||
		!model_is_aligned(*first, model_s2_span(MODEL_LEAF_LEVEL))) {
		return false;
	}
	for (uint64_t i = 0; i < MODEL_BLOCK_PAGES; i++) {
		if (!continues(m, x, *first, i)) {
			return false;
		}
	}
	return true;
}

/* The level is there to be written down, and 3 only, until there are larger
 * blocks. */
static uint64_t fold_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0 = argument_refusal(x, MODEL_LEAF_LEVEL);

	if (x0 == MOAT_OK) {
		x0 = place_refusal(m, x, MODEL_BUILDING | MODEL_ACTIVE);
	}
	if (x0 == MOAT_OK) {
		x0 = table_refusal(&m->vms[x[1]], x);
	}
	if (x0 == MOAT_OK && !is_uniform(m, x)) {
		x0 = model_x0(MOAT_NOT_UNIFORM, 2);
	}
	return x0;
}

/* The 512 pages from x2 on are mapped by entries of @level: all else about them
 * stays. */
static void pages_relevel(struct model *m, const uint64_t *x, uint32_t level)
{
	for (uint64_t i = 0; i < MODEL_BLOCK_PAGES; i++) {
		uint64_t pa = *model_s2_page(
			&m->vms[x[1]], x[2] + i * MOAT_PAGE_SIZE);
		struct model_page page = *model_page_record(m, pa);

		page.level = level;
		model_page_set(m, pa, &page);
	}
}

/* x1 is the PA of the table. */
struct model_answer model_table_fold(
	struct model *m, const struct model_request *request)
{
	struct model_answer answer =
		model_answer_make(fold_refusal(m, request->x));

	if (answer.x[0] == MOAT_OK) {
		pages_relevel(m, request->x, MODEL_BLOCK_LEVEL);
		answer.x[1] = table_remove(m, request->x);
	}
	return answer;
}

/* ---- table_split ------------------------------------------------------- */

/* What is there is a table, or nothing, or the block that is meant. */
static uint64_t split_slot_refusal(const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];

	if (model_s2_table(vm, MODEL_BLOCK_LEVEL, x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (model_s2_table(vm, MODEL_LEAF_LEVEL, x[2]) != NULL) {
		return model_x0(MOAT_OCCUPIED, 2);
	}
	if (model_s2_page(vm, x[2]) == NULL) {
		return model_x0(MOAT_NOT_MAPPED, 2);
	}
	if (!model_page_is_host(m, x[4])) {
		return model_x0(MOAT_BAD_PAGE, 4);
	}
	return MOAT_OK;
}

/* The page of the table comes from the host, as every table does: what was
 * folded to save one costs one to undo. */
struct model_answer model_table_split(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	uint64_t x0 = page_argument_refusal(x, MODEL_LEAF_LEVEL);

	if (x0 == MOAT_OK) {
		x0 = place_refusal(m, x, MODEL_BUILDING | MODEL_ACTIVE);
	}
	if (x0 == MOAT_OK) {
		x0 = split_slot_refusal(m, x);
	}
	if (x0 == MOAT_OK) {
		pages_relevel(m, x, MODEL_LEAF_LEVEL);
		table_add(m, x);
	}
	return model_answer_make(x0);
}
