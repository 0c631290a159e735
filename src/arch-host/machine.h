/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The port for a process: a machine whose RAM is an arena, whose physical
 * addresses are made up, and whose CPUs translate by a walker of their own.
 *
 * Promise.  A simulated CPU reaches memory only through the descriptors that
 * the engine really wrote. It keeps what it has translated (leaves and the
 * tables above them) until the engine invalidates it, and translates again as
 * soon as it has been invalidated, as a speculating CPU may. A forgotten, a
 * misdirected or an early invalidation is therefore seen as a leak.
 *
 * Nothing here uses a helper of the core; only pte.h is shared. One thread:
 * the engine of a machine is entered by one thread at a time, and the ports
 * act for the machine that was made or chosen (host_machine_use) last.
 */
#ifndef MOAT_ARCH_HOST_MACHINE_H
#define MOAT_ARCH_HOST_MACHINE_H

#include <stdbool.h>
#include <stdio.h>

#include "moat/moat.h"
#include "moat/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	HOST_TLB_ENTRIES = 32, /* of each CPU */
	HOST_UNSEEN_MAX = 1024, /* older ones count as seen */
	HOST_WANTED = 8, /* addresses that CPUs asked for last */
	HOST_EXPLANATION = 256, /* bytes of the text of a broken rule */
	HOST_LOCKS = 320, /* of an engine, numbered from 0 */
	HOST_RETRY_MAX = 3 /* aborts one access may take */
};

#define HOST_NO_CPU UINT32_MAX

/*
 * By which translation a CPU makes an access, of all that the architecture
 * permits: a leaf it has cached, a walk from a table it has cached, of which it
 * may hold several, or a walk from the root.
 */
enum host_choosing {
	HOST_CHOOSE_CACHED, /* by what is cached, the deepest, if anything is */
	HOST_CHOOSE_ANY, /* by a random number, at each access anew */
	HOST_CHOOSE_NTH /* the nth, for whoever tries all */
};

struct host_choice {
	enum host_choosing kind;
	uint64_t random; /* the state of HOST_CHOOSE_ANY: its seed, at first */
	uint32_t nth; /* of HOST_CHOOSE_NTH: 0 is what CACHED takes */
	uint32_t count; /* how many there were at the last access */
};

/* A store to a table that is not published: what the entry was before. */
struct host_unseen {
	uint64_t pa;
	uint64_t old;
};

/* A cached descriptor: where it translates from, and what it says. */
struct host_translation {
	bool is_used;
	bool is_table; /* @pa is a table of @level + 1, else a page or block */
	bool is_device;
	bool may_write; /* of a leaf; all may be read */
	bool may_execute;
	uint32_t vmid;
	uint32_t level; /* of the entry */
	uint64_t ipa; /* first address it translates */
	uint64_t size; /* how many bytes it translates */
	uint64_t pa;
};

struct host_cpu {
	struct moat_stage2 stage2; /* VTTBR_EL2 and VTCR_EL2 */
	struct host_translation tlb[HOST_TLB_ENTRIES];
	uint32_t tlb_next; /* the entry to replace next */
	bool is_inside; /* it is in a step of the engine */
};

struct host_machine {
	struct moat *engine;
	struct moat_config config; /* as the engine got it */
	unsigned char *ram; /* the arena; page n of all RAM at n pages */
	size_t ram_size;
	unsigned char *memory; /* the engine's, unless it lies in RAM */
	size_t memory_size;
	size_t engine_size; /* bytes at config.memory_pa that are its */
	unsigned char *initial; /* what they were after moat_init */
	struct host_cpu cpus[MOAT_CPU_MAX];
	/* How CPUs translate. With HOST_CHOOSE_ANY they also walk to what was
	 * wanted lately while another one writes to tables, and may then read
	 * an entry as it was before a store that is not published. */
	struct host_choice choice;
	struct host_unseen unseen[HOST_UNSEEN_MAX];
	uint64_t unseen_count;
	uint64_t wanted[HOST_WANTED];
	uint32_t wanted_next;
	uint32_t inside; /* the CPU whose step runs now, or HOST_NO_CPU */
	/* By VMID: what a CPU installed last. */
	struct moat_stage2 regime[MOAT_VM_MAX + 1];
	/* Pages of RAM written since the machine was made, those of them that
	 * were written since whoever compares took note, and flags for both. */
	uint32_t *touched;
	uint32_t *fresh;
	unsigned char *is_touched;
	unsigned char *is_fresh;
	uint32_t touched_count;
	uint32_t fresh_count;
	uint64_t write_count; /* of descriptors, since moat_init */
	uint64_t device_write_count; /* of those that concern device space */
	/* What ports and CPUs do is judged as it is done (docs/monitor.md),
	 * unless is_watched was set to false before the first step. */
	struct monitor *monitor;
	void *monitor_initial; /* what it kept after moat_init */
	bool is_watched;
	/* Whoever knows the engine's locks calls host_machine_lock of each that
	 * is not as the monitor was told; or NULL. Who was told to hold which:
	 * 0 is nobody, else the CPU's number plus one. */
	void (*look_at_locks)(struct host_machine *machine);
	uint8_t told[HOST_LOCKS];
	bool is_watch_traced; /* each of these events goes to the trace */
	uint64_t watch_count;
	/* The first rule of port.h or of the architecture that was broken. */
	const char *violation;
	char explanation[HOST_EXPLANATION]; /* the monitor's */
	struct moat_event event; /* the last one */
	uint64_t event_count;
	uint64_t initial_events; /* of moat_init */
	FILE *trace; /* each event as text, or NULL */
	/* host_machine_listen. */
	void (*hear)(void *argument, const struct moat_event *event);
	void *hear_argument;
};

/**
 * Make a machine of @shape and an engine for it.
 *
 * ram_window is ignored. memory_pa is where the engine's memory is to be; what
 * of it the withheld ranges of @shape leave open is withheld as well. A machine
 * of the shape of one that was destroyed, and without @trace, is that one
 * restored to what moat_init had left: some microseconds.
 *
 * Returns NULL if the configuration breaks a rule of struct moat_config.
 */
struct host_machine *host_machine_create(
	const struct moat_config *shape, FILE *trace);
void host_machine_destroy(struct host_machine *machine); /* NULL: nothing */

/**
 * Make @machine again what it was when moat_init had returned; its trace, if it
 * has one, ends. For whoever needs many machines of one shape.
 *
 * Cost: the pages that were touched zeroed, the engine's memory copied.
 */
void host_machine_restart(struct host_machine *machine);

/**
 * For each page of RAM, whether the process has memory for it, 0 or 1: who has
 * none was never written to, by whomever, and is zero. What was swapped out may
 * count as having none; pages that were touched by right are listed above.
 */
void host_machine_resident(
	const struct host_machine *machine, unsigned char *is_resident);

/**
 * Call @hear with each event from now on, in the order in which the steps
 * happened; NULL ends it. With model_event behind it each step of the engine is
 * compared with the model's as it is taken. Nothing may be asked of @machine
 * from there: it is in a step.
 */
void host_machine_listen(struct host_machine *machine,
	void (*hear)(void *argument, const struct moat_event *event),
	void *argument);

/* Machines made with a trace from now on also print there, between its events,
 * what their monitors are told (moat-model monitor). */
void host_machine_trace_watch(bool is_wanted);

/* No machine made from now on is watched, nor are its steps' rules asked: what
 * is wrong shows, or not, by what agents see. */
void host_machine_trust(bool is_trusted);

/* The ports act for @machine from now on. */
void host_machine_use(struct host_machine *machine);

/* The bytes at @pa up to the end of its page, or NULL if no memory is there. */
unsigned char *host_machine_memory(
	const struct host_machine *machine, uint64_t pa);

/* The page of RAM at @pa counted through all ranges, or UINT32_MAX. */
uint32_t host_machine_page(const struct host_machine *machine, uint64_t pa);

/* The physical address of page @page of all RAM. */
uint64_t host_machine_pa(const struct host_machine *machine, uint32_t page);

/* Page @page of RAM may hold something else than zeroes from now on. */
void host_machine_touch(struct host_machine *machine, uint32_t page);

/* Whoever compares took note of the fresh pages. */
void host_machine_forget_fresh(struct host_machine *machine);

/* Note that a rule was broken; the first note stands. */
void host_machine_violate(struct host_machine *machine, const char *rule);

/* The lock @number, which protects the tables of @vmid, is not held any more by
 * who was told to hold it; the CPU @owner holds it, if not HOST_NO_CPU. */
void host_machine_lock(struct host_machine *machine, uint32_t number,
	uint32_t vmid, uint32_t owner);

/*
 * The three steps of the engine, and what a CPU does about them: it installs
 * the translation of what runs next. Nothing may await an invalidation then.
 */
enum moat_action host_machine_call(
	struct host_machine *machine, uint32_t cpu, struct moat_regs *regs);
enum moat_action host_machine_abort(
	struct host_machine *machine, uint32_t cpu, struct moat_ipa ipa);
enum moat_action host_machine_exit(struct host_machine *machine, uint32_t cpu,
	const struct moat_trap *trap, struct moat_regs *regs);

struct host_access {
	uint64_t ipa; /* 8-byte aligned */
	uint64_t value; /* to write, or what was read or fetched */
	enum moat_access kind;
};

/**
 * What runs on @cpu reads, fetches or writes 64 bits. Device memory reads as
 * zero and forgets what is written.
 *
 * Returns false, with nothing done, if stage 2 refuses.
 */
bool host_cpu_access(
	struct host_machine *machine, uint32_t cpu, struct host_access *access);

/* @cpu translates @ipa ahead of need, as it is free to, and keeps that. */
void host_cpu_speculate(
	struct host_machine *machine, uint32_t cpu, uint64_t ipa);

/*
 * The first thing that @cpu has cached and that the tables no longer say, or
 * NULL: after a step nothing of that kind may be left [TLB-1].
 */
const struct host_translation *host_cpu_stale(
	struct host_machine *machine, uint32_t cpu);

#ifdef __cplusplus
}
#endif

#endif
