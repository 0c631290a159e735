/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/console.h"

#include "arch-aarch64/machine.h"
#include "arch-aarch64/mmio.h"
#include "core/lock.h"

/* PrimeCell UART (PL011), section 3.3. */
enum {
	PL011_DR = 0x00,
	PL011_FR = 0x18,
	PL011_FR_FULL = 1 << 5,
	PL011_CR = 0x30,
	PL011_CR_ON = 1 << 0,
	PL011_CR_TRANSMIT = 1 << 8,
	/* Longer than the UART needs for one character, in polls. */
	PL011_POLLS = 1000000,
};

static struct lock console_lock;

static void put(char character)
{
	for (uint32_t i = 0; i < PL011_POLLS; i++) {
		if ((mmio_read32(MACHINE_UART + PL011_FR) & PL011_FR_FULL) ==
			0) {
			break;
		}
	}
	mmio_write32(MACHINE_UART + PL011_DR, (uint8_t)character);
}

/* The host may have turned the UART off, or into a loop. */
static uint32_t take(void)
{
	uint32_t control = mmio_read32(MACHINE_UART + PL011_CR);

	mmio_write32(MACHINE_UART + PL011_CR, PL011_CR_ON | PL011_CR_TRANSMIT);
	return control;
}

void console_write_unlocked(const char *text, size_t length)
{
	uint32_t control = take();

	for (size_t i = 0; i < length; i++) {
		put(text[i]);
	}
	put('\r');
	put('\n');
	mmio_write32(MACHINE_UART + PL011_CR, control);
}

void console_write(const char *text, size_t length)
{
	lock_acquire(&console_lock);
	console_write_unlocked(text, length);
	lock_release(&console_lock);
}

static void line_character(struct line *line, char character)
{
	if (line->length < LINE_TEXT) {
		line->text[line->length++] = character;
	}
}

void line_text(struct line *line, const char *text)
{
	for (; *text != '\0'; text++) {
		line_character(line, *text);
	}
}

/* The digits of @value in @base, the last of them at the end of 20 places. */
static void line_number(struct line *line, uint64_t value, uint32_t base)
{
	char digits[20];
	size_t first = sizeof(digits);

	do {
		digits[--first] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	for (; first < sizeof(digits); first++) {
		line_character(line, digits[first]);
	}
}

void line_hex(struct line *line, uint64_t value)
{
	line_text(line, "0x");
	line_number(line, value, 16);
}

void line_decimal(struct line *line, uint64_t value)
{
	line_number(line, value, 10);
}

void line_print(const struct line *line)
{
	console_write(line->text, line->length);
}
