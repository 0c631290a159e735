/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a VM, times every call of the host. The operands are such that
 * only the life can be at fault.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

enum life_is {
	EMPTY,
	BUILDING,
	ACTIVE,
	DYING, /* and still holding pages, tables, a vCPU */
	BARE, /* DYING, with nothing left but its root */
	NO_SUCH, /* no slot of that number */
	LIFE_IS_COUNT
};

static const char *const life_is_names[LIFE_IS_COUNT] = {
	"EMPTY", "BUILDING", "ACTIVE", "DYING", "DYING and bare", "no slot"};

#define OK MOAT_OK
#define BAD_VM AT(MOAT_BAD_VM, 1)
#define BAD_STATE AT(MOAT_BAD_STATE, 0)
#define NOT_EMPTY AT(MOAT_NOT_EMPTY, 0)
#define BAD_VCPU AT(MOAT_BAD_VCPU, 2)
#define NO_TABLE AT(MOAT_NO_TABLE, 2)

/* { the VM is, the call, its answer, the VM becomes } */
static const struct row rows[] = {
	{EMPTY, MOAT_VERSION, OK, MOAT_VM_EMPTY},
	{EMPTY, MOAT_FEATURES, OK, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VM_CREATE, OK, MOAT_VM_BUILDING},
	{EMPTY, MOAT_VM_SEAL, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VM_KILL, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VM_FREE, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VM_INFO, OK, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VCPU_CREATE, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VCPU_DESTROY, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_VCPU_RUN, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_TABLE_CREATE, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_TABLE_DESTROY, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_TABLE_FOLD, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_TABLE_SPLIT, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_PAGE_LOAD, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_PAGE_DONATE, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_PAGE_RECLAIM, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_PAGE_INFO, OK, MOAT_VM_EMPTY},
	{EMPTY, MOAT_PAGE_LEND, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_PAGE_RECALL, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_BLOCK_DONATE, BAD_STATE, MOAT_VM_EMPTY},
	{EMPTY, MOAT_BLOCK_LEND, BAD_STATE, MOAT_VM_EMPTY},

	{BUILDING, MOAT_VERSION, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_FEATURES, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_VM_CREATE, BAD_STATE, MOAT_VM_BUILDING},
	{BUILDING, MOAT_VM_SEAL, OK, MOAT_VM_ACTIVE},
	{BUILDING, MOAT_VM_KILL, OK, MOAT_VM_DYING},
	{BUILDING, MOAT_VM_FREE, BAD_STATE, MOAT_VM_BUILDING},
	{BUILDING, MOAT_VM_INFO, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_VCPU_CREATE, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_VCPU_DESTROY, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_VCPU_RUN, BAD_STATE, MOAT_VM_BUILDING},
	{BUILDING, MOAT_TABLE_CREATE, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_TABLE_DESTROY, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_TABLE_FOLD, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_TABLE_SPLIT, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_PAGE_LOAD, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_PAGE_DONATE, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_PAGE_RECLAIM, BAD_STATE, MOAT_VM_BUILDING},
	{BUILDING, MOAT_PAGE_INFO, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_PAGE_LEND, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_PAGE_RECALL, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_BLOCK_DONATE, OK, MOAT_VM_BUILDING},
	{BUILDING, MOAT_BLOCK_LEND, OK, MOAT_VM_BUILDING},

	{ACTIVE, MOAT_VERSION, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_FEATURES, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VM_CREATE, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VM_SEAL, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VM_KILL, OK, MOAT_VM_DYING},
	{ACTIVE, MOAT_VM_FREE, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VM_INFO, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VCPU_CREATE, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VCPU_DESTROY, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_VCPU_RUN, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_TABLE_CREATE, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_TABLE_DESTROY, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_TABLE_FOLD, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_TABLE_SPLIT, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_PAGE_LOAD, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_PAGE_DONATE, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_PAGE_RECLAIM, BAD_STATE, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_PAGE_INFO, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_PAGE_LEND, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_PAGE_RECALL, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_BLOCK_DONATE, OK, MOAT_VM_ACTIVE},
	{ACTIVE, MOAT_BLOCK_LEND, OK, MOAT_VM_ACTIVE},

	{DYING, MOAT_VERSION, OK, MOAT_VM_DYING},
	{DYING, MOAT_FEATURES, OK, MOAT_VM_DYING},
	{DYING, MOAT_VM_CREATE, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_VM_SEAL, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_VM_KILL, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_VM_FREE, NOT_EMPTY, MOAT_VM_DYING},
	{DYING, MOAT_VM_INFO, OK, MOAT_VM_DYING},
	{DYING, MOAT_VCPU_CREATE, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_VCPU_DESTROY, OK, MOAT_VM_DYING},
	{DYING, MOAT_VCPU_RUN, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_TABLE_CREATE, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_TABLE_DESTROY, OK, MOAT_VM_DYING},
	{DYING, MOAT_TABLE_FOLD, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_TABLE_SPLIT, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_PAGE_LOAD, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_PAGE_DONATE, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_PAGE_RECLAIM, OK, MOAT_VM_DYING},
	{DYING, MOAT_PAGE_INFO, OK, MOAT_VM_DYING},
	{DYING, MOAT_PAGE_LEND, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_PAGE_RECALL, OK, MOAT_VM_DYING},
	{DYING, MOAT_BLOCK_DONATE, BAD_STATE, MOAT_VM_DYING},
	{DYING, MOAT_BLOCK_LEND, BAD_STATE, MOAT_VM_DYING},

	{BARE, MOAT_VERSION, OK, MOAT_VM_DYING},
	{BARE, MOAT_FEATURES, OK, MOAT_VM_DYING},
	{BARE, MOAT_VM_CREATE, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_VM_SEAL, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_VM_KILL, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_VM_FREE, OK, MOAT_VM_EMPTY},
	{BARE, MOAT_VM_INFO, OK, MOAT_VM_DYING},
	{BARE, MOAT_VCPU_CREATE, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_VCPU_DESTROY, BAD_VCPU, MOAT_VM_DYING},
	{BARE, MOAT_VCPU_RUN, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_TABLE_CREATE, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_TABLE_DESTROY, NO_TABLE, MOAT_VM_DYING},
	{BARE, MOAT_TABLE_FOLD, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_TABLE_SPLIT, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_PAGE_LOAD, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_PAGE_DONATE, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_PAGE_RECLAIM, NO_TABLE, MOAT_VM_DYING},
	{BARE, MOAT_PAGE_INFO, OK, MOAT_VM_DYING},
	{BARE, MOAT_PAGE_LEND, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_PAGE_RECALL, NO_TABLE, MOAT_VM_DYING},
	{BARE, MOAT_BLOCK_DONATE, BAD_STATE, MOAT_VM_DYING},
	{BARE, MOAT_BLOCK_LEND, BAD_STATE, MOAT_VM_DYING},

	/* There is nothing that it could become. */
	{NO_SUCH, MOAT_VERSION, OK, 0},
	{NO_SUCH, MOAT_FEATURES, OK, 0},
	{NO_SUCH, MOAT_VM_CREATE, BAD_VM, 0},
	{NO_SUCH, MOAT_VM_SEAL, BAD_VM, 0},
	{NO_SUCH, MOAT_VM_KILL, BAD_VM, 0},
	{NO_SUCH, MOAT_VM_FREE, BAD_VM, 0},
	{NO_SUCH, MOAT_VM_INFO, BAD_VM, 0},
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_VM, 0},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_VM, 0},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_VM, 0},
	{NO_SUCH, MOAT_TABLE_CREATE, BAD_VM, 0},
	{NO_SUCH, MOAT_TABLE_DESTROY, BAD_VM, 0},
	{NO_SUCH, MOAT_TABLE_FOLD, BAD_VM, 0},
	{NO_SUCH, MOAT_TABLE_SPLIT, BAD_VM, 0},
	{NO_SUCH, MOAT_PAGE_LOAD, BAD_VM, 0},
	{NO_SUCH, MOAT_PAGE_DONATE, BAD_VM, 0},
	{NO_SUCH, MOAT_PAGE_RECLAIM, BAD_VM, 0},
	{NO_SUCH, MOAT_PAGE_INFO, OK, 0},
	{NO_SUCH, MOAT_PAGE_LEND, BAD_VM, 0},
	{NO_SUCH, MOAT_PAGE_RECALL, BAD_VM, 0},
	{NO_SUCH, MOAT_BLOCK_DONATE, BAD_VM, 0},
	{NO_SUCH, MOAT_BLOCK_LEND, BAD_VM, 0},
};

static const struct moat_vm_id vm_0 = {0};

/* VM 0 is BUILDING. */
static void reach(struct bed *bed, uint32_t life)
{
	if (life == MOAT_VM_ACTIVE) {
		bed_do(bed, moat_vm_seal(vm_0));
	} else if (life == MOAT_VM_DYING) {
		bed_do(bed, moat_vm_kill(vm_0));
	}
}

static struct bed bed_with(uint32_t life_is)
{
	static const uint32_t lives[LIFE_IS_COUNT] = {[EMPTY] = MOAT_VM_EMPTY,
		[BUILDING] = MOAT_VM_BUILDING,
		[ACTIVE] = MOAT_VM_ACTIVE,
		[DYING] = MOAT_VM_DYING,
		[BARE] = MOAT_VM_DYING,
		[NO_SUCH] = MOAT_VM_EMPTY};
	struct bed bed = bed_make();
	bool is_filled =
		life_is == BUILDING || life_is == ACTIVE || life_is == DYING;

	if (is_filled) {
		scene_build(&bed, 0);
		scene_fill(&bed, 0);
		reach(&bed, lives[life_is]);
	} else {
		scene_vm(&bed, 0, lives[life_is]);
	}
	if (life_is == BARE) {
		scene_strip(&bed, 0);
	}
	return bed;
}

static void run_at(const struct row *row, uint64_t vm)
{
	struct bed bed = bed_with(row->is);
	struct moat_regs regs = scene_call(row->call, vm);

	expect_equal("the answer", bed_call(&bed, 0, &regs), row->answer);
	if (vm == 0) {
		expect_equal("the VM", inside_vm_life(&bed, 0), row->becomes);
	}
	bed_end(&bed);
}

/* Numbers that a careless engine would cut to 8 or 32 bits. */
static void run(const struct row *row)
{
	static const uint64_t none[] = {BED_VMS, 255, 256, 0xffffffff,
		UINT64_C(0x100000000), UINT64_MAX};

	if (row->is != NO_SUCH) {
		run_at(row, 0);
		return;
	}
	for (size_t i = 0; i < LENGTH(none); i++) {
		run_at(row, none[i]);
	}
}

Test(vm_life, each_life_of_a_vm_meets_each_call)
{
	const struct table table = {rows, LENGTH(rows), life_is_names,
		LIFE_IS_COUNT, host_calls, HOST_CALL_COUNT};

	table_run(&table, run);
}

/* ---- What keeps a dying VM from being freed ---------------------------- */

enum left {
	NOTHING,
	A_VCPU,
	A_VCPU_OFF,
	AN_EMPTY_TABLE,
	A_PAGE,
	A_LENT_PAGE,
	A_BLOCK,
	A_LENT_BLOCK,
	LEFT_COUNT
};

static const char *const left_names[LEFT_COUNT] = {"nothing", "a vCPU",
	"a vCPU that is off", "an empty table", "a page", "a LENT page",
	"a block", "a LENT block"};

static const uint64_t free_answers[LEFT_COUNT] = {[NOTHING] = OK,
	[A_VCPU] = NOT_EMPTY,
	[A_VCPU_OFF] = NOT_EMPTY,
	[AN_EMPTY_TABLE] = NOT_EMPTY,
	[A_PAGE] = NOT_EMPTY,
	[A_LENT_PAGE] = NOT_EMPTY,
	[A_BLOCK] = NOT_EMPTY,
	[A_LENT_BLOCK] = NOT_EMPTY};

/* The last 2 MiB of each half: the last entry of a root page, of the 16th. */
static const struct moat_ipa last = {0x200000000 - BED_REGION};
static const struct moat_ipa last_shared = {0x400000000 - BED_REGION};
static const struct moat_pa one_page = {FREE_PAGE};
static const struct moat_pa one_block = {BED_D};

static void leave_table(struct bed *bed, uint32_t left)
{
	struct moat_ipa ipa = left == A_LENT_PAGE ? last_shared : last;

	bed_do(bed, moat_table_create(vm_0, ipa, 3, one_page));
	if (left == A_PAGE) {
		bed_do(bed, moat_page_donate(vm_0, ipa, one_block, 1));
	} else if (left == A_LENT_PAGE) {
		bed_do(bed, moat_page_lend(vm_0, ipa, one_block, 1, 1));
	}
}

static void leave_vcpu(struct bed *bed, uint64_t is_off)
{
	struct moat_regs regs = moat_vcpu_create(
		vm_0, (struct moat_vcpu_id){7}, one_page, 0, 0);

	regs.x[6] = is_off;
	bed_do(bed, regs);
}

static void leave(struct bed *bed, uint32_t left)
{
	switch (left) {
	case NOTHING:
		break;
	case A_VCPU:
	case A_VCPU_OFF:
		leave_vcpu(bed, left == A_VCPU_OFF);
		break;
	case A_BLOCK:
		bed_do(bed, moat_block_donate(vm_0, last, one_block));
		break;
	case A_LENT_BLOCK:
		bed_do(bed, moat_block_lend(vm_0, last_shared, one_block, 1));
		break;
	default:
		leave_table(bed, left);
		break;
	}
}

/* A VM of 34 bits, DYING: start level 2, so that a leaf hangs at the root. */
static struct bed bed_left_with(uint32_t left)
{
	struct bed bed = bed_make();

	bed_do(&bed, moat_vm_create(vm_0, (struct moat_pa){BED_A}, 34, 8));
	leave(&bed, left);
	bed_do(&bed, moat_vm_kill(vm_0));
	return bed;
}

Test(vm_life, a_vm_is_freed_only_when_nothing_is_left)
{
	for (uint32_t left = 0; left < LEFT_COUNT; left++) {
		struct bed bed = bed_left_with(left);
		struct moat_regs regs = moat_vm_free(vm_0);

		bed_about("left is %s", left_names[left]);
		expect_equal("the answer", bed_call(&bed, 0, &regs),
			free_answers[left]);
		bed_end(&bed);
	}
}

Test(vm_life, a_slot_is_used_again_after_its_vm_was_freed)
{
	struct bed bed = bed_with(BARE);

	for (uint32_t turn = 0; turn < 3; turn++) {
		struct moat_regs regs = moat_vm_free(vm_0);

		bed_about("turn %u", (unsigned)turn);
		expect_equal("freeing", bed_call(&bed, 0, &regs), OK);
		for (uint32_t page = 0; page < SCENE_PAGES; page++) {
			expect_equal("a page that it had",
				inside_page_state(&bed, scene_pa(0, page)),
				MOAT_PAGE_HOST);
		}
		scene_vm(&bed, 0, MOAT_VM_ACTIVE);
		bed_do(&bed, moat_vm_kill(vm_0));
		scene_strip(&bed, 0);
	}
	bed_end(&bed);
}
