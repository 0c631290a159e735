/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tables say that the engine wrote, against what the model says. */
#include <inttypes.h>
#include <string.h>

#include "arch-host/walk.h"
#include "lockstep/abstract.h"

/* What a visit of the host's map adds up. */
struct host_sum {
	uint64_t device_bytes;
	uint32_t page_count;
};

/* The @count pages from @first on, which @leaf maps, are open to the host. */
static bool compare_open(struct abstract *a,
	const struct host_translation *leaf, uint32_t first, uint32_t count)
{
	uint32_t left = a->page_count - first;
	const uint8_t *pages = a->is_open + first;
	const uint8_t *closed = memchr(pages, 0, count < left ? count : left);
	uint64_t open = closed ? (uint64_t)(closed - pages) : left;

	if (open < count) {
		return abstract_differ(a,
			"host map 0x%" PRIx64 ": engine maps it, model closes "
			"it to the host [PAGE-3]",
			leaf->ipa + open * MOAT_PAGE_SIZE);
	}
	return true;
}

/* One leaf of the host's map: RAM it may use, or device space. */
static bool compare_host_leaf(struct abstract *a,
	const struct host_translation *leaf, struct host_sum *sum)
{
	uint32_t first = host_machine_page(a->machine, leaf->ipa);
	uint32_t count = (uint32_t)(leaf->size / MOAT_PAGE_SIZE);

	if (leaf->pa != leaf->ipa) {
		return abstract_differ(a,
			"host map 0x%" PRIx64 ": engine maps 0x%" PRIx64,
			leaf->ipa, leaf->pa);
	}
	if (leaf->is_device != (first == UINT32_MAX)) {
		return abstract_differ(a,
			"host map 0x%" PRIx64 ": engine maps %s, model %s",
			leaf->ipa, leaf->is_device ? "a device" : "memory",
			leaf->is_device ? "memory" : "a device");
	}
	if (!leaf->may_write || leaf->may_execute == leaf->is_device) {
		return abstract_differ(a,
			"host map 0x%" PRIx64 ": engine permits too little, or "
			"execution of a device",
			leaf->ipa);
	}
	if (leaf->is_device) {
		sum->device_bytes += leaf->size;
		return true;
	}
	sum->page_count += count;
	return compare_open(a, leaf, first, count);
}

/* Device space must not be a way to what is withheld, or to RAM. */
static bool compare_device_leaf(
	struct abstract *a, const struct host_translation *leaf)
{
	const struct moat_config *config = &a->machine->config;

	for (uint32_t i = 0; i < config->withheld_count; i++) {
		const struct moat_range *range = &config->withheld[i];

		if (leaf->ipa < range->base + range->size &&
			range->base < leaf->ipa + leaf->size) {
			return abstract_differ(a,
				"host map 0x%" PRIx64 ": engine maps it, model "
				"withholds it",
				leaf->ipa);
		}
	}
	for (uint32_t i = 0; i < config->ram_count; i++) {
		const struct moat_range *range = &config->ram[i];

		if (leaf->ipa < range->base + range->size &&
			range->base < leaf->ipa + leaf->size) {
			return abstract_differ(a,
				"host map 0x%" PRIx64 ": a device block covers "
				"RAM",
				leaf->ipa);
		}
	}
	return true;
}

static bool compare_host_pages(struct abstract *a, const struct host_sum *sum)
{
	uint32_t open = 0;

	for (uint32_t page = 0; page < a->page_count; page++) {
		open += a->is_open[page];
	}
	if (open != sum->page_count) {
		return abstract_differ(a,
			"host map: engine maps %u pages of RAM, model %u "
			"[PAGE-3]",
			sum->page_count, open);
	}
	return true;
}

static bool compare_host_devices(struct abstract *a, const struct host_sum *sum)
{
	if (a->device_bytes != sum->device_bytes) {
		return abstract_differ(a,
			"host map: engine maps 0x%" PRIx64 " bytes of device "
			"space, model 0x%" PRIx64,
			sum->device_bytes, a->device_bytes);
	}
	return true;
}

/* The part of the host's map from @first to before @end. */
static bool compare_host_part(
	struct abstract *a, uint64_t first, uint64_t end, struct host_sum *sum)
{
	struct moat_stage2 stage2 = moat_host_stage2(a->machine->engine);
	struct host_cursor cursor = host_cursor_make(&stage2, first);
	struct host_translation entry;

	while (host_cursor_next(a->machine, &cursor, &entry) &&
		entry.ipa < end) {
		if (entry.is_table) {
			continue;
		}
		if (entry.is_device && !compare_device_leaf(a, &entry)) {
			return false;
		}
		if (!compare_host_leaf(a, &entry, sum)) {
			return false;
		}
	}
	return true;
}

/*
 * Leaves come in ascending order and never twice, so it suffices that each is
 * right and that together they are as many as there should be.
 */
bool abstract_compare_host_map(struct abstract *a)
{
	struct host_sum sum = {0, 0};

	return compare_host_part(a, 0, UINT64_MAX, &sum) &&
	       compare_host_pages(a, &sum) && compare_host_devices(a, &sum);
}

bool abstract_compare_host_ram(struct abstract *a)
{
	const struct moat_config *config = &a->machine->config;
	struct host_sum sum = {0, 0};

	for (uint32_t i = 0; i < config->ram_count; i++) {
		const struct moat_range *range = &config->ram[i];

		if (!compare_host_part(
			    a, range->base, range->base + range->size, &sum)) {
			return false;
		}
	}
	return compare_host_pages(a, &sum);
}

/* ---- VMs --------------------------------------------------------------- */

/* What the leaf permits is what the model says of its page, at its level. */
static bool is_as_recorded(
	const struct host_translation *leaf, const struct model_page *page)
{
	bool is_lent = page->state == MOAT_PAGE_LENT;
	bool may_write = !is_lent || (page->permission & MOAT_WRITE) != 0;
	bool may_execute = !is_lent || (page->permission & MOAT_EXECUTE) != 0;

	return !leaf->is_device && leaf->level == page->level &&
	       leaf->may_write == may_write && leaf->may_execute == may_execute;
}

/* The page @offset behind the leaf's first is mapping @index of the model,
 * which counts pages by IPA. */
static bool compare_vm_page(struct abstract *a, uint32_t vm,
	const struct host_translation *leaf, uint64_t offset, size_t index)
{
	struct model_mapping model = {{0}, {0}};
	struct model_page page = {.level = 0};
	bool is_there = index < model_mapping_count(a->model, vm);

	if (is_there) {
		model = model_mapping_at(a->model, vm, index);
		is_there = model_page_next(
			a->model, &a->page_next, model.pa, &page);
	}
	if (!is_there || leaf->ipa + offset != model.ipa.value ||
		leaf->pa + offset != model.pa.value) {
		return abstract_differ(a,
			"map of vm %u, page %zu: engine 0x%" PRIx64
			" -> 0x%" PRIx64 ", model %s 0x%" PRIx64
			" -> 0x%" PRIx64 " [PAGE-2]",
			vm, index, leaf->ipa + offset, leaf->pa + offset,
			is_there ? "" : "nothing", model.ipa.value,
			model.pa.value);
	}
	if (!is_as_recorded(leaf, &page)) {
		return abstract_differ(a,
			"map of vm %u, 0x%" PRIx64 ": engine level %u write %d "
			"execute %d device %d, model level %u permission "
			"%" PRIu64,
			vm, model.ipa.value, leaf->level, leaf->may_write,
			leaf->may_execute, leaf->is_device, page.level,
			page.permission);
	}
	return true;
}

/* A leaf of @vm's map, a page or a block, is as many mappings of the model. */
static bool compare_vm_leaf(struct abstract *a, uint32_t vm,
	const struct host_translation *leaf, size_t index)
{
	for (uint64_t done = 0; done < leaf->size; done += MOAT_PAGE_SIZE) {
		if (!compare_vm_page(a, vm, leaf, done, index)) {
			return false;
		}
		index++;
	}
	return true;
}

static bool compare_vm_table(
	struct abstract *a, uint32_t vm, const struct host_translation *entry)
{
	struct moat_pa pa = {entry->pa};
	struct model_page page;

	if (!model_page_at(a->model, pa, &page) ||
		page.state != MOAT_PAGE_TABLE || page.vm != vm ||
		page.level != entry->level + 1 || page.ipa != entry->ipa) {
		return abstract_differ(a,
			"map of vm %u: engine has 0x%" PRIx64 " as its table "
			"of level %u for 0x%" PRIx64 ", model has not "
			"[TABLE-1]",
			vm, entry->pa, entry->level + 1, entry->ipa);
	}
	return true;
}

/* How many of the model's tables are root pages. */
static size_t count_root(const struct abstract *a, uint32_t vm)
{
	uint32_t start = abstract_stage2(a, vm).start_level;
	size_t count = 0;

	while (count < model_table_count(a->model, vm) &&
		model_table_at(a->model, vm, count).level == start) {
		count++;
	}
	return count;
}

bool abstract_compare_vm_map(struct abstract *a, uint32_t vm)
{
	struct moat_stage2 stage2;
	struct host_cursor cursor;
	struct host_translation entry;
	size_t leaves = 0;
	size_t tables;

	if (model_vm_at(a->model, vm).life == MOAT_VM_EMPTY) {
		return true;
	}
	stage2 = abstract_stage2(a, vm);
	cursor = host_cursor_make(&stage2, 0);
	tables = count_root(a, vm);
	while (host_cursor_next(a->machine, &cursor, &entry)) {
		if (entry.is_table ? !compare_vm_table(a, vm, &entry)
				   : !compare_vm_leaf(a, vm, &entry, leaves)) {
			return false;
		}
		tables += entry.is_table;
		leaves += entry.is_table ? 0 : entry.size / MOAT_PAGE_SIZE;
	}
	if (leaves != model_mapping_count(a->model, vm) ||
		tables != model_table_count(a->model, vm)) {
		return abstract_differ(a,
			"map of vm %u: engine has %zu pages and %zu tables, "
			"model %zu and %zu",
			vm, leaves, tables, model_mapping_count(a->model, vm),
			model_table_count(a->model, vm));
	}
	return true;
}
