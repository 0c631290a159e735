/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replay: the model takes the step of an event of a trace and says where the
 * engine that wrote it went another way.
 *
 * The trace may come from any machine, so nothing in it is trusted: an event
 * that no engine emits is malformed, and one that the model would not allow at
 * this point is a difference. Neither may misuse the model.
 *
 * Memory is not in a trace. A replay therefore compares what calls answer and
 * how traps end, but not what pages hold; lockstep in one process does both.
 * What the model cannot know it takes from the event before it steps: what a
 * guest computed, what the GIC and the timer have, and what a VM was loaded
 * with.
 */
#include "model/state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum {
	INIT_IN = 5, /* words of a configuration */
	RUN_IN = 14, /* x0..x13 of vcpu_run */
	GUEST_OUT = 5, /* x0..x4 of the guest on GUEST_RESUME */
	TRAP_IN = 3, /* in[] from here on: x0.. of a call; the syndrome */
	STORE_IN = 8, /* of an abort: the register that a store writes */
	DEADLINE_IN = 13,
	MAINTENANCE_IN = 14
};

/* ---- The line that says what differs ----------------------------------- */

#if defined(__GNUC__)
#define LIKE_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define LIKE_PRINTF
#endif

/* Text that grows to the right and is cut at the end of its room. */
struct line {
	char *text;
	size_t size;
	size_t length;
};

/* What does not fit is cut: a line that is too long still says how it
 * begins. */
LIKE_PRINTF static void line_add(struct line *line, const char *format, ...)
{
	va_list arguments;
	int added;

	if (line->length >= line->size) {
		return;
	}
	va_start(arguments, format);
	added = vsnprintf(line->text + line->length, line->size - line->length,
		format, arguments);
	va_end(arguments);
	line->length += added < 0 ? 0 : (size_t)added;
}

/* What is wrong with the trace itself; there is nothing to compare then. */
static enum model_replay malformed(struct line *line, const char *why)
{
	line_add(line, "%s", why);
	return MODEL_REPLAY_MALFORMED;
}

/* What happened, up to the differences: "cpu 1, page_donate". */
static void line_begin(struct line *line, const struct moat_event *event)
{
	bool is_call = event->kind == MOAT_EVENT_CALL;
	bool is_guest_call = event->kind == MOAT_EVENT_EXIT &&
			     event->in[0] == MOAT_TRAP_CALL;

	line_add(line, "cpu %" PRIu32 ", ", event->cpu);
	if (is_call) {
		line_add(line, "host call %s",
			model_host_call_name(event->in[0]));
	} else if (is_guest_call) {
		line_add(line, "guest call %s",
			model_guest_call_name(event->in[TRAP_IN]));
	} else if (event->kind == MOAT_EVENT_ABORT) {
		line_add(line, "host abort at %" PRIx64, event->in[0]);
	} else {
		line_add(line, "guest trap %s", model_trap_name(event->in[0]));
	}
}

/* x0 as people say it: "BAD_PAGE x3"; a number if it is no status. */
static void line_add_x0(struct line *line, uint64_t x0)
{
	uint64_t operand = moat_status_operand(x0);

	if (x0 == MOAT_NOT_SUPPORTED) {
		line_add(line, "NOT_SUPPORTED");
	} else if (x0 >= 65536 || moat_status_code(x0) >= MOAT_STATUS_COUNT) {
		line_add(line, "%" PRIx64, x0);
	} else if (operand == 0) {
		line_add(line, "%s", model_status_name(x0));
	} else {
		line_add(line, "%s x%" PRIu64,
			model_status_name(moat_status_code(x0)), operand);
	}
}

/* x0 of an answer is a status; all else is a number, hexadecimal as in the
 * trace. */
static void line_add_register(
	struct line *line, uint32_t number, uint64_t value)
{
	if (number == 0) {
		line_add_x0(line, value);
	} else {
		line_add(line, "%" PRIx64, value);
	}
}

/* ---- Comparing --------------------------------------------------------- */

/* What the model answers: an action, and the words that out[] should be. */
struct expectation {
	uint32_t action;
	uint64_t out[MOAT_EVENT_OUT];
};

/* Words that the event does not list are expected to be zero. */
static void expect_registers(
	struct expectation *expected, const uint64_t *x, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		expected->out[i] = x[i];
	}
}

/* All that differs is said, not only the first: a status that differs makes the
 * results differ too, and it takes both to see what happened. */
static enum model_replay compare(struct line *line,
	const struct moat_event *event, const struct expectation *expected)
{
	bool differs = event->action != expected->action;

	if (differs) {
		line_begin(line, event);
		line_add(line, ": the action is %s, in the model %s",
			model_action_name(event->action),
			model_action_name(expected->action));
	}
	for (uint32_t i = 0; i < MOAT_EVENT_OUT; i++) {
		if (event->out[i] == expected->out[i]) {
			continue;
		}
		if (!differs) {
			line_begin(line, event);
		}
		line_add(line, "%s x%" PRIu32 " is ", differs ? ";" : ":", i);
		line_add_register(line, i, event->out[i]);
		line_add(line, ", in the model ");
		line_add_register(line, i, expected->out[i]);
		differs = true;
	}
	return differs ? MODEL_REPLAY_DIFFERS : MODEL_REPLAY_AGREES;
}

/* ---- INIT, RAM, HIDE --------------------------------------------------- */

/* The engine starts anew, so whatever the model before it knew is over. */
static enum model_replay event_init(
	struct model **m, const struct moat_event *event, struct line *line)
{
	struct moat_config config = {0};
	const char *error;

	for (uint32_t i = 0; i < INIT_IN; i++) {
		if (event->in[i] > UINT32_MAX) {
			return malformed(line, "a word of init is too big");
		}
	}
	config.cpu_count = (uint32_t)event->in[0];
	config.vm_count = (uint32_t)event->in[1];
	config.ipa_bits = (uint32_t)event->in[2];
	config.host_ipa_bits = (uint32_t)event->in[3];
	config.list_register_count = (uint32_t)event->in[4];
	error = model_config_check_limits(&config);
	if (error != NULL) {
		return malformed(line, error);
	}
	model_destroy(*m);
	*m = model_make(&config);
	(*m)->is_open = true;
	return MODEL_REPLAY_AGREES;
}

/* A page that is not HOST has a record and ENGINE is derived from the ranges,
 * so a model without steps may be given ranges one by one. */
static enum model_replay event_range(
	struct model *m, const struct moat_event *event, struct line *line)
{
	struct moat_config config = m->config;
	struct moat_range range = {event->in[0], event->in[1]};
	const char *error;

	if (!m->is_open) {
		return malformed(line, "a range after the first step");
	}
	if (event->kind == MOAT_EVENT_HIDE) {
		if (config.withheld_count < MOAT_RANGE_MAX) {
			config.withheld[config.withheld_count] = range;
		}
		config.withheld_count++;
	} else if (config.withheld_count != 0) {
		return malformed(line, "RAM after a withheld range");
	} else {
		if (config.ram_count < MOAT_RANGE_MAX) {
			config.ram[config.ram_count] = range;
		}
		config.ram_count++;
	}
	error = model_config_check_ranges(&config);
	if (error != NULL) {
		return malformed(line, error);
	}
	m->config = config;
	return MODEL_REPLAY_AGREES;
}

/* The order INIT, RAM, HIDE is part of the format: it has one way to say a
 * thing. */
static enum model_replay event_configure(
	struct model **m, const struct moat_event *event, struct line *line)
{
	if (event->cpu != 0 || event->action != 0) {
		return malformed(line, "a configuration has no CPU or action");
	}
	if (event->kind == MOAT_EVENT_INIT) {
		return event_init(m, event, line);
	}
	if (*m == NULL) {
		return malformed(line, "the trace does not begin with init");
	}
	return event_range(*m, event, line);
}

/* ---- CALL, ABORT, EXIT ------------------------------------------------- */

/* The trace has not what the host loaded, so what the engine measured is taken
 * for it; from then on the VM is told the same, or the traces differ. */
static void learn_measurement(struct model *m, const struct moat_event *event)
{
	struct model_vm *vm;

	if ((uint32_t)event->in[0] != MOAT_FUNCTION(MOAT_VM_SEAL) ||
		model_vm_refusal(m, event->in[1], MODEL_BUILDING) != MOAT_OK) {
		return;
	}
	vm = &m->vms[event->in[1]];
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		vm->measurement[i] = event->out[1 + i];
	}
}

/* x10..x13 are those of vcpu_run, and zero of the others, which do not read
 * them. */
static enum model_replay event_call(
	struct model *m, const struct moat_event *event, struct line *line)
{
	struct moat_regs regs = {{0}};
	struct expectation expected = {0};

	for (uint32_t i = 0; i < RUN_IN; i++) {
		regs.x[i] = event->in[i];
	}
	learn_measurement(m, event);
	expected.action = model_host_call(m, event->cpu, &regs);
	if (expected.action == MOAT_HOST_RESUME) {
		expect_registers(&expected, regs.x, MODEL_REGISTER_COUNT);
	}
	return compare(line, event, &expected);
}

/* Only the decision is compared: an abort has no results. */
static enum model_replay event_abort(
	struct model *m, const struct moat_event *event, struct line *line)
{
	struct moat_ipa ipa = {event->in[0]};
	struct expectation expected = {0};

	expected.action = model_host_abort(m, event->cpu, ipa);
	return compare(line, event, &expected);
}

/* A word of the trace is wider than a field of a trap: what does not fit is
 * as far out of range as the greatest that does. */
static uint32_t narrow(uint64_t word)
{
	return word > UINT32_MAX ? UINT32_MAX : (uint32_t)word;
}

/* The syndrome is that of an abort: of a call, its registers stand there. */
static struct moat_trap trap_of(const struct moat_event *event)
{
	const uint64_t *in = event->in;
	struct moat_trap trap = {.kind = MOAT_TRAP_END,
		.access = MOAT_ACCESS_END,
		.ipa = {in[2]}};

	if (in[0] < MOAT_TRAP_END) {
		trap.kind = (enum moat_trap_kind)in[0];
	}
	if (in[1] < MOAT_ACCESS_END) {
		trap.access = (enum moat_access)in[1];
	}
	if (trap.kind == MOAT_TRAP_ABORT) {
		trap.has_syndrome = narrow(in[TRAP_IN]);
		trap.size = narrow(in[TRAP_IN + 1]);
		trap.register_index = narrow(in[TRAP_IN + 2]);
		trap.is_signed = narrow(in[TRAP_IN + 3]);
		trap.is_wide = narrow(in[TRAP_IN + 4]);
	}
	return trap;
}

/* Of an abort the trace shows the register of a store; and if the guest goes
 * on, x0.. as they are after the step, which an abort does not change. */
static void learn_abort_registers(uint64_t *guest,
	const struct moat_event *event, const struct moat_trap *trap)
{
	if (event->action == MOAT_GUEST_RESUME) {
		for (uint32_t i = 0; i < GUEST_OUT; i++) {
			guest[i] = event->out[i];
		}
	} else if (trap->register_index < 31) {
		guest[trap->register_index] = event->in[STORE_IN];
	}
}

/* What the guest computed is nothing the model could know, so its registers
 * are those of the trace. Traps that show none need none: no exit of theirs
 * does. */
static void learn_registers(struct model *m, const struct moat_event *event,
	const struct moat_trap *trap)
{
	uint64_t *guest = model_guest_registers(m, event->cpu);

	if (trap->kind == MOAT_TRAP_ABORT) {
		learn_abort_registers(guest, event, trap);
	}
	if (trap->kind == MOAT_TRAP_CALL) {
		for (uint32_t i = 0; i < MODEL_REGISTER_COUNT; i++) {
			guest[i] = event->in[TRAP_IN + i];
		}
	}
}

/* Nor what the guest and the GIC made of its list registers. If the event shows
 * bits that the model hides, the two differ. */
static void learn_hardware(struct model *m, const struct moat_event *event)
{
	struct model_hardware *hardware = model_guest_hardware(m, event->cpu);

	hardware->deadline = event->in[DEADLINE_IN];
	hardware->maintenance = event->in[MAINTENANCE_IN];
	if (event->action == MOAT_HOST_RETURN) {
		for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
			hardware->list_register[i] =
				event->out[MODEL_LIST_REGISTER + i];
		}
	}
}

/* GUEST_RESUME leaves the model's vCPU in place, so the guest's registers can
 * be read after the step. */
static enum model_replay event_exit(
	struct model *m, const struct moat_event *event, struct line *line)
{
	struct moat_trap trap = trap_of(event);
	const uint64_t *guest = model_guest_registers(m, event->cpu);
	struct moat_regs regs = {{0}};
	struct expectation expected = {0};

	learn_registers(m, event, &trap);
	learn_hardware(m, event);
	expected.action = model_guest_exit(m, event->cpu, &trap, &regs);
	if (expected.action == MOAT_GUEST_RESUME) {
		expect_registers(&expected, guest, GUEST_OUT);
	} else {
		expect_registers(&expected, regs.x, MODEL_RUN_COUNT);
	}
	return compare(line, event, &expected);
}

/* An engine that runs a vCPU where the model's host runs, or the other way
 * round, went wrong: a step earlier, or in what it believes runs here. */
static enum model_replay wrong_agent(
	struct model_cpu cpu, const struct moat_event *event, struct line *line)
{
	line_begin(line, event);
	if (cpu.is_guest) {
		line_add(line,
			": but in the model vCPU %" PRIu32 " of VM %" PRIu32
			" runs there",
			cpu.vcpu, cpu.vm);
	} else {
		line_add(line, ": but in the model the host runs there");
	}
	return MODEL_REPLAY_DIFFERS;
}

/* The checks make sure that the model is not misused, whatever the trace says:
 * a file from outside must never end the process. */
static enum model_replay event_step(
	struct model *m, const struct moat_event *event, struct line *line)
{
	const char *error = model_config_check(&m->config);
	struct model_cpu cpu;

	if (error != NULL) {
		return malformed(line, error);
	}
	if (event->cpu >= m->config.cpu_count) {
		return malformed(line, "there is no such CPU");
	}
	m->is_open = false;
	cpu = model_cpu_at(m, event->cpu);
	if ((cpu.is_guest != 0) != (event->kind == MOAT_EVENT_EXIT)) {
		return wrong_agent(cpu, event, line);
	}
	if (event->kind == MOAT_EVENT_CALL) {
		return event_call(m, event, line);
	}
	if (event->kind == MOAT_EVENT_ABORT) {
		return event_abort(m, event, line);
	}
	return event_exit(m, event, line);
}

/* INIT, RAM and HIDE come first in the list of kinds: they configure, and the
 * others are steps. */
enum model_replay model_event(struct model **m, const struct moat_event *event,
	char *difference, size_t size)
{
	struct line line = {.text = difference, .size = size};

	if (size != 0) {
		difference[0] = '\0';
	}
	if (event->kind >= MOAT_EVENT_KIND_COUNT) {
		return malformed(&line, "there is no such kind of event");
	}
	if (event->kind <= MOAT_EVENT_HIDE) {
		return event_configure(m, event, &line);
	}
	if (*m == NULL) {
		return malformed(&line, "the trace does not begin with init");
	}
	return event_step(*m, event, &line);
}
