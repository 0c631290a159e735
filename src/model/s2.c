/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's IPA space, without tables: which tables exist is a set, and what is
 * mapped is a map. The geometry is that of a 4 KiB granule (Arm ARM, D8.2):
 * a table has 512 entries, and up to 16 tables may be joined at the root.
 *
 * Tables matter all the same, since the host gives and takes them by name: a
 * page can be mapped only where there is a leaf table, and a table be taken
 * only when it is empty. That much of them is here, and no more: no entries, no
 * walk, no order in which anything would have to be written.
 */
#include "model/state.h"

/* IPAs have at most 44 bits, so a level fits above them. */
static const uint64_t KEY_LEVEL = (uint64_t)1 << 48;

/* The start level is the lowest at which at most 16 tables cover the space: 16
 * of level 2 are 16 GiB (34 bits), 16 of level 1 are 8 TiB (43 bits). */
uint32_t model_s2_start_level(uint32_t ipa_bits)
{
	if (ipa_bits <= 34) {
		return 2;
	}
	return ipa_bits <= 43 ? 1 : 0;
}

/* One root page of level 2 translates 2^30 bytes, one of level 1 2^39. A single
 * one may translate more than the space has, as between 35 and 38 bits: what is
 * above the space stays empty, since no call accepts an address there. */
uint32_t model_s2_root_pages(uint32_t ipa_bits)
{
	if (ipa_bits <= 34) {
		return 1u << (ipa_bits - 30);
	}
	if (ipa_bits >= 40 && ipa_bits <= 43) {
		return 1u << (ipa_bits - 39);
	}
	return 1;
}

/* 512 pages for a leaf table (level 3), and 512 times as much for each level
 * above it: 2 MiB, 1 GiB, 512 GiB, 256 TiB. */
uint64_t model_s2_span(uint32_t level)
{
	uint64_t span = (uint64_t)MOAT_PAGE_SIZE * 512;

	for (uint32_t i = level; i < MODEL_LEAF_LEVEL; i++) {
		span *= 512;
	}
	return span;
}

/* The address is rounded down to what the table translates, so any address asks
 * for the table that translates it. */
uint64_t model_s2_key(uint32_t level, uint64_t ipa)
{
	return level * KEY_LEVEL + (ipa - ipa % model_s2_span(level));
}

/* A walk would go from table to table. Here a table exists or it does not;
 * that its parents exist too is [TABLE-1], kept by table_create and
 * table_destroy. */
const uint64_t *model_s2_table(
	const struct model_vm *vm, uint32_t level, uint64_t ipa)
{
	return model_map_find(&vm->tables, model_s2_key(level, ipa));
}

/* Nothing is mapped outside the IPA space, so no address needs to be
 * checked. */
const uint64_t *model_s2_page(const struct model_vm *vm, uint64_t ipa)
{
	return model_map_find(&vm->mappings, model_page_base(ipa));
}

/* What stage 2 does to an address of the VM, whatever its halves. */
bool model_translate(const struct model *m, uint32_t vm, struct moat_ipa ipa,
	struct moat_pa *pa)
{
	const uint64_t *page = model_s2_page(model_vm_slot(m, vm), ipa.value);

	if (page == NULL) {
		return false;
	}
	pa->value = *page + ipa.value % MOAT_PAGE_SIZE;
	return true;
}

size_t model_table_count(const struct model *m, uint32_t vm)
{
	return model_vm_slot(m, vm)->tables.count;
}

struct model_table model_table_at(
	const struct model *m, uint32_t vm, size_t index)
{
	const struct model_map *map = &model_vm_slot(m, vm)->tables;
	struct model_table table;

	table.level = (uint32_t)(model_map_key(map, index) / KEY_LEVEL);
	table.ipa.value = model_map_key(map, index) % KEY_LEVEL;
	table.pa.value = *(const uint64_t *)model_map_value(map, index);
	return table;
}

/* ---- Calls ------------------------------------------------------------- */

/* What table_create and table_destroy both ask of x2 and x3, first before and
 * then after they know the VM. */
static uint64_t table_argument_refusal(const uint64_t *x)
{
	if (x[3] < 1 || x[3] > MODEL_LEAF_LEVEL) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	if (!model_is_aligned(x[2], model_s2_span((uint32_t)x[3]))) {
		return model_x0(MOAT_BAD_ARG, 2);
	}
	return MOAT_OK;
}

/* The IPA space is a multiple of what any table below the root translates, and
 * x2 is aligned to that: if x2 is inside, the whole table is. */
static uint64_t table_place_refusal(
	const struct model_vm *vm, const uint64_t *x)
{
	if (x[2] >= (uint64_t)1 << vm->ipa_bits) {
		return model_x0(MOAT_BAD_IPA, 2);
	}
	if (x[3] <= model_s2_start_level(vm->ipa_bits)) {
		return model_x0(MOAT_BAD_IPA, 3);
	}
	return MOAT_OK;
}

/* The level is 1..3 and below the start level, so level - 1 is one that the VM
 * may have; at the start level it is the root, which always exists. */
static uint64_t table_create_slot_refusal(
	const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];
	uint32_t level = (uint32_t)x[3];

	if (model_s2_table(vm, level - 1, x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (model_s2_table(vm, level, x[2]) != NULL) {
		return model_x0(MOAT_OCCUPIED, 2);
	}
	if (!model_page_is_host(m, x[4])) {
		return model_x0(MOAT_BAD_PAGE, 4);
	}
	return MOAT_OK;
}

/* In the order of enum moat_status. Arguments that are wrong whatever the state
 * are refused first, so that such a refusal tells nothing about any state. */
static uint64_t table_create_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0 = table_argument_refusal(x);

	if (x0 == MOAT_OK && !model_is_aligned(x[4], MOAT_PAGE_SIZE)) {
		x0 = model_x0(MOAT_BAD_ARG, 4);
	}
	if (x0 == MOAT_OK) {
		x0 = model_vm_refusal(m, x[1], MODEL_BUILDING | MODEL_ACTIVE);
	}
	if (x0 == MOAT_OK) {
		x0 = table_place_refusal(&m->vms[x[1]], x);
	}
	if (x0 == MOAT_OK) {
		x0 = table_create_slot_refusal(m, x);
	}
	return x0;
}

/* The table is zeroed: what the host had written there must not become
 * entries. */
struct model_answer model_table_create(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer =
		model_answer_make(table_create_refusal(m, x));
	struct model_page page = {.state = MOAT_PAGE_TABLE, .ipa = x[2]};

	if (answer.x[0] == MOAT_OK) {
		page.vm = (uint32_t)x[1];
		page.level = (uint32_t)x[3];
		model_page_take(m, x[4], &page);
		model_page_scrub(m, x[4]);
		model_map_put(&m->vms[page.vm].tables,
			model_s2_key(page.level, page.ipa), &x[4]);
	}
	return answer;
}

/* A leaf table holds pages; any other holds tables one level down. */
static bool table_is_empty(
	const struct model_vm *vm, uint32_t level, uint64_t ipa)
{
	uint64_t end = ipa + model_s2_span(level);
	uint64_t below = (level + 1) * KEY_LEVEL;

	if (level == MODEL_LEAF_LEVEL) {
		return model_map_range_count(&vm->mappings, ipa, end) == 0;
	}
	return model_map_range_count(&vm->tables, below + ipa, below + end) ==
	       0;
}

/* Allowed in every life but EMPTY: a host that made a table for nothing may
 * have it back without killing the VM. The table of a missing parent is itself
 * missing. */
static uint64_t table_destroy_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0 = table_argument_refusal(x);
	uint32_t lives = MODEL_BUILDING | MODEL_ACTIVE | MODEL_DYING;

	if (x0 == MOAT_OK) {
		x0 = model_vm_refusal(m, x[1], lives);
	}
	if (x0 == MOAT_OK) {
		x0 = table_place_refusal(&m->vms[x[1]], x);
	}
	if (x0 != MOAT_OK) {
		return x0;
	}
	if (model_s2_table(&m->vms[x[1]], (uint32_t)x[3], x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (!table_is_empty(&m->vms[x[1]], (uint32_t)x[3], x[2])) {
		return model_x0(MOAT_NOT_EMPTY, 2);
	}
	return MOAT_OK;
}

/* The host named an address, not a page, so it is told which page it got
 * back. */
struct model_answer model_table_destroy(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer =
		model_answer_make(table_destroy_refusal(m, x));
	struct model_vm *vm;
	uint64_t key;

	if (answer.x[0] == MOAT_OK) {
		vm = &m->vms[x[1]];
		key = model_s2_key((uint32_t)x[3], x[2]);
		answer.x[1] = *model_s2_table(vm, (uint32_t)x[3], x[2]);
		model_map_range_remove(&vm->tables, key, key + 1);
		model_page_return(m, answer.x[1]);
	}
	return answer;
}
