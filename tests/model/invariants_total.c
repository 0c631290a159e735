/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each byte of a state that an invariant holds, flipped: some invariant says
 * so. Which one, the other tests say, clause by clause.
 */
#include "model/state.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

/* vCPU 0 of VM 0 runs on CPU 1, and it has a block that is LENT to it. */
static struct model *m;

static void begin(void)
{
	struct moat_regs regs;

	m = world_running();
	regs = call(m, moat_block_lend(vm_id(0), ipa_of(HALF),
			       pa_of(FREE_BLOCK), MOAT_READ));
	cr_assert_eq(regs.x[0], MOAT_OK);
	cr_assert_null(model_invariant_check(m));
}

static void end(void)
{
	model_destroy(m);
}

TestSuite(invariants_total, .init = begin, .fini = end);

static void expect_held(void *at, size_t size, const char *what)
{
	unsigned char *byte = at;

	for (size_t i = 0; i < size; i++) {
		byte[i] ^= 1;
		cr_expect_not_null(
			model_invariant_check(m), "%s, byte %zu", what, i);
		byte[i] ^= 1;
	}
	cr_expect_null(model_invariant_check(m), "%s, as it was", what);
}

#define EXPECT_HELD(field) expect_held(&(field), sizeof(field), #field)

/* A record has no padding. One of the VM's pages may as well be SHARED, so that
 * of those the state, which comes first, is left out. */
static void expect_record_held(uint64_t pa, size_t first)
{
	unsigned char *page =
		(unsigned char *)(uintptr_t)model_map_find(&m->pages, pa);

	cr_assert_not_null(page);
	expect_held(
		page + first, sizeof(struct model_page) - first, "a record");
}

Test(invariants_total, hold_each_byte_of_a_record)
{
	expect_record_held(ROOT, 0);
	expect_record_held(ROOT + 0x3000, 0);
	expect_record_held(LEAF, 0);
	expect_record_held(CONTEXT, 0);
	expect_record_held(DATA, 1);
	expect_record_held(DATA + 0x7000, 1);
	expect_record_held(FREE_BLOCK, 0);
	expect_record_held(FREE_BLOCK + 0x5000, 0);
	expect_record_held(FREE_BLOCK + 0x1ff000, 0);
}

/* Of a width the sizes of the tables follow, so it is tried by whole bits. */
Test(invariants_total, hold_each_field_of_a_vm)
{
	struct model_vm *vm = &m->vms[0];

	EXPECT_HELD(vm->life);
	EXPECT_HELD(vm->root);
	for (uint32_t bits = 33; bits <= 40; bits++) {
		vm->ipa_bits = bits;
		cr_expect_not_null(model_invariant_check(m), "%u bits", bits);
	}
	vm->ipa_bits = 32;
	vm = &m->vms[1];
	EXPECT_HELD(vm->life);
	EXPECT_HELD(vm->ipa_bits);
	EXPECT_HELD(vm->root);
	EXPECT_HELD(vm->measurement);
	vm->vcpu_count = 1;
	cr_expect_str_eq(model_invariant_check(m), "VM-1");
	vm->vcpu_count = 0;
	vm->vcpus = m->vms[0].vcpus;
	cr_expect_str_eq(model_invariant_check(m), "VM-1");
	vm->vcpus = NULL;
}

Test(invariants_total, hold_how_many_vcpus_a_vm_has)
{
	m->vms[0].vcpu_count = 0;
	cr_expect_str_eq(model_invariant_check(m), "VM-1");
	m->vms[0].vcpu_count = MOAT_VCPU_MAX + 1;
	cr_expect_str_eq(model_invariant_check(m), "VM-1");
	m->vms[0].vcpu_count = 2;
}

/* What the guest has made, and what the hardware has, may be anything. */
Test(invariants_total, hold_what_of_a_vcpu_is_not_the_guests)
{
	struct model_vcpu *vcpu = &m->vms[0].vcpus[0];

	EXPECT_HELD(vcpu->state);
	EXPECT_HELD(vcpu->cpu);
	EXPECT_HELD(vcpu->exit);
	EXPECT_HELD(vcpu->host_call_count);
	EXPECT_HELD(vcpu->mmio);
	EXPECT_HELD(vcpu->pc_is_known);
	EXPECT_HELD(vcpu->context);
	memset(vcpu->x, 0xa5, sizeof(vcpu->x));
	memset(vcpu->hardware.list_register, 0xa5,
		sizeof(vcpu->hardware.list_register));
	vcpu->pc = 1;
	vcpu->hardware.maintenance = UINT64_MAX;
	vcpu->hardware.deadline = 1;
	cr_expect_null(model_invariant_check(m));
	/* One that is absent is nothing at all. */
	expect_held(&m->vms[0].vcpus[1], sizeof(*vcpu), "an absent vCPU");
}

Test(invariants_total, hold_what_a_cpu_runs)
{
	EXPECT_HELD(m->cpus[1]);
	EXPECT_HELD(m->cpus[0].is_guest);
	EXPECT_HELD(m->cpus[MOAT_CPU_MAX - 1].is_guest);
}

/* The number and the VM are right, and there are as many as there should be. */
Test(invariants_total, hold_that_a_context_is_one)
{
	m->vms[0].vcpus[0].context = LEAF;
	cr_expect_str_eq(model_invariant_check(m), "VCPU-1");
	m->vms[0].vcpus[0].context = FREE_PAGE;
	cr_expect_str_eq(model_invariant_check(m), "VCPU-1");
}
