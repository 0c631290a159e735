/* SPDX-License-Identifier: BSD-2-Clause */
/* Load-exclusive and store-exclusive: Armv8.0, hence on every CPU. */
#include "arch-aarch64/atomics.h"

bool atomics_are_there(void)
{
	return true;
}
