/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is trusted of the port: these contracts are assumed, not proved. They
 * stand in the place of core/store.h, whose functions hand engine state to the
 * port, and of what the core calls in moat/port.h.
 */
#ifndef MOAT_PROOF_TRUSTED_H
#define MOAT_PROOF_TRUSTED_H
#define MOAT_CORE_STORE_H

#include "contracts/lock.h"
#include "theory_tables.h"
#include "moat/port.h"

/*@ requires table < PAGE_COUNT(m) && slot < ENTRY_COUNT;
    assigns TABLE(m, table).entry[slot]; exits \false;
    ensures TABLE(m, table).entry[slot] == descriptor;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != table || i != slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
void store_descriptor(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor);

/*@ requires table < PROOF_HOST_TABLES && slot < ENTRY_COUNT;
    assigns HOST_TABLE(m, table).entry[slot]; exits \false;
    ensures HOST_TABLE(m, table).entry[slot] == descriptor;
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      (t != table || i != slot) ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
void store_host_descriptor(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor);

/* See page_fill, which is proved. */
/*@ requires run.first + run.count <= PAGE_COUNT(m);
    assigns PAGE(m, run.first .. run.first + run.count - 1); exits \false;
    ensures written: \forall integer p;
      run.first <= p < run.first + run.count ==>
        PAGE(m, p).state == record.state &&
        PAGE(m, p).mapping == record.mapping &&
        PAGE(m, p).slot == record.slot && PAGE(m, p).parent == record.parent;
    ensures only: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(run.first <= p < run.first + run.count) ==> page_same{Pre,Post}(p); */
void store_records(struct moat *m, struct page_run run, struct page record);

/*@ requires run.first + run.count <= PAGE_COUNT(m);
    assigns TABLE(m, run.first .. run.first + run.count - 1),
      CONTEXT(m, run.first .. run.first + run.count - 1); exits \false;
    ensures zero: \forall integer t, i;
      run.first <= t < run.first + run.count && 0 <= i < ENTRY_COUNT ==>
        TABLE(m, t).entry[i] == 0;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      !(run.first <= t < run.first + run.count) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
void store_scrub(struct moat *m, struct page_run run);

/*@ requires run.first + run.count <= PAGE_COUNT(m);
    assigns \nothing; exits \false; */
void store_clean(struct moat *m, struct page_run run);

/*@ assigns \nothing; exits \false; */
void moat_port_publish(void);

/*@ requires \valid_read(what);
    assigns \nothing; exits \false; */
void moat_port_invalidate(const struct moat_invalidation *what);

/*@ requires page < PAGE_COUNT(m);
    assigns CONTEXT(m, page); exits \false;
    ensures CONTEXT(m, page).pc == pc && CONTEXT(m, page).x[0] == argument;
    ensures \forall integer r; 1 <= r < 31 ==> CONTEXT(m, page).x[r] == 0; */
void store_context_reset(struct moat *m, uint32_t page, uint32_t vcpu,
	uint64_t pc, uint64_t argument);

/*@ requires page < PAGE_COUNT(m);
    assigns \nothing; exits \false; */
struct moat_context *store_context(struct moat *m, uint32_t page);

/*@ requires vm < VM_COUNT(m) && \valid_read(word + (0 .. count - 1));
    assigns VM(m, vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
    exits \false; */
void store_measure(
	struct moat *m, uint32_t vm, const uint64_t *word, uint32_t count);

/*@ requires vm < VM_COUNT(m) && \valid_read(word + (0 .. count - 1));
    requires page < PAGE_COUNT(m);
    assigns VM(m, vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
    exits \false; */
void store_measure_page(struct moat *m, uint32_t vm, const uint64_t *word,
	uint32_t count, uint32_t page);

/* The one unsigned addition that may wrap, and is meant to. */
/*@ requires page < PAGE_COUNT(m);
    assigns CONTEXT(m, page).pc; exits \false;
    ensures CONTEXT(m, page).pc ==
      (\old(CONTEXT(m, page).pc) + 4) % 0x10000000000000000; */
void store_context_step(struct moat *m, uint32_t page);

/*@ requires page < PAGE_COUNT(m);
    assigns CONTEXT(m, page); exits \false; */
void store_context_abort(struct moat *m, uint32_t page, struct moat_ipa ipa,
	enum moat_access access);

#endif
