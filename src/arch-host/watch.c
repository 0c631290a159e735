/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/watch.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/monitor.h"

enum { PAGE_BITS = MOAT_PAGE_BITS };
_Static_assert(1 << PAGE_BITS == MOAT_PAGE_SIZE, "the size of a page");

/* ---- Memory ------------------------------------------------------------ */

static uint32_t ram_pages(const struct host_machine *machine)
{
	return (uint32_t)(machine->ram_size / MOAT_PAGE_SIZE);
}

/* RAM first, then the engine's own memory, where it lies outside. */
static uint32_t find_page(void *context, uint64_t pa)
{
	const struct host_machine *machine = context;
	uint32_t page = host_machine_page(machine, pa);
	uint64_t offset = pa - machine->config.memory_pa.value;

	if (page == UINT32_MAX && offset < machine->memory_size) {
		return ram_pages(machine) + (uint32_t)(offset / MOAT_PAGE_SIZE);
	}
	return page == UINT32_MAX ? MONITOR_NO_PAGE : page;
}

static uint64_t find_pa(void *context, uint32_t page)
{
	const struct host_machine *machine = context;
	uint32_t first = ram_pages(machine);

	if (page < first) {
		return host_machine_pa(machine, page);
	}
	return machine->config.memory_pa.value +
	       (uint64_t)(page - first) * MOAT_PAGE_SIZE;
}

static const uint64_t *find_table(void *context, uint32_t page)
{
	const struct host_machine *machine = context;
	uint32_t first = ram_pages(machine);
	const unsigned char *bytes =
		page < first ? machine->ram + (size_t)page * MOAT_PAGE_SIZE
			     : machine->memory +
				       (size_t)(page - first) * MOAT_PAGE_SIZE;

	return (const uint64_t *)(const void *)bytes;
}

/* ---- Life -------------------------------------------------------------- */

static bool is_trusted_at_first;

void host_machine_trust(bool is_trusted)
{
	is_trusted_at_first = is_trusted;
}

bool watch_create(struct host_machine *machine)
{
	const struct monitor_memory memory = {.context = machine,
		.page_count = ram_pages(machine) +
			      (uint32_t)(machine->memory_size / MOAT_PAGE_SIZE),
		.page_bits = PAGE_BITS,
		.page = find_page,
		.pa = find_pa,
		.table = find_table};

	machine->monitor = monitor_create(&memory);
	machine->is_watched = !is_trusted_at_first;
	return machine->monitor != NULL;
}

void watch_destroy(struct host_machine *machine)
{
	monitor_destroy(machine->monitor);
	free(machine->monitor_initial);
}

bool watch_keep(struct host_machine *machine)
{
	machine->monitor_initial = malloc(monitor_size(machine->monitor));
	if (machine->monitor_initial) {
		monitor_save(machine->monitor, machine->monitor_initial);
	}
	return machine->monitor_initial != NULL;
}

void watch_restart(struct host_machine *machine)
{
	monitor_load(machine->monitor, machine->monitor_initial);
	memset(machine->told, 0, sizeof(machine->told));
	machine->is_watch_traced = false;
	machine->watch_count = 0;
}

static bool is_watch_wanted;

void host_machine_trace_watch(bool is_wanted)
{
	is_watch_wanted = is_wanted;
}

/* ---- Events ------------------------------------------------------------ */

/* The CPU whose step runs. Tests call a port without one, as CPU 0. */
static uint32_t actor(const struct host_machine *machine)
{
	return machine->inside == HOST_NO_CPU ? 0 : machine->inside;
}

static void event_print(
	struct host_machine *machine, const struct watch_event *event)
{
	char text[WATCH_TEXT];

	watch_format(event, machine->watch_count++, text);
	fprintf(machine->trace, "%s\n", text);
}

static void tell_now(
	struct host_machine *machine, const struct watch_event *event)
{
	const struct monitor_verdict *verdict;

	if (machine->is_watch_traced) {
		event_print(machine, event);
	}
	if (!machine->is_watched) {
		return;
	}
	monitor_take(machine->monitor, event);
	verdict = monitor_verdict(machine->monitor);
	if (verdict->rule != MONITOR_NONE && !machine->violation) {
		monitor_explain(verdict, machine->explanation,
			sizeof(machine->explanation));
		host_machine_violate(machine, machine->explanation);
	}
}

/* ---- Locks ------------------------------------------------------------- */

void host_machine_lock(struct host_machine *machine, uint32_t number,
	uint32_t vmid, uint32_t owner)
{
	uint32_t told = machine->told[number];

	machine->told[number] = (uint8_t)(owner + 1);
	if (told != 0) {
		const struct watch_event event = {
			WATCH_DROP, told - 1, {number}};

		tell_now(machine, &event);
	}
	if (owner != HOST_NO_CPU) {
		const struct watch_event event = {
			WATCH_LOCK, owner, {number, vmid}};

		tell_now(machine, &event);
	}
}

/*
 * The engine tells no port that it takes a lock: it would cost every port. So
 * the locks are looked at when a CPU does something, which is soon enough:
 * under a lock that was taken and dropped in between nothing was done.
 */
static void tell(struct host_machine *machine, const struct watch_event *event)
{
	bool is_looked_at =
		event->kind == WATCH_WRITE || event->kind == WATCH_ZERO ||
		event->kind == WATCH_UNLOCK || event->kind == WATCH_STEP;

	if (is_looked_at && machine->look_at_locks) {
		machine->look_at_locks(machine);
	}
	tell_now(machine, event);
}

/* ---- What ports do ----------------------------------------------------- */

void watch_plain(struct host_machine *machine, enum watch_kind kind)
{
	const struct watch_event event = {kind, actor(machine), {0}};

	tell(machine, &event);
}

void watch_write(struct host_machine *machine, uint64_t pa, uint64_t descriptor)
{
	const struct watch_event event = {
		WATCH_WRITE, actor(machine), {pa, descriptor}};

	tell(machine, &event);
}

void watch_pages(struct host_machine *machine, enum watch_kind kind,
	uint64_t pa, uint64_t size)
{
	const struct watch_event event = {kind, actor(machine), {pa, size}};

	tell(machine, &event);
}

static void stage2_select(struct host_machine *machine, uint32_t cpu,
	const struct moat_stage2 *stage2)
{
	const struct watch_event event = {WATCH_STAGE2, cpu,
		{stage2->vmid, stage2->root.value, stage2->ipa_bits,
			stage2->start_level}};

	tell(machine, &event);
}

/* As a CPU with level hints and ranges may do it (Arm ARM, D8.13.5 and
 * FEAT_TLBIRANGE): no more is invalidated than was asked for. */
static void by_address(
	struct host_machine *machine, const struct moat_invalidation *what)
{
	const struct watch_event stage_2 = {
		what->is_table ? WATCH_TLBI_IPAS2E1IS : WATCH_TLBI_IPAS2LE1IS,
		actor(machine),
		{what->stage2.vmid, what->ipa.value, what->page_count,
			what->level}};
	const struct watch_event stage_1 = {
		WATCH_TLBI_VMALLE1IS, actor(machine), {what->stage2.vmid}};

	tell(machine, &stage_2);
	watch_plain(machine, WATCH_DSB_ISH);
	tell(machine, &stage_1);
}

void watch_invalidate(
	struct host_machine *machine, const struct moat_invalidation *what)
{
	const struct watch_event all = {
		WATCH_TLBI_VMALLS12E1IS, actor(machine), {what->stage2.vmid}};
	const struct moat_stage2 *own = &machine->cpus[actor(machine)].stage2;

	watch_plain(machine, WATCH_DSB_ISHST);
	stage2_select(machine, actor(machine), &what->stage2);
	watch_plain(machine, WATCH_ISB);
	if (what->page_count == 0) {
		tell(machine, &all);
	} else {
		by_address(machine, what);
	}
	watch_plain(machine, WATCH_DSB_ISH);
	watch_plain(machine, WATCH_ISB);
	if (own->vmid != what->stage2.vmid) {
		stage2_select(machine, actor(machine), own);
	}
}

/* ---- Beginning --------------------------------------------------------- */

static void tell_memory(
	struct host_machine *machine, uint64_t base, uint64_t size)
{
	const struct watch_event event = {WATCH_RAM, 0, {base, size}};

	tell(machine, &event);
}

void watch_begin(struct host_machine *machine)
{
	const struct watch_event begin = {
		WATCH_BEGIN, 0, {WATCH_VERSION, PAGE_BITS}};

	machine->is_watch_traced = machine->trace && is_watch_wanted;
	tell(machine, &begin);
	for (uint32_t i = 0; i < machine->config.ram_count; i++) {
		tell_memory(machine, machine->config.ram[i].base,
			machine->config.ram[i].size);
	}
	if (machine->memory_size != 0) {
		tell_memory(machine, machine->config.memory_pa.value,
			machine->memory_size);
	}
}

/* ---- CPUs -------------------------------------------------------------- */

void watch_leave(struct host_machine *machine, uint32_t cpu)
{
	const struct watch_event event = {WATCH_LEAVE, cpu, {0}};

	tell(machine, &event);
}

void watch_enter(struct host_machine *machine, uint32_t cpu,
	const struct moat_stage2 *stage2)
{
	const struct watch_event event = {WATCH_ENTER, cpu, {0}};

	stage2_select(machine, cpu, stage2);
	tell(machine, &event);
}
