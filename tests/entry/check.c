/* SPDX-License-Identifier: BSD-2-Clause */
#include "entry.h"

#define UART ((volatile uint32_t *)0x09000000)

static uint32_t checks;
static uint32_t failures;

static void put(const char *text)
{
	for (; *text != '\0'; text++) {
		*UART = (uint8_t)*text;
	}
}

static void put_hex(uint64_t value)
{
	put(" 0x");
	for (int shift = 60; shift >= 0; shift -= 4) {
		*UART = (uint8_t) "0123456789abcdef"[value >> shift & 0xf];
	}
}

static void put_decimal(uint32_t value)
{
	char digits[11] = {0};
	int first = 10;

	do {
		digits[--first] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	put(&digits[first]);
}

void check_equal(uint64_t value, uint64_t expected, const char *sentence)
{
	checks++;
	if (value == expected) {
		put("host: ok ");
		put(sentence);
	} else {
		failures++;
		put("host: FAILED ");
		put(sentence);
		put(": is");
		put_hex(value);
		put(", not");
		put_hex(expected);
	}
	put("\n");
}

uint32_t check_end(void)
{
	put("host: ");
	put_decimal(checks);
	put(" checks, ");
	put_decimal(failures);
	put(" failures\n");
	return failures;
}
