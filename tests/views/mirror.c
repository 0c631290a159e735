/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The step of the second machine that tells the observer what a step of the
 * first one told it. What the record does not show is made different: other
 * pages, other CPUs, other registers, other offsets.
 */
#include <string.h>

#include "model/state.h"
#include "views/pair.h"

enum { ATTEMPTS = 16, WORDS = MOAT_PAGE_SIZE / sizeof(uint64_t) };

/* What the host sees of a list register (Arm GIC, 12.4.6): State, Group,
 * Priority, EOI and the vINTID. */
#define LIST_SHOWN UINT64_C(0xd0ff0200ffffffff)

static uint64_t any(struct pair *pair)
{
	return random_next(&pair->random);
}

/* ---- For the host: what a vCPU does ------------------------------------ */

static void set_register(
	struct pair *pair, uint32_t cpu, uint64_t which, uint64_t value)
{
	const struct op op = {
		.kind = OP_GUEST_SET, .cpu = cpu, .word = {which, value}};

	pair_poke(pair, 1, &op);
}

/* The low @size bytes of @value, and anything above them. */
static uint64_t low_bytes(struct pair *pair, uint64_t value, uint64_t size)
{
	uint64_t mask = size < 8 ? (UINT64_C(1) << 8 * size) - 1 : ~UINT64_C(0);

	return (value & mask) | (any(pair) & ~mask);
}

/* What every exit shows, and nothing but that. */
static void show_hardware(struct pair *pair, const struct op *op)
{
	const struct model_hardware *from =
		model_guest_hardware(pair->side[0].model, op->cpu);

	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		set_register(pair, op->cpu, OP_LIST_REGISTER + i,
			(from->list_register[i] & LIST_SHOWN) |
				(any(pair) & ~LIST_SHOWN));
	}
	set_register(pair, op->cpu, OP_MAINTENANCE,
		low_bytes(pair, from->maintenance, 1));
}

/* The deadline, of a wait; and the register of a store that trapped. */
static void show_told(struct pair *pair, const struct trial *first)
{
	const struct op *op = &first->op;
	const struct model *model = pair->side[0].model;
	struct model_cpu cpu = model_cpu_at(model, op->cpu);
	const struct model_vcpu *vcpu = model_vcpu_at(model, cpu.vm, cpu.vcpu);

	if (first->outcome.word[1] == MOAT_EXIT_WFI) {
		set_register(
			pair, op->cpu, OP_DEADLINE, vcpu->hardware.deadline);
	} else {
		set_register(pair, op->cpu, OP_DEADLINE, any(pair));
	}
	if (op->kind == OP_GUEST_TRAP && op->word[0] == MOAT_TRAP_ABORT &&
		op->word[5] < OP_PC_REGISTER) {
		set_register(pair, op->cpu, op->word[5],
			low_bytes(pair, vcpu->x[op->word[5]], op->word[4]));
	}
}

/* A page that is about to be shared holds what the first machine's holds. */
static void show_page(
	struct pair *pair, const struct op *op, uint64_t pa, uint64_t ipa)
{
	for (uint64_t offset = 0; offset < MOAT_PAGE_SIZE;
		offset += sizeof(uint64_t)) {
		uint64_t word = pair_word(pair, 0, pa + offset);
		const struct op store = {.kind = OP_GUEST_WRITE,
			.cpu = op->cpu,
			.word = {ipa + offset, word}};

		if (word != pair_word(pair, 1, pa + offset)) {
			pair_poke(pair, 1, &store);
		}
	}
}

static void show_shared(struct pair *pair, const struct trial *first)
{
	const struct model *before = pair->side[0].model;

	for (size_t i = 0; i < model_page_count(before); i++) {
		struct moat_pa pa = model_page_pa(before, i);
		struct model_page now = {.level = 0};
		struct model_page then = {.level = 0};

		if (model_page_at(before, pa, &then) &&
			model_page_at(first->after, pa, &now) &&
			then.state == MOAT_PAGE_VM &&
			now.state == MOAT_PAGE_SHARED) {
			show_page(pair, &first->op, pa.value, then.ipa);
		}
	}
}

/* The registers of a call that it does not show. */
static void hide_call(struct pair *pair, struct op *op)
{
	bool is_host_call =
		(uint32_t)op->word[0] == MOAT_FUNCTION(MOAT_GUEST_HOST_CALL);
	uint64_t shown = is_host_call ? 2 + op->word[1] : 3;

	for (uint64_t i = shown; i < OP_GUEST_WORDS; i++) {
		op->word[i] = any(pair);
	}
}

/* The register that a load is for, the form of the load, and an offset. */
static void hide_access(struct pair *pair, struct op *op, uint64_t exit)
{
	if (exit == MOAT_EXIT_FAULT) {
		op->word[0] -= op->word[0] % MOAT_PAGE_SIZE;
		op->word[0] += 8 * random_below(&pair->random, WORDS);
	}
	if (op->kind == OP_GUEST_READ && op->word[1] != 0) {
		op->word[2] = random_below(&pair->random, 32);
		op->word[3] = random_below(&pair->random, OP_FORM_COUNT);
	} else if (op->kind == OP_GUEST_WRITE && op->word[2] != 0) {
		op->word[1] = low_bytes(pair, op->word[1], op->word[2]);
	}
}

static void hide_trap(struct pair *pair, struct op *op, uint64_t exit)
{
	if (op->word[0] != MOAT_TRAP_ABORT) {
		return;
	}
	if (exit == MOAT_EXIT_FAULT) {
		op->word[2] -= op->word[2] % MOAT_PAGE_SIZE;
		op->word[2] += random_below(&pair->random, MOAT_PAGE_SIZE);
	}
	if (exit == MOAT_EXIT_MMIO && op->word[1] == MOAT_ACCESS_READ) {
		op->word[5] = random_below(&pair->random, 32);
		op->word[6] = random_below(&pair->random, 2);
		op->word[7] = random_below(&pair->random, 2);
	}
}

static void hide(struct pair *pair, const struct trial *first, struct op *op)
{
	uint64_t exit = first->outcome.kind == OUTCOME_EXIT
				? first->outcome.word[1]
				: 0;

	if (op->kind == OP_GUEST_CALL) {
		hide_call(pair, op);
	} else if (op->kind == OP_GUEST_TRAP) {
		hide_trap(pair, op, exit);
	} else if (first->outcome.kind == OUTCOME_EXIT) {
		hide_access(pair, op, exit);
	}
}

static bool find_for_host(
	struct pair *pair, const struct trial *first, struct trial *second)
{
	if (first->outcome.kind == OUTCOME_EXIT) {
		show_hardware(pair, &first->op);
		show_told(pair, first);
		show_shared(pair, first);
	}
	/* The last attempt hides nothing. */
	for (uint32_t i = 0; i < 3; i++) {
		struct op op = first->op;

		if (i < 2) {
			hide(pair, first, &op);
		}
		trial_make(pair, 1, &op, second);
		if (model_view_is_equal(&first->record, &second->record)) {
			return true;
		}
	}
	return false;
}

/* ---- For a VM: what the host does -------------------------------------- */

/* Which word of the call is a physical address; 0: none. */
static uint32_t pa_word(const struct op *op)
{
	const struct op_call *call = op_call_of(op);

	for (uint32_t i = 0; call && i < call->argument_count; i++) {
		if (call->argument[i] == OP_PA) {
			return i + 1;
		}
	}
	return 0;
}

/* Any page; half of the time at the same place in another region. */
static uint64_t draw_page(struct pair *pair, uint64_t pa)
{
	const struct host_machine *machine = pair->side[1].machine;
	uint64_t pages = machine->ram_size / MOAT_PAGE_SIZE;
	uint64_t page = random_below(&pair->random, pages);
	uint64_t place = pa / MOAT_PAGE_SIZE % MOAT_TABLE_ENTRIES;

	if (random_once_in(&pair->random, 2)) {
		page += place - page % MOAT_TABLE_ENTRIES;
	}
	return host_machine_pa(machine, (uint32_t)page);
}

static void store(struct pair *pair, uint32_t cpu, uint64_t pa, uint64_t word)
{
	const struct op op = {
		.kind = OP_HOST_WRITE, .cpu = cpu, .word = {pa, word}};

	pair_poke(pair, 1, &op);
}

/* The host's pages from @to on in the second machine hold what those from @from
 * on hold in the first. */
static void copy_pages(struct pair *pair, uint32_t cpu, uint64_t from,
	uint64_t to, uint64_t count)
{
	for (uint64_t offset = 0; offset < count * MOAT_PAGE_SIZE;
		offset += sizeof(uint64_t)) {
		uint64_t word = pair_word(pair, 0, from + offset);

		if (word != pair_word(pair, 1, to + offset)) {
			store(pair, cpu, to + offset, word);
		}
	}
}

/* How many pages the VM is going to see as they are. */
static uint64_t count_shown(const struct trial *first)
{
	switch (first->op.word[0] - MOAT_FUNCTION(0)) {
	case MOAT_PAGE_LOAD:
	case MOAT_PAGE_LEND:
	case MOAT_BLOCK_LEND:
		return first->outcome.word[1];
	default:
		return 0;
	}
}

static bool find_call(
	struct pair *pair, const struct trial *first, struct trial *second)
{
	uint32_t word = pa_word(&first->op);
	struct op op = first->op;

	for (uint32_t i = 0; i < ATTEMPTS; i++) {
		if (!pair_free_cpu(pair, 1, &op.cpu)) {
			return false;
		}
		if (word != 0) {
			op.word[word] = draw_page(pair, first->op.word[word]);
		}
		trial_make(pair, 1, &op, second);
		/* As many pages: then those to write to are the host's. */
		if (count_shown(first) != 0 &&
			!model_view_is_equal(&first->record, &second->record) &&
			outcome_is_equal(&second->outcome, &first->outcome)) {
			copy_pages(pair, op.cpu, first->op.word[word],
				op.word[word], count_shown(first));
			trial_make(pair, 1, &op, second);
		}
		if (model_view_is_equal(&first->record, &second->record)) {
			return true;
		}
	}
	return false;
}

/* A store of the host to a page that it and the VM have in common. */
static bool find_store(
	struct pair *pair, const struct trial *first, struct trial *second)
{
	struct model_page page = {.ipa = 0};
	struct op op = first->op;
	struct moat_pa pa = {op.word[0]};
	struct moat_ipa ipa;

	(void)model_page_at(pair->side[0].model, pa, &page);
	ipa.value = page.ipa + pa.value % MOAT_PAGE_SIZE;
	if (!model_translate(
		    pair->side[1].model, pair->observer - DEED_VM, ipa, &pa) ||
		!pair_free_cpu(pair, 1, &op.cpu)) {
		return false;
	}
	op.word[0] = pa.value;
	trial_make(pair, 1, &op, second);
	return model_view_is_equal(&first->record, &second->record);
}

bool mirror_find(
	struct pair *pair, const struct trial *first, struct trial *second)
{
	if (pair->observer == DEED_HOST) {
		return find_for_host(pair, first, second);
	}
	return first->op.kind == OP_CALL ? find_call(pair, first, second)
					 : find_store(pair, first, second);
}
