/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <criterion/criterion.h>

struct moat_config world_config(void)
{
	struct moat_config config = {.cpu_count = 2,
		.vm_count = 3,
		.ipa_bits = 40,
		.host_ipa_bits = 36,
		.ram_count = 1,
		.withheld_count = 2,
		.list_register_count = 4};

	config.ram[0] = (struct moat_range){RAM, RAM_END - RAM};
	config.withheld[0] = (struct moat_range){WINDOW, 0x1000};
	config.withheld[1] = (struct moat_range){RAM, 0x10000};
	return config;
}

struct model *world_empty(void)
{
	struct moat_config config = world_config();
	struct model *m = model_create(&config);

	cr_assert_not_null(m);
	return m;
}

static void call_ok(struct model *m, struct moat_regs regs)
{
	struct moat_regs answer = call(m, regs);

	cr_assert_eq(answer.x[0], MOAT_OK);
}

struct model *world_building(void)
{
	struct model *m = world_empty();

	call_ok(m, moat_vm_create(vm_id(0), pa_of(ROOT), 32, 2));
	call_ok(m, moat_table_create(vm_id(0), ipa_of(0), 3, pa_of(LEAF)));
	call_ok(m, moat_vcpu_create(
			   vm_id(0), vcpu_id(0), pa_of(CONTEXT), ENTRY, 0x77));
	cr_assert_eq(model_host_write(m, 0, pa_of(DATA), 0x5ec2e7),
		MODEL_ACCESS_DONE);
	call_ok(m, moat_page_load(vm_id(0), ipa_of(DATA_IPA), pa_of(DATA), 8));
	return m;
}

struct model *world_active(void)
{
	struct model *m = world_building();

	call_ok(m, moat_vm_seal(vm_id(0)));
	return m;
}

struct model *world_running(void)
{
	struct model *m = world_active();
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

	cr_assert_eq(model_host_call(m, 1, &regs), MOAT_GUEST_ENTER);
	return m;
}

struct moat_regs call_on(struct model *m, uint32_t cpu, struct moat_regs regs)
{
	struct model *before = model_copy(m);
	enum moat_action action = model_host_call(m, cpu, &regs);

	cr_assert_eq(action, MOAT_HOST_RESUME);
	cr_assert_null(model_invariant_check(m));
	cr_assert_null(model_step_check(before, m)); /* PAGE-4 */
	if (regs.x[0] != MOAT_OK) {
		/* CALL-1: a refused call changes nothing, and says nothing. */
		cr_assert(model_is_equal(before, m));
		for (uint32_t i = 1; i <= MOAT_RESULT_COUNT; i++) {
			cr_assert_eq(regs.x[i], 0);
		}
	}
	model_destroy(before);
	return regs;
}

struct moat_regs call(struct model *m, struct moat_regs regs)
{
	return call_on(m, 0, regs);
}

struct moat_regs trap_on_1(
	struct model *m, struct moat_trap trap, enum moat_action expected)
{
	struct model *before = model_copy(m);
	struct moat_regs regs;

	for (uint32_t i = 0; i < 18; i++) {
		regs.x[i] = ~(uint64_t)0;
	}
	cr_assert_eq(model_guest_exit(m, 1, &trap, &regs), expected);
	cr_assert_null(model_invariant_check(m));
	cr_assert_null(model_step_check(before, m)); /* PAGE-4 */
	model_destroy(before);
	return regs;
}

struct moat_regs guest_call(
	struct model *m, const uint64_t *x, enum moat_action expected)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	uint64_t *guest = model_guest_registers(m, 1);

	for (uint32_t i = 0; i < 5; i++) {
		guest[i] = x[i];
	}
	return trap_on_1(m, trap, expected);
}

void run_on_1(struct model *m, struct moat_regs entry)
{
	struct moat_regs regs = entry;

	cr_assert_eq(model_host_call(m, 1, &regs), MOAT_GUEST_ENTER);
	cr_assert_arr_eq(regs.x, entry.x, sizeof(regs.x));
	cr_assert_null(model_invariant_check(m));
}

uint64_t refused(enum moat_status status, uint64_t operand)
{
	return operand * 256 + (uint64_t)status;
}

void expect_rows(struct model *m, const struct row *rows, size_t row_count)
{
	for (size_t i = 0; i < row_count; i++) {
		struct moat_regs regs = {{0}};

		for (uint32_t r = 0; r < 7; r++) {
			regs.x[r] = rows[i].x[r];
		}
		regs.x[0] = MOAT_FUNCTION(rows[i].x[0]);
		regs = call(m, regs);
		cr_assert_eq(regs.x[0],
			refused(rows[i].status, rows[i].operand),
			"row %zu answers %lx", i, (unsigned long)regs.x[0]);
	}
	model_destroy(m);
}

struct moat_vm_id vm_id(uint64_t value)
{
	return (struct moat_vm_id){value};
}

struct moat_vcpu_id vcpu_id(uint64_t value)
{
	return (struct moat_vcpu_id){value};
}

struct moat_pa pa_of(uint64_t value)
{
	return (struct moat_pa){value};
}

struct moat_ipa ipa_of(uint64_t value)
{
	return (struct moat_ipa){value};
}
