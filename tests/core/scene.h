/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard VM, of 42 address bits (start level 1, eight root pages), with
 * one situation for each of its first addresses of 512 GiB; those are aligned
 * to what a table of any level translates, so a test may break a rule of the
 * level without breaking one of the alignment:
 *
 *     protected     shared
 *     0             0x20000000000   a level-2 table, empty: no leaf
 *     0x8000000000  0x28000000000   a level-3 table, empty
 *     0x10000000000 0x30000000000   a level-3 table in use: see below
 *     0x18000000000 0x38000000000   nothing: no parent of a leaf
 *                   0x40000000000   outside
 */
#ifndef MOAT_TESTS_CORE_SCENE_H
#define MOAT_TESTS_CORE_SCENE_H

#include "bed.h"

#define IPA_NO_LEAF UINT64_C(0)
#define IPA_EMPTY_LEAF UINT64_C(0x8000000000)
#define IPA_VM_PAGE UINT64_C(0x10000000000)
#define IPA_EMPTY_SLOT UINT64_C(0x10000001000)
#define IPA_SHARED_PAGE UINT64_C(0x10000002000)
#define IPA_NO_PARENT UINT64_C(0x18000000000)
#define IPA_UPPER UINT64_C(0x20000000000) /* shared half: add the above */
#define IPA_LENT_PAGE UINT64_C(0x30000000000)
#define IPA_OUTSIDE UINT64_C(0x40000000000)

/* Pages of VM v, counted from BED_A + v * 0x20000. */
enum scene_page {
	SCENE_ROOT = 0, /* ..7 */
	SCENE_TABLE = 8, /* ..17: five in each half */
	SCENE_VM_PAGE = 18,
	SCENE_SHARED_PAGE,
	SCENE_LENT_PAGE,
	SCENE_CONTEXT, /* of vCPU 0; then 1 and 2 */
	SCENE_PAGES = 32
};

enum { SCENE_IPA_BITS = 42, SCENE_VCPUS = 3 };

/* Free pages of the host, for the operands of scene_call. */
#define FREE_ROOT UINT64_C(0x40400000)
#define FREE_PAGE UINT64_C(0x40410000)

uint64_t scene_pa(uint32_t vm, enum scene_page page);

/* Make @vm a standard VM, BUILDING, with vCPU 0 READY. */
void scene_build(struct bed *bed, uint32_t vm);

/* The same, and bring it to @life (enum moat_vm_life). */
void scene_vm(struct bed *bed, uint32_t vm, uint32_t life);

/* Make its SHARED page and its LENT page. */
void scene_open_pages(struct bed *bed, uint32_t vm);

/* Take away all that a standard VM without those, DYING, holds; not its root */
void scene_strip(struct bed *bed, uint32_t vm);

/* Create one of its vCPUs; start one on @cpu. */
void scene_vcpu(struct bed *bed, uint32_t vm, uint32_t vcpu);
void scene_run(struct bed *bed, uint32_t vm, uint32_t vcpu, uint32_t cpu);

/*
 * Call @number (enum moat_host_call_number) with operands that a standard @vm
 * in the right life, with vCPU 1 absent, admits. The order of the manual.
 */
struct moat_regs scene_call(uint32_t number, uint64_t vm);

#endif
