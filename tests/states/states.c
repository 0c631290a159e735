/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of transitions.h are what the engine does: each row happens, and
 * nothing happens that is no row. States are read by page_info and vm_info, as
 * a host reads them.
 */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "small.h"
#include "transitions.h"

enum { ROUNDS = 100, STEPS = 4000, PAGE_MAX = 64, VM_MAX = 2, VCPU_MAX = 2 };

/* ---- The tables --------------------------------------------------------- */

struct row {
	uint32_t from;
	const char *what;
	uint32_t to;
	uint64_t seen;
};

#define PAGE_ROW(from, what, to) {MOAT_PAGE_##from, #what, MOAT_PAGE_##to, 0},
#define VM_ROW(from, what, to) {MOAT_VM_##from, #what, MOAT_VM_##to, 0},
#define VCPU_ROW(from, what, to) {MOAT_VCPU_##from, #what, MOAT_VCPU_##to, 0},

static struct row page_rows[] = {PAGE_TRANSITIONS(PAGE_ROW)};
static struct row vm_rows[] = {VM_TRANSITIONS(VM_ROW)};
static struct row vcpu_rows[] = {VCPU_TRANSITIONS(VCPU_ROW)};

struct table {
	const char *name;
	struct row *row;
	unsigned int count;
};

#define TABLE_OF(name, rows) \
	{ \
		(name), (rows), sizeof(rows) / sizeof((rows)[0]) \
	}
static const struct table pages = TABLE_OF("page", page_rows);
static const struct table vms = TABLE_OF("VM", vm_rows);
static const struct table vcpus = TABLE_OF("vCPU", vcpu_rows);

static unsigned int failed;

static void happens(
	const struct table *table, uint32_t from, const char *what, uint32_t to)
{
	if (from == to) {
		return;
	}
	for (unsigned int i = 0; i < table->count; i++) {
		struct row *row = &table->row[i];

		if (row->from == from && row->to == to &&
			strcmp(row->what, what) == 0) {
			row->seen++;
			return;
		}
	}
	printf("no row: %s goes from %u to %u by %s\n", table->name, from, to,
		what);
	failed++;
}

static void all_seen(const struct table *table)
{
	for (unsigned int i = 0; i < table->count; i++) {
		if (table->row[i].seen == 0) {
			printf("never seen: %s, from %u by %s to %u\n",
				table->name, table->row[i].from,
				table->row[i].what, table->row[i].to);
			failed++;
		}
	}
}

/* ---- The states --------------------------------------------------------- */

struct states {
	uint32_t page[PAGE_MAX];
	uint32_t vm[VM_MAX];
	uint32_t vcpu[VM_MAX][VCPU_MAX];
};

/* The pages that the driver's calls start with, and the first of blocks. */
static uint64_t page_pa(unsigned int i)
{
	static const uint64_t others[] = {0x200000, 0x3ff000, 0x400000,
		0x401000, 0x600000, 0x7ff000, 0x800000};
	unsigned int first = PAGE_MAX - sizeof(others) / sizeof(others[0]);

	return SMALL_RAM_BASE +
	       (i < first ? i * (uint64_t)MOAT_PAGE_SIZE : others[i - first]);
}

/* Asked on the CPU on which no VM runs between two steps. */
static struct moat_regs ask(struct moat_regs regs)
{
	moat_host_call(driver_engine, 1, &regs);
	return regs;
}

/* x5 to x7 of vm_info: bitmaps of what exists, runs, is off. */
static uint32_t vcpu_state(const struct moat_regs *info, uint32_t vcpu)
{
	if ((info->x[5] >> vcpu) % 2 == 0) {
		return MOAT_VCPU_ABSENT;
	}
	if ((info->x[6] >> vcpu) % 2 == 1) {
		return MOAT_VCPU_RUNNING;
	}
	return (info->x[7] >> vcpu) % 2 == 1 ? MOAT_VCPU_OFF : MOAT_VCPU_READY;
}

static struct states look(void)
{
	struct states states = {0};

	for (unsigned int i = 0; i < PAGE_MAX; i++) {
		const struct moat_pa pa = {page_pa(i)};

		states.page[i] = (uint32_t)ask(moat_page_info(pa)).x[1];
	}
	for (unsigned int v = 0; v < VM_MAX; v++) {
		const struct moat_vm_id vm = {v};
		struct moat_regs info = ask(moat_vm_info(vm));

		states.vm[v] = (uint32_t)info.x[1];
		for (uint32_t i = 0; i < VCPU_MAX; i++) {
			states.vcpu[v][i] = vcpu_state(&info, i);
		}
	}
	return states;
}

/* ---- Steps -------------------------------------------------------------- */

#define HOST_NAME(constant, name, number, arguments) \
	case MOAT_FUNCTION(number): \
		return #name;

/* What a step does, as the tables call it. */
static const char *name_of(const struct driver_step *step)
{
	switch (step->function) {
		MOAT_HOST_CALLS(HOST_NAME)
		MOAT_GUEST_CALLS(HOST_NAME)
	case MOAT_PSCI_CPU_ON:
		return "CPU_ON";
	case MOAT_PSCI_CPU_OFF:
		return "CPU_OFF";
	case MOAT_PSCI_SYSTEM_OFF:
		return "SYSTEM_OFF";
	case MOAT_PSCI_SYSTEM_RESET:
		return "SYSTEM_RESET";
	default:
		return "exit";
	}
}

/* A vCPU that runs no more: by what turned it off, else by any exit. */
static const char *vcpu_name(
	const struct driver_step *step, uint32_t from, uint32_t to)
{
	return from == MOAT_VCPU_RUNNING && to == MOAT_VCPU_READY
		       ? "exit"
		       : name_of(step);
}

static void compare(const struct driver_step *step, const struct states *before,
	const struct states *after)
{
	for (unsigned int i = 0; i < PAGE_MAX; i++) {
		happens(&pages, before->page[i], name_of(step), after->page[i]);
	}
	for (unsigned int v = 0; v < VM_MAX; v++) {
		happens(&vms, before->vm[v], name_of(step), after->vm[v]);
		for (unsigned int i = 0; i < VCPU_MAX; i++) {
			uint32_t from = before->vcpu[v][i];
			uint32_t to = after->vcpu[v][i];

			happens(&vcpus, from, vcpu_name(step, from, to), to);
		}
	}
}

int main(void)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct states before;

		driver_start(round % 2 == 1);
		before = look();
		for (int i = 0; i < STEPS; i++) {
			struct driver_step step = driver_step();
			struct states after = look();

			compare(&step, &before, &after);
			before = after;
		}
	}
	all_seen(&pages);
	all_seen(&vms);
	all_seen(&vcpus);
	printf("%u rows, %u failures\n", pages.count + vms.count + vcpus.count,
		failed);
	return failed == 0 ? 0 : 1;
}
