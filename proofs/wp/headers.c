/* SPDX-License-Identifier: BSD-2-Clause */
/* The inline functions of the core are proved once, here; and all lemmas. */
#include "contracts/hold.h"
#include "core/call.h"
#include "core/hold.h"
#include "core/s2.h"
#include "core/status.h"
#include "list_register.h"
#include "pte.h"
