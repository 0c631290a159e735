/* SPDX-License-Identifier: BSD-2-Clause */
#include "small.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moat/port.h"
#include "fips180.h"
#include "small_agent.h"

enum { MEMORY_SIZE = 2 << 20, MODE_MASK = 0x1f, VBAR_AT = 0 };

static _Alignas(65536) unsigned char ram[SMALL_RAM_SIZE];
static _Alignas(65536) unsigned char memory[MEMORY_SIZE];

enum small_fault small_fault;
struct moat_event small_event;
uint64_t small_event_count;
bool small_has_waited;
uint64_t small_regime = 0x1234;
static bool is_awake;

/* ---- Memory ------------------------------------------------------------- */

unsigned char *small_ram(uint64_t pa)
{
	if (pa - SMALL_RAM_BASE < SMALL_RAM_SIZE) {
		return ram + (pa - SMALL_RAM_BASE);
	}
	if (pa - SMALL_MEMORY_BASE < MEMORY_SIZE) {
		return memory + (pa - SMALL_MEMORY_BASE);
	}
	return NULL;
}

struct moat *small_engine(uint32_t cpu_count, uint32_t vm_count)
{
	struct moat_config config = {.cpu_count = cpu_count,
		.vm_count = vm_count,
		.ipa_bits = MOAT_IPA_BITS_MAX,
		.host_ipa_bits = 33,
		.ram_count = 1,
		.list_register_count = 4,
		.ram = {{SMALL_RAM_BASE, SMALL_RAM_SIZE}},
		.ram_window = ram,
		.memory_pa = {SMALL_MEMORY_BASE}};

	if (moat_size(&config) == 0 || moat_size(&config) > MEMORY_SIZE) {
		moat_port_panic("the engine does not fit");
	}
	small_forget();
	small_event_count = 0;
	return moat_init(&config, memory);
}

/* The descriptor that a late port has not stored yet. */
static uint64_t *late_entry;
static uint64_t late_descriptor;

static void store_late(uint64_t *entry, uint64_t descriptor)
{
	if (late_entry) {
		*late_entry = late_descriptor;
	}
	late_entry = entry;
	late_descriptor = descriptor;
}

void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	bool is_last = (uintptr_t)entry % MOAT_PAGE_SIZE ==
		       MOAT_PAGE_SIZE - sizeof(*entry);

	if (small_fault == SMALL_PUBLISH_LATE) {
		store_late(entry, descriptor);
	} else if (small_fault != SMALL_DESCRIPTOR_LAST || !is_last) {
		*entry = small_fault == SMALL_DESCRIPTOR_CUT
				 ? (uint32_t)descriptor
				 : descriptor;
	}
}

void moat_port_publish(void)
{
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	if (small_fault == SMALL_LOSES_REGIME) {
		small_regime = what->stage2.root.value +
			       ((uint64_t)what->stage2.vmid << 48);
	}
	small_agent_invalidate(what);
}

void moat_port_scrub(void *page, size_t size)
{
	if (small_fault == SMALL_SCRUB_SHORT) {
		size -= 8;
	} else if (small_fault == SMALL_SCRUB_ONE_PAGE) {
		size = MOAT_PAGE_SIZE;
	} else if (small_fault == SMALL_SCRUB_BEYOND) {
		size += 1;
	}
	memset(page, 0, size);
}

void moat_port_clean(void *page, size_t size)
{
	if (small_fault == SMALL_CLEAN_ZEROES) {
		memset(page, 0, size);
	}
}

/* ---- Contexts ----------------------------------------------------------- */

void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	(void)vcpu;
	if (small_fault != SMALL_RESET_KEEPS) {
		memset(context, 0, sizeof(*context));
	}
	memset(context->x, 0, sizeof(context->x));
	context->pc = pc;
	context->x[0] = small_fault == SMALL_RESET_NO_ARGUMENT ? 0 : argument;
	context->pstate = small_fault == SMALL_RESET_UNMASKED ? 5 : 0x3c5;
}

/* Arm ARM, D1.3.1.5: the vector for a synchronous exception from @pstate. */
static uint64_t vector_of(uint64_t pstate)
{
	uint64_t mode = pstate & MODE_MASK;

	if (mode == 5 || small_fault == SMALL_ABORT_ONE_VECTOR) {
		return 0x200;
	}
	return mode == 4 ? 0x000 : 0x400;
}

void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	(void)ipa;
	(void)access;
	if (small_fault != SMALL_ABORT_STAYS) {
		context->pc =
			context->arch[VBAR_AT] + vector_of(context->pstate);
		context->pstate = 0x3c5;
	}
}

/* ---- Measurement -------------------------------------------------------- */

static void add_word(struct sha256 *hash, uint64_t word)
{
	if (small_fault == SMALL_MEASURE_LITTLE_ENDIAN) {
		sha256_add(hash, &word, sizeof(word));
	} else {
		sha256_add_word(hash, word);
	}
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	struct sha256 hash;

	sha256_start(&hash);
	for (int i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		add_word(&hash, measurement[i]);
	}
	for (size_t i = 0; i < word_count; i++) {
		add_word(&hash, word[i]);
	}
	if (small_fault != SMALL_MEASURE_NO_DATA) {
		sha256_add(&hash, data, size);
	}
	sha256_finish(&hash);
	if (small_fault == SMALL_MEASURE_ZEROES && size > 0) {
		memset((void *)(uintptr_t)data, 0, size);
	}
	for (int i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		measurement[i] = (uint64_t)hash.state[2 * i] << 32 |
				 hash.state[2 * i + 1];
	}
}

/* ---- The rest ----------------------------------------------------------- */

/* One thread: whoever holds a lock will never release it. */
void moat_port_wait(void)
{
	small_has_waited = small_has_waited || !is_awake;
	is_awake = false;
}

void moat_port_wake(void)
{
	is_awake = small_fault != SMALL_WAKE_LOST;
}

struct moat_event *moat_port_event_begin(void)
{
	const struct moat_event none = {0};

	if (small_fault != SMALL_EVENT_KEEPS) {
		small_event = none;
	}
	return &small_event;
}

void moat_port_event_end(struct moat_event *event)
{
	(void)event;
	small_event_count++;
}

void moat_port_panic(const char *reason)
{
	fflush(NULL);
	fprintf(stderr, "panic: %s\n", reason);
	abort();
}
