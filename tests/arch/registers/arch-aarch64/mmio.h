/* SPDX-License-Identifier: BSD-2-Clause */
/* In the place of the port's file of this name: devices are a test's. */
#ifndef MOAT_TESTS_ARCH_MMIO_H
#define MOAT_TESTS_ARCH_MMIO_H

#include <stdint.h>

uint32_t mmio_read32(uint64_t pa);
void mmio_write32(uint64_t pa, uint32_t value);

#endif
