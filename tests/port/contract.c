/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"
#include "internal.h"

static uint32_t run(const struct port_bed *bed, struct port_tests tests)
{
	uint32_t failed = 0;

	for (uint32_t i = 0; i < tests.count; i++) {
		bool holds = tests.test[i].holds(bed);

		bed->report(tests.test[i].name, holds);
		failed += holds ? 0 : 1;
	}
	return failed;
}

uint32_t port_contract_run(const struct port_bed *bed)
{
	uint32_t failed = run(bed, port_tests_of_memory());

	failed += run(bed, port_tests_of_translation());
	failed += run(bed, port_tests_of_contexts());
	failed += run(bed, port_tests_of_measurement());
	return failed;
}
