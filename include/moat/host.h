/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's side of the calls, for a hypervisor beneath which Moat runs. It is
 * not part of the engine and nothing has to trust it: whatever it asks, the
 * engine checks.
 *
 * The calls are made by moat_host_hvc, which the host defines; on AArch64 it
 * may be moat_hvc, below. In a test it may call an engine in the same process.
 *
 * Everything here goes on where a call did only a part, and stops at the first
 * refusal, which it returns as x0 had it. What was done stays done.
 */
#ifndef MOAT_HOST_H
#define MOAT_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- One call ---------------------------------------------------------- */

/* Make the call in x0..x17 of @regs, and put there what it leaves. */
void moat_host_hvc(struct moat_regs *regs);

#if defined(__GNUC__)
#if defined(__aarch64__)
/*
 * moat_host_hvc for AArch64. The engine keeps x18 and above (SMCCC 1.2, section
 * 2.6), so that any of those may hold the pointer.
 */
static inline void moat_hvc(struct moat_regs *regs)
{
	__asm__ volatile("ldp x0, x1, [%0]\n\t"
			 "ldp x2, x3, [%0, #16]\n\t"
			 "ldp x4, x5, [%0, #32]\n\t"
			 "ldp x6, x7, [%0, #48]\n\t"
			 "ldp x8, x9, [%0, #64]\n\t"
			 "ldp x10, x11, [%0, #80]\n\t"
			 "ldp x12, x13, [%0, #96]\n\t"
			 "ldp x14, x15, [%0, #112]\n\t"
			 "ldp x16, x17, [%0, #128]\n\t"
			 "hvc #0\n\t"
			 "stp x0, x1, [%0]\n\t"
			 "stp x2, x3, [%0, #16]\n\t"
			 "stp x4, x5, [%0, #32]\n\t"
			 "stp x6, x7, [%0, #48]\n\t"
			 "stp x8, x9, [%0, #64]\n\t"
			 "stp x10, x11, [%0, #80]\n\t"
			 "stp x12, x13, [%0, #96]\n\t"
			 "stp x14, x15, [%0, #112]\n\t"
			 "stp x16, x17, [%0, #128]"
			 :
			 : "r"(regs)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
			 "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
			 "x17", "memory");
}
#endif
#endif

/* Make a call whose results do not matter. Returns x0. */
static inline uint64_t moat_host_ask(struct moat_regs regs)
{
	moat_host_hvc(&regs);
	return regs.x[0];
}

/* ---- Tables ------------------------------------------------------------ */

/*
 * Pages of the host, to be given to VMs as tables; the last comes first. Tables
 * that come back are put here as well, as long as @capacity permits.
 */
struct moat_host_pool {
	struct moat_pa *page;
	size_t count;
	size_t capacity;
};

/* Bytes that a table of @level (1..3) translates. */
static inline uint64_t moat_host_table_bytes(uint64_t level)
{
	uint64_t bytes = MOAT_PAGE_SIZE;

	for (; level <= 3; level++) {
		bytes *= MOAT_PAGE_SIZE / sizeof(uint64_t);
	}
	return bytes;
}

/*
 * Create the uppermost table that is missing above @ipa, of @level at most.
 *
 * Returns MOAT_NO_TABLE if the pool is empty, else what table_create says. A
 * table that another CPU made meanwhile is as good: MOAT_OK.
 */
static inline uint64_t moat_host_table_make(struct moat_vm_id vm,
	struct moat_ipa ipa, uint64_t level, struct moat_host_pool *pool)
{
	uint64_t status = MOAT_NO_TABLE;

	while (pool->count > 0 && level >= 1 &&
		moat_status_code(status) == MOAT_NO_TABLE) {
		uint64_t bytes = moat_host_table_bytes(level);
		struct moat_ipa base = {ipa.value / bytes * bytes};

		status = moat_host_ask(moat_table_create(
			vm, base, level, pool->page[pool->count - 1]));
		level--;
	}
	if (status == MOAT_OK) {
		pool->count--;
	} else if (moat_status_code(status) == MOAT_OCCUPIED) {
		status = MOAT_OK;
	}
	return status;
}

static inline void moat_host_pool_put(
	struct moat_host_pool *pool, uint64_t page)
{
	if (pool->count < pool->capacity) {
		pool->page[pool->count].value = page;
		pool->count++;
	}
}

/* ---- Ranges ------------------------------------------------------------ */

/*
 * What is still to be done: each function below moves its start ahead of what
 * it did. So when one returns, the range begins with what was refused, and the
 * same call goes on once the reason is out of the way.
 */
struct moat_host_range {
	struct moat_vm_id vm;
	struct moat_ipa ipa;
	struct moat_pa pa; /* where pages are given */
	uint64_t count; /* pages */
	uint64_t permission; /* enum moat_permission, where pages are lent */
};

static inline void moat_host_range_advance(
	struct moat_host_range *range, uint64_t count)
{
	range->ipa.value += count * MOAT_PAGE_SIZE;
	range->pa.value += count * MOAT_PAGE_SIZE;
	range->count -= count;
}

/* How pages are given: by the call of this number. */
static inline struct moat_regs moat_host_give_call(
	const struct moat_host_range *range, uint32_t number)
{
	struct moat_regs regs = moat_call_make(number, range->vm.value,
		range->ipa.value, range->pa.value, range->count);

	if (number == MOAT_BLOCK_LEND) {
		regs.x[4] = range->permission;
	} else if (number == MOAT_PAGE_LEND) {
		regs.x[5] = range->permission;
	}
	return regs;
}

/*
 * One call, and what it takes: tables, of @level at most. Returns its status,
 * or MOAT_OK with nothing done if a table was made, which is progress too.
 */
static inline uint64_t moat_host_give_once(struct moat_host_range *range,
	uint32_t number, uint64_t level, struct moat_host_pool *pool)
{
	struct moat_regs regs = moat_host_give_call(range, number);

	moat_host_hvc(&regs);
	if (moat_status_code(regs.x[0]) == MOAT_NO_TABLE) {
		return moat_host_table_make(range->vm, range->ipa, level, pool);
	}
	if (regs.x[0] == MOAT_OK) {
		moat_host_range_advance(range, regs.x[1]);
	}
	return regs.x[0];
}

/* Whether the range starts with a whole block, and on both sides. */
static inline int moat_host_fits_block(const struct moat_host_range *range)
{
	uint64_t bytes = moat_host_table_bytes(3);

	return range->ipa.value % bytes == 0 && range->pa.value % bytes == 0 &&
	       range->count >= bytes / MOAT_PAGE_SIZE;
}

/*
 * Give a range by the block calls where a block fits, else by the page calls.
 * A block is OCCUPIED where a table is, and BAD_PAGE where one of its pages is
 * not the host's: then its pages are tried one by one.
 */
static inline uint64_t moat_host_give(struct moat_host_range *range,
	uint32_t page_number, uint32_t block_number,
	struct moat_host_pool *pool)
{
	uint64_t status = MOAT_OK;

	while (range->count > 0 && status == MOAT_OK) {
		uint64_t code = MOAT_OCCUPIED;

		if (moat_host_fits_block(range)) {
			status = moat_host_give_once(
				range, block_number, 2, pool);
			code = moat_status_code(status);
		}
		if (code == MOAT_OCCUPIED || code == MOAT_BAD_PAGE) {
			status = moat_host_give_once(
				range, page_number, 3, pool);
		}
	}
	return status;
}

/**
 * Give pages to a VM that is being built, contents kept, and map them.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_load(
	struct moat_host_range *range, struct moat_host_pool *pool)
{
	uint64_t status = MOAT_OK;

	while (range->count > 0 && status == MOAT_OK) {
		status = moat_host_give_once(range, MOAT_PAGE_LOAD, 3, pool);
	}
	return status;
}

/**
 * Give pages to a VM, zeroed, and map them, by blocks where they fit.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_donate(
	struct moat_host_range *range, struct moat_host_pool *pool)
{
	return moat_host_give(range, MOAT_PAGE_DONATE, MOAT_BLOCK_DONATE, pool);
}

/**
 * Let a VM use host pages in its shared half, by blocks where they fit.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_lend(
	struct moat_host_range *range, struct moat_host_pool *pool)
{
	return moat_host_give(range, MOAT_PAGE_LEND, MOAT_BLOCK_LEND, pool);
}

/* page_reclaim or page_recall, until the range is done. */
static inline uint64_t moat_host_take(
	struct moat_host_range *range, uint32_t number)
{
	uint64_t status = MOAT_OK;

	while (range->count > 0 && status == MOAT_OK) {
		struct moat_regs regs = moat_call_make(number, range->vm.value,
			range->ipa.value, range->count, 0);

		moat_host_hvc(&regs);
		status = regs.x[0];
		if (status == MOAT_OK) {
			moat_host_range_advance(range, regs.x[1]);
		}
	}
	return status;
}

/**
 * Take pages of a dying VM back, scrubbed.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_reclaim(
	struct moat_host_range *range)
{
	return moat_host_take(range, MOAT_PAGE_RECLAIM);
}

/**
 * Take lent pages back.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_recall(
	struct moat_host_range *range)
{
	return moat_host_take(range, MOAT_PAGE_RECALL);
}

/* ---- Tear-down --------------------------------------------------------- */

/* A walk over the IPA space of a dying VM, half by half. */
struct moat_host_sweep {
	struct moat_vm_id vm;
	uint64_t ipa; /* everything below is gone, in this half */
	uint64_t half; /* bytes of each half */
};

/* Take the table of @level that translates @ipa, if it is empty. */
static inline uint64_t moat_host_sweep_table(
	const struct moat_host_sweep *sweep, uint64_t ipa, uint64_t level,
	struct moat_host_pool *pool)
{
	uint64_t bytes = moat_host_table_bytes(level);
	struct moat_ipa base = {ipa / bytes * bytes};
	struct moat_regs regs = moat_table_destroy(sweep->vm, base, level);

	moat_host_hvc(&regs);
	if (regs.x[0] == MOAT_OK) {
		moat_host_pool_put(pool, regs.x[1]);
	}
	return moat_status_code(regs.x[0]);
}

/*
 * Whether nothing is left to do in the part that a table of @level translates,
 * at whose first address the walk is: it has no table, or only an empty one.
 */
static inline int moat_host_sweep_skips(struct moat_host_sweep *sweep,
	uint64_t level, struct moat_host_pool *pool)
{
	uint64_t bytes = moat_host_table_bytes(level);
	uint64_t code;

	if (sweep->ipa % bytes != 0) {
		return 0;
	}
	code = moat_host_sweep_table(sweep, sweep->ipa, level, pool);
	if (code != MOAT_OK && code != MOAT_NO_TABLE) {
		return 0;
	}
	sweep->ipa += bytes;
	return 1;
}

/*
 * Pages or a block came back. Where they were the last that their leaf table
 * held, it can be taken, and what would follow is no hole to be tried.
 */
static inline void moat_host_sweep_advance(struct moat_host_sweep *sweep,
	uint64_t pages, struct moat_host_pool *pool)
{
	uint64_t bytes = moat_host_table_bytes(3);

	sweep->ipa += pages * MOAT_PAGE_SIZE;
	if (sweep->ipa % bytes != 0 &&
		moat_host_sweep_table(sweep, sweep->ipa, 3, pool) == MOAT_OK) {
		sweep->ipa += bytes - sweep->ipa % bytes;
	}
}

/* Take what is at the walk's place: pages, a block, or a hole of one page. */
static inline uint64_t moat_host_sweep_pages(
	struct moat_host_sweep *sweep, struct moat_host_pool *pool)
{
	uint64_t bytes = moat_host_table_bytes(3);
	uint64_t left = bytes - sweep->ipa % bytes;
	struct moat_regs regs = moat_call_make(
		sweep->ipa < sweep->half ? MOAT_PAGE_RECLAIM : MOAT_PAGE_RECALL,
		sweep->vm.value, sweep->ipa, left / MOAT_PAGE_SIZE, 0);

	moat_host_hvc(&regs);
	if (regs.x[0] == MOAT_OK) {
		moat_host_sweep_advance(sweep, regs.x[1], pool);
	} else if (moat_status_code(regs.x[0]) == MOAT_NOT_MAPPED) {
		sweep->ipa += MOAT_PAGE_SIZE;
	} else {
		return regs.x[0];
	}
	return MOAT_OK;
}

/* Tables of @level and above whose last page the walk has left: take them. */
static inline void moat_host_sweep_behind(struct moat_host_sweep *sweep,
	uint64_t level, struct moat_host_pool *pool)
{
	while (level >= 1 && sweep->ipa % moat_host_table_bytes(level) == 0) {
		(void)moat_host_sweep_table(sweep, sweep->ipa - 1, level, pool);
		level--;
	}
}

/* From where the walk is to @end, and the tables that reach beyond it. */
static inline uint64_t moat_host_sweep_to(struct moat_host_sweep *sweep,
	uint64_t end, struct moat_host_pool *pool)
{
	uint64_t status = MOAT_OK;

	while (sweep->ipa < end && status == MOAT_OK) {
		uint64_t level = 1;

		while (level <= 3 &&
			!moat_host_sweep_skips(sweep, level, pool)) {
			level++;
		}
		if (level > 3) {
			status = moat_host_sweep_pages(sweep, pool);
		}
		moat_host_sweep_behind(sweep, level - 1, pool);
	}
	for (uint64_t level = 3; level >= 1; level--) {
		(void)moat_host_sweep_table(sweep, end - 1, level, pool);
	}
	return status;
}

/* The first @bytes of both halves. */
static inline uint64_t moat_host_sweep_halves(struct moat_host_sweep *sweep,
	uint64_t bytes, struct moat_host_pool *pool)
{
	uint64_t status = MOAT_OK;

	if (bytes > sweep->half) {
		bytes = sweep->half;
	}
	if (bytes > 0) {
		status = moat_host_sweep_to(sweep, bytes, pool);
	}
	sweep->ipa = sweep->half;
	if (bytes > 0 && status == MOAT_OK) {
		status = moat_host_sweep_to(sweep, sweep->half + bytes, pool);
	}
	return status;
}

/**
 * End a VM and take back all that it holds in the first @bytes of each half;
 * beyond them it has nothing. Its tables, but for the root, come to the pool;
 * whose the other pages were, the host knows.
 *
 * Refuses: as vm_kill, BUSY above all: a vCPU runs, make it exit and try again;
 *          NOT_EMPTY if there was something beyond: call again, with more.
 * Cost:    of calls, in each half: one or two for each run of pages and for
 *          each block, one for each hole before a table's last page, one for
 *          each entry that has no table in a table that is not of level 3.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_teardown_within(
	struct moat_vm_id vm, uint64_t bytes, struct moat_host_pool *pool)
{
	struct moat_regs info = moat_vm_info(vm);
	struct moat_host_sweep sweep = {vm, 0, 0};
	struct moat_vcpu_id vcpu;
	uint64_t status = MOAT_OK;

	moat_host_hvc(&info);
	if (info.x[1] != MOAT_VM_DYING) {
		status = moat_host_ask(moat_vm_kill(vm));
	}
	for (vcpu.value = 0; vcpu.value < MOAT_VCPU_MAX; vcpu.value++) {
		if (status == MOAT_OK && info.x[5] >> vcpu.value & 1) {
			status = moat_host_ask(moat_vcpu_destroy(vm, vcpu));
		}
	}
	if (status == MOAT_OK) {
		sweep.half = UINT64_C(1) << (info.x[2] - 1);
		status = moat_host_sweep_halves(&sweep, bytes, pool);
	}
	return status == MOAT_OK ? moat_host_ask(moat_vm_free(vm)) : status;
}

/**
 * The same wherever it holds something. A 32-bit space alone has 2,048 entries
 * to ask about: who knows where a VM's memory ends asks for less.
 */
MOAT_MUST_CHECK static inline uint64_t moat_host_teardown(
	struct moat_vm_id vm, struct moat_host_pool *pool)
{
	return moat_host_teardown_within(vm, UINT64_MAX, pool);
}

#ifdef __cplusplus
}
#endif

#endif
