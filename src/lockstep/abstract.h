/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The abstraction: what the engine's state means, in the words of the model,
 * and the comparison of the two.
 *
 * abstract.c and abstract_vcpu.c are the files that see the core's state and
 * the model: page records, VMs and CPUs; vCPUs and their registers.
 * abstract_right.c tells the monitor what the page records permit.
 * abstract_map.c walks the tables that the engine wrote; abstract_word.c reads
 * the arena. Each difference is one line: what, and what each side says.
 * abstract_make.c makes a state of the model of it, for who wants to look at
 * the engine without a model to compare it with.
 */
#ifndef MOAT_LOCKSTEP_ABSTRACT_H
#define MOAT_LOCKSTEP_ABSTRACT_H

#include "arch-host/machine.h"
#include "model/model.h"

enum { ABSTRACT_TEXT = 1024 };

struct page;

struct abstract {
	struct host_machine *machine;
	const struct model *model;
	uint32_t page_count; /* of RAM */
	uint64_t *pa; /* of each page of RAM */
	unsigned char *is_withheld; /* each page of RAM */
	unsigned char *is_open; /* to the host: both sides agreed on it */
	unsigned char *is_resident; /* it is not known to be zero */
	/* What those and the records are where the model has no record. */
	unsigned char *is_open_plain;
	struct page *plain;
	struct page *asked; /* the records when rights were asked last */
	uint64_t device_bytes; /* the host is to reach, in all */
	/* Those counts of the machine, at the last comparison. */
	uint64_t write_seen;
	uint64_t device_write_seen;
	size_t page_next; /* where the model's next page is expected */
	char text[ABSTRACT_TEXT]; /* the difference */
};

/* Returns false if memory runs out. */
bool abstract_init(struct abstract *a, struct host_machine *machine,
	const struct model *model);
void abstract_free(struct abstract *a);

enum abstract_scope {
	ABSTRACT_MEMORY, /* VMs, vCPUs, CPUs, and contents that were written */
	ABSTRACT_STEP, /* page records too, and tables if one was written to */
	ABSTRACT_ALL /* all tables, and all of RAM */
};

/**
 * Compare what the last step may have changed.
 *
 * Returns false if the sides differ; @a->text says where.
 */
bool abstract_compare(struct abstract *a, enum abstract_scope scope);

/* Fill in the difference. Returns false, for the caller to return. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool abstract_differ(struct abstract *a, const char *format, ...);

/* The state that the engine is in. Of @a only the machine is looked at. */
struct model *abstract_make(const struct abstract *a);

/* The record of @page as the model has it; false if it hangs nowhere. */
bool abstract_page(const struct moat *m, uint32_t page, struct model_page *out);

/* The translation of @vm, of whatever life, as the engine keeps it. */
struct moat_stage2 abstract_stage2(const struct abstract *a, uint32_t vm);

/* Let the machine's monitor ask the engine's page records from now on [TLB-1],
 * and know its locks. Ask them about each page whose record changed since the
 * last time, or about every page, and return what is wrong or NULL. */
void abstract_join(struct host_machine *machine);
const char *abstract_rights(struct abstract *a, bool is_all);

/* Parts of abstract_compare, in the order they build on each other. */
bool abstract_compare_host_map(struct abstract *a);
bool abstract_compare_host_ram(struct abstract *a); /* but not devices */
bool abstract_compare_vcpu(struct abstract *a, uint32_t vm, uint32_t index);
bool abstract_compare_vm_map(struct abstract *a, uint32_t vm);
bool abstract_compare_words(struct abstract *a, uint32_t page);

/**
 * A copy of the engine's memory, to show that a refused call changes nothing
 * [CALL-1]. What a call may use without changing the state is left out: ticket
 * counters and the scratch memory of each CPU.
 */
struct snapshot {
	bool is_current; /* nothing changed since it was taken or compared */
	unsigned char *memory;
	size_t size;
	uint64_t write_count;
	uint32_t fresh_count;
};

bool snapshot_init(struct snapshot *snapshot, struct host_machine *machine);
void snapshot_free(struct snapshot *snapshot);
/* To be called when a step may have changed something. */
void snapshot_expire(struct snapshot *snapshot);
void snapshot_take(
	struct snapshot *snapshot, const struct host_machine *machine);

/* Returns NULL if nothing changed, or what did. */
const char *snapshot_compare(
	struct snapshot *snapshot, const struct host_machine *machine);

/* Whether every lock of the engine is free. */
bool snapshot_locks_are_free(const struct host_machine *machine);

#endif
