/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard VM, of 43 address bits (start level 1, 16 root pages; one with
 * pages of 16 KiB; with 64 KiB two, of level 2, so that no place is without a
 * parent of a leaf), with one
 * situation for each of its first addresses of 512 GiB; those are aligned to
 * what a table of any level translates, so a test may break a rule of the level
 * without breaking one of the alignment:
 *
 *     protected      shared
 *     0              0x40000000000   a level-2 table, empty: no leaf
 *     0x8000000000   0x48000000000   a level-3 table, empty
 *     0x10000000000  0x50000000000   a level-3 table in use: see below
 *     0x18000000000  0x58000000000   nothing: no parent of a leaf
 *     0x20000000000  0x60000000000   a block: a VM's, and a LENT one
 *     0x28000000000                  a block that is SHARED
 *     0x30000000000                  a level-3 table that can be folded
 *                    0x80000000000   outside
 */
#ifndef MOAT_TESTS_CORE_SCENE_H
#define MOAT_TESTS_CORE_SCENE_H

#include "bed.h"

#define IPA_NO_LEAF UINT64_C(0)
#define IPA_EMPTY_LEAF UINT64_C(0x8000000000)
#define IPA_VM_PAGE UINT64_C(0x10000000000)
#define IPA_EMPTY_SLOT (IPA_VM_PAGE + BED_PAGE)
#define IPA_SHARED_PAGE (IPA_VM_PAGE + 2 * BED_PAGE)
#define IPA_NO_PARENT UINT64_C(0x18000000000)
#define IPA_VM_BLOCK UINT64_C(0x20000000000)
#define IPA_SHARED_BLOCK UINT64_C(0x28000000000)
#define IPA_UNIFORM UINT64_C(0x30000000000)
#define IPA_UPPER UINT64_C(0x40000000000) /* shared half: add the above */
#define IPA_LENT_PAGE UINT64_C(0x50000000000)
#define IPA_LENT_BLOCK UINT64_C(0x60000000000)
#define IPA_OUTSIDE UINT64_C(0x80000000000)

/* Pages of VM v, counted from BED_A + v * 0x30000. */
enum scene_page {
	SCENE_ROOT = 0, /* ..15 */
	SCENE_TABLE = 16, /* ..30: in the order of the addresses above */
	SCENE_VM_PAGE = 31,
	SCENE_SHARED_PAGE,
	SCENE_LENT_PAGE,
	SCENE_CONTEXT, /* of vCPU 0; then 1, 2, 3 */
	SCENE_PAGES = 48
};

enum {
	SCENE_IPA_BITS = 43,
	SCENE_ROOT_PAGES = MOAT_PAGE_BITS == 12	  ? 16
			   : MOAT_PAGE_BITS == 14 ? 1
						  : 2,
	SCENE_ROOT_LEVEL = BED_IS_64K ? 2 : 1,
	SCENE_VCPUS = 4,
	SCENE_PERMISSION = 3
};

/* Free pages of the host, for the operands of scene_call. */
#define FREE_ROOT BED_C
#define FREE_BLOCK BED_C
#define FREE_PAGE (BED_C + 16 * BED_PAGE)

uint64_t scene_pa(uint32_t vm, enum scene_page page);

/* Make @vm a standard VM, BUILDING, with vCPU 0 READY; only the VM page yet. */
void scene_build(struct bed *bed, uint32_t vm);

/* The same, and bring it to @life (enum moat_vm_life). */
void scene_vm(struct bed *bed, uint32_t vm, uint32_t life);

/*
 * Put into a VM that is BUILDING or ACTIVE all that the addresses promise, the
 * blocks and the 512 pages of IPA_UNIFORM in BED_E, F, G and H: so in one VM at
 * a time. What is to be SHARED is the VM's alone, until it is ACTIVE and shares
 * it: scene_share does that, on CPU 0, and leaves vCPU 0 READY.
 */
void scene_fill(struct bed *bed, uint32_t vm);
void scene_share(struct bed *bed, uint32_t vm);

/* scene_build, scene_fill, ACTIVE, scene_share. */
void scene_full(struct bed *bed, uint32_t vm);

/* Take away all that a standard VM that was not filled, DYING, holds; not its
 * root. */
void scene_strip(struct bed *bed, uint32_t vm);

/* Create one of its vCPUs, READY or OFF. */
void scene_vcpu(struct bed *bed, uint32_t vm, uint32_t vcpu);
void scene_vcpu_off(struct bed *bed, uint32_t vm, uint32_t vcpu);

/* Start one on @cpu; end what runs there by an interrupt. */
void scene_run(struct bed *bed, uint32_t vm, uint32_t vcpu, uint32_t cpu);
void scene_stop(struct bed *bed, uint32_t cpu);

/* The call @number of a VM (enum moat_guest_call_number). */
struct moat_regs scene_guest_call(uint32_t number, uint64_t x1, uint64_t x2);

/*
 * Call @number (enum moat_host_call_number) with operands that a standard @vm
 * that was filled, in the right life, with vCPU 1 absent, admits.
 */
struct moat_regs scene_call(uint32_t number, uint64_t vm);

#endif
