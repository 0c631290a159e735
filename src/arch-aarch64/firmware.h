/* SPDX-License-Identifier: BSD-2-Clause */
/* What is beneath the engine: EL3's PSCI by SMC, and the debugger. */
#ifndef MOAT_ARCH_AARCH64_FIRMWARE_H
#define MOAT_ARCH_AARCH64_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

/* Arm SMC Calling Convention: the result is x0. */
uint64_t firmware_call(
	uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3);

/* Has this or another CPU begun to end the machine? */
bool firmware_is_exiting(void);

/* End the machine; @status is what QEMU exits with. */
__attribute__((noreturn)) void firmware_exit(uint32_t status);

#endif
