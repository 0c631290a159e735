/* SPDX-License-Identifier: BSD-2-Clause */
/* FEAT_LSE, ID_AA64ISAR0_EL1.Atomic (Arm ARM, D19.2.61). */
#include "arch-aarch64/atomics.h"
#include "arch-aarch64/sysreg.h"

bool atomics_are_there(void)
{
	return id_field(read_id_aa64isar0_el1(), 20) >= 2;
}
