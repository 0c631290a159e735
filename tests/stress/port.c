/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of port.h, for the machine of threads; wait.c has the rest. */
#include "moat/port.h"

#include <string.h>

#include "stress/machine.h"

/* A table walk loads it with acquire: what was written before is seen. */
void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	const struct machine_work work = {WORK_DESCRIPTOR, entry};

	machine_pause(work);
	__atomic_store_n(entry, descriptor, __ATOMIC_RELEASE);
}

/* Each store of a descriptor is a release already. */
void moat_port_publish(void)
{
}

static bool is_meant(const struct moat_invalidation *what,
	const struct translation *translation)
{
	return translation->vmid == what->stage2.vmid &&
	       (what->page_count == 0 ||
		       translation->ipa - what->ipa.value <
			       what->page_count * MOAT_PAGE_SIZE);
}

static void forget(
	struct machine_cpu *cpu, const struct moat_invalidation *what)
{
	pthread_mutex_lock(&cpu->tlb_lock);
	for (uint32_t i = 0; i < TLB_ENTRIES; i++) {
		if (is_meant(what, &cpu->tlb[i])) {
			cpu->tlb[i].is_used = false;
		}
	}
	pthread_mutex_unlock(&cpu->tlb_lock);
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	const struct machine_work work = {WORK_INVALIDATE, NULL};

	machine_pause(work);
	for (uint32_t i = 0; i < machine.config.cpu_count; i++) {
		forget(&machine.cpu[i], what);
	}
}

/* Atomic, word by word: of a page that its VM shared, the host may be using it
 * meanwhile, as it has all along. */
void moat_port_scrub(void *page, size_t size)
{
	const struct machine_work work = {WORK_SCRUB, page};
	uint64_t *word = page;

	machine_pause(work);
	for (size_t i = 0; i < size / sizeof(*word); i++) {
		__atomic_store_n(&word[i], 0, __ATOMIC_RELAXED);
	}
}

/* No caches between an agent and memory. */
void moat_port_clean(void *page, size_t size)
{
	(void)page;
	(void)size;
}

void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	memset(context, 0, sizeof(*context));
	context->pc = pc;
	context->x[0] = argument;
	context->arch[0] = vcpu;
}

/* FNV-1a over words: the model takes a measurement from the trace, so that it
 * need only depend on what it should. */
static void mix(uint64_t *measurement, uint64_t word)
{
	*measurement = (*measurement ^ word) * UINT64_C(0x100000001b3);
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	const uint64_t *page = data;

	for (size_t i = 0; i < word_count; i++) {
		mix(&measurement[i % MOAT_MEASUREMENT_WORDS], word[i]);
	}
	for (size_t i = 0; i < size / sizeof(*page); i++) {
		mix(&measurement[i % MOAT_MEASUREMENT_WORDS], page[i]);
	}
}

void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	context->arch[1] = ipa.value;
	context->arch[2] = access;
}

uint32_t machine_log_count(void)
{
	uint32_t count;

	if (!machine.is_traced) {
		return 0;
	}
	pthread_mutex_lock(&machine.log_lock);
	count = machine.log_count;
	pthread_mutex_unlock(&machine.log_lock);
	return count;
}

struct moat_event *moat_port_event_begin(void)
{
	if (!machine.is_traced) {
		return NULL;
	}
	pthread_mutex_lock(&machine.log_lock);
	if (machine.log_count == LOG_MAX) {
		moat_port_panic("stress: the log is full");
	}
	return &machine.log[machine.log_count];
}

void moat_port_event_end(struct moat_event *event)
{
	(void)event;
	machine.log_count++;
	pthread_mutex_unlock(&machine.log_lock);
}
