/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_ENTRY_H
#define MOAT_PROOF_ENTRY_H

/* No descriptor that the engine writes is above it, attributes included. */
#define PROOF_ENTRY_MAX 0x7fffffffffffffff

#endif
