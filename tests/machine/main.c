/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "bed.h"

int main(void)
{
	test_context();
	test_inject();
	test_memory();
	test_permission();
	test_rules();
	test_tlb();
	test_told();
	return expect_failures() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
