/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VM has at an address, times the calls that name one: every content of
 * a slot meets every such call, in both halves of the IPA space.
 */
#include <criterion/criterion.h>

#include "arch-host/walk.h"
#include "inside.h"
#include "scene.h"
#include "table.h"

enum slot_is {
	NO_PARENT, /* no table of level 2 */
	NO_LEAF, /* an empty table of level 2 */
	EMPTY_LEAF, /* an empty table of level 3 */
	EMPTY_SLOT, /* an empty slot of a table of level 3 in use */
	VM_PAGE,
	SHARED_PAGE,
	UPPER_NO_PARENT, /* the same in the shared half */
	UPPER_NO_LEAF,
	UPPER_EMPTY_LEAF,
	UPPER_EMPTY_SLOT,
	LENT_PAGE,
	OUTSIDE,
	SLOT_IS_COUNT
};

static const char *const slot_is_names[SLOT_IS_COUNT] = {"no parent",
	"no leaf table", "an empty leaf table", "an empty slot", "a VM page",
	"a SHARED page", "shared half, no parent", "shared half, no leaf table",
	"shared half, an empty leaf table", "shared half, an empty slot",
	"a LENT page", "outside"};

static const uint64_t addresses[SLOT_IS_COUNT] = {IPA_NO_PARENT, IPA_NO_LEAF,
	IPA_EMPTY_LEAF, IPA_EMPTY_SLOT, IPA_VM_PAGE, IPA_SHARED_PAGE,
	IPA_UPPER + IPA_NO_PARENT, IPA_UPPER + IPA_NO_LEAF,
	IPA_UPPER + IPA_EMPTY_LEAF, IPA_UPPER + IPA_EMPTY_SLOT, IPA_LENT_PAGE,
	IPA_OUTSIDE};

/* A call, and for table calls the level: the columns of the table. */
enum { CREATE_2, CREATE_3, DESTROY_2, DESTROY_3, LOAD, DONATE, RECLAIM };

static const struct named_call columns[] = {
	{CREATE_2, "table_create, level 2"},
	{CREATE_3, "table_create, level 3"},
	{DESTROY_2, "table_destroy, level 2"},
	{DESTROY_3, "table_destroy, level 3"},
	{LOAD, "page_load"},
	{DONATE, "page_donate"},
	{RECLAIM, "page_reclaim"},
};

static const struct column {
	uint32_t number;
	uint32_t level;
	uint32_t life; /* a life of the VM that permits the call */
	uint64_t unit; /* to which the address is rounded down */
} column_of[] = {
	[CREATE_2] = {MOAT_TABLE_CREATE, 2, MOAT_VM_BUILDING, 0x40000000},
	[CREATE_3] = {MOAT_TABLE_CREATE, 3, MOAT_VM_BUILDING, 0x200000},
	[DESTROY_2] = {MOAT_TABLE_DESTROY, 2, MOAT_VM_DYING, 0x40000000},
	[DESTROY_3] = {MOAT_TABLE_DESTROY, 3, MOAT_VM_DYING, 0x200000},
	[LOAD] = {MOAT_PAGE_LOAD, 0, MOAT_VM_BUILDING, 0x1000},
	[DONATE] = {MOAT_PAGE_DONATE, 0, MOAT_VM_BUILDING, 0x1000},
	[RECLAIM] = {MOAT_PAGE_RECLAIM, 0, MOAT_VM_DYING, 0x1000},
};

#define OK MOAT_OK
#define BAD_IPA AT(MOAT_BAD_IPA, 2)
#define NO_TABLE AT(MOAT_NO_TABLE, 2)
#define OCCUPIED AT(MOAT_OCCUPIED, 2)
#define NOT_MAPPED AT(MOAT_NOT_MAPPED, 2)
#define NOT_EMPTY AT(MOAT_NOT_EMPTY, 2)

/* { at the address is, the call, its answer, there is then } */
static const struct row rows[] = {
	{NO_PARENT, CREATE_2, OK, NO_LEAF},
	{NO_PARENT, CREATE_3, NO_TABLE, NO_PARENT},
	{NO_PARENT, DESTROY_2, NO_TABLE, NO_PARENT},
	{NO_PARENT, DESTROY_3, NO_TABLE, NO_PARENT},
	{NO_PARENT, LOAD, NO_TABLE, NO_PARENT},
	{NO_PARENT, DONATE, NO_TABLE, NO_PARENT},
	{NO_PARENT, RECLAIM, NO_TABLE, NO_PARENT},

	{NO_LEAF, CREATE_2, OCCUPIED, NO_LEAF},
	{NO_LEAF, CREATE_3, OK, EMPTY_LEAF},
	{NO_LEAF, DESTROY_2, OK, NO_PARENT},
	{NO_LEAF, DESTROY_3, NO_TABLE, NO_LEAF},
	{NO_LEAF, LOAD, NO_TABLE, NO_LEAF},
	{NO_LEAF, DONATE, NO_TABLE, NO_LEAF},
	{NO_LEAF, RECLAIM, NO_TABLE, NO_LEAF},

	{EMPTY_LEAF, CREATE_2, OCCUPIED, EMPTY_LEAF},
	{EMPTY_LEAF, CREATE_3, OCCUPIED, EMPTY_LEAF},
	{EMPTY_LEAF, DESTROY_2, NOT_EMPTY, EMPTY_LEAF},
	{EMPTY_LEAF, DESTROY_3, OK, NO_LEAF},
	{EMPTY_LEAF, LOAD, OK, VM_PAGE},
	{EMPTY_LEAF, DONATE, OK, VM_PAGE},
	{EMPTY_LEAF, RECLAIM, NOT_MAPPED, EMPTY_LEAF},

	{EMPTY_SLOT, CREATE_2, OCCUPIED, EMPTY_SLOT},
	{EMPTY_SLOT, CREATE_3, OCCUPIED, EMPTY_SLOT},
	{EMPTY_SLOT, DESTROY_2, NOT_EMPTY, EMPTY_SLOT},
	{EMPTY_SLOT, DESTROY_3, NOT_EMPTY, EMPTY_SLOT},
	{EMPTY_SLOT, LOAD, OK, VM_PAGE},
	{EMPTY_SLOT, DONATE, OK, VM_PAGE},
	{EMPTY_SLOT, RECLAIM, NOT_MAPPED, EMPTY_SLOT},

	{VM_PAGE, CREATE_2, OCCUPIED, VM_PAGE},
	{VM_PAGE, CREATE_3, OCCUPIED, VM_PAGE},
	{VM_PAGE, DESTROY_2, NOT_EMPTY, VM_PAGE},
	{VM_PAGE, DESTROY_3, NOT_EMPTY, VM_PAGE},
	{VM_PAGE, LOAD, OCCUPIED, VM_PAGE},
	{VM_PAGE, DONATE, OCCUPIED, VM_PAGE},
	{VM_PAGE, RECLAIM, OK, EMPTY_SLOT},

	{SHARED_PAGE, CREATE_2, OCCUPIED, SHARED_PAGE},
	{SHARED_PAGE, CREATE_3, OCCUPIED, SHARED_PAGE},
	{SHARED_PAGE, DESTROY_2, NOT_EMPTY, SHARED_PAGE},
	{SHARED_PAGE, DESTROY_3, NOT_EMPTY, SHARED_PAGE},
	{SHARED_PAGE, LOAD, OCCUPIED, SHARED_PAGE},
	{SHARED_PAGE, DONATE, OCCUPIED, SHARED_PAGE},
	/* No call makes a page SHARED yet, so none reclaims one: its host map
	 * entry, which is open already, asks for a case of its own. */
	{SHARED_PAGE, RECLAIM, UNREACHABLE, EMPTY_SLOT},

	/* A tree may grow in either half; a page that a VM owns may not. */
	{UPPER_NO_PARENT, CREATE_2, OK, UPPER_NO_LEAF},
	{UPPER_NO_PARENT, CREATE_3, NO_TABLE, UPPER_NO_PARENT},
	{UPPER_NO_PARENT, DESTROY_2, NO_TABLE, UPPER_NO_PARENT},
	{UPPER_NO_PARENT, DESTROY_3, NO_TABLE, UPPER_NO_PARENT},
	{UPPER_NO_PARENT, LOAD, BAD_IPA, UPPER_NO_PARENT},
	{UPPER_NO_PARENT, DONATE, BAD_IPA, UPPER_NO_PARENT},
	{UPPER_NO_PARENT, RECLAIM, BAD_IPA, UPPER_NO_PARENT},

	{UPPER_NO_LEAF, CREATE_2, OCCUPIED, UPPER_NO_LEAF},
	{UPPER_NO_LEAF, CREATE_3, OK, UPPER_EMPTY_LEAF},
	{UPPER_NO_LEAF, DESTROY_2, OK, UPPER_NO_PARENT},
	{UPPER_NO_LEAF, DESTROY_3, NO_TABLE, UPPER_NO_LEAF},
	{UPPER_NO_LEAF, LOAD, BAD_IPA, UPPER_NO_LEAF},
	{UPPER_NO_LEAF, DONATE, BAD_IPA, UPPER_NO_LEAF},
	{UPPER_NO_LEAF, RECLAIM, BAD_IPA, UPPER_NO_LEAF},

	{UPPER_EMPTY_LEAF, CREATE_2, OCCUPIED, UPPER_EMPTY_LEAF},
	{UPPER_EMPTY_LEAF, CREATE_3, OCCUPIED, UPPER_EMPTY_LEAF},
	{UPPER_EMPTY_LEAF, DESTROY_2, NOT_EMPTY, UPPER_EMPTY_LEAF},
	{UPPER_EMPTY_LEAF, DESTROY_3, OK, UPPER_NO_LEAF},
	{UPPER_EMPTY_LEAF, LOAD, BAD_IPA, UPPER_EMPTY_LEAF},
	{UPPER_EMPTY_LEAF, DONATE, BAD_IPA, UPPER_EMPTY_LEAF},
	{UPPER_EMPTY_LEAF, RECLAIM, BAD_IPA, UPPER_EMPTY_LEAF},

	{UPPER_EMPTY_SLOT, CREATE_2, OCCUPIED, UPPER_EMPTY_SLOT},
	{UPPER_EMPTY_SLOT, CREATE_3, OCCUPIED, UPPER_EMPTY_SLOT},
	{UPPER_EMPTY_SLOT, DESTROY_2, NOT_EMPTY, UPPER_EMPTY_SLOT},
	{UPPER_EMPTY_SLOT, DESTROY_3, NOT_EMPTY, UPPER_EMPTY_SLOT},
	{UPPER_EMPTY_SLOT, LOAD, BAD_IPA, UPPER_EMPTY_SLOT},
	{UPPER_EMPTY_SLOT, DONATE, BAD_IPA, UPPER_EMPTY_SLOT},
	{UPPER_EMPTY_SLOT, RECLAIM, BAD_IPA, UPPER_EMPTY_SLOT},

	{LENT_PAGE, CREATE_2, OCCUPIED, LENT_PAGE},
	{LENT_PAGE, CREATE_3, OCCUPIED, LENT_PAGE},
	{LENT_PAGE, DESTROY_2, NOT_EMPTY, LENT_PAGE},
	{LENT_PAGE, DESTROY_3, NOT_EMPTY, LENT_PAGE},
	{LENT_PAGE, LOAD, BAD_IPA, LENT_PAGE},
	{LENT_PAGE, DONATE, BAD_IPA, LENT_PAGE},
	{LENT_PAGE, RECLAIM, BAD_IPA, LENT_PAGE},

	{OUTSIDE, CREATE_2, BAD_IPA, OUTSIDE},
	{OUTSIDE, CREATE_3, BAD_IPA, OUTSIDE},
	{OUTSIDE, DESTROY_2, BAD_IPA, OUTSIDE},
	{OUTSIDE, DESTROY_3, BAD_IPA, OUTSIDE},
	{OUTSIDE, LOAD, BAD_IPA, OUTSIDE},
	{OUTSIDE, DONATE, BAD_IPA, OUTSIDE},
	{OUTSIDE, RECLAIM, BAD_IPA, OUTSIDE},
};

/* ---- What is there, by a walk that is not the engine's ----------------- */

static uint32_t leaf_is(struct bed *bed, const struct host_translation *leaf)
{
	switch (inside_page_state(bed, leaf->pa)) {
	case MOAT_PAGE_VM:
		return VM_PAGE;
	case MOAT_PAGE_SHARED:
		return SHARED_PAGE;
	case MOAT_PAGE_LENT:
		return LENT_PAGE;
	default:
		return SLOT_IS_COUNT;
	}
}

/* What is in the protected half, or would be, of a shared half, but LENT. */
static uint32_t what_is(struct bed *bed, uint32_t vm, uint64_t ipa)
{
	struct moat_stage2 stage2 = inside_stage2(bed, vm);
	struct host_walk walk = {bed->machine, &stage2, NULL, ipa, 3};
	struct host_walk above = {bed->machine, &stage2, NULL, ipa, 2};
	struct host_translation leaf = {0};
	struct host_translation parent = {0};

	if (host_walk_from(&walk, &leaf)) {
		return leaf_is(bed, &leaf);
	}
	if (leaf.level == 3 && host_walk_from(&above, &parent)) {
		return bed_is_zero(bed, parent.pa) ? EMPTY_LEAF : EMPTY_SLOT;
	}
	return leaf.level == 2 ? NO_LEAF : NO_PARENT;
}

static void expect_slot(struct bed *bed, uint64_t ipa, uint32_t should_be)
{
	uint32_t is = what_is(bed, 0, ipa);

	if (should_be == OUTSIDE) {
		return; /* nothing can be there */
	}
	if (ipa >= IPA_UPPER && is != LENT_PAGE) {
		is += UPPER_NO_PARENT;
	}
	expect_equal("at the address", is, should_be);
}

/* ---- The runner -------------------------------------------------------- */

/* The VM is BUILDING: bring it to a life that permits the call. */
static void reach_life(struct bed *bed, uint32_t life)
{
	if (life == MOAT_VM_DYING) {
		bed_do(bed, moat_vm_kill((struct moat_vm_id){0}));
	}
}

static void run(const struct row *row)
{
	const struct column *column = &column_of[row->call];
	struct bed bed = bed_make();
	struct moat_regs regs = scene_call(column->number, 0);
	uint64_t ipa = addresses[row->is];

	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	scene_open_pages(&bed, 0);
	reach_life(&bed, column->life);
	expect_slot(&bed, ipa, row->is);
	regs.x[2] = ipa / column->unit * column->unit;
	if (column->level != 0) {
		regs.x[3] = column->level;
	}
	expect_equal("the answer", bed_call(&bed, 0, &regs), row->answer);
	expect_slot(&bed, ipa, row->becomes);
	bed_end(&bed);
}

Test(slot, each_content_of_a_slot_meets_each_call_that_names_an_address)
{
	const struct table table = {rows, LENGTH(rows), slot_is_names,
		SLOT_IS_COUNT, columns, LENGTH(columns)};

	table_run(&table, run);
}

/* Which calls name an IPA: those of the columns, and no others. Total. */
static const struct row names_ipa[] = {
	{0, MOAT_VERSION, 0, 0},
	{0, MOAT_FEATURES, 0, 0},
	{0, MOAT_VM_CREATE, 0, 0},
	{0, MOAT_VM_SEAL, 0, 0},
	{0, MOAT_VM_KILL, 0, 0},
	{0, MOAT_VM_FREE, 0, 0},
	{0, MOAT_VM_INFO, 0, 0},
	{0, MOAT_VCPU_CREATE, 0, 0},
	{0, MOAT_VCPU_DESTROY, 0, 0},
	{0, MOAT_VCPU_RUN, 0, 0},
	{0, MOAT_TABLE_CREATE, 2, 0},
	{0, MOAT_TABLE_DESTROY, 2, 0},
	{0, MOAT_PAGE_LOAD, 1, 0},
	{0, MOAT_PAGE_DONATE, 1, 0},
	{0, MOAT_PAGE_RECLAIM, 1, 0},
	{0, MOAT_PAGE_INFO, 0, 0},
};

Test(slot, the_calls_that_name_an_address_are_all_of_them)
{
	static const char *const one[] = {"columns"};
	const struct table table = {names_ipa, LENGTH(names_ipa), one, 1,
		host_calls, HOST_CALL_COUNT};
	uint64_t count = 0;

	cr_assert_null(table_fault(&table));
	for (size_t i = 0; i < LENGTH(names_ipa); i++) {
		count += names_ipa[i].answer;
	}
	cr_assert_eq(count, LENGTH(columns));
}
