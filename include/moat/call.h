/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls of the host and of a VM: the second half of the manual. Each
 * constructor makes the registers of one call, to be given to moat_host_call
 * or to an HVC instruction; its comment is the contract of the call.
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
	X(VCPU_CREATE, vcpu_create, 0x20, 5) \
	X(VCPU_DESTROY, vcpu_destroy, 0x21, 2) \
	X(VCPU_RUN, vcpu_run, 0x22, 9) \
	X(TABLE_CREATE, table_create, 0x30, 4) \
	X(TABLE_DESTROY, table_destroy, 0x31, 3) \
	X(PAGE_LOAD, page_load, 0x40, 4) \
	X(PAGE_DONATE, page_donate, 0x41, 4) \
	X(PAGE_RECLAIM, page_reclaim, 0x42, 3) \
	X(PAGE_INFO, page_info, 0x43, 1)

/* Calls of a VM, by HVC or SMC; x0 is a status, x1.. the results. */
#define MOAT_GUEST_CALLS(X) \
	X(VERSION, version, 0x100, 0) \
	X(HOST_CALL, host_call, 0x101, 7)

#define MOAT_FUNCTION(number) (0xC6000000u + (number))
#define MOAT_CALL_ENUM(constant, name, number, arguments) \
	MOAT_##constant = (number),
#define MOAT_GUEST_ENUM(constant, name, number, arguments) \
	MOAT_GUEST_##constant = (number),
enum moat_host_call_number { MOAT_HOST_CALLS(MOAT_CALL_ENUM) };
enum moat_guest_call_number { MOAT_GUEST_CALLS(MOAT_GUEST_ENUM) };

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
 * of RAM, x9 registers a host_call may declare. Refuses nothing.
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
 * End the building phase: BUILDING -> ACTIVE.
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
 * root PA, x5 bitmap of vCPUs created, x6 bitmap of vCPUs RUNNING. All but x1
 * are zero for an EMPTY slot.
 *
 * Refuses: BAD_VM. Locks: the VM. Cost: constant.
 */
static inline struct moat_regs moat_vm_info(struct moat_vm_id vm)
{
	return moat_call_make(MOAT_VM_INFO, vm.value, 0, 0, 0);
}

/**
 * Give the HOST page @context to hold the registers of vCPU @vcpu, which will
 * start at @pc with @argument in x0 and every other general register zero.
 *
 * Before:  the VM is BUILDING; @pc is 4-byte aligned.
 * After:   the page is VCPU, closed to the host; the vCPU is READY.
 * Refuses: BAD_ARG (x3, then x4: alignment), BAD_VM, BAD_STATE, BAD_VCPU x2
 *          (number not below the VM's), OCCUPIED x2 (created before), BAD_PAGE
 *          x3.
 * Locks:   the VM, then the page's region. Cost: one page zeroed; one
 *          invalidation.
 */
static inline struct moat_regs moat_vcpu_create(struct moat_vm_id vm,
	struct moat_vcpu_id vcpu, struct moat_pa context, uint64_t pc,
	uint64_t argument)
{
	struct moat_regs regs = moat_call_make(
		MOAT_VCPU_CREATE, vm.value, vcpu.value, context.value, pc);

	regs.x[5] = argument;
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

/**
 * Run a vCPU on the calling CPU until it has something for the host.
 *
 * x3 is reserved and zero. If the vCPU's last exit was HOST_CALL with count n,
 * the first n of x4..x9 become the guest's x2.., and its x0 and x1 are zero;
 * otherwise x4..x9 are ignored. Results: x1 enum moat_exit_reason and what it
 * lists; everything else zero.
 *
 * Refuses: BAD_ARG x3, BAD_VM, BAD_STATE (not ACTIVE), BAD_VCPU x2 (not
 *          created), BUSY (it is RUNNING).
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
 *          OCCUPIED x2, BAD_PAGE x4.
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
 *          BAD_IPA (as table_create), NO_TABLE x2, NOT_EMPTY x2.
 * Locks:   the VM, then the page's region.
 * Cost:    one walk; one table read and zeroed; one invalidation.
 */
static inline struct moat_regs moat_table_destroy(
	struct moat_vm_id vm, struct moat_ipa ipa, uint64_t level)
{
	return moat_call_make(
		MOAT_TABLE_DESTROY, vm.value, ipa.value, level, 0);
}

/*
 * Page calls take a range of @count pages and do a prefix of it: they stop at
 * the end of the leaf table, at the end of the second region, after
 * MOAT_RANGE_PAGES_MAX pages, and before the first page they would have to
 * refuse. x1 is how many pages were done. OK means at least one: go on behind
 * it. A refusal is about the first page and means that nothing changed.
 */

/**
 * Give host pages to a VM and map them at @ipa, contents kept.
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
 *          NO_TABLE x2, OCCUPIED x2, BAD_PAGE x3.
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
 * After:   the pages are HOST and zero [PAGE-4]; @ipa.. maps nothing.
 * Refuses: BAD_ARG (x2 alignment, x3 zero), BAD_VM, BAD_STATE (not DYING),
 *          BAD_IPA (x2, or x3 if only the end is outside), NO_TABLE x2,
 *          NOT_MAPPED x2.
 * Locks:   the VM, then the pages' regions.
 * Cost:    as page_donate.
 */
static inline struct moat_regs moat_page_reclaim(
	struct moat_vm_id vm, struct moat_ipa ipa, uint64_t count)
{
	return moat_call_make(MOAT_PAGE_RECLAIM, vm.value, ipa.value, count, 0);
}

/**
 * What the host may know of the page at @pa: x1 enum moat_page_state, x2 the
 * VM, x3 the IPA (of a data page; of a table what it translates; the vCPU
 * number of a context), x4 the level (of the table that holds a data page's
 * entry; of a table). x2..x4 are zero for HOST and ENGINE.
 *
 * Refuses: BAD_ARG (x1 alignment), BAD_PAGE x1 (not RAM).
 * Locks:   the page's region. Cost: at most four records read.
 */
static inline struct moat_regs moat_page_info(struct moat_pa pa)
{
	return moat_call_make(MOAT_PAGE_INFO, pa.value, 0, 0, 0);
}

/* ---- Calls of a VM ------------------------------------------------------ */

/*
 * version: x1 is MOAT_ABI_VERSION, x2 and x3 are zero.
 *
 * host_call: x1 is a count n of 0..MOAT_HOST_CALL_MAX; x2.. are n registers
 * for the host, which sees these and no others. When the host runs the vCPU
 * again, x0 is MOAT_OK, x1 is zero, and x2.. are the host's n answers. A count
 * out of range is BAD_ARG x1 and x1..x3 are zero; the host is not told.
 *
 * Anything else: x0 is MOAT_NOT_SUPPORTED, and no other register changes.
 */

#ifdef __cplusplus
}
#endif

#endif
