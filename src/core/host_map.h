/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's identity map, derived from the page records [PAGE-3].
 *
 * A region has one of three shapes, given by its records alone: all pages
 * open, one block; none open, no entry; otherwise a level-3 table, reserved at
 * init, so that a split can never run out of memory.
 */
#ifndef MOAT_CORE_HOST_MAP_H
#define MOAT_CORE_HOST_MAP_H

#include "core/s2.h"

/* Build the map from the records and the configuration. Not yet live. */
void host_map_init(struct moat *m);

/* How many host tables the configuration needs. */
uint32_t host_map_table_count(const struct moat_config *config);

/*
 * Take the open pages of @run away from the host, on every CPU, before it
 * returns. The records still say open. @locked covers the run's regions.
 */
CORE void host_map_close(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*
 * Give the closed pages of @run to the host. The records already say open.
 */
CORE void host_map_open(
	struct moat *m, struct regions_locked locked, struct page_run run);

/* Write a region's descriptor as its records want it. For init. */
void host_map_shape(struct moat *m, uint32_t region);

/* The one writer of host descriptors, and where a host table is. */
CORE void host_map_set(
	struct moat *m, uint32_t table, uint32_t slot, uint64_t descriptor);
uint64_t host_map_table_pa(const struct moat *m, uint32_t table);

/* The host's root: its start level, its concatenated tables. */
struct s2_root host_map_root(const struct moat_config *config);

/* The host's descriptor for region @region, and its level-3 table. */
uint64_t host_map_entry(const struct moat *m, uint32_t region);
uint32_t host_map_leaf(const struct moat *m, uint32_t region);

#endif
