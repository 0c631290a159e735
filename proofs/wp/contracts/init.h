/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_INIT_H
#define MOAT_PROOF_INIT_H

#include "host_map_init.h"
#include "lock.h"
#include "owner.h"
#include "range.h"
#include "s2.h"
#include "core/state.h"

/*@
  // Pages of the first @i ranges of RAM.
  logic integer pages_before{L}(struct moat_range *ram, integer i) =
    i <= 0 ? 0 : pages_before(ram, i - 1) + ram[i - 1].size / MOAT_PAGE_SIZE;

  predicate ranges_good{L}(struct moat_range *range, integer count,
      integer unit, integer limit) =
    (\forall integer i; 0 <= i < count ==> is_good(range + i, unit, limit)) &&
    (\forall integer i; 0 <= i && i + 1 < count ==>
      range[i].base + range[i].size < range[i + 1].base);

  predicate counts_ok{L}(struct moat_config *c) =
    1 <= c->cpu_count <= MOAT_CPU_MAX && 1 <= c->vm_count <= MOAT_VM_MAX &&
    1 <= c->ram_count <= MOAT_RANGE_MAX &&
    c->withheld_count <= MOAT_RANGE_MAX &&
    c->list_register_count <= MOAT_LIST_REGISTER_MAX;

  predicate widths_ok{L}(struct moat_config *c) =
    MOAT_IPA_BITS_MIN <= c->ipa_bits <= MOAT_IPA_BITS_MAX &&
    MOAT_IPA_BITS_MIN <= c->host_ipa_bits <= MOAT_HOST_IPA_BITS_MAX;

  predicate lists_ok{L}(struct moat_config *c) =
    lists_good(c) &&
    ranges_good(&c->ram[0], c->ram_count, REGION_BYTES,
      power_of_two(c->host_ipa_bits)) &&
    ranges_good(&c->withheld[0], c->withheld_count, MOAT_PAGE_SIZE,
      power_of_two(c->host_ipa_bits)) &&
    \forall integer i; 0 <= i <= c->ram_count ==>
      pages_before(&c->ram[0], i) < NONE;

  // What the manual demands of a configuration.
  predicate configured{L}(struct moat_config *c) =
    counts_ok(c) && widths_ok(c) && lists_ok(c) &&
    c->memory_pa.value % (MOAT_ROOT_PAGES_MAX * MOAT_PAGE_SIZE) == 0;
*/

/*@ requires \valid_read(c);
    assigns \nothing; exits \false;
    ensures \result <==> counts_ok(c); */
static bool counts_are_good(const struct moat_config *c);

/*@ requires \valid_read(c);
    assigns \nothing; exits \false;
    ensures \result <==> widths_ok(c); */
static bool widths_are_good(const struct moat_config *c);

/*@ requires \valid_read(config) && config->ram_count <= MOAT_RANGE_MAX;
    requires whole: \forall integer i; 0 <= i < config->ram_count ==>
      config->ram[i].size <= 0x1000000000000 &&
      config->ram[i].size % REGION_BYTES == 0;
    assigns \nothing; exits \false;
    ensures \result <= MOAT_RANGE_MAX * (0x1000000000000 / MOAT_PAGE_SIZE);
    ensures sum: \result == pages_before(&config->ram[0], config->ram_count);
    ensures parts: \forall integer i; 0 <= i <= config->ram_count ==>
      pages_before(&config->ram[0], i) <= \result; */
static uint64_t config_page_count(const struct moat_config *config);

/*@ requires \valid_read(c) && counts_ok(c) && widths_ok(c);
    assigns \nothing; exits \false;
    ensures \result ==> lists_ok(c); */
static bool ranges_are_good(const struct moat_config *c);

/*@ requires \valid_read(c);
    assigns \nothing; exits \false;
    ensures \result ==> configured(c); */
static bool config_is_good(const struct moat_config *c);

/*@ requires \valid(end) && *end + size + 63 <= 0xffffffffffffffff;
    assigns *end; exits \false;
    ensures \result == \old(*end);
    ensures room: \old(*end) + size <= *end < \old(*end) + size + 64; */
static uint64_t reserve(uint64_t *end, uint64_t size);

/*@ requires \valid_read(config);
    assigns \nothing; exits \false;
    ensures \result != 0 ==> configured(config); */
size_t moat_size(const struct moat_config *config);

/* ---- Start ------------------------------------------------------------- */

/* Of the engine that is being made: no array of it is used yet. */
/*@ requires \valid(m) && configured(&m->config);
    assigns m->range_page[0 .. MOAT_RANGE_MAX - 1]; exits \false;
    ensures m->range_page[0] == 0;
    ensures \forall integer i; 0 <= i < m->config.ram_count ==>
      m->range_page[i] == pages_before(&m->config.ram[0], i); */
static void start_ranges(struct moat *m);

/*@
  // A page is the host's, or withheld from it [PAGE-1].
  predicate started{L}(integer p) =
    (PAGE(m, p).state == MOAT_PAGE_HOST ||
      PAGE(m, p).state == MOAT_PAGE_ENGINE) &&
    PAGE(m, p).mapping == 0 && PAGE(m, p).slot == 0 && PAGE(m, p).parent == 0;

  // An EMPTY slot is all zero [VM-1].
  predicate vm_empty{L}(integer v) =
    VM(m, v).life == MOAT_VM_EMPTY && VM(m, v).half == 0 &&
    VM(m, v).root == 0 && VM(m, v).root_count == 0 &&
    VM(m, v).ipa_bits == 0 && VM(m, v).vcpu_count == 0 &&
    \forall integer i; 0 <= i < MOAT_VCPU_MAX ==>
      VCPU(m, v, i).state == MOAT_VCPU_ABSENT && VCPU(m, v, i).page == 0 &&
      VCPU(m, v, i).cpu == 0 && VCPU(m, v, i).pending == 0;
*/

/*@ requires sizes_ok;
    assigns VM(m, 0 .. MOAT_VM_MAX - 1), CPU(m, 0 .. MOAT_CPU_MAX - 1),
      VM_LOCK(m, 0 .. MOAT_VM_MAX - 1),
      REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures vms: \forall integer v; 0 <= v < VM_COUNT(m) ==> vm_empty(v);
    ensures cpus: \forall integer c; 0 <= c < CPU_COUNT(m) ==>
      CPU(m, c).vm == NONE;
    ensures locks: \forall integer v; 0 <= v < VM_COUNT(m) ==>
      VM_LOCK(m, v).owner == LOCK_NOBODY;
    ensures \forall integer l; 0 <= l < REGION_LOCK_COUNT ==>
      REGION_LOCK(m, l).owner == LOCK_NOBODY; */
static void start_objects(struct moat *m);

/*@ requires m == &MOAT(m) && config_ok && lists_good(&MOAT(m).config);
    requires page < PAGE_COUNT(m);
    requires pa < 0x1000000000000 + REGION_BYTES;
    requires REGION(m, page / ENTRY_COUNT).closed < ENTRY_COUNT;
    assigns PAGE(m, page), REGION(m, page / ENTRY_COUNT).closed; exits \false;
    ensures started(page);
    ensures hidden: PAGE(m, page).state == MOAT_PAGE_ENGINE <==>
      all_withheld(&MOAT(m).config, pa, MOAT_PAGE_SIZE);
    ensures counted: REGION(m, page / ENTRY_COUNT).closed ==
      \old(REGION(m, page / ENTRY_COUNT).closed) +
        (PAGE(m, page).state == MOAT_PAGE_ENGINE ? 1 : 0);
    ensures only: \forall integer q; 0 <= q < PAGE_COUNT(m) && q != page ==>
      page_same{Pre,Post}(q); */
static void start_page(struct moat *m, uint32_t page, uint64_t pa);

/*@ requires m == &MOAT(m) && config_ok && lists_good(&MOAT(m).config);
    requires region * ENTRY_COUNT + ENTRY_COUNT <= PAGE_COUNT(m);
    assigns REGION(m, region), PAGE(m, region * ENTRY_COUNT ..
      region * ENTRY_COUNT + ENTRY_COUNT - 1); exits \false;
    ensures \forall integer p;
      region * ENTRY_COUNT <= p < region * ENTRY_COUNT + ENTRY_COUNT ==>
        started(p);
    ensures counted: REGION(m, region).closed <= ENTRY_COUNT;
    ensures only: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(region * ENTRY_COUNT <= p < region * ENTRY_COUNT + ENTRY_COUNT) ==>
        page_same{Pre,Post}(p); */
static void start_region(struct moat *m, uint32_t region);

#endif
