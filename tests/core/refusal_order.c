/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of refusals. The table lists, for each call, single operands that
 * break one rule, in the order in which the manual says they are tested; then
 * any two of them together must be refused as the earlier one is.
 */
#include <criterion/criterion.h>

#include "scene.h"
#include "table.h"

/* The VMs of the scene; the slot behind them does not exist. */
enum { BUILDING = 0, ACTIVE = 1, DYING = 2, EMPTY = 3, BARE = 4, NO_VM = 6 };

/* vCPUs of the ACTIVE VM; the last has no number. */
enum { READY = 0, ABSENT = 1, RUNNING = 2, OFF = 3, NO_NUMBER = 4 };

#define NOT_RAM (BED_A - BED_REGION)
#define A_TABLE BED_A /* the root of VM 0 */
#define NOT_WHOLE (BED_WITHHELD - 3 * BED_PAGE) /* its fourth page is it */

/* { the call, the operand, its bad value, the answer } */
static const struct violation {
	uint32_t call;
	uint32_t operand;
	uint64_t value;
	uint64_t answer;
} violations[] = {
	{MOAT_VM_CREATE, 3, 31, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VM_CREATE, 3, 45, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VM_CREATE, 3, UINT64_MAX, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VM_CREATE, 3, 0x10000002b, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VM_CREATE, 4, 0, AT(MOAT_BAD_ARG, 4)},
	{MOAT_VM_CREATE, 4, 9, AT(MOAT_BAD_ARG, 4)},
	{MOAT_VM_CREATE, 4, 0x100000001, AT(MOAT_BAD_ARG, 4)},
	{MOAT_VM_CREATE, 2, FREE_ROOT + 4 * BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_VM_CREATE, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VM_CREATE, 1, BUILDING, MOAT_BAD_STATE},
	{MOAT_VM_CREATE, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_VM_CREATE, 1, DYING, MOAT_BAD_STATE},
	{MOAT_VM_CREATE, 2, NOT_RAM, AT(MOAT_BAD_PAGE, 2)},
	{MOAT_VM_CREATE, 2, A_TABLE, AT(MOAT_BAD_PAGE, 2)},
	{MOAT_VM_CREATE, 2, NOT_WHOLE, AT(MOAT_BAD_PAGE, 2)},

	{MOAT_VM_SEAL, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VM_SEAL, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_VM_SEAL, 1, DYING, MOAT_BAD_STATE},
	{MOAT_VM_SEAL, 1, EMPTY, MOAT_BAD_STATE},

	{MOAT_VM_KILL, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VM_KILL, 1, DYING, MOAT_BAD_STATE},
	{MOAT_VM_KILL, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_VM_KILL, 1, ACTIVE, MOAT_BUSY},

	{MOAT_VM_FREE, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VM_FREE, 1, BUILDING, MOAT_BAD_STATE},
	{MOAT_VM_FREE, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_VM_FREE, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_VM_FREE, 1, DYING, MOAT_NOT_EMPTY},

	{MOAT_VM_INFO, 1, NO_VM, AT(MOAT_BAD_VM, 1)},

	{MOAT_VCPU_CREATE, 3, FREE_PAGE + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VCPU_CREATE, 3, UINT64_MAX, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VCPU_CREATE, 4, 0x80002, AT(MOAT_BAD_ARG, 4)},
	{MOAT_VCPU_CREATE, 6, 2, AT(MOAT_BAD_ARG, 6)},
	{MOAT_VCPU_CREATE, 6, 0x100000000, AT(MOAT_BAD_ARG, 6)},
	{MOAT_VCPU_CREATE, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VCPU_CREATE, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_VCPU_CREATE, 1, DYING, MOAT_BAD_STATE},
	{MOAT_VCPU_CREATE, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_VCPU_CREATE, 2, NO_NUMBER, AT(MOAT_BAD_VCPU, 2)},
	{MOAT_VCPU_CREATE, 2, UINT64_MAX, AT(MOAT_BAD_VCPU, 2)},
	{MOAT_VCPU_CREATE, 2, READY, AT(MOAT_OCCUPIED, 2)},
	{MOAT_VCPU_CREATE, 3, NOT_RAM, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_VCPU_CREATE, 3, A_TABLE, AT(MOAT_BAD_PAGE, 3)},

	{MOAT_VCPU_DESTROY, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VCPU_DESTROY, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_VCPU_DESTROY, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_VCPU_DESTROY, 2, ABSENT, AT(MOAT_BAD_VCPU, 2)},
	{MOAT_VCPU_DESTROY, 2, NO_NUMBER, AT(MOAT_BAD_VCPU, 2)},
	{MOAT_VCPU_DESTROY, 2, UINT64_MAX, AT(MOAT_BAD_VCPU, 2)},

	{MOAT_VCPU_RUN, 3, 4, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VCPU_RUN, 3, 0x100000001, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VCPU_RUN, 3, UINT64_MAX, AT(MOAT_BAD_ARG, 3)},
	{MOAT_VCPU_RUN, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_VCPU_RUN, 1, BUILDING, MOAT_BAD_STATE},
	{MOAT_VCPU_RUN, 1, DYING, MOAT_BAD_STATE},
	{MOAT_VCPU_RUN, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_VCPU_RUN, 2, ABSENT, AT(MOAT_BAD_VCPU, 2)},
	{MOAT_VCPU_RUN, 2, NO_NUMBER, AT(MOAT_BAD_VCPU, 2)},
	{MOAT_VCPU_RUN, 2, RUNNING, MOAT_BUSY},
	{MOAT_VCPU_RUN, 2, OFF, AT(MOAT_VCPU_IS_OFF, 2)},
	{MOAT_VCPU_RUN, 3, MOAT_ENTRY_ABORT, AT(MOAT_BAD_ENTRY, 3)},

	{MOAT_TABLE_CREATE, 3, 0, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_CREATE, 3, 4, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_CREATE, 3, 0x100000003, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_CREATE, 2, BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_CREATE, 4, FREE_PAGE + 1, AT(MOAT_BAD_ARG, 4)},
	{MOAT_TABLE_CREATE, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_TABLE_CREATE, 1, DYING, MOAT_BAD_STATE},
	{MOAT_TABLE_CREATE, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_TABLE_CREATE, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_CREATE, 2, UINT64_C(1) << 63, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_CREATE, 3, 1, AT(MOAT_BAD_IPA, 3)},
	{MOAT_TABLE_CREATE, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_TABLE_CREATE, 2, IPA_EMPTY_LEAF, AT(MOAT_OCCUPIED, 2)},
	{MOAT_TABLE_CREATE, 2, IPA_VM_BLOCK, AT(MOAT_OCCUPIED, 2)},
	{MOAT_TABLE_CREATE, 4, NOT_RAM, AT(MOAT_BAD_PAGE, 4)},
	{MOAT_TABLE_CREATE, 4, A_TABLE, AT(MOAT_BAD_PAGE, 4)},

	{MOAT_TABLE_DESTROY, 3, 0, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_DESTROY, 3, 4, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_DESTROY, 3, UINT64_MAX, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_DESTROY, 2, BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_DESTROY, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_TABLE_DESTROY, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_TABLE_DESTROY, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_DESTROY, 3, 1, AT(MOAT_BAD_IPA, 3)},
	{MOAT_TABLE_DESTROY, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_TABLE_DESTROY, 2, IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_TABLE_DESTROY, 2, IPA_VM_BLOCK, AT(MOAT_NEEDS_SPLIT, 2)},
	{MOAT_TABLE_DESTROY, 2, IPA_VM_PAGE, AT(MOAT_NOT_EMPTY, 2)},

	{MOAT_PAGE_LOAD, 2, IPA_EMPTY_SLOT + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LOAD, 3, FREE_PAGE + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_LOAD, 4, 0, AT(MOAT_BAD_ARG, 4)},
	{MOAT_PAGE_LOAD, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_PAGE_LOAD, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_PAGE_LOAD, 1, DYING, MOAT_BAD_STATE},
	{MOAT_PAGE_LOAD, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_PAGE_LOAD, 2, IPA_UPPER, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_LOAD, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_LOAD, 2, -BED_PAGE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_LOAD, 4, 0x40000001, AT(MOAT_BAD_IPA, 4)},
	{MOAT_PAGE_LOAD, 4, UINT64_MAX, AT(MOAT_BAD_IPA, 4)},
	{MOAT_PAGE_LOAD, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_LOAD, 2, IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_LOAD, 2, IPA_VM_PAGE, AT(MOAT_OCCUPIED, 2)},
	{MOAT_PAGE_LOAD, 2, IPA_VM_BLOCK, AT(MOAT_OCCUPIED, 2)},
	{MOAT_PAGE_LOAD, 3, NOT_RAM, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_PAGE_LOAD, 3, A_TABLE, AT(MOAT_BAD_PAGE, 3)},

	{MOAT_PAGE_DONATE, 2, IPA_EMPTY_SLOT + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_DONATE, 3, FREE_PAGE + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_DONATE, 4, 0, AT(MOAT_BAD_ARG, 4)},
	{MOAT_PAGE_DONATE, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_PAGE_DONATE, 1, DYING, MOAT_BAD_STATE},
	{MOAT_PAGE_DONATE, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_PAGE_DONATE, 2, IPA_UPPER, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_DONATE, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_DONATE, 2, -BED_PAGE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_DONATE, 4, 0x40000001, AT(MOAT_BAD_IPA, 4)},
	{MOAT_PAGE_DONATE, 4, UINT64_MAX, AT(MOAT_BAD_IPA, 4)},
	{MOAT_PAGE_DONATE, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_DONATE, 2, IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_DONATE, 2, IPA_VM_PAGE, AT(MOAT_OCCUPIED, 2)},
	{MOAT_PAGE_DONATE, 2, IPA_VM_BLOCK, AT(MOAT_OCCUPIED, 2)},
	{MOAT_PAGE_DONATE, 3, NOT_RAM, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_PAGE_DONATE, 3, A_TABLE, AT(MOAT_BAD_PAGE, 3)},

	{MOAT_PAGE_RECLAIM, 2, IPA_VM_PAGE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_RECLAIM, 3, 0, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_RECLAIM, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_PAGE_RECLAIM, 1, BUILDING, MOAT_BAD_STATE},
	{MOAT_PAGE_RECLAIM, 1, ACTIVE, MOAT_BAD_STATE},
	{MOAT_PAGE_RECLAIM, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_PAGE_RECLAIM, 2, IPA_UPPER, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_RECLAIM, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_RECLAIM, 3, 0x40000001, AT(MOAT_BAD_IPA, 3)},
	{MOAT_PAGE_RECLAIM, 3, UINT64_MAX, AT(MOAT_BAD_IPA, 3)},
	{MOAT_PAGE_RECLAIM, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_RECLAIM, 2, IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_RECLAIM, 2, IPA_VM_BLOCK, AT(MOAT_NEEDS_SPLIT, 2)},
	{MOAT_PAGE_RECLAIM, 2, IPA_EMPTY_SLOT, AT(MOAT_NOT_MAPPED, 2)},

	{MOAT_TABLE_FOLD, 3, 0, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_FOLD, 3, 2, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_FOLD, 3, 4, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_FOLD, 3, 0x100000003, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_FOLD, 2, BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_FOLD, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_TABLE_FOLD, 1, DYING, MOAT_BAD_STATE},
	{MOAT_TABLE_FOLD, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_TABLE_FOLD, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_FOLD, 2, UINT64_C(1) << 63, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_VM_BLOCK, AT(MOAT_NEEDS_SPLIT, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_VM_PAGE, AT(MOAT_NOT_UNIFORM, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_EMPTY_LEAF, AT(MOAT_NOT_UNIFORM, 2)},

	{MOAT_TABLE_SPLIT, 3, 0, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_SPLIT, 3, 2, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_SPLIT, 3, 4, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_SPLIT, 3, 0x100000003, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_SPLIT, 2, BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_SPLIT, 4, FREE_PAGE + 1, AT(MOAT_BAD_ARG, 4)},
	{MOAT_TABLE_SPLIT, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_TABLE_SPLIT, 1, DYING, MOAT_BAD_STATE},
	{MOAT_TABLE_SPLIT, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_TABLE_SPLIT, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_SPLIT, 2, UINT64_C(1) << 63, AT(MOAT_BAD_IPA, 2)},
	{MOAT_TABLE_SPLIT, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_TABLE_SPLIT, 2, IPA_VM_PAGE, AT(MOAT_OCCUPIED, 2)},
	{MOAT_TABLE_SPLIT, 2, IPA_NO_LEAF, AT(MOAT_NOT_MAPPED, 2)},
	{MOAT_TABLE_SPLIT, 4, NOT_RAM, AT(MOAT_BAD_PAGE, 4)},
	{MOAT_TABLE_SPLIT, 4, A_TABLE, AT(MOAT_BAD_PAGE, 4)},
	{MOAT_TABLE_SPLIT, 4, BED_E, AT(MOAT_BAD_PAGE, 4)},

	{MOAT_PAGE_LEND, 2, IPA_UPPER + IPA_EMPTY_LEAF + 8,
		AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LEND, 3, FREE_PAGE + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_LEND, 4, 0, AT(MOAT_BAD_ARG, 4)},
	{MOAT_PAGE_LEND, 5, 0, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, 2, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, 4, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, 6, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, 8, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, 9, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, 0x100000001, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 5, UINT64_MAX, AT(MOAT_BAD_ARG, 5)},
	{MOAT_PAGE_LEND, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_PAGE_LEND, 1, DYING, MOAT_BAD_STATE},
	{MOAT_PAGE_LEND, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_PAGE_LEND, 2, IPA_EMPTY_SLOT, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_LEND, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_LEND, 2, -BED_PAGE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_LEND, 4, 0x40000001, AT(MOAT_BAD_IPA, 4)},
	{MOAT_PAGE_LEND, 4, UINT64_MAX, AT(MOAT_BAD_IPA, 4)},
	{MOAT_PAGE_LEND, 2, IPA_UPPER + IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_LEND, 2, IPA_UPPER + IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_LEND, 2, IPA_LENT_PAGE, AT(MOAT_OCCUPIED, 2)},
	{MOAT_PAGE_LEND, 2, IPA_LENT_BLOCK, AT(MOAT_OCCUPIED, 2)},
	{MOAT_PAGE_LEND, 3, NOT_RAM, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_PAGE_LEND, 3, A_TABLE, AT(MOAT_BAD_PAGE, 3)},

	{MOAT_PAGE_RECALL, 2, IPA_LENT_PAGE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_RECALL, 3, 0, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_RECALL, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_PAGE_RECALL, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_PAGE_RECALL, 2, IPA_VM_PAGE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_RECALL, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_PAGE_RECALL, 3, 0x40000001, AT(MOAT_BAD_IPA, 3)},
	{MOAT_PAGE_RECALL, 3, UINT64_MAX, AT(MOAT_BAD_IPA, 3)},
	{MOAT_PAGE_RECALL, 2, IPA_UPPER + IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_RECALL, 2, IPA_UPPER + IPA_NO_LEAF, AT(MOAT_NO_TABLE, 2)},
	{MOAT_PAGE_RECALL, 2, IPA_LENT_BLOCK, AT(MOAT_NEEDS_SPLIT, 2)},
	{MOAT_PAGE_RECALL, 2, IPA_UPPER + IPA_EMPTY_SLOT,
		AT(MOAT_NOT_MAPPED, 2)},

	{MOAT_BLOCK_DONATE, 2, BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_DONATE, 2, BED_REGION / 2, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_DONATE, 3, FREE_BLOCK + BED_PAGE, AT(MOAT_BAD_ARG, 3)},
	{MOAT_BLOCK_DONATE, 3, UINT64_MAX, AT(MOAT_BAD_ARG, 3)},
	{MOAT_BLOCK_DONATE, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_BLOCK_DONATE, 1, DYING, MOAT_BAD_STATE},
	{MOAT_BLOCK_DONATE, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_BLOCK_DONATE, 2, IPA_UPPER, AT(MOAT_BAD_IPA, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_BLOCK_DONATE, 2, UINT64_C(1) << 63, AT(MOAT_BAD_IPA, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_VM_PAGE, AT(MOAT_OCCUPIED, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_EMPTY_LEAF, AT(MOAT_OCCUPIED, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_VM_BLOCK, AT(MOAT_OCCUPIED, 2)},
	{MOAT_BLOCK_DONATE, 3, NOT_RAM, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_BLOCK_DONATE, 3, BED_A, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_BLOCK_DONATE, 3, BED_B, AT(MOAT_BAD_PAGE, 3)},

	{MOAT_BLOCK_LEND, 2, IPA_UPPER + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_LEND, 2, IPA_UPPER + BED_REGION / 2, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_LEND, 3, FREE_BLOCK + BED_PAGE, AT(MOAT_BAD_ARG, 3)},
	{MOAT_BLOCK_LEND, 4, 0, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, 2, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, 4, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, 6, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, 8, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, 9, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, 0x100000001, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 4, UINT64_MAX, AT(MOAT_BAD_ARG, 4)},
	{MOAT_BLOCK_LEND, 1, NO_VM, AT(MOAT_BAD_VM, 1)},
	{MOAT_BLOCK_LEND, 1, DYING, MOAT_BAD_STATE},
	{MOAT_BLOCK_LEND, 1, EMPTY, MOAT_BAD_STATE},
	{MOAT_BLOCK_LEND, 2, IPA_NO_LEAF, AT(MOAT_BAD_IPA, 2)},
	{MOAT_BLOCK_LEND, 2, IPA_OUTSIDE, AT(MOAT_BAD_IPA, 2)},
	{MOAT_BLOCK_LEND, 2, IPA_UPPER + IPA_NO_PARENT, AT(MOAT_NO_TABLE, 2)},
	{MOAT_BLOCK_LEND, 2, IPA_LENT_PAGE, AT(MOAT_OCCUPIED, 2)},
	{MOAT_BLOCK_LEND, 2, IPA_LENT_BLOCK, AT(MOAT_OCCUPIED, 2)},
	{MOAT_BLOCK_LEND, 3, NOT_RAM, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_BLOCK_LEND, 3, BED_A, AT(MOAT_BAD_PAGE, 3)},
	{MOAT_BLOCK_LEND, 3, BED_B, AT(MOAT_BAD_PAGE, 3)},

	{MOAT_PAGE_INFO, 1, FREE_PAGE + 1, AT(MOAT_BAD_ARG, 1)},
	{MOAT_PAGE_INFO, 1, NOT_RAM, AT(MOAT_BAD_PAGE, 1)},
};

/* One value of one operand that breaks two rules. */
static const struct violation double_violations[] = {
	{MOAT_VM_CREATE, 2, NOT_RAM + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_VCPU_CREATE, 3, NOT_RAM + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_TABLE_CREATE, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_CREATE, 2, UINT64_MAX, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_CREATE, 2, IPA_NO_PARENT + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_CREATE, 4, NOT_RAM + 8, AT(MOAT_BAD_ARG, 4)},
	{MOAT_TABLE_DESTROY, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_DESTROY, 2, IPA_VM_PAGE + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LOAD, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LOAD, 2, IPA_VM_PAGE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LOAD, 3, NOT_RAM + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_DONATE, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_DONATE, 2, IPA_VM_PAGE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_DONATE, 3, NOT_RAM + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_RECLAIM, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_FOLD, 2, IPA_VM_PAGE + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_SPLIT, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_TABLE_SPLIT, 4, NOT_RAM + 8, AT(MOAT_BAD_ARG, 4)},
	{MOAT_PAGE_LEND, 2, IPA_OUTSIDE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LEND, 2, IPA_LENT_PAGE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_PAGE_LEND, 3, NOT_RAM + 8, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_RECALL, 2, IPA_VM_PAGE + 8, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_UPPER + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_DONATE, 2, IPA_VM_BLOCK + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_DONATE, 3, NOT_RAM + BED_PAGE, AT(MOAT_BAD_ARG, 3)},
	{MOAT_BLOCK_LEND, 2, IPA_OUTSIDE + BED_PAGE, AT(MOAT_BAD_ARG, 2)},
	{MOAT_BLOCK_LEND, 3, BED_A + BED_PAGE, AT(MOAT_BAD_ARG, 3)},
	{MOAT_PAGE_INFO, 1, NOT_RAM + 8, AT(MOAT_BAD_ARG, 1)},
	{MOAT_PAGE_INFO, 1, UINT64_MAX, AT(MOAT_BAD_ARG, 1)},
};

/* Calls that refuse nothing. */
static const uint32_t never_refused[] = {MOAT_VERSION, MOAT_FEATURES};

static struct bed bed_of_all_lives(void)
{
	const struct moat_ipa block = {IPA_VM_BLOCK};
	struct bed bed = bed_make();

	scene_build(&bed, BUILDING);
	scene_fill(&bed, BUILDING);
	scene_build(&bed, ACTIVE);
	scene_vcpu(&bed, ACTIVE, RUNNING);
	scene_vcpu_off(&bed, ACTIVE, OFF);
	bed_do(&bed, moat_vm_seal((struct moat_vm_id){ACTIVE}));
	scene_run(&bed, ACTIVE, RUNNING, 1);
	scene_build(&bed, DYING);
	bed_do(&bed, moat_block_donate((struct moat_vm_id){DYING}, block,
			     (struct moat_pa){BED_D}));
	bed_do(&bed, moat_vm_kill((struct moat_vm_id){DYING}));
	scene_vm(&bed, BARE, MOAT_VM_DYING);
	scene_strip(&bed, BARE);
	return bed;
}

/* The call with operands that are right in the scene. */
static struct moat_regs right_call(uint32_t call)
{
	switch (call) {
	case MOAT_VM_CREATE:
		return scene_call(call, EMPTY);
	case MOAT_VM_FREE:
		return scene_call(call, BARE);
	case MOAT_VCPU_RUN:
		return scene_call(call, ACTIVE);
	case MOAT_PAGE_RECLAIM:
		return scene_call(call, DYING);
	default:
		return scene_call(call, BUILDING);
	}
}

Test(refusal_order, without_a_violation_each_call_succeeds)
{
	for (size_t i = 0; i < HOST_CALL_COUNT; i++) {
		struct bed bed = bed_of_all_lives();
		struct moat_regs regs = right_call(host_calls[i].number);

		bed_about("%s as it should be", host_calls[i].name);
		expect_equal("the answer", bed_call(&bed, 0, &regs), MOAT_OK);
		bed_end(&bed);
	}
}

static void expect_single(struct bed *bed, const struct violation *row)
{
	struct moat_regs regs = right_call(row->call);

	bed_about("%s with x%u = 0x%llx", host_call_name(row->call),
		(unsigned)row->operand, (unsigned long long)row->value);
	regs.x[row->operand] = row->value;
	expect_equal("the answer", bed_call(bed, 0, &regs), row->answer);
}

Test(refusal_order, each_violation_alone_is_refused_as_it_says)
{
	struct bed bed = bed_of_all_lives();

	for (size_t i = 0; i < LENGTH(violations); i++) {
		expect_single(&bed, &violations[i]);
	}
	bed_end(&bed);
}

Test(refusal_order, an_operand_that_breaks_two_rules_breaks_the_earlier)
{
	struct bed bed = bed_of_all_lives();

	for (size_t i = 0; i < LENGTH(double_violations); i++) {
		expect_single(&bed, &double_violations[i]);
	}
	bed_end(&bed);
}

static bool can_go_together(
	const struct violation *a, const struct violation *b)
{
	return a->call == b->call && a->operand != b->operand;
}

static void expect_earlier(struct bed *bed, const struct violation *earlier,
	const struct violation *later)
{
	struct moat_regs regs = right_call(earlier->call);

	bed_about("%s with x%u = 0x%llx and x%u = 0x%llx",
		host_call_name(earlier->call), (unsigned)earlier->operand,
		(unsigned long long)earlier->value, (unsigned)later->operand,
		(unsigned long long)later->value);
	regs.x[earlier->operand] = earlier->value;
	regs.x[later->operand] = later->value;
	expect_equal("the answer", bed_call(bed, 0, &regs), earlier->answer);
}

Test(refusal_order, of_two_violations_the_earlier_status_wins)
{
	struct bed bed = bed_of_all_lives();
	uint32_t pairs = 0;

	for (size_t i = 0; i < LENGTH(violations); i++) {
		for (size_t j = i + 1; j < LENGTH(violations); j++) {
			if (can_go_together(&violations[i], &violations[j])) {
				expect_earlier(
					&bed, &violations[i], &violations[j]);
				pairs++;
			}
		}
	}
	bed_end(&bed);
	cr_expect_gt(pairs, 1300, "only %u pairs", (unsigned)pairs);
}

Test(refusal_order, the_table_has_the_order_of_the_enumeration)
{
	for (size_t i = 1; i < LENGTH(violations); i++) {
		if (violations[i - 1].call == violations[i].call) {
			cr_expect_leq(violations[i - 1].answer % 256,
				violations[i].answer % 256, "row %zu", i);
		}
	}
}

/* Every status but OK is some call's answer, and every call is listed. */
Test(refusal_order, each_status_and_each_call_occurs)
{
	uint32_t statuses = 0;

	for (uint32_t status = 1; status < MOAT_STATUS_COUNT; status++) {
		bool occurs = false;

		for (size_t i = 0; i < LENGTH(violations); i++) {
			occurs |= violations[i].answer % 256 == status;
		}
		statuses += occurs;
	}
	cr_expect_eq(statuses, 15);
	for (size_t call = 0; call < HOST_CALL_COUNT; call++) {
		uint32_t number = host_calls[call].number;
		bool occurs = number == never_refused[0] ||
			      number == never_refused[1];

		for (size_t i = 0; i < LENGTH(violations); i++) {
			occurs |= violations[i].call == number;
		}
		cr_expect(occurs, "no violation of %s", host_calls[call].name);
	}
}
