/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of EL1 that the engine never reads. */
#ifndef MOAT_TESTS_ENTRY_REGISTERS_H
#define MOAT_TESTS_ENTRY_REGISTERS_H

#include "arch-aarch64/sysreg.h"

SYSREG_READ_ONLY(currentel)
SYSREG(daif)
SYSREG_READ_ONLY(isr_el1)
SYSREG(pmcntenset_el0)
SYSREG(pmccntr_el0)
SYSREG_NAMED(icc_pmr_el1, "S3_0_C4_C6_0")
SYSREG_NAMED(icc_igrpen0_el1, "S3_0_C12_C12_6")
SYSREG_NAMED(icc_igrpen1_el1, "S3_0_C12_C12_7")
SYSREG_NAMED(icc_ctlr_el1, "S3_0_C12_C12_4")
SYSREG_NAMED(icc_ap0r0_el1, "S3_0_C12_C8_4")
SYSREG_NAMED(icc_ap1r0_el1, "S3_0_C12_C9_0")
INSTRUCTION_ON(dc_isw, "dc isw")

#endif
