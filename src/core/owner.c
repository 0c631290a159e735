/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two directions, each in the one order that is safe. Away from the host:
 * entries, invalidation, contents, record. Back to it: invalidation (by the
 * caller), contents, record, entries. The contents change only while nobody but
 * the engine can reach the page.
 */
#include "core/owner.h"

#include "core/host_map.h"
#include "moat/port.h"

void owner_take(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	host_map_close(m, locked, run);
	moat_port_scrub(
		&TABLE(m, run.first), (size_t)run.count * MOAT_PAGE_SIZE);
}

void owner_take_contents(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	host_map_close(m, locked, run);
	moat_port_clean(
		&TABLE(m, run.first), (size_t)run.count * MOAT_PAGE_SIZE);
}

static void make_host(struct moat *m, struct page_run run)
{
	const struct page host = {.state = MOAT_PAGE_HOST};

	for (uint32_t i = 0; i < run.count; i++) {
		page_set(m, run.first + i, host);
	}
}

void owner_return(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	moat_port_scrub(
		&TABLE(m, run.first), (size_t)run.count * MOAT_PAGE_SIZE);
	make_host(m, run);
	host_map_open(m, locked, run);
}
