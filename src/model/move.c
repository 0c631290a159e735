/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that a VM maps and that become something else, or go back to the host:
 * which states a call accepts, and what it makes of them, is all that differs
 * between
 *
 *     call                     half        from         to
 *     page_reclaim             protected   VM, SHARED   HOST
 *     page_recall              shared      LENT         HOST
 *     share, by the VM         protected   VM           SHARED
 *     unshare, by the VM       protected   SHARED       VM
 *     relinquish, by the VM    protected   VM, SHARED   HOST
 *
 * A block is moved whole: a range that covers it meets 512 pages in one state,
 * so nothing can end the range in between.
 */
#include "model/state.h"

/* One such call. */
struct move {
	uint32_t vm;
	uint32_t from; /* set of page states */
	enum moat_page_state to;
	struct model_range range;
};

enum {
	FROM_LENT = 1 << MOAT_PAGE_LENT,
	FROM_VM = 1 << MOAT_PAGE_VM,
	FROM_SHARED = 1 << MOAT_PAGE_SHARED
};

/* A set's member: one bit for each state. */
static bool is_accepted(const struct move *move, enum moat_page_state state)
{
	return ((1u << state) & move->from) != 0;
}

/* Arguments that are wrong whatever the state. */
static uint64_t argument_refusal(const struct model_range *range)
{
	if (!model_is_aligned(range->ipa, MOAT_PAGE_SIZE)) {
		return model_x0(MOAT_BAD_ARG, range->ipa_operand);
	}
	if (range->count == 0) {
		return model_x0(MOAT_BAD_ARG, range->count_operand);
	}
	return MOAT_OK;
}

/* Does the range mean the whole of the block that it starts in? */
static bool covers_block(const struct model_range *range)
{
	return model_is_aligned(range->ipa, model_s2_span(MODEL_LEAF_LEVEL)) &&
	       range->count >= MODEL_BLOCK_PAGES;
}

/* About the first page only. The order is that of the status list: a missing
 * table is said before a missing page, which it implies. */
static uint64_t first_refusal(const struct model *m, const struct move *move)
{
	const struct model_vm *vm = &m->vms[move->vm];
	uint64_t ipa = move->range.ipa;
	uint32_t operand = move->range.ipa_operand;
	bool is_block = model_s2_is_block(vm, ipa);
	const uint64_t *pa = model_s2_page(vm, ipa);

	if (!is_block && model_s2_table(vm, MODEL_LEAF_LEVEL, ipa) == NULL) {
		return model_x0(MOAT_NO_TABLE, operand);
	}
	if (is_block && !covers_block(&move->range)) {
		return model_x0(MOAT_NEEDS_SPLIT, operand);
	}
	if (pa == NULL) {
		return model_x0(MOAT_NOT_MAPPED, operand);
	}
	if (!is_accepted(move, model_page_record(m, *pa)->state)) {
		return model_x0(MOAT_BAD_PAGE, operand);
	}
	return MOAT_OK;
}

/* Where the range may lie, and what is at its beginning. */
static uint64_t place_refusal(const struct model *m, const struct move *move)
{
	uint64_t x0 = model_range_refusal(&m->vms[move->vm], &move->range);

	return x0 == MOAT_OK ? first_refusal(m, move) : x0;
}

/* Whoever could not read the pages before they went back finds nothing in them;
 * the host could always read what it had lent. */
static void pages_give_back(
	struct model *m, const struct move *move, uint64_t first, uint64_t end)
{
	if ((move->from & FROM_LENT) == 0) {
		model_map_range_remove(&m->words, first, end);
	}
	model_map_range_remove(&m->pages, first, end);
}

/* The first @count pages of the range, in runs whose addresses follow each
 * other: a block of a large granule is one of thousands of pages. */
static void range_give_back(
	struct model *m, const struct move *move, uint64_t count)
{
	struct model_map *mappings = &m->vms[move->vm].mappings;
	uint64_t end_ipa = move->range.ipa + count * MOAT_PAGE_SIZE;
	uint64_t first = 0;
	uint64_t end = 0;

	for (uint64_t ipa = move->range.ipa; ipa < end_ipa;
		ipa += MOAT_PAGE_SIZE) {
		const uint64_t *pa = model_map_find(mappings, ipa);

		if (*pa != end) {
			pages_give_back(m, move, first, end);
			first = *pa;
		}
		end = *pa + MOAT_PAGE_SIZE;
	}
	pages_give_back(m, move, first, end);
	model_map_range_remove(mappings, move->range.ipa, end_ipa);
}

/* The page at @ipa, if the call accepts it; says whether. One that goes back to
 * the host does so with the others. */
static bool move_page(struct model *m, const struct move *move, uint64_t ipa)
{
	const uint64_t *found = model_s2_page(&m->vms[move->vm], ipa);
	struct model_page page;
	uint64_t pa;

	if (found == NULL) {
		return false;
	}
	pa = *found;
	page = *model_page_record(m, pa);
	if (!is_accepted(move, page.state)) {
		return false;
	}
	if (move->to != MOAT_PAGE_HOST) {
		page.state = move->to;
		model_page_set(m, pa, &page);
	}
	return true;
}

/* How many pages it did. */
static uint64_t move_range(struct model *m, const struct move *move)
{
	uint64_t limit = model_range_within_table(&move->range);
	uint64_t done = 0;

	while (done < limit &&
		move_page(m, move, move->range.ipa + done * MOAT_PAGE_SIZE)) {
		done++;
	}
	if (move->to == MOAT_PAGE_HOST) {
		range_give_back(m, move, done);
	}
	return done;
}

/* ---- Calls of the host ------------------------------------------------- */

/* x1 the VM, x2 the IPA, x3 the count. */
static struct model_answer host_move(struct model *m,
	const struct model_request *request, struct move *move, uint32_t lives)
{
	const uint64_t *x = request->x;
	struct model_answer answer;

	move->vm = (uint32_t)x[1];
	move->range.ipa = x[2];
	move->range.count = x[3];
	move->range.ipa_operand = 2;
	move->range.count_operand = 3;
	answer = model_answer_make(argument_refusal(&move->range));
	if (answer.x[0] == MOAT_OK) {
		answer.x[0] = model_vm_refusal(m, x[1], lives);
	}
	if (answer.x[0] == MOAT_OK) {
		answer.x[0] = place_refusal(m, move);
	}
	if (answer.x[0] == MOAT_OK) {
		answer.x[1] = move_range(m, move);
	}
	return answer;
}

/* Only from a dying VM: as long as it may run, its memory is its own. */
struct model_answer model_page_reclaim(
	struct model *m, const struct model_request *request)
{
	struct move move = {
		.from = FROM_VM | FROM_SHARED, .to = MOAT_PAGE_HOST};

	return host_move(m, request, &move, MODEL_DYING);
}

/* Whenever the host likes: what it lends stays its own. */
struct model_answer model_page_recall(
	struct model *m, const struct model_request *request)
{
	struct move move = {.from = FROM_LENT,
		.to = MOAT_PAGE_HOST,
		.range = {.is_shared = true}};

	return host_move(
		m, request, &move, MODEL_BUILDING | MODEL_ACTIVE | MODEL_DYING);
}

/* ---- Calls of a VM ----------------------------------------------------- */

/* x1 the IPA, x2 the count; the VM is the one that calls. The host is told what
 * was done, and has the CPU: that what it may use has changed is news to it. */
static struct model_answer guest_move(struct model *m, uint32_t cpu,
	struct move *move, enum moat_exit_reason reason)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);
	struct model_answer answer = model_exit(reason);
	uint64_t x0;

	move->vm = model_cpu_at(m, cpu).vm;
	move->range.ipa = vcpu->x[1];
	move->range.count = vcpu->x[2];
	move->range.ipa_operand = 1;
	move->range.count_operand = 2;
	x0 = argument_refusal(&move->range);
	if (x0 == MOAT_OK) {
		x0 = place_refusal(m, move);
	}
	if (x0 != MOAT_OK) {
		model_guest_answer(vcpu, x0, 0);
		return model_resume();
	}
	answer.x[2] = move->range.ipa;
	answer.x[3] = move_range(m, move);
	model_guest_answer(vcpu, MOAT_OK, answer.x[3]);
	return answer;
}

/* From now on the host may use the pages, too. */
struct model_answer model_guest_share(struct model *m, uint32_t cpu)
{
	struct move move = {.from = FROM_VM, .to = MOAT_PAGE_SHARED};

	return guest_move(m, cpu, &move, MOAT_EXIT_SHARE);
}

/* From now on the pages are the VM's alone, as the host left them. */
struct model_answer model_guest_unshare(struct model *m, uint32_t cpu)
{
	struct move move = {.from = FROM_SHARED, .to = MOAT_PAGE_VM};

	return guest_move(m, cpu, &move, MOAT_EXIT_UNSHARE);
}

/* The one way in which a VM that lives gives memory back: its own. */
struct model_answer model_guest_relinquish(struct model *m, uint32_t cpu)
{
	struct move move = {
		.from = FROM_VM | FROM_SHARED, .to = MOAT_PAGE_HOST};

	return guest_move(m, cpu, &move, MOAT_EXIT_RELINQUISH);
}
