/* SPDX-License-Identifier: BSD-2-Clause */
#include "scene.h"

#include <criterion/criterion.h>

static struct moat_pa pa_of(uint64_t pa)
{
	return (struct moat_pa){pa};
}

static struct moat_ipa ipa_of(uint64_t ipa)
{
	return (struct moat_ipa){ipa};
}

static struct moat_vm_id vm_of(uint64_t vm)
{
	return (struct moat_vm_id){vm};
}

static struct moat_vcpu_id vcpu_of(uint64_t vcpu)
{
	return (struct moat_vcpu_id){vcpu};
}

uint64_t scene_pa(uint32_t vm, enum scene_page page)
{
	return BED_A + ((uint64_t)vm * SCENE_PAGES + page) * MOAT_PAGE_SIZE;
}

/* ---- Building ---------------------------------------------------------- */

struct scene_table {
	uint64_t ipa;
	uint64_t level;
};

/* Parents first; scene_strip goes through it backwards. */
static const struct scene_table tables[] = {
	{IPA_NO_LEAF, 2},
	{IPA_EMPTY_LEAF, 2},
	{IPA_EMPTY_LEAF, 3},
	{IPA_VM_PAGE, 2},
	{IPA_VM_PAGE, 3},
	{IPA_VM_BLOCK, 2},
	{IPA_SHARED_BLOCK, 2},
	{IPA_UNIFORM, 2},
	{IPA_UNIFORM, 3},
	{IPA_UPPER + IPA_NO_LEAF, 2},
	{IPA_UPPER + IPA_EMPTY_LEAF, 2},
	{IPA_UPPER + IPA_EMPTY_LEAF, 3},
	{IPA_LENT_PAGE, 2},
	{IPA_LENT_PAGE, 3},
	{IPA_LENT_BLOCK, 2},
};

enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

/* Where the root is of level 2 there is no table of it to make. */
static void build_table(struct bed *bed, uint32_t vm, uint32_t i)
{
	if (tables[i].level <= SCENE_ROOT_LEVEL) {
		return;
	}
	bed_do(bed,
		moat_table_create(vm_of(vm), ipa_of(tables[i].ipa),
			tables[i].level,
			pa_of(scene_pa(vm, SCENE_TABLE) + i * MOAT_PAGE_SIZE)));
}

static void strip_table(struct bed *bed, uint32_t vm, uint32_t i)
{
	if (tables[i].level <= SCENE_ROOT_LEVEL) {
		return;
	}
	bed_do(bed, moat_table_destroy(
			    vm_of(vm), ipa_of(tables[i].ipa), tables[i].level));
}

static struct moat_regs create_vcpu(uint32_t vm, uint32_t vcpu)
{
	struct moat_pa context = {
		scene_pa(vm, SCENE_CONTEXT) + vcpu * MOAT_PAGE_SIZE};

	return moat_vcpu_create(
		vm_of(vm), vcpu_of(vcpu), context, 0x80000, 0x1234);
}

void scene_vcpu(struct bed *bed, uint32_t vm, uint32_t vcpu)
{
	bed_do(bed, create_vcpu(vm, vcpu));
}

void scene_vcpu_off(struct bed *bed, uint32_t vm, uint32_t vcpu)
{
	struct moat_regs regs = create_vcpu(vm, vcpu);

	regs.x[6] = 1;
	bed_do(bed, regs);
}

void scene_build(struct bed *bed, uint32_t vm)
{
	bed_do(bed, moat_vm_create(vm_of(vm), pa_of(scene_pa(vm, SCENE_ROOT)),
			    SCENE_IPA_BITS, SCENE_VCPUS));
	for (uint32_t i = 0; i < TABLE_COUNT; i++) {
		build_table(bed, vm, i);
	}
	bed_do(bed, moat_page_load(vm_of(vm), ipa_of(IPA_VM_PAGE),
			    pa_of(scene_pa(vm, SCENE_VM_PAGE)), 1));
	scene_vcpu(bed, vm, 0);
}

void scene_vm(struct bed *bed, uint32_t vm, uint32_t life)
{
	if (life == MOAT_VM_EMPTY) {
		return;
	}
	scene_build(bed, vm);
	if (life == MOAT_VM_ACTIVE) {
		bed_do(bed, moat_vm_seal(vm_of(vm)));
	} else if (life == MOAT_VM_DYING) {
		bed_do(bed, moat_vm_kill(vm_of(vm)));
	}
}

void scene_fill(struct bed *bed, uint32_t vm)
{
	struct moat_vm_id id = {vm};

	bed_do(bed, moat_page_donate(id, ipa_of(IPA_SHARED_PAGE),
			    pa_of(scene_pa(vm, SCENE_SHARED_PAGE)), 1));
	bed_do(bed, moat_page_lend(id, ipa_of(IPA_LENT_PAGE),
			    pa_of(scene_pa(vm, SCENE_LENT_PAGE)), 1,
			    SCENE_PERMISSION));
	bed_do(bed, moat_block_donate(id, ipa_of(IPA_VM_BLOCK), pa_of(BED_E)));
	bed_do(bed,
		moat_block_donate(id, ipa_of(IPA_SHARED_BLOCK), pa_of(BED_F)));
	bed_do(bed, moat_block_lend(id, ipa_of(IPA_LENT_BLOCK), pa_of(BED_G),
			    SCENE_PERMISSION));
	bed_do(bed, moat_page_donate(id, ipa_of(IPA_UNIFORM), pa_of(BED_H),
			    BED_ENTRIES));
}

static void share(struct bed *bed, uint32_t vm, uint64_t ipa, uint64_t count)
{
	struct moat_regs regs = scene_guest_call(MOAT_GUEST_SHARE, ipa, count);
	struct bed_answer answer;

	scene_run(bed, vm, 0, 0);
	answer = bed_ask(bed, 0, &regs);
	cr_assert(answer.x[0] == MOAT_OK && answer.x[1] == count,
		"the VM cannot share");
}

void scene_share(struct bed *bed, uint32_t vm)
{
	share(bed, vm, IPA_SHARED_PAGE, 1);
	share(bed, vm, IPA_SHARED_BLOCK, BED_ENTRIES);
}

void scene_full(struct bed *bed, uint32_t vm)
{
	scene_build(bed, vm);
	scene_fill(bed, vm);
	bed_do(bed, moat_vm_seal(vm_of(vm)));
	scene_share(bed, vm);
}

void scene_strip(struct bed *bed, uint32_t vm)
{
	bed_do(bed, moat_page_reclaim(vm_of(vm), ipa_of(IPA_VM_PAGE), 1));
	bed_do(bed, moat_vcpu_destroy(vm_of(vm), vcpu_of(0)));
	for (uint32_t i = TABLE_COUNT; i > 0; i--) {
		strip_table(bed, vm, i - 1);
	}
}

/* ---- Running ----------------------------------------------------------- */

void scene_run(struct bed *bed, uint32_t vm, uint32_t vcpu, uint32_t cpu)
{
	struct moat_regs regs = moat_vcpu_run(vm_of(vm), vcpu_of(vcpu));

	cr_assert(
		host_machine_call(bed->machine, cpu, &regs) == MOAT_GUEST_ENTER,
		"the vCPU does not run");
}

void scene_stop(struct bed *bed, uint32_t cpu)
{
	const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs;

	expect_equal("the end of a run", bed_trap(bed, cpu, &irq, &regs),
		MOAT_HOST_RETURN);
}

struct moat_regs scene_guest_call(uint32_t number, uint64_t x1, uint64_t x2)
{
	return moat_call_make(number, x1, x2, 0, 0);
}

/* ---- Calls that may succeed -------------------------------------------- */

static struct moat_regs scene_vm_call(uint32_t number, struct moat_vm_id vm)
{
	struct moat_regs regs = {{MOAT_FUNCTION(number)}};

	switch (number) {
	case MOAT_VM_CREATE:
		return moat_vm_create(
			vm, pa_of(FREE_ROOT), SCENE_IPA_BITS, SCENE_VCPUS);
	case MOAT_VM_SEAL:
		return moat_vm_seal(vm);
	case MOAT_VM_KILL:
		return moat_vm_kill(vm);
	case MOAT_VM_FREE:
		return moat_vm_free(vm);
	case MOAT_VM_INFO:
		return moat_vm_info(vm);
	case MOAT_VCPU_CREATE:
		return moat_vcpu_create(
			vm, vcpu_of(1), pa_of(FREE_PAGE), 0x80000, 7);
	case MOAT_VCPU_DESTROY:
		return moat_vcpu_destroy(vm, vcpu_of(0));
	case MOAT_VCPU_RUN:
		return moat_vcpu_run(vm, vcpu_of(0));
	default:
		cr_assert_fail("no operands for this call in the scene");
	}
	return regs;
}

static struct moat_regs scene_table_call(uint32_t number, struct moat_vm_id vm)
{
	switch (number) {
	case MOAT_TABLE_CREATE:
		return moat_table_create(
			vm, ipa_of(IPA_NO_LEAF), 3, pa_of(FREE_PAGE));
	case MOAT_TABLE_DESTROY:
		return moat_table_destroy(vm, ipa_of(IPA_EMPTY_LEAF), 3);
	case MOAT_TABLE_FOLD:
		return moat_table_fold(vm, ipa_of(IPA_UNIFORM), 3);
	case MOAT_TABLE_SPLIT:
		return moat_table_split(
			vm, ipa_of(IPA_VM_BLOCK), 3, pa_of(FREE_PAGE));
	default:
		return scene_vm_call(number, vm);
	}
}

static struct moat_regs scene_block_call(uint32_t number, struct moat_vm_id vm)
{
	switch (number) {
	case MOAT_BLOCK_DONATE:
		return moat_block_donate(
			vm, ipa_of(IPA_NO_LEAF), pa_of(FREE_BLOCK));
	case MOAT_BLOCK_LEND:
		return moat_block_lend(vm, ipa_of(IPA_UPPER + IPA_NO_LEAF),
			pa_of(FREE_BLOCK), SCENE_PERMISSION);
	default:
		return scene_table_call(number, vm);
	}
}

struct moat_regs scene_call(uint32_t number, uint64_t vm_number)
{
	struct moat_vm_id vm = vm_of(vm_number);

	switch (number) {
	case MOAT_VERSION:
		return moat_version();
	case MOAT_FEATURES:
		return moat_features();
	case MOAT_PAGE_LOAD:
		return moat_page_load(
			vm, ipa_of(IPA_EMPTY_SLOT), pa_of(FREE_PAGE), 1);
	case MOAT_PAGE_DONATE:
		return moat_page_donate(
			vm, ipa_of(IPA_EMPTY_SLOT), pa_of(FREE_PAGE), 1);
	case MOAT_PAGE_RECLAIM:
		return moat_page_reclaim(vm, ipa_of(IPA_VM_PAGE), 1);
	case MOAT_PAGE_INFO:
		return moat_page_info(pa_of(FREE_PAGE));
	case MOAT_PAGE_LEND:
		return moat_page_lend(vm, ipa_of(IPA_UPPER + IPA_EMPTY_LEAF),
			pa_of(FREE_PAGE), 1, SCENE_PERMISSION);
	case MOAT_PAGE_RECALL:
		return moat_page_recall(vm, ipa_of(IPA_LENT_PAGE), 1);
	default:
		return scene_block_call(number, vm);
	}
}
