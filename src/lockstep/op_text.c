/* SPDX-License-Identifier: BSD-2-Clause */
/* The text form of operations. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/op.h"

static const char *const trap_names[MOAT_TRAP_END] = {
	[MOAT_TRAP_IRQ] = "irq",
	[MOAT_TRAP_WFI] = "wfi",
	[MOAT_TRAP_SERROR] = "serror",
	[MOAT_TRAP_OTHER] = "other",
};

static bool is_call(const struct op *op)
{
	return op->kind == OP_CALL || op->kind == OP_GUEST_CALL;
}

/* ---- Parse ------------------------------------------------------------- */

/* A name of the scene's: @length characters at @text. */
static bool find_symbol(const char *text, size_t length,
	const struct op_symbols *symbols, uint64_t *number)
{
	for (size_t i = 0; i < symbols->count; i++) {
		const struct op_symbol *symbol = &symbols->symbol[i];

		if (strlen(symbol->name) == length &&
			memcmp(symbol->name, text, length) == 0) {
			*number = symbol->value;
			return true;
		}
	}
	return false;
}

/*
 * Digits, all of them: strtoull alone would take blanks, signs, or nothing at
 * all, and stop at what is no digit.
 */
static bool parse_digits(const char *text, size_t length, uint64_t *number)
{
	char digits[32];
	char *end;
	int base = strncmp(text, "0x", 2) == 0 ? 16 : 10;

	if (length == 0 || length >= sizeof(digits) || text[0] < '0' ||
		text[0] > '9') {
		return false;
	}
	memcpy(digits, text, length);
	digits[length] = '\0';
	errno = 0;
	*number = strtoull(digits, &end, base);
	return *end == '\0' && errno == 0;
}

bool op_parse_number(
	const char *text, const struct op_symbols *symbols, uint64_t *number)
{
	bool is_negative = text[0] == '-';

	text += is_negative;
	*number = 0;
	while (true) {
		size_t length = strcspn(text, "+-");
		uint64_t term;

		if (!find_symbol(text, length, symbols, &term) &&
			!parse_digits(text, length, &term)) {
			return false;
		}
		*number += is_negative ? -term : term;
		text += length;
		if (*text == '\0') {
			return true;
		}
		is_negative = *text == '-';
		text++;
	}
}

/* A function by name or by number; its own namespace for host and guest. */
static bool parse_function(
	struct op *op, const struct op_symbols *symbols, const char *text)
{
	bool is_host = op->kind == OP_CALL;
	size_t count = is_host ? op_host_call_count() : op_guest_call_count();

	for (size_t i = 0; i < count; i++) {
		const struct op_call *call =
			is_host ? op_host_call(i) : op_guest_call(i);

		if (strcmp(text, call->name) == 0) {
			op->word[0] = call->function;
			return true;
		}
	}
	return op_parse_number(text, symbols, &op->word[0]);
}

static bool parse_trap(struct op *op, const char *text)
{
	for (uint64_t i = 0; i < MOAT_TRAP_END; i++) {
		if (trap_names[i] && strcmp(text, trap_names[i]) == 0) {
			op->word[0] = i;
			return true;
		}
	}
	return false;
}

static bool parse_kind(struct op *op, const char *text)
{
	for (int i = 0; i < OP_KIND_COUNT; i++) {
		if (strcmp(text, op_kind_name((enum op_kind)i)) == 0) {
			op->kind = (enum op_kind)i;
			return true;
		}
	}
	return false;
}

/* Calls may leave their last arguments away; others have all their words. */
static const char *check_count(const struct op *op, size_t count)
{
	uint32_t least = is_call(op) ? 1 : op_word_count(op->kind);

	if (count > op_word_count(op->kind)) {
		return "too many arguments";
	}
	if (count < least) {
		return "too few arguments";
	}
	return NULL;
}

static const char *check_op(const struct op *op)
{
	bool is_write = op->kind == OP_HOST_WRITE || op->kind == OP_GUEST_WRITE;
	bool is_read = op->kind == OP_HOST_READ || op->kind == OP_GUEST_READ;

	if ((is_write || is_read) && op->word[0] % sizeof(uint64_t) != 0) {
		return "the address is not a multiple of 8";
	}
	if (op->kind == OP_GUEST_SET && op->word[0] >= OP_REGISTERS) {
		return "no such register";
	}
	return NULL;
}

/* Word @index of the operation, whose kind says what may stand there. */
static bool parse_word(struct op *op, const struct op_symbols *symbols,
	size_t index, const char *text)
{
	if (index == 0 && is_call(op)) {
		return parse_function(op, symbols, text);
	}
	if (op->kind == OP_GUEST_TRAP) {
		return parse_trap(op, text);
	}
	return op_parse_number(text, symbols, &op->word[index]);
}

static const char *parse_words(struct op *op, const struct op_symbols *symbols,
	char **word, size_t count)
{
	const char *error = check_count(op, count);

	for (size_t i = 0; !error && i < count; i++) {
		if (!parse_word(op, symbols, i, word[i])) {
			error = "not a name or a number";
		}
	}
	return error ? error : check_op(op);
}

const char *op_parse(struct op *op, const struct op_symbols *symbols,
	char **word, size_t count)
{
	uint64_t cpu;

	memset(op, 0, sizeof(*op));
	if (count < 2 || !parse_kind(op, word[0])) {
		return "not an operation";
	}
	if (!op_parse_number(word[1], symbols, &cpu) || cpu >= MOAT_CPU_MAX) {
		return "not a CPU";
	}
	op->cpu = (uint32_t)cpu;
	return parse_words(op, symbols, word + 2, count - 2);
}

/* ---- Print ------------------------------------------------------------- */

/* Words up to the last one that matters. */
static uint32_t printed_words(const struct op *op)
{
	uint32_t count = op_word_count(op->kind);
	uint32_t least = count;

	if (is_call(op)) {
		const struct op_call *call = op_call_of(op);

		least = 1 + (call ? call->argument_count : 0);
	}
	while (count > least && op->word[count - 1] == 0) {
		count--;
	}
	return count;
}

/* A word by its name, if it has one: functions and traps. */
static const char *name_of(const struct op *op, uint32_t word)
{
	const struct op_call *call;

	if (op->kind == OP_GUEST_TRAP) {
		return trap_names[op->word[0]];
	}
	if (word != 0 || !is_call(op)) {
		return NULL;
	}
	call = op_call_of(op);
	return call ? call->name : NULL;
}

/* Small numbers are counts and numbers of things, the others addresses. */
static int print_word(
	const struct op *op, uint32_t word, char *text, size_t size)
{
	const char *name = name_of(op, word);
	uint64_t value = op->word[word];

	if (name) {
		return snprintf(text, size, " %s", name);
	}
	return snprintf(
		text, size, value < 10 ? " %" PRIu64 : " 0x%" PRIx64, value);
}

void op_print(const struct op *op, char text[OP_TEXT])
{
	int length = snprintf(
		text, OP_TEXT, "%s %" PRIu32, op_kind_name(op->kind), op->cpu);

	for (uint32_t i = 0; i < printed_words(op); i++) {
		length += print_word(
			op, i, text + length, OP_TEXT - (size_t)length);
	}
}
