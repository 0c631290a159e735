/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_CORE_REQUIRE_H
#define MOAT_CORE_REQUIRE_H

#include "moat/port.h"

/*
 * What an embedder must have done, or what cannot be otherwise. Always on; no
 * argument of a host or of a VM can make it fail.
 */
#define REQUIRE(condition) \
	do { \
		if (!(condition)) { \
			moat_port_panic("required: " #condition); \
		} \
	} while (0)

#endif
