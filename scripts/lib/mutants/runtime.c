/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which mutant is on, from the environment: MOAT_MUTANT is its number, 0 or
 * nothing for none. What is reached is noted in the file MOAT_MUTANT_REACH, a
 * byte for each number, which a test's child processes share with it.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NUMBER_MAX = 1 << 16 };

unsigned int moat_mutant;
int moat_mutant_noting;
static unsigned char unused[NUMBER_MAX];
unsigned char *moat_mutant_seen = unused;

static void __attribute__((constructor)) mutant_choose(void)
{
	const char *number = getenv("MOAT_MUTANT");
	const char *reach = getenv("MOAT_MUTANT_REACH");
	void *shared;
	int file;

	moat_mutant = number != NULL ? (unsigned int)atoi(number) : 0;
	if (reach == NULL) {
		return;
	}
	file = open(reach, O_RDWR);
	if (file < 0) {
		abort();
	}
	shared = mmap(
		NULL, NUMBER_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (shared == MAP_FAILED) {
		abort();
	}
	moat_mutant_seen = shared;
	moat_mutant_noting = 1;
	(void)close(file);
}
