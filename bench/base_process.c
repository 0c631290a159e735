/* SPDX-License-Identifier: BSD-2-Clause */
#include "base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE (UINT64_C(2) * 1024 * 1024)

/*
 * Mapped lazily, so that only what is touched costs memory, and in huge pages
 * where the kernel has them: the TLB of the build machine is not what a row is
 * about.
 */
void *base_memory(uint64_t size)
{
	unsigned char *memory =
		mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("moat-bench: mmap");
		exit(1);
	}
	memory += HUGE_PAGE - (uintptr_t)memory % HUGE_PAGE;
	(void)madvise(memory, size, MADV_HUGEPAGE);
	return memory;
}

void base_zero(void *memory, size_t size)
{
	memset(memory, 0, size);
}

void base_fail(const char *what, uint64_t number)
{
	fprintf(stderr, "moat-bench: %s: %llx\n", what,
		(unsigned long long)number);
	exit(1);
}
