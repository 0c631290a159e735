/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/abstract.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"

enum { LEVELS = 4 };

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

/* What a record says of its level and permission, packed as state.h has it. */
static uint32_t record_level(struct page record)
{
	return record.mapping % 8;
}

static uint32_t record_permission(struct page record)
{
	return record.mapping / 8;
}

/*
 * What the table @table translates, and for whom: the sum of its slots up to
 * the root. False if the chain does not end at a root.
 */
static bool table_place(
	const struct moat *m, uint32_t table, struct model_page *place)
{
	for (int turn = 0; turn < LEVELS; turn++) {
		struct page record;
		uint32_t level;

		if (table >= PAGE_COUNT(m)) {
			return false;
		}
		record = PAGE(m, table);
		level = record_level(record);
		if (record.state != MOAT_PAGE_TABLE || level >= LEVELS) {
			return false;
		}
		if (record.slot >= SLOT_ROOT) {
			uint64_t index = record.slot - (uint64_t)SLOT_ROOT;

			place->ipa += index * ENTRY_COUNT * entry_bytes(level);
			place->vm = record.parent;
			return true;
		}
		if (level == 0) {
			return false;
		}
		place->ipa += record.slot * entry_bytes(level - 1u);
		table = record.parent;
	}
	return false;
}

/* A data page: at its slot, and in a block as far behind its first page. The
 * table it hangs at is of its level: one above may translate the same IPA. */
static bool data_abstract(
	const struct moat *m, uint32_t page, struct model_page *out)
{
	struct page record = PAGE(m, page);
	uint64_t bytes;

	out->level = record_level(record);
	out->permission = record_permission(record);
	if (out->level >= LEVELS) {
		return false;
	}
	bytes = entry_bytes(out->level);
	out->ipa = record.slot * bytes + page * PAGE_BYTES % bytes;
	return (out->state == MOAT_PAGE_LENT) == (out->permission != 0) &&
	       table_place(m, record.parent, out) &&
	       record_level(PAGE(m, record.parent)) == out->level;
}

bool abstract_page(const struct moat *m, uint32_t page, struct model_page *out)
{
	struct page record = PAGE(m, page);

	memset(out, 0, sizeof(*out));
	out->state = (enum moat_page_state)record.state;
	switch (out->state) {
	case MOAT_PAGE_HOST:
	case MOAT_PAGE_ENGINE:
		return record.mapping == 0 && record.slot == 0 &&
		       record.parent == 0;
	case MOAT_PAGE_LENT:
	case MOAT_PAGE_VM:
	case MOAT_PAGE_SHARED:
		return data_abstract(m, page, out);
	case MOAT_PAGE_TABLE:
		out->level = record_level(record);
		return record_permission(record) == 0 &&
		       table_place(m, page, out);
	case MOAT_PAGE_VCPU:
		out->vm = record.parent;
		out->vcpu = record.slot;
		return record.mapping == 0;
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
	bool is_sound = abstract_page(a->machine->engine, page, &engine);

	return abstract_differ(a,
		"page 0x%" PRIx64 ": engine %s vm %u level %u vcpu %u ipa "
		"0x%" PRIx64 " permission %" PRIu64
		"%s (mapping 0x%x slot 0x%x parent %u), model %s vm %u level "
		"%u vcpu %u ipa 0x%" PRIx64 " permission %" PRIu64,
		a->pa[page], model_page_state_name(engine.state), engine.vm,
		engine.level, engine.vcpu, engine.ipa, engine.permission,
		is_sound ? "" : ", hanging nowhere", record.mapping,
		record.slot, record.parent, model_page_state_name(model->state),
		model->vm, model->level, model->vcpu, model->ipa,
		model->permission);
}

static bool page_is_equal(
	const struct model_page *engine, const struct model_page *model)
{
	return engine->state == model->state && engine->vm == model->vm &&
	       engine->level == model->level && engine->vcpu == model->vcpu &&
	       engine->ipa == model->ipa &&
	       engine->permission == model->permission;
}

/* One page, of which the model says something else than HOST: @model. */
static bool compare_owned(
	struct abstract *a, uint32_t page, struct model_page model)
{
	struct model_page engine;

	if (!abstract_page(a->machine->engine, page, &engine) ||
		!page_is_equal(&engine, &model)) {
		return page_differ(a, page, &model);
	}
	return true;
}

/* The record of a page that is nobody's but the host's, or withheld. */
static struct page plain_record(const struct abstract *a, uint32_t page)
{
	struct page record = {.state = a->is_withheld[page] ? MOAT_PAGE_ENGINE
							    : MOAT_PAGE_HOST};

	return record;
}

/* The pages from @first to before @end, of which the model has no record. Most
 * are so, in every state: they are compared with a copy as a whole. */
static bool compare_plain(struct abstract *a, uint32_t first, uint32_t end)
{
	struct model_page model = {.level = 0};
	const struct page *records;

	if (first == end) {
		return true;
	}
	records = &PAGE(a->machine->engine, first);
	memcpy(a->is_open + first, a->is_open_plain + first, end - first);
	if (memcmp(records, a->plain + first,
		    (end - first) * sizeof(*records)) == 0) {
		return true;
	}
	while (memcmp(records, a->plain + first, sizeof(*records)) == 0) {
		records++;
		first++;
	}
	model.state = (enum moat_page_state)a->plain[first].state;
	return page_differ(a, first, &model);
}

/* Both sides list pages by ascending address, so one pass compares them. */
static bool compare_pages(struct abstract *a)
{
	size_t count = model_page_count(a->model);
	uint32_t first = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t pa = model_page_pa(a->model, i).value;
		uint32_t page = host_machine_page(a->machine, pa);
		uint8_t state;

		if (page == UINT32_MAX) {
			return abstract_differ(
				a, "page 0x%" PRIx64 ": model, but no RAM", pa);
		}
		if (!compare_plain(a, first, page) ||
			!compare_owned(
				a, page, model_page_number(a->model, i))) {
			return false;
		}
		state = PAGE(a->machine->engine, page).state;
		a->is_open[page] =
			state == MOAT_PAGE_LENT || state == MOAT_PAGE_SHARED;
		first = page + 1;
	}
	return compare_plain(a, first, a->page_count);
}

/* ---- VMs --------------------------------------------------------------- */

static bool compare_measurement(
	struct abstract *a, uint32_t vm, const struct model_vm_info *model)
{
	const uint64_t *engine = VM(a->machine->engine, vm).measurement;

	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		if (engine[i] != model->measurement[i]) {
			return abstract_differ(a,
				"vm %u measurement word %u: engine 0x%" PRIx64
				", model 0x%" PRIx64,
				vm, i, engine[i], model->measurement[i]);
		}
	}
	return true;
}

static bool compare_vm(struct abstract *a, uint32_t vm)
{
	const struct vm *engine = &VM(a->machine->engine, vm);
	struct model_vm_info model = model_vm_at(a->model, vm);
	uint64_t root = 0;

	if (engine->life != MOAT_VM_EMPTY && engine->root < a->page_count) {
		root = a->pa[engine->root];
	}
	if (engine->life != (uint8_t)model.life ||
		engine->ipa_bits != model.ipa_bits ||
		engine->vcpu_count != model.vcpu_count ||
		root != model.root.value) {
		return abstract_differ(a,
			"vm %u: engine %s, %u bits, %u vcpus, root 0x%" PRIx64
			", model %s, %u bits, %u vcpus, root 0x%" PRIx64,
			vm, model_vm_life_name(engine->life), engine->ipa_bits,
			engine->vcpu_count, root,
			model_vm_life_name(model.life), model.ipa_bits,
			model.vcpu_count, model.root.value);
	}
	for (uint32_t i = 0; i < MOAT_VCPU_MAX; i++) {
		if (!abstract_compare_vcpu(a, vm, i)) {
			return false;
		}
	}
	return compare_measurement(a, vm, &model);
}

/* Who runs, and that the CPU has that one's translation installed. */
static bool compare_cpu(struct abstract *a, uint32_t cpu)
{
	struct cpu *engine = &CPU(a->machine->engine, cpu);
	struct model_cpu model = model_cpu_at(a->model, cpu);
	uint32_t vmid = a->machine->cpus[cpu].stage2.vmid;
	bool is_guest = engine->vm != NONE;

	if (is_guest != (model.is_guest != 0) ||
		(is_guest && (engine->vm != model.vm ||
				     engine->vcpu != model.vcpu))) {
		return abstract_differ(a,
			"cpu %u: engine runs vm %d vcpu %d, model vm %d vcpu "
			"%d (-1: the host)",
			cpu, (int)engine->vm, (int)engine->vcpu,
			model.is_guest ? (int)model.vm : -1,
			model.is_guest ? (int)model.vcpu : -1);
	}
	if (vmid != (is_guest ? model.vm + 1 : 0)) {
		return abstract_differ(
			a, "cpu %u: has VMID %u installed", cpu, vmid);
	}
	return true;
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

	if (is_all) {
		host_machine_resident(a->machine, a->is_resident);
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t page = is_all ? i : a->machine->fresh[i];

		if (!abstract_compare_words(a, page)) {
			return false;
		}
	}
	host_machine_forget_fresh(a->machine);
	return true;
}

static bool compare_agents(struct abstract *a)
{
	for (uint32_t vm = 0; vm < a->machine->config.vm_count; vm++) {
		if (!compare_vm(a, vm)) {
			return false;
		}
	}
	for (uint32_t cpu = 0; cpu < a->machine->config.cpu_count; cpu++) {
		if (!compare_cpu(a, cpu)) {
			return false;
		}
	}
	return true;
}

bool abstract_compare(struct abstract *a, enum abstract_scope scope)
{
	bool is_all = scope == ABSTRACT_ALL;
	bool has_writes = a->write_seen != a->machine->write_count;

	if ((scope != ABSTRACT_MEMORY && !compare_pages(a)) ||
		!compare_agents(a)) {
		return false;
	}
	if ((is_all || has_writes) && !compare_maps(a, is_all)) {
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

bool abstract_init(struct abstract *a, struct host_machine *machine,
	const struct model *model)
{
	const struct moat_config *config = &machine->config;
	uint32_t count = (uint32_t)(machine->ram_size / MOAT_PAGE_SIZE);

	memset(a, 0, sizeof(*a));
	a->machine = machine;
	a->model = model;
	a->page_count = count;
	a->pa = malloc(count * sizeof(*a->pa));
	a->is_withheld = malloc(count);
	a->is_open = malloc(count);
	a->is_open_plain = malloc(count);
	a->is_resident = malloc(count);
	a->plain = calloc(count, sizeof(*a->plain));
	a->asked = calloc(count, sizeof(*a->asked));
	if (!a->pa || !a->is_withheld || !a->is_open || !a->is_open_plain ||
		!a->is_resident || !a->plain || !a->asked) {
		abstract_free(a);
		return false;
	}
	for (uint32_t page = 0; page < count; page++) {
		a->pa[page] = host_machine_pa(machine, page);
		a->is_withheld[page] = is_in(
			config->withheld, config->withheld_count, a->pa[page]);
		a->is_open_plain[page] = !a->is_withheld[page];
		a->plain[page] = plain_record(a, page);
	}
	a->device_bytes = count_device_bytes(a);
	return true;
}

void abstract_free(struct abstract *a)
{
	free(a->pa);
	free(a->is_withheld);
	free(a->is_open);
	free(a->is_open_plain);
	free(a->is_resident);
	free(a->plain);
	free(a->asked);
}
