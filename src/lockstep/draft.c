/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/draft.h"

enum { HOME_PAGES = 96, TRIES = 8 };

uint64_t draft_entry_bytes(uint32_t level)
{
	uint64_t bytes = MOAT_PAGE_SIZE;

	for (; level < LEAF_LEVEL; level++) {
		bytes *= ENTRIES;
	}
	return bytes;
}

uint64_t draft_half(const struct draft *draft)
{
	uint32_t bits = model_vm_at(draft->model, draft->vm).ipa_bits;

	return bits == 0 ? 0 : UINT64_C(1) << (bits - 1);
}

uint64_t draft_interesting(const struct draft *draft, enum op_argument argument)
{
	return op_interesting(argument, below(draft, 256));
}

/* ---- Physical addresses ------------------------------------------------ */

static const struct moat_range *draw_range(const struct draft *draft)
{
	const struct moat_config *config = model_config(draft->model);

	return &config->ram[below(draft, config->ram_count)];
}

static bool is_host(const struct draft *draft, uint64_t pa)
{
	struct model_page page;

	return model_page_at(draft->model, (struct moat_pa){pa}, &page) &&
	       page.state == MOAT_PAGE_HOST;
}

/* The first pages of RAM, which are where small things pile up. */
static uint64_t draw_home(const struct draft *draft)
{
	const struct moat_config *config = model_config(draft->model);

	return config->ram[0].base + below(draft, HOME_PAGES) * MOAT_PAGE_SIZE;
}

uint64_t draft_host_page(const struct draft *draft)
{
	uint64_t pa = draw_home(draft);

	for (int turn = 0; turn < TRIES && !is_host(draft, pa); turn++) {
		pa = draw_home(draft);
	}
	return pa;
}

/* The index of the first page in use at or behind @pa. */
static size_t first_used(const struct draft *draft, uint64_t pa)
{
	size_t low = 0;
	size_t high = model_page_count(draft->model);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (model_page_pa(draft->model, middle).value < pa) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* Nothing in use, and nothing withheld from the first page to the last. */
static bool is_host_region(const struct draft *draft, uint64_t pa)
{
	const struct moat_config *config = model_config(draft->model);

	for (uint32_t i = 0; i < config->withheld_count; i++) {
		const struct moat_range *range = &config->withheld[i];

		if (pa < range->base + range->size &&
			range->base < pa + REGION) {
			return false;
		}
	}
	return first_used(draft, pa) == first_used(draft, pa + REGION);
}

uint64_t draft_host_region(const struct draft *draft)
{
	uint64_t pa = 0;

	for (int turn = 0; turn < TRIES; turn++) {
		const struct moat_range *range = draw_range(draft);

		pa = range->base + below(draft, range->size / REGION) * REGION;
		if (is_host_region(draft, pa)) {
			return pa;
		}
	}
	return pa;
}

/* A page of RAM: mostly at an end of a region, so that it is met again. */
static uint64_t draw_ram(const struct draft *draft)
{
	const struct moat_range *range = draw_range(draft);
	uint64_t pages = range->size / MOAT_PAGE_SIZE;
	uint64_t page;

	switch (below(draft, 3)) {
	case 0:
		/* Around the start of a region, which is the end of one. */
		page = below(draft, pages / ENTRIES) * ENTRIES +
		       below(draft, 16);
		page = page < 8 ? page : page - 8;
		break;
	case 1:
		/* The last pages, and one behind them. */
		page = pages - below(draft, 8);
		break;
	default:
		page = below(draft, pages);
		break;
	}
	return range->base + page * MOAT_PAGE_SIZE;
}

/* A page that is something else than HOST already. */
static uint64_t draw_used(const struct draft *draft)
{
	size_t count = model_page_count(draft->model);

	if (count == 0) {
		return draw_ram(draft);
	}
	return model_page_pa(draft->model, below(draft, count)).value;
}

static uint64_t draw_withheld(const struct draft *draft)
{
	const struct moat_config *config = model_config(draft->model);
	const struct moat_range *range;

	if (config->withheld_count == 0) {
		return draw_ram(draft);
	}
	range = &config->withheld[below(draft, config->withheld_count)];

	return range->base +
	       below(draft, range->size / MOAT_PAGE_SIZE + 1) * MOAT_PAGE_SIZE;
}

uint64_t draft_pa(const struct draft *draft)
{
	switch (below(draft, 12)) {
	case 0:
	case 1:
		return draw_used(draft);
	case 2:
		/* Beside one in use: what fills a region, or a gap in it. */
		return draw_used(draft) + MOAT_PAGE_SIZE -
		       2 * MOAT_PAGE_SIZE * below(draft, 2);
	case 3:
		return draft_interesting(draft, OP_PA);
	case 4:
		return draw_withheld(draft);
	case 5:
	case 6:
		return draw_ram(draft);
	default:
		return draft_host_page(draft);
	}
}

/* ---- Addresses of the VM ----------------------------------------------- */

uint64_t draft_slot(const struct draft *draft)
{
	switch (below(draft, 8)) {
	case 0:
		return below(draft, ENTRIES);
	case 1:
		return ENTRIES - 1 - below(draft, 4);
	default:
		return below(draft, 6);
	}
}

bool draft_table(const struct draft *draft, uint32_t level, bool is_shared,
	struct model_table *table)
{
	size_t count = model_table_count(draft->model, draft->vm);
	size_t start = count == 0 ? 0 : below(draft, count);
	uint64_t half = draft_half(draft);

	for (size_t i = 0; i < count; i++) {
		*table = model_table_at(
			draft->model, draft->vm, (start + i) % count);
		if (table->level == level &&
			(table->ipa.value >= half) == is_shared) {
			return true;
		}
	}
	return false;
}

bool draft_has_table(const struct draft *draft, uint32_t level, uint64_t ipa)
{
	size_t count = model_table_count(draft->model, draft->vm);
	uint64_t bytes = draft_entry_bytes(level) * ENTRIES;

	for (size_t i = 0; i < count; i++) {
		struct model_table table =
			model_table_at(draft->model, draft->vm, i);

		if (table.level == level && ipa - table.ipa.value < bytes) {
			return true;
		}
	}
	return false;
}

uint32_t draft_root_level(const struct draft *draft)
{
	if (model_table_count(draft->model, draft->vm) == 0) {
		return 0;
	}
	return model_table_at(draft->model, draft->vm, 0).level;
}

bool draft_mapping(const struct draft *draft, uint32_t states, uint32_t level,
	struct model_mapping *mapping)
{
	size_t count = model_mapping_count(draft->model, draft->vm);
	struct model_page page;

	for (int turn = 0; count != 0 && turn < TRIES; turn++) {
		*mapping = model_mapping_at(
			draft->model, draft->vm, below(draft, count));
		if (model_page_at(draft->model, mapping->pa, &page) &&
			(states & 1u << page.state) != 0 &&
			(level == 0 || page.level == level)) {
			return true;
		}
	}
	return false;
}

/* The index of the VM's first mapping at or behind @ipa. */
static size_t first_mapping(const struct draft *draft, uint64_t ipa)
{
	size_t low = 0;
	size_t high = model_mapping_count(draft->model, draft->vm);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (model_mapping_at(draft->model, draft->vm, middle)
				.ipa.value < ipa) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

bool draft_is_full(const struct draft *draft, uint64_t ipa)
{
	size_t index = first_mapping(draft, ipa);
	struct model_mapping first;
	struct model_mapping last;

	if (index + ENTRIES > model_mapping_count(draft->model, draft->vm)) {
		return false;
	}
	first = model_mapping_at(draft->model, draft->vm, index);
	last = model_mapping_at(draft->model, draft->vm, index + ENTRIES - 1);
	return first.ipa.value == ipa && first.pa.value % REGION == 0 &&
	       last.ipa.value - ipa == REGION - MOAT_PAGE_SIZE &&
	       last.pa.value - first.pa.value == REGION - MOAT_PAGE_SIZE;
}

/* An address at an edge of the VM's IPA space or of one of its halves. */
static uint64_t draw_edge(const struct draft *draft)
{
	uint64_t edge = draft_half(draft) * below(draft, 3);

	return edge - below(draft, 3) * draft_entry_bytes((
						uint32_t)(1 + below(draft, 3)));
}

/* Where a page may be mapped, or is. */
static uint64_t draw_page(const struct draft *draft)
{
	struct model_table table;
	struct model_mapping mapping;

	if (!once_in(draft, 3) &&
		draft_mapping(draft, UINT32_MAX, 0, &mapping)) {
		return mapping.ipa.value;
	}
	if (draft_table(draft, LEAF_LEVEL, once_in(draft, 2), &table)) {
		return table.ipa.value + draft_slot(draft) * MOAT_PAGE_SIZE;
	}
	return draft_interesting(draft, OP_IPA);
}

uint64_t draft_ipa(const struct draft *draft)
{
	switch (below(draft, 12)) {
	case 0:
		return draft_interesting(draft, OP_IPA);
	case 1:
		return draw_edge(draft);
	default:
		return draw_page(draft);
	}
}

/* ---- Other arguments --------------------------------------------------- */

uint64_t draft_count(const struct draft *draft)
{
	switch (below(draft, 8)) {
	case 0:
		return draft_interesting(draft, OP_COUNT);
	case 1:
		return 1 + below(draft, 2 * ENTRIES);
	case 2:
	case 3:
		return 2 + below(draft, 14);
	default:
		return 1;
	}
}

uint64_t draft_value(const struct draft *draft)
{
	if (once_in(draft, 2)) {
		return draft_interesting(draft, OP_VALUE);
	}
	return random_next(draft->random);
}

static bool has_state(
	const struct draft *draft, uint64_t vcpu, enum moat_vcpu_state state)
{
	const struct model_vcpu *at =
		model_vcpu_at(draft->model, draft->vm, (uint32_t)vcpu);

	return at && at->state == state;
}

uint64_t draft_vcpu(const struct draft *draft, enum moat_vcpu_state state)
{
	for (int turn = 0; turn < TRIES; turn++) {
		uint64_t vcpu = below(draft, MOAT_VCPU_MAX);

		if (has_state(draft, vcpu, state)) {
			return vcpu;
		}
	}
	return below(draft, 3);
}

bool draft_has_vcpu(const struct draft *draft, enum moat_vcpu_state state)
{
	for (uint64_t i = 0; i < MOAT_VCPU_MAX; i++) {
		if (has_state(draft, i, state)) {
			return true;
		}
	}
	return false;
}

uint64_t draft_pc(const struct draft *draft)
{
	if (once_in(draft, 4)) {
		return draft_interesting(draft, OP_PC);
	}
	return below(draft, 0x10000) * 4;
}
