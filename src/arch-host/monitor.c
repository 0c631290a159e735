/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/monitor.h"

#include "arch-host/cpu.h"
#include "pte.h"

/* ---- Live tables ------------------------------------------------------- */

/* The flag of the page at @pa: RAM first, then the engine's own memory. */
static unsigned char *live_flag(struct host_machine *machine, uint64_t pa)
{
	uint32_t page = host_machine_page(machine, pa);
	uint64_t offset = pa - machine->config.memory_pa.value;

	if (page != UINT32_MAX) {
		return &machine->is_live[page];
	}
	if (offset < machine->memory_size) {
		return &machine->is_live[machine->ram_size / MOAT_PAGE_SIZE +
					 offset / MOAT_PAGE_SIZE];
	}
	return NULL;
}

static void set_live(struct host_machine *machine, uint64_t pa, bool is_live)
{
	unsigned char *flag = live_flag(machine, pa);

	if (flag) {
		*flag = is_live;
	}
}

static bool is_live(struct host_machine *machine, uint64_t pa)
{
	const unsigned char *flag = live_flag(machine, pa);

	return flag && *flag;
}

/* The concatenated tables of a root: each translates 512 entries. */
static void set_root_live(struct host_machine *machine,
	const struct moat_stage2 *stage2, bool is_live_now)
{
	uint32_t table_bits = 12 + 9 * (4 - stage2->start_level);
	uint64_t count = 1;

	if (stage2->ipa_bits > table_bits) {
		count = UINT64_C(1) << (stage2->ipa_bits - table_bits);
	}
	for (uint64_t i = 0; i < count; i++) {
		set_live(machine, stage2->root.value + i * MOAT_PAGE_SIZE,
			is_live_now);
	}
}

void monitor_install(
	struct host_machine *machine, const struct moat_stage2 *stage2)
{
	set_root_live(machine, stage2, true);
}

/* ---- Writes ------------------------------------------------------------ */

static bool is_broken(const struct host_machine *machine, uint64_t pa)
{
	for (uint32_t i = 0; i < machine->broken_count; i++) {
		if (machine->broken[i].pa == pa) {
			return true;
		}
	}
	return false;
}

static void add_broken(struct host_machine *machine, uint64_t pa, uint64_t old)
{
	if (machine->broken_count == HOST_BROKEN_MAX) {
		host_machine_violate(
			machine, "too many entries cleared, none invalidated");
		machine->broken_count = 0;
	}
	machine->broken[machine->broken_count].pa = pa;
	machine->broken[machine->broken_count].old = old;
	machine->broken_count++;
}

static bool is_link(uint64_t descriptor)
{
	return pte_is_valid(descriptor) &&
	       descriptor == pte_table(pte_pa(descriptor));
}

/*
 * An entry of a table that no CPU walks yet: a VM that never ran. What it links
 * counts as live already, since it will be when the root is installed.
 */
static void write_dead(struct host_machine *machine, uint64_t old, uint64_t new)
{
	if (is_link(old) && old != new) {
		set_live(machine, pte_pa(old), false);
	}
}

void monitor_write(
	struct host_machine *machine, uint64_t pa, uint64_t old, uint64_t new)
{
	if (is_link(new)) {
		set_live(machine, pte_pa(new), true);
	}
	if (!is_live(machine, pa) || old == new) {
		write_dead(machine, old, new);
		return;
	}
	if (pte_is_valid(old) && pte_is_valid(new)) {
		host_machine_violate(machine,
			"a valid entry was replaced by another valid one");
	}
	if (pte_is_valid(new) && is_broken(machine, pa)) {
		host_machine_violate(machine,
			"an entry was written again before its invalidation");
	}
	if (pte_is_valid(old) && !pte_is_valid(new)) {
		add_broken(machine, pa, old);
	}
}

/*
 * Which addresses are invalidated is for the simulated TLBs to judge; here an
 * invalidation concerns every entry cleared before it.
 */
void monitor_invalidate(
	struct host_machine *machine, const struct moat_invalidation *what)
{
	for (uint32_t i = 0; i < machine->broken_count; i++) {
		uint64_t old = machine->broken[i].old;

		if (is_link(old)) {
			set_live(machine, pte_pa(old), false);
		}
	}
	machine->broken_count = 0;
	if (what->page_count == 0) {
		set_root_live(machine, &what->stage2, false);
	}
}

void monitor_scrub(struct host_machine *machine, uint64_t pa, size_t size)
{
	if (machine->broken_count != 0) {
		host_machine_violate(
			machine, "scrubbed before the invalidation");
	}
	for (size_t done = 0; done < size; done += MOAT_PAGE_SIZE) {
		if (is_live(machine, pa + done)) {
			host_machine_violate(
				machine, "scrubbed while it is a live table");
		}
	}
	for (uint32_t i = 0; i < machine->config.cpu_count; i++) {
		if (host_cpu_holds(&machine->cpus[i], pa, size)) {
			host_machine_violate(machine,
				"scrubbed while a CPU can reach the page");
		}
	}
}

void monitor_step_end(struct host_machine *machine)
{
	if (machine->broken_count != 0) {
		host_machine_violate(
			machine, "an entry was cleared and not invalidated");
		machine->broken_count = 0;
	}
}
