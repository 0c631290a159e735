/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port for measuring: no barrier, no invalidation, no zeroing. What zeroing
 * costs is a floor row of its own, and is the same for everyone.
 */
#include "moat/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	*(volatile uint64_t *)entry = descriptor;
}

void moat_port_publish(void)
{
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	(void)what;
}

/*
 * Harmless here: RAM starts zeroed, a page that was a table is handed back with
 * every entry cleared, and no data or context page ever becomes a table.
 */
void moat_port_scrub(void *page, size_t size)
{
	(void)page;
	(void)size;
}

void moat_port_clean(void *page, size_t size)
{
	(void)page;
	(void)size;
}

void moat_port_context_reset(
	struct moat_context *context, uint64_t pc, uint64_t argument)
{
	context->pc = pc;
	context->x[0] = argument;
}

void moat_port_wait(void)
{
}

void moat_port_wake(void)
{
}

void moat_port_event(const struct moat_event *event)
{
	(void)event;
}

void moat_port_panic(const char *reason)
{
	fprintf(stderr, "moat-bench: panic: %s\n", reason);
	exit(1);
}
