/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What operations reached, of all that the manual says can happen: every call
 * with every answer, every exit, every abort of the host, every entry by what
 * it answers, every way in which a range can end.
 *
 * coverage_table.c is the list. It is exact both ways: what it has and a run
 * does not reach is printed, and an outcome that it has not is a difference.
 */
#ifndef MOAT_LOCKSTEP_COVERAGE_H
#define MOAT_LOCKSTEP_COVERAGE_H

#include <stdio.h>

#include "lockstep/outcome.h"

#ifdef __cplusplus
extern "C" {
#endif

struct model;

enum coverage_group {
	COVERAGE_CALL, /* a call of the host; x0 */
	COVERAGE_GUEST_CALL, /* a guest's call; x0, or the exit it ended in */
	COVERAGE_EXIT, /* a reason; of some reasons which of its kinds */
	COVERAGE_ENTRY, /* the pending exit; what the entry did about it */
	COVERAGE_ABORT, /* of the host, or of a guest; what came of it */
	COVERAGE_RANGE, /* a call; did it do all, a part, or a block? */
	COVERAGE_SEEN, /* what page_info and vm_info answered */
	COVERAGE_GROUPS
};

enum {
	COVERAGE_ROWS = 40, /* the most of a group */
	COVERAGE_ANSWERS = 24 /* the most of a row */
};

/* Answers that are no x0 of a call. */
#define COVERAGE_EXITED(reason) (UINT64_C(0x100000000) + (reason))
#define COVERAGE_END UINT64_C(0x200000000) /* behind the last of a row */

/* What COVERAGE_EXIT tells of an exit beside its reason. */
#define COVERAGE_MMIO(access, size) ((uint64_t)(access)*16 + (size))

/* What COVERAGE_ENTRY tells of the entry. */
enum coverage_entry {
	COVERAGE_PLAIN,
	COVERAGE_INJECT, /* MOAT_ENTRY_ABORT */
	COVERAGE_STORE, /* an MMIO write goes on */
	COVERAGE_ZERO_REGISTER, /* a load to nowhere */
	COVERAGE_LOAD = 16 /* + size + 16 * enum op_form */
};

enum coverage_range { COVERAGE_ALL, COVERAGE_PART, COVERAGE_BLOCK };

/* What COVERAGE_ABORT counts: rows and answers. */
enum { COVERAGE_OF_HOST, COVERAGE_OF_GUEST };
enum { COVERAGE_RETRIED, COVERAGE_REFUSED };

/* A row: what happened, and all that may come of it. */
struct coverage_row {
	const char *name;
	uint64_t answer[COVERAGE_ANSWERS]; /* up to COVERAGE_END */
};

const struct coverage_row *coverage_rows(
	enum coverage_group group, size_t *count);

struct coverage {
	uint64_t count[COVERAGE_GROUPS][COVERAGE_ROWS][COVERAGE_ANSWERS];
	bool is_counted[COVERAGE_GROUPS][COVERAGE_ROWS]; /* else all 0 */
	uint64_t ops;
	uint64_t accepted; /* neither refused, nor a fault, nor skipped */
};

void coverage_add(struct coverage *total, const struct coverage *part);

/* Nothing was reached; few rows of those there are cost anything. */
void coverage_clear(struct coverage *coverage);

/* What an operation is about to do, by the model before it. */
struct coverage_before {
	uint32_t entry_row; /* the pending exit of a vcpu_run */
	uint64_t entry; /* enum coverage_entry */
	bool is_block; /* the address of the call is in a block */
};

struct coverage_before coverage_look(
	const struct model *model, const struct op *op);

/**
 * Count what came of @op.
 *
 * Returns false if the list has no such answer.
 */
bool coverage_note(struct coverage *coverage, const struct op *op,
	const struct coverage_before *before, const struct outcome *outcome);

/* Print all counts; print what has none. Returns how many have none. */
void coverage_print(const struct coverage *coverage, FILE *file);
size_t coverage_print_missing(const struct coverage *coverage, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
