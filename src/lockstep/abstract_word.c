/* SPDX-License-Identifier: BSD-2-Clause */
/* What memory holds: every word of every page that an agent may read. */
#include <inttypes.h>

#include "lockstep/abstract.h"

enum { WORDS = MOAT_PAGE_SIZE / sizeof(uint64_t) };

/* The index of the model's first word at or behind @pa. */
static size_t first_word(const struct model *model, uint64_t pa)
{
	size_t low = 0;
	size_t high = model_word_count(model);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (model_word_at(model, middle).pa.value < pa) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* The engine keeps tables, contexts and its own data as it likes. */
static bool is_compared(const struct abstract *a, uint64_t pa)
{
	struct model_page page;

	return model_page_at(a->model, (struct moat_pa){pa}, &page) &&
	       page.state != MOAT_PAGE_TABLE && page.state != MOAT_PAGE_VCPU &&
	       page.state != MOAT_PAGE_ENGINE;
}

/* The model's words from one address on, one after another. */
struct words {
	const struct model *model;
	size_t index;
	struct model_word next; /* at UINT64_MAX behind the last one */
};

static void fetch(struct words *words)
{
	if (words->index < model_word_count(words->model)) {
		words->next = model_word_at(words->model, words->index);
	} else {
		words->next.pa.value = UINT64_MAX;
	}
}

/* The model's word at @pa; addresses ascend from call to call. */
static uint64_t take(struct words *words, uint64_t pa)
{
	uint64_t value = 0;

	if (words->next.pa.value == pa) {
		value = words->next.value;
		words->index++;
		fetch(words);
	}
	return value;
}

/* All words in one pass without a branch, which most pages need only. */
static bool is_zero(const uint64_t *word)
{
	uint64_t any = 0;

	for (uint32_t i = 0; i < WORDS; i++) {
		any |= word[i];
	}
	return any == 0;
}

/* A page that was written since the last look is; touched ones, in any case. */
static bool is_resident(const struct abstract *a, uint32_t page)
{
	return a->machine->is_touched[page] != 0 || a->is_resident[page] != 0;
}

static bool compare_each(struct abstract *a, const uint64_t *engine,
	uint64_t pa, struct words *words)
{
	for (uint32_t i = 0; i < WORDS; i++, pa += sizeof(uint64_t)) {
		uint64_t model = take(words, pa);

		if (engine[i] != model) {
			return abstract_differ(a,
				"memory 0x%" PRIx64 ": engine 0x%" PRIx64
				", model 0x%" PRIx64,
				pa, engine[i], model);
		}
	}
	return true;
}

bool abstract_compare_words(struct abstract *a, uint32_t page)
{
	uint64_t pa = a->pa[page];
	const void *bytes = a->machine->ram + (size_t)page * MOAT_PAGE_SIZE;
	struct words words = {.model = a->model};

	if (!is_compared(a, pa)) {
		return true;
	}
	words.index = first_word(a->model, pa);
	fetch(&words);
	/* No word of the model in this page: all zero, then. To read what has
	 * no memory would only give it some. */
	if (words.next.pa.value - pa >= MOAT_PAGE_SIZE &&
		(!is_resident(a, page) || is_zero(bytes))) {
		return true;
	}
	return compare_each(a, bytes, pa, &words);
}
