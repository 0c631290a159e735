/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Printing an operation or an outcome and parsing the text gives it back: for
 * operations made of random bytes, and for each form of an outcome. And such
 * operations have bytes that make them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/outcome.h"
#include "lockstep/random.h"

enum { ROUNDS = 20000, BYTES = 64, WORDS = 32 };

static const struct op_symbols none = {NULL, 0};

static void fail(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	exit(EXIT_FAILURE);
}

static size_t split(char *text, char *word[WORDS])
{
	size_t count = 0;
	char *next = strtok(text, " ");

	while (next && count < WORDS) {
		word[count++] = next;
		next = strtok(NULL, " ");
	}
	return count;
}

static void check_op(const struct op *op)
{
	char text[OP_TEXT];
	char copy[OP_TEXT];
	char *word[WORDS];
	struct op back;
	const char *error;
	size_t count;

	op_print(op, text);
	strcpy(copy, text);
	count = split(copy, word);
	error = op_parse(&back, &none, word, count);
	if (error) {
		fail(error, text);
	}
	if (back.kind != op->kind || back.cpu != op->cpu ||
		memcmp(back.word, op->word, sizeof(op->word)) != 0) {
		fail("another operation came back", text);
	}
}

/* An operation made of bytes goes into bytes and comes back the same. */
static void check_back(const struct op *op)
{
	uint8_t bytes[OP_BYTES];
	size_t size = op_to_bytes(op, bytes);
	struct op back;
	char text[OP_TEXT];

	op_print(op, text);
	if (op_from_bytes(&back, bytes, size) != size ||
		memcmp(&back, op, sizeof(back)) != 0) {
		fail("its bytes make another operation", text);
	}
}

/* All fuzzer inputs are operations that have a text. */
static void check_bytes(struct random *random)
{
	uint8_t bytes[BYTES];
	struct op op;
	size_t size = 1 + random_below(random, BYTES);

	for (size_t i = 0; i < size; i++) {
		bytes[i] = (uint8_t)random_next(random);
	}
	if (op_from_bytes(&op, bytes, size) == 0 ||
		op_from_bytes(&op, bytes, size) > size) {
		fail("bytes taken", "none, or more than there are");
	}
	check_op(&op);
	check_back(&op);
}

/* The same of registers; an operation that they cannot say has no bytes. */
static void check_registers(struct random *random)
{
	uint8_t bytes[BYTES];
	uint8_t again[OP_BYTES];
	struct op op;
	struct op back;
	size_t used;

	for (size_t i = 0; i < BYTES; i++) {
		bytes[i] = (uint8_t)random_next(random);
	}
	if (op_from_registers(&op, bytes, BYTES) > BYTES) {
		fail("bytes taken", "more than there are");
	}
	check_op(&op);
	used = op_to_registers(&op, again);
	if (used == 0 || op_from_registers(&back, again, used) != used ||
		memcmp(&back, &op, sizeof(back)) != 0) {
		fail("its registers make another operation", "");
	}
	op.kind = OP_GUEST_GET;
	if (op_to_registers(&op, again) != 0) {
		fail("registers that say what they cannot", "");
	}
}

static void check_outcome(const struct outcome *outcome)
{
	char text[OUTCOME_TEXT];
	char copy[OUTCOME_TEXT];
	char *word[WORDS];
	struct expectation back;
	const char *error;
	size_t count;

	outcome_print(outcome, text);
	strcpy(copy, text);
	count = split(copy, word);
	error = expectation_parse(&back, &none, word, count);
	if (error) {
		fail(error, text);
	}
	if (!outcome_is_expected(outcome, &back)) {
		fail("another outcome came back", text);
	}
}

static void check_outcomes(struct random *random)
{
	struct outcome outcome;

	for (int kind = 0; kind < OUTCOME_KIND_COUNT; kind++) {
		memset(&outcome, 0, sizeof(outcome));
		outcome.kind = (enum outcome_kind)kind;
		if (kind == OUTCOME_EXIT) {
			outcome.word[1] =
				1 + random_below(random, MOAT_EXIT_END - 1);
			outcome.word[3] = random_next(random);
		} else if (kind == OUTCOME_VALUE || kind == OUTCOME_RESUME) {
			outcome.word[0] = random_next(random);
		} else if (kind == OUTCOME_ANSWER) {
			outcome.word[1] = random_next(random);
		}
		check_outcome(&outcome);
	}
	for (uint64_t status = 1; status < MOAT_STATUS_COUNT; status++) {
		memset(&outcome, 0, sizeof(outcome));
		outcome.kind = OUTCOME_ANSWER;
		outcome.word[0] = status + 256 * random_below(random, 10);
		check_outcome(&outcome);
	}
}

/* What must not pass for another operation or number. */
static void check_refused(void)
{
	static const char *const bad[] = {"", "call", "call 0",
		"call 64 version", "call 0 nothing", "call -1 version",
		"host_read 0 4", "host_read 0", "host_read 0 8 8",
		"host_write 0 8", "guest_set 0 38 0", "guest_set 0 lr4 0",
		"guest_trap 0 hvc", "guest_trap 0 1", "guest_trap 0 irq read",
		"guest_trap 0 abort read 0 0 0x100000000", "guest_read 0 4",
		"guest_read 0 0 3 0 w", "guest_read 0 4 8 0 w",
		"guest_read 0 0 4 32 w", "guest_read 0 0 4 0 sxx",
		"guest_read 0 0 4", "guest_read 0 0 0 1 w",
		"guest_write 0 0 0 4", "guest_write 0 2 0 4 0",
		"guest_fetch 0 2", "guest_call 0 psci_cpu_in",
		"call 0 version 1 2 3 4 5 6 7 8 9 10 11 12 13 14",
		"host_read 0 0x", "host_read 0 8+", "host_read 0 08x",
		"host_read 0 nowhere", "host_read 0 0x10000000000000000",
		"host_read 0 p", "host_read 0 8q", "host_read 0 8pp",
		"host_read 0 0x8p", "host_read 0 8 p",
		"host_read 0 18446744073709551615p"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char copy[OP_TEXT];
		char *word[WORDS];
		struct op op;

		strcpy(copy, bad[i]);
		if (!op_parse(&op, &none, word, split(copy, word))) {
			fail("taken for an operation", bad[i]);
		}
	}
}

/* What a number counts in, against the table of granule.h's own comment. */
static void check_units(void)
{
	static const struct {
		uint32_t page_bits;
		uint64_t page, block, entries;
	} granules[] = {{12, 0x1000, 0x200000, 512},
		{14, 0x4000, 0x2000000, 2048}, {16, 0x10000, 0x20000000, 8192}};
	const size_t i = (MOAT_PAGE_BITS - 12) / 2;
	const struct {
		const char *text;
		uint64_t number;
	} rows[] = {{"1p", granules[i].page}, {"3b", 3 * granules[i].block},
		{"2t+1", 2 * granules[i].entries + 1},
		{"0x10+1b-1p-8", 8 + granules[i].block - granules[i].page},
		{"-1p", -granules[i].page}, {"0p", 0}};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		uint64_t number;

		if (granules[i].page_bits != MOAT_PAGE_BITS ||
			!op_parse_number(rows[row].text, &none, &number) ||
			number != rows[row].number) {
			fail("not the number it is", rows[row].text);
		}
	}
}

int main(void)
{
	struct random random = {1};

	for (int i = 0; i < ROUNDS; i++) {
		check_bytes(&random);
		check_registers(&random);
	}
	check_outcomes(&random);
	check_refused();
	check_units();
	return EXIT_SUCCESS;
}
