/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "bed.h"

#define TABLE_NAMED(constant, name, number, arguments) {number, #name},
const struct named_call host_calls[] = {MOAT_HOST_CALLS(TABLE_NAMED)};
const struct named_call guest_calls[] = {MOAT_GUEST_CALLS(TABLE_NAMED)};

static size_t rows_about(
	const struct table *table, uint32_t situation, uint32_t call)
{
	size_t count = 0;

	for (size_t i = 0; i < table->row_count; i++) {
		count += table->rows[i].is == situation &&
			 table->rows[i].call == call;
	}
	return count;
}

static const char *fault_of(
	const struct table *table, uint32_t situation, size_t call)
{
	static char text[128];
	size_t count = rows_about(table, situation, table->calls[call].number);

	if (count == 1) {
		return NULL;
	}
	snprintf(text, sizeof(text), "%s x %s has %zu rows",
		table->situations[situation], table->calls[call].name, count);
	return text;
}

const char *table_fault(const struct table *table)
{
	for (uint32_t is = 0; is < table->situation_count; is++) {
		for (size_t call = 0; call < table->call_count; call++) {
			const char *fault = fault_of(table, is, call);

			if (fault) {
				return fault;
			}
		}
	}
	return table->row_count == table->situation_count * table->call_count
		       ? NULL
		       : "a row is about no pair";
}

static const char *call_name(const struct table *table, uint32_t number)
{
	for (size_t i = 0; i < table->call_count; i++) {
		if (table->calls[i].number == number) {
			return table->calls[i].name;
		}
	}
	return "?";
}

const char *host_call_name(uint32_t number)
{
	const struct table table = {
		.calls = host_calls, .call_count = HOST_CALL_COUNT};

	return call_name(&table, number);
}

void table_run(const struct table *table, void (*run)(const struct row *row))
{
	const char *fault = table_fault(table);

	cr_assert(!fault, "the table: %s", fault ? fault : "");
	for (size_t i = 0; i < table->row_count; i++) {
		const struct row *row = &table->rows[i];

		bed_about("row %s x %s", table->situations[row->is],
			call_name(table, row->call));
		if (row->answer != UNREACHABLE) {
			run(row);
		}
	}
}
