/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_PAGE_H
#define MOAT_PROOF_PAGE_H

#include "theory.h"

/*@ requires config_ok && i < MOAT(m).config.ram_count;
    assigns \nothing; exits \false;
    ensures \result <==> has_address(i, pa); */
static bool range_has(const struct moat *m, uint32_t i, uint64_t pa);

/*@ requires config_ok;
    assigns \nothing; exits \false;
    ensures \result <= MOAT(m).config.ram_count;
    ensures \result < MOAT(m).config.ram_count ==> has_address(\result, pa);
    ensures \result == MOAT(m).config.ram_count ==>
      \forall integer i; 0 <= i < MOAT(m).config.ram_count ==>
        !has_address(i, pa); */
static uint32_t range_of(const struct moat *m, uint64_t pa);

/*@ requires config_ok;
    requires i < MOAT(m).config.ram_count && has_address(i, pa);
    assigns \nothing; exits \false;
    ensures has_page(i, \result) && \result < PAGE_COUNT(m);
    ensures is_in_page(\result, pa); */
static uint32_t page_in_range(const struct moat *m, uint32_t i, uint64_t pa);

/*@ requires config_ok;
    requires i < MOAT(m).config.ram_count && has_address(i, pa);
    assigns \nothing; exits \false;
    ensures 1 <= \result;
    ensures \forall integer p; is_in_page(p, pa) && has_page(i, p) ==>
      p + \result == MOAT(m).range_page[i] +
        MOAT(m).config.ram[i].size / MOAT_PAGE_SIZE; */
static uint64_t pages_left(const struct moat *m, uint32_t i, uint64_t pa);

/*@ requires config_ok;
    assigns \nothing; exits \false;
    ensures \result == NONE || \result < PAGE_COUNT(m);
    ensures \result != NONE ==> is_in_page(\result, pa);
    ensures \result == NONE ==> \forall integer p;
      0 <= p < PAGE_COUNT(m) ==> !is_in_page(p, pa); */
static uint32_t page_search(const struct moat *m, uint64_t pa);

/*@ requires config_ok && has_address(0, pa);
    assigns \nothing; exits \false;
    ensures has_page(0, \result) && \result < PAGE_COUNT(m);
    ensures is_in_page(\result, pa); */
static uint32_t page_in_first(const struct moat *m, uint64_t pa);

/*@ requires config_ok;
    assigns \nothing; exits \false;
    ensures \result == NONE || \result < PAGE_COUNT(m);
    ensures \result != NONE ==> is_in_page(\result, pa);
    ensures \result == NONE ==> \forall integer p;
      0 <= p < PAGE_COUNT(m) ==> !is_in_page(p, pa); */
uint32_t page_find(const struct moat *m, uint64_t pa);

/*@ requires config_ok && limit > 0;
    requires \exists integer p; 0 <= p < PAGE_COUNT(m) && is_in_page(p, pa);
    assigns \nothing; exits \false;
    ensures 1 <= \result <= limit;
    ensures \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      is_in_page(p, pa) ==> p + \result <= PAGE_COUNT(m);
    ensures whole: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      is_in_page(p, pa) && limit <= pages_on(p) ==> \result == limit;
    ensures within: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      is_in_page(p, pa) ==> \result <= pages_on(p); */
static uint32_t pages_up_to(const struct moat *m, uint64_t pa, uint32_t limit);

/*@ requires config_ok;
    assigns \nothing; exits \false;
    ensures \result.first == NONE ==> \result.count == 0;
    ensures \result.first != NONE ==>
      \result.first + \result.count <= PAGE_COUNT(m) &&
      \result.count <= limit && (limit > 0 ==> \result.count > 0) &&
      is_in_page(\result.first, pa);
    ensures whole: \result.first != NONE &&
      limit <= pages_on(\result.first) ==> \result.count == limit;
    ensures within: \result.first != NONE ==>
      \result.count <= pages_on(\result.first); */
struct page_run page_run_at(const struct moat *m, uint64_t pa, uint32_t limit);

/*@ requires config_ok && page < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == pa_of(page); */
static uint64_t page_pa_search(const struct moat *m, uint32_t page);

/*@ requires config_ok && page < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == pa_of(page); */
uint64_t page_pa(const struct moat *m, uint32_t page);

/*@ requires sizes_ok && page < PAGE_COUNT(m);
    assigns PAGE(m, page); exits \false;
    ensures PAGE(m, page).state == record.state &&
      PAGE(m, page).mapping == record.mapping &&
      PAGE(m, page).slot == record.slot &&
      PAGE(m, page).parent == record.parent;
    ensures only: \forall integer q; 0 <= q < PAGE_COUNT(m) && q != page ==>
      page_same{Pre,Post}(q); */
void page_set(struct moat *m, uint64_t page, struct page record);

/*@ requires \valid(first + (0 .. count - 1));
    assigns first[0 .. count - 1]; exits \false;
    ensures written: \forall integer i; 0 <= i < count ==>
      first[i] == record; */
void page_fill(struct page *first, uint32_t count, struct page record);

/*@ requires sizes_ok && first + PAGE_STEP <= PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> \forall integer p;
      first <= p < first + PAGE_STEP ==> PAGE(m, p).state == MOAT_PAGE_HOST; */
static bool step_is_host(const struct moat *m, uint64_t first);

/*@ requires sizes_ok && run.first + run.count <= PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <= run.count;
    ensures \forall integer p; run.first <= p < run.first + \result ==>
      PAGE(m, p).state == MOAT_PAGE_HOST;
    ensures \result < run.count ==>
      PAGE(m, run.first + \result).state != MOAT_PAGE_HOST; */
uint32_t page_count_host(const struct moat *m, struct page_run run);

#endif
