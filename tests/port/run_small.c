/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract suite on the small port, and on the small port with each fault
 * planted: the first must pass whole, each other must be seen by the tests that
 * are there for it, and every test must see some fault.
 */
#include <stdio.h>
#include <string.h>

#include "contract.h"
#include "small.h"

enum { TEST_MAX = 64 };

/* Which test sees a fault. */
struct planted {
	enum small_fault fault;
	const char *test;
};

static const struct planted planted[] = {
	{SMALL_DESCRIPTOR_CUT, "descriptor_is_stored_whole"},
	{SMALL_DESCRIPTOR_LAST, "descriptor_is_stored_at_both_ends"},
	{SMALL_PUBLISH_LATE, "entry_is_seen_once_published"},
	{SMALL_NO_INVALIDATION, "invalidated_page_is_forgotten"},
	{SMALL_NO_INVALIDATION, "invalidated_page_may_lead_elsewhere"},
	{SMALL_NO_INVALIDATION, "block_is_forgotten_as_a_whole"},
	{SMALL_NO_INVALIDATION, "block_may_replace_a_table"},
	{SMALL_INVALIDATES_FIRST_PAGE, "every_page_of_a_range_is_forgotten"},
	{SMALL_INVALIDATES_FIRST_PAGE,
		"range_is_forgotten_from_its_start_to_its_end"},
	{SMALL_INVALIDATES_SHIFTED,
		"range_is_forgotten_from_its_start_to_its_end"},
	{SMALL_KEEPS_WALKS, "walk_through_a_table_that_goes_is_forgotten"},
	{SMALL_IGNORES_COUNT_0, "count_0_forgets_all_of_a_vmid"},
	{SMALL_VMID_CUT, "vmid_is_not_cut"},
	{SMALL_LOSES_REGIME, "invalidation_leaves_the_cpus_own_regime"},
	{SMALL_SCRUB_SHORT, "scrub_zeroes_one_page_and_no_other"},
	{SMALL_SCRUB_ONE_PAGE, "scrub_zeroes_every_page_of_a_range"},
	{SMALL_SCRUB_BEYOND, "scrub_zeroes_one_page_and_no_other"},
	{SMALL_CLEAN_ZEROES, "clean_keeps_the_contents"},
	{SMALL_RESET_KEEPS, "reset_writes_all_of_the_context"},
	{SMALL_RESET_KEEPS, "reset_gives_no_interrupts"},
	{SMALL_RESET_UNMASKED, "reset_starts_at_el1_with_exceptions_masked"},
	{SMALL_RESET_NO_ARGUMENT, "reset_gives_the_start_and_one_argument"},
	{SMALL_ABORT_STAYS, "abort_of_el1_comes_to_its_vector"},
	{SMALL_ABORT_ONE_VECTOR, "abort_of_el1_on_sp_el0_comes_to_its_vector"},
	{SMALL_ABORT_ONE_VECTOR, "abort_of_el0_comes_to_its_vector"},
	{SMALL_MEASURE_LITTLE_ENDIAN,
		"measurement_is_sha256_of_what_it_extends"},
	{SMALL_MEASURE_NO_DATA, "measurement_is_sha256_of_what_it_extends"},
	{SMALL_MEASURE_ZEROES, "measurement_keeps_the_data"},
	{SMALL_EVENT_KEEPS, "event_is_zero_each_time_it_is_lent"},
	{SMALL_WAKE_LOST, "wait_ends_after_a_wake"},
};

/* The verdicts of the last run. */
static const char *name[TEST_MAX];
static bool verdict[TEST_MAX];
static unsigned int count;

static void note(const char *test, bool has_passed)
{
	/* A wait that nobody ends would not return: it has not passed. */
	name[count] = test;
	verdict[count] = has_passed && !small_has_waited;
	count++;
	small_has_waited = false;
}

static uint64_t regime(void)
{
	return small_regime;
}

static void run(enum small_fault fault)
{
	const struct port_bed bed = {
		.pages = small_ram(SMALL_RAM_BASE),
		.pa = {SMALL_RAM_BASE},
		.translate = small_translate,
		.regime = regime,
		.report = note,
	};

	count = 0;
	small_fault = fault;
	small_regime = 0x1234;
	small_forget();
	port_contract_run(&bed);
	small_fault = SMALL_NONE;
}

static bool has_passed(const char *test)
{
	for (unsigned int i = 0; i < count; i++) {
		if (strcmp(name[i], test) == 0) {
			return verdict[i];
		}
	}
	printf("no test is called %s\n", test);
	return true;
}

static int good_port_passes(void)
{
	int failed = 0;

	run(SMALL_NONE);
	for (unsigned int i = 0; i < count; i++) {
		printf("%s %s\n", verdict[i] ? "ok    " : "FAILED", name[i]);
		failed += verdict[i] ? 0 : 1;
	}
	return failed;
}

static int each_fault_is_seen(void)
{
	int failed = 0;

	for (unsigned int i = 0; i < sizeof(planted) / sizeof(planted[0]);
		i++) {
		run(planted[i].fault);
		if (has_passed(planted[i].test)) {
			printf("%s does not see fault %d\n", planted[i].test,
				planted[i].fault);
			failed++;
		}
	}
	return failed;
}

static bool is_planted(const char *test)
{
	for (unsigned int i = 0; i < sizeof(planted) / sizeof(planted[0]);
		i++) {
		if (strcmp(planted[i].test, test) == 0) {
			return true;
		}
	}
	return false;
}

/* Neither a test nor a fault is without a row. */
static int nothing_is_left_out(void)
{
	bool seen[SMALL_FAULT_COUNT] = {[SMALL_NONE] = true};
	int failed = 0;

	for (unsigned int i = 0; i < sizeof(planted) / sizeof(planted[0]);
		i++) {
		seen[planted[i].fault] = true;
	}
	for (int fault = 0; fault < SMALL_FAULT_COUNT; fault++) {
		failed += seen[fault] ? 0 : 1;
	}
	run(SMALL_NONE);
	for (unsigned int i = 0; i < count; i++) {
		if (!is_planted(name[i])) {
			printf("%s has no fault to see\n", name[i]);
			failed++;
		}
	}
	return failed;
}

int main(void)
{
	int failed = good_port_passes();
	unsigned int tests = count;

	failed += each_fault_is_seen();
	failed += nothing_is_left_out();
	printf("%u tests, %d faults planted, %d failures\n", tests,
		SMALL_FAULT_COUNT - 1, failed);
	return failed == 0 ? 0 : 1;
}
