/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of the host: which call it is, and how the answer is written. */
#include "model/state.h"

/* Status in bits 7:0, register at fault in bits 15:8. */
uint64_t model_x0(enum moat_status status, uint64_t operand)
{
	return (uint64_t)status + 256 * operand;
}

/* All results are zero: a refusal tells nothing but its status, and results
 * that a call does not list are not left to chance. */
struct model_answer model_answer_make(uint64_t x0)
{
	struct model_answer answer = {.action = MOAT_HOST_RESUME, .x = {x0}};

	return answer;
}

/* SMCCC 1.2 lets a call write x0..x17, moat.h fewer: x10..x14 are the virtual
 * interrupts of a run, and stay where none ended. */
void model_answer_write(
	const struct model_answer *answer, struct moat_regs *regs)
{
	uint32_t count = answer->action == MOAT_HOST_RETURN
				 ? MODEL_RUN_COUNT
				 : MODEL_REGISTER_COUNT;

	for (uint32_t i = 0; i < count; i++) {
		regs->x[i] = answer->x[i];
	}
}

/* Refuses nothing and depends on nothing, so that any host can ask. */
struct model_answer model_version(
	struct model *m, const struct model_request *request)
{
	struct model_answer answer = model_answer_make(MOAT_OK);

	(void)m;
	(void)request;
	answer.x[1] = MOAT_ABI_VERSION;
	return answer;
}

/* Limits of this engine come from its configuration, limits of the interface
 * from the header. RAM counts in full, the engine's own included. */
struct model_answer model_features(
	struct model *m, const struct model_request *request)
{
	struct model_answer answer = model_answer_make(MOAT_OK);
	uint64_t ram_size = 0;

	(void)request;
	for (uint32_t i = 0; i < m->config.ram_count; i++) {
		ram_size += m->config.ram[i].size;
	}
	answer.x[1] = MOAT_PAGE_SIZE;
	answer.x[2] = MOAT_RANGE_PAGES_MAX;
	answer.x[3] = MOAT_IPA_BITS_MIN;
	answer.x[4] = m->config.ipa_bits;
	answer.x[5] = m->config.vm_count;
	answer.x[6] = MOAT_VCPU_MAX;
	answer.x[7] = m->config.cpu_count;
	answer.x[8] = ram_size / MOAT_PAGE_SIZE;
	answer.x[9] = MOAT_HOST_CALL_MAX + 256 * model_list_register_count(m);
	return answer;
}

/* A function identifier is W0: the upper half of x0 does not count (SMCCC 1.2).
 * Made from the list of moat.h, so none can be forgotten. */
#define MODEL_CALL(constant, name, number, arguments) \
	case MOAT_FUNCTION(number): \
		return model_##name(m, request);

static struct model_answer dispatch(
	struct model *m, const struct model_request *request)
{
	switch ((uint32_t)request->x[0]) {
		MOAT_HOST_CALLS(MODEL_CALL)
	default:
		return model_answer_make(MOAT_NOT_SUPPORTED);
	}
}

#undef MODEL_CALL

/* A CPU that runs a vCPU cannot make a host call: the architecture sees to
 * it. */
enum moat_action model_host_call(
	struct model *m, uint32_t cpu, struct moat_regs *regs)
{
	struct model_request request = {.cpu = cpu, .x = regs->x};
	struct model_answer answer;

	model_require(!model_cpu_at(m, cpu).is_guest, "a vCPU runs there");
	answer = dispatch(m, &request);
	if (answer.action == MOAT_HOST_RESUME) {
		model_answer_write(&answer, regs);
	}
	return answer.action;
}

/* RAM that the host may use was out of reach for a moment only. The map of
 * devices never changes, so a fault there would come again for ever. */
enum moat_action model_host_abort(
	struct model *m, uint32_t cpu, struct moat_ipa ipa)
{
	model_require(!model_cpu_at(m, cpu).is_guest, "a vCPU runs there");
	if (model_is_ram(m, ipa.value) && model_host_reaches(m, ipa.value)) {
		return MOAT_HOST_RETRY;
	}
	return MOAT_HOST_INJECT;
}
