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

/* ---- Lines ------------------------------------------------------------- */

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		fprintf(stderr, "explore: out of memory\n");
		exit(2);
	}
	return memory;
}

/* Line @line: of the engine's memory, then of the pages of the scope, which are
 * the first ones of RAM. */
static unsigned char *line_at(const struct point *point, size_t line)
{
	size_t offset = line * POINT_LINE;
	size_t size = point->machine->engine_size;

	return offset < size ? point->machine->memory + offset
			     : point->machine->ram + (offset - size);
}

static size_t line_of(const struct point *point, const void *byte)
{
	return (size_t)((const unsigned char *)byte - point->machine->memory) /
	       POINT_LINE;
}

/* Those lines hold nothing that a step leaves to the next one: tickets, and the
 * scratch memory of CPUs. */
static void leave_out(struct point *point, const void *first, size_t size)
{
	memset(point->is_known + line_of(point, first), 1,
		(size + POINT_LINE - 1) / POINT_LINE);
}

static void leave_out_scratch(struct point *point)
{
	const struct moat *m = point->machine->engine;

	leave_out(point, m->vm_lock, VM_COUNT(m) * sizeof(*m->vm_lock));
	leave_out(point, m->region_lock,
		REGION_LOCK_COUNT * sizeof(*m->region_lock));
	for (uint32_t cpu = 0; cpu < CPU_COUNT(m); cpu++) {
		leave_out(point, CPU(m, cpu).batch, sizeof(CPU(m, cpu).batch));
	}
}

static void learn(struct point *point, size_t line)
{
	if (point->learnt_count == POINT_LINES_MAX) {
		fprintf(stderr, "explore: too much memory changes\n");
		exit(2);
	}
	point->is_known[line] = 1;
	point->learnt[point->learnt_count++] = (uint32_t)line;
}

/* The lines from @line on that are not known are compared at once; returns the
 * next one after them. */
static size_t learn_run(struct point *point, size_t line)
{
	size_t last = point->machine->engine_size / POINT_LINE;
	size_t end = line;

	last = line < last ? last : point->line_count;
	while (end < last && !point->is_known[end]) {
		end++;
	}
	if (end == line ||
		memcmp(line_at(point, line), point->initial + line * POINT_LINE,
			(end - line) * POINT_LINE) == 0) {
		return end + (end == line);
	}
	for (size_t i = line; i < end; i++) {
		if (memcmp(line_at(point, i), point->initial + i * POINT_LINE,
			    POINT_LINE) != 0) {
			learn(point, i);
		}
	}
	return end;
}

/* Learn what the last step changed. */
static void learn_all(struct point *point)
{
	for (size_t line = 0; line < point->line_count;) {
		line = learn_run(point, line);
	}
}

/* ---- Life -------------------------------------------------------------- */

/* CPUs have their numbers in a line with scratch memory: it is learnt. */
static void learn_cpus(struct point *point)
{
	const struct moat *m = point->machine->engine;

	for (uint32_t cpu = 0; cpu < CPU_COUNT(m); cpu++) {
		learn(point, line_of(point, &CPU(m, cpu).vm));
	}
}

struct point *point_create(const struct scope *scope)
{
	struct point *point = allocate(1, sizeof(*point));
	struct moat_config config = scope_config(scope);
	size_t bytes;

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
	bytes = point->machine->engine_size +
		(size_t)scope_page_count(scope) * MOAT_PAGE_SIZE;
	point->line_count = bytes / POINT_LINE;
	point->initial = allocate(bytes, 1);
	point->is_known = allocate(point->line_count, 1);
	point->learnt = allocate(POINT_LINES_MAX, sizeof(*point->learnt));
	for (size_t i = 0; i < point->line_count; i++) {
		memcpy(point->initial + i * POINT_LINE, line_at(point, i),
			POINT_LINE);
	}
	leave_out_scratch(point);
	learn_cpus(point);
	return point;
}

void point_destroy(struct point *point)
{
	abstract_free(&point->abstract);
	model_destroy(point->model);
	host_machine_destroy(point->machine);
	free(point->initial);
	free(point->is_known);
	free(point->learnt);
	free(point);
}

struct frame frame_make(const struct point *point)
{
	struct frame frame = {.model = NULL};

	frame.line = allocate(POINT_LINES_MAX, POINT_LINE);
	frame.cpu = allocate(point->scope->cpus, sizeof(*frame.cpu));
	frame.monitor = allocate(monitor_size(point->machine->monitor), 1);
	return frame;
}

void frame_free(struct frame *frame)
{
	model_destroy(frame->model);
	free(frame->line);
	free(frame->cpu);
	free(frame->monitor);
}

/* ---- Save, restore ----------------------------------------------------- */

static void save_lines(const struct point *point, struct frame *frame)
{
	for (uint32_t i = 0; i < point->learnt_count; i++) {
		memcpy(frame->line + (size_t)i * POINT_LINE,
			line_at(point, point->learnt[i]), POINT_LINE);
	}
	frame->line_count = point->learnt_count;
}

void point_save(const struct point *point, struct frame *frame)
{
	const struct host_machine *machine = point->machine;

	save_lines(point, frame);
	memcpy(frame->cpu, machine->cpus,
		point->scope->cpus * sizeof(*frame->cpu));
	monitor_save(machine->monitor, frame->monitor);
	model_destroy(frame->model);
	frame->model = model_copy(point->model);
}

/* Lines that were learnt later were then what they were at first. */
static void complete(const struct point *point, struct frame *frame)
{
	for (; frame->line_count < point->learnt_count; frame->line_count++) {
		memcpy(frame->line + (size_t)frame->line_count * POINT_LINE,
			point->initial +
				(size_t)point->learnt[frame->line_count] *
					POINT_LINE,
			POINT_LINE);
	}
}

void point_restore(struct point *point, struct frame *frame)
{
	struct host_machine *machine = point->machine;

	complete(point, frame);
	for (uint32_t i = 0; i < point->learnt_count; i++) {
		memcpy(line_at(point, point->learnt[i]),
			frame->line + (size_t)i * POINT_LINE, POINT_LINE);
	}
	memcpy(machine->cpus, frame->cpu,
		point->scope->cpus * sizeof(*frame->cpu));
	monitor_load(machine->monitor, frame->monitor);
	model_destroy(point->model);
	point->model = model_copy(frame->model);
	point->abstract.model = point->model;
}

static bool is_same(const struct point *point, const struct frame *frame)
{
	for (uint32_t i = 0; i < frame->line_count; i++) {
		if (memcmp(line_at(point, point->learnt[i]),
			    frame->line + (size_t)i * POINT_LINE,
			    POINT_LINE) != 0) {
			return false;
		}
	}
	return frame->line_count == point->learnt_count;
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

/* A CPU can hold translations of a VM that it ran before: of one that was ever
 * ACTIVE, and is not free yet. */
void point_warm(struct point *point)
{
	for (uint32_t cpu = 0; cpu < point->scope->cpus; cpu++) {
		memset(point->machine->cpus[cpu].tlb, 0,
			sizeof(point->machine->cpus[cpu].tlb));
		point->machine->cpus[cpu].tlb_next = 0;
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
	for (uint32_t cpu = 0; cpu < point->scope->cpus; cpu++) {
		if (host_cpu_stale(machine, cpu)) {
			differ(point, "a translation is stale [TLB-1]", "");
			return false;
		}
	}
	return true;
}

/* All of both states is compared, but pages no step has written. */
static bool is_abstraction(struct point *point)
{
	/* No number of writes: tables are compared each time. */
	point->abstract.write_seen = UINT64_MAX;
	if (!abstract_compare(&point->abstract, ABSTRACT_STEP)) {
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
		memset(CPU(m, cpu).batch, 0, POINT_LINE);
	}
}

static void do_both(struct point *point, const struct op *op,
	struct outcome *engine, struct outcome *model)
{
	side_model(point->model, op, model);
	side_engine(point->machine, op, engine);
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

enum point_result point_step(struct point *point, const struct frame *before,
	const struct op *op, struct outcome *outcome)
{
	struct outcome model;

	do_both(point, op, outcome, &model);
	if (point->is_lenient) {
		learn_all(point);
		host_machine_forget_fresh(point->machine);
		settle(point->machine->engine, point->model);
		return POINT_CHANGED;
	}
	if (!outcome_is_equal(outcome, &model)) {
		return differ_outcome(point, outcome, &model);
	}
	if (is_quiet(op, outcome)) {
		return is_same(point, before)
			       ? POINT_SAME
			       : differ(point, "it may change nothing", "");
	}
	learn_all(point);
	if (!follows_rules(point) || !is_abstraction(point)) {
		return POINT_DIFFERS;
	}
	settle(point->machine->engine, point->model);
	return is_same(point, before) ? POINT_SAME : POINT_CHANGED;
}

void point_redo(struct point *point, const struct op *op)
{
	struct outcome outcome[2];

	do_both(point, op, &outcome[0], &outcome[1]);
	learn_all(point);
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
	uint32_t count = point->learnt_count;

	learn_all(point);
	if (!point->is_lenient && point->learnt_count != count) {
		differ(point, "a step that may change nothing did", "");
		return false;
	}
	return point->is_lenient || follows_rules(point);
}

/* A sum, since processes learn lines in different orders. */
void point_add_lines(const struct point *point, struct key *key)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < point->learnt_count; i++) {
		size_t line = point->learnt[i];
		uint64_t word[POINT_LINE / sizeof(uint64_t)];
		struct key part = key_make();

		memcpy(word, line_at(point, line), POINT_LINE);
		if (memcmp(word, point->initial + line * POINT_LINE,
			    POINT_LINE) == 0) {
			continue;
		}
		key_add(&part, line);
		for (uint32_t k = 0; k < POINT_LINE / sizeof(*word); k++) {
			key_add(&part, word[k]);
		}
		sum += part.high;
	}
	key_add(key, sum);
}
