/* SPDX-License-Identifier: BSD-2-Clause */
/* An object that the check of the archive must refuse: it needs puts. */
#include <stdio.h>

int moat_planted(void);

int moat_planted(void)
{
	return puts("planted");
}
