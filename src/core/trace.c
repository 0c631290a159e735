/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The port lends the memory of an event, or says that it wants none: a build
 * without a trace pays for one call a step. The text is made here, so that
 * every port writes the same, and with nothing of a C library.
 */
#include "core/trace.h"

#include "moat/port.h"

static void trace_words(
	enum moat_event_kind kind, const uint64_t *word, uint32_t count)
{
	struct moat_event *event = moat_port_event_begin();

	if (event != NULL) {
		event->kind = kind;
		for (uint32_t i = 0; i < count; i++) {
			event->in[i] = word[i];
		}
		moat_port_event_end(event);
	}
}

static void trace_range(enum moat_event_kind kind, struct moat_range range)
{
	const uint64_t words[2] = {range.base, range.size};

	trace_words(kind, words, 2);
}

void trace_config(const struct moat *m)
{
	const struct moat_config *config = &m->config;
	const uint64_t words[5] = {config->cpu_count, config->vm_count,
		config->ipa_bits, config->host_ipa_bits,
		config->list_register_count};

	trace_words(MOAT_EVENT_INIT, words, 5);
	for (uint32_t i = 0; i < config->ram_count; i++) {
		trace_range(MOAT_EVENT_RAM, config->ram[i]);
	}
	for (uint32_t i = 0; i < config->withheld_count; i++) {
		trace_range(MOAT_EVENT_HIDE, config->withheld[i]);
	}
}

/* Words of a call that its event shows. */
static uint32_t call_words(const struct call *call)
{
	return call->number == MOAT_VCPU_RUN ? CALL_WORDS
					     : MOAT_RESULT_COUNT + 1;
}

void trace_call_event(const struct call *call, struct moat_event *event)
{
	event->kind = MOAT_EVENT_CALL;
	event->cpu = call->cpu;
	event->action = call->action;
	for (uint32_t i = 0; i < call_words(call); i++) {
		event->in[i] = call->x[i];
	}
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		event->out[i] = call->result[i];
	}
	moat_port_event_end(event);
}

void trace_constant_event(struct moat_event *event, uint32_t cpu,
	const struct moat_regs *regs, uint64_t x0, uint64_t x1)
{
	event->kind = MOAT_EVENT_CALL;
	event->cpu = cpu;
	event->action = MOAT_HOST_RESUME;
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		event->in[i] = regs->x[i];
	}
	event->out[0] = x0;
	event->out[1] = x1;
	moat_port_event_end(event);
}

void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa)
{
	struct moat_event *event = moat_port_event_begin();

	if (event != NULL) {
		event->kind = MOAT_EVENT_ABORT;
		event->cpu = cpu;
		event->action = action;
		event->in[0] = ipa;
		moat_port_event_end(event);
	}
}

/* An abort: the rest of struct moat_trap, and what a store would write. */
static void exit_access(struct moat_event *event, const struct moat_trap *trap,
	const struct moat_context *context)
{
	event->in[3] = trap->has_syndrome;
	event->in[4] = trap->size;
	event->in[5] = trap->register_index;
	event->in[6] = trap->is_signed;
	event->in[7] = trap->is_wide;
	if (trap->has_syndrome && trap->register_index < 31) {
		event->in[8] = context->x[trap->register_index];
	}
}

/* The step leaves all of this as it was, but the registers of a call. */
static void exit_in(struct moat_event *event, const struct moat_trap *trap,
	const struct trace_before *before, const struct moat_context *context)
{
	event->in[0] = trap->kind;
	event->in[1] = trap->access;
	event->in[2] = trap->ipa.value;
	if (trap->kind == MOAT_TRAP_CALL) {
		for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
			event->in[3 + i] = before->x[i];
		}
	} else if (trap->kind == MOAT_TRAP_ABORT) {
		exit_access(event, trap, context);
	}
	event->in[13] = context->deadline;
	event->in[14] = context->maintenance;
}

void trace_exit_event(struct moat_event *event, const struct trace_step *exit,
	const struct moat_trap *trap, const struct moat_context *context)
{
	bool is_return = exit->action == MOAT_HOST_RETURN;
	uint32_t count = is_return ? MOAT_RUN_RESULT_COUNT + 1 : 5;
	const uint64_t *out = is_return ? exit->regs->x : context->x;

	event->kind = MOAT_EVENT_EXIT;
	event->cpu = exit->cpu;
	event->action = exit->action;
	exit_in(event, trap, &exit->before, context);
	for (uint32_t i = 0; i < count; i++) {
		event->out[i] = out[i];
	}
	moat_port_event_end(event);
}

/* ---- Text -------------------------------------------------------------- */

static const char kind_name[MOAT_EVENT_KIND_COUNT][6] = {
	"init", "ram", "hide", "call", "abort", "exit"};

/* Text under construction; always terminated, cut at MOAT_EVENT_TEXT. */
struct text {
	char *at;
	size_t length;
};

static void text_char(struct text *text, char c)
{
	if (text->length + 1 < MOAT_EVENT_TEXT) {
		text->at[text->length] = c;
		text->length++;
		text->at[text->length] = 0;
	}
}

static void text_string(struct text *text, const char *string)
{
	for (size_t i = 0; i < MOAT_EVENT_TEXT && string[i] != 0; i++) {
		text_char(text, string[i]);
	}
}

/* A space and a number, hexadecimal, without leading zeroes. */
static void text_number(struct text *text, uint64_t value)
{
	static const char digit[] = "0123456789abcdef";
	uint64_t unit = 1;

	while (value / unit >= 16) {
		unit *= 16;
	}
	text_char(text, ' ');
	while (unit > 0) {
		text_char(text, digit[value / unit % 16]);
		unit /= 16;
	}
}

/* The words up to the last one that is not zero. */
static void text_words(struct text *text, const uint64_t *word, size_t count)
{
	while (count > 0 && word[count - 1] == 0) {
		count--;
	}
	for (size_t i = 0; i < count; i++) {
		text_number(text, word[i]);
	}
}

size_t moat_event_format(
	const struct moat_event *event, uint64_t sequence, char *text)
{
	struct text line = {text, 0};

	text_string(&line, "moat");
	text_number(&line, sequence);
	text_char(&line, ' ');
	if (event->kind < MOAT_EVENT_KIND_COUNT) {
		text_string(&line, kind_name[event->kind]);
	}
	text_number(&line, event->cpu);
	text_words(&line, event->in, MOAT_EVENT_IN);
	text_string(&line, " >");
	text_number(&line, event->action);
	text_words(&line, event->out, MOAT_EVENT_OUT);
	return line.length;
}
