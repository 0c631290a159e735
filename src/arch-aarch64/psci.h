/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 for the host (DEN0022, chapter 5) and SMCCC 1.2 (DEN0028). The host
 * believes it talks to firmware; the engine answers, so that no CPU ever
 * starts in the host's code above EL1.
 */
#ifndef MOAT_ARCH_AARCH64_PSCI_H
#define MOAT_ARCH_AARCH64_PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"

#define SMCCC_VERSION 0x80000000u
#define SMCCC_ARCH_FEATURES 0x80000001u
#define PSCI_VERSION 0x84000000u
#define PSCI_CPU_SUSPEND32 0x84000001u
#define PSCI_CPU_SUSPEND 0xc4000001u
#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON32 0x84000003u
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_AFFINITY_INFO32 0x84000004u
#define PSCI_AFFINITY_INFO 0xc4000004u
#define PSCI_MIGRATE_INFO_TYPE 0x84000006u
#define PSCI_SYSTEM_OFF 0x84000008u
#define PSCI_SYSTEM_RESET 0x84000009u
#define PSCI_FEATURES 0x8400000au

/**
 * Answer one call of the host: x0 of @regs is the function, and gets the
 * result; other registers are kept. CPU_OFF, SYSTEM_OFF and SYSTEM_RESET do
 * not return. What is not implemented is NOT_SUPPORTED.
 */
void psci_call(struct moat_regs *regs);

/* CPU 0 has started the host by itself. */
void power_boot(void);

/* The rest of the host's CPU: wait for its CPU_ON, and start it there. */
__attribute__((noreturn)) void power_wait(void);

#endif
