/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI and SMCCC of a guest. VM 0 has three vCPU numbers: vCPU 0, which runs on
 * CPU 1, vCPU 1, which is off, and number 2, which was not created.
 */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define SMC64 0x40000000u
#define ERROR(code) (0 - (uint64_t)(code))

enum {
	CPU_SUSPEND = 1,
	CPU_OFF = 2,
	CPU_ON = 3,
	AFFINITY_INFO = 4,
	SYSTEM_OFF = 8,
	SYSTEM_RESET = 9,
	SECOND = FREE_PAGE /* the context page of vCPU 1 */
};

static uint64_t psci(uint64_t number)
{
	return 0x84000000 + number;
}

static struct model *world_two_vcpus(void)
{
	struct model *m = world_empty();
	struct moat_regs second = moat_vcpu_create(
		vm_id(0), vcpu_id(1), pa_of(SECOND), ENTRY, 0x99);

	second.x[6] = 1;
	call(m, moat_vm_create(vm_id(0), pa_of(ROOT), 32, 3));
	call(m, moat_vcpu_create(
			vm_id(0), vcpu_id(0), pa_of(CONTEXT), ENTRY, 0x77));
	cr_assert_eq(call(m, second).x[0], MOAT_OK);
	call(m, moat_vm_seal(vm_id(0)));
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	return m;
}

/* The call is answered by the engine: x0. No other register changes. */
static uint64_t answer(
	struct model *m, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t x[5] = {x0, x1, x2, x3, 4};
	uint64_t after[31];
	uint64_t *guest = model_guest_registers(m, 1);

	memcpy(after, guest, sizeof(after));
	memcpy(after, x, sizeof(x));
	guest_call(m, x, MOAT_GUEST_RESUME);
	after[0] = guest[0];
	cr_assert_arr_eq(guest, after, sizeof(after));
	return guest[0];
}

static void expect_exit(
	struct moat_regs regs, uint64_t x1, uint64_t x2, uint64_t x3)
{
	const uint64_t x[15] = {0, x1, x2, x3};

	cr_assert_arr_eq(regs.x, x, sizeof(x));
}

Test(psci, functions_that_answer_answer_what_the_manual_says)
{
	const struct {
		uint64_t x[3];
		uint64_t x0;
	} rows[] = {
		{{0x84000000}, 0x10001}, /* PSCI_VERSION */
		{{0xffffffff84000000}, 0x10001},
		{{0x84000006}, 2}, /* MIGRATE_INFO_TYPE */
		{{0x80000000}, 0x10002}, /* SMCCC_VERSION */
		/* SMCCC_ARCH_FEATURES */
		{{0x80000001, 0x80000000}, 0},
		{{0x80000001, 0xffffffff80000001}, 0},
		{{0x80000001, 0x80008000}, ERROR(1)},
		{{0x80000001, 0x84000000}, ERROR(1)},
		/* PSCI_FEATURES */
		{{0x8400000a, 0x84000000}, 0},
		{{0x8400000a, 0x84000001}, 0},
		{{0x8400000a, 0xc4000001}, 0},
		{{0x8400000a, 0x84000002}, 0},
		{{0x8400000a, 0xc4000002}, ERROR(1)},
		{{0x8400000a, 0x84000003}, 0},
		{{0x8400000a, 0xffffffffc4000003}, 0},
		{{0x8400000a, 0x84000004}, 0},
		{{0x8400000a, 0xc4000004}, 0},
		{{0x8400000a, 0x84000005}, ERROR(1)}, /* MIGRATE */
		{{0x8400000a, 0x84000006}, 0},
		{{0x8400000a, 0xc4000006}, ERROR(1)},
		{{0x8400000a, 0x84000008}, 0},
		{{0x8400000a, 0x84000009}, 0},
		{{0x8400000a, 0x8400000a}, 0},
		{{0x8400000a, 0xc400000a}, ERROR(1)},
		{{0x8400000a, 0x80000000}, 0},
		{{0x8400000a, 0x80000001}, ERROR(1)},
		{{0x8400000a, 0xc6000100}, ERROR(1)},
		/* What is not there. */
		{{0xc4000000}, ERROR(1)},
		{{0xc4000002}, ERROR(1)},
		{{0x84000005}, ERROR(1)},
		{{0xc4000006}, ERROR(1)},
		{{0xc4000008}, ERROR(1)},
		{{0xc4000009}, ERROR(1)},
		{{0xc400000a}, ERROR(1)},
		{{0x8400000b}, ERROR(1)},
		{{0xc0000000}, ERROR(1)},
		{{0x04000000}, ERROR(1)},
	};
	struct model *m = world_two_vcpus();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t x0 =
			answer(m, rows[i].x[0], rows[i].x[1], rows[i].x[2], 3);

		cr_assert_eq(x0, rows[i].x0, "row %zu: %lx", i, x0);
	}
	model_destroy(m);
}

Test(psci, affinity_info_tells_who_is_on)
{
	const struct {
		uint64_t x[3];
		uint64_t x0;
	} rows[] = {
		{{psci(AFFINITY_INFO), 0, 0}, 0},
		{{psci(AFFINITY_INFO), 1, 0}, 1},
		{{psci(AFFINITY_INFO), 2, 0}, ERROR(2)},
		{{psci(AFFINITY_INFO), 3, 0}, ERROR(2)},
		{{psci(AFFINITY_INFO), 0, 1}, ERROR(2)},
		{{psci(AFFINITY_INFO), 0x100, 0}, ERROR(2)},
		/* W registers of the SMC32 form, X of the other. */
		{{psci(AFFINITY_INFO), 0x100000001, 0x100000000}, 1},
		{{psci(AFFINITY_INFO) + SMC64, 1, 0}, 1},
		{{psci(AFFINITY_INFO) + SMC64, 0x100000001, 0}, ERROR(2)},
		{{psci(AFFINITY_INFO) + SMC64, 1, 1}, ERROR(2)},
	};
	struct model *m = world_two_vcpus();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t x0 =
			answer(m, rows[i].x[0], rows[i].x[1], rows[i].x[2], 3);

		cr_assert_eq(x0, rows[i].x0, "row %zu: %lx", i, x0);
	}
	model_destroy(m);
}

Test(psci, cpu_on_refuses_in_the_order_of_the_manual)
{
	const struct {
		uint64_t x[3];
		uint64_t x0;
	} rows[] = {
		{{psci(CPU_ON), 2, 1}, ERROR(2)},
		{{psci(CPU_ON), 3, 1}, ERROR(2)},
		{{psci(CPU_ON) + SMC64, 0x100000001, 1}, ERROR(2)},
		{{psci(CPU_ON), 0, 1}, ERROR(9)},
		{{psci(CPU_ON), 0, 2}, ERROR(9)},
		{{psci(CPU_ON), 1, HALF}, ERROR(9)},
		{{psci(CPU_ON) + SMC64, 1, 0x100000000}, ERROR(9)},
		{{psci(CPU_ON), 0, 0}, ERROR(4)}, /* itself */
	};
	struct model *m = world_two_vcpus();
	struct model_vcpu before = *model_vcpu_at(m, 0, 1);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t x0 =
			answer(m, rows[i].x[0], rows[i].x[1], rows[i].x[2], 3);

		cr_assert_eq(x0, rows[i].x0, "row %zu: %lx", i, x0);
	}
	cr_assert_arr_eq(model_vcpu_at(m, 0, 1), &before, sizeof(before));
	model_destroy(m);
}

Test(psci, a_vcpu_that_is_off_cannot_be_run)
{
	struct model *m = world_two_vcpus();
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(1));

	cr_assert_eq(call(m, regs).x[0], refused(MOAT_VCPU_IS_OFF, 2));
	regs.x[3] = MOAT_ENTRY_ABORT;
	cr_assert_eq(call(m, regs).x[0], refused(MOAT_VCPU_IS_OFF, 2));
	regs = call(m, moat_vm_info(vm_id(0)));
	cr_assert_eq(regs.x[5], 3);
	cr_assert_eq(regs.x[6], 1);
	cr_assert_eq(regs.x[7], 2);
	model_destroy(m);
}

Test(psci, cpu_on_starts_the_target_where_the_vm_says)
{
	struct model *m = world_two_vcpus();
	const uint64_t x[5] = {
		psci(CPU_ON), 0xf00000001, 0xf00001000, 0xf00000055, 4};
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(1));
	const uint64_t expected[31] = {0x55};

	expect_exit(guest_call(m, x, MOAT_HOST_RETURN), MOAT_EXIT_PSCI,
		psci(CPU_ON), 1);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->x[0], 0);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->x[1], 0xf00000001);
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	cr_assert_eq(answer(m, psci(AFFINITY_INFO), 1, 0, 0), 0);
	cr_assert_eq(answer(m, psci(CPU_ON), 1, 0, 0), ERROR(4));
	cr_assert_eq(model_host_call(m, 0, &regs), MOAT_GUEST_ENTER);
	cr_assert_arr_eq(
		model_guest_registers(m, 0), expected, sizeof(expected));
	cr_assert_eq(model_vcpu_at(m, 0, 1)->pc, 0x1000);
	cr_assert_eq(answer(m, psci(CPU_ON), 1, 0, 0), ERROR(4));
	model_destroy(m);
}

Test(psci, cpu_on_of_64_bits_takes_x_registers)
{
	struct model *m = world_two_vcpus();
	const uint64_t x[5] = {
		psci(CPU_ON) + SMC64, 1, 0x7ffffffc, 0xf00000055, 4};

	expect_exit(guest_call(m, x, MOAT_HOST_RETURN), MOAT_EXIT_PSCI,
		psci(CPU_ON), 1);
	cr_assert_eq(model_vcpu_at(m, 0, 1)->x[0], 0xf00000055);
	cr_assert_eq(model_vcpu_at(m, 0, 1)->pc, 0x7ffffffc);
	model_destroy(m);
}

Test(psci, off_is_off_until_another_vcpu_turns_it_on)
{
	const uint64_t numbers[] = {CPU_OFF, SYSTEM_OFF, SYSTEM_RESET};

	for (size_t i = 0; i < 3; i++) {
		struct model *m = world_two_vcpus();
		const uint64_t x[5] = {psci(numbers[i]), 1, 2, 3, 4};
		struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

		expect_exit(guest_call(m, x, MOAT_HOST_RETURN), MOAT_EXIT_PSCI,
			psci(numbers[i]), 0);
		cr_assert_eq(model_vcpu_at(m, 0, 0)->state, MOAT_VCPU_OFF);
		cr_assert_eq(model_vcpu_at(m, 0, 0)->exit, 0);
		cr_assert_eq(call(m, regs).x[0], refused(MOAT_VCPU_IS_OFF, 2));
		cr_assert_eq(call(m, moat_vm_kill(vm_id(0))).x[0], MOAT_OK);
		cr_assert_eq(
			call(m, moat_vcpu_destroy(vm_id(0), vcpu_id(0))).x[0],
			MOAT_OK);
		model_destroy(m);
	}
}

Test(psci, a_vcpu_that_was_off_and_is_on_has_nothing_of_its_last_life)
{
	struct model *m = world_two_vcpus();
	const uint64_t on[5] = {psci(CPU_ON), 1, 0x1000, 0x55};
	const uint64_t off[5] = {psci(CPU_OFF)};
	const uint64_t first[5] = {psci(CPU_ON), 0, 0x2000, 0x66};
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(1));
	const uint64_t expected[31] = {0x66};

	/* vCPU 0 turns vCPU 1 on, and itself off; vCPU 1 turns it on. */
	guest_call(m, on, MOAT_HOST_RETURN);
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	model_guest_registers(m, 1)[30] = 30;
	model_guest_hardware(m, 1)->deadline = 5;
	guest_call(m, off, MOAT_HOST_RETURN);
	cr_assert_eq(model_host_call(m, 0, &regs), MOAT_GUEST_ENTER);
	memcpy(model_guest_registers(m, 0), first, sizeof(first));
	cr_assert_eq(model_guest_exit(m, 0, &trap, &regs), MOAT_HOST_RETURN);
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	cr_assert_arr_eq(
		model_guest_registers(m, 1), expected, sizeof(expected));
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, 0x2000);
	cr_assert_eq(model_guest_hardware(m, 1)->deadline, ~(uint64_t)0);
	cr_assert_null(model_invariant_check(m));
	model_destroy(m);
}

Test(psci, cpu_suspend_is_a_wait_that_succeeds)
{
	const uint64_t functions[] = {
		psci(CPU_SUSPEND), psci(CPU_SUSPEND) + SMC64};

	for (size_t i = 0; i < 2; i++) {
		struct model *m = world_two_vcpus();
		const uint64_t x[5] = {functions[i], 0x10000, 1, 2, 3};
		const uint64_t after[5] = {0, 0x10000, 1, 2, 3};

		model_guest_hardware(m, 1)->deadline = 0x777;
		expect_exit(guest_call(m, x, MOAT_HOST_RETURN), MOAT_EXIT_WFI,
			0x777, 0);
		run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
		cr_assert_arr_eq(
			model_guest_registers(m, 1), after, sizeof(after));
		/* HVC and SMC return behind themselves. */
		cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, ENTRY);
		model_destroy(m);
	}
}
