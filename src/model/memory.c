/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the agents see of memory, one aligned word at a time. Each access asks
 * the state as it is now: an engine on a real machine has to work for that, by
 * invalidating what CPUs have cached before it changes the owner of a page.
 */
#include "model/state.h"

#include <string.h>

/* What nobody wrote since the last scrub is zero. */
static uint64_t word_read(const struct model *m, uint64_t pa)
{
	const uint64_t *value = model_map_find(&m->words, pa);

	return value == NULL ? 0 : *value;
}

/* As a word is kept in memory: the least significant byte first. What has no
 * word is zero, and most of a page mostly has none. */
void model_page_bytes(
	const struct model *m, uint64_t pa, uint8_t bytes[MOAT_PAGE_SIZE])
{
	size_t first = model_map_range_count(&m->words, 0, pa);
	size_t count =
		model_map_range_count(&m->words, pa, pa + MOAT_PAGE_SIZE);

	memset(bytes, 0, MOAT_PAGE_SIZE);
	for (size_t i = first; i < first + count; i++) {
		const uint64_t *value = model_map_value(&m->words, i);
		uint64_t offset = model_map_key(&m->words, i) - pa;

		for (uint32_t byte = 0; byte < MODEL_WORD_SIZE; byte++) {
			bytes[offset + byte] = (uint8_t)(*value >> (8 * byte));
		}
	}
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

/* While a vCPU runs on a CPU, the host does not; it is then on the others. */
static enum model_access host_access(
	const struct model *m, uint32_t cpu, uint64_t pa)
{
	model_require(!model_cpu_at(m, cpu).is_guest, "a vCPU runs there");
	model_require(model_is_aligned(pa, MODEL_WORD_SIZE), "unaligned");
	return model_host_reaches(m, pa) ? MODEL_ACCESS_DONE
					 : MODEL_ACCESS_FAULT;
}

/* Device space has no words, so it reads as zero. */
enum model_access model_host_read(
	const struct model *m, uint32_t cpu, struct moat_pa pa, uint64_t *value)
{
	enum model_access access = host_access(m, cpu, pa.value);

	if (access == MODEL_ACCESS_DONE) {
		*value = word_read(m, pa.value);
	}
	return access;
}

/* What a device would do with it is not modelled: it stores nothing. */
enum model_access model_host_write(
	struct model *m, uint32_t cpu, struct moat_pa pa, uint64_t value)
{
	enum model_access access = host_access(m, cpu, pa.value);

	if (access == MODEL_ACCESS_DONE && model_is_ram(m, pa.value)) {
		word_write(m, pa.value, value);
	}
	return access;
}

/* The answer depends on the VM, the address and the access alone: not on the
 * vCPU, nor on the CPU, nor on anything that the host or another VM did to
 * pages that this VM does not map. That is what confidentiality and integrity
 * rest on. */
bool model_guest_permits(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, enum moat_access access)
{
	struct model_cpu current = model_cpu_at(m, cpu);

	model_require(current.is_guest, "the host runs there");
	return model_s2_permits(m, current.vm, ipa.value, access);
}

/* The word that the vCPU on @cpu may access, if it may. */
static enum model_access guest_access(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, enum moat_access access, struct moat_pa *pa)
{
	model_require(
		model_is_aligned(ipa.value, MODEL_WORD_SIZE), "unaligned");
	if (!model_guest_permits(m, cpu, ipa, access) ||
		!model_translate(m, model_cpu_at(m, cpu).vm, ipa, pa)) {
		return MODEL_ACCESS_FAULT;
	}
	return MODEL_ACCESS_DONE;
}

/* A VM reads what was loaded or lent, what it wrote, or zero. */
enum model_access model_guest_read(const struct model *m, uint32_t cpu,
	struct moat_ipa ipa, uint64_t *value)
{
	struct moat_pa pa;
	enum model_access access =
		guest_access(m, cpu, ipa, MOAT_ACCESS_READ, &pa);

	if (access == MODEL_ACCESS_DONE) {
		*value = word_read(m, pa.value);
	}
	return access;
}

/* What it writes to a page that is lent or shared, the host reads. */
enum model_access model_guest_write(
	struct model *m, uint32_t cpu, struct moat_ipa ipa, uint64_t value)
{
	struct moat_pa pa;
	enum model_access access =
		guest_access(m, cpu, ipa, MOAT_ACCESS_WRITE, &pa);

	if (access == MODEL_ACCESS_DONE) {
		word_write(m, pa.value, value);
	}
	return access;
}
