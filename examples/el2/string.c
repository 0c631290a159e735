/* SPDX-License-Identifier: BSD-2-Clause */
/* The four functions that a C compiler may call even in a freestanding program
 * (the GCC manual, "Standards"). */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *one, const void *two, size_t size);

void *memcpy(void *to, const void *from, size_t size)
{
	unsigned char *into = to;
	const unsigned char *out = from;

	for (size_t i = 0; i < size; i++) {
		into[i] = out[i];
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *into = to;
	const unsigned char *out = from;

	if (into < out) {
		return memcpy(to, from, size);
	}
	for (size_t i = size; i > 0; i--) {
		into[i - 1] = out[i - 1];
	}
	return to;
}

void *memset(void *to, int value, size_t size)
{
	unsigned char *into = to;

	for (size_t i = 0; i < size; i++) {
		into[i] = (unsigned char)value;
	}
	return to;
}

int memcmp(const void *one, const void *two, size_t size)
{
	const unsigned char *a = one;
	const unsigned char *b = two;

	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i]) {
			return a[i] < b[i] ? -1 : 1;
		}
	}
	return 0;
}
