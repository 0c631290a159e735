/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Total tables: every pair of a situation and a call has exactly one row, and
 * every row has an expected answer. A hole or a double fails.
 */
#ifndef MOAT_TESTS_CORE_TABLE_H
#define MOAT_TESTS_CORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"

/* { it is, the call, x0 answered, it becomes } */
struct row {
	uint32_t is;
	uint32_t call;
	uint64_t answer;
	uint32_t becomes;
};

/* An answer: the pair cannot happen, and the row's comment says why. */
#define UNREACHABLE UINT64_MAX

struct named_call {
	uint32_t number;
	const char *name;
};

#define TABLE_ONE_MORE(constant, name, number, arguments) +1
enum {
	HOST_CALL_COUNT = 0 MOAT_HOST_CALLS(TABLE_ONE_MORE),
	GUEST_CALL_COUNT = 0 MOAT_GUEST_CALLS(TABLE_ONE_MORE)
};
extern const struct named_call host_calls[HOST_CALL_COUNT];
extern const struct named_call guest_calls[GUEST_CALL_COUNT];

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct table {
	const struct row *rows;
	size_t row_count;
	const char *const *situations; /* names, by row.is */
	uint32_t situation_count;
	const struct named_call *calls;
	size_t call_count;
};

/* The first pair that does not have exactly one row, in words, or NULL; also
 * if a row is about no pair at all. Valid until called again. */
const char *table_fault(const struct table *table);

/* Fail if the table has a fault; then run each row that can happen. */
void table_run(const struct table *table, void (*run)(const struct row *row));

/* The name of a host call. */
const char *host_call_name(uint32_t number);

#endif
