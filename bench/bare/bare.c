/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of the benchmark, alone on a machine that counts: under QEMU's
 * icount PMCCNTR_EL0 counts executed instructions exactly, so that a row is the
 * same number on every run and on every build machine. What a row measures is
 * the core, as at EL2, with the port of the benchmark. Prints for each row
 *
 *     bare <row> <operations> <instructions> <invalidations>
 *
 * the last being calls of that port, in which they are free.
 */
#include "base.h"
#include "port.h"
#include "rows.h"

enum { PAGE_COUNT = 1024, DIGITS = 20, ALIGNMENT = 65536 };

#define UART UINT64_C(0x09000000) /* a PL011, as it is after a reset */

void bare_main(void);
_Noreturn void bare_off(void);

extern unsigned char bare_memory[];

/* ---- The machine ------------------------------------------------------- */

static void put(const char *text)
{
	for (; *text != 0; text++) {
		*(volatile uint32_t *)UART = (uint8_t)*text;
	}
}

static void put_number(uint64_t value)
{
	char text[DIGITS + 1] = {0};
	uint32_t first = DIGITS;

	do {
		text[--first] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	put(&text[first]);
}

static void put_count(uint64_t count)
{
	put(" ");
	put_number(count);
}

/* Never freed; what is behind the image is zero and nobody else's. */
void *base_memory(uint64_t size)
{
	static uint64_t used;
	unsigned char *memory = bare_memory + used;

	used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	return memory;
}

void base_zero(void *memory, size_t size)
{
	uint64_t *word = memory;

	for (size_t i = 0; i < size / sizeof(*word); i++) {
		word[i] = 0;
	}
}

void base_fail(const char *what, uint64_t number)
{
	put("bare: FAILED: ");
	put(what);
	put(" ");
	put_number(number);
	put("\n");
	bare_off();
}

/* PMCR_EL0: E, C, LC; PMCCFILTR_EL0 is zero: EL1 counts. */
static void counter_start(void)
{
	__asm__ volatile("msr pmccfiltr_el0, %0\n\t"
			 "msr pmcntenset_el0, %1\n\t"
			 "msr pmcr_el0, %2\n\t"
			 "isb"
			 :
			 : "r"(UINT64_C(0)), "r"(UINT64_C(0x80000000)),
			 "r"(UINT64_C(0x45)));
}

static uint64_t counter(void)
{
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(value)::"memory");
	return value;
}

/* ---- The rows ---------------------------------------------------------- */

static void run(struct world *world, const struct row *row)
{
	uint64_t start, end, invalidations;

	row->prepare(world);
	port_counts.invalidations = 0;
	start = counter();
	row->measure(world);
	end = counter();
	invalidations = port_counts.invalidations;
	row->finish(world);
	put("bare ");
	put(row->name);
	put_count(row_operations(row, world));
	put_count(end - start);
	put_count(invalidations);
	put("\n");
}

static void run_all(struct world *world, const struct row *row)
{
	for (; row->name != NULL; row++) {
		run(world, row);
	}
}

void bare_main(void)
{
	static struct world world;

	counter_start();
	world_make(&world, PAGE_COUNT);
	run_all(&world, rows_floor);
	run_all(&world, rows_engine);
	run_all(&world, rows_block);
	run_all(&world, rows_share);
	run_all(&world, rows_owner);
	run_all(&world, rows_range);
	put("bare: done\n");
	bare_off();
}
