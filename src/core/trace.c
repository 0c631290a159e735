/* SPDX-License-Identifier: BSD-2-Clause */
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
			config->host_ipa_bits, config->list_register_count}};

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

	uint32_t words = call->number == MOAT_VCPU_RUN ? CALL_WORDS : 10;

	for (uint32_t i = 0; i < words; i++) {
		event.in[i] = call->x[i];
	}
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		event.out[i] = call->result[i];
	}
	moat_port_event(&event);
}

void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa)
{
	struct moat_event event = {.kind = MOAT_EVENT_ABORT,
		.cpu = cpu,
		.action = action,
		.in = {ipa}};

	moat_port_event(&event);
}

/* An abort: the rest of struct moat_trap, and what a store would write. */
static void trace_access(struct moat_event *event, const struct moat_trap *trap,
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

struct moat_event trace_exit_begin(uint32_t cpu, const struct moat_trap *trap,
	const struct moat_context *context)
{
	struct moat_event event = {.kind = MOAT_EVENT_EXIT,
		.cpu = cpu,
		.in = {trap->kind, trap->access, trap->ipa.value}};

	if (trap->kind == MOAT_TRAP_CALL) {
		for (uint32_t i = 0; i < 10; i++) {
			event.in[3 + i] = context->x[i];
		}
	} else if (trap->kind == MOAT_TRAP_ABORT) {
		trace_access(&event, trap, context);
	}
	event.in[13] = context->deadline;
	event.in[14] = context->maintenance;
	return event;
}

void trace_exit_end(struct moat_event *event, enum moat_action action,
	const struct moat_context *context, const struct moat_regs *regs)
{
	event->action = action;
	if (action == MOAT_HOST_RETURN) {
		for (uint32_t i = 0; i <= MOAT_RUN_RESULT_COUNT; i++) {
			event->out[i] = regs->x[i];
		}
	} else {
		for (uint32_t i = 0; i <= 4; i++) {
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
