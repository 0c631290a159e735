/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls of the host: the second part of the manual. Each constructor makes
 * the registers of one call, to be given to moat_host_call or to an HVC
 * instruction; its comment is the contract of the call.
 */
#ifndef MOAT_CALL_H
#define MOAT_CALL_H

#include "moat/moat.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Calls of the host ------------------------------------------------- */

/*
 * SMCCC 1.2 fast calls, 64 bit, owner 6 (vendor-specific hypervisor), by HVC.
 * Every call writes x0..x9, a vcpu_run that was accepted x0..x14; the others
 * are kept.
 * X(constant, name, number, arguments).
 */
#define MOAT_HOST_CALLS(X) \
	X(VERSION, version, 0x00, 0) \
	X(FEATURES, features, 0x01, 0) \
	X(VM_CREATE, vm_create, 0x10, 4) \
	X(VM_SEAL, vm_seal, 0x11, 1) \
	X(VM_KILL, vm_kill, 0x12, 1) \
	X(VM_FREE, vm_free, 0x13, 1) \
	X(VM_INFO, vm_info, 0x14, 1) \
	X(VCPU_CREATE, vcpu_create, 0x20, 6) \
	X(VCPU_DESTROY, vcpu_destroy, 0x21, 2) \
	X(VCPU_RUN, vcpu_run, 0x22, 13) \
	X(TABLE_CREATE, table_create, 0x30, 4) \
	X(TABLE_DESTROY, table_destroy, 0x31, 3) \
	X(TABLE_FOLD, table_fold, 0x32, 3) \
	X(TABLE_SPLIT, table_split, 0x33, 4) \
	X(PAGE_LOAD, page_load, 0x40, 4) \
	X(PAGE_DONATE, page_donate, 0x41, 4) \
	X(PAGE_RECLAIM, page_reclaim, 0x42, 3) \
	X(PAGE_INFO, page_info, 0x43, 1) \
	X(PAGE_LEND, page_lend, 0x44, 5) \
	X(PAGE_RECALL, page_recall, 0x45, 3) \
	X(BLOCK_DONATE, block_donate, 0x50, 3) \
	X(BLOCK_LEND, block_lend, 0x51, 4)

#define MOAT_FUNCTION(number) (0xC6000000u + (number))
#define MOAT_CALL_ENUM(constant, name, number, arguments) \
	MOAT_##constant = (number),
enum moat_host_call_number { MOAT_HOST_CALLS(MOAT_CALL_ENUM) };

static inline struct moat_regs moat_call_make(
	uint32_t number, uint64_t x1, uint64_t x2, uint64_t x3, uint64_t x4)
{
	struct moat_regs regs = {{MOAT_FUNCTION(number), x1, x2, x3, x4}};

	return regs;
}

/**
 * The ABI version: x1 is MOAT_ABI_VERSION. Refuses nothing.
 */
static inline struct moat_regs moat_version(void)
{
	return moat_call_make(MOAT_VERSION, 0, 0, 0, 0);
}

/**
 * What this build offers: x1 page size, x2 pages a call, x3 narrowest and x4
 * widest VM IPA space in bits, x5 VM slots, x6 vCPUs a VM, x7 CPUs, x8 pages
 * of RAM, x9 registers a host_call may declare + 256 * list registers that
 * vcpu_run takes. Refuses nothing.
 */
static inline struct moat_regs moat_features(void)
{
	return moat_call_make(MOAT_FEATURES, 0, 0, 0, 0);
}

/**
 * Take slot @vm for a new VM with an IPA space of @ipa_bits and numbers for
 * @vcpus vCPUs. The IPA space has two halves, split at its top bit: the lower
 * is protected (only pages the VM owns), the upper shared.
 *
 * The root is as few levels as 16 concatenated tables allow (Arm ARM, D8.2):
 *
 *     ipa_bits   start level   root pages
 *     32..34     2             2^(ipa_bits - 30)
 *     35..39     1             1
 *     40..43     1             2^(ipa_bits - 39)
 *     44         0             1
 *
 * with pages of 16 KiB: 32..36 level 2, one page; 37..40 level 2, 2^(ipa_bits -
 * 36) pages; 41..44 level 1, one page; and of 64 KiB: 32..42 level 2, one page;
 * 43..44 level 2, 2^(ipa_bits - 42) pages.
 *
 * Before:  the root pages from @root are HOST; @root is aligned to their size.
 * After:   they are TABLE, zeroed, closed to the host; the VM is BUILDING.
 * Refuses: BAD_ARG (x3 ipa_bits, x4 vcpus not 1..MOAT_VCPU_MAX, x2 alignment,
 *          tested in this order), BAD_VM, BAD_STATE (not EMPTY), BAD_PAGE x2.
 * Locks:   the VM, then the regions of the root.
 * Cost:    the root zeroed; one invalidation.
 */
static inline struct moat_regs moat_vm_create(struct moat_vm_id vm,
	struct moat_pa root, uint64_t ipa_bits, uint64_t vcpus)
{
	return moat_call_make(
		MOAT_VM_CREATE, vm.value, root.value, ipa_bits, vcpus);
}

/**
 * End the building phase: BUILDING -> ACTIVE. x1..x4 are the VM's measurement,
 * now final: SHA-256, four big-endian words.
 *
 * It starts as zero at vm_create and is extended (moat_port_measure) by the
 * words (0, ipa_bits, vcpus) of vm_create, by (1, IPA) and the contents of each
 * page of page_load, and by (2, vcpu, pc, argument, is_off) of vcpu_create.
 *
 * Refuses: BAD_VM, BAD_STATE (not BUILDING).
 * Locks:   the VM. Cost: constant.
 */
static inline struct moat_regs moat_vm_seal(struct moat_vm_id vm)
{
	return moat_call_make(MOAT_VM_SEAL, vm.value, 0, 0, 0);
}

/**
 * End a VM: BUILDING or ACTIVE -> DYING. It never runs again.
 *
 * Refuses: BAD_VM, BAD_STATE (EMPTY or DYING), BUSY (a vCPU is RUNNING).
 * Locks:   the VM. Cost: constant.
 */
static inline struct moat_regs moat_vm_kill(struct moat_vm_id vm)
{
	return moat_call_make(MOAT_VM_KILL, vm.value, 0, 0, 0);
}

/**
 * Free the slot of a dead VM: DYING -> EMPTY. Its root returns scrubbed.
 *
 * Refuses: BAD_VM, BAD_STATE (not DYING), NOT_EMPTY (a vCPU context, a page or
 *          a table other than the root is left).
 * Locks:   the VM, then the regions of the root.
 * Cost:    the root read and zeroed; the VMID invalidated.
 */
static inline struct moat_regs moat_vm_free(struct moat_vm_id vm)
{
	return moat_call_make(MOAT_VM_FREE, vm.value, 0, 0, 0);
}

/**
 * What the host may know of @vm: x1 life, x2 ipa_bits, x3 vCPU numbers, x4
 * root PA, x5 bitmap of vCPUs created, x6 of those RUNNING, x7 of those OFF.
 * All but x1 are zero for an EMPTY slot.
 *
 * Refuses: BAD_VM. Locks: the VM. Cost: constant.
 */
static inline struct moat_regs moat_vm_info(struct moat_vm_id vm)
{
	return moat_call_make(MOAT_VM_INFO, vm.value, 0, 0, 0);
}

/**
 * Give the HOST page @context to hold the registers of vCPU @vcpu, which will
 * start at @pc with @argument in x0 and every other general register zero; or,
 * if @is_off is 1, stay off until its VM turns it on by PSCI.
 *
 * Before:  the VM is BUILDING; @pc is 4-byte aligned.
 * After:   the page is VCPU, closed to the host; the vCPU is READY or OFF.
 * Refuses: BAD_ARG (x3, then x4: alignment; x6 above 1), BAD_VM, BAD_STATE,
 *          BAD_VCPU x2 (number not below the VM's), OCCUPIED x2 (created
 *          before), BAD_PAGE x3.
 * Locks:   the VM, then the page's region. Cost: one page zeroed; one
 *          invalidation.
 */
static inline struct moat_regs moat_vcpu_create(struct moat_vm_id vm,
	struct moat_vcpu_id vcpu, struct moat_pa context, uint64_t pc,
	uint64_t argument)
{
	struct moat_regs regs = moat_call_make(
		MOAT_VCPU_CREATE, vm.value, vcpu.value, context.value, pc);

	regs.x[5] = argument; /* and is_off in regs.x[6] */
	return regs;
}

/**
 * Take a vCPU's context page back, scrubbed.
 *
 * Before:  the VM is BUILDING or DYING.
 * Refuses: BAD_VM, BAD_STATE, BAD_VCPU x2 (not created).
 * Locks:   the VM, then the page's region. Cost: one page zeroed.
 */
static inline struct moat_regs moat_vcpu_destroy(
	struct moat_vm_id vm, struct moat_vcpu_id vcpu)
{
	return moat_call_make(MOAT_VCPU_DESTROY, vm.value, vcpu.value, 0, 0);
}

/* x3 of vcpu_run. */
enum moat_entry_flags {
	MOAT_ENTRY_ABORT = 1, /* the pending access ends in an external abort */
	MOAT_ENTRY_UNDERFLOW = 2, /* IRQ exit when at most one list register
				   * is pending (ICH_HCR_EL2.UIE) */
	MOAT_ENTRY_FLAGS_END = 4
};

/**
 * Run a vCPU on the calling CPU until it has something for the host.
 *
 * The entry is x3 (flags), x4..x9 (data) and x10.. (list registers, as many as
 * features says). What its data may do depends on the vCPU's last exit, which
 * this call answers; whatever that exit does not permit is ignored:
 *
 *     HOST_CALL, count n   the first n of x4..x9 become the guest's x2..; its
 *                          x0 and x1 are zero
 *     MMIO read            x4, cut to the size and extended as the instruction
 *                          asks, becomes the register; the PC goes on
 *     MMIO write           the PC goes on
 *     MMIO, FAULT          or, with MOAT_ENTRY_ABORT, the access ends in an
 *                          external abort instead and x4 is not used
 *
 * List registers are sanitised (Arm GIC, 12.4.6): never hardware-backed, no
 * identifier from 1020 on, none twice, not the virtual timer's (27), whose
 * interrupt the engine gives itself: such a register is taken as empty.
 *
 * Results: x1 enum moat_exit_reason and what it lists; x10.. the list
 * registers, x14 the maintenance state (ICH_MISR_EL2); everything else zero.
 *
 * Refuses: BAD_ARG x3 (unknown flags), BAD_VM, BAD_STATE (not ACTIVE), BAD_VCPU
 *          x2 (not created), BUSY (it is RUNNING), VCPU_IS_OFF x2, BAD_ENTRY x3
 *          (MOAT_ENTRY_ABORT, but neither a FAULT nor an MMIO is pending).
 * Locks:   the VM, at the start and at the end; none while the guest runs.
 * Cost:    constant.
 */
static inline struct moat_regs moat_vcpu_run(
	struct moat_vm_id vm, struct moat_vcpu_id vcpu)
{
	return moat_call_make(MOAT_VCPU_RUN, vm.value, vcpu.value, 0, 0);
}

/**
 * Give the HOST page @pa to be the table of @level (the level of its entries)
 * that translates @ipa.
 *
 * Before:  the VM is BUILDING or ACTIVE; @ipa is aligned to what the table
 *          translates (level 3: 2 MiB, level 2: 1 GiB, level 1: 512 GiB).
 * After:   the page is TABLE, zeroed, closed to the host, and linked.
 * Refuses: BAD_ARG (x3 not 1..3, x2 alignment, x4 alignment, in this order),
 *          BAD_VM, BAD_STATE, BAD_IPA (x2 outside the IPA space, then x3 not
 *          below the VM's start level), NO_TABLE x2 (the parent is missing),
 *          OCCUPIED x2 (a table or a block is there), BAD_PAGE x4.
 * Locks:   the VM, then the page's region.
 * Cost:    one walk; one page zeroed; one invalidation.
 */
static inline struct moat_regs moat_table_create(struct moat_vm_id vm,
	struct moat_ipa ipa, uint64_t level, struct moat_pa pa)
{
	return moat_call_make(
		MOAT_TABLE_CREATE, vm.value, ipa.value, level, pa.value);
}

/**
 * Take an empty table back, scrubbed: x1 is its PA.
 *
 * Before:  the VM is BUILDING, ACTIVE or DYING.
 * Refuses: BAD_ARG (x3, then x2, as table_create), BAD_VM, BAD_STATE (EMPTY),
 *          BAD_IPA (as table_create), NO_TABLE x2, NEEDS_SPLIT x2 (a
 *          block is there), NOT_EMPTY x2.
 * Locks:   the VM, then the page's region.
 * Cost:    one walk; one table read and zeroed; one invalidation.
 */
static inline struct moat_regs moat_table_destroy(
	struct moat_vm_id vm, struct moat_ipa ipa, uint64_t level)
{
	return moat_call_make(
		MOAT_TABLE_DESTROY, vm.value, ipa.value, level, 0);
}

/**
 * Make one level-2 block of a level-3 table whose 512 entries map pages that
 * follow each other from a 2 MiB boundary, all in one state and with one
 * permission. The table page returns scrubbed: x1 is its PA.
 *
 * Before:  the VM is BUILDING or ACTIVE; @level is 3, the table's.
 * After:   the translation is the same; while it changes, a vCPU may fault and
 *          is resumed (break-before-make).
 * Refuses: BAD_ARG (x3 not 3, x2 alignment to 2 MiB), BAD_VM, BAD_STATE,
 *          BAD_IPA x2, NO_TABLE x2, NEEDS_SPLIT x2 (a block already),
 *          NOT_UNIFORM x2.
 * Locks:   the VM, then the regions of the pages and of the table.
 * Cost:    one walk; 512 records written; one invalidation; one page zeroed.
 */
static inline struct moat_regs moat_table_fold(
	struct moat_vm_id vm, struct moat_ipa ipa, uint64_t level)
{
	return moat_call_make(MOAT_TABLE_FOLD, vm.value, ipa.value, level, 0);
}

/**
 * The reverse: make a level-3 table, in the HOST page @pa, of a block.
 *
 * Refuses: BAD_ARG (x3 not 3, x2 alignment to 2 MiB, x4 alignment), BAD_VM,
 *          BAD_STATE, BAD_IPA x2, NO_TABLE x2, OCCUPIED x2 (a table already),
 *          NOT_MAPPED x2, BAD_PAGE x4.
 * Otherwise as table_fold.
 */
static inline struct moat_regs moat_table_split(struct moat_vm_id vm,
	struct moat_ipa ipa, uint64_t level, struct moat_pa pa)
{
	return moat_call_make(
		MOAT_TABLE_SPLIT, vm.value, ipa.value, level, pa.value);
}

/*
 * Page calls take a range of @count pages and do a prefix of it: they stop at
 * the end of the leaf table, after MOAT_RANGE_PAGES_MAX pages, and before the
 * first page they would have to refuse; wherever in RAM the pages lie. x1 is
 * how many pages were done. OK means at least one: go on behind it. A refusal
 * is about the first page and means that nothing changed.
 *
 * Calls that end or change a mapping (reclaim, recall, share, unshare,
 * relinquish) meet blocks as well: a range that starts at the block's first IPA
 * and covers it does the block, 512 pages; any other range that starts in a
 * block is NEEDS_SPLIT.
 */

/**
 * Give host pages to a VM and map them at @ipa, contents kept and measured. To
 * hash a page takes a CPU a hundred times as long as to zero it, so that one
 * call does at most MOAT_LOAD_PAGES_MAX.
 *
 * Before:  the VM is BUILDING. Otherwise as page_donate.
 */
static inline struct moat_regs moat_page_load(struct moat_vm_id vm,
	struct moat_ipa ipa, struct moat_pa pa, uint64_t count)
{
	return moat_call_make(
		MOAT_PAGE_LOAD, vm.value, ipa.value, pa.value, count);
}

/**
 * Give host pages to a VM and map them at @ipa, zeroed.
 *
 * Before:  the pages are HOST; the VM is BUILDING or ACTIVE; @ipa.. lies in the
 *          protected half.
 * After:   they are VM; the host faults on them [PAGE-3]; @ipa.. maps to @pa..
 *          and nothing else does [PAGE-2].
 * Refuses: BAD_ARG (x2 alignment, x3 alignment, x4 zero, in this order),
 *          BAD_VM, BAD_STATE, BAD_IPA (x2, or x4 if only the end is outside),
 *          NO_TABLE x2, OCCUPIED x2 (a block included), BAD_PAGE x3.
 * Locks:   the VM, then the pages' regions.
 * Cost:    one walk; a page zeroed and two descriptors written for each page;
 *          one invalidation.
 */
static inline struct moat_regs moat_page_donate(struct moat_vm_id vm,
	struct moat_ipa ipa, struct moat_pa pa, uint64_t count)
{
	return moat_call_make(
		MOAT_PAGE_DONATE, vm.value, ipa.value, pa.value, count);
}

/**
 * Take pages of a dying VM back, scrubbed.
 *
 * Before:  the VM is DYING; @ipa.. lies in the protected half.
 * After:   the pages are HOST and zero [PAGE-4]; @ipa.. maps nothing. One that
 *          was SHARED is the host's to write even while it is scrubbed: there
 *          it finds zeroes, or what it wrote itself meanwhile.
 * Refuses: BAD_ARG (x2 alignment, x3 zero), BAD_VM, BAD_STATE (not DYING),
 *          BAD_IPA (x2, or x3 if only the end is outside), NO_TABLE x2,
 *          NEEDS_SPLIT x2, NOT_MAPPED x2.
 * Locks:   the VM, then the pages' regions.
 * Cost:    as page_donate.
 */
static inline struct moat_regs moat_page_reclaim(
	struct moat_vm_id vm, struct moat_ipa ipa, uint64_t count)
{
	return moat_call_make(MOAT_PAGE_RECLAIM, vm.value, ipa.value, count, 0);
}

/**
 * Let a VM use host pages, which the host goes on using: map them at @ipa in
 * the shared half with @permission (enum moat_permission, READ included).
 *
 * Before:  the pages are HOST; the VM is BUILDING or ACTIVE.
 * After:   they are LENT; contents and the host's map are as they were.
 * Refuses: BAD_ARG (x2, x3 alignment, x4 zero, x5 permission), BAD_VM,
 *          BAD_STATE, BAD_IPA (x2, or x4 if only the end is outside), NO_TABLE
 *          x2, OCCUPIED x2, BAD_PAGE x3.
 * Locks:   the VM, then the pages' regions.
 * Cost:    one walk; one descriptor written for each page; no invalidation.
 */
static inline struct moat_regs moat_page_lend(struct moat_vm_id vm,
	struct moat_ipa ipa, struct moat_pa pa, uint64_t count,
	uint64_t permission)
{
	struct moat_regs regs = moat_call_make(
		MOAT_PAGE_LEND, vm.value, ipa.value, pa.value, count);

	regs.x[5] = permission;
	return regs;
}

/**
 * Take lent pages back, contents as the VM left them.
 *
 * Before:  the VM is not EMPTY; @ipa.. lies in the shared half.
 * Refuses: as page_reclaim, in whichever life.
 * Locks:   the VM, then the pages' regions. Cost: one walk; one invalidation.
 */
static inline struct moat_regs moat_page_recall(
	struct moat_vm_id vm, struct moat_ipa ipa, uint64_t count)
{
	return moat_call_make(MOAT_PAGE_RECALL, vm.value, ipa.value, count, 0);
}

/**
 * page_donate for one block of 2 MiB, mapped by a level-2 entry.
 *
 * Before:  all 512 pages are HOST; the level-2 table is there and its entry is
 *          empty. x1 is 512.
 * Refuses: BAD_ARG (x2, x3 alignment to 2 MiB), BAD_VM, BAD_STATE, BAD_IPA x2,
 *          NO_TABLE x2, OCCUPIED x2, BAD_PAGE x3.
 * Locks:   the VM, then the pages' region.
 * Cost:    one walk; 2 MiB zeroed, 512 records and three descriptors written;
 *          one invalidation.
 */
static inline struct moat_regs moat_block_donate(
	struct moat_vm_id vm, struct moat_ipa ipa, struct moat_pa pa)
{
	return moat_call_make(
		MOAT_BLOCK_DONATE, vm.value, ipa.value, pa.value, 0);
}

/**
 * page_lend for one block of 2 MiB. Refuses as block_donate, and BAD_ARG x4
 * (permission) after x3.
 */
static inline struct moat_regs moat_block_lend(struct moat_vm_id vm,
	struct moat_ipa ipa, struct moat_pa pa, uint64_t permission)
{
	return moat_call_make(
		MOAT_BLOCK_LEND, vm.value, ipa.value, pa.value, permission);
}

/**
 * What the host may know of the page at @pa: x1 enum moat_page_state, x2 the
 * VM, x3 the IPA (of a data page; of a table what it translates; the vCPU
 * number of a context), x4 the level (of the table that holds a data page's
 * entry; of a table), x5 the permission of a LENT page. x2..x5 are zero for
 * HOST and ENGINE.
 *
 * Refuses: BAD_ARG (x1 alignment), BAD_PAGE x1 (not RAM).
 * Locks:   the page's region. Cost: at most four records read.
 */
static inline struct moat_regs moat_page_info(struct moat_pa pa)
{
	return moat_call_make(MOAT_PAGE_INFO, pa.value, 0, 0, 0);
}

#ifdef __cplusplus
}
#endif

#endif
