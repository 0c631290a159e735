/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache of the small port's agent. */
#ifndef MOAT_TESTS_PORT_SMALL_AGENT_H
#define MOAT_TESTS_PORT_SMALL_AGENT_H

#include "moat/port.h"

void small_agent_invalidate(const struct moat_invalidation *what);

#endif
