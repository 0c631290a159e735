/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner of tables, on tables that are not total on purpose. */
#include "table.h"

#include <criterion/criterion.h>
#include <string.h>

static const char *const situations[] = {"wet", "dry"};
static const struct named_call calls[] = {{0x10, "dip"}, {0x20, "wring"}};

static const struct row rows[] = {
	{0, 0x10, 0, 0}, {0, 0x20, 0, 1}, {1, 0x10, 0, 0}, {1, 0x20, 0, 1},
	{1, 0x20, 0, 1}, /* once too many */
};

static struct table table_of(size_t first, size_t count)
{
	return (struct table){
		rows + first, count, situations, 2, calls, LENGTH(calls)};
}

Test(table, a_total_table_has_no_fault)
{
	struct table table = table_of(0, 4);

	cr_assert_null(table_fault(&table));
}

Test(table, a_missing_row_is_named)
{
	struct table last = table_of(0, 3);
	struct table first = table_of(1, 3);

	cr_assert_str_eq(table_fault(&last), "dry x wring has 0 rows");
	cr_assert_str_eq(table_fault(&first), "wet x dip has 0 rows");
}

Test(table, a_doubled_row_is_named)
{
	struct table table = table_of(0, 5);

	cr_assert_str_eq(table_fault(&table), "dry x wring has 2 rows");
}

Test(table, a_row_about_no_pair_is_noticed)
{
	struct table table = table_of(0, 4);

	table.situation_count = 1;
	cr_assert_str_eq(table_fault(&table), "a row is about no pair");
}

static int runs;

static void count_run(const struct row *row)
{
	(void)row;
	runs++;
}

Test(table, every_row_that_can_happen_is_run)
{
	static const struct row reachable[] = {
		{0, 0x10, 0, 0},
		{0, 0x20, UNREACHABLE, 0},
		{1, 0x10, 0, 0},
		{1, 0x20, 3, 0},
	};
	struct table table = table_of(0, 4);

	table.rows = reachable;
	table_run(&table, count_run);
	cr_assert_eq(runs, 3);
}

Test(table, the_call_lists_are_those_of_the_manual)
{
	cr_assert_eq(HOST_CALL_COUNT, 22);
	cr_assert_eq(GUEST_CALL_COUNT, 7);
	cr_assert_str_eq(host_call_name(0x41), "page_donate");
}
