/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/generate.h"

#include <string.h>

#include "model/model.h"

enum { LEAF_LEVEL = 3, ENTRIES = 512, WEIGHTS_MAX = 12 };

/* One operation in the making. */
struct draft {
	const struct model *model;
	struct random *random;
	uint32_t vm; /* which it is about */
	struct op *op;
};

static uint64_t below(const struct draft *draft, uint64_t count)
{
	return random_below(draft->random, count);
}

static bool once_in(const struct draft *draft, uint64_t count)
{
	return random_once_in(draft->random, count);
}

/* Bytes that one entry of @level translates. */
static uint64_t entry_bytes(uint32_t level)
{
	uint64_t bytes = MOAT_PAGE_SIZE;

	for (; level < LEAF_LEVEL; level++) {
		bytes *= ENTRIES;
	}
	return bytes;
}

/* ---- Physical addresses ------------------------------------------------ */

/* One of @pages, counted from 0: mostly one of few, to be met again. */
static uint64_t draw_page(const struct draft *draft, uint64_t pages)
{
	uint64_t page = below(draft, pages / ENTRIES) * ENTRIES;

	switch (below(draft, 4)) {
	case 0:
		return below(draft, 48);
	case 1:
		/* Around the start of a region, which is the end of one. */
		page += below(draft, 16);
		return page < 8 ? page : page - 8;
	case 2:
		/* The last pages, and one behind them. */
		return pages - below(draft, 8);
	default:
		return below(draft, pages);
	}
}

static uint64_t draw_ram(const struct draft *draft)
{
	const struct moat_config *config = model_config(draft->model);
	const struct moat_range *range =
		&config->ram[below(draft, config->ram_count)];
	uint64_t page = draw_page(draft, range->size / MOAT_PAGE_SIZE);

	return range->base + page * MOAT_PAGE_SIZE;
}

/* A page that is something else than HOST already. */
static uint64_t draw_used(const struct draft *draft)
{
	size_t count = model_page_count(draft->model);

	if (count == 0) {
		return draw_ram(draft);
	}
	return model_page_pa(draft->model, below(draft, count)).value;
}

static uint64_t draw_withheld(const struct draft *draft)
{
	const struct moat_config *config = model_config(draft->model);
	const struct moat_range *range;

	if (config->withheld_count == 0) {
		return draw_ram(draft);
	}
	range = &config->withheld[below(draft, config->withheld_count)];

	return range->base +
	       below(draft, range->size / MOAT_PAGE_SIZE + 1) * MOAT_PAGE_SIZE;
}

static uint64_t draw_pa(const struct draft *draft)
{
	switch (below(draft, 16)) {
	case 0:
		return draw_used(draft);
	case 1:
		/* Beside one in use: what fills a region, or a gap in it. */
		return draw_used(draft) + MOAT_PAGE_SIZE -
		       2 * MOAT_PAGE_SIZE * below(draft, 2);
	case 2:
		return op_interesting(OP_PA, below(draft, 256));
	case 3:
		return draw_withheld(draft);
	default:
		return draw_ram(draft);
	}
}

/* ---- Addresses of a VM ------------------------------------------------- */

/* A slot of a table: mostly one of few, at both ends. */
static uint64_t draw_slot(const struct draft *draft)
{
	switch (below(draft, 4)) {
	case 0:
		return below(draft, ENTRIES);
	case 1:
		return ENTRIES - 1 - below(draft, 4);
	default:
		return below(draft, 6);
	}
}

/* A table of the VM of level @least or below; false if it has none. */
static bool draw_table(
	const struct draft *draft, uint32_t least, struct model_table *table)
{
	size_t count = model_table_count(draft->model, draft->vm);

	/* Tables are listed by level: a few tries meet all levels. */
	for (int turn = 0; count != 0 && turn < 8; turn++) {
		*table = model_table_at(
			draft->model, draft->vm, below(draft, count));
		if (table->level >= least) {
			return true;
		}
	}
	return false;
}

/* Where a page is mapped; @otherwise, if there is none. */
static uint64_t draw_mapped(const struct draft *draft, uint64_t otherwise)
{
	size_t count = model_mapping_count(draft->model, draft->vm);
	size_t index = count == 0 ? 0 : below(draft, count);

	if (count == 0) {
		return otherwise;
	}
	return model_mapping_at(draft->model, draft->vm, index).ipa.value;
}

/* Where a page may be mapped, or is. */
static uint64_t draw_page_ipa(const struct draft *draft)
{
	struct model_table table;

	if (model_mapping_count(draft->model, draft->vm) != 0 &&
		once_in(draft, 3)) {
		return draw_mapped(draft, 0);
	}
	if (draw_table(draft, LEAF_LEVEL, &table)) {
		return table.ipa.value + draw_slot(draft) * MOAT_PAGE_SIZE;
	}
	return op_interesting(OP_IPA, below(draft, 256));
}

/* An address at an edge of the VM's IPA space or of one of its halves. */
static uint64_t draw_edge_ipa(const struct draft *draft)
{
	uint32_t bits = model_vm_at(draft->model, draft->vm).ipa_bits;
	uint64_t edge = bits ? UINT64_C(1) << (bits - below(draft, 2)) : 0;

	return edge -
	       below(draft, 3) * entry_bytes((uint32_t)(1 + below(draft, 3)));
}

static uint64_t draw_ipa(const struct draft *draft)
{
	switch (below(draft, 12)) {
	case 0:
		return op_interesting(OP_IPA, below(draft, 256));
	case 1:
		return draw_edge_ipa(draft);
	default:
		return draw_page_ipa(draft);
	}
}

/* The level of the VM's root, which is its first table; 0 without one. */
static uint32_t root_level(const struct draft *draft)
{
	if (model_table_count(draft->model, draft->vm) == 0) {
		return 0;
	}
	return model_table_at(draft->model, draft->vm, 0).level;
}

/*
 * A table's address and level: with @is_new, a child that some table lacks or
 * has; otherwise a table that is there.
 */
static void draw_table_place(
	const struct draft *draft, bool is_new, uint64_t *ipa, uint64_t *level)
{
	struct model_table table;
	uint32_t least = is_new ? 0 : root_level(draft) + 1;

	*ipa = draw_ipa(draft);
	*level = op_interesting(OP_LEVEL, below(draft, 256));
	if (once_in(draft, 8) || !draw_table(draft, least, &table)) {
		return;
	}
	*ipa = table.ipa.value;
	*level = table.level;
	if (is_new && table.level < LEAF_LEVEL) {
		*ipa += draw_slot(draft) * entry_bytes(table.level);
		*level = table.level + 1;
	}
}

/* ---- Other arguments --------------------------------------------------- */

static uint64_t draw_count(const struct draft *draft)
{
	switch (below(draft, 8)) {
	case 0:
		return op_interesting(OP_COUNT, below(draft, 256));
	case 1:
		return 1 + below(draft, 2 * ENTRIES);
	case 2:
	case 3:
		return 2 + below(draft, 14);
	default:
		return 1;
	}
}

static uint64_t draw_vm(const struct draft *draft)
{
	if (once_in(draft, 24)) {
		return op_interesting(OP_VM, below(draft, 256));
	}
	return draft->vm;
}

static uint64_t draw_value(const struct draft *draft)
{
	if (once_in(draft, 2)) {
		return op_interesting(OP_VALUE, below(draft, 256));
	}
	return random_next(draft->random);
}

/* A vCPU number: mostly one that the VM has, if it has one. */
static uint64_t draw_vcpu(const struct draft *draft)
{
	uint64_t vcpu = below(draft, 2);
	const struct model_vcpu *at =
		model_vcpu_at(draft->model, draft->vm, (uint32_t)vcpu);

	if (once_in(draft, 16)) {
		return op_interesting(OP_VCPU, below(draft, 256));
	}
	return at && at->state != MOAT_VCPU_ABSENT ? vcpu : below(draft, 2);
}

/* A number that is @valid, but now and then. */
static uint64_t draw_mostly(
	const struct draft *draft, enum op_argument argument, uint64_t valid)
{
	if (once_in(draft, 16)) {
		return op_interesting(argument, below(draft, 256));
	}
	return valid;
}

static uint64_t draw_bits(const struct draft *draft)
{
	uint64_t widest = model_config(draft->model)->ipa_bits;

	return MOAT_IPA_BITS_MIN + below(draft, widest - MOAT_IPA_BITS_MIN + 1);
}

static uint64_t draw_argument(
	const struct draft *draft, enum op_argument argument)
{
	switch (argument) {
	case OP_VM:
		return draw_vm(draft);
	case OP_VCPU:
		return draw_vcpu(draft);
	case OP_PA:
		return draw_pa(draft);
	case OP_IPA:
		return draw_ipa(draft);
	case OP_COUNT:
		return draw_count(draft);
	case OP_LEVEL:
		return 1 + below(draft, LEAF_LEVEL);
	case OP_BITS:
		return draw_mostly(draft, argument, draw_bits(draft));
	case OP_VCPUS:
		return draw_mostly(draft, argument, 1 + below(draft, 2));
	case OP_PC:
	case OP_ZERO:
		return draw_mostly(draft, argument, 0);
	case OP_BOOLEAN:
	case OP_PERMISSION:
	case OP_ENTRY:
	case OP_LIST:
	case OP_FUNCTION:
		return op_interesting(argument, below(draft, 256));
	case OP_NONE:
	case OP_VALUE:
	case OP_ARGUMENT_KINDS:
		break;
	}
	return draw_value(draft);
}

/* ---- Calls ------------------------------------------------------------- */

/* How likely each call is, by the life of the VM it is about. */
struct weight {
	uint64_t number;
	uint32_t weight;
};

static const struct weight weights[MOAT_VM_LIFE_COUNT][WEIGHTS_MAX] = {
	[MOAT_VM_EMPTY] = {{MOAT_VM_CREATE, 8}, {MOAT_PAGE_INFO, 1}},
	[MOAT_VM_BUILDING] = {{MOAT_TABLE_CREATE, 12}, {MOAT_PAGE_LOAD, 8},
		{MOAT_PAGE_DONATE, 8}, {MOAT_VCPU_CREATE, 6},
		{MOAT_TABLE_DESTROY, 3}, {MOAT_VCPU_DESTROY, 1},
		{MOAT_VM_SEAL, 3}, {MOAT_VM_KILL, 1}, {MOAT_VM_INFO, 1},
		{MOAT_PAGE_INFO, 1}},
	[MOAT_VM_ACTIVE] = {{MOAT_VCPU_RUN, 16}, {MOAT_TABLE_CREATE, 6},
		{MOAT_PAGE_DONATE, 8}, {MOAT_TABLE_DESTROY, 3},
		{MOAT_VM_KILL, 1}, {MOAT_VM_INFO, 1}, {MOAT_PAGE_INFO, 1}},
	[MOAT_VM_DYING] = {{MOAT_PAGE_RECLAIM, 12}, {MOAT_TABLE_DESTROY, 12},
		{MOAT_VCPU_DESTROY, 6}, {MOAT_VM_FREE, 4}, {MOAT_VM_INFO, 1},
		{MOAT_PAGE_INFO, 1}},
};

static uint64_t draw_weighted(const struct draft *draft)
{
	const struct weight *row =
		weights[model_vm_at(draft->model, draft->vm).life];
	uint64_t total = 0;
	uint64_t ticket;

	for (uint32_t i = 0; i < WEIGHTS_MAX; i++) {
		total += row[i].weight;
	}
	ticket = below(draft, total);
	while (ticket >= row->weight) {
		ticket -= row->weight;
		row++;
	}
	return row->number;
}

static bool has_vcpu(const struct draft *draft)
{
	for (uint32_t i = 0; i < MOAT_VCPU_MAX; i++) {
		const struct model_vcpu *vcpu =
			model_vcpu_at(draft->model, draft->vm, i);

		if (vcpu && vcpu->state != MOAT_VCPU_ABSENT) {
			return true;
		}
	}
	return false;
}

static bool has_table(const struct draft *draft, uint32_t least)
{
	struct model_table table;

	return draw_table(draft, least, &table);
}

/* What a VM that grows lacks for @number. */
static uint64_t draw_missing(const struct draft *draft, uint64_t number)
{
	bool is_page = number == MOAT_PAGE_LOAD || number == MOAT_PAGE_DONATE;

	if (is_page && !has_table(draft, LEAF_LEVEL)) {
		return MOAT_TABLE_CREATE;
	}
	if (number == MOAT_VM_SEAL && !has_vcpu(draft)) {
		return MOAT_VCPU_CREATE;
	}
	if (number == MOAT_VCPU_RUN && !has_vcpu(draft)) {
		return MOAT_VM_KILL;
	}
	return number;
}

/* What is in the way of @number in a VM that dies: pages, vCPUs, tables. */
static uint64_t draw_left(const struct draft *draft, uint64_t number)
{
	if (model_mapping_count(draft->model, draft->vm) != 0) {
		return MOAT_PAGE_RECLAIM;
	}
	if (number == MOAT_VM_FREE && has_vcpu(draft)) {
		return MOAT_VCPU_DESTROY;
	}
	if (number == MOAT_VM_FREE && has_table(draft, root_level(draft) + 1)) {
		return MOAT_TABLE_DESTROY;
	}
	return number == MOAT_PAGE_RECLAIM ? MOAT_VM_FREE : number;
}

/* @number, or what has to be done before it can succeed. */
static uint64_t draw_before(const struct draft *draft, uint64_t number)
{
	bool is_dying =
		model_vm_at(draft->model, draft->vm).life == MOAT_VM_DYING;

	return is_dying ? draw_left(draft, number)
			: draw_missing(draft, number);
}

static uint64_t draw_function(const struct draft *draft)
{
	uint64_t number;

	if (once_in(draft, 100)) {
		return random_next(draft->random);
	}
	if (once_in(draft, 10)) {
		return op_host_call(below(draft, op_host_call_count()))
			->function;
	}
	number = draw_weighted(draft);
	if (!once_in(draft, 4)) {
		number = draw_before(draft, number);
	}
	return MOAT_FUNCTION(number);
}

/* A whole region to a whole leaf table, or a few pages beside that. */
static void draw_region(const struct draft *draft)
{
	uint64_t *word = draft->op->word;
	uint64_t region = (uint64_t)ENTRIES * MOAT_PAGE_SIZE;

	word[2] -= word[2] % region;
	word[3] -= word[3] % region;
	word[4] = ENTRIES;
	for (uint32_t i = 2; once_in(draft, 3) && i < 4; i++) {
		word[i] += below(draft, 3) * MOAT_PAGE_SIZE;
		word[4] -= below(draft, 3);
	}
}

/* A root aligned to 1, 2, 4, 8 or 16 pages. */
static void align_root(const struct draft *draft)
{
	uint64_t pages = UINT64_C(1) << below(draft, 5);

	draft->op->word[2] -= draft->op->word[2] % (pages * MOAT_PAGE_SIZE);
}

/* What single arguments cannot know of each other, call by call. */
static void draw_together(const struct draft *draft)
{
	uint64_t *word = draft->op->word;

	switch (word[0]) {
	case MOAT_FUNCTION(MOAT_VM_CREATE):
		align_root(draft);
		break;
	case MOAT_FUNCTION(MOAT_TABLE_CREATE):
		draw_table_place(draft, true, &word[2], &word[3]);
		break;
	case MOAT_FUNCTION(MOAT_TABLE_DESTROY):
		draw_table_place(draft, false, &word[2], &word[3]);
		break;
	case MOAT_FUNCTION(MOAT_PAGE_RECLAIM):
		word[2] = draw_mapped(draft, word[2]);
		break;
	case MOAT_FUNCTION(MOAT_PAGE_LOAD):
	case MOAT_FUNCTION(MOAT_PAGE_DONATE):
		if (once_in(draft, 8)) {
			draw_region(draft);
		}
		break;
	default:
		break;
	}
}

static void draw_call(const struct draft *draft)
{
	struct op *op = draft->op;
	const struct op_call *call;

	op->kind = OP_CALL;
	op->word[0] = draw_function(draft);
	call = op_call_of(op);
	for (uint32_t i = 0; call && i < call->argument_count; i++) {
		op->word[1 + i] = draw_argument(draft, call->argument[i]);
	}
	if (!once_in(draft, 10)) {
		draw_together(draft);
	}
}

/* A word of the page at @address, to be written or read. */
static void draw_access(const struct draft *draft, uint64_t address,
	enum op_kind read, enum op_kind write)
{
	struct op *op = draft->op;

	op->kind = once_in(draft, 2) ? read : write;
	op->word[0] = address - address % MOAT_PAGE_SIZE +
		      below(draft, ENTRIES) * sizeof(uint64_t);
	if (op->kind == write) {
		op->word[1] = draw_value(draft);
	}
}

/* ---- Guests ------------------------------------------------------------ */

static void draw_guest_call(const struct draft *draft)
{
	struct op *op = draft->op;

	op->kind = OP_GUEST_CALL;
	op->word[0] =
		op_guest_call(below(draft, op_guest_call_count()))->function;
	if (once_in(draft, 10)) {
		op->word[0] = random_next(draft->random);
	}
	op->word[1] = below(draft, MOAT_HOST_CALL_MAX + 2);
	for (uint32_t i = 2; i < OP_WORDS; i++) {
		op->word[i] = draw_value(draft);
	}
}

static void draw_guest_set(const struct draft *draft)
{
	draft->op->kind = OP_GUEST_SET;
	draft->op->word[0] = below(draft, OP_REGISTERS);
	draft->op->word[1] = draw_value(draft);
}

static void draw_guest_trap(const struct draft *draft)
{
	static const uint64_t traps[4] = {MOAT_TRAP_IRQ, MOAT_TRAP_WFI,
		MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};

	draft->op->kind = OP_GUEST_TRAP;
	draft->op->word[0] = traps[below(draft, 4)];
}

static void draw_guest(const struct draft *draft)
{
	switch (below(draft, 8)) {
	case 0:
		draw_guest_set(draft);
		break;
	case 1:
		draw_guest_call(draft);
		break;
	case 2:
		draw_guest_trap(draft);
		break;
	default:
		draw_access(
			draft, draw_ipa(draft), OP_GUEST_READ, OP_GUEST_WRITE);
		break;
	}
}

void generate_op(
	const struct model *model, struct random *random, struct op *op)
{
	struct draft draft = {.model = model, .random = random, .op = op};
	const struct moat_config *config = model_config(model);
	struct model_cpu cpu;

	memset(op, 0, sizeof(*op));
	op->cpu = (uint32_t)below(&draft, config->cpu_count);
	cpu = model_cpu_at(model, op->cpu);
	draft.vm = cpu.is_guest ? cpu.vm
				: (uint32_t)below(&draft, config->vm_count);
	/* Now and then what this CPU cannot do, which both sides skip. */
	if (once_in(&draft, 64) ? !cpu.is_guest : cpu.is_guest) {
		draw_guest(&draft);
	} else if (once_in(&draft, 5)) {
		draw_access(
			&draft, draw_pa(&draft), OP_HOST_READ, OP_HOST_WRITE);
	} else {
		draw_call(&draft);
	}
}
