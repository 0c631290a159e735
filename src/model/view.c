/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/view.h"

#include <stdlib.h>
#include <string.h>

#include "model/state.h"

enum { CAPACITY_FIRST = 256, ENTRY_WORDS = 14 };

/* ---- Lists of words ---------------------------------------------------- */

void model_view_free(struct model_view *view)
{
	free(view->word);
	memset(view, 0, sizeof(*view));
}

static void grow(struct model_view *view)
{
	size_t capacity = view->capacity ? 2 * view->capacity : CAPACITY_FIRST;
	uint64_t *word = model_allocate(capacity, sizeof(*word));

	if (view->count != 0) {
		memcpy(word, view->word, view->count * sizeof(*word));
	}
	free(view->word);
	view->word = word;
	view->capacity = capacity;
}

static void add(struct model_view *view, uint64_t word)
{
	if (view->count == view->capacity) {
		grow(view);
	}
	view->word[view->count++] = word;
}

bool model_view_is_equal(const struct model_view *a, const struct model_view *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->word, b->word,
					 a->count * sizeof(*a->word)) == 0);
}

/* ---- The view of the host ---------------------------------------------- */

/* All of the record: where each page hangs is the host's own doing, or was told
 * to it by an exit. */
static void add_page(
	struct model_view *view, uint64_t pa, const struct model_page *page)
{
	add(view, pa);
	add(view, (uint64_t)page->state);
	add(view, page->vm);
	add(view, page->level);
	add(view, page->vcpu);
	add(view, page->ipa);
	add(view, page->permission);
}

/* What page_info, vm_info and the exits told. Of an MMIO access not which
 * register it is for, nor how it is extended: that is the VM's affair. */
static void add_vcpu_for_host(
	struct model_view *view, const struct model_vcpu *vcpu)
{
	add(view, (uint64_t)vcpu->state);
	add(view, vcpu->cpu);
	add(view, vcpu->exit);
	add(view, vcpu->host_call_count);
	add(view, vcpu->mmio.access);
	add(view, vcpu->mmio.size);
}

/* The measurement is a function of what the host gave the VM, and vm_seal
 * answers it. */
static void add_vm_for_host(struct model_view *view, const struct model_vm *vm)
{
	add(view, (uint64_t)vm->life);
	add(view, vm->ipa_bits);
	add(view, vm->vcpu_count);
	add(view, vm->root.value);
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		add(view, vm->measurement[i]);
	}
	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		add_vcpu_for_host(view, &vm->vcpus[i]);
	}
}

/* HOST, LENT and SHARED pages: all that its loads can reach. */
static void add_contents_for_host(
	struct model_view *view, const struct model *m)
{
	for (size_t i = 0; i < m->words.count; i++) {
		uint64_t pa = model_map_key(&m->words, i);

		if (model_host_reaches(m, pa)) {
			add(view, pa);
			add(view, *(const uint64_t *)model_map_value(
					  &m->words, i));
		}
	}
}

void model_view_host(const struct model *m, struct model_view *view)
{
	view->count = 0;
	add(view, m->pages.count);
	for (size_t i = 0; i < m->pages.count; i++) {
		add_page(view, model_map_key(&m->pages, i),
			model_map_value(&m->pages, i));
	}
	for (uint32_t vm = 0; vm < m->config.vm_count; vm++) {
		add_vm_for_host(view, &m->vms[vm]);
	}
	for (uint32_t cpu = 0; cpu < m->config.cpu_count; cpu++) {
		add(view, m->cpus[cpu].is_guest);
		add(view, m->cpus[cpu].vm);
		add(view, m->cpus[cpu].vcpu);
	}
	add_contents_for_host(view, m);
}

/* ---- The view of a VM -------------------------------------------------- */

/* Its words that are not zero, by their offset in the page. */
static void add_contents(
	struct model_view *view, const struct model *m, uint64_t pa)
{
	size_t first = model_map_range_count(&m->words, 0, pa);
	size_t count =
		model_map_range_count(&m->words, pa, pa + MOAT_PAGE_SIZE);

	add(view, count);
	for (size_t i = first; i < first + count; i++) {
		add(view, model_map_key(&m->words, i) - pa);
		add(view, *(const uint64_t *)model_map_value(&m->words, i));
	}
}

/* Whether it shares the page, and by which level it hangs: its calls tell. */
static void add_mapping(struct model_view *view, const struct model *m,
	uint64_t ipa, uint64_t pa)
{
	const struct model_page *page = model_page_record(m, pa);

	add(view, ipa);
	add(view, (uint64_t)page->state);
	add(view, page->level);
	add(view, page->permission);
	add_contents(view, m, pa);
}

/* All registers, and what the next entry will do to them; not on which CPU. One
 * that is off has none: turning it on makes them anew. */
static void add_vcpu(struct model_view *view, const struct model_vcpu *vcpu)
{
	add(view, (uint64_t)vcpu->state);
	if (vcpu->state == MOAT_VCPU_ABSENT || vcpu->state == MOAT_VCPU_OFF) {
		return;
	}
	add(view, vcpu->exit);
	add(view, vcpu->host_call_count);
	add(view, vcpu->mmio.access);
	add(view, vcpu->mmio.size);
	add(view, vcpu->mmio.register_index);
	add(view, vcpu->mmio.is_signed);
	add(view, vcpu->mmio.is_wide);
	add(view, vcpu->pc_is_known);
	add(view, vcpu->pc);
	for (uint32_t i = 0; i < sizeof(vcpu->x) / sizeof(vcpu->x[0]); i++) {
		add(view, vcpu->x[i]);
	}
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		add(view, vcpu->hardware.list_register[i]);
	}
	add(view, vcpu->hardware.wants_maintenance);
	add(view, vcpu->hardware.maintenance);
	add(view, vcpu->hardware.deadline);
}

static void add_maps(struct model_view *view, const struct model *m,
	const struct model_vm *vm)
{
	add(view, vm->mappings.count);
	for (size_t i = 0; i < vm->mappings.count; i++) {
		add_mapping(view, m, model_map_key(&vm->mappings, i),
			*(const uint64_t *)model_map_value(&vm->mappings, i));
	}
	/* Level and IPA: a call on an address without a table says so. */
	for (size_t i = 0; i < vm->tables.count; i++) {
		add(view, model_map_key(&vm->tables, i));
	}
}

void model_view_vm(const struct model *m, uint32_t vm, struct model_view *view)
{
	const struct model_vm *slot = model_vm_slot(m, vm);

	view->count = 0;
	add(view, (uint64_t)slot->life);
	add(view, slot->ipa_bits);
	add(view, slot->vcpu_count);
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		add(view, slot->measurement[i]);
	}
	for (uint32_t i = 0; i < slot->vcpu_count; i++) {
		add_vcpu(view, &slot->vcpus[i]);
	}
	add_maps(view, m, slot);
}

/* ---- What the host learns ---------------------------------------------- */

/* The contents of pages that this step opened to the host by sharing them: the
 * VM declared them public. No other step opens a page with something in it. */
static void add_shared(struct model_view *record, const struct model *before,
	const struct model *after)
{
	for (size_t i = 0; i < after->pages.count; i++) {
		uint64_t pa = model_map_key(&after->pages, i);
		const struct model_page *now =
			model_map_value(&after->pages, i);
		const struct model_page *then =
			model_map_find(&before->pages, pa);

		if (now->state == MOAT_PAGE_SHARED && then != NULL &&
			then->state == MOAT_PAGE_VM) {
			add(record, pa);
			add_contents(record, after, pa);
		}
	}
}

void model_record_host(const struct model *before, const struct model *after,
	const struct model_deed *deed, struct model_view *record)
{
	record->count = 0;
	if (deed->kind == MODEL_DEED_EXIT) {
		/* The exit record, complete: see enum moat_exit_reason. */
		for (uint32_t i = 0; i < MODEL_DEED_WORDS; i++) {
			add(record, deed->answer[i]);
		}
		add_shared(record, before, after);
	}
	if (deed->kind == MODEL_DEED_STORE &&
		model_host_reaches(before, deed->address)) {
		add(record, deed->address);
		add(record, deed->value);
	}
}

/* ---- What a VM learns -------------------------------------------------- */

/* Which argument of a call is a physical address: not for a VM to know. */
static uint32_t pa_operand(uint64_t number)
{
	switch (number) {
	case MOAT_VM_CREATE:
		return 2;
	case MOAT_VCPU_CREATE:
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_DONATE:
	case MOAT_PAGE_LEND:
	case MOAT_BLOCK_DONATE:
	case MOAT_BLOCK_LEND:
		return 3;
	case MOAT_TABLE_CREATE:
	case MOAT_TABLE_SPLIT:
		return 4;
	default:
		return 0;
	}
}

/* How many pages a call did is the VM's to know: they came, or they went. */
static bool answers_count(uint64_t number)
{
	return number >= MOAT_PAGE_LOAD && number <= MOAT_BLOCK_LEND &&
	       number != MOAT_PAGE_INFO;
}

/* Whether a call of the host is about a VM and changes something of it. */
static bool is_about_vm(uint64_t number)
{
	return number >= MOAT_VM_CREATE && number != MOAT_VM_INFO &&
	       number != MOAT_PAGE_INFO;
}

/* The contents of pages that the host gave or lent: they are from it. */
static void add_given(struct model_view *record, const struct model *before,
	const struct model *after, uint32_t vm)
{
	const struct model_map *map = &model_vm_slot(after, vm)->mappings;

	for (size_t i = 0; i < map->count; i++) {
		uint64_t ipa = model_map_key(map, i);

		if (!model_map_find(
			    &model_vm_slot(before, vm)->mappings, ipa)) {
			add(record, ipa);
			add_contents(record, after,
				*(const uint64_t *)model_map_value(map, i));
		}
	}
}

/* A call of the host on the VM that was not refused: what was asked, but for
 * physical addresses. */
static void add_call(struct model_view *record, const struct model_deed *deed)
{
	uint64_t number = deed->x[0] - MOAT_FUNCTION(0);
	uint32_t hidden = pa_operand(number);

	for (uint32_t i = 0; i < ENTRY_WORDS; i++) {
		add(record, i == hidden && i != 0 ? 0 : deed->x[i]);
	}
	add(record, answers_count(number) ? deed->answer[1] : 0);
}

/* The IPA by which @vm has the page at @pa in common with the host. */
static bool find_common(
	const struct model *m, uint32_t vm, uint64_t pa, uint64_t *ipa)
{
	const struct model_page *page =
		model_map_find(&m->pages, model_page_base(pa));
	bool is_common = page && page->vm == vm &&
			 (page->state == MOAT_PAGE_LENT ||
				 page->state == MOAT_PAGE_SHARED);

	if (is_common) {
		*ipa = page->ipa + pa % MOAT_PAGE_SIZE;
	}
	return is_common;
}

void model_record_vm(const struct model *before, const struct model *after,
	uint32_t vm, const struct model_deed *deed, struct model_view *record)
{
	uint64_t number = deed->x[0] - MOAT_FUNCTION(0);
	uint64_t ipa;

	record->count = 0;
	if (deed->kind == MODEL_DEED_CALL && is_about_vm(number) &&
		deed->x[1] == vm && deed->answer[0] == MOAT_OK) {
		add_call(record, deed);
		add_given(record, before, after, vm);
	}
	if (deed->kind == MODEL_DEED_STORE &&
		find_common(before, vm, deed->address, &ipa)) {
		add(record, ipa);
		add(record, deed->value);
	}
}
