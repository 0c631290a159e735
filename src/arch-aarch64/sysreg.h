/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers, barriers and address translation, as functions:
 * read_hcr_el2(), write_hcr_el2(value). Every one is volatile and a compiler
 * barrier, so that program order is register order; the architecture still
 * wants an isb() before a write is sure to have effect.
 */
#ifndef MOAT_ARCH_AARCH64_SYSREG_H
#define MOAT_ARCH_AARCH64_SYSREG_H

#include <stdint.h>

/* @name is what the rest of the engine calls it, @code what the assembler
 * does: the same, or S3_op1_Cn_Cm_op2 for what is younger than it. */
#define SYSREG_NAMED(name, code) \
	static inline uint64_t read_##name(void) \
	{ \
		uint64_t value; \
\
		__asm__ volatile("mrs %0, " code : "=r"(value) : : "memory"); \
		return value; \
	} \
	static inline void write_##name(uint64_t value) \
	{ \
		__asm__ volatile("msr " code ", %0" \
				 : \
				 : "r"(value) \
				 : "memory"); \
	}
#define SYSREG(name) SYSREG_NAMED(name, #name)
#define SYSREG_NAMED_READ_ONLY(name, code) \
	static inline uint64_t read_##name(void) \
	{ \
		uint64_t value; \
\
		__asm__ volatile("mrs %0, " code : "=r"(value) : : "memory"); \
		return value; \
	}
#define SYSREG_READ_ONLY(name) SYSREG_NAMED_READ_ONLY(name, #name)

/* Identification. */
SYSREG_READ_ONLY(ctr_el0)
SYSREG_READ_ONLY(dczid_el0)
SYSREG_READ_ONLY(id_aa64dfr0_el1)
SYSREG_READ_ONLY(id_aa64isar0_el1)
SYSREG_READ_ONLY(id_aa64isar1_el1)
SYSREG_READ_ONLY(id_aa64mmfr0_el1)
SYSREG_READ_ONLY(id_aa64mmfr1_el1)
SYSREG_READ_ONLY(id_aa64mmfr2_el1)
SYSREG_READ_ONLY(id_aa64pfr0_el1)
SYSREG_READ_ONLY(id_aa64pfr1_el1)
SYSREG_READ_ONLY(midr_el1)
SYSREG_READ_ONLY(mpidr_el1)

/* The engine's own. */
SYSREG(tpidr_el2)
SYSREG(vbar_el2)
SYSREG(esr_el2)
SYSREG(far_el2)
SYSREG(hpfar_el2)
SYSREG(elr_el2)
SYSREG(spsr_el2)
SYSREG(sctlr_el2)
SYSREG(tcr_el2)
SYSREG(mair_el2)
SYSREG(ttbr0_el2)

/* Control of EL1 and EL0. */
SYSREG(hcr_el2)
SYSREG(vttbr_el2)
SYSREG(vtcr_el2)
SYSREG(vpidr_el2)
SYSREG(vmpidr_el2)
SYSREG(cptr_el2)
SYSREG(hstr_el2)
SYSREG(mdcr_el2)
SYSREG(cnthctl_el2)
SYSREG(cntvoff_el2)
SYSREG(cnthp_ctl_el2)
SYSREG(cnthp_cval_el2)
SYSREG(actlr_el2)
SYSREG(hacr_el2)
SYSREG_NAMED(cnthv_ctl_el2, "S3_4_C14_C3_1")
SYSREG_NAMED(hcrx_el2, "S3_4_C1_C2_2")
SYSREG_NAMED(vdisr_el2, "S3_4_C12_C1_1")
SYSREG_NAMED(mpam2_el2, "S3_4_C10_C5_0")

/* Profiling and trace: only ever turned off. */
SYSREG_NAMED(pmscr_el1, "S3_0_C9_C9_0")
SYSREG_NAMED(pmblimitr_el1, "S3_0_C9_C10_0")
SYSREG_NAMED(trblimitr_el1, "S3_0_C9_C11_0")
SYSREG_NAMED(trfcr_el1, "S3_0_C1_C2_1")
SYSREG_NAMED(trfcr_el2, "S3_4_C1_C2_1")

/* Interrupt controller (GICv3 architecture, 12.2 and 12.4). */
SYSREG_NAMED(icc_sre_el1, "S3_0_C12_C12_5")
SYSREG_NAMED(icc_sre_el2, "S3_4_C12_C9_5")
SYSREG_NAMED(ich_hcr_el2, "S3_4_C12_C11_0")
SYSREG_NAMED_READ_ONLY(ich_vtr_el2, "S3_4_C12_C11_1")
SYSREG_NAMED_READ_ONLY(ich_misr_el2, "S3_4_C12_C11_2")
SYSREG_NAMED(ich_vmcr_el2, "S3_4_C12_C11_7")
SYSREG_NAMED(ich_ap0r0_el2, "S3_4_C12_C8_0")
SYSREG_NAMED(ich_ap0r1_el2, "S3_4_C12_C8_1")
SYSREG_NAMED(ich_ap0r2_el2, "S3_4_C12_C8_2")
SYSREG_NAMED(ich_ap0r3_el2, "S3_4_C12_C8_3")
SYSREG_NAMED(ich_ap1r0_el2, "S3_4_C12_C9_0")
SYSREG_NAMED(ich_ap1r1_el2, "S3_4_C12_C9_1")
SYSREG_NAMED(ich_ap1r2_el2, "S3_4_C12_C9_2")
SYSREG_NAMED(ich_ap1r3_el2, "S3_4_C12_C9_3")
SYSREG_NAMED(ich_lr0_el2, "S3_4_C12_C12_0")
SYSREG_NAMED(ich_lr1_el2, "S3_4_C12_C12_1")
SYSREG_NAMED(ich_lr2_el2, "S3_4_C12_C12_2")
SYSREG_NAMED(ich_lr3_el2, "S3_4_C12_C12_3")

/* What EL1 and EL0 own, and a switch of worlds exchanges. */
SYSREG(sp_el0)
SYSREG(sp_el1)
SYSREG(elr_el1)
SYSREG(spsr_el1)
SYSREG(esr_el1)
SYSREG(far_el1)
SYSREG(afsr0_el1)
SYSREG(afsr1_el1)
SYSREG(sctlr_el1)
SYSREG(cpacr_el1)
SYSREG(tcr_el1)
SYSREG(ttbr0_el1)
SYSREG(ttbr1_el1)
SYSREG(mair_el1)
SYSREG(amair_el1)
SYSREG(vbar_el1)
SYSREG(contextidr_el1)
SYSREG(tpidr_el0)
SYSREG(tpidrro_el0)
SYSREG(tpidr_el1)
SYSREG_NAMED(tpidr2_el0, "S3_3_C13_C0_5")
SYSREG(par_el1)
SYSREG(cntkctl_el1)
SYSREG(mdscr_el1)
SYSREG(csselr_el1)
SYSREG(pmuserenr_el0)
SYSREG(cntv_ctl_el0)
SYSREG(cntv_cval_el0)
SYSREG(cntp_ctl_el0)
SYSREG(pmcr_el0)
SYSREG_READ_ONLY(cntpct_el0)
SYSREG_READ_ONLY(cntvct_el0)
SYSREG_READ_ONLY(cntfrq_el0)

/* A barrier or maintenance instruction, with or without an operand. */
#define INSTRUCTION(name, text) \
	static inline void name(void) \
	{ \
		__asm__ volatile(text : : : "memory"); \
	}
#define INSTRUCTION_ON(name, text) \
	static inline void name(uint64_t operand) \
	{ \
		__asm__ volatile(text ", %0" : : "r"(operand) : "memory"); \
	}

INSTRUCTION(isb, "isb")
INSTRUCTION(dsb_ishst, "dsb ishst")
INSTRUCTION(dsb_ish, "dsb ish")
INSTRUCTION(dsb_nsh, "dsb nsh")
INSTRUCTION(dsb_sy, "dsb sy")
INSTRUCTION(wfe, "wfe")
INSTRUCTION(wfi, "wfi")
INSTRUCTION(sev, "sev")
INSTRUCTION_ON(at_s1e1r, "at s1e1r")
INSTRUCTION_ON(at_s1e2r, "at s1e2r")
INSTRUCTION_ON(at_s1e2w, "at s1e2w")
INSTRUCTION_ON(tlbi_ipas2e1is, "tlbi ipas2e1is")
/* TLBI RIPAS2E1IS, which an assembler for Armv8.0 does not know by name. */
INSTRUCTION_ON(tlbi_ripas2e1is, "sys #4, c8, c0, #2")
INSTRUCTION(tlbi_vmalle1, "tlbi vmalle1")
INSTRUCTION(tlbi_vmalle1is, "tlbi vmalle1is")
INSTRUCTION(tlbi_vmalls12e1is, "tlbi vmalls12e1is")
INSTRUCTION(tlbi_alle1, "tlbi alle1")
INSTRUCTION(ic_iallu, "ic iallu")
INSTRUCTION_ON(ic_ivau, "ic ivau")
INSTRUCTION_ON(dc_zva, "dc zva")
INSTRUCTION_ON(dc_cvac, "dc cvac")
INSTRUCTION_ON(dc_civac, "dc civac")

/* The 4-bit field of an ID register that starts at bit @low. */
static inline uint64_t id_field(uint64_t id, uint32_t low)
{
	return id >> low & 0xf;
}

#endif
