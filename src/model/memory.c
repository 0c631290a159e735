/* SPDX-License-Identifier: BSD-2-Clause */
/* What the agents see of memory, one aligned word at a time. */
#include "model/state.h"

static uint64_t word_read(const struct model *m, uint64_t pa)
{
	const uint64_t *value = model_map_find(&m->words, pa);

	return value == NULL ? 0 : *value;
}

/* Zero is the absence of a word, so that equal memories are equal maps. */
static void word_write(struct model *m, uint64_t pa, uint64_t value)
{
	if (value == 0) {
		model_map_range_remove(&m->words, pa, pa + 1);
	} else {
		model_map_put(&m->words, pa, &value);
	}
}

static enum model_access host_access(
	const struct model *m, uint32_t cpu, uint64_t pa)
{
	model_require(!model_cpu_at(m, cpu).is_guest, "a vCPU runs there");
	model_require(model_is_aligned(pa, MODEL_WORD_SIZE), "unaligned");
	return model_host_reaches(m, pa) ? MODEL_ACCESS_DONE
					 : MODEL_ACCESS_FAULT;
}

enum model_access model_host_read(
	const struct model *m, uint32_t cpu, struct moat_pa pa, uint64_t *value)
{
	enum model_access access = host_access(m, cpu, pa.value);

	if (access == MODEL_ACCESS_DONE) {
		*value = word_read(m, pa.value);
	}
	return access;
}

enum model_access model_host_write(
	struct model *m, uint32_t cpu, struct moat_pa pa, uint64_t value)
{
	enum model_access access = host_access(m, cpu, pa.value);

	if (access == MODEL_ACCESS_DONE && model_is_ram(m, pa.value)) {
		word_write(m, pa.value, value);
	}
	return access;
}

static enum model_access guest_access(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, struct moat_pa *pa)
{
	struct model_cpu current = model_cpu_at(m, cpu);

	model_require(current.is_guest, "the host runs there");
	model_require(
		model_is_aligned(ipa.value, MODEL_WORD_SIZE), "unaligned");
	return model_translate(m, current.vm, ipa, pa) ? MODEL_ACCESS_DONE
						       : MODEL_ACCESS_FAULT;
}

enum model_access model_guest_read(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, uint64_t *value)
{
	struct moat_pa pa;
	enum model_access access = guest_access(m, cpu, ipa, &pa);

	if (access == MODEL_ACCESS_DONE) {
		*value = word_read(m, pa.value);
	}
	return access;
}

enum model_access model_guest_write(
	struct model *m, uint32_t cpu, struct moat_ipa ipa, uint64_t value)
{
	struct moat_pa pa;
	enum model_access access = guest_access(m, cpu, ipa, &pa);

	if (access == MODEL_ACCESS_DONE) {
		word_write(m, pa.value, value);
	}
	return access;
}
