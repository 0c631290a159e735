/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/mmu.h"

#include <stdbool.h>

#include "arch-aarch64/image.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/sysreg.h"
#include "moat/port.h"

/*
 * Stage-1 descriptors of the EL2 regime, 4 KiB granule (Arm ARM D8.3.1). AP[1]
 * (bit 6) is RES1 there. Attribute 0 of MAIR_EL2 is Device-nGnRnE, 1 Normal
 * write-back: boot.S writes it so.
 */
#define S1_BLOCK UINT64_C(1)
#define S1_TABLE_OR_PAGE UINT64_C(3)
#define S1_DEVICE (UINT64_C(0) << 2)
#define S1_NORMAL (UINT64_C(1) << 2)
#define S1_RES1 (UINT64_C(1) << 6)
#define S1_READ_ONLY (UINT64_C(1) << 7)
#define S1_INNER (UINT64_C(3) << 8)
#define S1_AF (UINT64_C(1) << 10)
#define S1_XN (UINT64_C(1) << 54)
#define S1_ADDRESS UINT64_C(0x0000fffffffff000)

#define MAP_COMMON (S1_RES1 | S1_AF)
#define MAP_TEXT (MAP_COMMON | S1_NORMAL | S1_INNER | S1_READ_ONLY)
#define MAP_RODATA (MAP_TEXT | S1_XN)
#define MAP_DATA (MAP_COMMON | S1_NORMAL | S1_INNER | S1_XN)
#define MAP_DEVICE (MAP_COMMON | S1_DEVICE | S1_XN)

enum {
	ENTRIES = 512,
	/* The root; level 2 of devices, of the first and last GiB of RAM;
	 * level 3 of GIC, UART and image; and one to spare. */
	TABLE_MAX = 8,
	VA_BITS = 39, /* the walk starts at level 1 */
};

struct table {
	uint64_t entry[ENTRIES];
};

static struct table tables[TABLE_MAX] __attribute__((aligned(MMU_PAGE_SIZE)));
static uint32_t table_count;

uint64_t mmu_root;
uint64_t mmu_tcr;

/* Bytes that one entry of @level translates. */
static uint64_t entry_size(uint32_t level)
{
	return UINT64_C(1) << (39 - 9 * level);
}

static struct table *table_make(void)
{
	if (table_count == TABLE_MAX) {
		moat_port_panic("stage 1: out of tables");
	}
	return &tables[table_count++];
}

/* The table below @entry, made if it is not there. */
static struct table *table_below(uint64_t *entry)
{
	if (*entry == 0) {
		*entry = (uintptr_t)table_make() | S1_TABLE_OR_PAGE;
	}
	return (struct table *)(uintptr_t)(*entry & S1_ADDRESS);
}

/* The entry of @level that translates @address. */
static uint64_t *entry_at(uint64_t address, uint32_t level)
{
	struct table *table = &tables[0];
	uint32_t above = 1;

	for (; above < level; above++) {
		table = table_below(
			&table->entry[address / entry_size(above) % ENTRIES]);
	}
	return &table->entry[address / entry_size(level) % ENTRIES];
}

/* The highest level at which one entry maps from @base, not beyond @end. */
static uint32_t level_for(uint64_t base, uint64_t end)
{
	uint32_t level = 1;

	while (level < 3 && (base % entry_size(level) != 0 ||
				    end - base < entry_size(level))) {
		level++;
	}
	return level;
}

static void map(uint64_t base, uint64_t end, uint64_t attributes)
{
	while (base < end) {
		uint32_t level = level_for(base, end);
		uint64_t type = level == 3 ? S1_TABLE_OR_PAGE : S1_BLOCK;

		*entry_at(base, level) = base | attributes | type;
		base += entry_size(level);
	}
}

/* Data, but no guard page: a stack that overflows faults. */
static void map_data(void)
{
	uint64_t stack = (uintptr_t)image_stacks;

	map((uintptr_t)image_data, stack, MAP_DATA);
	for (uint32_t cpu = 0; cpu < MACHINE_CPU_MAX; cpu++) {
		map(stack + MMU_PAGE_SIZE, stack + MMU_STACK_SIZE, MAP_DATA);
		stack += MMU_STACK_SIZE;
	}
	map(stack, (uintptr_t)image_end, MAP_DATA);
}

/* TCR_EL2 without VHE (Arm ARM D19.2.139). */
static uint64_t control(void)
{
	uint64_t range = id_field(read_id_aa64mmfr0_el1(), 0);
	uint64_t tcr = UINT64_C(1) << 31 | UINT64_C(1) << 23; /* RES1 */

	tcr |= (range > 5 ? 5 : range) << 16; /* PS: at most 48 bits */
	tcr |= UINT64_C(3) << 12; /* SH0: inner shareable */
	tcr |= UINT64_C(1) << 10 | UINT64_C(1) << 8; /* ORGN0, IRGN0 */
	return tcr | (64 - VA_BITS); /* T0SZ; TG0 is 4 KiB */
}

void mmu_build(void)
{
	uint64_t ram_end = machine.ram.base + machine.ram.size;

	mmu_root = (uintptr_t)table_make();
	mmu_tcr = control();
	map(MACHINE_UART, MACHINE_UART + MMU_PAGE_SIZE, MAP_DEVICE);
	map(MACHINE_GICR,
		MACHINE_GICR + machine.cpu_count * MACHINE_GICR_STRIDE,
		MAP_DEVICE);
	map(machine.ram.base, (uintptr_t)image_start, MAP_DATA);
	map((uintptr_t)image_start, (uintptr_t)image_rodata, MAP_TEXT);
	map((uintptr_t)image_rodata, (uintptr_t)image_data, MAP_RODATA);
	map_data();
	map((uintptr_t)image_end, ram_end, MAP_DATA);
}

/* SCTLR_EL2: M, C, SA, I, WXN. */
#define SCTLR_WANTED (UINT64_C(1) | 1 << 2 | 1 << 3 | 1 << 12 | 1 << 19)

/* PAR_EL1 after an address translation instruction (Arm ARM D19.2.107). */
#define PAR_FAULT UINT64_C(1)
#define PAR_ATTRIBUTE(par) ((par) >> 56)

static uint64_t read_translation(const char *address)
{
	at_s1e2r((uintptr_t)address);
	isb();
	return read_par_el1();
}

static bool can_read(const char *address)
{
	return (read_translation(address) & PAR_FAULT) == 0;
}

static bool can_write(const char *address)
{
	at_s1e2w((uintptr_t)address);
	isb();
	return (read_par_el1() & PAR_FAULT) == 0;
}

static bool map_is_good(void)
{
	return can_read(image_start) && !can_write(image_start) &&
	       can_read(image_rodata) && !can_write(image_rodata) &&
	       can_write(image_data) && can_write((const char *)tables) &&
	       !can_read(image_stacks) &&
	       can_read(image_stacks + MMU_PAGE_SIZE);
}

/* RAM is write-back, devices are not (MAIR_EL2). */
static bool attributes_are_good(void)
{
	const char *uart = (const char *)(uintptr_t)MACHINE_UART;

	return PAR_ATTRIBUTE(read_translation(image_data)) == 0xff &&
	       PAR_ATTRIBUTE(read_translation(uart)) == 0;
}

void mmu_check(void)
{
	if ((read_sctlr_el2() & SCTLR_WANTED) != SCTLR_WANTED ||
		!map_is_good() || !attributes_are_good()) {
		moat_port_panic("stage 1 of EL2 is not as it must be");
	}
}
