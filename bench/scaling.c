/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat-scaling [--milliseconds N] [--repeat N] [--demand PERCENT]
 *
 * How calls of several CPUs get in each other's way. Each thread lends eight
 * pages of its own region to a VM and recalls them, again and again: alone, two
 * on two VMs, and two on one VM. Prints the calls of each row per second, per
 * second of processor time (which a busy machine spoils less), and how evenly
 * the threads were served: the smaller share of calls as a part of the larger.
 * Of repeated rows the best counts, each figure by itself: nothing but others'
 * work makes one worse.
 *
 * With --demand 180, two threads on two VMs must do 1.8 times the calls of one.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "moat/moat.h"

enum {
	THREADS = 2,
	REGIONS = 2 + THREADS, /* two for tables, one for each thread */
	IPA_BITS = 32,
	PAGES = 8, /* of one call */
	ALIGNMENT = 65536
};

#define RAM_BASE UINT64_C(0x40000000)
#define REGION_SIZE (UINT64_C(512) * MOAT_PAGE_SIZE)
#define IPA_HALF (UINT64_C(1) << (IPA_BITS - 1))

struct worker {
	pthread_t thread;
	uint32_t cpu;
	uint64_t vm;
	uint64_t calls;
	double processor; /* seconds */
	char apart[64]; /* from the next one, in the caches */
};

static struct moat *engine;
static struct worker workers[THREADS];
static pthread_barrier_t start;
static bool is_over;

/* The options. */
static uint64_t milliseconds = 500; /* of a row */
static uint64_t repeat = 1;
static uint64_t demand;

static void fail(const char *why)
{
	fprintf(stderr, "moat-scaling: %s\n", why);
	exit(1);
}

static void call(uint32_t cpu, struct moat_regs regs)
{
	moat_host_call(engine, cpu, &regs);
	if (regs.x[0] != MOAT_OK) {
		fail("a call is refused");
	}
}

/* ---- The machine ------------------------------------------------------- */

static void *memory_make(uint64_t size)
{
	void *memory = NULL;

	if (posix_memalign(&memory, ALIGNMENT, size) != 0) {
		fail("out of memory");
	}
	memset(memory, 0, size);
	return memory;
}

static struct moat_pa page(uint64_t region, uint64_t number)
{
	const struct moat_pa pa = {
		RAM_BASE + region * REGION_SIZE + number * MOAT_PAGE_SIZE};

	return pa;
}

/* Where a thread maps its pages: a leaf table of its own. */
static struct moat_ipa window(uint32_t cpu)
{
	const struct moat_ipa ipa = {IPA_HALF + cpu * REGION_SIZE};

	return ipa;
}

/* A VM whose tables lie in region @number, one leaf table for each thread. */
static void vm_make(uint64_t number)
{
	const struct moat_vm_id vm = {number};

	call(0, moat_vm_create(vm, page(number, 0), IPA_BITS, 1));
	for (uint32_t i = 0; i < THREADS; i++) {
		call(0, moat_table_create(
				vm, window(i), 3, page(number, 4 + i)));
	}
}

static void machine_make(void)
{
	struct moat_config config = {.cpu_count = THREADS,
		.vm_count = THREADS,
		.ipa_bits = IPA_BITS,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.memory_pa = {UINT64_C(0x80000000)}};

	config.ram[0].base = RAM_BASE;
	config.ram[0].size = REGIONS * REGION_SIZE;
	config.ram_window = memory_make(config.ram[0].size);
	engine = moat_init(&config, memory_make(moat_size(&config)));
	for (uint64_t vm = 0; vm < THREADS; vm++) {
		vm_make(vm);
	}
}

/* ---- A row ------------------------------------------------------------- */

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	const struct moat_vm_id vm = {worker->vm};
	const struct moat_ipa ipa = window(worker->cpu);
	const struct moat_pa pa = page(2 + worker->cpu, 0);
	uint64_t calls = 0;

	pthread_barrier_wait(&start);
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		call(worker->cpu,
			moat_page_lend(vm, ipa, pa, PAGES, MOAT_READ));
		call(worker->cpu, moat_page_recall(vm, ipa, PAGES));
		calls += 2;
	}
	worker->calls = calls;
	worker->processor = seconds(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

static void wait_for_row(void)
{
	struct timespec time = {.tv_sec = (time_t)(milliseconds / 1000),
		.tv_nsec = (long)(milliseconds % 1000) * 1000000};

	while (nanosleep(&time, &time) != 0 && errno == EINTR) {
	}
}

/* Run @count threads, on one VM or each on its own. */
static double workers_run(uint32_t count, bool is_shared)
{
	double begun;

	is_over = false;
	pthread_barrier_init(&start, NULL, count + 1);
	for (uint32_t i = 0; i < count; i++) {
		workers[i].cpu = i;
		workers[i].vm = is_shared ? 0 : i;
		if (pthread_create(
			    &workers[i].thread, NULL, work, &workers[i]) != 0) {
			fail("no thread");
		}
	}
	pthread_barrier_wait(&start);
	begun = seconds(CLOCK_MONOTONIC);
	wait_for_row();
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
	}
	pthread_barrier_destroy(&start);
	return seconds(CLOCK_MONOTONIC) - begun;
}

/* Calls per second, and per second of processor time; the smallest share of
 * them that a thread had, as a part of the largest. */
struct rate {
	double wall;
	double processor;
	double evenness;
};

static struct rate measure(uint32_t count, bool is_shared)
{
	double time = workers_run(count, is_shared);
	uint64_t least = UINT64_MAX;
	uint64_t most = 1;
	double sum = 0;
	double processor = 0;
	struct rate rate;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t calls = workers[i].calls;

		sum += (double)calls;
		processor += workers[i].processor;
		least = calls < least ? calls : least;
		most = calls > most ? calls : most;
	}
	rate.wall = sum / time;
	rate.processor = sum / processor;
	rate.evenness = (double)least / (double)most;
	return rate;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

/* The best of each figure; prints the row as well. */
static struct rate row(const char *name, uint32_t count, bool is_shared)
{
	struct rate best = {0, 0, 0};

	for (uint64_t i = 0; i < repeat; i++) {
		struct rate rate = measure(count, is_shared);

		best.wall = larger(best.wall, rate.wall);
		best.processor = larger(best.processor, rate.processor);
		best.evenness = larger(best.evenness, rate.evenness);
	}
	printf("%-28s %12.0f calls/s %12.0f calls/s of processor, "
	       "evenness %.2f\n",
		name, best.wall, best.processor, best.evenness);
	return best;
}

static void usage(void)
{
	fprintf(stderr, "usage: moat-scaling [--milliseconds N] [--repeat N] "
			"[--demand PERCENT]\n");
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*end != 0 || value == 0 || value > 100000) {
		usage();
	}
	return value;
}

int main(int count, char **words)
{
	struct rate alone, both;

	if (count % 2 == 0) {
		usage();
	}
	for (int i = 1; i < count; i += 2) {
		if (strcmp(words[i], "--milliseconds") == 0) {
			milliseconds = number(words[i + 1]);
		} else if (strcmp(words[i], "--repeat") == 0) {
			repeat = number(words[i + 1]);
		} else if (strcmp(words[i], "--demand") == 0) {
			demand = number(words[i + 1]);
		} else {
			usage();
		}
	}
	machine_make();
	alone = row("1 thread", 1, false);
	both = row("2 threads, 2 VMs", 2, false);
	row("2 threads, 1 VM", 2, true);
	printf("2 threads on 2 VMs do %.2f times what 1 does; %.2f times, if "
	       "each had a processor to itself\n",
		both.wall / alone.wall, 2 * both.processor / alone.processor);
	return both.wall / alone.wall * 100 < (double)demand ? 1 : 0;
}
