/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/scope.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/shape.h"

enum { REGION_SIZE = MOAT_TABLE_ENTRIES * MOAT_PAGE_SIZE, LEAF_LEVEL = 3 };

/* Bits that one root page of level 2 translates. */
enum { ROOT_BITS = MOAT_PAGE_BITS + 2 * MOAT_TABLE_BITS };

/* So many pages that their bytes are one page, modulo 2^64. */
#define WRAPPING_COUNT (UINT64_MAX / MOAT_PAGE_SIZE + 2)

/*
 * A VM that does anything with a page of its own needs three loose pages: one
 * each for a vCPU, a table and the page; and another two to be lent one. "deep"
 * has tables of three levels, and roots of one page, so that every page can
 * play every part.
 */
static const struct scope scopes[] = {
	{"lone-3", 1, 1, 1, 32, 1, 3, 1, 0, false, false},
	{"lone", 1, 1, 1, 32, 1, 4, 1, 1, true, false},
	{"lone-cpus", 2, 1, 1, 32, 1, 5, 2, 1, true, false},
	{"pair", 1, 2, 1, 32, 2, 3, 1, 0, false, false},
	{"pair-lend", 1, 2, 1, 32, 2, 3, 1, 1, false, false},
	{"pair-cpus", 2, 2, 1, 32, 2, 3, 1, 0, false, false},
	{"twins", 2, 1, 2, 32, 1, 4, 1, 0, true, false},
	{"deep", 1, 1, 1, 35, 1, 5, 1, 0, false, true},
	{"pair-4", 2, 2, 1, 32, 2, 4, 1, 1, false, false},
	{"pair-5", 2, 2, 1, 32, 2, 5, 1, 1, true, false},
	{"pair-deep", 2, 2, 1, 35, 2, 5, 1, 1, false, true},
	{"pair-6", 2, 2, 1, 32, 2, 6, 1, 1, true, false},
};

const struct scope *scope_at(size_t index)
{
	return index < sizeof(scopes) / sizeof(scopes[0]) ? &scopes[index]
							  : NULL;
}

const struct scope *scope_find(const char *name)
{
	const struct scope *scope = scopes;

	for (size_t i = 0; scope; scope = scope_at(++i)) {
		if (strcmp(scope->name, name) == 0) {
			break;
		}
	}
	return scope;
}

/* ---- The machine ------------------------------------------------------- */

/* More than 16 root pages of level 2 would be needed. */
static bool has_level_1(const struct scope *scope)
{
	return scope->ipa_bits > ROOT_BITS + 4;
}

uint32_t scope_root_pages(const struct scope *scope)
{
	return scope->ipa_bits > ROOT_BITS && !has_level_1(scope)
		       ? 1u << (scope->ipa_bits - ROOT_BITS)
		       : 1;
}

uint32_t scope_page_count(const struct scope *scope)
{
	return scope->roots * scope_root_pages(scope) + scope->loose;
}

uint64_t scope_page(const struct scope *scope, uint32_t page)
{
	(void)scope;
	return SHAPE_RAM + (uint64_t)page * MOAT_PAGE_SIZE;
}

struct moat_config scope_config(const struct scope *scope)
{
	uint64_t used = (uint64_t)scope_page_count(scope) * MOAT_PAGE_SIZE;
	struct moat_config config = {.cpu_count = scope->cpus,
		.vm_count = scope->vms,
		.ipa_bits = scope->ipa_bits,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.ram = {{SHAPE_RAM, REGION_SIZE}},
		.withheld_count = 1,
		.withheld = {{SHAPE_RAM + used, REGION_SIZE - used}},
		.memory_pa = {SHAPE_ENGINE}};

	return config;
}

uint32_t scope_ipa_count(const struct scope *scope)
{
	return scope->private_pages + scope->shared_pages;
}

static uint64_t half_of(const struct scope *scope)
{
	return UINT64_C(1) << (scope->ipa_bits - 1);
}

uint64_t scope_ipa(const struct scope *scope, uint32_t index)
{
	if (index < scope->private_pages) {
		return (uint64_t)index * MOAT_PAGE_SIZE;
	}
	return half_of(scope) +
	       (uint64_t)(index - scope->private_pages) * MOAT_PAGE_SIZE;
}

/* ---- Lists ------------------------------------------------------------- */

struct list {
	const struct scope *scope;
	const struct model *model;
	struct scope_ops *ops;
	uint32_t cpu; /* that does it */
};

static struct op *add(const struct list *list, enum op_kind kind)
{
	struct op *op = &list->ops->op[list->ops->count++];

	if (list->ops->count > SCOPE_OPS_MAX) {
		abort();
	}
	memset(op, 0, sizeof(*op));
	op->kind = kind;
	op->cpu = list->cpu;
	return op;
}

/* A call of the host or of a guest, with as many words as it needs. */
static struct op *add_call(const struct list *list, enum op_kind kind,
	const struct moat_regs *regs)
{
	struct op *op = add(list, kind);

	memcpy(op->word, regs->x, OP_GUEST_WORDS * sizeof(op->word[0]));
	return op;
}

static void add_host(const struct list *list, struct moat_regs regs)
{
	add_call(list, OP_CALL, &regs);
}

/* Loose pages, then one that is withheld; if @is_any, the roots' as well. */
static uint32_t first_page(const struct scope *scope, bool is_any)
{
	return is_any || scope->is_uniform
		       ? 0
		       : scope->roots * scope_root_pages(scope);
}

/* ---- What the host does ------------------------------------------------ */

/* Calls that name no page, in the life of @vm. */
static void list_vm(const struct list *list, uint32_t number)
{
	struct moat_vm_id vm = {number};

	add_host(list, moat_vm_seal(vm));
	add_host(list, moat_vm_kill(vm));
	add_host(list, moat_vm_free(vm));
	add_host(list, moat_vm_info(vm));
	for (uint64_t i = 0; i <= list->scope->vcpus; i++) {
		add_host(list, moat_vcpu_destroy(vm, (struct moat_vcpu_id){i}));
	}
}

static void add_root(const struct list *list, uint32_t number, uint32_t page)
{
	struct moat_vm_id vm = {number};
	struct moat_pa root = {scope_page(list->scope, page)};

	add_host(list, moat_vm_create(vm, root, list->scope->ipa_bits,
			       list->scope->vcpus));
}

/* A root of pages of which one is withheld is refused. None is ever made of
 * loose pages alone: four in a row would not do for any other four. */
static void list_roots(const struct list *list, uint32_t number)
{
	const struct scope *scope = list->scope;
	uint32_t pages = scope_page_count(scope);
	uint32_t step = scope_root_pages(scope);
	uint32_t count = scope->is_uniform ? pages : scope->roots;

	for (uint32_t i = 0; i < count; i++) {
		add_root(list, number, i * step);
	}
	add_root(list, number, pages - pages % step);
}

static void list_runs(const struct list *list, uint32_t number)
{
	struct moat_vm_id vm = {number};

	for (uint64_t i = 0; i < 3 * (uint64_t)list->scope->vcpus; i++) {
		struct moat_vcpu_id vcpu = {i / 3};
		struct moat_regs regs = moat_vcpu_run(vm, vcpu);
		uint64_t entry = i % 3;

		regs.x[3] = entry == 2 ? MOAT_ENTRY_ABORT : 0;
		regs.x[4] = entry == 1;
		add_host(list, regs);
	}
}

/* The tables over the first address of each half, of each level. */
static void list_tables(const struct list *list, uint32_t number, uint64_t pa)
{
	const struct scope *scope = list->scope;
	struct moat_vm_id vm = {number};
	struct moat_pa page = {pa};
	uint64_t top = has_level_1(scope) ? LEAF_LEVEL - 1 : LEAF_LEVEL;

	for (uint64_t level = top; level <= LEAF_LEVEL; level++) {
		struct moat_ipa low = {0};
		struct moat_ipa high = {half_of(scope)};

		add_host(list, moat_table_create(vm, low, level, page));
		if (scope->shared_pages != 0) {
			add_host(
				list, moat_table_create(vm, high, level, page));
		}
	}
	add_host(list,
		moat_table_split(vm, (struct moat_ipa){0}, LEAF_LEVEL, page));
}

static void list_no_tables(const struct list *list, uint32_t number)
{
	const struct scope *scope = list->scope;
	struct moat_vm_id vm = {number};
	uint64_t top = has_level_1(scope) ? LEAF_LEVEL - 1 : LEAF_LEVEL;
	struct moat_ipa low = {0};
	struct moat_ipa high = {half_of(scope)};

	for (uint64_t level = top; level <= LEAF_LEVEL; level++) {
		add_host(list, moat_table_destroy(vm, low, level));
		if (scope->shared_pages != 0) {
			add_host(list, moat_table_destroy(vm, high, level));
		}
	}
	add_host(list, moat_table_fold(vm, low, LEAF_LEVEL));
}

/* Every page call at @ipa, be it in the right half or not. */
static void list_page_calls(
	const struct list *list, uint32_t number, uint64_t at, uint64_t pa)
{
	struct moat_vm_id vm = {number};
	struct moat_ipa ipa = {at};
	struct moat_pa page = {pa};

	add_host(list, moat_page_load(vm, ipa, page, 1));
	add_host(list, moat_page_donate(vm, ipa, page, 1));
	add_host(list, moat_page_lend(vm, ipa, page, 1, MOAT_READ));
	add_host(
		list, moat_page_lend(vm, ipa, page, 1, MOAT_READ | MOAT_WRITE));
}

/* On, or off until its VM turns it on. */
static void list_vcpus(const struct list *list, uint32_t number, uint64_t pa)
{
	for (uint64_t i = 0; i < 2 * (uint64_t)list->scope->vcpus; i++) {
		struct moat_regs regs =
			moat_vcpu_create((struct moat_vm_id){number},
				(struct moat_vcpu_id){i / 2},
				(struct moat_pa){pa}, 0, 1);

		regs.x[6] = i % 2;
		add_host(list, regs);
	}
}

static void list_pages(const struct list *list, uint32_t number)
{
	const struct scope *scope = list->scope;

	for (uint32_t i = first_page(scope, false);
		i <= scope_page_count(scope); i++) {
		uint64_t pa = scope_page(scope, i);

		list_vcpus(list, number, pa);
		list_tables(list, number, pa);
		for (uint32_t at = 0; at < scope_ipa_count(scope); at++) {
			list_page_calls(list, number, scope_ipa(scope, at), pa);
		}
	}
}

/* Ranges whose end wraps are refused, so that counts stay 1. */
static void list_returns(const struct list *list, uint32_t number)
{
	struct moat_vm_id vm = {number};

	for (uint32_t at = 0; at < scope_ipa_count(list->scope); at++) {
		struct moat_ipa ipa = {scope_ipa(list->scope, at)};

		add_host(list, moat_page_reclaim(vm, ipa, 1));
		add_host(list, moat_page_recall(vm, ipa, 1));
		add_host(list, moat_page_reclaim(vm, ipa, WRAPPING_COUNT));
		add_host(list, moat_page_recall(vm, ipa, WRAPPING_COUNT));
	}
}

/* Stores go where they leave a value that something else can be about. */
static void list_accesses(const struct list *list)
{
	const struct scope *scope = list->scope;

	for (uint32_t i = 0; i <= scope_page_count(scope); i++) {
		uint64_t pa = scope_page(scope, i);

		add_host(list, moat_page_info((struct moat_pa){pa}));
		add(list, OP_HOST_READ)->word[0] = pa;
		add(list, OP_HOST_ABORT)->word[0] = pa;
		for (uint64_t value = 0;
			value < 2 && i >= first_page(scope, false); value++) {
			struct op *op = add(list, OP_HOST_WRITE);

			op->word[0] = pa;
			op->word[1] = value;
		}
	}
}

static void list_host(const struct list *list)
{
	add_host(list, moat_version());
	add_host(list, moat_features());
	add_host(list, moat_call_make(0xff, 0, 0, 0, 0));
	/* One slot more than there are. */
	add_host(list, moat_vm_seal((struct moat_vm_id){list->scope->vms}));
	for (uint32_t vm = 0; vm < list->scope->vms; vm++) {
		list_vm(list, vm);
		list_roots(list, vm);
		list_pages(list, vm);
		list_no_tables(list, vm);
		list_returns(list, vm);
	}
	list_accesses(list);
}

/* ---- What a vCPU does -------------------------------------------------- */

/* Plain accesses, and those of one register, which a hole answers as MMIO. */
static void list_guest_accesses(const struct list *list, uint64_t ipa)
{
	struct op *op;

	for (uint64_t value = 0; value < 2; value++) {
		op = add(list, OP_GUEST_WRITE);
		op->word[0] = ipa;
		op->word[1] = value;
	}
	/* One address is not the page's first: the host is not to know. */
	for (uint64_t offset = 0; offset < 16; offset += 8) {
		add(list, OP_GUEST_READ)->word[0] = ipa + offset;
	}
	if (!list->scope->has_all_traps) {
		return;
	}
	add(list, OP_GUEST_FETCH)->word[0] = ipa;
	op = add(list, OP_GUEST_READ);
	op->word[0] = ipa;
	op->word[1] = sizeof(uint64_t);
	op->word[2] = SCOPE_SECRET;
	op->word[3] = OP_FORM_WIDE;
	op = add(list, OP_GUEST_WRITE);
	op->word[0] = ipa;
	op->word[1] = 1;
	op->word[2] = sizeof(uint64_t);
	op->word[3] = SCOPE_SECRET;
}

/* A call leaves the secret register alone. */
static struct op *add_guest(const struct list *list, struct moat_regs regs)
{
	struct model_cpu cpu = model_cpu_at(list->model, list->cpu);

	regs.x[SCOPE_SECRET] =
		model_vcpu_at(list->model, cpu.vm, cpu.vcpu)->x[SCOPE_SECRET];
	return add_call(list, OP_GUEST_CALL, &regs);
}

static void list_guest_calls(const struct list *list)
{
	for (uint32_t at = 0; at < scope_ipa_count(list->scope); at++) {
		uint64_t ipa = scope_ipa(list->scope, at);

		add_guest(list, moat_call_make(MOAT_GUEST_SHARE, ipa, 1, 0, 0));
		add_guest(
			list, moat_call_make(MOAT_GUEST_UNSHARE, ipa, 1, 0, 0));
		add_guest(list,
			moat_call_make(MOAT_GUEST_RELINQUISH, ipa, 1, 0, 0));
	}
	for (uint64_t count = 0; count < 2; count++) {
		add_guest(list,
			moat_call_make(MOAT_GUEST_HOST_CALL, count, 1, 1, 1));
	}
	add_guest(list, moat_call_make(MOAT_GUEST_MEASUREMENT, 0, 0, 0, 0));
	add_guest(list, moat_call_make(MOAT_GUEST_FEATURES, 0, 0, 0, 0));
	add_guest(list, (struct moat_regs){{MOAT_PSCI_SYSTEM_OFF}});
}

static void list_guest_rare(const struct list *list)
{
	static const enum moat_trap_kind kinds[] = {
		MOAT_TRAP_WFI, MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};

	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		add(list, OP_GUEST_TRAP)->word[0] = kinds[i];
	}
	add_guest(list, moat_call_make(MOAT_GUEST_VERSION, 0, 0, 0, 0));
	add_guest(list, moat_call_make(0xff, 0, 0, 0, 0));
	add_guest(list, (struct moat_regs){{MOAT_PSCI_CPU_OFF}});
	add_guest(list, (struct moat_regs){{MOAT_PSCI_CPU_SUSPEND}});
	add_guest(list, (struct moat_regs){{MOAT_PSCI_SYSTEM_RESET}});
	add_guest(list, (struct moat_regs){{MOAT_PSCI_CPU_ON + MOAT_PSCI_64}});
	add_guest(list, (struct moat_regs){{MOAT_PSCI_AFFINITY_INFO}});
}

static void list_guest(const struct list *list)
{
	for (uint64_t value = 0; value < 2; value++) {
		struct op *op = add(list, OP_GUEST_SET);

		op->word[0] = SCOPE_SECRET;
		op->word[1] = value;
	}
	add(list, OP_GUEST_TRAP)->word[0] = MOAT_TRAP_IRQ;
	for (uint32_t at = 0; at < scope_ipa_count(list->scope); at++) {
		list_guest_accesses(list, scope_ipa(list->scope, at));
	}
	list_guest_calls(list);
	if (list->scope->has_all_traps) {
		list_guest_rare(list);
	}
}

/* It makes no difference on which CPU the host makes a call, but for the one
 * that runs something there: the first that the host has makes the others. */
void scope_list(const struct scope *scope, const struct model *model,
	struct scope_ops *ops)
{
	struct list list = {scope, model, ops, 0};
	bool has_host = false;

	ops->count = 0;
	for (list.cpu = 0; list.cpu < scope->cpus; list.cpu++) {
		if (model_cpu_at(model, list.cpu).is_guest) {
			list_guest(&list);
			continue;
		}
		if (!has_host) {
			list_host(&list);
		}
		has_host = true;
		for (uint32_t vm = 0; vm < scope->vms; vm++) {
			list_runs(&list, vm);
		}
	}
}
