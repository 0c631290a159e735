/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/gic.h"

#include "arch-aarch64/cpu.h"
#include "arch-aarch64/machine.h"
#include "arch-aarch64/mmio.h"
#include "moat/port.h"

/* GICv3 and GICv4 (IHI 0069), section 12.11: the first page of RD_base. */
enum {
	GICR_CTLR = 0x00,
	GICR_CTLR_ENABLE_LPIS = 1 << 0,
	GICR_IIDR = 0x04,
	GICR_TYPER = 0x08, /* 64 bit */
	GICR_TYPER_PLPIS = 1 << 0, /* physical LPIs */
	GICR_TYPER_VLPIS = 1 << 1, /* virtual LPIs */
	GICR_TYPER_DIRECT = 1 << 3, /* LPIs by register, without ITS */
	GICR_TYPER_HIGH = 0x0c, /* affinity */
	GICR_WAKER = 0x14,
	GICR_PIDR4 = 0xffd0, /* here the identification begins */
	GICR_ISENABLER0 = 0x10100, /* on the pages of SGIs and PPIs */
	GICR_ICENABLER0 = 0x10180,
	GICR_ISACTIVER0 = 0x10300,
	GICR_ICACTIVER0 = 0x10380,
};
#define GICR_TYPER_HIDDEN \
	((uint32_t)(GICR_TYPER_PLPIS | GICR_TYPER_VLPIS | GICR_TYPER_DIRECT))

static uint64_t frame_of(uint32_t cpu)
{
	return MACHINE_GICR + cpu * MACHINE_GICR_STRIDE;
}

void gic_check(void)
{
	for (uint32_t cpu = 0; cpu < machine.cpu_count; cpu++) {
		if ((mmio_read32(frame_of(cpu) + GICR_CTLR) &
			    GICR_CTLR_ENABLE_LPIS) != 0) {
			moat_port_panic("firmware has turned LPIs on");
		}
	}
}

struct moat_range gic_withheld(uint32_t cpu)
{
	struct moat_range range = {frame_of(cpu), MOAT_PAGE_SIZE};

	return range;
}

/* Registers that are about LPIs, or that nobody knows, read as zero. */
static uint32_t read_word(uint64_t frame, uint32_t offset)
{
	if (offset >= GICR_PIDR4) {
		return mmio_read32(frame + offset); /* in pages of 64 KiB */
	}
	switch (offset) {
	case GICR_TYPER:
		return mmio_read32(frame + offset) & ~GICR_TYPER_HIDDEN;
	case GICR_CTLR:
	case GICR_IIDR:
	case GICR_TYPER_HIGH:
	case GICR_WAKER:
		return mmio_read32(frame + offset);
	default:
		return 0;
	}
}

/* All other registers here are read-only, or about LPIs: writes are ignored. */
static void write_word(uint64_t frame, uint32_t offset, uint32_t value)
{
	if (offset == GICR_CTLR) {
		value &= ~(uint32_t)GICR_CTLR_ENABLE_LPIS;
		mmio_write32(frame + offset, value);
	} else if (offset == GICR_WAKER) {
		mmio_write32(frame + offset, value);
	}
}

/* A transfer of 64 bits is two of 32: no register here minds. */
static void transfer_words(uint64_t frame, uint32_t offset,
	const struct exit_transfer *transfer, uint64_t *value)
{
	uint64_t read = 0;

	for (uint32_t at = 0; at < transfer->size; at += 4) {
		if (transfer->is_write) {
			write_word(frame, offset + at,
				(uint32_t)(*value >> (8 * at)));
		} else {
			read |= (uint64_t)read_word(frame, offset + at)
				<< (8 * at);
		}
	}
	if (!transfer->is_write) {
		*value = read;
	}
}

bool gic_access(
	uint64_t ipa, const struct exit_transfer *transfer, uint64_t *value)
{
	uint64_t cpu = (ipa - MACHINE_GICR) / MACHINE_GICR_STRIDE;
	uint64_t offset = (ipa - MACHINE_GICR) % MACHINE_GICR_STRIDE;

	if (ipa < MACHINE_GICR || cpu >= machine.cpu_count ||
		offset >= MOAT_PAGE_SIZE) {
		return false;
	}
	if (transfer->size < 4 || offset % transfer->size != 0) {
		return false;
	}
	transfer_words(
		frame_of((uint32_t)cpu), (uint32_t)offset, transfer, value);
	return true;
}

/* What follows relies on it, so wait until it has reached the redistributor. */
static void write_private(uint32_t offset, uint32_t interrupt)
{
	mmio_write32(frame_of(cpu_number()) + offset, 1u << interrupt);
	dsb_sy();
}

static bool read_private(uint32_t offset, uint32_t interrupt)
{
	uint32_t bits = mmio_read32(frame_of(cpu_number()) + offset);

	return (bits >> interrupt & 1) != 0;
}

bool gic_set_enabled(uint32_t interrupt, bool is_enabled)
{
	bool was_enabled = read_private(GICR_ISENABLER0, interrupt);

	if (was_enabled != is_enabled) {
		write_private(is_enabled ? GICR_ISENABLER0 : GICR_ICENABLER0,
			interrupt);
	}
	return was_enabled;
}

bool gic_set_active(uint32_t interrupt, bool is_active)
{
	bool was_active = read_private(GICR_ISACTIVER0, interrupt);

	if (was_active != is_active) {
		write_private(is_active ? GICR_ISACTIVER0 : GICR_ICACTIVER0,
			interrupt);
	}
	return was_active;
}
