/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the suite; each test is a function that says whether it held. */
#ifndef MOAT_TESTS_PORT_INTERNAL_H
#define MOAT_TESTS_PORT_INTERNAL_H

#include "contract.h"

struct port_test {
	const char *name;
	bool (*holds)(const struct port_bed *bed);
};

struct port_tests {
	const struct port_test *test;
	uint32_t count;
};

struct port_tests port_tests_of_memory(void);
struct port_tests port_tests_of_translation(void);
struct port_tests port_tests_of_contexts(void);
struct port_tests port_tests_of_measurement(void);

#define PORT_TESTS(table) \
	{ \
		(table), sizeof(table) / sizeof((table)[0]) \
	}

/* The @i-th page of the bed. */
static inline unsigned char *bed_page(const struct port_bed *bed, uint32_t i)
{
	return bed->pages + (uint64_t)i * MOAT_PAGE_SIZE;
}

static inline bool bytes_are(
	const unsigned char *byte, uint64_t count, unsigned char value)
{
	for (uint64_t i = 0; i < count; i++) {
		if (byte[i] != value) {
			return false;
		}
	}
	return true;
}

static inline void bytes_fill(
	unsigned char *byte, uint64_t count, unsigned char value)
{
	for (uint64_t i = 0; i < count; i++) {
		((volatile unsigned char *)byte)[i] = value;
	}
}

#endif
