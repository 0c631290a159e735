/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts: what of a list register gets in, and what gets out. */
#include "model/state.h"
#include "world.h"

#include <criterion/criterion.h>

#define TOP (~(uint64_t)0)
/* A pending interrupt of group 1, priority 0xa0; and its fields. */
#define PENDING(vintid) (0x50a0000000000000 + (uint64_t)(vintid))
#define FIELDS 0xd0ff0200ffffffff
#define HARDWARE 0x2000000000000000

static struct moat_regs entry(const uint64_t list_register[4])
{
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

	for (uint32_t i = 0; i < 4; i++) {
		regs.x[10 + i] = list_register[i];
	}
	return regs;
}

static struct moat_regs interrupted(struct model *m)
{
	return trap_on_1(
		m, (struct moat_trap){.kind = MOAT_TRAP_IRQ}, MOAT_HOST_RETURN);
}

Test(interrupts, a_list_register_is_sanitised_at_an_entry)
{
	const struct {
		uint64_t given[4];
		uint64_t taken[4];
	} rows[] = {
		{{PENDING(40), PENDING(0), PENDING(1019), PENDING(41)},
			{PENDING(40), PENDING(0), PENDING(1019)}},
		/* Of an interrupt in any state every field is taken. */
		{{TOP - HARDWARE - 0xffffffff + 32, 0x8000000000000021},
			{FIELDS - 0xffffffff + 32, 0x8000000000000021}},
		/* No state, hardware, not an identifier, the timer's. */
		{{0x10a0000000000028, PENDING(40) + HARDWARE, PENDING(1020)},
			{0}},
		{{PENDING(27), PENDING(0xffffffff), PENDING(0x10000001b)},
			{0, 0, 0}},
		/* The first of two counts, unless that is empty. */
		{{PENDING(40), PENDING(40), 0x8000000000000028}, {PENDING(40)}},
		{{40, PENDING(40) + HARDWARE, PENDING(40)},
			{0, 0, PENDING(40)}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = world_active();

		run_on_1(m, entry(rows[i].given));
		cr_assert_arr_eq(model_guest_hardware(m, 1)->list_register,
			rows[i].taken, sizeof(rows[i].taken), "row %zu", i);
		model_destroy(m);
	}
}

Test(interrupts, an_exit_shows_the_fields_of_what_the_hardware_has)
{
	struct model *m = world_running();
	struct model_hardware *hardware = model_guest_hardware(m, 1);
	const uint64_t expected[5] = {FIELDS, PENDING(27), 0, 0, 0xab};
	struct moat_regs regs;

	hardware->list_register[0] = TOP;
	hardware->list_register[1] = PENDING(27) + HARDWARE;
	hardware->list_register[3] = PENDING(40);
	hardware->maintenance = 0x12ab;
	regs = interrupted(m);
	cr_assert_arr_eq(regs.x + 10, expected, sizeof(expected));
	cr_assert_eq(regs.x[15], TOP);
	model_destroy(m);
}

Test(interrupts, an_entry_replaces_what_the_last_run_left)
{
	struct model *m = world_running();
	const uint64_t none[4] = {0};

	for (uint32_t i = 0; i < 4; i++) {
		model_guest_hardware(m, 1)->list_register[i] = PENDING(i);
	}
	interrupted(m);
	run_on_1(m, entry(none));
	cr_assert_arr_eq(
		model_guest_hardware(m, 1)->list_register, none, sizeof(none));
	model_destroy(m);
}

Test(interrupts, one_list_register_is_the_engines)
{
	const struct {
		uint32_t count;
		uint64_t usable;
	} rows[] = {{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 3}};
	const uint64_t given[4] = {
		PENDING(1), PENDING(2), PENDING(3), PENDING(4)};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = world_active();
		struct moat_regs regs;

		m->config.list_register_count = rows[i].count;
		regs = call(m, moat_features());
		cr_assert_eq(regs.x[9], 6 + 256 * rows[i].usable);
		run_on_1(m, entry(given));
		regs = interrupted(m);
		for (uint32_t r = 0; r < 4; r++) {
			cr_assert_eq(regs.x[10 + r],
				r < rows[i].usable ? given[r] : 0);
		}
		model_destroy(m);
	}
}

Test(interrupts, the_flag_of_an_entry_asks_for_maintenance)
{
	struct model *m = world_active();
	const uint64_t none[4] = {0};
	struct moat_regs regs = entry(none);

	regs.x[3] = MOAT_ENTRY_UNDERFLOW;
	run_on_1(m, regs);
	cr_assert_eq(model_guest_hardware(m, 1)->wants_maintenance, 1);
	interrupted(m);
	run_on_1(m, entry(none));
	cr_assert_eq(model_guest_hardware(m, 1)->wants_maintenance, 0);
	model_destroy(m);
}
