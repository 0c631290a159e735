/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that the host gives to a VM or lends it, one by one or as a block: what
 * is mapped, and what the pages become, is all that differs between
 *
 *     call           half        pages become   entries of   contents
 *     page_load      protected   VM             level 3      kept, measured
 *     page_donate    protected   VM             level 3      zeroed
 *     block_donate   protected   VM             level 2      zeroed
 *     page_lend      shared      LENT           level 3      kept
 *     block_lend     shared      LENT           level 2      kept
 */
#include "model/state.h"

/* One such call. */
struct gift {
	const uint64_t *x; /* x1 the VM, x3 the first PA */
	struct model_range range; /* from x2 on */
	uint32_t lives; /* in which a VM takes it */
	uint32_t permission_operand; /* of a lend, else 0 */
	struct model_page page; /* what each page becomes, but for its IPA */
};

/* Page calls: x4 is the count. */
static struct gift page_gift(const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct gift gift = {.x = x,
		.range = {.ipa = x[2],
			.count = x[4],
			.ipa_operand = 2,
			.count_operand = 4},
		.lives = MODEL_BUILDING | MODEL_ACTIVE,
		.page = {.state = MOAT_PAGE_VM,
			.vm = (uint32_t)x[1],
			.level = MODEL_LEAF_LEVEL}};

	return gift;
}

/* Block calls: an aligned block ends where its half does or before, so that the
 * count is never at fault. */
static struct gift block_gift(const struct model_request *request)
{
	struct gift gift = page_gift(request);

	gift.range.count = MODEL_BLOCK_PAGES;
	gift.page.level = MODEL_BLOCK_LEVEL;
	return gift;
}

/* Not given but lent, with the permission in register x@operand. */
static void gift_lend(struct gift *gift, uint32_t operand)
{
	gift->range.is_shared = true;
	gift->permission_operand = operand;
	gift->page.state = MOAT_PAGE_LENT;
	gift->page.permission = gift->x[operand];
}

/* READ is always part of it, and of bits to come nobody knows what they would
 * permit. */
static bool permission_is_valid(uint64_t permission)
{
	uint64_t all = MOAT_READ | MOAT_WRITE | MOAT_EXECUTE;

	return permission <= all && (permission & MOAT_READ) != 0;
}

/* Unaligned addresses are refused, never rounded: rounding would give away a
 * page that the host did not name. */
static uint64_t argument_refusal(const struct gift *gift)
{
	uint64_t unit = gift->page.level == MODEL_BLOCK_LEVEL
				? (uint64_t)MODEL_BLOCK_PAGES * MOAT_PAGE_SIZE
				: MOAT_PAGE_SIZE;

	if (!model_is_aligned(gift->x[2], unit)) {
		return model_x0(MOAT_BAD_ARG, 2);
	}
	if (!model_is_aligned(gift->x[3], unit)) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	if (gift->range.count == 0) {
		return model_x0(MOAT_BAD_ARG, gift->range.count_operand);
	}
	if (gift->permission_operand != 0 &&
		!permission_is_valid(gift->page.permission)) {
		return model_x0(MOAT_BAD_ARG, gift->permission_operand);
	}
	return MOAT_OK;
}

/* A block is given whole or not at all; of a range the first page counts, and a
 * later one that could not be given ends the range before it. */
static uint64_t pages_refusal(const struct model *m, const struct gift *gift)
{
	uint32_t count =
		gift->page.level == MODEL_BLOCK_LEVEL ? MODEL_BLOCK_PAGES : 1;

	for (uint64_t i = 0; i < count; i++) {
		if (!model_page_is_host(m, gift->x[3] + i * MOAT_PAGE_SIZE)) {
			return model_x0(MOAT_BAD_PAGE, 3);
		}
	}
	return MOAT_OK;
}

/* What is in a block is mapped without a leaf table: there, the table is not
 * missing, but its place is taken. */
static uint64_t slot_refusal(const struct model_vm *vm, const struct gift *gift)
{
	uint32_t level = gift->page.level;
	uint64_t ipa = gift->range.ipa;

	if (model_s2_table(vm, level, ipa) == NULL &&
		!model_s2_is_block(vm, ipa)) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (!model_s2_is_free(vm, level, ipa)) {
		return model_x0(MOAT_OCCUPIED, 2);
	}
	return MOAT_OK;
}

/* In the order of enum moat_status. */
static uint64_t give_refusal(const struct model *m, const struct gift *gift)
{
	const uint64_t *x = gift->x;
	uint64_t x0 = argument_refusal(gift);

	if (x0 == MOAT_OK) {
		x0 = model_vm_refusal(m, x[1], gift->lives);
	}
	if (x0 == MOAT_OK) {
		x0 = model_range_refusal(&m->vms[x[1]], &gift->range);
	}
	if (x0 == MOAT_OK) {
		x0 = slot_refusal(&m->vms[x[1]], gift);
	}
	if (x0 == MOAT_OK) {
		x0 = pages_refusal(m, gift);
	}
	return x0;
}

/* Whether its slot is free and it is HOST. */
static bool can_give(
	const struct model *m, const struct gift *gift, uint64_t index)
{
	const struct model_vm *vm = &m->vms[gift->page.vm];
	uint64_t offset = index * MOAT_PAGE_SIZE;

	return model_s2_page(vm, gift->range.ipa + offset) == NULL &&
	       model_page_is_host(m, gift->x[3] + offset);
}

static void give_page(struct model *m, const struct gift *gift, uint64_t index)
{
	struct model_page page = gift->page;
	uint64_t pa = gift->x[3] + index * MOAT_PAGE_SIZE;

	page.ipa = gift->range.ipa + index * MOAT_PAGE_SIZE;
	model_page_set(m, pa, &page);
	model_map_put(&m->vms[page.vm].mappings, page.ipa, &pa);
}

/* x1 is how many pages were given, at most @most. */
static struct model_answer give_some(
	struct model *m, const struct gift *gift, uint64_t most)
{
	struct model_answer answer = model_answer_make(give_refusal(m, gift));
	uint64_t limit = model_range_within_table(&gift->range);

	if (limit > most) {
		limit = most;
	}
	if (answer.x[0] != MOAT_OK) {
		return answer;
	}
	while (answer.x[1] < limit && can_give(m, gift, answer.x[1])) {
		answer.x[1]++;
	}
	model_map_open(&m->pages, gift->x[3], MOAT_PAGE_SIZE, answer.x[1]);
	model_map_open(&m->vms[gift->page.vm].mappings, gift->range.ipa,
		MOAT_PAGE_SIZE, answer.x[1]);
	for (uint64_t i = 0; i < answer.x[1]; i++) {
		give_page(m, gift, i);
	}
	return answer;
}

static struct model_answer give(struct model *m, const struct gift *gift)
{
	return give_some(m, gift, MOAT_RANGE_PAGES_MAX);
}

/* One removal scrubs them all, as pages given together are contiguous. */
static struct model_answer give_zeroed(struct model *m, const struct gift *gift)
{
	struct model_answer answer = give(m, gift);
	uint64_t first = gift->x[3];

	model_map_range_remove(
		&m->words, first, first + answer.x[1] * MOAT_PAGE_SIZE);
	return answer;
}

/* The only way in for contents that the host chose, and only while BUILDING: a
 * running VM must not find in its memory what it did not put there. Where they
 * came to is measured with them. That takes long, so that a call does few. */
struct model_answer model_page_load(
	struct model *m, const struct model_request *request)
{
	struct gift gift = page_gift(request);
	struct model_answer answer;
	uint8_t bytes[MOAT_PAGE_SIZE];

	gift.lives = MODEL_BUILDING;
	answer = give_some(m, &gift, MOAT_LOAD_PAGES_MAX);
	for (uint64_t i = 0; i < answer.x[1]; i++) {
		uint64_t word[] = {1, gift.range.ipa + i * MOAT_PAGE_SIZE};

		model_page_bytes(m, gift.x[3] + i * MOAT_PAGE_SIZE, bytes);
		model_measure(&m->vms[gift.page.vm], word, 2, bytes);
	}
	return answer;
}

/* As page_load, in more lives, and zeroed. */
struct model_answer model_page_donate(
	struct model *m, const struct model_request *request)
{
	struct gift gift = page_gift(request);

	return give_zeroed(m, &gift);
}

/* x5 is the permission, x4 being the count. */
struct model_answer model_page_lend(
	struct model *m, const struct model_request *request)
{
	struct gift gift = page_gift(request);

	gift_lend(&gift, 5);
	return give(m, &gift);
}

/* A block needs no leaf table; an empty one in its place is in the way. */
struct model_answer model_block_donate(
	struct model *m, const struct model_request *request)
{
	struct gift gift = block_gift(request);

	return give_zeroed(m, &gift);
}

/* x4 is the permission, as there is no count. */
struct model_answer model_block_lend(
	struct model *m, const struct model_request *request)
{
	struct gift gift = block_gift(request);

	gift_lend(&gift, 4);
	return give(m, &gift);
}
