/* SPDX-License-Identifier: BSD-2-Clause */
/* Device registers, by physical address: the engine's map is the identity. */
#ifndef MOAT_ARCH_AARCH64_MMIO_H
#define MOAT_ARCH_AARCH64_MMIO_H

#include <stdint.h>

static inline uint32_t mmio_read32(uint64_t pa)
{
	return *(const volatile uint32_t *)(uintptr_t)pa;
}

static inline void mmio_write32(uint64_t pa, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)pa = value;
}

static inline uint64_t mmio_read64(uint64_t pa)
{
	return *(const volatile uint64_t *)(uintptr_t)pa;
}

#endif
