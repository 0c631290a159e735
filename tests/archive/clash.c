/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that defines every name of the library's inside: neither sees the
 * other's. The engine does a whole life of a VM and never calls the program's
 * functions; the program calls its own and gets its own.
 */
#include "clash.h"

#include <stdio.h>
#include <string.h>

#include "moat/moat.h"
#include "small.h"

unsigned int clash_calls;

static const struct moat_vm_id vm = {0};
static const struct moat_ipa ipa = {0};

static struct moat_pa page(uint64_t number)
{
	struct moat_pa pa = {SMALL_RAM_BASE + number * MOAT_PAGE_SIZE};

	return pa;
}

/* Returns how many calls were refused. */
static int run(struct moat *m)
{
	const struct moat_regs calls[] = {
		moat_vm_create(vm, page(0), 32, 1),
		moat_table_create(vm, ipa, 3, page(4)),
		moat_page_load(vm, ipa, page(5), 1),
		moat_vm_seal(vm),
		moat_vm_kill(vm),
		moat_page_reclaim(vm, ipa, 1),
		moat_table_destroy(vm, ipa, 3),
		moat_vm_free(vm),
	};
	int refused = 0;

	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct moat_regs regs = calls[i];

		moat_host_call(m, 0, &regs);
		refused += regs.x[0] == MOAT_OK ? 0 : 1;
	}
	return refused;
}

/* The names that this test is about are really in the table. */
static int lacks(const char *name)
{
	for (unsigned int i = 0; i < clash_count; i++) {
		if (strcmp(clash_names[i].name, name) == 0) {
			return 0;
		}
	}
	printf("the library has no %s inside\n", name);
	return 1;
}

int main(void)
{
	struct moat *m = small_engine(1, 1);
	int failed = lacks("page_pa") + lacks("s2_is_empty") + run(m);

	if (moat_invariant_check(m)) {
		printf("broken: %s\n", moat_invariant_check(m));
		failed++;
	}
	if (clash_calls != 0) {
		printf("the library called the program\n");
		failed++;
	}
	for (unsigned int i = 0; i < clash_count; i++) {
		if (clash_names[i].function() != i) {
			printf("%s is the library's\n", clash_names[i].name);
			failed++;
		}
	}
	printf("%u names, %d failures\n", clash_count, failed);
	return failed == 0 ? 0 : 1;
}
