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
	[MOAT_TRAP_ABORT] = "abort",
	[MOAT_TRAP_SERROR] = "serror",
	[MOAT_TRAP_OTHER] = "other",
};

static const char *const access_names[MOAT_ACCESS_END] = {
	[MOAT_ACCESS_READ] = "read",
	[MOAT_ACCESS_WRITE] = "write",
	[MOAT_ACCESS_FETCH] = "fetch",
};

static const char *const form_names[OP_FORM_COUNT] = {"w", "sw", "x", "sx"};

/* x0..x30 have numbers. */
static const char *const register_names[OP_REGISTERS] = {
	[OP_PC_REGISTER] = "pc",
	[OP_LIST_REGISTER] = "lr0",
	[OP_LIST_REGISTER + 1] = "lr1",
	[OP_LIST_REGISTER + 2] = "lr2",
	[OP_LIST_REGISTER + 3] = "lr3",
	[OP_MAINTENANCE] = "maintenance",
	[OP_DEADLINE] = "deadline",
};

/* ---- Numbers and names ------------------------------------------------- */

/* What a decimal number may be counted in; 0 if @text is no unit. */
static uint64_t unit_of(const char *text)
{
	const struct {
		const char *name;
		uint64_t size;
	} units[] = {{"", 1}, {"p", MOAT_PAGE_SIZE},
		{"b", (uint64_t)MOAT_TABLE_ENTRIES * MOAT_PAGE_SIZE},
		{"t", MOAT_TABLE_ENTRIES}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text, units[i].name) == 0) {
			return units[i].size;
		}
	}
	return 0;
}

/* Digits, and behind decimal ones a unit. */
static bool parse_digits(const char *digits, uint64_t *number)
{
	int base = strncmp(digits, "0x", 2) == 0 ? 16 : 10;
	char *end;
	uint64_t unit;

	errno = 0;
	*number = strtoull(digits, &end, base);
	unit = unit_of(end);
	if (errno != 0 || unit == 0 || (base == 16 && unit != 1) ||
		*number > UINT64_MAX / unit) {
		return false;
	}
	*number *= unit;
	return true;
}

/* One term of a sum: @length characters at @text. */
static bool parse_term(const char *text, size_t length,
	const struct op_symbols *symbols, uint64_t *number)
{
	char digits[32];

	for (size_t i = 0; i < symbols->count; i++) {
		const struct op_symbol *symbol = &symbols->symbol[i];

		if (strlen(symbol->name) == length &&
			memcmp(symbol->name, text, length) == 0) {
			*number = symbol->value;
			return true;
		}
	}
	/* strtoull would take blanks, signs and nothing at all. */
	if (length == 0 || length >= sizeof(digits) || text[0] < '0' ||
		text[0] > '9') {
		return false;
	}
	memcpy(digits, text, length);
	digits[length] = '\0';
	return parse_digits(digits, number);
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

		if (!parse_term(text, length, symbols, &term)) {
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

/* The number of @text among @names, some of which may be missing. */
static bool parse_name(const char *const *names, uint64_t count,
	const char *text, uint64_t *number)
{
	for (uint64_t i = 0; i < count; i++) {
		if (names[i] && strcmp(text, names[i]) == 0) {
			*number = i;
			return true;
		}
	}
	return false;
}

/* ---- Operations -------------------------------------------------------- */

/* The names that word @index of an operation may have, or NULL; a name is not
 * needed, but for a trap: numbers do as well. */
static const char *const *names_of(
	const struct op *op, uint32_t index, uint64_t *count)
{
	if (op->kind == OP_GUEST_TRAP && index == 0) {
		*count = MOAT_TRAP_END;
		return trap_names;
	}
	if (op->kind == OP_GUEST_TRAP && index == 1) {
		*count = MOAT_ACCESS_END;
		return access_names;
	}
	if (op->kind == OP_GUEST_READ && index == 3) {
		*count = OP_FORM_COUNT;
		return form_names;
	}
	*count = OP_REGISTERS;
	return op->kind == OP_GUEST_SET && index == 0 ? register_names : NULL;
}

static bool parse_word(struct op *op, const struct op_symbols *symbols,
	uint32_t index, const char *text)
{
	bool is_call = op->kind == OP_CALL || op->kind == OP_GUEST_CALL;
	uint64_t count;
	const char *const *names = names_of(op, index, &count);

	if (is_call && index == 0) {
		return parse_function(op, symbols, text);
	}
	if (names && parse_name(names, count, text, &op->word[index])) {
		return true;
	}
	return names != trap_names &&
	       op_parse_number(text, symbols, &op->word[index]);
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

/* The fewest words of an operation; calls and aborts may leave their last ones
 * away, accesses all that makes them such of one register. */
static size_t least_words(const struct op *op)
{
	switch (op->kind) {
	case OP_CALL:
	case OP_GUEST_CALL:
	case OP_GUEST_READ:
	case OP_GUEST_TRAP:
		return 1;
	case OP_GUEST_WRITE:
		return 2;
	case OP_HOST_READ:
	case OP_HOST_WRITE:
	case OP_HOST_ABORT:
	case OP_GUEST_FETCH:
	case OP_GUEST_SET:
	case OP_GUEST_GET:
	case OP_KIND_COUNT:
		break;
	}
	return op_word_count(op->kind);
}

static const char *check_count(const struct op *op, size_t count)
{
	size_t least = least_words(op);
	size_t most = op_word_count(op->kind);
	bool is_half =
		(op->kind == OP_GUEST_READ || op->kind == OP_GUEST_WRITE) &&
		count > least && count < most;

	if (count > most) {
		return "too many arguments";
	}
	return count < least || is_half ? "too few arguments" : NULL;
}

/* The words of struct moat_trap that are 32 bits wide. */
static const char *check_trap(const struct op *op)
{
	for (uint32_t i = 1; i < OP_TRAP_WORDS; i++) {
		if (op->word[0] != MOAT_TRAP_ABORT && op->word[i] != 0) {
			return "only an abort has more words";
		}
		if (i != 2 && op->word[i] > UINT32_MAX) {
			return "the number is too large";
		}
	}
	return NULL;
}

/* @first is the word of the size; 0: a double word, and no syndrome. */
static const char *check_access(const struct op *op, uint32_t first)
{
	uint64_t size = op->word[first];

	if (size != 0 && size != 1 && size != 2 && size != 4 && size != 8) {
		return "not a size";
	}
	if (op->word[0] % (size == 0 ? sizeof(uint64_t) : size) != 0) {
		return "the address is not a multiple of the size";
	}
	if (op->word[first + 1] > OP_PC_REGISTER ||
		(size == 0 && op->word[first + 1] != 0)) {
		return "no such register";
	}
	return NULL;
}

static const char *check_op(const struct op *op)
{
	switch (op->kind) {
	case OP_HOST_READ:
	case OP_HOST_WRITE:
		return op->word[0] % sizeof(uint64_t) != 0
			       ? "the address is not a multiple of 8"
			       : NULL;
	case OP_GUEST_READ:
		return op->word[3] >= OP_FORM_COUNT ||
				       (op->word[1] == 0 && op->word[3] != 0)
			       ? "not a form"
			       : check_access(op, 1);
	case OP_GUEST_WRITE:
		return check_access(op, 2);
	case OP_GUEST_FETCH:
		return op->word[0] % 4 != 0
			       ? "the address is not a multiple of 4"
			       : NULL;
	case OP_GUEST_SET:
		return op->word[0] >= OP_REGISTERS ? "no such register" : NULL;
	case OP_GUEST_GET:
		return op->word[0] >= OP_PC_REGISTER ? "no such register"
						     : NULL;
	case OP_GUEST_TRAP:
		return check_trap(op);
	case OP_CALL:
	case OP_HOST_ABORT:
	case OP_GUEST_CALL:
	case OP_KIND_COUNT:
		break;
	}
	return NULL;
}

const char *op_parse(struct op *op, const struct op_symbols *symbols,
	char **word, size_t count)
{
	const char *error;
	uint64_t cpu;

	memset(op, 0, sizeof(*op));
	if (count < 2 || !parse_kind(op, word[0])) {
		return "not an operation";
	}
	if (!op_parse_number(word[1], symbols, &cpu) || cpu >= MOAT_CPU_MAX) {
		return "not a CPU";
	}
	op->cpu = (uint32_t)cpu;
	error = check_count(op, count - 2);
	if (error) {
		return error;
	}
	for (uint32_t i = 0; i < count - 2; i++) {
		if (!parse_word(op, symbols, i, word[2 + i])) {
			return "not a name or a number";
		}
	}
	return check_op(op);
}

/* ---- Print ------------------------------------------------------------- */

/* Words up to the last one that matters. */
static uint32_t printed_words(const struct op *op)
{
	uint32_t count = op_word_count(op->kind);
	uint32_t least = (uint32_t)least_words(op);

	if (op->kind == OP_CALL || op->kind == OP_GUEST_CALL) {
		const struct op_call *call = op_call_of(op);

		least = 1 + (call ? call->argument_count : 0);
	} else if ((op->kind == OP_GUEST_READ || op->kind == OP_GUEST_WRITE) &&
		   op->word[least] != 0) {
		least = count;
	}
	while (count > least && op->word[count - 1] == 0) {
		count--;
	}
	return count;
}

/* Word @index as a name if it has one. */
static const char *printed_name(const struct op *op, uint32_t index)
{
	const struct op_call *call = NULL;
	uint64_t count;
	const char *const *names = names_of(op, index, &count);

	if (index == 0 && (op->kind == OP_CALL || op->kind == OP_GUEST_CALL)) {
		call = op_call_of(op);
	}
	if (call) {
		return call->name;
	}
	return names && op->word[index] < count ? names[op->word[index]] : NULL;
}

void op_print(const struct op *op, char text[OP_TEXT])
{
	int length = snprintf(
		text, OP_TEXT, "%s %" PRIu32, op_kind_name(op->kind), op->cpu);

	for (uint32_t i = 0; i < printed_words(op); i++) {
		const char *name = printed_name(op, i);
		const char *format =
			op->word[i] < 10 ? " %" PRIu64 : " 0x%" PRIx64;
		size_t left = OP_TEXT - (size_t)length;

		length += name ? snprintf(text + length, left, " %s", name)
			       : snprintf(text + length, left, format,
					 op->word[i]);
	}
}
