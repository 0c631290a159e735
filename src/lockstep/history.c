/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/history.h"

#include <stdio.h>
#include <stdlib.h>

/* Room for one more of @size bytes behind @count; ends the process if there is
 * none. */
static void *grow(void *array, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity) {
		return array;
	}
	*capacity = *capacity * 2 + 16;
	array = realloc(array, *capacity * size);
	if (!array) {
		fprintf(stderr, "show: out of memory\n");
		abort();
	}
	return array;
}

static struct row *find(struct history *history, bool is_vm, uint64_t at)
{
	for (size_t i = 0; i < history->row_count; i++) {
		struct row *row = &history->row[i];

		if (row->is_vm == is_vm && row->at == at) {
			return row;
		}
	}
	return NULL;
}

static struct row *add_row(struct history *history, bool is_vm, uint64_t at)
{
	const struct row row = {.is_vm = is_vm, .at = at, .pages = 1};

	history->row = grow(history->row, history->row_count,
		&history->row_capacity, sizeof(row));
	history->row[history->row_count] = row;
	history->row_count++;
	return &history->row[history->row_count - 1];
}

/* The span that lasts until now, or NULL. */
static struct span *open_span(const struct row *row)
{
	struct span *last = row->count > 0 ? &row->span[row->count - 1] : NULL;

	return last && last->to == HISTORY_OPEN ? last : NULL;
}

static bool is_same(const struct span *a, const struct span *b)
{
	return a->state == b->state && a->vm == b->vm && a->ipa == b->ipa;
}

/* What @row is in the column that is being added: the spans meet there. */
static void note(
	const struct history *history, struct row *row, struct span now)
{
	struct span *last = open_span(row);

	row->is_seen = true;
	if (last && is_same(last, &now)) {
		return;
	}
	if (last) {
		last->to = (uint32_t)history->column_count;
	}
	row->span = grow(row->span, row->count, &row->capacity, sizeof(now));
	now.from = (uint32_t)history->column_count;
	now.to = HISTORY_OPEN;
	row->span[row->count] = now;
	row->count++;
}

static void note_pages(struct history *history, const struct model *m)
{
	for (size_t i = 0; i < model_page_count(m); i++) {
		struct moat_pa pa = model_page_pa(m, i);
		struct row *row = find(history, false, pa.value);
		struct model_page page;
		struct span now;

		if (!model_page_at(m, pa, &page)) {
			continue;
		}
		now = (struct span){.state = page.state,
			.vm = page.vm,
			.ipa = page.state == MOAT_PAGE_VCPU ? page.vcpu
							    : page.ipa};
		note(history, row ? row : add_row(history, false, pa.value),
			now);
	}
}

static void note_vms(struct history *history, const struct model *m)
{
	for (uint32_t v = 0; v < model_config(m)->vm_count; v++) {
		struct model_vm_info vm = model_vm_at(m, v);
		struct row *row = find(history, true, v);
		struct span now = {.state = vm.life, .vm = v};

		if (vm.life != MOAT_VM_EMPTY) {
			note(history, row ? row : add_row(history, true, v),
				now);
		}
	}
}

/* What was something before this step and is the host's, or EMPTY, now. */
static void close_unseen(struct history *history)
{
	for (size_t i = 0; i < history->row_count; i++) {
		struct span *last = open_span(&history->row[i]);

		if (last && !history->row[i].is_seen) {
			last->to = (uint32_t)history->column_count;
		}
	}
}

/* Whether a span begins or ends in the column that is being added. */
static bool has_changed(const struct history *history)
{
	for (size_t i = 0; i < history->row_count; i++) {
		const struct row *row = &history->row[i];
		const struct span *last = &row->span[row->count - 1];

		if (last->from == history->column_count ||
			last->to == history->column_count) {
			return true;
		}
	}
	return false;
}

void history_note(struct history *history, const struct model *m,
	const struct column *column)
{
	for (size_t i = 0; i < history->row_count; i++) {
		history->row[i].is_seen = false;
	}
	note_vms(history, m);
	note_pages(history, m);
	close_unseen(history);
	if (has_changed(history)) {
		history->column = grow(history->column, history->column_count,
			&history->column_capacity, sizeof(*column));
		history->column[history->column_count] = *column;
		history->column_count++;
	}
}

/* ---- Settle ------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
	const struct row *a = left;
	const struct row *b = right;

	if (a->is_vm != b->is_vm) {
		return a->is_vm ? -1 : 1;
	}
	return (a->at > b->at) - (a->at < b->at);
}

/* Whether @next goes on where @row ends, and always was what @row was. */
static bool continues(const struct row *row, const struct row *next)
{
	if (row->is_vm || next->is_vm || row->count != next->count ||
		next->at != row->at + row->pages * MOAT_PAGE_SIZE) {
		return false;
	}
	for (size_t i = 0; i < row->count; i++) {
		const struct span *a = &row->span[i];
		const struct span *b = &next->span[i];

		if (a->from != b->from || a->to != b->to ||
			a->state != b->state || a->vm != b->vm) {
			return false;
		}
	}
	return true;
}

void history_settle(struct history *history)
{
	size_t kept = 0;

	if (history->row_count > 0) {
		qsort(history->row, history->row_count, sizeof(*history->row),
			compare);
	}
	for (size_t i = 0; i < history->row_count; i++) {
		struct row *row = &history->row[i];

		if (kept > 0 && continues(&history->row[kept - 1], row)) {
			history->row[kept - 1].pages++;
			free(row->span);
		} else {
			history->row[kept] = *row;
			kept++;
		}
	}
	history->row_count = kept;
}

void history_free(struct history *history)
{
	for (size_t i = 0; i < history->row_count; i++) {
		free(history->row[i].span);
	}
	free(history->row);
	free(history->column);
}
