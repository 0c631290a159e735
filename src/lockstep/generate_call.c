/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the host: one that the VM's life makes likely, with arguments that
 * could be granted, of which now and then one is made wrong.
 */
#include "lockstep/draft.h"

enum { WEIGHTS_MAX = 20 };

/* ---- Which call -------------------------------------------------------- */

/* How likely each call is, by the life of the VM it is about. */
struct weight {
	uint64_t number;
	uint32_t weight;
};

static const struct weight weights[MOAT_VM_LIFE_COUNT][WEIGHTS_MAX] = {
	[MOAT_VM_EMPTY] = {{MOAT_VM_CREATE, 8}, {MOAT_PAGE_INFO, 1}},
	[MOAT_VM_BUILDING] = {{MOAT_TABLE_CREATE, 10}, {MOAT_PAGE_LOAD, 6},
		{MOAT_PAGE_DONATE, 5}, {MOAT_PAGE_LEND, 4},
		{MOAT_BLOCK_DONATE, 3}, {MOAT_BLOCK_LEND, 2},
		{MOAT_TABLE_FOLD, 3}, {MOAT_TABLE_SPLIT, 2},
		{MOAT_VCPU_CREATE, 10}, {MOAT_PAGE_RECALL, 1},
		{MOAT_TABLE_DESTROY, 2}, {MOAT_VCPU_DESTROY, 1},
		{MOAT_VM_SEAL, 5}, {MOAT_VM_KILL, 1}, {MOAT_VM_INFO, 1},
		{MOAT_PAGE_INFO, 2}},
	[MOAT_VM_ACTIVE] = {{MOAT_VCPU_RUN, 40}, {MOAT_TABLE_CREATE, 6},
		{MOAT_PAGE_DONATE, 6}, {MOAT_PAGE_LEND, 5},
		{MOAT_BLOCK_DONATE, 3}, {MOAT_BLOCK_LEND, 3},
		{MOAT_TABLE_FOLD, 5}, {MOAT_TABLE_SPLIT, 3},
		{MOAT_PAGE_RECALL, 4}, {MOAT_TABLE_DESTROY, 2},
		{MOAT_VM_KILL, 1}, {MOAT_VM_INFO, 1}, {MOAT_PAGE_INFO, 2}},
	[MOAT_VM_DYING] = {{MOAT_PAGE_RECLAIM, 12}, {MOAT_PAGE_RECALL, 8},
		{MOAT_TABLE_DESTROY, 12}, {MOAT_VCPU_DESTROY, 6},
		{MOAT_VM_FREE, 4}, {MOAT_VM_INFO, 1}, {MOAT_PAGE_INFO, 2}},
};

static uint64_t draw_weighted(const struct draft *draft)
{
	const struct weight *row =
		weights[model_vm_at(draft->model, draft->vm).life];
	uint64_t total = 0;
	uint64_t ticket;

	for (uint32_t i = 0; i < WEIGHTS_MAX; i++) {
		total += row[i].weight;
	}
	ticket = below(draft, total);
	while (ticket >= row->weight) {
		ticket -= row->weight;
		row++;
	}
	return row->number;
}

/* Whether there is a vCPU in whichever state. */
static bool has_vcpu(const struct draft *draft)
{
	return draft_has_vcpu(draft, MOAT_VCPU_READY) ||
	       draft_has_vcpu(draft, MOAT_VCPU_RUNNING) ||
	       draft_has_vcpu(draft, MOAT_VCPU_OFF);
}

/* The half whose addresses a call takes. */
static bool is_of_shared(uint64_t number)
{
	return number == MOAT_PAGE_LEND || number == MOAT_BLOCK_LEND ||
	       number == MOAT_PAGE_RECALL;
}

/* What a VM that grows needs first for @number. */
static uint64_t draw_before_growth(const struct draft *draft, uint64_t number)
{
	struct model_table table;
	struct model_mapping mapping;
	bool is_shared = is_of_shared(number);

	switch (number) {
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_LEND:
		return draft_table(draft, LEAF_LEVEL, is_shared, &table)
			       ? number
			       : MOAT_TABLE_CREATE;
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		return draft_table(draft, BLOCK_LEVEL, is_shared, &table)
			       ? number
			       : MOAT_TABLE_CREATE;
	case MOAT_TABLE_SPLIT:
		return draft_mapping(draft, UINT32_MAX, BLOCK_LEVEL, &mapping)
			       ? number
			       : MOAT_BLOCK_DONATE;
	case MOAT_VM_SEAL:
		return draft_has_vcpu(draft, MOAT_VCPU_READY)
			       ? number
			       : MOAT_VCPU_CREATE;
	case MOAT_VCPU_RUN:
		return has_vcpu(draft) ? number : MOAT_VM_KILL;
	default:
		return number;
	}
}

/* What is in the way of the end of a VM. */
static uint64_t draw_before_end(const struct draft *draft, uint64_t number)
{
	struct model_mapping mapping;
	uint32_t owned = 1u << MOAT_PAGE_VM | 1u << MOAT_PAGE_SHARED;
	size_t tables = model_table_count(draft->model, draft->vm);

	if (draft_mapping(draft, owned, 0, &mapping)) {
		return MOAT_PAGE_RECLAIM;
	}
	if (draft_mapping(draft, 1u << MOAT_PAGE_LENT, 0, &mapping)) {
		return MOAT_PAGE_RECALL;
	}
	if (number == MOAT_VM_FREE && has_vcpu(draft)) {
		return MOAT_VCPU_DESTROY;
	}
	if (tables != 0 &&
		model_table_at(draft->model, draft->vm, tables - 1).level !=
			draft_root_level(draft)) {
		return MOAT_TABLE_DESTROY;
	}
	return number == MOAT_PAGE_RECLAIM || number == MOAT_PAGE_RECALL
		       ? MOAT_VM_FREE
		       : number;
}

static uint64_t draw_function(const struct draft *draft)
{
	enum moat_vm_life life = model_vm_at(draft->model, draft->vm).life;
	uint64_t number;

	if (once_in(draft, 100)) {
		return random_next(draft->random);
	}
	if (once_in(draft, 12)) {
		return op_host_call(below(draft, op_host_call_count()))
			->function;
	}
	number = draw_weighted(draft);
	if (!once_in(draft, 4)) {
		number = life == MOAT_VM_DYING
				 ? draw_before_end(draft, number)
				 : draw_before_growth(draft, number);
	}
	return MOAT_FUNCTION(number);
}

/* ---- Tables ------------------------------------------------------------ */

/* A place near the start of a half, mostly, so that tables share parents. */
static uint64_t draw_spot(const struct draft *draft, uint32_t level)
{
	uint64_t bytes = draft_entry_bytes(level) * ENTRIES;
	uint64_t half = draft_half(draft);
	uint64_t spot = below(draft, 3) * bytes;

	if (half > bytes && once_in(draft, 6)) {
		spot = half - bytes;
	}
	return spot + half * below(draft, 2);
}

/* The table that is missing first on the way to a leaf table. */
static void draw_new_table(const struct draft *draft)
{
	uint64_t *word = draft->op->word;
	uint32_t level = draft_root_level(draft) + 1;
	uint64_t ipa = draw_spot(draft, LEAF_LEVEL);

	while (level < LEAF_LEVEL && draft_has_table(draft, level, ipa)) {
		level++;
	}
	word[2] = ipa - ipa % (draft_entry_bytes(level) * ENTRIES);
	word[3] = level;
	word[4] = draft_host_page(draft);
}

/* A table below the root; its words are as for a new one, if there is none. */
static void draw_old_table(const struct draft *draft)
{
	uint64_t *word = draft->op->word;
	struct model_table table;
	bool is_there = false;

	draw_new_table(draft);
	word[4] = 0;
	for (uint32_t level = LEAF_LEVEL;
		!is_there && level > draft_root_level(draft); level--) {
		is_there = !once_in(draft, 6) &&
			   draft_table(draft, level, once_in(draft, 2), &table);
	}
	if (is_there) {
		word[2] = table.ipa.value;
		word[3] = table.level;
	}
}

/* A full leaf table, if a few tries find one; a leaf table; or a block. */
static void draw_fold(const struct draft *draft)
{
	uint64_t *word = draft->op->word;
	struct model_table table;
	struct model_mapping mapping;

	word[2] = draft_ipa(draft) & -REGION;
	word[3] = LEAF_LEVEL;
	for (int turn = 0; turn < 4; turn++) {
		if (draft_table(draft, LEAF_LEVEL, once_in(draft, 2), &table)) {
			word[2] = table.ipa.value;
		}
		if (draft_is_full(draft, word[2])) {
			return;
		}
	}
	if (once_in(draft, 4) &&
		draft_mapping(draft, UINT32_MAX, BLOCK_LEVEL, &mapping)) {
		word[2] = mapping.ipa.value & -REGION;
	}
}

static void draw_split(const struct draft *draft)
{
	uint64_t *word = draft->op->word;
	struct model_mapping mapping;

	word[2] = draft_ipa(draft) & -REGION;
	word[3] = LEAF_LEVEL;
	word[4] = draft_host_page(draft);
	if (draft_mapping(draft, UINT32_MAX, BLOCK_LEVEL, &mapping)) {
		word[2] = mapping.ipa.value & -REGION;
	}
}

/* ---- Pages ------------------------------------------------------------- */

/* An entry of a table of @level in the half, or where one might be. */
static uint64_t draw_any_entry(
	const struct draft *draft, uint32_t level, bool is_shared)
{
	uint64_t bytes = draft_entry_bytes(level);
	struct model_table table;

	if (draft_table(draft, level, is_shared, &table)) {
		return table.ipa.value + draft_slot(draft) * bytes;
	}
	return (is_shared ? draft_half(draft) : 0) + draft_slot(draft) * bytes;
}

/* Mostly an empty one. */
static uint64_t draw_entry(
	const struct draft *draft, uint32_t level, bool is_shared)
{
	struct moat_ipa ipa = {0};
	struct moat_pa pa;

	for (int turn = 0; turn < 4; turn++) {
		ipa.value = draw_any_entry(draft, level, is_shared);
		if (!model_translate(draft->model, draft->vm, ipa, &pa)) {
			break;
		}
	}
	return ipa.value;
}

static uint64_t draw_permission(const struct draft *draft)
{
	return MOAT_READ + MOAT_WRITE * below(draft, 2) +
	       MOAT_EXECUTE * below(draft, 2);
}

/* A few pages; or a whole region to a whole leaf table, which folds. */
static void draw_give(const struct draft *draft, bool is_shared)
{
	uint64_t *word = draft->op->word;

	word[2] = draw_entry(draft, LEAF_LEVEL, is_shared);
	word[3] = draft_host_page(draft);
	word[4] = draft_count(draft);
	if (once_in(draft, 2)) {
		word[3] = draft_pa(draft);
	}
	if (once_in(draft, 6)) {
		word[2] &= -REGION;
		word[3] = draft_host_region(draft);
		word[4] = ENTRIES;
		if (once_in(draft, 6)) {
			word[3] += MOAT_PAGE_SIZE;
		}
	}
	if (is_shared) {
		word[5] = draw_permission(draft);
	}
}

static void draw_block(const struct draft *draft, bool is_shared)
{
	uint64_t *word = draft->op->word;

	word[2] = draw_entry(draft, BLOCK_LEVEL, is_shared);
	word[3] = draft_host_region(draft);
	if (is_shared) {
		word[4] = draw_permission(draft);
	}
}

/* Pages that are there; of a block all or, mostly refused, some. */
static void draw_take(const struct draft *draft, uint32_t states)
{
	uint64_t *word = draft->op->word;
	struct model_mapping mapping;
	struct model_page page;

	word[2] = draft_ipa(draft);
	word[3] = draft_count(draft);
	if (once_in(draft, 8) || !draft_mapping(draft, states, 0, &mapping)) {
		return;
	}
	word[2] = mapping.ipa.value;
	if (model_page_at(draft->model, mapping.pa, &page) &&
		page.level == BLOCK_LEVEL && !once_in(draft, 4)) {
		word[2] &= -REGION;
		word[3] = ENTRIES + below(draft, 2) * below(draft, ENTRIES);
	} else if (once_in(draft, 2)) {
		word[2] &= -REGION;
		word[3] = ENTRIES;
	}
}

/* ---- VMs and vCPUs ----------------------------------------------------- */

/* Pages of the root that @bits need: as few levels as 16 tables allow. */
static uint64_t root_pages(uint64_t bits)
{
	uint64_t reach = MOAT_PAGE_BITS + 2 * MOAT_TABLE_BITS; /* level 2 */

	while (bits > reach + 4) {
		reach += MOAT_TABLE_BITS;
	}
	return bits > reach ? UINT64_C(1) << (bits - reach) : 1;
}

static void draw_create(const struct draft *draft)
{
	uint64_t widest = model_config(draft->model)->ipa_bits;
	uint64_t *word = draft->op->word;

	word[3] = MOAT_IPA_BITS_MIN;
	if (!once_in(draft, 3)) {
		word[3] += below(draft, widest - MOAT_IPA_BITS_MIN + 1);
	}
	word[2] = draft_host_page(draft);
	word[2] -= word[2] % (root_pages(word[3]) * MOAT_PAGE_SIZE);
	word[4] = 1 + below(draft, 3);
}

static void draw_vcpu_create(const struct draft *draft)
{
	uint64_t *word = draft->op->word;

	word[2] = draft_vcpu(draft, MOAT_VCPU_ABSENT) % 4;
	word[3] = draft_host_page(draft);
	word[4] = below(draft, 0x10000) * 4;
	word[5] = draft_value(draft);
	word[6] = draft_has_vcpu(draft, MOAT_VCPU_READY) ? below(draft, 2) : 0;
}

/* What the pending exit permits, or not; and interrupts of all kinds. */
static void draw_run(const struct draft *draft)
{
	uint64_t *word = draft->op->word;

	word[2] = draft_vcpu(
		draft, once_in(draft, 8) ? MOAT_VCPU_OFF : MOAT_VCPU_READY);
	if (once_in(draft, 12)) {
		word[2] = draft_vcpu(draft, MOAT_VCPU_RUNNING);
	}
	word[3] = once_in(draft, 4) ? MOAT_ENTRY_ABORT : 0;
	word[3] += once_in(draft, 4) ? MOAT_ENTRY_UNDERFLOW : 0;
	for (uint32_t i = 4; i < 10; i++) {
		word[i] = draft_value(draft);
	}
	for (uint32_t i = 10; i <= OP_ARGUMENTS; i++) {
		word[i] = draft_interesting(draft, OP_LIST);
	}
}

/* ---- Arguments --------------------------------------------------------- */

/* Calls about tables and pages; false if @number is none. */
static bool draw_memory_call(const struct draft *draft, uint64_t number)
{
	uint32_t owned = 1u << MOAT_PAGE_VM | 1u << MOAT_PAGE_SHARED;

	switch (number) {
	case MOAT_TABLE_CREATE:
		draw_new_table(draft);
		return true;
	case MOAT_TABLE_DESTROY:
		draw_old_table(draft);
		return true;
	case MOAT_TABLE_FOLD:
		draw_fold(draft);
		return true;
	case MOAT_TABLE_SPLIT:
		draw_split(draft);
		return true;
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_LEND:
		draw_give(draft, is_of_shared(number));
		return true;
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		draw_block(draft, is_of_shared(number));
		return true;
	case MOAT_PAGE_RECLAIM:
		draw_take(draft, owned);
		return true;
	case MOAT_PAGE_RECALL:
		draw_take(draft, 1u << MOAT_PAGE_LENT);
		return true;
	default:
		return false;
	}
}

static void draw_vm_call(const struct draft *draft, uint64_t number)
{
	switch (number) {
	case MOAT_VM_CREATE:
		draw_create(draft);
		break;
	case MOAT_VCPU_CREATE:
		draw_vcpu_create(draft);
		break;
	case MOAT_VCPU_DESTROY:
		draft->op->word[2] = draft_vcpu(draft,
			once_in(draft, 2) ? MOAT_VCPU_READY : MOAT_VCPU_OFF);
		break;
	case MOAT_VCPU_RUN:
		draw_run(draft);
		break;
	default:
		break;
	}
}

/* One argument made wrong: another number, or not aligned, or a bit more. */
static void spoil(const struct draft *draft, const struct op_call *call)
{
	uint32_t i = (uint32_t)below(draft, call->argument_count);
	uint64_t *word = &draft->op->word[1 + i];

	switch (below(draft, 4)) {
	case 0:
		*word += UINT64_C(1) << below(draft, 13);
		break;
	case 1:
		*word = call->argument[i] == OP_IPA ? draft_ipa(draft)
						    : draft_pa(draft);
		break;
	default:
		*word = draft_interesting(draft, call->argument[i]);
		break;
	}
}

/* A table as often as anything else: blocks have so many pages. */
static uint64_t draw_asked(const struct draft *draft)
{
	size_t count = model_table_count(draft->model, draft->vm);

	if (count == 0 || once_in(draft, 2)) {
		return draft_pa(draft);
	}
	return model_table_at(draft->model, draft->vm, below(draft, count))
		.pa.value;
}

void draft_call(const struct draft *draft)
{
	struct op *op = draft->op;
	const struct op_call *call;

	op->kind = OP_CALL;
	op->word[0] = draw_function(draft);
	call = op_call_of(op);
	if (!call || call->argument_count == 0) {
		return;
	}
	op->word[1] = draft->vm;
	if (op->word[0] == MOAT_FUNCTION(MOAT_PAGE_INFO)) {
		op->word[1] = draw_asked(draft);
	} else if (!draw_memory_call(draft, op->word[0] - MOAT_FUNCTION(0))) {
		draw_vm_call(draft, op->word[0] - MOAT_FUNCTION(0));
	}
	if (once_in(draft, 5)) {
		spoil(draft, call);
	}
}
