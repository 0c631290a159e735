/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock-protectors: each accessor of the debug build asks for the protector of
 * what it names, and each misuse of a lock is a panic that names who took it.
 *
 * A step runs on CPU 0 of an engine of two regions. VM 3 owns page 1, in region
 * 0, by its root, page 2; page 0 is the host's.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "core/hold.h"
#include "moat/port.h"

enum lock_set { NOTHING = 0, VM_3 = 1, VM_5 = 2, REGION_0 = 4, REGION_1 = 8 };

static struct page pages[2 * ENTRY_COUNT];
static struct mutex locks[REGION_LOCK_COUNT];
static struct moat engine = {.page = pages,
	.region_lock = locks,
	.page_count = 2 * ENTRY_COUNT,
	.region_count = 2,
	.leaf_first = 4};

static jmp_buf panicked;
static char reason[400];
static unsigned failures;

/* Of the port only these are ever called; nobody ever waits. */
void moat_port_wait(void)
{
}

void moat_port_wake(void)
{
}

void moat_port_panic(const char *why)
{
	snprintf(reason, sizeof(reason), "%s", why);
	longjmp(panicked, 1);
}

static void step_begin(void)
{
	witness_forget();
	reason[0] = 0;
	witness_enter(0);
}

static void expect(bool is_good, const char *what, unsigned row)
{
	if (!is_good) {
		printf("protectors: %s, row %u: %s\n", what, row,
			reason[0] == 0 ? "no panic" : reason);
		failures++;
	}
}

/* ---- Accessors --------------------------------------------------------- */

struct row {
	char accessor; /* Page, page to Set, page Above, host Table, Region,
			* Vm, Cpu */
	uint64_t index;
	unsigned held;
	bool is_permitted;
};

static const struct row rows[] = {
	/* The host's page: its region. */
	{'P', 0, NOTHING, false},
	{'P', 0, VM_3, false},
	{'P', 0, REGION_1, false},
	{'P', 0, REGION_0, true},
	/* A VM's page: its region, or its VM. */
	{'P', 1, NOTHING, false},
	{'P', 1, VM_5, false},
	{'P', 1, REGION_1, false},
	{'P', 1, VM_3, true},
	{'P', 1, REGION_0, true},
	/* To change one takes both. */
	{'S', 0, REGION_0, false},
	{'S', 0, VM_3, false},
	{'S', 0, VM_3 + REGION_1, false},
	{'S', 0, VM_3 + REGION_0, true},
	{'S', 1, VM_3, false},
	{'S', 1, VM_5 + REGION_0, false},
	{'S', 1, VM_3 + REGION_0, true},
	/* A table above a page: any lock. */
	{'A', 2, NOTHING, false},
	{'A', 2, REGION_1, true},
	{'A', 2, VM_5, true},
	/* A leaf of the host's map: its region; one above: any region. */
	{'T', 4, NOTHING, false},
	{'T', 4, VM_3, false},
	{'T', 4, REGION_1, false},
	{'T', 4, REGION_0, true},
	{'T', 5, REGION_0, false},
	{'T', 5, REGION_1, true},
	{'T', 0, NOTHING, false},
	{'T', 0, VM_3, false},
	{'T', 0, REGION_1, true},
	{'R', 0, NOTHING, false},
	{'R', 0, VM_3, false},
	{'R', 0, REGION_1, false},
	{'R', 0, REGION_0, true},
	{'V', 3, NOTHING, false},
	{'V', 3, REGION_0, false},
	{'V', 3, VM_5, false},
	{'V', 3, VM_3, true},
	/* A CPU's own: nobody else, whatever they hold. */
	{'C', 0, NOTHING, true},
	{'C', 1, VM_3 + REGION_0, false},
};

static void take(unsigned held)
{
	static const uint32_t rank[] = {WITNESS_VM + 3, WITNESS_VM + 5,
		WITNESS_REGION + 0, WITNESS_REGION + 1};

	for (unsigned i = 0; i < 4; i++) {
		if ((held >> i) % 2 == 1) {
			witness_take(rank[i], HERE);
		}
	}
}

static void name(char accessor, uint64_t index)
{
	switch (accessor) {
	case 'P':
		protect_page(&engine, index);
		break;
	case 'S':
		protect_page_to_set(&engine, index);
		break;
	case 'A':
		protect_page_above(index);
		break;
	case 'T':
		protect_host_table(&engine, index);
		break;
	case 'R':
		protect_region(index);
		break;
	case 'V':
		protect_vm(index);
		break;
	default:
		protect_cpu(index);
		break;
	}
}

/* Panics have a function of their own to return to, here and below: the loops
 * around keep nothing that a jump could spoil. */
static void try_row(const struct row *row)
{
	step_begin();
	if (setjmp(panicked) == 0) {
		take(row->held);
		name(row->accessor, row->index);
	}
}

static void check_accessors(void)
{
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		try_row(&rows[i]);
		expect((reason[0] == 0) == rows[i].is_permitted, "accessors",
			i);
	}
}

/* ---- Ranks ------------------------------------------------------------- */

#define R WITNESS_REGION

static const struct {
	uint32_t first, second;
	const char *panic; /* "" if there is none */
} pairs[] = {
	{1, 2, ""},
	{1, R + 0, ""},
	{R + 0, R + 1, ""},
	{2, 1,
		"lock rank: VM lock 1, taken by second; held: VM lock 2, taken "
		"by first"},
	{1, 1,
		"lock rank: VM lock 1, taken by second; held: VM lock 1, taken "
		"by first"},
	{R + 0, 1,
		"lock rank: VM lock 1, taken by second; held: region lock "
		"0, taken by first"},
	{R + 1, R + 0,
		"lock rank: region lock 0, taken by second; held: region "
		"lock 1, taken by first"},
};

static void try_pair(uint32_t first, uint32_t second)
{
	step_begin();
	if (setjmp(panicked) == 0) {
		witness_take(first, "first");
		witness_take(second, "second");
	}
}

static void check_ranks(void)
{
	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		try_pair(pairs[i].first, pairs[i].second);
		expect(strcmp(reason, pairs[i].panic) == 0, "ranks", i);
	}
}

/* ---- Steps ------------------------------------------------------------- */

static void leave_holding(void)
{
	witness_take(1, "a step");
	witness_leave();
}

static void drop_twice(void)
{
	witness_take(1, "a step");
	witness_drop(1);
	witness_drop(1);
}

/* Outside of a step a test may name what it likes. */
static void name_outside(void)
{
	witness_leave();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		name(rows[i].accessor, rows[i].index);
	}
}

/* A step that takes every region has each lock, and keeps none. */
static void take_all(void)
{
	struct regions_locked locked;

	for (unsigned i = 0; i < REGION_LOCK_COUNT; i++) {
		mutex_init(&locks[i]);
	}
	locked = regions_lock_all(&engine, 0, HERE);
	for (unsigned i = 0; i < REGION_LOCK_COUNT; i++) {
		expect(mutex_is_held(&locks[i], 0), "all regions", i);
		expect(regions_cover(locked, 640 + i), "all regions", i);
	}
	regions_unlock(&engine, locked);
	witness_leave();
}

static void check_step(void (*step)(void), const char *panic, const char *what)
{
	step_begin();
	if (setjmp(panicked) == 0) {
		step();
	}
	expect(strcmp(reason, panic) == 0, what, 0);
}

int main(void)
{
	pages[1].state = MOAT_PAGE_VM;
	pages[1].parent = 2;
	pages[2].state = MOAT_PAGE_TABLE;
	pages[2].slot = SLOT_ROOT;
	pages[2].parent = 3;
	check_accessors();
	check_ranks();
	check_step(leave_holding,
		"a step ends on CPU 0; held: VM lock 1, taken by a step",
		"a step that ends with a lock");
	check_step(drop_twice,
		"lock rank: VM lock 1, taken by nobody and released; nothing "
		"is held",
		"a lock released twice");
	check_step(name_outside, "", "outside of a step");
	check_step(take_all, "", "all regions");
	printf("protectors: %u failures\n", failures);
	return failures == 0 ? 0 : 1;
}
