/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's "virt" machine: what is fixed (hw/arm/virt.c, base_memmap) and what
 * the device tree says of this one.
 */
#ifndef MOAT_ARCH_AARCH64_MACHINE_H
#define MOAT_ARCH_AARCH64_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"

#define MACHINE_UART UINT64_C(0x09000000)
#define MACHINE_GICR UINT64_C(0x080a0000)
#define MACHINE_GICR_STRIDE UINT64_C(0x20000)
#define MACHINE_HOST_IMAGE UINT64_C(0x50000000)

/* The high windows (redistributors, ECAM, PCIe) stay at 256 GiB and above as
 * long as RAM ends below. */
#define MACHINE_RAM_LIMIT UINT64_C(0x4000000000)

enum {
	MACHINE_CPU_MAX = 8,
	MACHINE_HOST_IPA_BITS = 39, /* one root page; hides 512 GiB and above */
	/* What a table of level 3 translates: RAM is made of them. */
	MACHINE_REGION = MOAT_PAGE_SIZE * MOAT_TABLE_ENTRIES,
	MACHINE_FDT_MAX = 2 * 1024 * 1024, /* arm64 boot protocol */
};

struct machine {
	uint64_t fdt; /* the device tree, in RAM */
	uint64_t fdt_size;
	struct moat_range ram;
	struct moat_range initrd; /* empty if there is none */
	bool has_gic; /* GICv3 */
	uint32_t cpu_count;
	uint64_t mpidr[MACHINE_CPU_MAX]; /* affinity fields only */
};

extern struct machine machine;

/* Affinity fields of MPIDR_EL1, and of what PSCI calls a target_cpu. */
#define MACHINE_AFFINITY_MASK UINT64_C(0xff00ffffff)

/**
 * Read the device tree at @fdt into `machine`. Panics if it is not one of a
 * machine that the engine can run.
 */
void machine_read(uint64_t fdt);

/**
 * Edit the device tree so that the host sees no RAM but @host, and none of the
 * withheld devices.
 */
void machine_hide(struct moat_range host);

/* The device windows that the host must not reach, in ascending order: append
 * them to the withheld ranges of @config. */
void machine_withhold(struct moat_config *config);

/* The number of the CPU with that affinity, or cpu_count. */
uint32_t machine_cpu(uint64_t affinity);

#endif
