/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each step is one event, made of what went in and what came out. The text is
 * made here, so that every port writes the same, and with nothing of a C
 * library.
 */
#include "core/trace.h"

#include "moat/port.h"

static void trace_range(
	enum moat_event_kind kind, const struct moat_range *range)
{
	struct moat_event event = {
		.kind = kind, .in = {range->base, range->size}};

	moat_port_event(&event);
}

void trace_config(const struct moat *m)
{
	const struct moat_config *config = &m->config;
	struct moat_event event = {.kind = MOAT_EVENT_INIT,
		.in = {config->cpu_count, config->vm_count, config->ipa_bits,
			config->host_ipa_bits}};

	moat_port_event(&event);
	for (uint32_t i = 0; i < config->ram_count; i++) {
		trace_range(MOAT_EVENT_RAM, &config->ram[i]);
	}
	for (uint32_t i = 0; i < config->withheld_count; i++) {
		trace_range(MOAT_EVENT_HIDE, &config->withheld[i]);
	}
}

void trace_call(const struct call *call)
{
	struct moat_event event = {.kind = MOAT_EVENT_CALL,
		.cpu = call->cpu,
		.action = call->action};

	for (uint32_t i = 0; i <= MOAT_ARGUMENT_COUNT; i++) {
		event.in[i] = call->x[i];
	}
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		event.out[i] = call->result[i];
	}
	moat_port_event(&event);
}

/* An abort has no result but the action. */
void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa)
{
	struct moat_event event = {.kind = MOAT_EVENT_ABORT,
		.cpu = cpu,
		.action = action,
		.in = {ipa}};

	moat_port_event(&event);
}

struct moat_event trace_exit_begin(uint32_t cpu, const struct moat_trap *trap,
	const struct moat_context *context)
{
	struct moat_event event = {.kind = MOAT_EVENT_EXIT,
		.cpu = cpu,
		.in = {trap->kind, trap->access, trap->ipa.value}};

	if (trap->kind == MOAT_TRAP_CALL) {
		for (uint32_t i = 0; i <= MOAT_ARGUMENT_COUNT; i++) {
			event.in[3 + i] = context->x[i];
		}
	}
	return event;
}

void trace_exit_end(struct moat_event *event, enum moat_action action,
	const struct moat_context *context, const struct moat_regs *regs)
{
	event->action = action;
	if (action == MOAT_HOST_RETURN) {
		for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
			event->out[i] = regs->x[i];
		}
	} else {
		for (uint32_t i = 0; i <= 3; i++) {
			event->out[i] = context->x[i];
		}
	}
	moat_port_event(event);
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
