/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine whose CPUs are threads: one engine that all of them enter at once,
 * memory that they reach only through the descriptors that the engine wrote,
 * and a log of events in the order of the steps.
 *
 * Each CPU keeps what it has translated until the engine invalidates it. An
 * access, walk included, is done under the lock of the CPU's TLB, which an
 * invalidation takes as well: when that returns, no access begun with the old
 * translation is left, as port.h demands.
 */
#ifndef STRESS_MACHINE_H
#define STRESS_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"
#include "moat/trace.h"

enum {
	MACHINE_CPUS = 16,
	MACHINE_VMS = 6,
	MACHINE_REGIONS = 5,
	MACHINE_PAGES = MACHINE_REGIONS * 512,
	TLB_ENTRIES = 8,
	LOG_MAX = 32768, /* events between two replays */
	IPA_BITS = 32
};

#define RAM_BASE UINT64_C(0x40000000)
#define REGION_SIZE (UINT64_C(512) * MOAT_PAGE_SIZE)
#define IPA_HALF (UINT64_C(1) << (IPA_BITS - 1))

struct translation {
	bool is_used;
	bool may_write;
	uint32_t vmid;
	uint64_t ipa; /* of a page */
	uint64_t pa;
};

struct machine_cpu {
	pthread_mutex_t tlb_lock;
	struct translation tlb[TLB_ENTRIES];
	uint32_t next; /* entry to replace */
	struct moat_stage2 stage2; /* of what runs on it; only it uses this */
};

struct machine {
	struct moat *engine;
	struct moat_config config;
	unsigned char *ram;
	void *memory; /* the engine's */
	struct machine_cpu cpu[MACHINE_CPUS];
	pthread_mutex_t log_lock;
	struct moat_event *log;
	uint32_t log_count; /* written under log_lock */
	bool is_traced; /* constant; if not, the log stays empty */
};

/* The one machine: port.h has no parameter to tell one from another. */
extern struct machine machine;

/* A machine of @cpus CPUs, as after boot. Ends the process if it cannot be. */
void machine_begin(uint32_t cpus, bool is_traced);
void machine_end(void);

/* How many events the log holds by now. */
uint32_t machine_log_count(void);

/*
 * The steps of @cpu; what runs next on it is installed.
 */
enum moat_action machine_call(uint32_t cpu, struct moat_regs *regs);
enum moat_action machine_abort(uint32_t cpu, uint64_t ipa);
enum moat_action machine_exit(
	uint32_t cpu, const struct moat_trap *trap, struct moat_regs *regs);

/* An access of 64 bits by what runs on @cpu; false if stage 2 refuses it. */
struct access {
	uint64_t ipa; /* aligned */
	uint64_t value;
	bool is_write;
};
bool machine_access(uint32_t cpu, struct access *access);

/* What the engine is about to do to memory that an agent may be using. */
enum work { WORK_DESCRIPTOR, WORK_INVALIDATE, WORK_SCRUB };
struct machine_work {
	enum work kind;
	const void *at; /* the entry or the page, or NULL */
};

/* Whoever runs the CPUs defines it: others may go first. */
void machine_pause(struct machine_work work);

#endif
