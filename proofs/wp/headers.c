/* SPDX-License-Identifier: BSD-2-Clause */
/* The inline functions of the core are proved once, here; and all lemmas. */
#include "core/s2.h"
#include "core/status.h"
#include "pte.h"
#include "theory_inverse.h"
