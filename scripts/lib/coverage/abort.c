/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was covered is written when a process ends by itself. A test that sees
 * the engine stop its embedder ends by abort, and counts, too: the linker puts
 * this in its place (--wrap).
 */
#include <stdnoreturn.h>

int __llvm_profile_write_file(void);
noreturn void __real_abort(void);
noreturn void __wrap_abort(void);

noreturn void __wrap_abort(void)
{
	(void)__llvm_profile_write_file();
	__real_abort();
}
