/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest port that keeps the contract, for a program of one thread: RAM
 * is an array, and an agent translates by what it has cached and by the tables.
 * Each way in which a port can be wrong can be planted in it.
 *
 * The host port (src/arch-host) is the one for simulations; this one is so
 * small that tests of the library's packaging and of the contract suite do not
 * depend on it.
 */
#ifndef MOAT_TESTS_PORT_SMALL_H
#define MOAT_TESTS_PORT_SMALL_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"
#include "moat/trace.h"

#define SMALL_RAM_BASE UINT64_C(0x40000000)
#define SMALL_MEMORY_BASE UINT64_C(0x80000000)
#define SMALL_RAM_SIZE UINT64_C(0x1000000)

/* What is wrong with the port. */
enum small_fault {
	SMALL_NONE,
	SMALL_DESCRIPTOR_CUT, /* 32 bits of a descriptor are stored */
	SMALL_DESCRIPTOR_LAST, /* the last one of a table is lost */
	SMALL_PUBLISH_LATE, /* a descriptor waits for the next one */
	SMALL_NO_INVALIDATION,
	SMALL_INVALIDATES_FIRST_PAGE, /* of a range */
	SMALL_INVALIDATES_SHIFTED, /* one page too late */
	SMALL_KEEPS_WALKS, /* is_table is ignored */
	SMALL_IGNORES_COUNT_0,
	SMALL_VMID_CUT, /* seven bits of it */
	SMALL_LOSES_REGIME,
	SMALL_SCRUB_SHORT, /* the last eight bytes stay */
	SMALL_SCRUB_ONE_PAGE,
	SMALL_SCRUB_BEYOND,
	SMALL_CLEAN_ZEROES,
	SMALL_RESET_KEEPS, /* what the page held */
	SMALL_RESET_UNMASKED,
	SMALL_RESET_NO_ARGUMENT,
	SMALL_ABORT_STAYS, /* the PC, as if nothing had happened */
	SMALL_ABORT_ONE_VECTOR, /* wherever it came from */
	SMALL_MEASURE_LITTLE_ENDIAN,
	SMALL_MEASURE_NO_DATA,
	SMALL_MEASURE_ZEROES, /* what it measured */
	SMALL_EVENT_KEEPS,
	SMALL_WAKE_LOST,
	SMALL_FAULT_COUNT
};

extern enum small_fault small_fault;

/* The last event, and how many there were. */
extern struct moat_event small_event;
extern uint64_t small_event_count;

/* Whether moat_port_wait was called though nobody woke: a deadlock here. */
extern bool small_has_waited;

/* RAM as the engine sees it. */
unsigned char *small_ram(uint64_t pa);

/* An engine over all of RAM for @vm_count VMs on @cpu_count CPUs. */
struct moat *small_engine(uint32_t cpu_count, uint32_t vm_count);

/*
 * Translate as an agent does, by its cache first. Returns false on a fault. Its
 * cache is that of the one agent there is: small_forget empties it.
 */
bool small_translate(const struct moat_stage2 *stage2, struct moat_ipa ipa,
	struct moat_pa *pa);
void small_forget(void);

/* What stands for VTTBR_EL2. */
extern uint64_t small_regime;

#endif
