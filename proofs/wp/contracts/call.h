/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_CALL_H
#define MOAT_PROOF_CALL_H

#include "headers.h"
#include "hold.h"
#include "theory_call.h"
#include "trusted_trace.h"
#include "core/pages.h"

/*@
  predicate answers{L}(struct moat_regs *regs, integer x0, integer x1) =
    regs->x[0] == x0 && regs->x[1] == x1 &&
    \forall integer r; 2 <= r <= MOAT_RESULT_COUNT ==> regs->x[r] == 0;

  // The host runs on the CPU, and the CPU holds nothing.
  predicate host_runs{L}(integer cpu) =
    cpu < CPU_COUNT(m) && CPU(m, cpu).vm == NONE && holds_no_region(cpu);

  // A host that comes with its registers; they are no part of the call.
  predicate regs_ok{L}(struct moat_regs *regs) =
    \valid(regs) && \valid(regs->x + (0 .. CALL_WORDS - 1));
*/

/* ---- Check ------------------------------------------------------------- */

/*@ requires sizes_ok && \valid(plan);
    requires plan->operand != 0 ==>
      plan->run.first + plan->run.count <= PAGE_COUNT(m);
    requires plan->operand <= CALL_WORDS;
    assigns plan->run.count; exits \false;
    ensures \result == MOAT_OK ||
      (\old(plan->operand) != 0 &&
        \result == refusal(MOAT_BAD_PAGE, \old(plan->operand)));
    ensures none: \old(plan->operand) == 0 || \result != MOAT_OK ==>
      plan->run.count == \old(plan->run.count);
    ensures prefix: \result == MOAT_OK && \old(plan->operand) != 0 ==>
      1 <= plan->run.count <= \old(plan->run.count);
    ensures whole: \result == MOAT_OK && \old(plan->is_whole) ==>
      plan->run.count == \old(plan->run.count);
    ensures host: \result == MOAT_OK && \old(plan->operand) != 0 ==>
      \forall integer p; \old(plan->run.first) <= p <
        \old(plan->run.first) + plan->run.count ==>
          PAGE(m, p).state == MOAT_PAGE_HOST; */
static uint64_t pages_check(const struct moat *m, struct plan *plan);

/* ---- Steps ------------------------------------------------------------- */

/*@ requires \valid(call);
    assigns call->result[0]; exits \false;
    ensures call->result[0] == status; */
static void call_refuse(struct call *call, uint64_t status);

/*@ requires sizes_ok && \valid(call);
    assigns call->result[1 .. 9]; exits \false;
    ensures call->result[1] == MOAT_PAGE_SIZE &&
      call->result[2] == MOAT_RANGE_PAGES_MAX &&
      call->result[3] == MOAT_IPA_BITS_MIN &&
      call->result[4] == MOAT(m).config.ipa_bits &&
      call->result[5] == VM_COUNT(m) && call->result[6] == MOAT_VCPU_MAX &&
      call->result[7] == CPU_COUNT(m) && call->result[8] == PAGE_COUNT(m); */
static void call_features(const struct moat *m, struct call *call);

/* ---- In and out -------------------------------------------------------- */

/*@ requires \valid(call) && \valid_read(regs);
    requires \base_addr(call) != \base_addr(regs);
    assigns *call; exits \false;
    ensures call->cpu == cpu && call->number == number;
    ensures call->action == MOAT_HOST_RESUME && call->is_single == 0;
    ensures call->x == &regs->x[0] && call->result[0] == MOAT_OK;
    ensures \forall integer r; 0 <= r <= MOAT_RESULT_COUNT ==>
      call->result[r] == 0; */
static void call_begin(struct call *call, uint32_t cpu,
	const struct moat_regs *regs, uint32_t number);

/*@ requires \valid_read(result + (0 .. MOAT_RESULT_COUNT)) && regs_ok(regs);
    requires \base_addr(result) != \base_addr(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures regs->x[0] == result[0] && regs->x[1] == result[1];
    ensures regs->x[2] == result[2] && regs->x[3] == result[3];
    ensures regs->x[4] == result[4] && regs->x[5] == result[5];
    ensures regs->x[6] == result[6] && regs->x[7] == result[7];
    ensures regs->x[8] == result[8] && regs->x[9] == result[9]; */
static void answer_write(
	const uint64_t result[MOAT_RESULT_COUNT + 1], struct moat_regs *regs);

/*@ requires \valid_read(call) && regs_ok(regs);
    requires \base_addr(call) != \base_addr(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == call->action;
    ensures call->action == MOAT_HOST_RESUME ==>
      regs->x[0] == call->result[0] && regs->x[1] == call->result[1] &&
      regs->x[2] == call->result[2] && regs->x[3] == call->result[3] &&
      regs->x[4] == call->result[4] && regs->x[5] == call->result[5] &&
      regs->x[6] == call->result[6] && regs->x[7] == call->result[7] &&
      regs->x[8] == call->result[8] && regs->x[9] == call->result[9];
    ensures call->action != MOAT_HOST_RESUME ==>
      \forall integer r; 0 <= r <= MOAT_RESULT_COUNT ==>
        regs->x[r] == \old(regs->x[r]); */
static enum moat_action call_end(
	const struct call *call, struct moat_regs *regs);

/*@ requires sizes_ok && regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME;
    ensures regs->x[1] == MOAT_PAGE_SIZE && regs->x[8] == PAGE_COUNT(m); */
static enum moat_action host_call_features(
	const struct moat *m, uint32_t cpu, struct moat_regs *regs);

/*@ requires regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME && answers(regs, x0, x1); */
static enum moat_action host_call_constant(
	uint32_t cpu, struct moat_regs *regs, uint64_t x0, uint64_t x1);

/*@ requires regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME &&
      answers(regs, MOAT_OK, MOAT_ABI_VERSION); */
static enum moat_action host_call_version(uint32_t cpu, struct moat_regs *regs);

/*@ requires regs_ok(regs);
    assigns regs->x[0 .. MOAT_RESULT_COUNT]; exits \false;
    ensures \result == MOAT_HOST_RESUME &&
      answers(regs, 0xffffffffffffffff, 0); */
static enum moat_action host_call_unknown(uint32_t cpu, struct moat_regs *regs);

/* ---- Aborts ------------------------------------------------------------ */

/*@ requires config_ok && host_runs(cpu);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures released: holds_no_region(cpu);
    ensures \result == MOAT_HOST_RETRY || \result == MOAT_HOST_INJECT;
    ensures open: \result == MOAT_HOST_RETRY ==>
      \exists integer p; 0 <= p < PAGE_COUNT(m) &&
        is_in_page(p, ipa.value) && is_open(PAGE(m, p).state);
    ensures closed: (\forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      !is_in_page(p, ipa.value)) ==> \result == MOAT_HOST_INJECT; */
enum moat_action moat_host_abort(
	struct moat *m, uint32_t cpu, struct moat_ipa ipa);

#endif
