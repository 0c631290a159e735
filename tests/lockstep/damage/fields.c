/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each field of each struct of the engine, flipped: whether the comparer looks
 * at it, and whether the state made of the engine does, for each kind of thing
 * that has the struct. The tables are total: a field without a row fails.
 */
#include <string.h>

#include "core/state.h"
#include "world.h"

enum { TOP = 0x80 };

/* Sets of kinds of instances; a row says in which of them a field counts. */
enum {
	NEVER = 0,
	/* page records */
	HOST = 1, /* or withheld */
	DATA = 2, /* but of a block */
	BLOCK = 4,
	TABLE = 8,
	CONTEXT = 16,
	/* vCPUs; all but ABSENT have been created */
	ABSENT = 1,
	OFF = 2,
	READY = 4, /* with nothing pending, or a HOST_CALL */
	MMIO = 8,
	RUNNING = 16,
	CREATED = OFF + READY + MMIO + RUNNING,
	STARTED = READY + MMIO + RUNNING,
	/* CPUs */
	HOSTS = 1,
	GUESTS = 2,
	ALWAYS = 31,
	NARROW = 32, /* no number beyond the low bit is safe to try */
	ELSEWHERE = 64 /* it has rows of its own */
};

struct field {
	const char *name;
	size_t offset;
	size_t size;
	int compared; /* in these kinds */
	int made;
};

#define FIELD(type, name) \
#name, offsetof(struct type, name), sizeof(((struct type *)0)->name)
#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static const struct field page_rows[] = {
	{FIELD(page, state), ALWAYS, ALWAYS},
	/* What is made of a record has no room for what must be zero. */
	{FIELD(page, mapping), ALWAYS, DATA + BLOCK + TABLE},
	{FIELD(page, slot), ALWAYS, DATA + BLOCK + TABLE + CONTEXT},
	{FIELD(page, parent), ALWAYS, DATA + BLOCK + TABLE + CONTEXT},
};

static const struct field vcpu_rows[] = {
	{FIELD(vcpu, page), CREATED, CREATED},
	{FIELD(vcpu, cpu), RUNNING, RUNNING},
	{FIELD(vcpu, state), ALWAYS, ALWAYS},
	{FIELD(vcpu, pending), CREATED, CREATED},
	{FIELD(vcpu, count), CREATED, CREATED},
	{"padding", 20, 4, NEVER, NEVER},
	{FIELD(vcpu, access.kind), NEVER, NEVER},
	{FIELD(vcpu, access.access), MMIO, MMIO},
	{FIELD(vcpu, access.ipa), NEVER, NEVER},
	{FIELD(vcpu, access.has_syndrome), NEVER, NEVER},
	{FIELD(vcpu, access.size), MMIO, MMIO},
	{FIELD(vcpu, access.register_index), MMIO, MMIO},
	{FIELD(vcpu, access.is_signed), MMIO, MMIO},
	{FIELD(vcpu, access.is_wide), MMIO, MMIO},
	{"padding", 60, 4, NEVER, NEVER},
};

/* Of the VM that is ACTIVE. Numbers that walks rely on are tried by one. */
static const struct field vm_rows[] = {
	{FIELD(vm, half), NEVER, NEVER}, /* [HALF-1] does */
	{FIELD(vm, root), ALWAYS, ALWAYS},
	{FIELD(vm, root_count), NEVER + NARROW, ALWAYS},
	{FIELD(vm, life), ALWAYS, ALWAYS},
	{FIELD(vm, ipa_bits), ALWAYS + NARROW, ALWAYS},
	{FIELD(vm, start_level), ALWAYS + NARROW, ALWAYS},
	{FIELD(vm, vcpu_count), ALWAYS + NARROW, ALWAYS},
	{"padding", 20, 4, NEVER, NEVER},
	{FIELD(vm, measurement[0]), ALWAYS, ALWAYS},
	{FIELD(vm, measurement[1]), ALWAYS, ALWAYS},
	{FIELD(vm, measurement[2]), ALWAYS, ALWAYS},
	{FIELD(vm, measurement[3]), ALWAYS, ALWAYS},
	{FIELD(vm, vcpu), ELSEWHERE, NEVER},
};

static const struct field cpu_rows[] = {
	{FIELD(cpu, vm), ALWAYS, ALWAYS},
	{FIELD(cpu, vcpu), GUESTS, GUESTS},
	{FIELD(cpu, batch), NEVER, NEVER},
};

/* General registers are rows of the loop in test_context. */
static const struct field context_rows[] = {
	{FIELD(moat_context, x), STARTED, STARTED},
	{FIELD(moat_context, pc), STARTED, STARTED},
	{FIELD(moat_context, pstate), NEVER, NEVER},
	{FIELD(moat_context, list_register[0]), STARTED, STARTED},
	{FIELD(moat_context, list_register[1]), STARTED, STARTED},
	{FIELD(moat_context, list_register[2]), STARTED, STARTED},
	{FIELD(moat_context, list_register[3]), STARTED, STARTED},
	{FIELD(moat_context, wants_maintenance), STARTED, STARTED},
	{FIELD(moat_context, maintenance), STARTED, STARTED},
	{FIELD(moat_context, deadline), STARTED, STARTED},
	{FIELD(moat_context, arch), NEVER, NEVER}, /* the port's own */
};

/* ---- One flip ---------------------------------------------------------- */

/* @byte changes by @bits; whether the comparer, and the state that is made, are
 * to notice. */
static void flip(struct world *world, const char *what, unsigned char *byte,
	unsigned char bits, const bool noticed[2])
{
	*byte ^= bits;
	if (noticed[0]) {
		expect_differ(world, ABSTRACT_ALL, what, NULL);
	} else {
		expect_same(world, ABSTRACT_ALL, what);
	}
	/* What is made of a number that is far off may be as large. */
	if (bits == 1) {
		expect(made_is_same(world) != noticed[1],
			"%s: what is made of the engine is %s", what,
			noticed[1] ? "the same" : "another");
	}
	*byte ^= bits;
}

/* One thing that has the struct of the rows. */
struct instance {
	const char *name;
	void *at;
	int kind;
};

static void flip_row(struct world *world, const struct field *row,
	const struct instance *instance)
{
	unsigned char *bytes = (unsigned char *)instance->at + row->offset;
	const bool noticed[2] = {(row->compared & instance->kind) != 0,
		(row->made & instance->kind) != 0};
	char what[100];

	if (row->compared == ELSEWHERE) {
		return;
	}
	snprintf(what, sizeof(what), "%s of %s", row->name, instance->name);
	flip(world, what, bytes, 1, noticed);
	if ((row->compared & NARROW) == 0) {
		flip(world, what, bytes + row->size - 1, TOP, noticed);
	}
}

static void flip_rows(struct world *world, const struct field *rows,
	size_t count, const struct instance *instance)
{
	for (size_t i = 0; i < count; i++) {
		flip_row(world, &rows[i], instance);
	}
	expect_same(world, ABSTRACT_ALL, instance->name);
}

/* Rows follow each other without a gap, and are all of the struct. */
static void expect_total(const struct field *rows, size_t count, size_t size)
{
	size_t end = 0;

	for (size_t i = 0; i < count; i++) {
		expect(rows[i].offset == end, "before %s a field has no row",
			rows[i].name);
		end = rows[i].offset + rows[i].size;
	}
	expect(end == size, "behind %s a field has no row",
		rows[count - 1].name);
}

/* ---- Each struct ------------------------------------------------------- */

static void test_pages(struct world *world)
{
	const struct {
		const char *name;
		uint64_t offset;
		int kind;
	} pages[] = {
		{"the first page", 0, HOST},
		{"a withheld page", 0x3000, HOST},
		{"a page behind all others", 0x7ff000, HOST},
		{"the first root page", 0x10000, TABLE},
		{"the last root page", 0x1f000, TABLE},
		{"a level-2 table", 0x20000, TABLE},
		{"a level-3 table", 0x2c000, TABLE},
		{"a page that was loaded", 0x31000, DATA},
		{"a page that is SHARED", 0x32000, DATA},
		{"a page that was donated", 0x33000, DATA},
		{"a page to read", 0x34000, DATA},
		{"a page for all", 0x37000, DATA},
		{"the first page of a block", 0x200000, BLOCK},
		{"the last page of a block", 0x3ff000, BLOCK},
		{"a page of a block that is LENT", 0x412000, BLOCK},
		{"a context", 0x41000, CONTEXT},
		{"a page of a VM that is BUILDING", 0x65000, DATA},
		{"the root of a VM that is DYING", 0x70000, TABLE},
	};

	expect_total(ROWS(page_rows), sizeof(struct page));
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		uint64_t page = pages[i].offset / MOAT_PAGE_SIZE;
		const struct instance instance = {
			pages[i].name, &PAGE(world->m, page), pages[i].kind};

		flip_rows(world, ROWS(page_rows), &instance);
	}
}

static void test_vcpus(struct world *world)
{
	struct vcpu *vcpus = world->m->vm[0].vcpu;
	const struct instance instances[] = {
		{"the vCPU that runs", &vcpus[0], RUNNING},
		{"a vCPU that is READY", &vcpus[1], READY},
		{"a vCPU that is OFF", &vcpus[2], OFF},
		{"a vCPU with a store pending", &vcpus[3], MMIO},
		{"a vCPU with a call pending", &vcpus[4], READY},
		{"a vCPU that is not there", &vcpus[5], ABSENT},
		/* 6: its load has flags, of which any number is one. */
	};

	expect_total(ROWS(vcpu_rows), sizeof(struct vcpu));
	for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++) {
		flip_rows(world, ROWS(vcpu_rows), &instances[i]);
	}
}

static void test_agents(struct world *world)
{
	const struct instance vm = {"VM 0", &VM(world->m, 0), ALWAYS};
	const struct instance cpus[] = {
		{"CPU 0", &CPU(world->m, 0), HOSTS},
		{"CPU 1", &CPU(world->m, 1), GUESTS},
		{"CPU 2", &CPU(world->m, 2), HOSTS},
	};

	expect_total(ROWS(vm_rows), sizeof(struct vm));
	flip_rows(world, ROWS(vm_rows), &vm);
	expect_total(ROWS(cpu_rows), sizeof(struct cpu));
	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
		flip_rows(world, ROWS(cpu_rows), &cpus[i]);
	}
}

static void test_context(
	struct world *world, uint32_t vcpu, const char *name, int kind)
{
	const struct instance instance = {
		name, &CONTEXT(world->m, VCPU(world->m, 0, vcpu).page), kind};

	flip_rows(world, ROWS(context_rows), &instance);
	for (size_t i = 0; i < 31; i++) {
		const struct field row = {"a register", i * sizeof(uint64_t),
			sizeof(uint64_t), STARTED, STARTED};

		flip_row(world, &row, &instance);
	}
}

void test_fields(struct world *world)
{
	test_pages(world);
	test_vcpus(world);
	test_agents(world);
	expect_total(ROWS(context_rows), sizeof(struct moat_context));
	test_context(world, 0, "what runs", RUNNING);
	test_context(world, 1, "what is READY", READY);
	test_context(world, 2, "what is OFF", OFF);
	test_context(world, 6, "what loads", MMIO);
}
