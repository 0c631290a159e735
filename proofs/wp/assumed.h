/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What callers are told of functions that are proved with a stronger host_ok,
 * that of theory_regions.h: contracts/host_map.h.
 */
#ifndef MOAT_PROOF_ASSUMED_H
#define MOAT_PROOF_ASSUMED_H

#include "core/host_map.h"
#include "contracts/s2.h"
#include "theory_host.h"

/*@ requires config_ok && host_ok;
    requires 1 <= run.count <= ENTRY_COUNT;
    requires run.first + run.count <= PAGE_COUNT(m);
    requires open: \forall integer p;
      run.first <= p < run.first + run.count ==> reaches(p);
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1); exits \false;
    ensures host_ok;
    ensures \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      (reaches(p) <==> \old(reaches(p)) &&
        !(run.first <= p < run.first + run.count)); */
void host_map_close(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*@ requires config_ok && host_ok;
    requires 1 <= run.count <= ENTRY_COUNT;
    requires run.first + run.count <= PAGE_COUNT(m);
    requires closed: \forall integer p;
      run.first <= p < run.first + run.count ==> !reaches(p);
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      (is_open(PAGE(m, p).state) <==>
        reaches(p) || run.first <= p < run.first + run.count);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1); exits \false;
    ensures host_ok;
    ensures \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p); */
void host_map_open(
	struct moat *m, struct regions_locked locked, struct page_run run);

#endif
