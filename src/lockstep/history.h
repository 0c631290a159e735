/* SPDX-License-Identifier: BSD-2-Clause */
/* Who owned which page, and how VMs lived, as the steps of a model show it. */
#ifndef MOAT_LOCKSTEP_HISTORY_H
#define MOAT_LOCKSTEP_HISTORY_H

#include <stddef.h>

#include "model/model.h"

#define HISTORY_OPEN UINT32_MAX

/* What something was, from column @from to the one before column @to. */
struct span {
	uint32_t from;
	uint32_t to; /* HISTORY_OPEN: to the end */
	uint32_t state; /* enum moat_page_state, or enum moat_vm_life */
	uint32_t vm;
	uint64_t ipa;
};

/* A VM, or pages that follow each other and have one history. */
struct row {
	bool is_vm;
	bool is_seen; /* in the step that is being taken note of */
	uint64_t at; /* number of the VM, or PA */
	uint64_t pages;
	struct span *span;
	size_t count;
	size_t capacity;
};

/* A step that changed something. */
struct column {
	uint64_t sequence;
	const char *name;
	uint32_t cpu;
};

struct history {
	struct row *row;
	size_t row_count;
	size_t row_capacity;
	struct column *column;
	size_t column_count;
	size_t column_capacity;
};

/* Take note of what @m is after the step @column. */
void history_note(struct history *history, const struct model *m,
	const struct column *column);

/* In order: VMs, then pages; those with one history become one row. */
void history_settle(struct history *history);

void history_free(struct history *history);

#endif
