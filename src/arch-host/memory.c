/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the bytes of a machine are, and which of them were written. */
#include "arch-host/machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uint32_t host_machine_page(const struct host_machine *machine, uint64_t pa)
{
	uint64_t first = 0;

	for (uint32_t i = 0; i < machine->config.ram_count; i++) {
		const struct moat_range *range = &machine->config.ram[i];

		if (pa - range->base < range->size) {
			return (uint32_t)(first +
					  (pa - range->base) / MOAT_PAGE_SIZE);
		}
		first += range->size / MOAT_PAGE_SIZE;
	}
	return UINT32_MAX;
}

uint64_t host_machine_pa(const struct host_machine *machine, uint32_t page)
{
	uint64_t offset = (uint64_t)page * MOAT_PAGE_SIZE;
	const struct moat_range *range = machine->config.ram;

	while (offset >= range->size) {
		offset -= range->size;
		range++;
	}
	return range->base + offset;
}

unsigned char *host_machine_memory(
	const struct host_machine *machine, uint64_t pa)
{
	uint32_t page = host_machine_page(machine, pa);
	uint64_t offset = pa - machine->config.memory_pa.value;

	if (page != UINT32_MAX) {
		return machine->ram + (size_t)page * MOAT_PAGE_SIZE +
		       pa % MOAT_PAGE_SIZE;
	}
	if (machine->memory && offset < machine->memory_size) {
		return machine->memory + offset;
	}
	return NULL;
}

void host_machine_touch(struct host_machine *machine, uint32_t page)
{
	if (page == UINT32_MAX || machine->is_fresh[page]) {
		return;
	}
	machine->is_fresh[page] = 1;
	machine->fresh[machine->fresh_count++] = page;
	if (!machine->is_touched[page]) {
		machine->is_touched[page] = 1;
		machine->touched[machine->touched_count++] = page;
	}
}

void host_machine_forget_fresh(struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->fresh_count; i++) {
		machine->is_fresh[machine->fresh[i]] = 0;
	}
	machine->fresh_count = 0;
}

/* Pages of the process and of the engine differ in size, either way. */
void host_machine_resident(
	const struct host_machine *machine, unsigned char *is_resident)
{
	size_t unit = (size_t)sysconf(_SC_PAGESIZE);
	size_t units = machine->ram_size / unit;
	size_t step = unit < MOAT_PAGE_SIZE ? unit : MOAT_PAGE_SIZE;
	unsigned char *resident = malloc(units);

	if (!resident || mincore(machine->ram, machine->ram_size, resident)) {
		memset(is_resident, 1, machine->ram_size / MOAT_PAGE_SIZE);
		free(resident);
		return;
	}
	memset(is_resident, 0, machine->ram_size / MOAT_PAGE_SIZE);
	for (size_t at = 0; at < machine->ram_size; at += step) {
		is_resident[at / MOAT_PAGE_SIZE] |= resident[at / unit] & 1;
	}
	free(resident);
}

void host_machine_violate(struct host_machine *machine, const char *rule)
{
	if (!machine->violation) {
		machine->violation = rule;
	}
}
