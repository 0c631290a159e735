/* SPDX-License-Identifier: BSD-2-Clause */
/* [VCPU-1] can fail in many ways: a good state is broken in one place each. */
#include "model/state.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

/* vCPU 0 of VM 0 runs on CPU 1 when a test begins. */
static struct model *m;

static void begin(void)
{
	m = world_running();
	cr_assert_null(model_invariant_check(m));
}

static void end(void)
{
	model_destroy(m);
}

TestSuite(invariants_vcpu, .init = begin, .fini = end);

static void expect_broken(void)
{
	const char *found = model_invariant_check(m);

	cr_assert_not_null(found);
	cr_assert_str_eq(found, "VCPU-1");
}

/* The record of @pa, to be changed in place. */
static struct model_page record_of(uint64_t pa)
{
	const struct model_page *page = model_map_find(&m->pages, pa);

	cr_assert_not_null(page);
	return *page;
}

Test(invariants_vcpu, vcpu_1_sees_a_cpu_that_runs_what_is_ready)
{
	m->vms[0].vcpus[0].state = MOAT_VCPU_READY;
	m->vms[0].vcpus[0].cpu = 0;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_running_vcpu_that_no_cpu_runs)
{
	memset(&m->cpus[1], 0, sizeof(m->cpus[1]));
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_vcpu_on_two_cpus)
{
	m->cpus[0] = m->cpus[1];
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_vcpu_of_a_dying_vm_run)
{
	m->vms[0].life = MOAT_VM_DYING;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_state_that_is_none)
{
	m->vms[0].vcpus[1].state = MOAT_VCPU_STATE_COUNT;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_cpu_that_does_not_exist)
{
	m->vms[0].vcpus[0].cpu = 2;
	m->cpus[2] = m->cpus[1];
	memset(&m->cpus[1], 0, sizeof(m->cpus[1]));
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_context_of_another_vcpu)
{
	struct model_page page = record_of(CONTEXT);

	page.vcpu = 1;
	model_map_put(&m->pages, CONTEXT, &page);
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_context_without_a_vcpu)
{
	struct model_page page = record_of(CONTEXT);

	model_map_put(&m->pages, FREE_PAGE, &page);
	expect_broken();
	/* And if it is the first record of all. */
	model_page_release(m, FREE_PAGE);
	model_map_put(&m->pages, ROOT - 0x1000, &page);
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_what_an_absent_vcpu_left)
{
	m->vms[0].vcpus[1].x[30] = 1;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_an_exit_pending_while_running)
{
	m->vms[0].vcpus[0].exit = MOAT_EXIT_IRQ;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_count_that_no_host_call_declared)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = {{0}};

	model_guest_exit(m, 1, &trap, &regs);
	cr_assert_null(model_invariant_check(m));
	m->vms[0].vcpus[0].host_call_count = 1;
	expect_broken();
	m->vms[0].vcpus[0].exit = MOAT_EXIT_HOST_CALL;
	m->vms[0].vcpus[0].host_call_count = 7;
	expect_broken();
}

/* vCPU 0, after a trap of @kind at an address of a device. */
static struct model_vcpu *after_trap(enum moat_trap_kind kind)
{
	struct moat_trap trap = {.kind = kind,
		.access = MOAT_ACCESS_READ,
		.ipa = {HALF},
		.has_syndrome = 1,
		.size = 4};

	trap_on_1(m, trap, MOAT_HOST_RETURN);
	return &m->vms[0].vcpus[0];
}

Test(invariants_vcpu, vcpu_1_sees_an_access_that_cannot_be_finished)
{
	struct model_vcpu *vcpu = after_trap(MOAT_TRAP_ABORT);
	struct model_mmio good = vcpu->mmio;
	struct model_mmio bad[] = {good, good, good, good, good, {0}};

	bad[0].access = MOAT_ACCESS_FETCH;
	bad[1].size = 3;
	bad[2].register_index = 32;
	bad[3].is_signed = 2;
	bad[4].is_wide = 2;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		vcpu->mmio = bad[i];
		expect_broken();
	}
	vcpu->mmio = good;
	cr_assert_null(model_invariant_check(m));
}

Test(invariants_vcpu, vcpu_1_sees_an_access_that_does_not_wait)
{
	struct model_vcpu *vcpu = after_trap(MOAT_TRAP_IRQ);
	struct model_mmio bad[] = {{1, 0, 0, 0, 0}, {0, 1, 0, 0, 0},
		{0, 0, 1, 0, 0}, {0, 0, 0, 1, 0}, {0, 0, 0, 0, 1}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		vcpu->mmio = bad[i];
		expect_broken();
	}
}

Test(invariants_vcpu, vcpu_1_sees_an_exit_that_is_none)
{
	after_trap(MOAT_TRAP_IRQ)->exit = MOAT_EXIT_END;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_what_waits_of_a_vcpu_that_is_off)
{
	struct model_vcpu *vcpu = after_trap(MOAT_TRAP_IRQ);

	vcpu->state = MOAT_VCPU_OFF;
	expect_broken();
	vcpu->exit = 0;
	cr_assert_null(model_invariant_check(m));
	vcpu->cpu = 1;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_pc_that_is_not_known_and_there)
{
	struct model_vcpu *vcpu = &m->vms[0].vcpus[0];

	vcpu->pc_is_known = 0;
	expect_broken();
	vcpu->pc = 0;
	cr_assert_null(model_invariant_check(m));
	vcpu->pc_is_known = 2;
	expect_broken();
}

Test(invariants_vcpu, vcpu_1_sees_a_flag_that_is_none)
{
	m->vms[0].vcpus[0].hardware.wants_maintenance = 2;
	expect_broken();
}
