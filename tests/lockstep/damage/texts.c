/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of each difference in what the engine keeps beside its tables: who
 * reads one has nothing else to look for the bug with.
 */
#include "core/state.h"
#include "model/state.h"
#include "world.h"

/* Some bytes of the engine's state, little-endian, become @value. */
static void says(struct world *world, void *field, size_t size, uint64_t value,
	const char *text)
{
	unsigned char *byte = field;
	unsigned char old[sizeof(value)];

	for (size_t i = 0; i < size; i++) {
		old[i] = byte[i];
		byte[i] = (unsigned char)(value >> (8 * i));
	}
	expect_differ(world, ABSTRACT_ALL, text, text);
	for (size_t i = 0; i < size; i++) {
		byte[i] = old[i];
	}
}

#define SAYS(field, value, text) \
	says(world, &(field), sizeof(field), value, text)

static void pages_say(struct world *world)
{
	struct moat *m = world->m;

	SAYS(PAGE(m, 0).slot, 7,
		"page 0x40000000: engine HOST vm 0 level 0 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x0 slot 0x7 parent "
		"0), model HOST vm 0 level 0 vcpu 0 ipa 0x0 permission 0");
	SAYS(PAGE(m, 3).state, MOAT_PAGE_HOST,
		"page 0x40003000: engine HOST vm 0 level 0 vcpu 0 ipa 0x0 "
		"permission 0 (mapping 0x0 slot 0x0 parent 0), model ENGINE vm "
		"0 level 0 vcpu 0 ipa 0x0 permission 0");
	SAYS(PAGE(m, 0x7ff).state, MOAT_PAGE_VM,
		"page 0x407ff000: engine VM vm 0 level 0 vcpu 0 ipa 0x7ff000 "
		"permission 0, hanging nowhere (mapping 0x0 slot 0x0 parent "
		"0), model HOST vm 0 level 0 vcpu 0 ipa 0x0 permission 0");
	SAYS(PAGE(m, 0x31).slot, 9,
		"page 0x40031000: engine VM vm 0 level 3 vcpu 0 ipa "
		"0x8000009000 permission 0 (mapping 0x3 slot 0x9 parent 40), "
		"model VM vm 0 level 3 vcpu 0 ipa 0x8000006000 permission 0");
	SAYS(PAGE(m, 0x41).slot, 2,
		"page 0x40041000: engine VCPU vm 0 level 0 vcpu 2 ipa 0x0 "
		"permission 0 (mapping 0x0 slot 0x2 parent 0), model VCPU vm 0 "
		"level 0 vcpu 1 ipa 0x0 permission 0");
	SAYS(PAGE(m, 0x65).parent, 0x28,
		"page 0x40065000: engine VM vm 0 level 3 vcpu 0 ipa "
		"0x8000001000 permission 0 (mapping 0x3 slot 0x1 parent 40), "
		"model VM vm 1 level 3 vcpu 0 ipa 0x1000 permission 0");
	SAYS(PAGE(m, 0x66).state, MOAT_PAGE_HOST,
		"page 0x40066000: engine HOST vm 0 level 0 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x0 slot 0x1 parent "
		"1), model VCPU vm 1 level 0 vcpu 1 ipa 0x0 permission 0");
	SAYS(PAGE(m, 0x412).mapping, 2 + 8 * MOAT_READ,
		"page 0x40412000: engine LENT vm 0 level 2 vcpu 0 ipa "
		"0x40000212000 permission 1 (mapping 0xa slot 0x1 parent 34), "
		"model LENT vm 0 level 2 vcpu 0 ipa 0x40000212000 permission "
		"3");
	SAYS(PAGE(m, 0x24).slot, SLOT_ROOT + 4,
		"page 0x40024000: engine TABLE vm 19 level 2 vcpu 0 ipa "
		"0x100000000 permission 0 (mapping 0x2 slot 0x8004 parent 19), "
		"model TABLE vm 0 level 2 vcpu 0 ipa 0x18000000000 permission "
		"0");
	SAYS(PAGE(m, 0x30).parent, 0x20,
		"page 0x40030000: engine VM vm 0 level 3 vcpu 0 ipa "
		"0x8000005000 permission 0, hanging nowhere (mapping 0x3 slot "
		"0x5 parent 32), model VM vm 0 level 3 vcpu 0 ipa 0x8000005000 "
		"permission 0"); /* of another level */
	SAYS(PAGE(m, 0x2c).parent, PAGE_COUNT(m),
		"page 0x4002c000: engine TABLE vm 0 level 3 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x3 slot 0x0 parent "
		"2048), model TABLE vm 0 level 3 vcpu 0 ipa 0x18000000000 "
		"permission 0");
	SAYS(PAGE(m, 0x2c).parent, PAGE_COUNT(m) - 1,
		"page 0x4002c000: engine TABLE vm 0 level 3 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x3 slot 0x0 parent "
		"2047), model TABLE vm 0 level 3 vcpu 0 ipa 0x18000000000 "
		"permission 0");
}

/* Records that lead to no root: in a circle of levels, by what is no table. */
static void chains_say(struct world *world)
{
	struct moat *m = world->m;
	uint32_t kept = PAGE(m, 0x24).parent;

	SAYS(PAGE(m, 0x31).state, MOAT_PAGE_SHARED,
		"page 0x40031000: engine SHARED vm 0 level 3 vcpu 0 ipa "
		"0x8000006000 permission 0 (mapping 0x3 slot 0x6 parent 40), "
		"model VM vm 0 level 3 vcpu 0 ipa 0x8000006000 permission 0");
	SAYS(PAGE(m, 0x7ff).state, MOAT_PAGE_STATE_COUNT,
		"page 0x407ff000: engine unknown vm 0 level 0 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x0 slot 0x0 parent "
		"0), model HOST vm 0 level 0 vcpu 0 ipa 0x0 permission 0");
	SAYS(PAGE(m, 0x2c).parent, 0x31,
		"page 0x4002c000: engine TABLE vm 0 level 3 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x3 slot 0x0 parent "
		"49), model TABLE vm 0 level 3 vcpu 0 ipa 0x18000000000 "
		"permission 0");
	SAYS(PAGE(m, 0x20).mapping, 4,
		"page 0x40020000: engine TABLE vm 0 level 4 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x4 slot 0x0 parent "
		"17), model TABLE vm 0 level 2 vcpu 0 ipa 0x8000000000 "
		"permission 0");
	SAYS(PAGE(m, 0x28).mapping, 0,
		"page 0x40028000: engine TABLE vm 0 level 0 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x0 slot 0x0 parent "
		"32), model TABLE vm 0 level 3 vcpu 0 ipa 0x8000000000 "
		"permission 0");
	SAYS(PAGE(m, 0x30).mapping, 4,
		"page 0x40030000: engine VM vm 0 level 4 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x4 slot 0x5 parent "
		"40), model VM vm 0 level 3 vcpu 0 ipa 0x8000005000 permission "
		"0");
	/* Five tables are one more than there are levels. */
	PAGE(m, 0x24).parent = 0x2a;
	SAYS(PAGE(m, 0x20).parent, 0x24,
		"page 0x40020000: engine TABLE vm 0 level 2 vcpu 0 ipa 0x0 "
		"permission 0, hanging nowhere (mapping 0x2 slot 0x0 parent "
		"36), model TABLE vm 0 level 2 vcpu 0 ipa 0x8000000000 "
		"permission 0");
	PAGE(m, 0x24).parent = kept;
}

static void agents_say(struct world *world)
{
	struct moat *m = world->m;
	uint64_t measured = VM(m, 1).measurement[2];

	SAYS(VM(m, 1).measurement[2], measured + 1,
		"vm 1 measurement word 2: engine 0xb46e355a77352121, model "
		"0xb46e355a77352120");
	SAYS(VM(m, 1).ipa_bits, 33,
		"vm 1: engine BUILDING, 33 bits, 2 vcpus, root 0x40060000, "
		"model BUILDING, 32 bits, 2 vcpus, root 0x40060000");
	SAYS(VM(m, 0).vcpu_count, 6,
		"vm 0: engine ACTIVE, 43 bits, 6 vcpus, root 0x40010000, model "
		"ACTIVE, 43 bits, 7 vcpus, root 0x40010000");
	SAYS(VM(m, 2).life, MOAT_VM_ACTIVE,
		"vm 2: engine ACTIVE, 36 bits, 1 vcpus, root 0x40070000, model "
		"DYING, 36 bits, 1 vcpus, root 0x40070000");
	SAYS(VM(m, 2).root, 0x71,
		"vm 2: engine DYING, 36 bits, 1 vcpus, root 0x40071000, model "
		"DYING, 36 bits, 1 vcpus, root 0x40070000");
	SAYS(VM(m, 2).root, PAGE_COUNT(m),
		"vm 2: engine DYING, 36 bits, 1 vcpus, root 0x0, model DYING, "
		"36 bits, 1 vcpus, root 0x40070000");
	SAYS(CPU(m, 0).vm, 2,
		"cpu 0: engine runs vm 2 vcpu -1, model vm -1 vcpu -1 (-1: the "
		"host)");
	SAYS(CPU(m, 1).vm, NONE,
		"cpu 1: engine runs vm -1 vcpu 0, model vm 0 vcpu 0 (-1: the "
		"host)");
	SAYS(CPU(m, 1).vcpu, 1,
		"cpu 1: engine runs vm 0 vcpu 1, model vm 0 vcpu 0 (-1: the "
		"host)");
	SAYS(world->machine->cpus[0].stage2.vmid, 1,
		"cpu 0: has VMID 1 installed");
	SAYS(world->machine->cpus[1].stage2.vmid, 2,
		"cpu 1: has VMID 2 installed");
}

static void vcpus_say(struct world *world)
{
	struct moat *m = world->m;

	SAYS(VCPU(m, 0, 0).cpu, 2,
		"vm 0 vcpu 0 engine RUNNING cpu 2, model RUNNING cpu 1");
	SAYS(VCPU(m, 0, 1).state, MOAT_VCPU_RUNNING,
		"vm 0 vcpu 1 engine RUNNING cpu 4294967295, model READY cpu 0");
	SAYS(VCPU(m, 0, 5).state, MOAT_VCPU_OFF,
		"vm 0 vcpu 5 engine OFF cpu 0, model ABSENT cpu 0");
	SAYS(VCPU(m, 0, 1).page, PAGE_COUNT(m),
		"vm 0 vcpu 1 context: engine page 2048, model 0x40041000");
	SAYS(VCPU(m, 0, 1).page, 0x42,
		"vm 0 vcpu 1 context: engine 0x40042000, model 0x40041000");
	SAYS(VCPU(m, 0, 6).pending, MOAT_EXIT_WFI,
		"vm 0 vcpu 6 pending exit: engine 0x2, model 0x4");
	SAYS(VCPU(m, 0, 4).count, 4,
		"vm 0 vcpu 4 registers of a pending host_call: engine 0x4, "
		"model 0x5");
	SAYS(VCPU(m, 0, 6).access.access, MOAT_ACCESS_FETCH,
		"vm 0 vcpu 6 access: engine 0x3, model 0x1");
	SAYS(VCPU(m, 0, 6).access.size, 8,
		"vm 0 vcpu 6 size: engine 0x8, model 0x2");
	SAYS(VCPU(m, 0, 6).access.register_index, 12,
		"vm 0 vcpu 6 register: engine 0xc, model 0xb");
	SAYS(VCPU(m, 0, 6).access.is_signed, 0,
		"vm 0 vcpu 6 is_signed: engine 0x0, model 0x1");
	SAYS(VCPU(m, 0, 6).access.is_wide, 0,
		"vm 0 vcpu 6 is_wide: engine 0x0, model 0x1");
	expect_same(world, ABSTRACT_ALL, "before the flags");
	/* Any number is a flag that is set. */
	VCPU(m, 0, 6).access.is_signed = 2;
	VCPU(m, 0, 6).access.is_wide = 4;
	expect_same(world, ABSTRACT_ALL, "flags that are set");
	expect(made_is_same(world), "flags that are set make another state");
	VCPU(m, 0, 6).access.is_signed = 1;
	VCPU(m, 0, 6).access.is_wide = 1;
}

static void registers_say(struct world *world)
{
	struct moat_context *at = &CONTEXT(world->m, VCPU(world->m, 0, 1).page);

	SAYS(at->x[0], 0x1, "vm 0 vcpu 1 x00: engine 0x1, model 0x78");
	SAYS(at->x[9], 0x9, "vm 0 vcpu 1 x09: engine 0x9, model 0x0");
	SAYS(at->x[30], 0x1, "vm 0 vcpu 1 x30: engine 0x1, model 0x3030");
	SAYS(at->pc, 0x30, "vm 0 vcpu 1 pc: engine 0x30, model 0x2000");
	SAYS(at->list_register[0], 0x20,
		"vm 0 vcpu 1 lr0: engine 0x20, model 0x50a0000000000021");
	SAYS(at->list_register[3], 0x23,
		"vm 0 vcpu 1 lr3: engine 0x23, model 0x0");
	SAYS(at->wants_maintenance, 0,
		"vm 0 vcpu 1 wants_maintenance: engine 0x0, model 0x1");
	SAYS(at->maintenance, 2,
		"vm 0 vcpu 1 maintenance: engine 0x2, model 0x3");
	SAYS(at->deadline, 0x1235,
		"vm 0 vcpu 1 deadline: engine 0x1235, model 0x1234");
}

/* A record of the model's that is of no page. */
static void model_says(struct world *world)
{
	const struct model_page page = {.state = MOAT_PAGE_VM, .level = 3};

	model_map_put(&world->model->pages, 0x9000000, &page);
	expect_differ(world, ABSTRACT_ALL, "a page that is no RAM",
		"page 0x9000000: model, but no RAM");
	model_map_range_remove(&world->model->pages, 0x9000000, 0x9000001);
}

static void translations_are(const struct world *world)
{
	struct moat_stage2 stage2 = abstract_stage2(&world->abstract, 1);

	expect(stage2.root.value == RAM + 0x60000 && stage2.ipa_bits == 32 &&
			stage2.start_level == 2 && stage2.vmid == 2,
		"the translation of VM 1 is another");
}

void test_texts(struct world *world)
{
	pages_say(world);
	chains_say(world);
	model_says(world);
	agents_say(world);
	vcpus_say(world);
	registers_say(world);
	translations_are(world);
	expect_same(world, ABSTRACT_ALL, "after all texts");
}
