/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * List registers of the GICv3 virtual CPU interface (ICH_LR<n>_EL2, Arm GIC
 * architecture 12.4.6). Pure, as pte.h is.
 *
 *     bits 63:62  State: 0 inactive, 1 pending, 2 active, 3 both
 *     bit  61     HW: tied to a physical interrupt
 *     bit  60     Group
 *     bits 55:48  Priority
 *     bit  41     EOI maintenance interrupt, when HW is 0
 *     bits 44:32  the physical interrupt, when HW is 1
 *     bits 31:0   vINTID
 */
#ifndef MOAT_ARCH_AARCH64_LIST_REGISTER_H
#define MOAT_ARCH_AARCH64_LIST_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#define LIST_REGISTER_STATE UINT64_C(0x4000000000000000) /* unit of State */
#define LIST_REGISTER_HW UINT64_C(0x2000000000000000)
#define LIST_REGISTER_GROUP UINT64_C(0x1000000000000000)
#define LIST_REGISTER_PRIORITY UINT64_C(0x1000000000000) /* unit of Priority */
#define LIST_REGISTER_EOI UINT64_C(0x20000000000)
#define LIST_REGISTER_INTERRUPTS \
	1020 /* identifiers from here on are special or LPIs */
#define LIST_REGISTER_VIRTUAL_TIMER 27 /* PPI of CNTV */

static inline uint64_t list_register_interrupt(uint64_t list_register)
{
	return list_register % UINT64_C(0x100000000);
}

static inline bool list_register_is_empty(uint64_t list_register)
{
	return list_register / LIST_REGISTER_STATE == 0;
}

/* The fields a host may set and see; everything else zero. */
static inline uint64_t list_register_fields(uint64_t list_register)
{
	return list_register / LIST_REGISTER_STATE * LIST_REGISTER_STATE +
	       list_register / LIST_REGISTER_GROUP % 2 * LIST_REGISTER_GROUP +
	       list_register / LIST_REGISTER_PRIORITY % 256 *
		       LIST_REGISTER_PRIORITY +
	       list_register / LIST_REGISTER_EOI % 2 * LIST_REGISTER_EOI +
	       list_register_interrupt(list_register);
}

/* What a host gives, made safe: an unsafe register is taken as empty. */
static inline uint64_t list_register_sanitise(uint64_t list_register)
{
	bool is_hardware = list_register / LIST_REGISTER_HW % 2 == 1;
	uint64_t interrupt = list_register_interrupt(list_register);

	return is_hardware || list_register_is_empty(list_register) ||
			       interrupt >= LIST_REGISTER_INTERRUPTS ||
			       interrupt == LIST_REGISTER_VIRTUAL_TIMER
		       ? 0
		       : list_register_fields(list_register);
}

/*
 * The virtual timer's own, tied to the physical interrupt 27: pending, group 1,
 * and the priority that guests give all interrupts by convention.
 */
#define LIST_REGISTER_TIMER UINT64_C(0x70a0001b0000001b)

/*
 * What becomes of the timer's list register when its vCPU runs again. The line
 * is level-sensitive: pending follows it. Active stays until the guest ends the
 * interrupt; that also deactivates the physical one, which then fires if the
 * line is still or again high, so that nothing is lost (12.4.6: a register with
 * HW may not be active and pending at once).
 */
static inline uint64_t list_register_timer(uint64_t list_register, bool is_due)
{
	if (list_register / LIST_REGISTER_STATE >= 2) {
		return list_register;
	}
	return is_due ? LIST_REGISTER_TIMER : 0;
}

#endif
