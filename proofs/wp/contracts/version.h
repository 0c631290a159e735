/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_VERSION_H
#define MOAT_PROOF_VERSION_H

#include "moat/version.h"

/*@ assigns \nothing; exits \false;
    ensures \valid_read(\result); */
const char *moat_library_version(void);

#endif
