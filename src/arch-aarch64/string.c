/* SPDX-License-Identifier: BSD-2-Clause */
/* The four functions that compilers call even in a freestanding program. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

/* By words where both are aligned: that is nearly always, for structures. */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	uint8_t *target = to;
	const uint8_t *source = from;
	size_t i = 0;

	if (((uintptr_t)to | (uintptr_t)from) % sizeof(uint64_t) == 0) {
		for (; size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
			*(uint64_t *)(void *)&target[i] =
				*(const uint64_t *)(const void *)&source[i];
		}
	}
	for (; i < size; i++) {
		target[i] = source[i];
	}
	return to;
}

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

void *memset(void *to, int value, size_t size)
{
	uint8_t *target = to;

	for (size_t i = 0; i < size; i++) {
		target[i] = (uint8_t)value;
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
