/* SPDX-License-Identifier: BSD-2-Clause */
/* The inline functions of the core are proved once, here. */
#include "core/s2.h"
#include "core/status.h"
#include "pte.h"
