/* SPDX-License-Identifier: BSD-2-Clause */
/* The same as aarch64/format.h has, of the format of src/scrambled/pte.h. */
#ifndef MOAT_TESTS_MACHINE_FORMAT_H
#define MOAT_TESTS_MACHINE_FORMAT_H

#include "pte.h"

#define FORMAT_UNUSED PTE_MEMORY_DEVICE /* never beside normal memory */
#define FORMAT_ALWAYS PTE_MARK /* of a leaf */
#define FORMAT_OF_LEAF PTE_EXECUTABLE /* not of a table */
#define FORMAT_PAGE "40009000b5"
#define FORMAT_DEVICE "9000000c5"

#endif
