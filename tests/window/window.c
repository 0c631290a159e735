/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that is mapped elsewhere: RAM of two ranges far apart, seen through
 * one window at an address that has nothing to do with theirs; the engine's
 * memory lies in that RAM and is given at yet another address.
 *
 * The window is closed but for the pages that a step may touch by what
 * docs/porting.md says: pages of tables and contexts, what is scrubbed, what is
 * measured. Any other access ends the program.
 */
#define _GNU_SOURCE /* memfd_create */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "small.h"

#define LOW UINT64_C(0x40000000)
#define HIGH UINT64_C(0x880000000)
#define RANGE_SIZE UINT64_C(0x400000)
#define MEMORY (LOW + RANGE_SIZE / 2) /* the upper half of the lower range */
#define PATTERN UINT64_C(0x5ec2e75ec2e75ec2)

/* Pages of RAM, by physical address. */
#define ROOT LOW /* four */
#define TABLE (LOW + 0x4000)
#define CONTEXT (LOW + 0x5000)
#define SHARED_TABLE (HIGH + 0x5000)
#define LOADED HIGH
#define DONATED (LOW + 0x7000)
#define LENT (HIGH + 0x8000)
#define HALF UINT64_C(0x80000000) /* of the IPA space */

static unsigned char *window; /* as the engine sees RAM */
static unsigned char *view; /* as the test does */
static struct moat *engine;
static const char *step = "init";
static int failed;

static const struct moat_vm_id vm = {0};
static const struct moat_vcpu_id vcpu = {0};

static void expect(bool holds, const char *what)
{
	if (!holds) {
		printf("FAILED: %s\n", what);
		failed++;
	}
}

/* ---- The window ---------------------------------------------------------- */

/* Page n of all RAM, counted through the ranges, is at n * 4096. */
static uint64_t offset_of(uint64_t pa)
{
	return pa < HIGH ? pa - LOW : pa - HIGH + RANGE_SIZE;
}

static void touched(int number, siginfo_t *info, void *context)
{
	static const char text[] = "FAILED: the engine touched what it may "
				   "not, in ";

	(void)number;
	(void)info;
	(void)context;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	(void)!write(STDOUT_FILENO, step, strlen(step));
	(void)!write(STDOUT_FILENO, "\n", 1);
	_exit(1);
}

static bool make_window(void)
{
	const struct sigaction action = {
		.sa_sigaction = touched, .sa_flags = SA_SIGINFO};
	size_t size = 2 * RANGE_SIZE;
	int file = memfd_create("ram", 0);

	if (file < 0 || ftruncate(file, (off_t)size) != 0) {
		return false;
	}
	window = mmap(NULL, size, PROT_NONE, MAP_SHARED, file, 0);
	view = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	return window != MAP_FAILED && view != MAP_FAILED &&
	       sigaction(SIGSEGV, &action, NULL) == 0;
}

static void set_open(uint64_t pa, int protection)
{
	if (mprotect(window + offset_of(pa), MOAT_PAGE_SIZE, protection) != 0) {
		expect(false, "mprotect");
	}
}

static uint64_t *word_at(uint64_t pa)
{
	return (uint64_t *)(void *)(view + offset_of(pa));
}

/* ---- Steps --------------------------------------------------------------- */

enum { PAGES_MAX = 8 };

/* Pages that a step may touch; 0 ends the list. */
struct pages {
	uint64_t pa[PAGES_MAX];
};

static void set_all(const struct pages *pages, int protection)
{
	for (int i = 0; i < PAGES_MAX && pages->pa[i] != 0; i++) {
		set_open(pages->pa[i], protection);
	}
}

/* A call that touches nothing but @pages, and succeeds. */
static void call(const char *name, struct moat_regs regs, struct pages pages)
{
	enum moat_action action;

	step = name;
	set_all(&pages, PROT_READ | PROT_WRITE);
	action = moat_host_call(engine, 0, &regs);
	set_all(&pages, PROT_NONE);
	expect(action == MOAT_GUEST_ENTER || regs.x[0] == MOAT_OK, name);
}

/* The VM calls, or is interrupted, with its registers open. */
static void trap(const char *name, uint64_t function, struct pages pages)
{
	struct moat_trap trapped = {.kind = MOAT_TRAP_CALL};
	struct moat_regs regs = {{0}};

	step = name;
	set_all(&pages, PROT_READ | PROT_WRITE);
	moat_cpu_context(engine, 0)->x[0] = MOAT_FUNCTION(function);
	moat_cpu_context(engine, 0)->x[1] = 0;
	moat_cpu_context(engine, 0)->x[2] = 1;
	expect(moat_guest_exit(engine, 0, &trapped, &regs) == MOAT_HOST_RETURN,
		name);
	set_all(&pages, PROT_NONE);
}

#define ROOTS ROOT, ROOT + 0x1000, ROOT + 0x2000, ROOT + 0x3000
#define PA(address) ((struct moat_pa){address})
#define IPA(address) ((struct moat_ipa){address})

static void build(void)
{
	call("vm_create", moat_vm_create(vm, PA(ROOT), 32, 1),
		(struct pages){{ROOTS}});
	call("table_create", moat_table_create(vm, IPA(0), 3, PA(TABLE)),
		(struct pages){{ROOTS, TABLE}});
	call("table_create of the shared half",
		moat_table_create(vm, IPA(HALF), 3, PA(SHARED_TABLE)),
		(struct pages){{ROOTS, SHARED_TABLE}});
	*word_at(LOADED) = PATTERN;
	*word_at(LENT) = PATTERN;
	*word_at(DONATED) = PATTERN;
	call("page_load", moat_page_load(vm, IPA(0), PA(LOADED), 1),
		(struct pages){{ROOTS, TABLE, LOADED}});
	call("page_donate", moat_page_donate(vm, IPA(0x1000), PA(DONATED), 1),
		(struct pages){{ROOTS, TABLE, DONATED}});
	call("page_lend", moat_page_lend(vm, IPA(HALF), PA(LENT), 1, MOAT_READ),
		(struct pages){{ROOTS, SHARED_TABLE}});
	call("vcpu_create", moat_vcpu_create(vm, vcpu, PA(CONTEXT), 0, 0),
		(struct pages){{CONTEXT}});
	call("vm_seal", moat_vm_seal(vm), (struct pages){{0}});
	expect(*word_at(LOADED) == PATTERN, "what is loaded is kept");
	expect(*word_at(DONATED) == 0, "what is donated is zero");
}

static void run(void)
{
	call("vcpu_run", moat_vcpu_run(vm, vcpu), (struct pages){{CONTEXT}});
	trap("share", MOAT_GUEST_SHARE,
		(struct pages){{ROOTS, TABLE, CONTEXT}});
	call("vcpu_run", moat_vcpu_run(vm, vcpu), (struct pages){{CONTEXT}});
	trap("unshare", MOAT_GUEST_UNSHARE,
		(struct pages){{ROOTS, TABLE, CONTEXT}});
	call("vcpu_run", moat_vcpu_run(vm, vcpu), (struct pages){{CONTEXT}});
	trap("relinquish", MOAT_GUEST_RELINQUISH,
		(struct pages){{ROOTS, TABLE, CONTEXT, LOADED}});
	expect(*word_at(LOADED) == 0, "what is relinquished is zero");
}

static void tear_down(void)
{
	call("page_info", moat_page_info(PA(DONATED)), (struct pages){{0}});
	call("vm_kill", moat_vm_kill(vm), (struct pages){{0}});
	call("page_recall", moat_page_recall(vm, IPA(HALF), 1),
		(struct pages){{ROOTS, SHARED_TABLE}});
	*word_at(DONATED) = PATTERN;
	call("page_reclaim", moat_page_reclaim(vm, IPA(0x1000), 1),
		(struct pages){{ROOTS, TABLE, DONATED}});
	call("table_destroy", moat_table_destroy(vm, IPA(0), 3),
		(struct pages){{ROOTS, TABLE}});
	call("table_destroy of the shared half",
		moat_table_destroy(vm, IPA(HALF), 3),
		(struct pages){{ROOTS, SHARED_TABLE}});
	call("vcpu_destroy", moat_vcpu_destroy(vm, vcpu),
		(struct pages){{CONTEXT}});
	call("vm_free", moat_vm_free(vm), (struct pages){{ROOTS}});
	expect(*word_at(DONATED) == 0, "what is reclaimed is zero");
	expect(*word_at(LENT) == PATTERN, "what was lent is as it was");
}

int main(void)
{
	struct moat_config config = {.cpu_count = 1,
		.vm_count = 1,
		.ipa_bits = 32,
		.host_ipa_bits = 36,
		.ram_count = 2,
		.ram = {{LOW, RANGE_SIZE}, {HIGH, RANGE_SIZE}},
		.withheld_count = 1,
		.withheld = {{MEMORY, RANGE_SIZE / 2}},
		.memory_pa = {MEMORY}};

	if (!make_window()) {
		perror("window");
		return 1;
	}
	config.ram_window = window;
	if (moat_size(&config) == 0 || moat_size(&config) > RANGE_SIZE / 2) {
		printf("FAILED: the engine does not fit\n");
		return 1;
	}
	engine = moat_init(&config, view + offset_of(MEMORY));
	build();
	run();
	tear_down();
	expect(moat_invariant_check(engine) == NULL, "every invariant holds");
	expect(small_event_count > 0, "the steps went through the port");
	printf("%d failures\n", failed);
	return failed == 0 ? 0 : 1;
}
