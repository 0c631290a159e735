/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/point.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch-host/cpu.h"
#include "core/state.h"
#include "explore/settle.h"
#include "lockstep/side.h"
#include "monitor/monitor.h"

/* ---- Life -------------------------------------------------------------- */

static void fail(void)
{
	fprintf(stderr, "explore: out of memory\n");
	exit(2);
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		fail();
	}
	return memory;
}

/* Those hold nothing that a step leaves to the next one: tickets, and the
 * scratch memory of CPUs. The numbers of a CPU are in a line with such. */
static void leave_out_scratch(struct point *point)
{
	const struct moat *m = point->machine->engine;
	struct lines *lines = &point->lines;

	lines_leave_out(lines, m->vm_lock, VM_COUNT(m) * sizeof(*m->vm_lock));
	lines_leave_out(lines, m->region_lock,
		REGION_LOCK_COUNT * sizeof(*m->region_lock));
	for (uint32_t cpu = 0; cpu < CPU_COUNT(m); cpu++) {
		lines_leave_out(
			lines, CPU(m, cpu).batch, sizeof(CPU(m, cpu).batch));
	}
	for (uint32_t cpu = 0; cpu < CPU_COUNT(m); cpu++) {
		lines_learn(lines, &CPU(m, cpu).vm);
	}
}

struct point *point_create(const struct scope *scope)
{
	struct point *point = allocate(1, sizeof(*point));
	struct moat_config config = scope_config(scope);

	point->scope = scope;
	point->machine = host_machine_create(&config, NULL);
	if (point->machine) {
		point->model = model_create(&point->machine->config);
	}
	if (!point->model || !abstract_init(&point->abstract, point->machine,
				     point->model)) {
		fprintf(stderr, "explore: no machine for this scope\n");
		exit(2);
	}
	abstract_join(point->machine);
	if (!lines_init(
		    &point->lines, point->machine, scope_page_count(scope))) {
		fail();
	}
	leave_out_scratch(point);
	point->seen = allocate(SEEN_SLOTS, sizeof(*point->seen));
	return point;
}

void point_destroy(struct point *point)
{
	abstract_free(&point->abstract);
	model_destroy(point->model);
	host_machine_destroy(point->machine);
	lines_free(&point->lines);
	free(point->seen);
	free(point);
}

struct frame frame_make(const struct point *point)
{
	struct frame frame = {.model = NULL};

	frame.model = model_copy(point->model);
	frame.image = lines_image(&point->lines);
	if (!frame.image) {
		fail();
	}
	frame.cpu = allocate(point->scope->cpus, sizeof(*frame.cpu));
	frame.monitor = allocate(monitor_size(point->machine->monitor), 1);
	return frame;
}

void frame_free(struct frame *frame)
{
	model_destroy(frame->model);
	free(frame->image);
	free(frame->cpu);
	free(frame->monitor);
}

/* ---- Save, restore ----------------------------------------------------- */

void point_add_stale(const struct point *point, struct key *key)
{
	struct host_machine *machine = point->machine;

	for (uint32_t cpu = 0; cpu < point->scope->cpus; cpu++) {
		const struct host_translation *stale =
			machine->is_watched ? NULL
					    : host_cpu_stale(machine, cpu);

		if (stale) {
			key_add(key, cpu);
			key_add(key, stale->vmid);
			key_add(key, stale->ipa);
			key_add(key, stale->pa);
		}
	}
}

/* What engine and model are, as a number: not canonical, since two states that
 * differ in names are to be compared each. @sum is that of the lines. */
static struct key pair_key(const struct point *point, uint64_t sum)
{
	struct key key = key_make();

	key_add(&key, sum);
	key_add_model(&key, point->model);
	point_add_stale(point, &key);
	return key;
}

void point_save(const struct point *point, struct frame *frame)
{
	const struct host_machine *machine = point->machine;

	lines_save(&point->lines, frame->image);
	frame->sum = lines_sum(&point->lines);
	frame->key = pair_key(point, frame->sum);
	memcpy(frame->cpu, machine->cpus,
		point->scope->cpus * sizeof(*frame->cpu));
	monitor_save(machine->monitor, frame->monitor);
	model_assign(frame->model, point->model);
}

void point_restore(struct point *point, const struct frame *frame)
{
	struct host_machine *machine = point->machine;

	lines_restore(&point->lines, frame->image);
	memcpy(machine->cpus, frame->cpu,
		point->scope->cpus * sizeof(*frame->cpu));
	monitor_load(machine->monitor, frame->monitor);
	model_assign(point->model, frame->model);
	machine->violation = NULL;
}

/* ---- What CPUs hold ---------------------------------------------------- */

static void warm_vm(struct point *point, uint32_t cpu, uint32_t vm)
{
	struct host_machine *machine = point->machine;
	struct moat_stage2 stage2 = abstract_stage2(&point->abstract, vm);
	struct moat_stage2 own = machine->cpus[cpu].stage2;

	host_cpu_assume(machine, cpu, &stage2);
	for (uint32_t i = 0; i < scope_ipa_count(point->scope); i++) {
		host_cpu_speculate(machine, cpu, scope_ipa(point->scope, i));
	}
	host_cpu_assume(machine, cpu, &own);
}

static void warm_host(struct point *point, uint32_t cpu)
{
	struct host_machine *machine = point->machine;
	struct moat_stage2 own = machine->cpus[cpu].stage2;
	struct moat_stage2 host = moat_host_stage2(machine->engine);

	host_cpu_assume(machine, cpu, &host);
	for (uint32_t i = 0; i < scope_page_count(point->scope); i++) {
		host_cpu_speculate(machine, cpu, scope_page(point->scope, i));
	}
	host_cpu_assume(machine, cpu, &own);
}

/* Where rules are asked for, a step leaves nothing that is stale: a CPU may as
 * well begin with nothing, and be in the same state by whatever way. */
static void forget(struct point *point, uint32_t cpu)
{
	struct host_cpu *at = &point->machine->cpus[cpu];

	if (point->machine->is_watched) {
		memset(at->tlb, 0, sizeof(at->tlb));
		at->tlb_next = 0;
	}
}

/* A CPU can hold translations of a VM that it ran before: of one that was ever
 * ACTIVE, and is not free yet. */
void point_warm(struct point *point)
{
	for (uint32_t cpu = 0; cpu < point->scope->cpus; cpu++) {
		forget(point, cpu);
		warm_host(point, cpu);
		for (uint32_t vm = 0; vm < point->scope->vms; vm++) {
			enum moat_vm_life life =
				model_vm_at(point->model, vm).life;

			if (life == MOAT_VM_ACTIVE || life == MOAT_VM_DYING) {
				warm_vm(point, cpu, vm);
			}
		}
	}
}

/* ---- Step -------------------------------------------------------------- */

static enum point_result differ(
	struct point *point, const char *what, const char *detail)
{
	snprintf(point->difference, sizeof(point->difference), "%s%.900s", what,
		detail);
	return POINT_DIFFERS;
}

static enum point_result differ_outcome(struct point *point,
	const struct outcome *engine, const struct outcome *model)
{
	char text[2][OUTCOME_TEXT];

	outcome_print(engine, text[0]);
	outcome_print(model, text[1]);
	snprintf(point->difference, sizeof(point->difference),
		"answer: engine %s, model %s", text[0], text[1]);
	return POINT_DIFFERS;
}

static bool has_violation(struct point *point)
{
	const char *violation = point->machine->violation;

	if (violation) {
		differ(point, "rule broken: ", violation);
	}
	return violation != NULL;
}

/* What must be after every step, whatever it was. */
static bool follows_rules(struct point *point)
{
	struct host_machine *machine = point->machine;

	if (has_violation(point)) {
		return false;
	}
	if (!snapshot_locks_are_free(machine)) {
		differ(point, "a lock is held after the step", "");
		return false;
	}
	for (uint32_t cpu = 0; machine->is_watched && cpu < point->scope->cpus;
		cpu++) {
		if (host_cpu_stale(machine, cpu)) {
			differ(point, "a translation is stale [TLB-1]", "");
			return false;
		}
	}
	return true;
}

/*
 * What this very step may have left: VMs, registers before they are settled,
 * and pages that were written. Or all of both states, but pages no step has
 * written.
 */
static bool is_abstraction(struct point *point, enum abstract_scope scope)
{
	/* No number of writes: tables are always compared, or never. */
	point->abstract.write_seen = scope == ABSTRACT_MEMORY
					     ? point->machine->write_count
					     : UINT64_MAX;
	if (!abstract_compare(&point->abstract, scope)) {
		differ(point, point->abstract.text, "");
		return false;
	}
	/* Walking the tables may have met what no engine writes. */
	return !has_violation(point);
}

/* The scratch memory that shares a line with the CPU's numbers. */
static void clear_scratch(struct point *point)
{
	struct moat *m = point->machine->engine;

	for (uint32_t cpu = 0; cpu < CPU_COUNT(m); cpu++) {
		memset(CPU(m, cpu).batch, 0, LINES_BYTES);
	}
}

/* An access is made in every way that is open to the CPU; one that ends
 * otherwise than the first is the outcome. A store that went elsewhere is found
 * where it went. */
static void do_every_way(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	struct outcome other = *outcome;

	for (uint32_t way = 1; way < machine->choice.count; way++) {
		if (!outcome_is_equal(&other, outcome)) {
			break;
		}
		machine->choice.nth = way;
		side_engine(machine, op, &other);
	}
	*outcome = other;
}

static bool is_access(const struct op *op)
{
	return op->kind == OP_HOST_READ || op->kind == OP_HOST_WRITE ||
	       op->kind == OP_GUEST_READ || op->kind == OP_GUEST_WRITE ||
	       op->kind == OP_GUEST_FETCH;
}

static void do_engine(struct host_machine *machine, const struct op *op,
	struct outcome *outcome)
{
	machine->choice.kind = HOST_CHOOSE_NTH;
	machine->choice.nth = 0;
	side_engine(machine, op, outcome);
	if (is_access(op) && outcome->kind == OUTCOME_VALUE) {
		do_every_way(machine, op, outcome);
	}
	machine->choice.nth = 0;
}

static void do_both(struct point *point, const struct op *op,
	struct outcome *engine, struct outcome *model)
{
	side_model(point->model, op, model);
	do_engine(point->machine, op, engine);
	clear_scratch(point);
}

/* What may change nothing: refusals, and looking. */
static bool is_quiet(const struct op *op, const struct outcome *outcome)
{
	uint64_t number = op->word[0] - MOAT_FUNCTION(0);

	return outcome_is_refusal(outcome) || op->kind == OP_HOST_READ ||
	       op->kind == OP_HOST_ABORT ||
	       (op->kind == OP_CALL &&
		       (number == MOAT_PAGE_INFO || number == MOAT_VM_INFO ||
			       number <= MOAT_FEATURES));
}

/* ---- What was compared before ------------------------------------------ */

/* Whether the pair @key is known to agree; it is from now on. Where its slot is
 * taken, the newer one stays: who is forgotten is compared once more. */
static bool is_seen(struct point *point, struct key key)
{
	struct key *slot = &point->seen[key.low % SEEN_SLOTS];
	bool is_known = key_is_equal(*slot, key);

	*slot = key;
	return is_known;
}

/* A pair that was seen agrees in everything, and its state was entered; of the
 * others all is compared. */
static enum point_result compare_all(struct point *point, struct key key)
{
	if (is_seen(point, key) && !point->is_careful) {
		return POINT_KNOWN;
	}
	(void)lines_learn_changed(&point->lines);
	if (is_abstraction(point, ABSTRACT_STEP)) {
		return POINT_CHANGED;
	}
	memset(&point->seen[key.low % SEEN_SLOTS], 0, sizeof(key));
	return POINT_DIFFERS;
}

static enum point_result compare_change(
	struct point *point, const struct frame *before)
{
	struct key key;
	enum point_result result;

	if (point->is_careful) {
		(void)lines_learn_changed(&point->lines);
	}
	if (!follows_rules(point) || !is_abstraction(point, ABSTRACT_MEMORY)) {
		return POINT_DIFFERS;
	}
	settle(point->machine->engine, point->model);
	key = pair_key(point,
		before->sum + lines_change(&point->lines, before->image));
	result = compare_all(point, key);
	return result != POINT_DIFFERS && key_is_equal(key, before->key)
		       ? POINT_SAME
		       : result;
}

enum point_result point_step(struct point *point, const struct frame *before,
	const struct op *op, struct outcome *outcome)
{
	do_both(point, op, outcome, &point->told);
	if (point->is_lenient) {
		(void)lines_learn_changed(&point->lines);
		host_machine_forget_fresh(point->machine);
		settle(point->machine->engine, point->model);
		return POINT_CHANGED;
	}
	if (!outcome_is_equal(outcome, &point->told)) {
		return differ_outcome(point, outcome, &point->told);
	}
	if (is_quiet(op, outcome)) {
		return lines_is_same(&point->lines, before->image)
			       ? POINT_SAME
			       : differ(point, "it may change nothing", "");
	}
	return compare_change(point, before);
}

void point_redo(struct point *point, const struct op *op)
{
	struct outcome outcome[2];

	do_both(point, op, &outcome[0], &outcome[1]);
	(void)lines_learn_changed(&point->lines);
	settle(point->machine->engine, point->model);
	host_machine_forget_fresh(point->machine);
}

bool point_is_sound(struct point *point)
{
	const char *broken = moat_invariant_check(point->machine->engine);

	if (point->is_lenient) {
		return true;
	}
	if (broken) {
		differ(point, "invariant of the engine: ", broken);
		return false;
	}
	broken = model_invariant_check(point->model);
	if (broken) {
		differ(point, "invariant of the model: ", broken);
	}
	return !broken;
}

bool point_is_clean(struct point *point)
{
	bool is_new = lines_learn_changed(&point->lines);

	if (!point->is_lenient && is_new) {
		differ(point, "a step that may change nothing did", "");
		return false;
	}
	return point->is_lenient || follows_rules(point);
}

void point_add_lines(const struct point *point, struct key *key)
{
	key_add(key, lines_sum(&point->lines));
}
