/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/show.h"

#include <inttypes.h>
#include <string.h>

#include "lockstep/history.h"

enum {
	LINE_BYTES = 4096,
	EXIT_DIFFERENCE = 1,
	EXIT_MALFORMED = 2,
	/* Of the picture, in its units. */
	LEFT = 190,
	TOP = 120,
	STEP = 26,
	ROW = 18,
	LETTER = 7
};

/* ---- Colours and words --------------------------------------------------- */

static const char *page_colour(uint32_t state)
{
	static const char *const colours[] = {"#ffffff", "#b7e1a1", "#8fb8f0",
		"#b5e8e8", "#f5c99a", "#d3b5ec", "#888888"};

	return colours[state % MOAT_PAGE_STATE_COUNT];
}

static const char *life_colour(uint32_t life)
{
	static const char *const colours[] = {
		"#ffffff", "#f4eab0", "#a7d3a7", "#d9a0a0"};

	return colours[life % MOAT_VM_LIFE_COUNT];
}

/* What stands in a span: state, whose, and where or which. */
static void span_text(
	const struct row *row, const struct span *span, char *text, size_t size)
{
	if (row->is_vm) {
		snprintf(text, size, "%s", model_vm_life_name(span->state));
	} else if (span->state == MOAT_PAGE_VCPU) {
		snprintf(text, size, "VCPU %" PRIu64 " of VM %" PRIu32,
			span->ipa, span->vm);
	} else {
		snprintf(text, size, "%s of VM %" PRIu32 " at 0x%" PRIx64,
			model_page_state_name(span->state), span->vm,
			span->ipa);
	}
}

static void row_text(const struct row *row, char *text, size_t size)
{
	if (row->is_vm) {
		snprintf(text, size, "VM %" PRIu64, row->at);
	} else if (row->pages == 1) {
		snprintf(text, size, "0x%" PRIx64, row->at);
	} else {
		snprintf(text, size, "0x%" PRIx64 ", %" PRIu64 " pages",
			row->at, row->pages);
	}
}

/* ---- Drawing ------------------------------------------------------------- */

static void draw_span(FILE *svg, const struct history *history,
	const struct row *row, const struct span *span, size_t y)
{
	size_t end =
		span->to == HISTORY_OPEN ? history->column_count : span->to;
	size_t width = (end - span->from) * STEP;
	char text[96];

	span_text(row, span, text, sizeof(text));
	fprintf(svg,
		"<g><title>%s</title><rect x=\"%zu\" y=\"%zu\" width=\"%zu\" "
		"height=\"%d\" fill=\"%s\" stroke=\"#555\"/>",
		text, (size_t)LEFT + span->from * STEP, y, width, ROW - 2,
		row->is_vm ? life_colour(span->state)
			   : page_colour(span->state));
	if (strlen(text) * LETTER < width) {
		fprintf(svg, "<text x=\"%zu\" y=\"%zu\">%s</text>",
			(size_t)LEFT + span->from * STEP + 4, y + ROW - 6,
			text);
	}
	fputs("</g>\n", svg);
}

static void draw_rows(FILE *svg, const struct history *history)
{
	for (size_t i = 0; i < history->row_count; i++) {
		const struct row *row = &history->row[i];
		size_t y = TOP + i * ROW;
		char text[64];

		row_text(row, text, sizeof(text));
		fprintf(svg, "<text x=\"4\" y=\"%zu\">%s</text>\n", y + ROW - 6,
			text);
		for (size_t j = 0; j < row->count; j++) {
			draw_span(svg, history, row, &row->span[j], y);
		}
	}
}

/* Each step stands above the line where what it changed begins. */
static void draw_columns(FILE *svg, const struct history *history)
{
	for (size_t i = 0; i < history->column_count; i++) {
		const struct column *column = &history->column[i];
		size_t x = LEFT + i * STEP;

		fprintf(svg,
			"<line x1=\"%zu\" y1=\"%d\" x2=\"%zu\" y2=\"%zu\" "
			"stroke=\"#ddd\"/>\n"
			"<text transform=\"translate(%zu %d) rotate(-60)\">"
			"%" PRIu64 " %s</text>\n",
			x, TOP - 4, x, TOP + history->row_count * ROW, x + 8,
			TOP - 6, column->sequence, column->name);
	}
}

static void draw(FILE *svg, const struct history *history, const char *name)
{
	size_t width = LEFT + history->column_count * STEP + 40;
	size_t height = TOP + history->row_count * ROW + 10;

	fprintf(svg,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
		"height=\"%zu\" font-family=\"monospace\" "
		"font-size=\"11\">\n<title>",
		width, height);
	for (; *name; name++) {
		fputs(*name == '<' || *name == '&' ? "?" : "", svg);
		if (*name != '<' && *name != '&') {
			fputc(*name, svg);
		}
	}
	fputs("</title>\n", svg);
	draw_columns(svg, history);
	draw_rows(svg, history);
	fputs("</svg>\n", svg);
}

/* ---- Steps --------------------------------------------------------------- */

static const char *event_name(const struct moat_event *event)
{
	switch ((enum moat_event_kind)event->kind) {
	case MOAT_EVENT_CALL:
		return model_host_call_name(event->in[0]);
	case MOAT_EVENT_EXIT:
		return event->in[0] == MOAT_TRAP_CALL
			       ? model_guest_call_name(event->in[3])
			       : model_trap_name(event->in[0]);
	case MOAT_EVENT_ABORT:
		return "abort";
	case MOAT_EVENT_INIT:
	case MOAT_EVENT_RAM:
	case MOAT_EVENT_HIDE:
	case MOAT_EVENT_KIND_COUNT:
	default:
		return "start";
	}
}

/* One trace while it is read. */
struct showing {
	const char *name;
	struct history history;
	struct model *model;
	uint64_t line;
	uint64_t events;
};

static int show_event(struct showing *showing, const struct moat_event *event,
	uint64_t sequence)
{
	const struct column column = {sequence, event_name(event), event->cpu};
	char difference[MODEL_DIFFERENCE_TEXT];

	switch (model_event(
		&showing->model, event, difference, sizeof(difference))) {
	case MODEL_REPLAY_AGREES:
		break;
	case MODEL_REPLAY_MALFORMED:
	case MODEL_REPLAY_DIFFERS:
	default:
		fprintf(stderr, "%s:%" PRIu64 ": %s\n", showing->name,
			showing->line, difference);
		return EXIT_DIFFERENCE;
	}
	showing->events++;
	history_note(&showing->history, showing->model, &column);
	return 0;
}

static int show_line(struct showing *showing, const char *line)
{
	struct model_parse_error error;
	struct moat_event event;
	uint64_t sequence;

	showing->line++;
	switch (model_event_parse(line, &event, &sequence, &error)) {
	case MODEL_PARSE_EVENT:
		return show_event(showing, &event, sequence);
	case MODEL_PARSE_MALFORMED:
		fprintf(stderr, "%s:%" PRIu64 ":%zu: %s\n", showing->name,
			showing->line, error.column, error.reason);
		return EXIT_MALFORMED;
	case MODEL_PARSE_OTHER:
	default:
		return 0;
	}
}

int show(FILE *file, const char *name, FILE *svg)
{
	struct showing showing = {.name = name};
	char line[LINE_BYTES];
	int status = 0;

	while (status == 0 && fgets(line, sizeof(line), file)) {
		status = show_line(&showing, line);
	}
	if (showing.events == 0 && status == 0) {
		fprintf(stderr, "%s: no event of a trace\n", name);
		status = EXIT_MALFORMED;
	}
	if (showing.events > 0) {
		history_settle(&showing.history);
		draw(svg, &showing.history, name);
	}
	history_free(&showing.history);
	model_destroy(showing.model);
	return status;
}
