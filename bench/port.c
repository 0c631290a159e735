/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port for measuring: no barrier, no invalidation, and zeroing only for the
 * rows that say so. What zeroing costs is a floor row of its own.
 */
#include "port.h"

#include "base.h"
#include "moat/port.h"

struct port_counts port_counts;

static bool is_zeroing;

void port_zeroing(bool is_on)
{
	is_zeroing = is_on;
}

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
	port_counts.invalidations++;
}

/*
 * Not to zero is harmless here: RAM starts zeroed, a page that was a table is
 * handed back with every entry cleared (of a fold the row clears it), and no
 * data or context page ever becomes a table.
 */
void moat_port_scrub(void *page, size_t size)
{
	if (is_zeroing) {
		base_zero(page, size);
	}
}

void moat_port_clean(void *page, size_t size)
{
	(void)page;
	(void)size;
}

/* Zeroing, again, is not the engine's. */
void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	(void)vcpu;
	context->pc = pc;
	context->x[0] = argument;
	context->deadline = UINT64_MAX;
}

/* Hashing is the same for everyone, as zeroing is. */
void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	(void)measurement;
	(void)word;
	(void)word_count;
	(void)data;
	(void)size;
}

void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	(void)context;
	(void)ipa;
	(void)access;
}
void moat_port_wait(void)
{
}

void moat_port_wake(void)
{
}

struct moat_event *moat_port_event_begin(void)
{
	return NULL;
}

void moat_port_event_end(struct moat_event *event)
{
	(void)event;
}

void moat_port_panic(const char *reason)
{
	base_fail(reason, 0);
}
