/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer at the level of registers: bytes are the registers of
 * moat_host_call, moat_host_abort and moat_guest_exit (op_raw.c), whatever they
 * hold, and the model has to say the same.
 */
#include "run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	run_input(CORPUS_REGISTERS, bytes, size);
	return 0;
}
