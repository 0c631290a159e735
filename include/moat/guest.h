/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The calls of a VM: the third part of the manual. By HVC or SMC; x0 is a
 * status as the host's calls have it, x1..x4 the results, zero on a refusal;
 * no other register changes. A function that does not exist gives
 * MOAT_NOT_SUPPORTED in x0 and changes nothing else.
 */
#ifndef MOAT_GUEST_H
#define MOAT_GUEST_H

#include "moat/moat.h"

/* X(constant, name, number, arguments) */
#define MOAT_GUEST_CALLS(X) \
	X(VERSION, version, 0x100, 0) \
	X(HOST_CALL, host_call, 0x101, 7) \
	X(FEATURES, features, 0x102, 0) \
	X(SHARE, share, 0x103, 2) \
	X(UNSHARE, unshare, 0x104, 2) \
	X(RELINQUISH, relinquish, 0x105, 2) \
	X(MEASUREMENT, measurement, 0x106, 0)

#define MOAT_GUEST_ENUM(constant, name, number, arguments) \
	MOAT_GUEST_##constant = (number),
enum moat_guest_call_number { MOAT_GUEST_CALLS(MOAT_GUEST_ENUM) };

/*
 * version: x1 is MOAT_ABI_VERSION.
 *
 * features: x1 page size, x2 ipa_bits (the halves split at its top bit), x3
 * pages a call, x4 registers a host_call may declare.
 *
 * measurement: x1..x4, see moat_vm_seal.
 *
 * host_call: x1 is a count n of 0..MOAT_HOST_CALL_MAX; x2.. are n registers
 * for the host, which sees these and no others. When the host runs the vCPU
 * again, x0 is MOAT_OK, x1 is zero, and x2.. are the host's n answers. A count
 * out of range is BAD_ARG x1; the host is not told.
 *
 * share(ipa, count): VM -> SHARED, contents kept. unshare: SHARED -> VM,
 * contents as the host left them. relinquish: VM or SHARED -> HOST, scrubbed,
 * the IPA maps nothing. Ranges and blocks are as the host's page calls have
 * them; x1 is how many pages were done, and the host is told by an exit. Pages
 * of a range after the first that are in another state end it.
 *
 * They refuse: BAD_ARG (x1 alignment, x2 zero), BAD_IPA (x1 outside the
 * protected half, or x2 if only the end is), NO_TABLE x1, NEEDS_SPLIT x1,
 * NOT_MAPPED x1, BAD_PAGE x1 (in another state; share and unshare only); the
 * host is not told.
 * Locks: the VM, then the pages' regions.
 */

/*
 * PSCI 1.1 (Arm DEN 0022), SMC32 and SMC64, by HVC or SMC; errors are its own.
 * vCPU i has affinity i (Aff0). CPU_ON tests the target (INVALID_PARAMETERS),
 * then the entry (INVALID_ADDRESS unless 4-byte aligned and in the protected
 * half), then whether the target is on (ALREADY_ON). AFFINITY_INFO takes level
 * 0. CPU_SUSPEND is standby: a WFI exit, then SUCCESS. After CPU_OFF,
 * SYSTEM_OFF or SYSTEM_RESET the calling vCPU is OFF. The host is told of
 * CPU_ON that succeeds, CPU_OFF, SYSTEM_OFF and SYSTEM_RESET by a PSCI exit.
 */
#define MOAT_PSCI_VERSION UINT32_C(0x84000000)
#define MOAT_PSCI_CPU_SUSPEND UINT32_C(0x84000001)
#define MOAT_PSCI_CPU_OFF UINT32_C(0x84000002)
#define MOAT_PSCI_CPU_ON UINT32_C(0x84000003)
#define MOAT_PSCI_AFFINITY_INFO UINT32_C(0x84000004)
#define MOAT_PSCI_MIGRATE_INFO_TYPE UINT32_C(0x84000006)
#define MOAT_PSCI_SYSTEM_OFF UINT32_C(0x84000008)
#define MOAT_PSCI_SYSTEM_RESET UINT32_C(0x84000009)
#define MOAT_PSCI_FEATURES UINT32_C(0x8400000a)
#define MOAT_SMCCC_VERSION UINT32_C(0x80000000)
#define MOAT_SMCCC_ARCH_FEATURES UINT32_C(0x80000001)
#define MOAT_PSCI_64 UINT32_C(0x40000000) /* added: the SMC64 form */

#define MOAT_PSCI_ABI_VERSION 0x10001 /* 1.1 */
#define MOAT_SMCCC_ABI_VERSION 0x10002 /* 1.2 */

/* PSCI return codes, as 64-bit two's complement (Arm DEN 0022, 5.2.2). */
#define MOAT_PSCI_SUCCESS UINT64_C(0)
#define MOAT_PSCI_NOT_SUPPORTED (~UINT64_C(0))
#define MOAT_PSCI_INVALID_PARAMETERS (~UINT64_C(1))
#define MOAT_PSCI_DENIED (~UINT64_C(2))
#define MOAT_PSCI_ALREADY_ON (~UINT64_C(3))
#define MOAT_PSCI_ON_PENDING (~UINT64_C(4))
#define MOAT_PSCI_INTERNAL_FAILURE (~UINT64_C(5))
#define MOAT_PSCI_NOT_PRESENT (~UINT64_C(6))
#define MOAT_PSCI_DISABLED (~UINT64_C(7))
#define MOAT_PSCI_INVALID_ADDRESS (~UINT64_C(8))

#endif
