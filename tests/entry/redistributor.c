/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LPIs are a DMA engine: the redistributor reads and writes tables wherever
 * its registers say. The host must see none and be able to turn none on.
 */
#include "arch-aarch64/mmio.h"
#include "entry.h"

enum {
	REDISTRIBUTOR = 0x080a0000,
	CTLR = 0x00,
	TYPER = 0x08,
	WAKER = 0x14,
	SETLPIR = 0x40,
	PROPBASER = 0x70,
	PENDBASER = 0x78,
};

static void write64(uint64_t pa, uint64_t value)
{
	*(volatile uint64_t *)(uintptr_t)pa = value;
}

static void check_no_lpis(uint64_t frame)
{
	check_equal(mmio_read64(frame + TYPER) & 0xb, 0, "there are no LPIs");
	check_equal(mmio_read32(frame + TYPER) & 0xb, 0, "nor by half a read");
	write64(frame + PROPBASER, 0x4020000f);
	write64(frame + PENDBASER, 0x40200000);
	mmio_write32(frame + SETLPIR, 8192);
	check_equal(mmio_read64(frame + PROPBASER), 0, "no property table");
	check_equal(mmio_read64(frame + PENDBASER), 0, "no pending table");
	mmio_write32(frame + CTLR, 1);
	check_equal(mmio_read32(frame + CTLR) & 1, 0, "LPIs stay off");
}

/* WAKER works: ProcessorSleep falls, and ChildrenAsleep follows. */
static void check_wakes(uint64_t frame)
{
	mmio_write32(frame + WAKER, 2);
	check_equal(mmio_read32(frame + WAKER) & 6, 6, "it goes to sleep");
	mmio_write32(frame + WAKER, 0);
	check_equal(mmio_read32(frame + WAKER) & 6, 0, "and wakes");
}

/* GICR_TYPER: affinity in bits 63:32, number in 23:8, the last has bit 4. */
void redistributor_check(void)
{
	for (uint64_t cpu = 0; cpu < 4; cpu++) {
		uint64_t frame = REDISTRIBUTOR + cpu * 0x20000;
		uint64_t type = mmio_read64(frame + TYPER);

		check_equal(type >> 32, cpu, "a redistributor for each CPU");
		check_equal(type >> 8 & 0xffff, cpu, "with its number");
		check_equal(type >> 4 & 1, cpu == 3, "and the last knows it");
		check_no_lpis(frame);
		check_wakes(frame);
	}
}
