/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vCPU does: it computes, reaches for memory, calls, traps. */
#include "lockstep/draft.h"

/* ---- Registers --------------------------------------------------------- */

/* A register, or what the hardware has of the vCPU. */
static void draw_set(const struct draft *draft)
{
	struct op *op = draft->op;

	op->kind = OP_GUEST_SET;
	op->word[0] = below(draft, OP_REGISTERS);
	op->word[1] = draft_value(draft);
	if (once_in(draft, 2)) {
		op->word[0] = OP_PC_REGISTER +
			      below(draft, OP_REGISTERS - OP_PC_REGISTER);
	}
	if (op->word[0] >= OP_LIST_REGISTER && op->word[0] < OP_MAINTENANCE) {
		op->word[1] = draft_interesting(draft, OP_LIST);
	}
}

/* ---- Accesses ---------------------------------------------------------- */

/* A page that is mapped; or one in either half that is not. */
static uint64_t draw_address(const struct draft *draft)
{
	uint64_t half = draft_half(draft);
	uint64_t page = draft_ipa(draft);

	if (once_in(draft, 3)) {
		page = half + below(draft, 4 * ENTRIES) * MOAT_PAGE_SIZE;
	}
	return page - page % MOAT_PAGE_SIZE +
	       below(draft, ENTRIES) * sizeof(uint64_t);
}

/* The size, the register and the form of an access, or that it has none. */
static uint64_t draw_size(const struct draft *draft)
{
	static const uint64_t sizes[6] = {0, 1, 2, 4, 8, 8};

	return sizes[below(draft, 6)];
}

static void draw_access(const struct draft *draft)
{
	struct op *op = draft->op;
	uint64_t size = draw_size(draft);

	op->word[0] = draw_address(draft);
	if (once_in(draft, 8)) {
		op->kind = OP_GUEST_FETCH;
		op->word[0] += below(draft, 2) * 4;
		return;
	}
	op->kind = once_in(draft, 2) ? OP_GUEST_READ : OP_GUEST_WRITE;
	if (size != 0) {
		op->word[0] += below(draft, 8 / size) * size;
	}
	if (op->kind == OP_GUEST_WRITE) {
		op->word[1] = draft_value(draft);
		op->word[2] = size;
		op->word[3] = size == 0 ? 0 : below(draft, OP_PC_REGISTER + 1);
		return;
	}
	op->word[1] = size;
	if (size != 0) {
		op->word[2] = below(draft, OP_PC_REGISTER + 1);
		op->word[3] = below(draft, OP_FORM_COUNT);
	}
}

/* ---- Traps ------------------------------------------------------------- */

/* An abort as it comes, also one that nothing explains any more. */
static void draw_abort(const struct draft *draft)
{
	static const uint64_t sizes[8] = {1, 2, 4, 8, 0, 3, 16, 64};
	uint64_t *word = draft->op->word;

	word[1] = MOAT_ACCESS_READ + below(draft, 3);
	if (once_in(draft, 8)) {
		word[1] = below(draft, MOAT_ACCESS_END + 2);
	}
	word[2] = draw_address(draft) + below(draft, 8);
	if (once_in(draft, 2)) {
		word[3] = 1;
		word[4] = sizes[below(draft, 8)];
		word[5] = below(draft, 34);
		word[6] = below(draft, 2);
		word[7] = below(draft, 2);
	}
}

static void draw_trap(const struct draft *draft)
{
	static const uint64_t traps[8] = {MOAT_TRAP_IRQ, MOAT_TRAP_IRQ,
		MOAT_TRAP_WFI, MOAT_TRAP_SERROR, MOAT_TRAP_OTHER,
		MOAT_TRAP_ABORT, MOAT_TRAP_ABORT, MOAT_TRAP_ABORT};

	draft->op->kind = OP_GUEST_TRAP;
	draft->op->word[0] = traps[below(draft, 8)];
	if (draft->op->word[0] == MOAT_TRAP_ABORT) {
		draw_abort(draft);
	}
}

/* ---- Calls ------------------------------------------------------------- */

/* Pages in a state that the call may take; of a block all, or some. */
static void draw_mapped(const struct draft *draft, uint32_t states)
{
	uint64_t *word = draft->op->word;
	struct model_mapping mapping;
	struct model_page page;

	if (!draft_mapping(draft, states, 0, &mapping)) {
		return;
	}
	word[1] = mapping.ipa.value;
	if (model_page_at(draft->model, mapping.pa, &page) &&
		(page.level == BLOCK_LEVEL || once_in(draft, 3)) &&
		!once_in(draft, 4)) {
		word[1] &= -REGION;
		word[2] = ENTRIES;
	}
}

/* Those, or any; and a wrong address or count, now and then. */
static void draw_pages(const struct draft *draft, uint32_t states)
{
	uint64_t *word = draft->op->word;

	word[1] = draft_ipa(draft);
	word[2] = draft_count(draft);
	switch (below(draft, 16)) {
	case 0:
		word[1] += UINT64_C(1) << below(draft, 12);
		break;
	case 1:
		word[2] = below(draft, 2) * draft_interesting(draft, OP_COUNT);
		break;
	case 2:
		break;
	default:
		draw_mapped(draft, states);
		break;
	}
}

static void draw_host_call(const struct draft *draft)
{
	uint64_t *word = draft->op->word;

	word[1] = below(draft, MOAT_HOST_CALL_MAX + 2);
	for (uint32_t i = 2; i < OP_GUEST_WORDS; i++) {
		word[i] = draft_value(draft);
	}
}

/* The target of PSCI's calls: mostly one that is there. */
static uint64_t draw_target(const struct draft *draft)
{
	switch (below(draft, 4)) {
	case 0:
		return draft_interesting(draft, OP_VCPU);
	case 1:
		return draft_vcpu(draft, MOAT_VCPU_RUNNING);
	default:
		return draft_vcpu(draft, MOAT_VCPU_OFF);
	}
}

static uint64_t draw_argument(
	const struct draft *draft, enum op_argument argument)
{
	switch (argument) {
	case OP_VCPU:
		return draw_target(draft);
	case OP_PC:
		return draft_pc(draft);
	case OP_IPA:
		return draft_ipa(draft);
	case OP_COUNT:
		return draft_count(draft);
	case OP_VALUE:
		return draft_value(draft);
	case OP_NONE:
	case OP_VM:
	case OP_PA:
	case OP_LEVEL:
	case OP_BITS:
	case OP_VCPUS:
	case OP_BOOLEAN:
	case OP_PERMISSION:
	case OP_ENTRY:
	case OP_LIST:
	case OP_FUNCTION:
	case OP_ZERO:
	case OP_ARGUMENT_KINDS:
		break;
	}
	return draft_interesting(draft, argument);
}

static void draw_arguments(const struct draft *draft)
{
	struct op *op = draft->op;
	const struct op_call *call = op_call_of(op);

	for (uint32_t i = 0; call && i < call->argument_count; i++) {
		op->word[1 + i] = draw_argument(draft, call->argument[i]);
	}
	/* What is no argument must not matter, nor the upper half of x0. */
	for (uint32_t i = 1; i < OP_GUEST_WORDS && once_in(draft, 4); i++) {
		op->word[i] += op->word[i] == 0 ? draft_value(draft) : 0;
	}
}

static void draw_call(const struct draft *draft)
{
	struct op *op = draft->op;
	size_t index = below(draft, op_guest_call_count());

	op->kind = OP_GUEST_CALL;
	op->word[0] = op_guest_call(index)->function;
	if (once_in(draft, 16)) {
		op->word[0] = draft_interesting(draft, OP_FUNCTION);
	}
	switch (op->word[0]) {
	case MOAT_FUNCTION(MOAT_GUEST_HOST_CALL):
		draw_host_call(draft);
		break;
	case MOAT_FUNCTION(MOAT_GUEST_SHARE):
		draw_pages(draft, 1u << MOAT_PAGE_VM);
		break;
	case MOAT_FUNCTION(MOAT_GUEST_UNSHARE):
		draw_pages(draft, 1u << MOAT_PAGE_SHARED);
		break;
	case MOAT_FUNCTION(MOAT_GUEST_RELINQUISH):
		draw_pages(draft, 1u << MOAT_PAGE_VM | 1u << MOAT_PAGE_SHARED);
		break;
	default:
		draw_arguments(draft);
		break;
	}
}

/* Calls about pages, which are few among many functions. */
static void draw_page_call(const struct draft *draft)
{
	struct op *op = draft->op;

	op->kind = OP_GUEST_CALL;
	switch (below(draft, 5)) {
	case 0:
		op->word[0] = MOAT_FUNCTION(MOAT_GUEST_RELINQUISH);
		draw_pages(draft, 1u << MOAT_PAGE_VM | 1u << MOAT_PAGE_SHARED);
		break;
	case 1:
	case 2:
		op->word[0] = MOAT_FUNCTION(MOAT_GUEST_UNSHARE);
		draw_pages(draft, 1u << MOAT_PAGE_SHARED);
		break;
	default:
		op->word[0] = MOAT_FUNCTION(MOAT_GUEST_SHARE);
		draw_pages(draft, 1u << MOAT_PAGE_VM);
		break;
	}
}

void draft_guest(const struct draft *draft)
{
	switch (below(draft, 12)) {
	case 0:
		draw_set(draft);
		break;
	case 1:
	case 2:
		draw_trap(draft);
		break;
	case 3:
	case 4:
		draw_page_call(draft);
		break;
	case 5:
	case 6:
	case 7:
		draw_call(draft);
		break;
	default:
		draw_access(draft);
		break;
	}
}
