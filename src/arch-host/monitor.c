/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/monitor.h"

#include "arch-host/cpu.h"
#include "pte.h"

enum { BLOCK_SIZE = 512 * MOAT_PAGE_SIZE }; /* of level 2 */

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
	machine->broken[machine->broken_count].cpu = machine->inside;
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

/* ---- What a VM had ----------------------------------------------------- */

/* The engine's memory holds the host's tables; those of VMs are in RAM. */
static bool is_engines(const struct host_machine *machine, uint64_t pa)
{
	return pa - machine->config.memory_pa.value < machine->engine_size;
}

/* The leaf @old of a VM is gone, on every CPU. */
static void add_returned(struct host_machine *machine, uint64_t old)
{
	uint32_t count = machine->returned_count;
	uint64_t size = pte_is_leaf(old, 3) ? MOAT_PAGE_SIZE : BLOCK_SIZE;
	struct moat_range *last = &machine->returned[count - (count > 0)];

	if (count > 0 && last->base + last->size == pte_pa(old)) {
		last->size += size;
	} else if (count < HOST_RETURNED_MAX) {
		machine->returned[count].base = pte_pa(old);
		machine->returned[count].size = size;
		machine->returned_count++;
	}
}

static bool is_returned(const struct host_machine *machine, uint64_t pa)
{
	for (uint32_t i = 0; i < machine->returned_count; i++) {
		if (pa - machine->returned[i].base <
			machine->returned[i].size) {
			return true;
		}
	}
	return false;
}

/* An entry that was cleared is invalidated. */
static void end_broken(
	struct host_machine *machine, const struct host_broken *broken)
{
	if (is_link(broken->old)) {
		set_live(machine, pte_pa(broken->old), false);
	} else if (!is_engines(machine, broken->pa)) {
		add_returned(machine, broken->old);
	}
}

/*
 * Which addresses are invalidated is for the simulated TLBs to judge; here an
 * invalidation concerns every entry that its step cleared before it.
 */
void monitor_invalidate(
	struct host_machine *machine, const struct moat_invalidation *what)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < machine->broken_count; i++) {
		const struct host_broken broken = machine->broken[i];

		if (broken.cpu == machine->inside) {
			end_broken(machine, &broken);
		} else {
			machine->broken[kept] = broken;
			kept++;
		}
	}
	machine->broken_count = kept;
	if (what->page_count == 0) {
		set_root_live(machine, &what->stage2, false);
	}
}

/*
 * What a VM shared and gives back stays within the host's reach, which has seen
 * all of it before; any other page must be out of it, or the host could write
 * behind the scrub.
 */
static void scrub_page(struct host_machine *machine, uint64_t pa)
{
	bool is_open = is_returned(machine, pa);

	if (is_live(machine, pa)) {
		host_machine_violate(
			machine, "scrubbed while it is a live table");
	}
	for (uint32_t i = 0; i < machine->config.cpu_count; i++) {
		const struct host_cpu *cpu = &machine->cpus[i];

		if (host_cpu_holds(cpu, pa, false) ||
			(!is_open && host_cpu_holds(cpu, pa, true))) {
			host_machine_violate(machine,
				"scrubbed while a CPU can reach the page");
		}
	}
}

/* Whether the step that runs now cleared something and did not invalidate. */
static bool has_broken(const struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->broken_count; i++) {
		if (machine->broken[i].cpu == machine->inside) {
			return true;
		}
	}
	return false;
}

void monitor_scrub(struct host_machine *machine, uint64_t pa, size_t size)
{
	if (has_broken(machine)) {
		host_machine_violate(
			machine, "scrubbed before the invalidation");
	}
	for (size_t done = 0; done < size; done += MOAT_PAGE_SIZE) {
		scrub_page(machine, pa + done);
	}
}

/* Whether a step of another CPU is under way. */
static bool others_are_inside(const struct host_machine *machine)
{
	for (uint32_t i = 0; i < machine->config.cpu_count; i++) {
		if (i != machine->inside && machine->cpus[i].is_inside) {
			return true;
		}
	}
	return false;
}

void monitor_step_end(struct host_machine *machine)
{
	if (has_broken(machine)) {
		host_machine_violate(
			machine, "an entry was cleared and not invalidated");
	}
	if (!others_are_inside(machine)) {
		machine->broken_count = 0;
		machine->returned_count = 0;
	}
}
