/* SPDX-License-Identifier: BSD-2-Clause */
/* The rarer two of the functions that compilers call even in a freestanding
 * program; memory.S has the others. */
#include <stddef.h>
#include <stdint.h>

void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *target = to;
	const uint8_t *source = from;

	if (target <= source) {
		for (size_t i = 0; i < size; i++) {
			target[i] = source[i];
		}
	} else {
		for (size_t i = size; i > 0; i--) {
			target[i - 1] = source[i - 1];
		}
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *left = a;
	const uint8_t *right = b;

	for (size_t i = 0; i < size; i++) {
		if (left[i] != right[i]) {
			return left[i] < right[i] ? -1 : 1;
		}
	}
	return 0;
}
