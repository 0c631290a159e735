/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract suite at EL2, on whichever port is linked. */
#ifndef MOAT_TESTS_PORT_EL2_H
#define MOAT_TESTS_PORT_EL2_H

#include <stdbool.h>

#include "moat/moat.h"

/* What the program around the port lends. */
struct el2_means {
	void (*print)(const char *text); /* it ends in a line end */
	void (*install)(const struct moat_stage2 *stage2);
};

/* Run the suite and print what it says, the verdict last. Stage 2 has to be on
 * (HCR_EL2.VM); EL1 runs nothing before or after. */
void el2_contract(const struct el2_means *means);

#endif
