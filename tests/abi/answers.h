/* SPDX-License-Identifier: BSD-2-Clause */
/* What the headers say a call may answer: written by table.py. */
#ifndef MOAT_TESTS_ABI_ANSWERS_H
#define MOAT_TESTS_ABI_ANSWERS_H

#include <stdint.h>

/* One answer. Those of a call stand one behind the other, OK first, then the
 * refusals in the order in which the manual says that they are tested. */
struct answer {
	uint32_t call;
	uint32_t status;
	uint32_t operand;
	const char *name;
	const char *status_name;
	uint64_t seen; /* how often */
};

extern struct answer answers[];
extern const unsigned int answer_count;

#endif
