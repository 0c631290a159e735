/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a freestanding compiler may call (C11, 4p6; GCC manual, "Standards").
 */
#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int value, size_t size);
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);

void *memset(void *to, int value, size_t size)
{
	uint8_t *byte = to;

	for (size_t i = 0; i < size; i++) {
		byte[i] = (uint8_t)value;
	}
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	const uint8_t *source = from;
	uint8_t *byte = to;

	for (size_t i = 0; i < size; i++) {
		byte[i] = source[i];
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	const uint8_t *source = from;
	uint8_t *byte = to;

	if (to < from) {
		return memcpy(to, from, size);
	}
	for (size_t i = size; i > 0; i--) {
		byte[i - 1] = source[i - 1];
	}
	return to;
}
