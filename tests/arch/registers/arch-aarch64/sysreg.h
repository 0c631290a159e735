/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the place of the port's file of this name, which the include path chooses:
 * a system register is a word that a test sees, and waiting is a call of the
 * test.
 */
#ifndef MOAT_TESTS_ARCH_SYSREG_H
#define MOAT_TESTS_ARCH_SYSREG_H

#include <stdint.h>

#define REGISTERS(X) \
	X(tpidr_el2) \
	X(cnthp_ctl_el2) \
	X(cnthp_cval_el2) \
	X(cntvct_el0) \
	X(ich_hcr_el2) \
	X(ich_vtr_el2) \
	X(ich_misr_el2) \
	X(ich_vmcr_el2) \
	X(ich_ap0r0_el2) \
	X(ich_ap0r1_el2) \
	X(ich_ap0r2_el2) \
	X(ich_ap0r3_el2) \
	X(ich_ap1r0_el2) \
	X(ich_ap1r1_el2) \
	X(ich_ap1r2_el2) \
	X(ich_ap1r3_el2) \
	X(ich_lr0_el2) \
	X(ich_lr1_el2) \
	X(ich_lr2_el2) \
	X(ich_lr3_el2)

#define REGISTER_ACCESS(name) \
	extern uint64_t register_##name; \
	static inline uint64_t read_##name(void) \
	{ \
		return register_##name; \
	} \
	static inline void write_##name(uint64_t value) \
	{ \
		register_##name = value; \
	}
REGISTERS(REGISTER_ACCESS)

void isb(void);
void dsb_sy(void);
void wfe(void);
void wfi(void);

#endif
