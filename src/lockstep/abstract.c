/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/abstract.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"

enum { LEVELS = 4, REGISTERS = 31 };

/* Parents of a table that are no page. */
#define NOWHERE UINT32_MAX
#define ROOT (UINT32_MAX - 1)

bool abstract_differ(struct abstract *a, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(a->text, sizeof(a->text), format, arguments);
	va_end(arguments);
	return false;
}

/* ---- Pages ------------------------------------------------------------- */

/* Bytes that one entry of @level translates (Arm ARM, D8.2). */
static uint64_t entry_bytes(uint32_t level)
{
	uint64_t bytes = MOAT_PAGE_SIZE;

	for (; level < LEAF_LEVEL; level++) {
		bytes *= ENTRY_COUNT;
	}
	return bytes;
}

/*
 * Go from the table @table one step up: add where in its parent it hangs to
 * @place->ipa, or name its VM if it is a root. Returns the parent, ROOT, or
 * NOWHERE if that is no table record.
 */
static uint32_t table_parent(
	const struct moat *m, uint32_t table, struct model_page *place)
{
	struct page record;

	if (table >= PAGE_COUNT(m)) {
		return NOWHERE;
	}
	record = PAGE(m, table);
	if (record.state != MOAT_PAGE_TABLE || record.level >= LEVELS) {
		return NOWHERE;
	}
	if (record.slot >= SLOT_ROOT) {
		place->ipa += (record.slot - (uint64_t)SLOT_ROOT) *
			      ENTRY_COUNT * entry_bytes(record.level);
		place->vm = record.parent;
		return ROOT;
	}
	place->ipa += record.slot * entry_bytes(record.level - 1u);
	return record.level == 0 ? NOWHERE : record.parent;
}

/*
 * What the table @table translates, and for whom: the sum of its slots up to
 * the root. False if the chain does not end at a root.
 */
static bool table_place(
	const struct moat *m, uint32_t table, struct model_page *place)
{
	for (int turn = 0; turn < LEVELS && table != ROOT; turn++) {
		table = table_parent(m, table, place);
		if (table == NOWHERE) {
			return false;
		}
	}
	return table == ROOT;
}

/* The record of @page as the model has it. */
static bool page_abstract(
	const struct moat *m, uint32_t page, struct model_page *out)
{
	struct page record = PAGE(m, page);

	memset(out, 0, sizeof(*out));
	out->state = (enum moat_page_state)record.state;
	switch (out->state) {
	case MOAT_PAGE_HOST:
	case MOAT_PAGE_ENGINE:
		return record.level == 0 && record.slot == 0 &&
		       record.parent == 0;
	case MOAT_PAGE_LENT:
	case MOAT_PAGE_VM:
	case MOAT_PAGE_SHARED:
		out->level = record.level;
		out->ipa = record.slot * entry_bytes(record.level);
		return record.level < LEVELS &&
		       table_place(m, record.parent, out);
	case MOAT_PAGE_TABLE:
		out->level = record.level;
		return table_place(m, page, out);
	case MOAT_PAGE_VCPU:
		out->vm = record.parent;
		out->vcpu = record.slot;
		return record.level == 0;
	case MOAT_PAGE_STATE_COUNT:
		break;
	}
	return false;
}

static bool page_differ(
	struct abstract *a, uint32_t page, const struct model_page *model)
{
	struct page record = PAGE(a->machine->engine, page);
	struct model_page engine;
	bool is_sound = page_abstract(a->machine->engine, page, &engine);

	return abstract_differ(a,
		"page 0x%" PRIx64 ": engine %s vm %u level %u vcpu %u ipa "
		"0x%" PRIx64 "%s (level %u slot 0x%x parent %u), model %s vm "
		"%u level %u vcpu %u ipa 0x%" PRIx64,
		a->pa[page], model_page_state_name(engine.state), engine.vm,
		engine.level, engine.vcpu, engine.ipa,
		is_sound ? "" : ", hanging nowhere", record.level, record.slot,
		record.parent, model_page_state_name(model->state), model->vm,
		model->level, model->vcpu, model->ipa);
}

/* One page, of which the model says something else than HOST. */
static bool compare_owned(struct abstract *a, uint32_t page)
{
	struct model_page engine;
	struct model_page model;

	if (!model_page_at(a->model, (struct moat_pa){a->pa[page]}, &model) ||
		!page_abstract(a->machine->engine, page, &engine) ||
		memcmp(&engine, &model, sizeof(engine)) != 0) {
		return page_differ(a, page, &model);
	}
	return true;
}

/* One page that is nobody's but the host's, or withheld. */
static bool compare_plain(struct abstract *a, uint32_t page)
{
	struct model_page model = {.state = a->is_withheld[page]
						    ? MOAT_PAGE_ENGINE
						    : MOAT_PAGE_HOST};
	struct page record = PAGE(a->machine->engine, page);

	if (record.state != (uint8_t)model.state || record.level != 0 ||
		record.slot != 0 || record.parent != 0) {
		return page_differ(a, page, &model);
	}
	return true;
}

/* [PAGE-3], stated once more, and not by the core's function. */
static bool is_open(uint8_t state)
{
	return state == MOAT_PAGE_HOST || state == MOAT_PAGE_LENT ||
	       state == MOAT_PAGE_SHARED;
}

/* Both sides list pages by ascending address, so one pass compares them. */
static bool compare_pages(struct abstract *a)
{
	size_t count = model_page_count(a->model);
	size_t next = 0;

	for (uint32_t page = 0; page < a->page_count; page++) {
		uint8_t state = PAGE(a->machine->engine, page).state;
		bool is_owned =
			next < count &&
			model_page_pa(a->model, next).value == a->pa[page];

		if (is_owned ? !compare_owned(a, page)
			     : !compare_plain(a, page)) {
			return false;
		}
		next += is_owned;
		a->is_open[page] = is_open(state);
	}
	return true;
}

/* ---- VMs and vCPUs ----------------------------------------------------- */

static bool compare_registers(struct abstract *a, uint32_t vm, uint32_t index)
{
	const struct moat *m = a->machine->engine;
	const struct moat_context *engine =
		&CONTEXT(m, VCPU(m, vm, index).page);
	const struct model_vcpu *model = model_vcpu_at(a->model, vm, index);

	for (uint32_t i = 0; i < REGISTERS; i++) {
		if (engine->x[i] != model->x[i]) {
			return abstract_differ(a,
				"vm %u vcpu %u x%u: engine 0x%" PRIx64
				", model 0x%" PRIx64,
				vm, index, i, engine->x[i], model->x[i]);
		}
	}
	return engine->pc == model->pc ||
	       abstract_differ(a,
		       "vm %u vcpu %u pc: engine 0x%" PRIx64
		       ", model 0x%" PRIx64,
		       vm, index, engine->pc, model->pc);
}

/* State, CPU and pending exit; the engine's CPU is NONE unless it runs. */
static bool compare_vcpu_state(struct abstract *a, const struct vcpu *engine,
	const struct model_vcpu *model, uint32_t vm, uint32_t index)
{
	uint32_t cpu = engine->cpu == NONE ? 0 : engine->cpu;

	if (engine->state == (uint8_t)model->state && cpu == model->cpu &&
		engine->pending == model->exit &&
		engine->pending_count == model->host_call_count) {
		return true;
	}
	return abstract_differ(a,
		"vm %u vcpu %u: engine %s cpu %u exit %u count %u, model %s "
		"cpu %u exit %u count %u",
		vm, index, model_vcpu_state_name(engine->state), cpu,
		engine->pending, engine->pending_count,
		model_vcpu_state_name(model->state), model->cpu, model->exit,
		model->host_call_count);
}

static bool compare_context(struct abstract *a, uint32_t page, uint64_t pa)
{
	if (page < a->page_count && a->pa[page] == pa) {
		return true;
	}
	return abstract_differ(a,
		"context of a vcpu: engine page %u, model 0x%" PRIx64, page,
		pa);
}

static bool compare_vcpu(struct abstract *a, uint32_t vm, uint32_t index)
{
	static const struct model_vcpu absent = {.state = MOAT_VCPU_ABSENT};
	const struct vcpu *engine = &VCPU(a->machine->engine, vm, index);
	const struct model_vcpu *model = model_vcpu_at(a->model, vm, index);

	model = model ? model : &absent;
	if (!compare_vcpu_state(a, engine, model, vm, index)) {
		return false;
	}
	if (engine->state == MOAT_VCPU_ABSENT) {
		return true;
	}
	return compare_context(a, engine->page, model->context) &&
	       compare_registers(a, vm, index);
}

static bool compare_vm_record(struct abstract *a, uint32_t vm)
{
	const struct vm *engine = &VM(a->machine->engine, vm);
	struct model_vm_info model = model_vm_at(a->model, vm);
	uint64_t root = 0;

	if (engine->life != MOAT_VM_EMPTY && engine->root < a->page_count) {
		root = a->pa[engine->root];
	}
	if (engine->life == (uint8_t)model.life &&
		engine->ipa_bits == model.ipa_bits &&
		engine->vcpu_count == model.vcpu_count &&
		root == model.root.value) {
		return true;
	}
	return abstract_differ(a,
		"vm %u: engine %s, %u bits, %u vcpus, root 0x%" PRIx64
		", model %s, %u bits, %u vcpus, root 0x%" PRIx64,
		vm, model_vm_life_name(engine->life), engine->ipa_bits,
		engine->vcpu_count, root, model_vm_life_name(model.life),
		model.ipa_bits, model.vcpu_count, model.root.value);
}

static bool compare_vm(struct abstract *a, uint32_t vm)
{
	if (!compare_vm_record(a, vm)) {
		return false;
	}
	for (uint32_t i = 0; i < MOAT_VCPU_MAX; i++) {
		if (!compare_vcpu(a, vm, i)) {
			return false;
		}
	}
	return true;
}

/* Whether @cpu has the translation installed of whom the model lets run. */
static bool compare_installed(
	struct abstract *a, uint32_t cpu, struct model_cpu model)
{
	uint32_t vmid = a->machine->cpus[cpu].stage2.vmid;

	if (vmid == (model.is_guest ? model.vm + 1 : 0)) {
		return true;
	}
	return abstract_differ(a, "cpu %u: has VMID %u installed", cpu, vmid);
}

/* Who runs: -1 is the host. */
static bool compare_cpu(struct abstract *a, uint32_t cpu)
{
	const struct cpu *engine = &CPU(a->machine->engine, cpu);
	struct model_cpu model = model_cpu_at(a->model, cpu);
	uint32_t vm = model.is_guest ? model.vm : NONE;
	uint32_t vcpu = model.is_guest ? model.vcpu : NONE;

	if (engine->vm == vm && (vm == NONE || engine->vcpu == vcpu)) {
		return compare_installed(a, cpu, model);
	}
	return abstract_differ(a,
		"cpu %u: engine runs vm %d vcpu %d, model vm %d vcpu %d (-1: "
		"the host)",
		cpu, (int)engine->vm, (int)engine->vcpu, (int)vm, (int)vcpu);
}

struct moat_stage2 abstract_stage2(const struct abstract *a, uint32_t vm)
{
	const struct vm *engine = &VM(a->machine->engine, vm);
	struct moat_stage2 stage2 = {.root = {a->pa[engine->root]},
		.ipa_bits = engine->ipa_bits,
		.start_level = engine->start_level,
		.vmid = vm + 1};

	return stage2;
}

/* ---- All --------------------------------------------------------------- */

static bool compare_maps(struct abstract *a, bool is_all)
{
	bool has_devices = is_all || a->device_write_seen !=
					     a->machine->device_write_count;

	if (has_devices ? !abstract_compare_host_map(a)
			: !abstract_compare_host_ram(a)) {
		return false;
	}
	for (uint32_t vm = 0; vm < a->machine->config.vm_count; vm++) {
		if (!abstract_compare_vm_map(a, vm)) {
			return false;
		}
	}
	return true;
}

static bool compare_contents(struct abstract *a, bool is_all)
{
	uint32_t count = is_all ? a->page_count : a->machine->fresh_count;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t page = is_all ? i : a->machine->fresh[i];

		if (!abstract_compare_words(a, page)) {
			return false;
		}
	}
	host_machine_forget_fresh(a->machine);
	return true;
}

static bool compare_records(struct abstract *a)
{
	const struct moat_config *config = &a->machine->config;
	bool is_good = compare_pages(a);

	for (uint32_t vm = 0; is_good && vm < config->vm_count; vm++) {
		is_good = compare_vm(a, vm);
	}
	for (uint32_t cpu = 0; is_good && cpu < config->cpu_count; cpu++) {
		is_good = compare_cpu(a, cpu);
	}
	return is_good;
}

bool abstract_compare(struct abstract *a, bool is_all)
{
	bool has_writes = is_all || a->write_seen != a->machine->write_count;

	/* The maps are compared by what the records were just seen to say. */
	if (!compare_records(a) || (has_writes && !compare_maps(a, is_all))) {
		return false;
	}
	a->write_seen = a->machine->write_count;
	a->device_write_seen = a->machine->device_write_count;
	return compare_contents(a, is_all);
}

/* ---- Life -------------------------------------------------------------- */

static bool is_in(const struct moat_range *ranges, uint32_t count, uint64_t pa)
{
	for (uint32_t i = 0; i < count; i++) {
		if (pa - ranges[i].base < ranges[i].size) {
			return true;
		}
	}
	return false;
}

/* The whole IPA space, but for RAM and what else is withheld. */
static uint64_t count_device_bytes(const struct abstract *a)
{
	const struct moat_config *config = &a->machine->config;
	uint64_t bytes = UINT64_C(1) << config->host_ipa_bits;

	bytes -= (uint64_t)a->page_count * MOAT_PAGE_SIZE;
	for (uint32_t i = 0; i < config->withheld_count; i++) {
		bytes -= config->withheld[i].size;
	}
	for (uint32_t page = 0; page < a->page_count; page++) {
		bytes += a->is_withheld[page] ? MOAT_PAGE_SIZE : 0;
	}
	return bytes;
}

/* What never changes, looked up once. */
static void list_pages(struct abstract *a)
{
	const struct moat_config *config = &a->machine->config;

	for (uint32_t page = 0; page < a->page_count; page++) {
		a->pa[page] = host_machine_pa(a->machine, page);
		a->is_withheld[page] = is_in(
			config->withheld, config->withheld_count, a->pa[page]);
	}
	a->device_bytes = count_device_bytes(a);
}

bool abstract_init(struct abstract *a, struct host_machine *machine,
	const struct model *model)
{
	memset(a, 0, sizeof(*a));
	a->machine = machine;
	a->model = model;
	a->page_count = (uint32_t)(machine->ram_size / MOAT_PAGE_SIZE);
	a->pa = malloc(a->page_count * sizeof(*a->pa));
	a->is_withheld = malloc(a->page_count);
	a->is_open = malloc(a->page_count);
	if (!a->pa || !a->is_withheld || !a->is_open) {
		abstract_free(a);
		return false;
	}
	list_pages(a);
	return true;
}

void abstract_free(struct abstract *a)
{
	free(a->pa);
	free(a->is_withheld);
	free(a->is_open);
}
