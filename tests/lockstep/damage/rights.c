/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the records permit, told to the monitor [TLB-1]: a record that denies
 * what a translation gives is noticed, one that permits more is not.
 */
#include "core/state.h"
#include "monitor/monitor.h"
#include "world.h"

struct row {
	const char *what;
	uint32_t page;
	uint8_t state;
	uint8_t mapping;
	uint32_t parent;
	bool is_denied; /* something that its agents have */
};

/* The monitor keeps its first verdict, so each row has a world of its own. */
static void deny(const struct scene *scene, const struct row *row)
{
	struct world world = world_make(scene, false);
	struct page *record = &PAGE(world.m, row->page);

	abstract_join(world.machine);
	expect(!abstract_rights(&world.abstract, false), "%s: denied before",
		row->what);
	record->state = row->state;
	record->mapping = row->mapping;
	record->parent = row->parent;
	expect((abstract_rights(&world.abstract, false) != NULL) ==
			row->is_denied,
		"%s: %s", row->what, row->is_denied ? "permitted" : "denied");
	world_end(&world);
}

/* Where a table hangs decides for all below it, whose records stay. */
static void deny_below_a_table(const struct scene *scene)
{
	struct world world = world_make(scene, false);
	struct page *record = &PAGE(world.m, 0x28);

	abstract_join(world.machine);
	expect(!abstract_rights(&world.abstract, false), "denied before");
	record->parent = PAGE(world.m, 0x64).parent;
	expect(abstract_rights(&world.abstract, false) != NULL,
		"a table of another VM now, and its pages are not");
	world_end(&world);
}

/* Who begins to ask asks about all that was before. */
static void deny_before_it_is_asked(const struct scene *scene)
{
	struct world world = world_make(scene, false);

	PAGE(world.m, 0x7f).state = MOAT_PAGE_ENGINE;
	abstract_join(world.machine);
	expect(monitor_verdict(world.machine->monitor)->rule ==
			MONITOR_NO_RIGHT,
		"what the records denied before is not noticed");
	world_end(&world);
}

/* Where a page hangs decides for whom it is: at the table 0x28 for VM 0, at
 * 0x64 for VM 1. */
void test_rights(const struct scene *scene)
{
	enum { ALL = MOAT_READ + MOAT_WRITE + MOAT_EXECUTE };
	const struct row rows[] = {
		{"a VM's, as it is", 0x30, MOAT_PAGE_VM, 3, 0x28, false},
		{"a VM's, now the host's", 0x30, MOAT_PAGE_HOST, 0, 0, true},
		{"a VM's, now SHARED", 0x30, MOAT_PAGE_SHARED, 3, 0x28, false},
		{"a VM's, now another's", 0x30, MOAT_PAGE_VM, 3, 0x64, true},
		{"a VM's, at no table", 0x30, MOAT_PAGE_VM, 3, 0x800, true},
		{"a VM's, now a table", 0x30, MOAT_PAGE_TABLE, 3, 0x28, true},
		{"SHARED, as it is", 0x32, MOAT_PAGE_SHARED, 3, 0x2c, false},
		{"SHARED, now a VM's", 0x32, MOAT_PAGE_VM, 3, 0x2c, true},
		{"LENT to write, as it is", 0x35, MOAT_PAGE_LENT, 3 + 8 * 3,
			0x2a, false},
		{"LENT to write, now for all", 0x35, MOAT_PAGE_LENT,
			3 + 8 * ALL, 0x2a, false},
		{"LENT to write, now to read", 0x35, MOAT_PAGE_LENT, 3 + 8,
			0x2a, true},
		{"LENT to write, now a VM's", 0x35, MOAT_PAGE_VM, 3, 0x2a,
			true},
		{"LENT to execute, now to write", 0x36, MOAT_PAGE_LENT,
			3 + 8 * 3, 0x2a, true},
		{"LENT for all, now not to execute", 0x37, MOAT_PAGE_LENT,
			3 + 8 * 3, 0x2a, true},
		{"the host's, as it is", 0x7f, MOAT_PAGE_HOST, 0, 0, false},
		{"the host's, now the engine's", 0x7f, MOAT_PAGE_ENGINE, 0, 0,
			true},
		{"the host's, now a VM's", 0x7f, MOAT_PAGE_VM, 3, 0x28, true},
		{"the host's, now a VM's at no table", 0x7f, MOAT_PAGE_VM, 3,
			0x800, true},
		{"the host's, now also LENT", 0x7f, MOAT_PAGE_LENT, 3 + 8, 0x28,
			false},
		{"the engine's, as it is", 0x3, MOAT_PAGE_ENGINE, 0, 0, false},
		{"the engine's, now the host's", 0x3, MOAT_PAGE_HOST, 0, 0,
			false},
		{"the last page, now nobody's", 0x7ff, MOAT_PAGE_STATE_COUNT, 0,
			0, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		deny(scene, &rows[i]);
	}
	deny_below_a_table(scene);
	deny_before_it_is_asked(scene);
}
