/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A descriptor format that no CPU has, for one build of the tests: every field
 * of src/arch-aarch64/pte.h is elsewhere here and has other values, so that
 * code outside of pte.h which knows a bit of a descriptor goes wrong.
 *
 * One thing is as there: zero is empty. The engine relies on it: what has been
 * scrubbed is an empty table.
 *
 *     bits 2:0    kind: 0 empty, 5 page, 3 block, 6 table
 *     bit  3      may not be written
 *     bit  4      may be executed
 *     bits 6:5    memory: 1 normal, 2 device, 0 of a table
 *     bit  7      always 1, but in what is empty
 *     bits 55:8   the address
 */
#ifndef MOAT_SCRAMBLED_PTE_H
#define MOAT_SCRAMBLED_PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/granule.h"

#define PTE_EMPTY UINT64_C(0)

#define PTE_KIND_BLOCK UINT64_C(3)
#define PTE_KIND_PAGE UINT64_C(5)
#define PTE_KIND_TABLE UINT64_C(6)
#define PTE_READ_ONLY UINT64_C(8)
#define PTE_EXECUTABLE UINT64_C(16)
#define PTE_MEMORY_NORMAL UINT64_C(32)
#define PTE_MEMORY_DEVICE UINT64_C(64)
#define PTE_MARK UINT64_C(128)

#define PTE_RIGHTS (PTE_READ_ONLY + PTE_EXECUTABLE)

enum pte_kind {
	PTE_NORMAL,
	PTE_DEVICE,
	PTE_READ,
	PTE_READ_WRITE,
	PTE_READ_EXECUTE
};

/* Addresses have 48 bits: nothing is lost at the top. */
static inline uint64_t pte_address(uint64_t pa)
{
	return pa * 256;
}

static inline uint64_t pte_attributes(enum pte_kind kind)
{
	switch (kind) {
	case PTE_READ:
		return PTE_MARK + PTE_MEMORY_NORMAL + PTE_READ_ONLY;
	case PTE_READ_WRITE:
		return PTE_MARK + PTE_MEMORY_NORMAL;
	case PTE_READ_EXECUTE:
		return PTE_MARK + PTE_MEMORY_NORMAL + PTE_READ_ONLY +
		       PTE_EXECUTABLE;
	case PTE_DEVICE:
		return PTE_MARK + PTE_MEMORY_DEVICE;
	case PTE_NORMAL:
	default:
		return PTE_MARK + PTE_MEMORY_NORMAL + PTE_EXECUTABLE;
	}
}

static inline uint64_t pte_page(uint64_t pa, enum pte_kind kind)
{
	return pte_address(pa) + pte_attributes(kind) + PTE_KIND_PAGE;
}

static inline uint64_t pte_block(uint64_t pa, enum pte_kind kind)
{
	return pte_address(pa) + pte_attributes(kind) + PTE_KIND_BLOCK;
}

static inline uint64_t pte_leaf(uint64_t pa, uint32_t level, enum pte_kind kind)
{
	return level == 3 ? pte_page(pa, kind) : pte_block(pa, kind);
}

static inline uint64_t pte_table(uint64_t pa)
{
	return pte_address(pa) + PTE_MARK + PTE_KIND_TABLE;
}

static inline uint64_t pte_pa(uint64_t descriptor)
{
	return descriptor / 256 / MOAT_PAGE_SIZE * MOAT_PAGE_SIZE;
}

static inline uint64_t pte_forward(uint64_t descriptor, uint64_t bytes)
{
	return descriptor + pte_address(bytes);
}

static inline bool pte_is_valid(uint64_t descriptor)
{
	return descriptor / PTE_MARK % 2 == 1;
}

static inline bool pte_is_table(uint64_t descriptor, uint32_t level)
{
	return level < 3 && descriptor % 8 == PTE_KIND_TABLE;
}

static inline bool pte_is_leaf(uint64_t descriptor, uint32_t level)
{
	return level >= MOAT_BLOCK_LEVEL_MIN &&
	       descriptor % 8 == (level == 3 ? PTE_KIND_PAGE : PTE_KIND_BLOCK);
}

static inline bool pte_may_write(uint64_t descriptor)
{
	return descriptor / PTE_READ_ONLY % 2 == 0;
}

static inline bool pte_may_execute(uint64_t descriptor)
{
	return descriptor / PTE_EXECUTABLE % 2 == 1;
}

#endif
