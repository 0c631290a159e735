/* SPDX-License-Identifier: BSD-2-Clause */
/* What Frama-C 25 does not know and no proof depends on. */
#define _Alignas(alignment)
