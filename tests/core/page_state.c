/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a page is, times what is asked about it: every state of a page meets
 * every call that names one by its physical address, and every way in which
 * the host may touch it.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

enum page_is {
	HOST,
	LENT,
	LENT_IN_BLOCK,
	VM,
	VM_IN_BLOCK,
	SHARED,
	SHARED_IN_BLOCK,
	TABLE,
	ROOT,
	VCPU,
	ENGINE,
	NOT_RAM,
	PAGE_IS_COUNT
};

static const char *const page_is_names[PAGE_IS_COUNT] = {"HOST", "LENT",
	"LENT in a block", "VM", "VM in a block", "SHARED", "SHARED in a block",
	"TABLE", "TABLE (root)", "VCPU", "ENGINE", "not RAM"};

/* Which argument of a call is a physical address, 0 if none is. Total. */
static const struct row pa_operand[] = {
	{0, MOAT_VERSION, 0, 0},
	{0, MOAT_FEATURES, 0, 0},
	{0, MOAT_VM_CREATE, 2, 0},
	{0, MOAT_VM_SEAL, 0, 0},
	{0, MOAT_VM_KILL, 0, 0},
	{0, MOAT_VM_FREE, 0, 0},
	{0, MOAT_VM_INFO, 0, 0},
	{0, MOAT_VCPU_CREATE, 3, 0},
	{0, MOAT_VCPU_DESTROY, 0, 0},
	{0, MOAT_VCPU_RUN, 0, 0},
	{0, MOAT_TABLE_CREATE, 4, 0},
	{0, MOAT_TABLE_DESTROY, 0, 0},
	{0, MOAT_TABLE_FOLD, 0, 0},
	{0, MOAT_TABLE_SPLIT, 4, 0},
	{0, MOAT_PAGE_LOAD, 3, 0},
	{0, MOAT_PAGE_DONATE, 3, 0},
	{0, MOAT_PAGE_RECLAIM, 0, 0},
	{0, MOAT_PAGE_INFO, 1, 0},
	{0, MOAT_PAGE_LEND, 3, 0},
	{0, MOAT_PAGE_RECALL, 0, 0},
	/* Of 512 pages at once: block_state.c. */
	{0, MOAT_BLOCK_DONATE, 0, 1},
	{0, MOAT_BLOCK_LEND, 0, 1},
};

#define OK MOAT_OK
#define HOST_END (UINT64_C(1) << BED_HOST_BITS)
#define BAD(operand) AT(MOAT_BAD_PAGE, operand)

/* { the page is, the call, its answer, the page becomes } */
static const struct row rows[] = {
	{HOST, MOAT_VM_CREATE, OK, MOAT_PAGE_TABLE},
	{HOST, MOAT_VCPU_CREATE, OK, MOAT_PAGE_VCPU},
	{HOST, MOAT_TABLE_CREATE, OK, MOAT_PAGE_TABLE},
	{HOST, MOAT_TABLE_SPLIT, OK, MOAT_PAGE_TABLE},
	{HOST, MOAT_PAGE_LOAD, OK, MOAT_PAGE_VM},
	{HOST, MOAT_PAGE_DONATE, OK, MOAT_PAGE_VM},
	{HOST, MOAT_PAGE_INFO, OK, MOAT_PAGE_HOST},
	{HOST, MOAT_PAGE_LEND, OK, MOAT_PAGE_LENT},

	{LENT, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_LENT},
	{LENT, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_LENT},
	{LENT, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_LENT},
	{LENT, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_LENT},
	{LENT, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_LENT},
	{LENT, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_LENT},
	{LENT, MOAT_PAGE_INFO, OK, MOAT_PAGE_LENT},
	{LENT, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_LENT},

	{LENT_IN_BLOCK, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_PAGE_INFO, OK, MOAT_PAGE_LENT},
	{LENT_IN_BLOCK, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_LENT},

	{VM, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_VM},
	{VM, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_VM},
	{VM, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_VM},
	{VM, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_VM},
	{VM, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_VM},
	{VM, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_VM},
	{VM, MOAT_PAGE_INFO, OK, MOAT_PAGE_VM},
	{VM, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_VM},

	{VM_IN_BLOCK, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_PAGE_INFO, OK, MOAT_PAGE_VM},
	{VM_IN_BLOCK, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_VM},

	{SHARED, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_SHARED},
	{SHARED, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_SHARED},
	{SHARED, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_SHARED},
	{SHARED, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_SHARED},
	{SHARED, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_SHARED},
	{SHARED, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_SHARED},
	{SHARED, MOAT_PAGE_INFO, OK, MOAT_PAGE_SHARED},
	{SHARED, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_SHARED},

	{SHARED_IN_BLOCK, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_PAGE_INFO, OK, MOAT_PAGE_SHARED},
	{SHARED_IN_BLOCK, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_SHARED},

	{TABLE, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_TABLE},
	{TABLE, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_TABLE},
	{TABLE, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_TABLE},
	{TABLE, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_TABLE},
	{TABLE, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_TABLE},
	{TABLE, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_TABLE},
	{TABLE, MOAT_PAGE_INFO, OK, MOAT_PAGE_TABLE},
	{TABLE, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_TABLE},

	{ROOT, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_TABLE},
	{ROOT, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_TABLE},
	{ROOT, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_TABLE},
	{ROOT, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_TABLE},
	{ROOT, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_TABLE},
	{ROOT, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_TABLE},
	{ROOT, MOAT_PAGE_INFO, OK, MOAT_PAGE_TABLE},
	{ROOT, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_TABLE},

	{VCPU, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_VCPU},
	{VCPU, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_VCPU},
	{VCPU, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_VCPU},
	{VCPU, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_VCPU},
	{VCPU, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_VCPU},
	{VCPU, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_VCPU},
	{VCPU, MOAT_PAGE_INFO, OK, MOAT_PAGE_VCPU},
	{VCPU, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_VCPU},

	{ENGINE, MOAT_VM_CREATE, BAD(2), MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_VCPU_CREATE, BAD(3), MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_TABLE_CREATE, BAD(4), MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_TABLE_SPLIT, BAD(4), MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_PAGE_LOAD, BAD(3), MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_PAGE_DONATE, BAD(3), MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_PAGE_INFO, OK, MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_PAGE_LEND, BAD(3), MOAT_PAGE_ENGINE},

	/* There is nothing that it could become. */
	{NOT_RAM, MOAT_VM_CREATE, BAD(2), 0},
	{NOT_RAM, MOAT_VCPU_CREATE, BAD(3), 0},
	{NOT_RAM, MOAT_TABLE_CREATE, BAD(4), 0},
	{NOT_RAM, MOAT_TABLE_SPLIT, BAD(4), 0},
	{NOT_RAM, MOAT_PAGE_LOAD, BAD(3), 0},
	{NOT_RAM, MOAT_PAGE_DONATE, BAD(3), 0},
	{NOT_RAM, MOAT_PAGE_INFO, BAD(1), 0},
	{NOT_RAM, MOAT_PAGE_LEND, BAD(3), 0},
};

/* Pages of each kind; the list ends with 1, which is no page. */
enum { ADDRESSES = 9 };
#define END 1

static const uint64_t addresses[PAGE_IS_COUNT][ADDRESSES] = {
	[HOST] = {FREE_PAGE, BED_B, BED_C_LAST, BED_D, BED_D_LAST, END},
	[LENT] = {BED_A + 33 * BED_PAGE, END},
	[LENT_IN_BLOCK] = {BED_G, BED_G + BED_REGION / 2 + BED_PAGE,
		BED_G + BED_REGION - BED_PAGE, END},
	[VM] = {BED_A + 31 * BED_PAGE, BED_H, END},
	[VM_IN_BLOCK] = {BED_E, BED_E + BED_REGION / 2 + BED_PAGE,
		BED_E + BED_REGION - BED_PAGE, END},
	[SHARED] = {BED_A + 32 * BED_PAGE, END},
	[SHARED_IN_BLOCK] = {BED_F, BED_F + BED_REGION / 2 + BED_PAGE,
		BED_F + BED_REGION - BED_PAGE, END},
	/* In the scene's order: the first and the last that there is. */
	[TABLE] = {BED_A + (SCENE_ROOT_LEVEL == 1 ? 16 : 18) * BED_PAGE,
		BED_A + (SCENE_ROOT_LEVEL == 1 ? 30 : 29) * BED_PAGE, END},
	[ROOT] = {BED_A, BED_A + (SCENE_ROOT_PAGES - 1) * BED_PAGE, END},
	[VCPU] = {BED_A + 34 * BED_PAGE, END},
	[ENGINE] = {BED_WITHHELD, END},
	/* Around the ranges, devices, the engine, the ends of the host's space
	 * and of 64 bits. */
	[NOT_RAM] = {BED_A - BED_PAGE, BED_C_LAST + BED_PAGE,
		BED_D_LAST + BED_PAGE, BED_DEVICE, BED_MEMORY, HOST_END + BED_C,
		UINT64_C(0x8000000000000000), -BED_PAGE, END},
};

static uint32_t operand_of(uint32_t call)
{
	for (size_t i = 0; i < LENGTH(pa_operand); i++) {
		if (pa_operand[i].call == call) {
			return (uint32_t)pa_operand[i].answer;
		}
	}
	return 0;
}

/* VM 0 has a page of each kind, VM 1 may still be given a context. */
static struct bed two_vms(void)
{
	struct bed bed = bed_make();

	scene_full(&bed, 0);
	scene_vm(&bed, 1, MOAT_VM_BUILDING);
	return bed;
}

/* Only a VM that is BUILDING, or has a block, can ask for some. */
static bool may_ask(uint32_t call, uint32_t vm)
{
	if (call == MOAT_PAGE_LOAD || call == MOAT_VCPU_CREATE) {
		return vm == 1;
	}
	return call != MOAT_TABLE_SPLIT || vm == 0;
}

/* Every CPU's host looks at the page first, and may keep the translation. */
static void look_from_everywhere(struct bed *bed, uint64_t pa)
{
	for (uint32_t cpu = 0; cpu < BED_CPUS; cpu++) {
		host_cpu_speculate(bed->machine, cpu, pa);
	}
}

/* The call of @row, made for VM @vm, about the page at @pa. */
static void run_about(const struct row *row, uint32_t vm, uint64_t pa)
{
	struct bed bed = two_vms();
	struct moat_regs regs = scene_call(row->call, vm);

	if (row->call == MOAT_VM_CREATE) {
		/* An EMPTY slot, and a root of one page. */
		regs = moat_vm_create(
			(struct moat_vm_id){2}, (struct moat_pa){0}, 36, 1);
	}
	regs.x[operand_of(row->call)] = pa;
	look_from_everywhere(&bed, pa);
	expect_equal("the answer", bed_call(&bed, 0, &regs), row->answer);
	if (row->is != NOT_RAM) {
		expect_equal(
			"the page", inside_page_state(&bed, pa), row->becomes);
	}
	bed_end(&bed);
}

/* Whoever the page belongs to, it makes no difference who asks. */
static void run(const struct row *row)
{
	for (uint32_t i = 0; addresses[row->is][i] != END; i++) {
		uint64_t pa = addresses[row->is][i];

		for (uint32_t vm = 0; vm < 2; vm++) {
			if (!may_ask(row->call, vm)) {
				continue;
			}
			bed_about("a page that is %s, at 0x%llx: %s by VM %u",
				page_is_names[row->is], (unsigned long long)pa,
				host_call_name(row->call), (unsigned)vm);
			run_about(row, vm, pa);
		}
	}
}

Test(page_state, each_state_of_a_page_meets_each_call_that_names_one)
{
	const struct named_call calls[] = {
		{MOAT_VM_CREATE, "vm_create"},
		{MOAT_VCPU_CREATE, "vcpu_create"},
		{MOAT_TABLE_CREATE, "table_create"},
		{MOAT_TABLE_SPLIT, "table_split"},
		{MOAT_PAGE_LOAD, "page_load"},
		{MOAT_PAGE_DONATE, "page_donate"},
		{MOAT_PAGE_INFO, "page_info"},
		{MOAT_PAGE_LEND, "page_lend"},
	};
	const struct table table = {rows, LENGTH(rows), page_is_names,
		PAGE_IS_COUNT, calls, LENGTH(calls)};

	table_run(&table, run);
}

Test(page_state, the_calls_that_name_a_page_are_all_of_them)
{
	static const char *const one[] = {"operand"};
	const struct table table = {pa_operand, LENGTH(pa_operand), one, 1,
		host_calls, HOST_CALL_COUNT};
	uint32_t roles = 0;
	uint32_t block_roles = 0;

	cr_assert_null(table_fault(&table));
	for (size_t i = 0; i < LENGTH(pa_operand); i++) {
		roles += pa_operand[i].answer != 0;
		block_roles += pa_operand[i].becomes;
	}
	cr_assert_eq(roles * PAGE_IS_COUNT, LENGTH(rows));
	cr_assert_eq(block_roles, 2);
}

Test(page_state, no_address_of_the_table_is_of_another_kind)
{
	static const uint32_t states[] = {[HOST] = MOAT_PAGE_HOST,
		[LENT] = MOAT_PAGE_LENT,
		[LENT_IN_BLOCK] = MOAT_PAGE_LENT,
		[VM] = MOAT_PAGE_VM,
		[VM_IN_BLOCK] = MOAT_PAGE_VM,
		[SHARED] = MOAT_PAGE_SHARED,
		[SHARED_IN_BLOCK] = MOAT_PAGE_SHARED,
		[TABLE] = MOAT_PAGE_TABLE,
		[ROOT] = MOAT_PAGE_TABLE,
		[VCPU] = MOAT_PAGE_VCPU,
		[ENGINE] = MOAT_PAGE_ENGINE};
	struct bed bed = two_vms();

	for (uint32_t is = HOST; is < NOT_RAM; is++) {
		bed_about("the kind %s", page_is_names[is]);
		for (uint32_t i = 0; addresses[is][i] != END; i++) {
			expect_equal("the state",
				inside_page_state(&bed, addresses[is][i]),
				states[is]);
		}
	}
	bed_end(&bed);
}

/* ---- The host touches it ----------------------------------------------- */

/* { the page is, the host reaches it, what an abort there leads to } */
struct touch_row {
	bool reaches;
	enum moat_action on_abort;
};

static const struct touch_row touch_rows[PAGE_IS_COUNT] = {
	[HOST] = {true, MOAT_HOST_RETRY},
	[LENT] = {true, MOAT_HOST_RETRY},
	[LENT_IN_BLOCK] = {true, MOAT_HOST_RETRY},
	[VM] = {false, MOAT_HOST_INJECT},
	[VM_IN_BLOCK] = {false, MOAT_HOST_INJECT},
	[SHARED] = {true, MOAT_HOST_RETRY},
	[SHARED_IN_BLOCK] = {true, MOAT_HOST_RETRY},
	[TABLE] = {false, MOAT_HOST_INJECT},
	[ROOT] = {false, MOAT_HOST_INJECT},
	[VCPU] = {false, MOAT_HOST_INJECT},
	[ENGINE] = {false, MOAT_HOST_INJECT},
	/* A device, which the host reaches, is a row of its own below. */
	[NOT_RAM] = {false, MOAT_HOST_INJECT},
};

static void expect_touch(
	struct bed *bed, uint64_t pa, const struct touch_row *row)
{
	uint64_t value;

	bed_about("the host touches 0x%llx", (unsigned long long)pa);
	expect_equal("a read", bed_read(bed, 0, pa, &value), row->reaches);
	/* Any offset: the engine is told where, not which page. */
	expect_equal("an abort there",
		host_machine_abort(
			bed->machine, 0, (struct moat_ipa){pa + 0xff8}),
		row->on_abort);
	bed_check(bed);
}

Test(page_state, each_state_of_a_page_meets_the_touch_of_the_host)
{
	struct bed bed = two_vms();

	for (uint32_t is = HOST; is < NOT_RAM; is++) {
		for (uint32_t i = 0; addresses[is][i] != END; i++) {
			expect_touch(&bed, addresses[is][i], &touch_rows[is]);
		}
	}
	expect_touch(&bed, BED_MEMORY, &touch_rows[NOT_RAM]);
	expect_touch(&bed, BED_HIDDEN_DEVICE, &touch_rows[NOT_RAM]);
	expect_touch(&bed, HOST_END, &touch_rows[NOT_RAM]);
	expect_touch(&bed, -BED_PAGE, &touch_rows[NOT_RAM]);
	bed_end(&bed);
}

Test(page_state, a_device_is_reached_and_an_abort_on_it_is_final)
{
	static const struct touch_row device = {true, MOAT_HOST_INJECT};
	struct bed bed = bed_make();

	expect_touch(&bed, BED_DEVICE, &device);
	expect_touch(&bed, BED_HIDDEN_DEVICE + BED_PAGE, &device);
	expect_touch(&bed, BED_A - BED_PAGE, &device);
	bed_end(&bed);
}
