/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of port.h for a program: one thread, so nothing to wait for;
 * no CPU translates, so nothing to invalidate; no caches, so nothing to clean.
 * A port for a real machine is in examples/port-template.
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "moat/port.h"
#include "fips180.h"

enum { RAM_SIZE = 8 << 20, MEMORY_SIZE = 2 << 20 };

static _Alignas(65536) unsigned char ram[RAM_SIZE];
static _Alignas(65536) unsigned char memory[MEMORY_SIZE];

struct moat *machine_start(void)
{
	const struct moat_config config = {
		.cpu_count = 1,
		.vm_count = 2,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.ram = {{RAM_BASE, RAM_SIZE}},
		.ram_window = ram,
		.memory_pa = {0x80000000},
	};

	if (moat_size(&config) == 0 || moat_size(&config) > sizeof(memory)) {
		moat_port_panic("the engine does not fit");
	}
	return moat_init(&config, memory);
}

void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	*entry = descriptor;
}

void moat_port_publish(void)
{
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	(void)what;
}

void moat_port_scrub(void *page, size_t size)
{
	memset(page, 0, size);
}

void moat_port_clean(void *page, size_t size)
{
	(void)page;
	(void)size;
}

void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	(void)vcpu;
	memset(context, 0, sizeof(*context));
	context->pc = pc;
	context->x[0] = argument;
	context->pstate = 0x3c5; /* EL1 with SP_EL1, D, A, I and F masked */
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	struct sha256 hash;

	sha256_start(&hash);
	for (int i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		sha256_add_word(&hash, measurement[i]);
	}
	for (size_t i = 0; i < word_count; i++) {
		sha256_add_word(&hash, word[i]);
	}
	sha256_add(&hash, data, size);
	sha256_finish(&hash);
	for (int i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		measurement[i] = (uint64_t)hash.state[2 * i] << 32 |
				 hash.state[2 * i + 1];
	}
}

/* There is no vCPU that could take it: this machine runs no instructions. */
void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	(void)ipa;
	(void)access;
	context->pc = 0x200;
	context->pstate = 0x3c5;
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
	(void)reason;
	abort();
}
