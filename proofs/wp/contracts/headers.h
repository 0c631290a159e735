/* SPDX-License-Identifier: BSD-2-Clause */
/* The inline functions of the core's headers and of the descriptor format. */
#ifndef MOAT_PROOF_HEADERS_H
#define MOAT_PROOF_HEADERS_H

#include "theory_addresses.h"
#include "theory_tables.h"
#include "core/s2.h"
#include "core/status.h"
#include "pte.h"

/*@ assigns \nothing; exits \false;
    ensures \result == status + operand * 256; */
static inline uint64_t status_at(enum moat_status status, uint32_t operand);

/*@ assigns \nothing; exits \false;
    ensures region == NONE ==> \result == NONE;
    ensures region != NONE ==> \result == region % REGION_LOCK_COUNT; */
static inline uint32_t region_lock_of(uint32_t region);

/*@ assigns \nothing; exits \false;
    ensures \result == page / ENTRY_COUNT; */
static inline uint32_t page_region(uint32_t page);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_open(state); */
static inline bool page_is_open(uint8_t state);

/*@ assigns \nothing; exits \false;
    ensures \result == level_in(record.mapping); */
static inline uint32_t page_level(struct page record);

/*@ assigns \nothing; exits \false;
    ensures \result == record.mapping / 8; */
static inline uint32_t page_permission(struct page record);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_mapped(state); */
static inline bool page_is_mapped(uint8_t state);

/*@ requires level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result == entry_bytes(level); */
static inline uint64_t s2_entry_bytes(uint32_t level);

/*@ requires level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result == entry_bytes(level) * ENTRY_COUNT; */
static inline uint64_t s2_table_bytes(uint32_t level);

/*@ assigns \nothing; exits \false;
    ensures \result % 4 == 0;
    ensures \result < MOAT_PAGE_SIZE - 3 ||
      PROOF_XN <= \result < PROOF_XN + MOAT_PAGE_SIZE - 3; */
static inline uint64_t pte_attributes(enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && \result % 4 == 3; */
static inline uint64_t pte_page(uint64_t pa, enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && \result % 4 == 1; */
static inline uint64_t pte_block(uint64_t pa, enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    requires MOAT_BLOCK_LEVEL_MIN <= level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && is_leaf(\result, level); */
static inline uint64_t pte_leaf(
	uint64_t pa, uint32_t level, enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && \result % 4 == 3;
    ensures \forall integer l; 0 <= l < 3 ==> is_table(\result, l); */
static inline uint64_t pte_table(uint64_t pa);

/*@ assigns \nothing; exits \false;
    ensures \result == leads_to(descriptor); */
static inline uint64_t pte_pa(uint64_t descriptor);

/*@ requires descriptor + bytes <= 0xffffffffffffffff;
    assigns \nothing; exits \false;
    ensures \result == descriptor + bytes; */
static inline uint64_t pte_forward(uint64_t descriptor, uint64_t bytes);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_valid(descriptor); */
static inline bool pte_is_valid(uint64_t descriptor);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_table(descriptor, level); */
static inline bool pte_is_table(uint64_t descriptor, uint32_t level);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_leaf(descriptor, level); */
static inline bool pte_is_leaf(uint64_t descriptor, uint32_t level);

/*@ assigns \nothing; exits \false;
    ensures \result <==> descriptor / 128 % 2 == 1; */
static inline bool pte_may_write(uint64_t descriptor);

/*@ assigns \nothing; exits \false;
    ensures \result <==> descriptor / PTE_XN % 2 == 0; */
static inline bool pte_may_execute(uint64_t descriptor);

#endif
