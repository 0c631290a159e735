/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutation that knows the grammar: half of the time some operations, drawn from
 * the state of the model at some place in the input, go in between there. So a
 * campaign gets past the long row of calls that a running vCPU takes, and
 * coverage decides what is kept. libFuzzer only; AFL++ mutates bytes.
 */
#include <string.h>

#include "lockstep/corpus.h"
#include "lockstep/generate.h"
#include "lockstep/side.h"

size_t LLVMFuzzerCustomMutator(
	uint8_t *bytes, size_t size, size_t limit, unsigned int seed);

/* libFuzzer's own mutation; other drivers have none, and never call us. */
__attribute__((weak)) size_t LLVMFuzzerMutate(
	uint8_t *bytes, size_t size, size_t limit);

enum { DRAWN_MAX = 8 };

/* Where each operation of an input begins, and where the last one ends. */
struct cuts {
	size_t at[CORPUS_OPS_MAX + 1];
	size_t count;
};

static struct cuts find_cuts(const uint8_t *bytes, size_t size)
{
	struct cuts cuts = {.count = 0};
	size_t used = 1;

	while (used < size && cuts.count < CORPUS_OPS_MAX) {
		struct op op;

		cuts.at[cuts.count++] = used;
		used += op_from_bytes(&op, bytes + used, size - used);
	}
	cuts.at[cuts.count] = used;
	return cuts;
}

/* The model behind the operations before @end. */
static struct model *model_behind(const uint8_t *bytes, size_t end)
{
	struct moat_config config = shape_make(bytes[0]);
	struct model *model = model_create(&config);
	size_t used = 1;

	while (model && used < end) {
		struct outcome ignored;
		struct op op;

		used += op_from_bytes(&op, bytes + used, end - used);
		side_model(model, &op, &ignored);
	}
	return model;
}

/* Operations that follow each other, from @model's state on, in @drawn. */
static size_t draw(struct model *model, struct random *random,
	uint8_t drawn[DRAWN_MAX * OP_BYTES])
{
	uint64_t count = 1 + random_below(random, DRAWN_MAX);
	size_t size = 0;

	for (uint64_t i = 0; model && i < count; i++) {
		struct outcome ignored;
		struct op op;

		generate_op(model, random, &op);
		side_model(model, &op, &ignored);
		size += op_to_bytes(&op, drawn + size);
	}
	return size;
}

size_t LLVMFuzzerCustomMutator(
	uint8_t *bytes, size_t size, size_t limit, unsigned int seed)
{
	struct random random = {seed};
	uint8_t drawn[DRAWN_MAX * OP_BYTES];
	struct model *model;
	struct cuts cuts;
	size_t at;
	size_t length;

	if (size < 1 || random_once_in(&random, 2)) {
		return LLVMFuzzerMutate(bytes, size, limit);
	}
	/* Mostly at the end, where the state goes on. */
	cuts = find_cuts(bytes, size);
	at = cuts.at[random_once_in(&random, 2)
			     ? cuts.count
			     : random_below(&random, cuts.count + 1)];
	model = model_behind(bytes, at);
	length = draw(model, &random, drawn);
	model_destroy(model);
	if (size + length > limit) {
		return LLVMFuzzerMutate(bytes, size, limit);
	}
	memmove(bytes + at + length, bytes + at, size - at);
	memcpy(bytes + at, drawn, length);
	return size + length;
}
