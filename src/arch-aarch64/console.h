/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PL011, which the engine shares with the host. What the engine prints is
 * built as a line first and goes out in one piece among the engine's CPUs; the
 * host can still write between its characters, and forge any of it.
 */
#ifndef MOAT_ARCH_AARCH64_CONSOLE_H
#define MOAT_ARCH_AARCH64_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_TEXT = 200 };

/* A line being built; what does not fit is cut off. */
struct line {
	size_t length;
	char text[LINE_TEXT];
};

void line_text(struct line *line, const char *text);
void line_hex(struct line *line, uint64_t value); /* with 0x */
void line_decimal(struct line *line, uint64_t value);
void line_print(const struct line *line); /* adds the line end */

/* Print @length characters and a line end, under the console's lock. */
void console_write(const char *text, size_t length);

/* The same without the lock, for a panic that may hold it. */
void console_write_unlocked(const char *text, size_t length);

#endif
