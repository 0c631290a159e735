/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/coverage.h"

#include <string.h>

#include "model/model.h"

/* A row of a group, and one of its answers, which may be none of the list. */
struct cell {
	enum coverage_group group;
	size_t row;
	uint64_t answer;
};

/* ---- Counting ---------------------------------------------------------- */

static void add_row(
	uint64_t to[COVERAGE_ANSWERS], const uint64_t from[COVERAGE_ANSWERS])
{
	for (size_t i = 0; i < COVERAGE_ANSWERS; i++) {
		to[i] += from[i];
	}
}

void coverage_add(struct coverage *total, const struct coverage *part)
{
	for (size_t group = 0; group < COVERAGE_GROUPS; group++) {
		for (size_t row = 0; row < COVERAGE_ROWS; row++) {
			if (part->is_counted[group][row]) {
				add_row(total->count[group][row],
					part->count[group][row]);
				total->is_counted[group][row] = true;
			}
		}
	}
	total->ops += part->ops;
	total->accepted += part->accepted;
}

void coverage_clear(struct coverage *coverage)
{
	for (size_t group = 0; group < COVERAGE_GROUPS; group++) {
		for (size_t row = 0; row < COVERAGE_ROWS; row++) {
			if (coverage->is_counted[group][row]) {
				memset(coverage->count[group][row], 0,
					sizeof(coverage->count[group][row]));
				coverage->is_counted[group][row] = false;
			}
		}
	}
	coverage->ops = 0;
	coverage->accepted = 0;
}

static bool note(struct coverage *coverage, struct cell cell)
{
	size_t count;
	const struct coverage_row *rows = coverage_rows(cell.group, &count);
	const uint64_t *answer = rows[cell.row].answer;

	for (size_t i = 0; answer[i] != COVERAGE_END; i++) {
		if (answer[i] == cell.answer) {
			coverage->count[cell.group][cell.row][i]++;
			coverage->is_counted[cell.group][cell.row] = true;
			return true;
		}
	}
	return false;
}

/* The row of a call, by the low half of x0 (SMCCC 1.2, 2.5); behind the last,
 * that of unknown functions. */
static size_t call_row(const struct op *op)
{
	struct op plain = *op;
	const struct op_call *call;

	plain.word[0] = (uint32_t)op->word[0];
	call = op_call_of(&plain);
	if (op->kind == OP_CALL) {
		return call ? (size_t)(call - op_host_call(0))
			    : op_host_call_count();
	}
	return call ? (size_t)(call - op_guest_call(0)) : op_guest_call_count();
}

/* ---- Before the operation ---------------------------------------------- */

static uint64_t entry_of(const struct model_vcpu *vcpu, uint64_t flags)
{
	const struct model_mmio *mmio = &vcpu->mmio;

	if (flags % 2 == MOAT_ENTRY_ABORT) {
		return COVERAGE_INJECT;
	}
	if (vcpu->exit != MOAT_EXIT_MMIO) {
		return COVERAGE_PLAIN;
	}
	if (mmio->access == MOAT_ACCESS_WRITE) {
		return COVERAGE_STORE;
	}
	if (mmio->register_index == 31) {
		return COVERAGE_ZERO_REGISTER;
	}
	return COVERAGE_LOAD + mmio->size +
	       16 * (uint64_t)(mmio->is_signed * OP_FORM_SIGNED +
			       mmio->is_wide * OP_FORM_WIDE);
}

static bool is_block(const struct model *model, uint32_t vm, uint64_t address)
{
	struct moat_ipa ipa = {address};
	struct model_page page;
	struct moat_pa pa;

	return model_translate(model, vm, ipa, &pa) &&
	       model_page_at(model, pa, &page) && page.level == 2;
}

struct coverage_before coverage_look(
	const struct model *model, const struct op *op)
{
	struct coverage_before before = {.is_block = false};
	const struct moat_config *config = model_config(model);
	const struct model_vcpu *vcpu;
	struct model_cpu cpu;

	if (op->cpu >= config->cpu_count) {
		return before;
	}
	cpu = model_cpu_at(model, op->cpu);
	if (op->kind == OP_GUEST_CALL && cpu.is_guest) {
		before.is_block = is_block(model, cpu.vm, op->word[1]);
	}
	if (op->kind != OP_CALL || op->word[1] >= config->vm_count) {
		return before;
	}
	before.is_block = is_block(model, (uint32_t)op->word[1], op->word[2]);
	if (op->word[2] < MOAT_VCPU_MAX) {
		vcpu = model_vcpu_at(
			model, (uint32_t)op->word[1], (uint32_t)op->word[2]);
		before.entry_row = vcpu ? vcpu->exit : 0;
		before.entry = vcpu ? entry_of(vcpu, op->word[3]) : 0;
	}
	return before;
}

/* ---- After it ---------------------------------------------------------- */

/* How much of a range was done, by a call that has one. */
static bool note_range(struct coverage *coverage, size_t row,
	const struct coverage_before *before, uint64_t asked, uint64_t done)
{
	struct cell cell = {COVERAGE_RANGE, row, COVERAGE_PART};
	size_t count;
	const struct coverage_row *rows = coverage_rows(COVERAGE_RANGE, &count);

	if (row >= count || rows[row].answer[0] == COVERAGE_END) {
		return true;
	}
	if (before->is_block || rows[row].answer[0] == COVERAGE_BLOCK) {
		cell.answer = COVERAGE_BLOCK;
	} else if (asked == done) {
		cell.answer = COVERAGE_ALL;
	}
	return note(coverage, cell);
}

/* The rows of COVERAGE_SEEN: pages by level, then VMs. */
static bool note_seen(struct coverage *coverage, const struct op *op,
	const struct outcome *outcome)
{
	struct cell cell = {COVERAGE_SEEN, 4, outcome->word[1]};

	if ((uint32_t)op->word[0] == MOAT_FUNCTION(MOAT_PAGE_INFO)) {
		cell.row = outcome->word[4] % 4;
	} else if ((uint32_t)op->word[0] != MOAT_FUNCTION(MOAT_VM_INFO)) {
		return true;
	}
	return note(coverage, cell);
}

/* The pages that call number @row asks for; 0 if it has no count. */
static uint64_t asked_of(const struct op *op, size_t row)
{
	uint64_t asked = 0;

	if (row == op_host_call_count()) {
		return 0;
	}
	for (uint32_t i = 0; i < op_host_call(row)->argument_count; i++) {
		if (op_host_call(row)->argument[i] == OP_COUNT) {
			asked = op->word[1 + i];
		}
	}
	return asked;
}

static bool note_call(struct coverage *coverage, const struct op *op,
	const struct coverage_before *before, const struct outcome *outcome)
{
	bool is_entry = outcome->kind == OUTCOME_ENTER;
	size_t row = call_row(op);
	struct cell cell = {
		COVERAGE_CALL, row, is_entry ? MOAT_OK : outcome->word[0]};
	struct cell entry = {COVERAGE_ENTRY, before->entry_row, before->entry};
	uint64_t asked = asked_of(op, row);

	if (!note(coverage, cell) || (is_entry && !note(coverage, entry))) {
		return false;
	}
	return is_entry || outcome->word[0] != MOAT_OK ||
	       (note_seen(coverage, op, outcome) &&
		       note_range(
			       coverage, row, before, asked, outcome->word[1]));
}

/* The words of an exit record that are a choice of few. */
static bool note_exit(struct coverage *coverage, const struct outcome *outcome)
{
	const uint64_t *word = outcome->word;
	struct cell cell = {COVERAGE_EXIT, word[1] % MOAT_EXIT_END, 0};

	if (word[1] == MOAT_EXIT_FAULT) {
		cell.answer = word[3];
	} else if (word[1] == MOAT_EXIT_MMIO) {
		cell.answer = COVERAGE_MMIO(word[4], word[3]);
	} else if (word[1] == MOAT_EXIT_HOST_CALL ||
		   word[1] == MOAT_EXIT_PSCI) {
		cell.answer = word[2];
	}
	return note(coverage, cell);
}

static bool note_guest_call(struct coverage *coverage, const struct op *op,
	const struct coverage_before *before, const struct outcome *outcome)
{
	bool is_exit = outcome->kind == OUTCOME_EXIT;
	size_t row = call_row(op);
	struct cell cell = {COVERAGE_GUEST_CALL, row,
		is_exit ? COVERAGE_EXITED(outcome->word[1]) : outcome->word[0]};

	return note(coverage, cell) &&
	       (!is_exit || note_range(coverage, op_host_call_count() + row,
				    before, op->word[2], outcome->word[3]));
}

static bool note_guest(struct coverage *coverage, const struct op *op,
	const struct coverage_before *before, const struct outcome *outcome)
{
	bool is_exit = outcome->kind == OUTCOME_EXIT;
	bool is_trap = op->kind == OP_GUEST_TRAP;
	bool is_abort = (is_exit || outcome->kind == OUTCOME_RESUME) &&
			(!is_trap || op->word[0] == MOAT_TRAP_ABORT);
	struct cell cell = {COVERAGE_ABORT, COVERAGE_OF_GUEST,
		is_exit ? COVERAGE_REFUSED : COVERAGE_RETRIED};

	if (is_exit && !note_exit(coverage, outcome)) {
		return false;
	}
	if (op->kind == OP_GUEST_CALL) {
		return note_guest_call(coverage, op, before, outcome);
	}
	return !is_abort || note(coverage, cell);
}

static bool note_host(struct coverage *coverage, const struct outcome *outcome)
{
	struct cell cell = {COVERAGE_ABORT, COVERAGE_OF_HOST,
		outcome->kind == OUTCOME_RETRY ? COVERAGE_RETRIED
					       : COVERAGE_REFUSED};

	return outcome->kind == OUTCOME_VALUE || note(coverage, cell);
}

bool coverage_note(struct coverage *coverage, const struct op *op,
	const struct coverage_before *before, const struct outcome *outcome)
{
	coverage->ops++;
	if (outcome->kind == OUTCOME_SKIPPED) {
		return true;
	}
	coverage->accepted +=
		!outcome_is_refusal(outcome) && outcome->kind != OUTCOME_FAULT;
	switch (op->kind) {
	case OP_CALL:
		return note_call(coverage, op, before, outcome);
	case OP_HOST_READ:
	case OP_HOST_WRITE:
	case OP_HOST_ABORT:
		return note_host(coverage, outcome);
	case OP_GUEST_READ:
	case OP_GUEST_WRITE:
	case OP_GUEST_FETCH:
	case OP_GUEST_CALL:
	case OP_GUEST_TRAP:
	case OP_GUEST_SET:
	case OP_GUEST_GET:
	case OP_KIND_COUNT:
		break;
	}
	return note_guest(coverage, op, before, outcome);
}
