/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may flow: the definition.
 *
 * An observer is the host, with all its CPUs, or one VM, with all its vCPUs.
 * Its view of a state is all that it may know of it; the record of a step that
 * another agent takes is all that it may learn by that step. Confidentiality is
 * then, for each observer:
 *
 * - two states with equal views, and one step of the observer's own: the views
 *   are equal again, and so are the answers, refusals included [CALL-2];
 * - a step of another agent that has no record for the observer leaves its view
 *   as it was;
 * - two states with equal views, and steps of others with equal records: the
 *   views are equal again.
 *
 * So whatever a view or a record below names is public to that observer, and
 * nothing else is. A line added here is a flow permitted, and is to be reviewed
 * as such. Never in the view of a VM: a physical address, another VM, the CPU
 * that it runs on.
 */
#ifndef MOAT_MODEL_VIEW_H
#define MOAT_MODEL_VIEW_H

#include "model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A list of words; two views are equal if their words are. Starts as zero. */
struct model_view {
	uint64_t *word;
	size_t count;
	size_t capacity;
};

void model_view_free(struct model_view *view);
bool model_view_is_equal(
	const struct model_view *a, const struct model_view *b);

/* The view of the host, or of VM @vm: @view is replaced. */
void model_view_host(const struct model *m, struct model_view *view);
void model_view_vm(const struct model *m, uint32_t vm, struct model_view *view);

/* What an agent did, in terms that the other agents may be told of. */
enum model_deed_kind {
	MODEL_DEED_CALL, /* the host called: x, x0 of the answer */
	MODEL_DEED_EXIT, /* a vCPU trapped, and its run ended: answer */
	MODEL_DEED_STORE, /* the host or a vCPU wrote @value */
	MODEL_DEED_OTHER /* it looked, or nothing came of it */
};

enum { MODEL_DEED_WORDS = 15 };

struct model_deed {
	enum model_deed_kind kind;
	uint64_t address; /* STORE: PA of the word */
	uint64_t value;
	uint64_t x[MODEL_DEED_WORDS]; /* CALL: x0..x13 that it passed */
	uint64_t answer[MODEL_DEED_WORDS]; /* x0..x14 of the host after it */
};

/**
 * The record that @deed, which led from @before to @after, has for the host, if
 * a vCPU did it; and for VM @vm, if another agent did it. Empty: none.
 */
void model_record_host(const struct model *before, const struct model *after,
	const struct model_deed *deed, struct model_view *record);
void model_record_vm(const struct model *before, const struct model *after,
	uint32_t vm, const struct model_deed *deed, struct model_view *record);

#ifdef __cplusplus
}
#endif

#endif
