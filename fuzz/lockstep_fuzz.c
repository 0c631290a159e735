/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar's fuzzer: bytes pick operations that come near valid ones
 * (op_bytes.c), and engine and model do them in lockstep.
 */
#include "run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	run_input(CORPUS_GRAMMAR, bytes, size);
	return 0;
}
