/* SPDX-License-Identifier: BSD-2-Clause */
#include "moat/version.h"

const char *moat_library_version(void)
{
	return MOAT_VERSION_STRING;
}
