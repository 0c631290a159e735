/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of a caller. */
#define REGISTERS (sizeof(((struct moat_regs *)NULL)->x) / sizeof(uint64_t))

static const char *const kind_names[OUTCOME_KIND_COUNT] = {
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_DONE] = "done",
	[OUTCOME_VALUE] = "value",
	[OUTCOME_FAULT] = "fault",
	[OUTCOME_RETRY] = "retry",
	[OUTCOME_ANSWER] = NULL, /* the status stands for it */
	[OUTCOME_ENTER] = "ENTER",
	[OUTCOME_RESUME] = "RESUME",
	[OUTCOME_EXIT] = "EXIT",
};

/* Written out here, since expectations come neither from core nor model. */
static const char *const status_names[MOAT_STATUS_COUNT] = {
	[MOAT_OK] = "OK",
	[MOAT_BAD_ARG] = "BAD_ARG",
	[MOAT_BAD_VM] = "BAD_VM",
	[MOAT_BAD_STATE] = "BAD_STATE",
	[MOAT_BAD_IPA] = "BAD_IPA",
	[MOAT_BAD_VCPU] = "BAD_VCPU",
	[MOAT_BUSY] = "BUSY",
	[MOAT_VCPU_IS_OFF] = "VCPU_IS_OFF",
	[MOAT_BAD_ENTRY] = "BAD_ENTRY",
	[MOAT_NO_TABLE] = "NO_TABLE",
	[MOAT_NEEDS_SPLIT] = "NEEDS_SPLIT",
	[MOAT_OCCUPIED] = "OCCUPIED",
	[MOAT_NOT_MAPPED] = "NOT_MAPPED",
	[MOAT_NOT_EMPTY] = "NOT_EMPTY",
	[MOAT_NOT_UNIFORM] = "NOT_UNIFORM",
	[MOAT_BAD_PAGE] = "BAD_PAGE",
};

static const char *const exit_names[MOAT_EXIT_END] = {
	[MOAT_EXIT_IRQ] = "IRQ",
	[MOAT_EXIT_WFI] = "WFI",
	[MOAT_EXIT_FAULT] = "FAULT",
	[MOAT_EXIT_MMIO] = "MMIO",
	[MOAT_EXIT_HOST_CALL] = "HOST_CALL",
	[MOAT_EXIT_PSCI] = "PSCI",
	[MOAT_EXIT_SHARE] = "SHARE",
	[MOAT_EXIT_UNSHARE] = "UNSHARE",
	[MOAT_EXIT_RELINQUISH] = "RELINQUISH",
	[MOAT_EXIT_SERROR] = "SERROR",
	[MOAT_EXIT_OTHER] = "OTHER",
};

const char *outcome_status_name(uint64_t status)
{
	return status_names[status];
}

const char *outcome_exit_name(uint64_t reason)
{
	return exit_names[reason];
}

bool outcome_is_equal(const struct outcome *a, const struct outcome *b)
{
	return a->kind == b->kind &&
	       memcmp(a->word, b->word, sizeof(a->word)) == 0;
}

bool outcome_is_expected(
	const struct outcome *outcome, const struct expectation *expectation)
{
	if (!expectation->is_stated) {
		return true;
	}
	return outcome->kind == expectation->outcome.kind &&
	       memcmp(outcome->word, expectation->outcome.word,
		       expectation->count * sizeof(outcome->word[0])) == 0;
}

bool outcome_is_refusal(const struct outcome *outcome)
{
	return outcome->kind == OUTCOME_ANSWER && outcome->word[0] != MOAT_OK;
}

/* ---- Print ------------------------------------------------------------- */

static size_t print_words(char *text, size_t length,
	const struct outcome *outcome, uint32_t first)
{
	uint32_t count = OUTCOME_WORDS;

	while (count > first && outcome->word[count - 1] == 0) {
		count--;
	}
	for (uint32_t i = first; i < count; i++) {
		const char *format =
			outcome->word[i] < 10 ? " %" PRIu64 : " 0x%" PRIx64;

		length += (size_t)snprintf(text + length, OUTCOME_TEXT - length,
			format, outcome->word[i]);
	}
	return length;
}

/* x0 as a status, if it is one that the engine may give. */
static void print_answer(const struct outcome *outcome, char *text)
{
	uint64_t x0 = outcome->word[0];
	uint64_t code = moat_status_code(x0);
	uint64_t operand = moat_status_operand(x0);
	size_t length;

	if (x0 == MOAT_NOT_SUPPORTED) {
		length = (size_t)snprintf(text, OUTCOME_TEXT, "NOT_SUPPORTED");
	} else if (code >= MOAT_STATUS_COUNT || x0 != operand * 256 + code) {
		length = (size_t)snprintf(
			text, OUTCOME_TEXT, "x0=0x%" PRIx64, x0);
	} else if (code == MOAT_OK) {
		length = (size_t)snprintf(text, OUTCOME_TEXT, "OK");
	} else {
		length = (size_t)snprintf(text, OUTCOME_TEXT, "%s %" PRIu64,
			status_names[code], operand);
	}
	print_words(text, length, outcome, 1);
}

static void print_exit(const struct outcome *outcome, char *text)
{
	uint64_t reason = outcome->word[1];
	size_t length;

	if (outcome->word[0] == MOAT_OK && reason > 0 &&
		reason < MOAT_EXIT_END) {
		length = (size_t)snprintf(
			text, OUTCOME_TEXT, "EXIT %s", exit_names[reason]);
	} else {
		length = (size_t)snprintf(text, OUTCOME_TEXT,
			"EXIT x0=0x%" PRIx64 " x1=0x%" PRIx64, outcome->word[0],
			reason);
	}
	print_words(text, length, outcome, 2);
}

void outcome_print(const struct outcome *outcome, char text[OUTCOME_TEXT])
{
	size_t length;

	if (outcome->kind == OUTCOME_ANSWER) {
		print_answer(outcome, text);
		return;
	}
	if (outcome->kind == OUTCOME_EXIT) {
		print_exit(outcome, text);
		return;
	}
	length = (size_t)snprintf(
		text, OUTCOME_TEXT, "%s", kind_names[outcome->kind]);
	print_words(text, length, outcome, 0);
}

/* ---- Parse ------------------------------------------------------------- */

static uint64_t find_name(
	const char *const *names, uint64_t count, const char *text)
{
	uint64_t i = 0;

	while (i < count && (!names[i] || strcmp(names[i], text) != 0)) {
		i++;
	}
	return i;
}

/* The rest of @word are words of the outcome from @first on. */
static const char *parse_words(struct expectation *expectation,
	const struct op_symbols *symbols, char **word, size_t count)
{
	if (expectation->count + count > OUTCOME_WORDS) {
		return "too many words are expected";
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t index = expectation->count;

		if (!op_parse_number(word[i], symbols,
			    &expectation->outcome.word[index])) {
			return "not a number";
		}
		expectation->count++;
	}
	return NULL;
}

/* A refusal names its register, and may not state results: they are zero. What
 * is no register, and one of a call that does not exist, is no status. */
static const char *parse_refusal(struct expectation *expectation,
	const struct op_symbols *symbols, char **word, size_t count)
{
	uint64_t operand = 0;

	if (count > 1 ||
		(count == 1 && !op_parse_number(word[0], symbols, &operand)) ||
		operand >= REGISTERS ||
		(operand > 0 &&
			expectation->outcome.word[0] == MOAT_NOT_SUPPORTED)) {
		return "only the register at fault can follow a refusal";
	}
	expectation->count = OUTCOME_WORDS;
	expectation->outcome.word[0] += operand * 256;
	return NULL;
}

static const char *parse_status(struct expectation *expectation,
	const struct op_symbols *symbols, char **word, size_t count)
{
	uint64_t status = find_name(status_names, MOAT_STATUS_COUNT, word[0]);

	expectation->outcome.kind = OUTCOME_ANSWER;
	expectation->count = 1;
	if (status == MOAT_OK) {
		return parse_words(expectation, symbols, word + 1, count - 1);
	}
	if (strcmp(word[0], "NOT_SUPPORTED") == 0) {
		status = MOAT_NOT_SUPPORTED;
	} else if (status == MOAT_STATUS_COUNT) {
		return "not an outcome";
	}
	expectation->outcome.word[0] = status;
	return parse_refusal(expectation, symbols, word + 1, count - 1);
}

static const char *parse_exit(struct expectation *expectation,
	const struct op_symbols *symbols, char **word, size_t count)
{
	uint64_t reason;

	if (count < 2) {
		return "EXIT needs a reason";
	}
	reason = find_name(exit_names, MOAT_EXIT_END, word[1]);
	if (reason == MOAT_EXIT_END) {
		return "not an exit reason";
	}
	expectation->count = 2;
	expectation->outcome.word[1] = reason;
	return parse_words(expectation, symbols, word + 2, count - 2);
}

const char *expectation_parse(struct expectation *expectation,
	const struct op_symbols *symbols, char **word, size_t count)
{
	uint64_t kind;

	memset(expectation, 0, sizeof(*expectation));
	if (count == 0) {
		return "nothing is expected";
	}
	expectation->is_stated = true;
	kind = find_name(kind_names, OUTCOME_KIND_COUNT, word[0]);
	if (kind == OUTCOME_KIND_COUNT) {
		return parse_status(expectation, symbols, word, count);
	}
	expectation->outcome.kind = (enum outcome_kind)kind;
	if (kind == OUTCOME_EXIT) {
		return parse_exit(expectation, symbols, word, count);
	}
	return parse_words(expectation, symbols, word + 1, count - 1);
}
