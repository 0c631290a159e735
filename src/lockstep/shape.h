/* SPDX-License-Identifier: BSD-2-Clause */
/* The small machines that scenes and random runs use. */
#ifndef MOAT_LOCKSTEP_SHAPE_H
#define MOAT_LOCKSTEP_SHAPE_H

#include "lockstep/op.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the default machine; fuzzers make their addresses of these. */
#define SHAPE_RAM UINT64_C(0x40000000)
#define SHAPE_REGION ((uint64_t)MOAT_TABLE_ENTRIES * MOAT_PAGE_SIZE)
#define SHAPE_RAM_SIZE (4 * SHAPE_REGION)
#define SHAPE_ENGINE UINT64_C(0x30000000) /* the engine's memory, outside RAM */
#define SHAPE_DEVICE UINT64_C(0x9000000) /* device memory, for the host */

enum { SHAPE_COUNT = 5, SHAPE_SYMBOLS = MOAT_RANGE_MAX + 2 };

/**
 * Machine @index of SHAPE_COUNT: 0 is the default, with 2 CPUs and 3 VMs; the
 * others have RAM in two pieces with a hole between them, withheld pages in the
 * middle of RAM, the engine's memory in RAM, and RAM up to the last page of 48
 * bits.
 */
struct moat_config shape_make(uint32_t index);

/* "ram" or "ram0", "ram1".. the first byte of each range, and "engine". */
size_t shape_symbols(const struct moat_config *config,
	struct op_symbol symbols[SHAPE_SYMBOLS]);

#ifdef __cplusplus
}
#endif

#endif
