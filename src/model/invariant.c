/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariants, one predicate each, for the pure state of the model.
 *
 * Three tags have none, because here they cannot be broken: [PAGE-3] the host
 * has no map but the rule in model_host_reaches; [TLB-1] an access asks the
 * state itself, so nothing is cached; [CALL-2] an answer is a function of the
 * state. [CALL-1] is model_is_equal around a refusal.
 *
 * A predicate may rely on those that stand before it in the list at the end.
 */
#include "model/state.h"

#include <string.h>

/* The states of pages that a VM maps. */
static bool is_data(enum moat_page_state state)
{
	return state == MOAT_PAGE_LENT || state == MOAT_PAGE_VM ||
	       state == MOAT_PAGE_SHARED;
}

/* ---- [PAGE-1] ---------------------------------------------------------- */

/* Every record is of a page that the engine has to give, in one of the states
 * that have a record, and the fields that this state does not use are zero. */

/* READ is always part of what a LENT page permits. */
static bool permission_is_valid(uint64_t permission)
{
	return permission % 2 == MOAT_READ &&
	       permission < 2 * (uint64_t)MOAT_EXECUTE;
}

/* Which fields a state uses is said in model.h, at struct model_page. */
static bool fields_are_valid(const struct model_page *page)
{
	bool is_mapped =
		page->vcpu == 0 && (page->level == MODEL_LEAF_LEVEL ||
					   page->level == MODEL_BLOCK_LEVEL);

	switch (page->state) {
	case MOAT_PAGE_LENT:
		return is_mapped && permission_is_valid(page->permission);
	case MOAT_PAGE_VM:
	case MOAT_PAGE_SHARED:
		return is_mapped && page->permission == 0;
	case MOAT_PAGE_TABLE:
		return page->vcpu == 0 && page->permission == 0;
	case MOAT_PAGE_VCPU:
		return page->ipa == 0 && page->level == 0 &&
		       page->permission == 0;
	case MOAT_PAGE_HOST:
	case MOAT_PAGE_ENGINE:
	case MOAT_PAGE_STATE_COUNT:
	default:
		return false; /* these have no record */
	}
}

/* A record outside RAM, or inside what is withheld, would be a page that the
 * engine gives away without having it. */
static bool page_1(const struct model *m)
{
	for (size_t i = 0; i < m->pages.count; i++) {
		uint64_t pa = model_map_key(&m->pages, i);
		const struct model_page *page = model_map_value(&m->pages, i);

		if (!model_is_aligned(pa, MOAT_PAGE_SIZE) ||
			!model_is_ram(m, pa) || model_is_withheld(m, pa)) {
			return false;
		}
		if (page->vm >= m->config.vm_count || !fields_are_valid(page)) {
			return false;
		}
	}
	return true;
}

/* ---- [VM-1] ------------------------------------------------------------ */

/* What vm_free must leave. */
static bool vm_is_empty(const struct model_vm *vm)
{
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		if (vm->measurement[i] != 0) {
			return false;
		}
	}
	return vm->ipa_bits == 0 && vm->vcpu_count == 0 &&
	       vm->root.value == 0 && vm->tables.count == 0 &&
	       vm->mappings.count == 0 && vm->vcpus == NULL;
}

/* Lives are compared as numbers: a life of the list, and EMPTY is excluded. */
static bool vm_is_made(const struct model *m, const struct model_vm *vm)
{
	return vm->life < MOAT_VM_LIFE_COUNT &&
	       vm->ipa_bits >= MOAT_IPA_BITS_MIN &&
	       vm->ipa_bits <= m->config.ipa_bits && vm->vcpu_count >= 1 &&
	       vm->vcpu_count <= MOAT_VCPU_MAX && vm->vcpus != NULL;
}

/* Life and page states agree: an EMPTY VM owns no page of any kind. */
static bool vm_1(const struct model *m)
{
	for (uint32_t i = 0; i < m->config.vm_count; i++) {
		const struct model_vm *vm = &m->vms[i];

		if (vm->life == MOAT_VM_EMPTY ? !vm_is_empty(vm)
					      : !vm_is_made(m, vm)) {
			return false;
		}
	}
	for (size_t i = 0; i < m->pages.count; i++) {
		const struct model_page *page = model_map_value(&m->pages, i);

		if (m->vms[page->vm].life == MOAT_VM_EMPTY) {
			return false;
		}
	}
	return true;
}

/* ---- [PAGE-2] ---------------------------------------------------------- */

/* An IPA of a VM leads to a page if and only if the record of that page names
 * this VM and this IPA. So a page has at most one mapper. */

/* From the record to the map; the count in page_2 closes the circle. */
static bool record_is_mapped(const struct model *m, uint64_t pa,
	const struct model_page *page, size_t *next)
{
	const struct model_vm *vm = &m->vms[page->vm];
	const uint64_t *mapped =
		model_map_find_next(&vm->mappings, next, page->ipa);

	return mapped != NULL && *mapped == pa &&
	       model_is_aligned(page->ipa, MOAT_PAGE_SIZE);
}

/* Every mapping is that of a record if the counts agree and every record has
 * a mapping of its own: two records cannot have the same one. */
static bool page_2(const struct model *m)
{
	size_t mappings = 0;
	size_t records = 0;
	size_t next = 0;

	for (uint32_t i = 0; i < m->config.vm_count; i++) {
		mappings += m->vms[i].mappings.count;
	}
	for (size_t i = 0; i < m->pages.count; i++) {
		const struct model_page *page = model_map_value(&m->pages, i);
		uint64_t pa = model_map_key(&m->pages, i);

		if (is_data(page->state)) {
			records++;
			if (!record_is_mapped(m, pa, page, &next)) {
				return false;
			}
		}
	}
	return mappings == records;
}

/* ---- [HALF-1] ---------------------------------------------------------- */

/* The address alone says what the host can see: LENT pages stand in the upper
 * half of the IPA space, pages the VM owns in the lower. */
static bool is_in_its_half(const struct model *m, const struct model_page *page)
{
	uint64_t half = (uint64_t)1 << (m->vms[page->vm].ipa_bits - 1);

	if (page->state == MOAT_PAGE_LENT) {
		return page->ipa >= half && page->ipa < 2 * half;
	}
	return page->ipa < half;
}

/* By the records, which [PAGE-2] knows to be the mappings. */
static bool half_1(const struct model *m)
{
	for (size_t i = 0; i < m->pages.count; i++) {
		const struct model_page *page = model_map_value(&m->pages, i);

		if (is_data(page->state) && !is_in_its_half(m, page)) {
			return false;
		}
	}
	return true;
}

/* ---- [TABLE-1] --------------------------------------------------------- */

/* Records of tables and sets of tables are inverse to each other; every table
 * has its parent, up to a root that is whole and belongs to one VM; every page
 * has a table of its level, and with it the block that it is of. */

/* The record names VM, level and address, so no two tables share a page. */
static bool table_record_agrees(
	const struct model *m, uint32_t vm, const struct model_table *table)
{
	const struct model_page *page =
		model_map_find(&m->pages, table->pa.value);

	return page != NULL && page->state == MOAT_PAGE_TABLE &&
	       page->vm == vm && page->level == table->level &&
	       page->ipa == table->ipa.value;
}

/* A table of the start level is the page of the root that its IPA says; any
 * other hangs below a table one level up. */
static bool table_hangs(
	const struct model_vm *vm, const struct model_table *table)
{
	uint32_t start = model_s2_start_level(vm->ipa_bits);
	uint64_t index = table->ipa.value / model_s2_span(table->level);

	if (table->level > MODEL_LEAF_LEVEL || table->level < start ||
		table->ipa.value >= (uint64_t)1 << vm->ipa_bits) {
		return false;
	}
	if (table->level == start) {
		return table->pa.value ==
		       vm->root.value + index * MOAT_PAGE_SIZE;
	}
	return model_s2_table(vm, table->level - 1, table->ipa.value) != NULL;
}

/* The root has all its pages or the VM is EMPTY; an address always has a
 * start. */
static bool root_is_whole(const struct model_vm *vm)
{
	uint32_t level = model_s2_start_level(vm->ipa_bits);

	for (uint32_t i = 0; i < model_s2_root_pages(vm->ipa_bits); i++) {
		if (!model_s2_table(vm, level, i * model_s2_span(level))) {
			return false;
		}
	}
	return true;
}

/* A page of a VM, by its mapping and by its record. */
struct mapped {
	uint64_t ipa, pa;
	const struct model_page *page;
};

/* @next is for model_map_find_next: neighbours tend to have records that are
 * neighbours. */
static struct mapped mapped_at(const struct model *m, const struct model_vm *vm,
	size_t index, size_t *next)
{
	struct mapped mapped = {.ipa = model_map_key(&vm->mappings, index),
		.pa = *(const uint64_t *)model_map_value(&vm->mappings, index)};

	mapped.page = model_map_find_next(&m->pages, next, mapped.pa);
	model_require(mapped.page != NULL, "a page without a record");
	return mapped;
}

/* The first page of a block: the pages that one entry can map begin here. */
static bool block_begins(const struct model_vm *vm, const struct mapped *first)
{
	uint64_t span = model_s2_span(MODEL_LEAF_LEVEL);

	return model_is_aligned(first->pa, span) &&
	       model_map_range_count(&vm->mappings, first->ipa,
		       first->ipa + span) == MODEL_BLOCK_PAGES;
}

/* Any other is like the one before it, and thus like the first. */
static bool block_goes_on(
	const struct mapped *before, const struct mapped *mapped)
{
	return before->page != NULL &&
	       before->ipa + MOAT_PAGE_SIZE == mapped->ipa &&
	       before->pa + MOAT_PAGE_SIZE == mapped->pa &&
	       before->page->level == mapped->page->level &&
	       before->page->state == mapped->page->state &&
	       before->page->permission == mapped->page->permission;
}

/* Calls that free slots and calls that take empty tables must not leave a page
 * without its table. */
static bool page_hangs(const struct model_vm *vm, const struct mapped *before,
	const struct mapped *mapped)
{
	uint64_t span = model_s2_span(MODEL_LEAF_LEVEL);

	if (model_s2_table(vm, mapped->page->level, mapped->ipa) == NULL) {
		return false;
	}
	if (mapped->page->level == MODEL_LEAF_LEVEL) {
		return true;
	}
	return model_s2_table(vm, MODEL_LEAF_LEVEL, mapped->ipa) == NULL &&
	       (model_is_aligned(mapped->ipa, span)
			       ? block_begins(vm, mapped)
			       : block_goes_on(before, mapped));
}

static bool pages_hang(const struct model *m, const struct model_vm *vm)
{
	struct mapped before = {.page = NULL};
	size_t next = 0;

	for (size_t i = 0; i < vm->mappings.count; i++) {
		struct mapped mapped = mapped_at(m, vm, i, &next);

		if (!page_hangs(vm, &before, &mapped)) {
			return false;
		}
		before = mapped;
	}
	return true;
}

/* One VM's tables and pages, each by itself. */
static bool tables_agree(const struct model *m, uint32_t number)
{
	const struct model_vm *vm = &m->vms[number];

	for (size_t i = 0; i < vm->tables.count; i++) {
		struct model_table table = model_table_at(m, number, i);

		if (!table_record_agrees(m, number, &table) ||
			!table_hangs(vm, &table)) {
			return false;
		}
	}
	return pages_hang(m, vm) &&
	       (vm->life == MOAT_VM_EMPTY || root_is_whole(vm));
}

/* Every table has its record and they are as many as there are records of
 * tables, so no record of a table is without its table. */
static bool table_1(const struct model *m)
{
	size_t tables = 0;
	size_t records = 0;

	for (uint32_t vm = 0; vm < m->config.vm_count; vm++) {
		tables += m->vms[vm].tables.count;
		if (!tables_agree(m, vm)) {
			return false;
		}
	}
	for (size_t i = 0; i < m->pages.count; i++) {
		const struct model_page *page = model_map_value(&m->pages, i);

		records += page->state == MOAT_PAGE_TABLE;
	}
	return tables == records;
}

/* ---- [VCPU-1] ---------------------------------------------------------- */

/* A vCPU is RUNNING on a CPU if and only if that CPU runs it; a vCPU that was
 * created has one context page, and every context page its vCPU. */

/* Registers of a vCPU that was destroyed must not greet the next one. */
static bool vcpu_is_absent(const struct model_vcpu *vcpu)
{
	struct model_vcpu absent = {.state = MOAT_VCPU_ABSENT};

	return memcmp(vcpu, &absent, sizeof(absent)) == 0;
}

/* The context page is the VCPU page that names this vCPU. */
static bool context_agrees(const struct model *m, uint32_t vm, uint32_t number)
{
	const struct model_vcpu *vcpu = &m->vms[vm].vcpus[number];
	const struct model_page *page =
		model_map_find(&m->pages, vcpu->context);

	return page != NULL && page->state == MOAT_PAGE_VCPU &&
	       page->vm == vm && page->vcpu == number;
}

/* The vCPU says which CPU, and that CPU says which vCPU. */
static bool is_current(const struct model *m, uint32_t vm, uint32_t vcpu)
{
	uint32_t cpu = m->vms[vm].vcpus[vcpu].cpu;

	return cpu < m->config.cpu_count && m->cpus[cpu].is_guest == 1 &&
	       m->cpus[cpu].vm == vm && m->cpus[cpu].vcpu == vcpu;
}

/* No access of a device is pending: all zero. */
static bool mmio_is_none(const struct model_mmio *mmio)
{
	return mmio->access == 0 && mmio->size == 0 &&
	       mmio->register_index == 0 && mmio->is_signed == 0 &&
	       mmio->is_wide == 0;
}

/* One that the next entry can finish. */
static bool mmio_is_valid(const struct model_mmio *mmio)
{
	bool has_size = mmio->size == 1 || mmio->size == 2 || mmio->size == 4 ||
			mmio->size == 8;

	return (mmio->access == MOAT_ACCESS_READ ||
		       mmio->access == MOAT_ACCESS_WRITE) &&
	       has_size && mmio->register_index < 32 && mmio->is_signed <= 1 &&
	       mmio->is_wide <= 1;
}

/* A pending exit is that of a vCPU that is not running; only a host_call has a
 * count, and only MMIO an access. */
static bool exit_is_valid(const struct model_vcpu *vcpu)
{
	if (vcpu->exit != MOAT_EXIT_HOST_CALL && vcpu->host_call_count != 0) {
		return false;
	}
	return vcpu->exit < MOAT_EXIT_END &&
	       vcpu->host_call_count <= MOAT_HOST_CALL_MAX &&
	       (vcpu->exit == MOAT_EXIT_MMIO ? mmio_is_valid(&vcpu->mmio)
					     : mmio_is_none(&vcpu->mmio));
}

/* What any vCPU that was created has: a context page of its own, a PC that is
 * zero if it is not known, and a flag that is one. */
static bool vcpu_is_made(const struct model *m, uint32_t vm, uint32_t number)
{
	const struct model_vcpu *vcpu = &m->vms[vm].vcpus[number];

	return context_agrees(m, vm, number) &&
	       (vcpu->pc_is_known == 1 ||
		       (vcpu->pc_is_known == 0 && vcpu->pc == 0)) &&
	       vcpu->hardware.wants_maintenance <= 1 && exit_is_valid(vcpu);
}

/* RUNNING only in an ACTIVE VM: a dying one must not see its pages leave. */
static bool vcpu_agrees(const struct model *m, uint32_t vm, uint32_t number)
{
	const struct model_vcpu *vcpu = &m->vms[vm].vcpus[number];

	switch (vcpu->state) {
	case MOAT_VCPU_ABSENT:
		return vcpu_is_absent(vcpu);
	case MOAT_VCPU_OFF:
		return vcpu->cpu == 0 && vcpu->exit == 0 &&
		       vcpu_is_made(m, vm, number);
	case MOAT_VCPU_READY:
		return vcpu->cpu == 0 && vcpu_is_made(m, vm, number);
	case MOAT_VCPU_RUNNING:
		return m->vms[vm].life == MOAT_VM_ACTIVE && vcpu->exit == 0 &&
		       is_current(m, vm, number) && vcpu_is_made(m, vm, number);
	case MOAT_VCPU_STATE_COUNT:
	default:
		return false;
	}
}

/* What vcpu_1 counts: each total is reached from both sides, and agrees if
 * the relation is an exact inverse. */
struct vcpu_totals {
	uint64_t created;
	uint64_t running;
	uint64_t contexts;
	uint64_t guests;
};

/* One VM's vCPUs, each by itself, and how many there are of them. */
static bool vcpus_agree(
	const struct model *m, uint32_t vm, struct vcpu_totals *totals)
{
	for (uint32_t i = 0; i < m->vms[vm].vcpu_count; i++) {
		enum moat_vcpu_state state = m->vms[vm].vcpus[i].state;

		if (!vcpu_agrees(m, vm, i)) {
			return false;
		}
		totals->created += state != MOAT_VCPU_ABSENT;
		totals->running += state == MOAT_VCPU_RUNNING;
	}
	return true;
}

/* CPUs that do not exist are looked at too: they must not run anything. */
static bool vcpu_1(const struct model *m)
{
	struct vcpu_totals totals = {0};

	for (uint32_t vm = 0; vm < m->config.vm_count; vm++) {
		if (!vcpus_agree(m, vm, &totals)) {
			return false;
		}
	}
	for (size_t i = 0; i < m->pages.count; i++) {
		const struct model_page *page = model_map_value(&m->pages, i);

		totals.contexts += page->state == MOAT_PAGE_VCPU;
	}
	for (uint32_t cpu = 0; cpu < MOAT_CPU_MAX; cpu++) {
		totals.guests += m->cpus[cpu].is_guest;
	}
	return totals.created == totals.contexts &&
	       totals.running == totals.guests;
}

/* ---- [TABLE-2] --------------------------------------------------------- */

/* An agent's word stands where an agent may write, so never in a table, nor
 * in a context or a page of the engine; and zero is no word. */
static bool table_2(const struct model *m)
{
	for (size_t i = 0; i < m->words.count; i++) {
		struct model_word word = model_word_at(m, i);
		struct model_page page;

		if (!model_page_at(m, word.pa, &page) || word.value == 0 ||
			!model_is_aligned(word.pa.value, MODEL_WORD_SIZE)) {
			return false;
		}
		if (page.state != MOAT_PAGE_HOST && !is_data(page.state)) {
			return false;
		}
	}
	return true;
}

/* ---- [PAGE-4] ---------------------------------------------------------- */

/* Zero words have no entry, so a zero page is one without entries. */
static bool is_zero(const struct model *m, uint64_t pa)
{
	return model_map_range_count(&m->words, pa, pa + MOAT_PAGE_SIZE) == 0;
}

/* A page that went from VM, SHARED, TABLE or VCPU to HOST is zero. */
static bool page_4(const struct model *before, const struct model *after)
{
	for (size_t i = 0; i < before->pages.count; i++) {
		uint64_t pa = model_map_key(&before->pages, i);
		const struct model_page *page =
			model_map_value(&before->pages, i);

		if (page->state != MOAT_PAGE_LENT &&
			model_page_is_host(after, pa) && !is_zero(after, pa)) {
			return false;
		}
	}
	return true;
}

/* ---- The list ---------------------------------------------------------- */

/* The order is that of reliance: vm_1 uses VM numbers that page_1 has checked,
 * half_1 and table_1 the widths that vm_1 has, and so on. A state that breaks
 * several is thus reported by the one that is nearest to the cause. */
const char *model_invariant_check(const struct model *m)
{
	if (!page_1(m)) {
		return "PAGE-1";
	}
	if (!vm_1(m)) {
		return "VM-1";
	}
	if (!page_2(m)) {
		return "PAGE-2";
	}
	if (!half_1(m)) {
		return "HALF-1";
	}
	if (!table_1(m)) {
		return "TABLE-1";
	}
	if (!vcpu_1(m)) {
		return "VCPU-1";
	}
	return table_2(m) ? NULL : "TABLE-2";
}

/* That scrubbing happened cannot be seen in one state: a HOST page may well
 * hold something. It is the way from one state to the next that [PAGE-4] is
 * about. */
const char *model_step_check(
	const struct model *before, const struct model *after)
{
	return page_4(before, after) ? NULL : "PAGE-4";
}
