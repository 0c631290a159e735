/* SPDX-License-Identifier: BSD-2-Clause */
/* Coverage as text: "call page_load: OK 12, BAD_ARG 2 5, ..". */
#include <inttypes.h>

#include "lockstep/coverage.h"
#include "model/model.h"

enum { NAME_TEXT = 64 };

static const char *const group_names[COVERAGE_GROUPS] = {
	"call", "guest_call", "exit", "entry", "abort", "range", "seen"};

static const char *const psci_names[] = {"NOT_SUPPORTED", "INVALID_PARAMETERS",
	"DENIED", "ALREADY_ON", "ON_PENDING", "INTERNAL_FAILURE", "NOT_PRESENT",
	"DISABLED", "INVALID_ADDRESS"};
static const char *const access_names[MOAT_ACCESS_END] = {
	"", "read", "write", "fetch"};
static const char *const entry_names[] = {
	"plain", "abort", "store", "load to zero register"};
static const char *const form_names[OP_FORM_COUNT] = {"w", "sw", "x", "sx"};
static const char *const range_names[] = {"all", "part", "block"};
static const char *const abort_names[] = {"retried", "refused"};

/* ---- Names of answers -------------------------------------------------- */

static void name_x0(uint64_t answer, char text[NAME_TEXT])
{
	uint64_t operand = moat_status_operand(answer);

	if (answer == MOAT_NOT_SUPPORTED) {
		snprintf(text, NAME_TEXT, "NOT_SUPPORTED");
	} else if (operand != 0) {
		snprintf(text, NAME_TEXT, "%s x%" PRIu64,
			outcome_status_name(moat_status_code(answer)), operand);
	} else {
		snprintf(text, NAME_TEXT, "%s", outcome_status_name(answer));
	}
}

/* PSCI has codes of its own, small ones negated, or a number that tells. */
static void name_power(uint64_t answer, char text[NAME_TEXT])
{
	uint64_t code = ~answer;

	if (code < sizeof(psci_names) / sizeof(psci_names[0])) {
		snprintf(text, NAME_TEXT, "%s", psci_names[code]);
	} else {
		snprintf(text, NAME_TEXT, "0x%" PRIx64, answer);
	}
}

/* A call of guest.h answers a status; either ends in an exit or does not. */
static void name_guest_answer(size_t row, uint64_t answer, char text[NAME_TEXT])
{
	if (answer > COVERAGE_EXITED(0) &&
		answer < COVERAGE_EXITED(MOAT_EXIT_END)) {
		snprintf(text, NAME_TEXT, "EXIT %s",
			outcome_exit_name(answer - COVERAGE_EXITED(0)));
	} else if (row < OP_OWN_GUEST_CALLS) {
		name_x0(answer, text);
	} else {
		name_power(answer, text);
	}
}

static void name_exit(size_t row, uint64_t answer, char text[NAME_TEXT])
{
	if (row == MOAT_EXIT_FAULT) {
		snprintf(text, NAME_TEXT, "%s", access_names[answer]);
	} else if (row == MOAT_EXIT_MMIO) {
		snprintf(text, NAME_TEXT, "%s %" PRIu64,
			access_names[answer / 16], answer % 16);
	} else if (row == MOAT_EXIT_PSCI) {
		snprintf(text, NAME_TEXT, "%s", model_guest_call_name(answer));
	} else {
		snprintf(text, NAME_TEXT, "%" PRIu64, answer);
	}
}

static void name_entry(uint64_t answer, char text[NAME_TEXT])
{
	if (answer < COVERAGE_LOAD) {
		snprintf(text, NAME_TEXT, "%s", entry_names[answer]);
	} else {
		snprintf(text, NAME_TEXT, "load %" PRIu64 " %s", answer % 16,
			form_names[answer / 16 - 1]);
	}
}

static void name_seen(size_t row, uint64_t answer, char text[NAME_TEXT])
{
	const char *name = row < 4 ? model_page_state_name(answer)
				   : model_vm_life_name(answer);

	snprintf(text, NAME_TEXT, "%s", name);
}

static void name_answer(enum coverage_group group, size_t row, uint64_t answer,
	char text[NAME_TEXT])
{
	switch (group) {
	case COVERAGE_CALL:
		name_x0(answer, text);
		break;
	case COVERAGE_GUEST_CALL:
		name_guest_answer(row, answer, text);
		break;
	case COVERAGE_EXIT:
		name_exit(row, answer, text);
		break;
	case COVERAGE_ENTRY:
		name_entry(answer, text);
		break;
	case COVERAGE_ABORT:
		snprintf(text, NAME_TEXT, "%s", abort_names[answer]);
		break;
	case COVERAGE_RANGE:
		snprintf(text, NAME_TEXT, "%s", range_names[answer]);
		break;
	case COVERAGE_SEEN:
	case COVERAGE_GROUPS:
		name_seen(row, answer, text);
		break;
	}
}

/* ---- Print ------------------------------------------------------------- */

static void print_row(const struct coverage *coverage,
	enum coverage_group group, size_t row, FILE *file)
{
	size_t rows;
	const struct coverage_row *at = &coverage_rows(group, &rows)[row];
	const char *comma = "";

	if (at->answer[0] == COVERAGE_END) {
		return;
	}
	fprintf(file, "%s %s:", group_names[group], at->name);
	for (size_t i = 0; at->answer[i] != COVERAGE_END; i++) {
		char name[NAME_TEXT];

		name_answer(group, row, at->answer[i], name);
		fprintf(file, "%s %s %" PRIu64, comma, name,
			coverage->count[group][row][i]);
		comma = ",";
	}
	fputc('\n', file);
}

void coverage_print(const struct coverage *coverage, FILE *file)
{
	for (int group = 0; group < COVERAGE_GROUPS; group++) {
		size_t rows;

		(void)coverage_rows((enum coverage_group)group, &rows);
		for (size_t row = 0; row < rows; row++) {
			print_row(coverage, (enum coverage_group)group, row,
				file);
		}
	}
}

/* What of a row was not reached; the count of all goes to @total. */
static size_t print_missing(const struct coverage *coverage,
	enum coverage_group group, size_t row, FILE *file)
{
	size_t rows;
	const struct coverage_row *at = &coverage_rows(group, &rows)[row];
	size_t missing = 0;

	for (size_t i = 0; at->answer[i] != COVERAGE_END; i++) {
		char name[NAME_TEXT];

		if (coverage->count[group][row][i] == 0) {
			name_answer(group, row, at->answer[i], name);
			fprintf(file, "not reached: %s %s: %s\n",
				group_names[group], at->name, name);
			missing++;
		}
	}
	return missing;
}

static size_t row_size(const struct coverage_row *row)
{
	size_t size = 0;

	while (row->answer[size] != COVERAGE_END) {
		size++;
	}
	return size;
}

size_t coverage_print_missing(const struct coverage *coverage, FILE *file)
{
	size_t missing = 0;
	size_t total = 0;

	for (int group = 0; group < COVERAGE_GROUPS; group++) {
		size_t rows;
		const struct coverage_row *row =
			coverage_rows((enum coverage_group)group, &rows);

		for (size_t i = 0; i < rows; i++) {
			total += row_size(&row[i]);
			missing += print_missing(
				coverage, (enum coverage_group)group, i, file);
		}
	}
	fprintf(file, "coverage: %zu of %zu reached\n", total - missing, total);
	return missing;
}
