/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest embedder: a port that does what one CPU without page tables
 * needs, an engine over four regions of a static array, and one call.
 */
#include <stdlib.h>
#include <string.h>

#include "moat/moat.h"
#include "moat/port.h"

enum { RAM_SIZE = 8 << 20, MEMORY_SIZE = 8 << 20 };

static _Alignas(65536) unsigned char ram[RAM_SIZE];
static _Alignas(65536) unsigned char memory[MEMORY_SIZE];

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
	(void)reason;
	abort();
}

/* 0 if the engine answers with the version it was compiled against. */
int main(void)
{
	struct moat_config config = {
		.cpu_count = 1,
		.vm_count = 1,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.ram = {{0x40000000, RAM_SIZE}},
		.ram_window = ram,
		.memory_pa = {0x80000000},
	};
	struct moat_regs regs = moat_version();

	if (moat_size(&config) == 0 || moat_size(&config) > sizeof(memory)) {
		return 1;
	}
	moat_host_call(moat_init(&config, memory), 0, &regs);
	return regs.x[0] != MOAT_OK || regs.x[1] != MOAT_ABI_VERSION;
}
