/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What came of one operation, as the agents saw it. Engine and model must give
 * the same, and a scene may state it behind an equals sign:
 *
 *     = OK 3                   a call returned to the host: status, x1..
 *     = BAD_PAGE 3             a refusal: status, register at fault (or none)
 *     = NOT_SUPPORTED          no such call
 *     = ENTER                  vcpu_run went into the guest
 *     = RESUME 0 0x10000       the guest goes on: its x0, x1..x4
 *     = EXIT FAULT 0x1000 1    back to the host: reason, x2..x14
 *     = value 7                a read or write was done
 *     = fault                  the host got an abort
 *     = retry                  the host is to make the access again
 *     = done                   no answer, as of guest_set
 *     = skipped                the state did not permit the operation
 *
 * Words left away at the end are not looked at.
 */
#ifndef MOAT_LOCKSTEP_OUTCOME_H
#define MOAT_LOCKSTEP_OUTCOME_H

#include "lockstep/op.h"

#ifdef __cplusplus
extern "C" {
#endif

enum outcome_kind {
	OUTCOME_SKIPPED,
	OUTCOME_DONE,
	OUTCOME_VALUE, /* word 0 */
	OUTCOME_FAULT,
	OUTCOME_RETRY,
	OUTCOME_ANSWER, /* x0..x9 of the host */
	OUTCOME_ENTER,
	OUTCOME_RESUME, /* x0..x4 of the guest */
	OUTCOME_EXIT, /* x0..x14 of the host */
	OUTCOME_KIND_COUNT
};

enum {
	OUTCOME_RESULTS = 1 + MOAT_RESULT_COUNT,
	OUTCOME_WORDS = 1 + MOAT_RUN_RESULT_COUNT,
	OUTCOME_RESUMED = 5,
	OUTCOME_TEXT = 400
};

/* Words that the kind does not use are zero. */
struct outcome {
	enum outcome_kind kind;
	uint64_t word[OUTCOME_WORDS];
};

/* What a scene states: the first @count words of @outcome. */
struct expectation {
	bool is_stated;
	uint32_t count;
	struct outcome outcome;
};

bool outcome_is_equal(const struct outcome *a, const struct outcome *b);
bool outcome_is_expected(
	const struct outcome *outcome, const struct expectation *expectation);

/* A call of the host that was answered by something else than MOAT_OK. */
bool outcome_is_refusal(const struct outcome *outcome);

/* The name of a status, which is one. */
const char *outcome_status_name(uint64_t status);
const char *outcome_exit_name(uint64_t reason);

/* The text form, such that parsing it states all words. */
void outcome_print(const struct outcome *outcome, char text[OUTCOME_TEXT]);

/* The words behind the equals sign. Returns NULL, or what is wrong. */
const char *expectation_parse(struct expectation *expectation,
	const struct op_symbols *symbols, char **word, size_t count);

#ifdef __cplusplus
}
#endif

#endif
