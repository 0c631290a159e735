/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console (PL011) and the checks. Only CPU 0 prints.
 */
#include "host.h"

#define UART ((volatile uint32_t *)0x09000000)

enum { UART_DATA = 0, UART_FLAG = 6, UART_FLAG_FULL = 0x20 };

static uint64_t check_count;
static uint64_t failure_count;

static void console_character(char character)
{
	while (UART[UART_FLAG] & UART_FLAG_FULL) {
	}
	UART[UART_DATA] = (uint8_t)character;
}

void console_text(const char *text)
{
	for (; *text != 0; text++) {
		console_character(*text);
	}
}

void console_number(uint64_t number)
{
	char digits[21];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	console_text(digits + at);
}

void console_hex(uint64_t number)
{
	char digits[19];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = "0123456789abcdef"[number % 16];
		number /= 16;
	} while (number != 0);
	digits[--at] = 'x';
	digits[--at] = '0';
	console_text(digits + at);
}

void section(const char *title)
{
	console_text("host: == ");
	console_text(title);
	console_text("\n");
}

static void check_verdict(bool holds, const char *name)
{
	check_count++;
	if (!holds) {
		failure_count++;
	}
	console_text(holds ? "host: ok " : "host: FAILED ");
	console_text(name);
}

static void check_end(bool holds)
{
	console_text("\n");
	if (!holds && word_read(MODE_WORD) == MODE_HASTY) {
		check_finish();
	}
}

void check(bool holds, const char *name)
{
	check_verdict(holds, name);
	check_end(holds);
}

void check_equal(uint64_t found, uint64_t expected, const char *name)
{
	check_verdict(found == expected, name);
	if (found != expected) {
		console_text(": ");
		console_hex(found);
		console_text(" instead of ");
		console_hex(expected);
	}
	check_end(found == expected);
}

/* A refusal: the status, the operand at fault, and every result zero. */
void check_refused(struct moat_regs request, enum moat_status status,
	uint64_t operand, const char *name)
{
	struct moat_regs answer = call(request);
	uint64_t results = 0;

	for (size_t i = 1; i <= MOAT_RESULT_COUNT; i++) {
		results |= answer.x[i];
	}
	if (results != 0) {
		check_equal(results, 0, name);
		return;
	}
	check_equal(answer.x[0], (uint64_t)status + operand * 256, name);
}

void check_done(struct moat_regs request, const char *name)
{
	check_equal(call(request).x[0], MOAT_OK, name);
}

/* A refused run shows its status above the reason. */
void check_exit(
	struct moat_regs exit, enum moat_exit_reason reason, const char *name)
{
	check_equal(exit.x[0] * 0x100 + exit.x[1], reason, name);
}

_Noreturn void check_finish(void)
{
	console_text("host: ");
	console_number(check_count);
	console_text(" checks, ");
	console_number(failure_count);
	console_text(" failures\n");
	smc(word_read(MODE_WORD) == MODE_RESET ? MOAT_PSCI_SYSTEM_RESET
					       : MOAT_PSCI_SYSTEM_OFF,
		0, 0, 0);
	for (;;) {
	}
}
