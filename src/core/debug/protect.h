/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who protects what. Each function returns its index, having checked that the
 * step which runs here holds the protector; host tables are looser, since a
 * level-2 table holds the entries of many regions: one region's lock will do.
 */
#ifndef MOAT_CORE_DEBUG_PROTECT_H
#define MOAT_CORE_DEBUG_PROTECT_H

#include <stdint.h>

struct moat;

/* The region's lock; of a page that a VM owns, the VM's will do, too. */
uint64_t protect_page(const struct moat *m, uint64_t page);

/* The region's lock, and that of a VM: the owner's, if the page has one. */
uint64_t protect_page_to_set(const struct moat *m, uint64_t page);

/* A table, or what was one until the page below was freed: any lock at all. */
uint64_t protect_page_above(const struct moat *m, uint64_t page);

uint64_t protect_host_table(const struct moat *m, uint64_t table);
uint64_t protect_region(const struct moat *m, uint64_t region);
uint64_t protect_vm(uint64_t vm);

/* Nobody but the CPU itself. */
uint64_t protect_cpu(uint64_t cpu);

#endif
