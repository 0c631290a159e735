/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stage-2 descriptors of the VMSAv8-64 with 48-bit output addresses, of each
 * granule (Arm ARM D8.3). Pure: the core, the EL2 image, the process port
 * and the provers all use it. Unsigned / % * + by powers of two throughout:
 * compilers make shifts and masks of it, and provers can reason about it.
 *
 * Fields that the engine uses (Arm ARM D8.3.1 and D8.3.2):
 *
 *     bit  0      valid
 *     bit  1      table (levels 0..2) or page (level 3); a block has 0 here
 *     bits 5:2    MemAttr: 0b1111 Normal write-back, 0b0000 Device-nGnRnE
 *     bits 7:6    S2AP: 0b11 read and write
 *     bits 9:8    SH: 0b11 inner shareable
 *     bit  10     AF, the access flag: 1, so that no access traps for it
 *     bits 47:12  output address, or the address of the next-level table;
 *                 from bit 14 on with a granule of 16 KiB, 16 with 64 KiB
 *     bits 54:53  XN: 0b10 never executable
 */
#ifndef MOAT_ARCH_AARCH64_PTE_H
#define MOAT_ARCH_AARCH64_PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/granule.h"

#define PTE_EMPTY UINT64_C(0) /* invalid; what every unused slot holds */

#define PTE_TYPE_BLOCK UINT64_C(1) /* bits 1:0 at the levels of blocks */
#define PTE_TYPE_TABLE UINT64_C(3) /* bits 1:0 at levels 0, 1 and 2 */
#define PTE_TYPE_PAGE UINT64_C(3) /* bits 1:0 at level 3 */

#define PTE_MEMATTR_WRITE_BACK (UINT64_C(0xf) * 4)
#define PTE_S2AP_READ (UINT64_C(1) * 64)
#define PTE_S2AP_READ_WRITE (UINT64_C(3) * 64)
#define PTE_SH_INNER (UINT64_C(3) * 256)
#define PTE_AF (UINT64_C(1) * 1024)
#define PTE_XN UINT64_C(0x40000000000000)

/* What a walk may do, by S2AP and XN; AF is among what changes with it. */
#define PTE_RIGHTS (PTE_S2AP_READ_WRITE + PTE_XN + PTE_AF)

#define PTE_RAM_ATTRIBUTES (PTE_MEMATTR_WRITE_BACK + PTE_SH_INNER + PTE_AF)

/*
 * Device memory is never executable: a CPU may fetch ahead from anything that
 * it may execute, and a device may not stand it (Arm ARM B2.10). SH is ignored
 * for Device memory and left zero.
 */
#define PTE_DEVICE_ATTRIBUTES (PTE_S2AP_READ_WRITE + PTE_AF + PTE_XN)

enum pte_kind {
	PTE_NORMAL, /* RAM: write-back, inner shareable, RWX */
	PTE_DEVICE, /* MMIO: Device-nGnRnE, RW */
	PTE_READ, /* RAM, read only */
	PTE_READ_WRITE, /* RAM, never executable */
	PTE_READ_EXECUTE /* RAM, never written */
};

/* Lower and upper attributes: MemAttr, S2AP, SH, AF, XN. */
static inline uint64_t pte_attributes(enum pte_kind kind)
{
	switch (kind) {
	case PTE_READ:
		return PTE_RAM_ATTRIBUTES + PTE_S2AP_READ + PTE_XN;
	case PTE_READ_WRITE:
		return PTE_RAM_ATTRIBUTES + PTE_S2AP_READ_WRITE + PTE_XN;
	case PTE_READ_EXECUTE:
		return PTE_RAM_ATTRIBUTES + PTE_S2AP_READ;
	case PTE_DEVICE:
		return PTE_DEVICE_ATTRIBUTES;
	case PTE_NORMAL:
	default:
		return PTE_RAM_ATTRIBUTES + PTE_S2AP_READ_WRITE;
	}
}

/* Page descriptor of level 3; @pa is aligned to a page and below 2^48. */
static inline uint64_t pte_page(uint64_t pa, enum pte_kind kind)
{
	uint64_t low = pte_attributes(kind) + PTE_TYPE_PAGE;

	return pa + low;
}

/* Block descriptor; @pa is aligned to the block's size. */
static inline uint64_t pte_block(uint64_t pa, enum pte_kind kind)
{
	uint64_t low = pte_attributes(kind) + PTE_TYPE_BLOCK;

	return pa + low;
}

/* The leaf descriptor of @level, a page or a block. */
static inline uint64_t pte_leaf(uint64_t pa, uint32_t level, enum pte_kind kind)
{
	return level == 3 ? pte_page(pa, kind) : pte_block(pa, kind);
}

/* Table descriptor; stage 2 has no attributes in it (D8.3.1). */
static inline uint64_t pte_table(uint64_t pa)
{
	return pa + PTE_TYPE_TABLE;
}

/* Output or next-level table address: the bits from the page's on, below 48. */
static inline uint64_t pte_pa(uint64_t descriptor)
{
	return descriptor / MOAT_PAGE_SIZE %
	       (UINT64_C(0x1000000000000) / MOAT_PAGE_SIZE) * MOAT_PAGE_SIZE;
}

/* The same leaf, but of the address @bytes further on. */
static inline uint64_t pte_forward(uint64_t descriptor, uint64_t bytes)
{
	return descriptor + bytes;
}

/* Bit 0: a walk goes on or ends here instead of faulting. */
static inline bool pte_is_valid(uint64_t descriptor)
{
	return descriptor % 2 == 1;
}

/* Bits 1:0 = 0b11 above level 3: the walk goes on. */
static inline bool pte_is_table(uint64_t descriptor, uint32_t level)
{
	return level < 3 && descriptor % 4 == PTE_TYPE_TABLE;
}

/* A page at level 3, a block at the levels that have blocks. */
static inline bool pte_is_leaf(uint64_t descriptor, uint32_t level)
{
	return level >= MOAT_BLOCK_LEVEL_MIN &&
	       descriptor % 4 == (level == 3 ? PTE_TYPE_PAGE : PTE_TYPE_BLOCK);
}

/* S2AP[1]: a leaf that stores may use. Every leaf is readable. */
static inline bool pte_may_write(uint64_t descriptor)
{
	return descriptor / 128 % 2 == 1;
}

/* XN[1] is clear: a leaf that fetches may use. */
static inline bool pte_may_execute(uint64_t descriptor)
{
	return descriptor / PTE_XN % 2 == 0;
}

#endif
