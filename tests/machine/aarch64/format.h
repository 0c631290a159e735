/* SPDX-License-Identifier: BSD-2-Clause */
/* Of the format of src/arch-aarch64/pte.h: what makes a stray descriptor; and
 * how the page at 0x40009000 and the device at 0x9000000 are told. */
#ifndef MOAT_TESTS_MACHINE_FORMAT_H
#define MOAT_TESTS_MACHINE_FORMAT_H

#include "pte.h"

#define FORMAT_UNUSED UINT64_C(0x80000000000000) /* never set */
#define FORMAT_ALWAYS PTE_AF /* of a leaf */
#define FORMAT_OF_LEAF PTE_XN /* not of a table */
#define FORMAT_PAGE "400097ff"
#define FORMAT_DEVICE "400000090004c3"

#endif
