/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of an engine, and the only names by which it is reached.
 *
 * Engine data holds indices, never pointers. The accessors reach an instance
 * sized at init. They are in access.h, and the include path chooses which: the
 * plain ones, those of the debug build, which check that the protector of what
 * they name is held, or a prover's.
 */
#ifndef MOAT_CORE_STATE_H
#define MOAT_CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/lock.h"
#include "core/part.h"
#include "moat/moat.h"

enum {
	/* Descriptors of a table; pages of a region. */
	ENTRY_COUNT = MOAT_TABLE_ENTRIES,
	SLOT_ROOT = 0x8000, /* slot of the k-th root page: SLOT_ROOT + k */
	LEAF_LEVEL = 3,
	REGION_LEVEL = 2,
	REGION_LOCK_COUNT = 64
};

#define NONE UINT32_MAX
#define PAGE_BYTES ((uint64_t)MOAT_PAGE_SIZE)
#define REGION_BYTES ((uint64_t)MOAT_PAGE_SIZE * ENTRY_COUNT)
#define LEVEL_1_BYTES (REGION_BYTES * ENTRY_COUNT) /* of one entry there */

/*
 * What a page is and where it hangs: the authority that tables are derived
 * from [PAGE-1] [PAGE-2]. A data page hangs at @slot of the leaf table @parent,
 * a table at @slot of the table @parent, a root page at SLOT_ROOT + k of the VM
 * @parent, a vCPU context at vCPU @slot of the VM @parent. Its level is that of
 * the table that holds a data page's entry; of a table, its own. The pages of a
 * block all hang at the block's slot. Aligned, so that one store writes it
 * where unaligned ones are not allowed.
 *
 * Protector: the region's lock; and while a VM owns it, also the VM's.
 */
struct page {
	_Alignas(8) uint8_t state; /* enum moat_page_state */
	uint8_t mapping; /* level + 8 * permission of a LENT page: page.h */
	uint16_t slot;
	uint32_t parent;
};

/* Protector: that of the page it lies in; of a host table that of the region it
 * maps, and above the leaves each entry that of its region. */
struct table {
	uint64_t entry[ENTRY_COUNT];
};

/* Protector: the VM's lock. */
struct vcpu {
	uint32_t page; /* context page */
	uint32_t cpu; /* where it runs, when RUNNING */
	uint32_t state; /* enum moat_vcpu_state */
	uint32_t pending; /* enum moat_exit_reason the host has not answered */
	uint32_t count; /* registers a pending HOST_CALL declared */
	struct moat_trap access; /* a pending FAULT or MMIO */
};

/* Protector: its lock. All zero when EMPTY [VM-1]. */
struct vm {
	uint64_t half; /* bytes of each half of the IPA space */
	uint32_t root; /* first root page */
	uint32_t root_count;
	uint8_t life; /* enum moat_vm_life */
	uint8_t ipa_bits;
	uint8_t start_level;
	uint8_t vcpu_count;
	uint64_t measurement[MOAT_MEASUREMENT_WORDS];
	struct vcpu vcpu[MOAT_VCPU_MAX];
};

/* Protector: none; only its own CPU uses it. */
struct cpu {
	uint32_t vm; /* NONE: the host runs */
	uint32_t vcpu;
	uint32_t batch[MOAT_RANGE_PAGES_MAX]; /* pages one call is moving */
};

/* One level-2 block of the host's map. Protector: its lock. */
struct region {
	uint16_t closed; /* pages that the host may not access */
	uint16_t slot; /* of its entry in ... */
	uint32_t table; /* ... this level-2 host table */
};

/* Protector: none; constant after init, but for what the pointers lead to. */
struct moat {
	struct moat_config config;
	uint32_t page_count;
	uint32_t region_count;
	uint32_t range_page[MOAT_RANGE_MAX]; /* first page of each RAM range */
	uint32_t host_start_level;
	uint32_t leaf_first; /* host table of region 0, if it has one */
	struct table *window;
	struct table *host_table; /* root pages, leaves of regions, others */
	struct page *page;
	struct region *region;
	struct vm *vm;
	struct cpu *cpu;
	struct mutex *vm_lock;
	struct mutex *region_lock;
};

#define PAGE_COUNT(m) (MOAT(m).page_count)
#define REGION_COUNT(m) (MOAT(m).region_count)
#define VM_COUNT(m) (MOAT(m).config.vm_count)
#define CPU_COUNT(m) (MOAT(m).config.cpu_count)
/* List registers that a host may use; the last one is the engine's. */
#define LIST_COUNT(m) \
	(MOAT(m).config.list_register_count == 0 \
			? 0 \
			: MOAT(m).config.list_register_count - 1)

/* The lock that @region has, by hash; NONE of NONE. */
static inline uint32_t region_lock_of(uint32_t region)
{
	return region == NONE ? NONE : region % REGION_LOCK_COUNT;
}

/* Holding a lock is a parameter: these are made by hold.c alone. */
struct vm_locked {
	uint32_t vm;
	uint32_t cpu; /* that holds it */
};
struct regions_locked {
	uint32_t low; /* region lock, or NONE */
	uint32_t high; /* region lock above it, or NONE */
	uint32_t cpu; /* that holds them */
	bool is_all; /* all locks, from @low to @high */
};

/* PAGE, TABLE and so on: plain, or with a check of who holds what. */
#include "access.h"

#endif
