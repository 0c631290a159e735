/* SPDX-License-Identifier: BSD-2-Clause */
/* Running vCPUs: what an entry writes and what each trap tells the host. */
#include "world.h"

#include <criterion/criterion.h>
#include <signal.h>

static void expect_exit(struct moat_regs regs, const uint64_t *x)
{
	cr_assert_arr_eq(regs.x, x, 10 * sizeof(*x));
	for (uint32_t i = 10; i < 18; i++) {
		cr_assert_eq(regs.x[i], i < 15 ? 0 : ~(uint64_t)0);
	}
}

/* Run vCPU 0 of VM 0 on CPU 1 again, with x4..x9 as given. */
static void run_again(struct model *m, const uint64_t *answers)
{
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

	for (uint32_t i = 0; i < 6; i++) {
		regs.x[4 + i] = answers[i];
	}
	run_on_1(m, regs);
}

Test(guests, a_vcpu_starts_with_its_argument_and_all_else_zero)
{
	struct model *m = world_running();
	const uint64_t expected[31] = {0x77};

	cr_assert_arr_eq(
		model_guest_registers(m, 1), expected, sizeof(expected));
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, ENTRY);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc_is_known, 1);
	cr_assert_eq(model_guest_hardware(m, 1)->deadline, ~(uint64_t)0);
	cr_assert_null(model_guest_registers(m, 0));
	cr_assert_null(model_guest_hardware(m, 0));
	model_destroy(m);
}

Test(guests, each_trap_tells_the_host_what_its_exit_lists)
{
	const struct {
		uint64_t trap[3]; /* kind, access, IPA */
		uint64_t x[10];
		uint64_t pc_after;
	} rows[] = {
		{{1}, {0, MOAT_EXIT_IRQ}, 0},
		{{2}, {0, MOAT_EXIT_WFI, 0x1234}, 4},
		{{4, 1, 0xabcdef}, {0, MOAT_EXIT_FAULT, 0xabc000, 1}, 0},
		{{4, 2, 0xabcdef}, {0, MOAT_EXIT_FAULT, 0xabc000, 2}, 0},
		{{4, 3, ~(uint64_t)0},
			{0, MOAT_EXIT_FAULT, ~(uint64_t)0 - 0xfff, 3}, 0},
		{{4, 0, 0xabcdef}, {0, MOAT_EXIT_OTHER}, 0},
		{{4, 4, 0xabcdef}, {0, MOAT_EXIT_OTHER}, 0},
		{{4, 0, DATA_IPA}, {0, MOAT_EXIT_OTHER}, 0},
		{{5, 1, 0xabcdef}, {0, MOAT_EXIT_SERROR}, 0},
		{{6, 1, 0xabcdef}, {0, MOAT_EXIT_OTHER}, 0},
		{{0, 1, 0xabcdef}, {0, MOAT_EXIT_OTHER}, 0},
		{{7, 1, 0xabcdef}, {0, MOAT_EXIT_OTHER}, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = world_running();
		struct moat_trap trap = {
			.kind = (enum moat_trap_kind)rows[i].trap[0],
			.access = (enum moat_access)rows[i].trap[1],
			.ipa = {rows[i].trap[2]}};

		model_guest_hardware(m, 1)->deadline = 0x1234;
		expect_exit(trap_on_1(m, trap, MOAT_HOST_RETURN), rows[i].x);
		cr_assert_eq(
			model_vcpu_at(m, 0, 0)->pc, ENTRY + rows[i].pc_after);
		cr_assert_eq(model_vcpu_at(m, 0, 0)->state, MOAT_VCPU_READY);
		cr_assert_eq(model_cpu_at(m, 1).is_guest, 0);
		model_destroy(m);
	}
}

Test(guests, version_is_answered_without_the_host)
{
	struct model *m = world_running();
	uint64_t *x = model_guest_registers(m, 1);
	const uint64_t expected[6] = {0, 0x10000, 0, 0, 0, 5};

	x[0] = 0xffffffff00000000 | MOAT_FUNCTION(MOAT_GUEST_VERSION);
	x[1] = 1;
	x[2] = 2;
	x[3] = 3;
	x[4] = 4;
	x[5] = 5;
	trap_on_1(m, (struct moat_trap){.kind = MOAT_TRAP_CALL},
		MOAT_GUEST_RESUME);
	cr_assert_arr_eq(x, expected, sizeof(expected));
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, ENTRY);
	model_destroy(m);
}

Test(guests, features_are_those_of_the_interface_and_of_the_own_space)
{
	struct model *m = world_running();
	const uint64_t x[5] = {MOAT_FUNCTION(MOAT_GUEST_FEATURES), 9, 9, 9, 9};
	const uint64_t expected[6] = {0, 4096, 32, 512, 6, 0};

	guest_call(m, x, MOAT_GUEST_RESUME);
	cr_assert_arr_eq(
		model_guest_registers(m, 1), expected, sizeof(expected));
	model_destroy(m);
}

Test(guests, an_unknown_call_changes_x0_only)
{
	struct model *m = world_running();
	uint64_t *x = model_guest_registers(m, 1);
	const uint64_t expected[5] = {~(uint64_t)0, 1, 2, 3, 4};

	/* What the host may call, a guest may not. */
	x[0] = MOAT_FUNCTION(MOAT_VM_KILL);
	x[1] = 1;
	x[2] = 2;
	x[3] = 3;
	x[4] = 4;
	trap_on_1(m, (struct moat_trap){.kind = MOAT_TRAP_CALL},
		MOAT_GUEST_RESUME);
	cr_assert_arr_eq(x, expected, sizeof(expected));
	model_destroy(m);
}

/* The guest makes a host_call of @count with x2.. = 102, 103, ... */
static uint64_t *host_call_of(struct model *m, uint64_t count)
{
	uint64_t *x = model_guest_registers(m, 1);

	for (uint32_t i = 2; i < 31; i++) {
		x[i] = 100 + i;
	}
	x[0] = MOAT_FUNCTION(MOAT_GUEST_HOST_CALL);
	x[1] = count;
	return x;
}

Test(guests, a_host_call_shows_the_declared_registers_only)
{
	struct model *m = world_running();
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	const uint64_t two[10] = {0, MOAT_EXIT_HOST_CALL, 2, 102, 103};
	const uint64_t six[10] = {
		0, MOAT_EXIT_HOST_CALL, 6, 102, 103, 104, 105, 106, 107};
	const uint64_t none[10] = {0, MOAT_EXIT_HOST_CALL};
	const uint64_t zeroes[6] = {0};

	host_call_of(m, 2);
	expect_exit(trap_on_1(m, trap, MOAT_HOST_RETURN), two);
	run_again(m, zeroes);
	host_call_of(m, 6);
	expect_exit(trap_on_1(m, trap, MOAT_HOST_RETURN), six);
	run_again(m, zeroes);
	host_call_of(m, 0);
	expect_exit(trap_on_1(m, trap, MOAT_HOST_RETURN), none);
	model_destroy(m);
}

Test(guests, a_host_call_is_answered_in_the_declared_registers_only)
{
	struct model *m = world_running();
	const uint64_t answers[6] = {11, 12, 13, 14, 15, 16};
	const uint64_t expected[9] = {0, 0, 11, 12, 104, 105, 106, 107, 108};

	host_call_of(m, 2);
	trap_on_1(m, (struct moat_trap){.kind = MOAT_TRAP_CALL},
		MOAT_HOST_RETURN);
	run_again(m, answers);
	cr_assert_arr_eq(
		model_guest_registers(m, 1), expected, sizeof(expected));
	/* It was answered: after another exit the host writes nothing. */
	trap_on_1(
		m, (struct moat_trap){.kind = MOAT_TRAP_IRQ}, MOAT_HOST_RETURN);
	run_again(m, (const uint64_t[6]){21, 22, 23, 24, 25, 26});
	cr_assert_arr_eq(
		model_guest_registers(m, 1), expected, sizeof(expected));
	model_destroy(m);
}

Test(guests, a_host_call_with_a_bad_count_stays_in_the_engine)
{
	const uint64_t counts[] = {7, 0x100000000, ~(uint64_t)0};
	const uint64_t expected[6] = {
		refused(MOAT_BAD_ARG, 1), 0, 0, 0, 0, 105};

	for (size_t i = 0; i < 3; i++) {
		struct model *m = world_running();
		uint64_t *x = host_call_of(m, counts[i]);

		trap_on_1(m, (struct moat_trap){.kind = MOAT_TRAP_CALL},
			MOAT_GUEST_RESUME);
		cr_assert_arr_eq(x, expected, sizeof(expected));
		model_destroy(m);
	}
}

Test(guests, two_vcpus_of_one_vm_run_apart)
{
	struct model *m = world_building();
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(1));

	call(m, moat_vcpu_create(
			vm_id(0), vcpu_id(1), pa_of(FREE_PAGE), ENTRY, 0x88));
	call(m, moat_vm_seal(vm_id(0)));
	cr_assert_eq(model_host_call(m, 1, &regs), MOAT_GUEST_ENTER);
	regs = moat_vcpu_run(vm_id(0), vcpu_id(0));
	cr_assert_eq(model_host_call(m, 0, &regs), MOAT_GUEST_ENTER);
	cr_assert_eq(model_guest_registers(m, 0)[0], 0x77);
	cr_assert_eq(model_guest_registers(m, 1)[0], 0x88);
	cr_assert_null(model_invariant_check(m));
	model_destroy(m);
}

Test(guests, a_vcpu_moves_between_cpus)
{
	struct model *m = world_running();
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

	trap_on_1(
		m, (struct moat_trap){.kind = MOAT_TRAP_IRQ}, MOAT_HOST_RETURN);
	cr_assert_eq(model_host_call(m, 0, &regs), MOAT_GUEST_ENTER);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->cpu, 0);
	cr_assert_eq(model_cpu_at(m, 0).is_guest, 1);
	cr_assert_null(model_invariant_check(m));
	model_destroy(m);
}

/* ---- Misuse ends the process ------------------------------------------- */

Test(guests, a_host_call_where_a_vcpu_runs_is_a_misuse, .signal = SIGABRT)
{
	struct model *m = world_running();
	struct moat_regs regs = moat_version();

	(void)model_host_call(m, 1, &regs);
}

Test(guests, a_host_abort_where_a_vcpu_runs_is_a_misuse, .signal = SIGABRT)
{
	(void)model_host_abort(world_running(), 1, ipa_of(0));
}

Test(guests, a_host_access_where_a_vcpu_runs_is_a_misuse, .signal = SIGABRT)
{
	(void)model_host_write(world_running(), 1, pa_of(FREE_PAGE), 1);
}

Test(guests, an_unaligned_access_is_a_misuse, .signal = SIGABRT)
{
	(void)model_host_write(world_running(), 0, pa_of(FREE_PAGE + 4), 1);
}

Test(guests, an_unaligned_access_of_a_guest_is_a_misuse, .signal = SIGABRT)
{
	(void)model_guest_write(world_running(), 1, ipa_of(DATA_IPA + 4), 1);
}

Test(guests, a_guest_access_where_the_host_runs_is_a_misuse, .signal = SIGABRT)
{
	(void)model_guest_write(world_running(), 0, ipa_of(DATA_IPA), 1);
}

Test(guests, an_exit_where_the_host_runs_is_a_misuse, .signal = SIGABRT)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = {{0}};

	(void)model_guest_exit(world_running(), 0, &trap, &regs);
}

Test(guests, a_jump_where_the_host_runs_is_a_misuse, .signal = SIGABRT)
{
	model_guest_jump(world_running(), 0, ENTRY);
}

Test(guests, a_cpu_that_does_not_exist_is_a_misuse, .signal = SIGABRT)
{
	(void)model_cpu_at(world_empty(), 2);
}

Test(guests, a_slot_that_does_not_exist_is_a_misuse, .signal = SIGABRT)
{
	(void)model_table_count(world_empty(), 3);
}

Test(guests, an_index_beyond_a_list_is_a_misuse, .signal = SIGABRT)
{
	(void)model_word_at(world_empty(), 0);
}
