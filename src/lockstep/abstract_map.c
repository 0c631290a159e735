/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tables say that the engine wrote, against what the model says. */
#include <inttypes.h>

#include "arch-host/walk.h"
#include "lockstep/abstract.h"

/* What a visit of the host's map adds up. */
struct host_sum {
	uint64_t device_bytes;
	uint32_t page_count;
};

/* A leaf of RAM: its pages are open to the host, all of them. */
static bool compare_ram_leaf(struct abstract *a,
	const struct host_translation *leaf, struct host_sum *sum)
{
	uint32_t first = host_machine_page(a->machine, leaf->ipa);
	uint32_t count = (uint32_t)(leaf->size / MOAT_PAGE_SIZE);

	sum->page_count += count;
	for (uint32_t i = 0; i < count; i++) {
		if (first + i >= a->page_count || !a->is_open[first + i]) {
			return abstract_differ(a,
				"host map 0x%" PRIx64 ": engine maps it, model "
				"closes it to the host [PAGE-3]",
				leaf->ipa + i * UINT64_C(4096));
		}
	}
	return true;
}

/* Whether @leaf translates any byte of @count ranges. */
static bool touches(const struct host_translation *leaf,
	const struct moat_range *range, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (leaf->ipa < range[i].base + range[i].size &&
			range[i].base < leaf->ipa + leaf->size) {
			return true;
		}
	}
	return false;
}

/* A leaf of device space is no way to what is withheld, nor to RAM. */
static bool compare_device_leaf(struct abstract *a,
	const struct host_translation *leaf, struct host_sum *sum)
{
	const struct moat_config *config = &a->machine->config;

	sum->device_bytes += leaf->size;
	if (touches(leaf, config->withheld, config->withheld_count)) {
		return abstract_differ(a,
			"host map 0x%" PRIx64
			": engine maps it, model withholds it",
			leaf->ipa);
	}
	if (touches(leaf, config->ram, config->ram_count)) {
		return abstract_differ(a,
			"host map 0x%" PRIx64 ": a device block covers RAM",
			leaf->ipa);
	}
	return true;
}

/* One leaf of the host's map, which is the identity. */
static bool compare_host_leaf(struct abstract *a,
	const struct host_translation *leaf, struct host_sum *sum)
{
	if (leaf->pa != leaf->ipa) {
		return abstract_differ(a,
			"host map 0x%" PRIx64 ": engine maps 0x%" PRIx64,
			leaf->ipa, leaf->pa);
	}
	return leaf->is_device ? compare_device_leaf(a, leaf, sum)
			       : compare_ram_leaf(a, leaf, sum);
}

/* The map lacks no page that is open: those it has are right already. */
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
		if (!entry.is_table && !compare_host_leaf(a, &entry, sum)) {
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

/* A leaf of @vm's map is mapping @index of the model, which counts by IPA. */
static bool compare_vm_leaf(struct abstract *a, uint32_t vm,
	const struct host_translation *leaf, size_t index)
{
	struct model_mapping model = {{UINT64_MAX}, {UINT64_MAX}};

	if (index < model_mapping_count(a->model, vm)) {
		model = model_mapping_at(a->model, vm, index);
	}
	if (!leaf->is_device && leaf->size == MOAT_PAGE_SIZE &&
		leaf->ipa == model.ipa.value && leaf->pa == model.pa.value) {
		return true;
	}
	return abstract_differ(a,
		"map of vm %u, entry %zu: engine 0x%" PRIx64 " -> 0x%" PRIx64
		" (0x%" PRIx64 " bytes), model 0x%" PRIx64 " -> 0x%" PRIx64
		" [PAGE-2]",
		vm, index, leaf->ipa, leaf->pa, leaf->size, model.ipa.value,
		model.pa.value);
}

/* A table in @vm's map is one that the model has there. */
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

/* How many of the model's tables are root pages: no entry leads to them. */
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

/* What a visit of a VM's map found. */
struct vm_sum {
	size_t leaves;
	size_t tables;
};

static bool compare_vm_entries(
	struct abstract *a, uint32_t vm, struct vm_sum *sum)
{
	struct moat_stage2 stage2 = abstract_stage2(a, vm);
	struct host_cursor cursor = host_cursor_make(&stage2, 0);
	struct host_translation entry;

	while (host_cursor_next(a->machine, &cursor, &entry)) {
		if (entry.is_table ? !compare_vm_table(a, vm, &entry)
				   : !compare_vm_leaf(
					     a, vm, &entry, sum->leaves)) {
			return false;
		}
		sum->tables += entry.is_table;
		sum->leaves += !entry.is_table;
	}
	return true;
}

/* As for the host: each entry is right, and together they are enough. */
static bool compare_vm_sum(
	struct abstract *a, uint32_t vm, const struct vm_sum *sum)
{
	size_t leaves = model_mapping_count(a->model, vm);
	size_t tables = model_table_count(a->model, vm);

	if (sum->leaves == leaves && sum->tables == tables) {
		return true;
	}
	return abstract_differ(a,
		"map of vm %u: engine has %zu pages and %zu tables, model %zu "
		"and %zu",
		vm, sum->leaves, sum->tables, leaves, tables);
}

bool abstract_compare_vm_map(struct abstract *a, uint32_t vm)
{
	struct vm_sum sum = {0, 0};

	if (model_vm_at(a->model, vm).life == MOAT_VM_EMPTY) {
		return true;
	}
	sum.tables = count_root(a, vm);
	return compare_vm_entries(a, vm, &sum) && compare_vm_sum(a, vm, &sum);
}
