/* SPDX-License-Identifier: BSD-2-Clause */
/* What REQUIRE is in a mutated source, whichever header chooses the mutant. */
#ifndef MOAT_MUTANT_REQUIRE_H
#define MOAT_MUTANT_REQUIRE_H

/* As REQUIRE, which would put the mutated text into its message. */
#define MUTANT_REQUIRE(text, condition) \
	do { \
		if (!(condition)) { \
			moat_port_panic("required: " text); \
		} \
	} while (0)

#endif
