/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_FUZZ_RUN_H
#define MOAT_FUZZ_RUN_H

#include "lockstep/corpus.h"

/**
 * Do the operations of an input in engine and model. A difference aborts, with
 * a scene on stderr that moat-model run takes.
 */
void run_input(enum corpus_form form, const uint8_t *bytes, size_t size);

#endif
