/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/shape.h"

#define SHAPE_HIGH (UINT64_C(1) << 47)
#define SHAPE_FAR UINT64_C(0x80000000) /* another GiB than SHAPE_RAM */

static const char *const range_names[MOAT_RANGE_MAX] = {"ram0", "ram1", "ram2",
	"ram3", "ram4", "ram5", "ram6", "ram7", "ram8", "ram9", "ram10",
	"ram11", "ram12", "ram13", "ram14", "ram15"};

static const struct moat_config shapes[SHAPE_COUNT] = {
	{
		.cpu_count = 2,
		.vm_count = 3,
		.ipa_bits = 40,
		.host_ipa_bits = 32,
		.list_register_count = 4,
		.ram_count = 1,
		.ram = {{SHAPE_RAM, SHAPE_RAM_SIZE}},
		.memory_pa = {SHAPE_ENGINE},
	},
	{
		/* A hole between two ranges, in different GiB. */
		.cpu_count = 2,
		.vm_count = 2,
		.ipa_bits = 44,
		.host_ipa_bits = 36,
		.list_register_count = 1,
		.ram_count = 2,
		.ram = {{SHAPE_RAM, 2 * SHAPE_REGION},
			{SHAPE_FAR + SHAPE_REGION, 2 * SHAPE_REGION}},
		.memory_pa = {SHAPE_ENGINE},
	},
	{
		/* Withheld: pages in the middle of RAM, and a device window. */
		.cpu_count = 3,
		.vm_count = 3,
		.ipa_bits = 36,
		.host_ipa_bits = 33,
		.list_register_count = 2,
		.ram_count = 1,
		.ram = {{SHAPE_RAM, SHAPE_RAM_SIZE}},
		.withheld_count = 2,
		.withheld = {{SHAPE_DEVICE, MOAT_PAGE_SIZE},
			{SHAPE_RAM + SHAPE_REGION - 2 * MOAT_PAGE_SIZE,
				4 * MOAT_PAGE_SIZE}},
		.memory_pa = {SHAPE_ENGINE},
	},
	{
		/* The engine's memory in RAM, from the second region on. */
		.cpu_count = 2,
		.vm_count = 3,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.list_register_count = 0,
		.ram_count = 1,
		.ram = {{SHAPE_RAM, SHAPE_RAM_SIZE}},
		.memory_pa = {SHAPE_RAM + SHAPE_REGION},
	},
	{
		/* Sparse: RAM below 2^47 and below 2^48, the last address. The
		 * holes are withheld, or maps of them would take long. */
		.cpu_count = 2,
		.vm_count = 2,
		.ipa_bits = 44,
		.host_ipa_bits = 48,
		.list_register_count = 4,
		.ram_count = 3,
		.ram = {{SHAPE_RAM, 2 * SHAPE_REGION},
			{SHAPE_HIGH - SHAPE_REGION, SHAPE_REGION},
			{2 * SHAPE_HIGH - SHAPE_REGION, SHAPE_REGION}},
		.withheld_count = 2,
		.withheld = {{2 * SHAPE_FAR,
				     SHAPE_HIGH - SHAPE_REGION - 2 * SHAPE_FAR},
			{SHAPE_HIGH, SHAPE_HIGH - SHAPE_REGION}},
		.memory_pa = {SHAPE_ENGINE},
	},
};

struct moat_config shape_make(uint32_t index)
{
	return shapes[index % SHAPE_COUNT];
}

size_t shape_symbols(const struct moat_config *config,
	struct op_symbol symbols[SHAPE_SYMBOLS])
{
	size_t count = 0;

	symbols[count++] = (struct op_symbol){"ram", config->ram[0].base};
	symbols[count++] =
		(struct op_symbol){"engine", config->memory_pa.value};
	for (uint32_t i = 0; i < config->ram_count; i++) {
		symbols[count++] =
			(struct op_symbol){range_names[i], config->ram[i].base};
	}
	return count;
}
