/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of port.h, for a CPU at EL2. */
#include "moat/port.h"

#include "arch-aarch64/console.h"
#include "arch-aarch64/cpu.h"
#include "arch-aarch64/exit.h"
#include "arch-aarch64/firmware.h"
#include "arch-aarch64/sha256.h"
#include "arch-aarch64/sysreg.h"
#include "arch-aarch64/tlbi.h"

enum {
	/* Beyond so many entries, forgetting the whole VMID is cheaper. */
	INVALIDATE_MAX = 64,
	EXIT_PANIC = 1, /* QEMU's exit status */
};

void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	__atomic_store_n(entry, descriptor, __ATOMIC_RELAXED);
}

void moat_port_publish(void)
{
	dsb_ishst();
	isb();
}

/*
 * TLBI by IPA acts on the current VMID. EL1 runs nothing meanwhile, so that
 * the foreign translation is used for no access. Returns what was before.
 */
static struct cpu_translation select_vmid(const struct moat_stage2 *stage2)
{
	struct cpu_translation before = cpu_translation_now();
	struct cpu_translation wanted = cpu_translation(stage2);

	if (wanted.vttbr != before.vttbr) {
		cpu_translation_load(&wanted);
	}
	return before;
}

static void restore_vmid(const struct cpu_translation *before)
{
	if (read_vttbr_el2() != before->vttbr) {
		cpu_translation_load(before);
	}
}

/* Pages that one entry of @level translates. */
static uint64_t entry_pages(uint32_t level)
{
	return UINT64_C(1) << MOAT_TABLE_BITS * (3 - level);
}

/*
 * A block that went is one entry, however large. Where a table went, CPUs may
 * hold entries of the pages below it, one by one.
 */
static uint64_t invalidation_step(const struct moat_invalidation *what)
{
	return what->is_table != 0 ? 1 : entry_pages(what->level);
}

static uint64_t entry_count(const struct moat_invalidation *what)
{
	uint64_t step = invalidation_step(what);

	return (what->page_count + step - 1) / step;
}

static struct tlbi_features features(void)
{
	return tlbi_features(read_id_aa64isar0_el1(), read_id_aa64mmfr2_el1());
}

/*
 * By range if the CPU can and there is more than one entry, else one by one.
 * Both forget what stage 2 cached at every level, but not stage 1 combined with
 * it (Arm ARM D8.13.5).
 */
static void invalidate_entries(
	const struct moat_invalidation *what, struct tlbi_features cpu)
{
	uint64_t step = invalidation_step(what) * MOAT_PAGE_SIZE;
	uint64_t end = what->ipa.value + what->page_count * MOAT_PAGE_SIZE;
	bool is_hinted = cpu.has_hints && what->is_table == 0;
	struct tlbi_target target = {.ipa = what->ipa.value,
		.page_count = what->page_count,
		.level = is_hinted ? what->level : TLBI_ANY_LEVEL,
		.page_bits = MOAT_PAGE_BITS};

	if (cpu.has_ranges && entry_count(what) > 1) {
		tlbi_ripas2e1is(tlbi_range(&target));
	} else {
		for (; target.ipa < end; target.ipa += step) {
			tlbi_ipas2e1is(tlbi_entry(&target));
		}
	}
	dsb_ish();
	tlbi_vmalle1is();
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	struct tlbi_features cpu = features();
	struct cpu_translation before;

	dsb_ishst();
	before = select_vmid(&what->stage2);
	if (what->page_count == 0 ||
		(!cpu.has_ranges && entry_count(what) > INVALIDATE_MAX)) {
		tlbi_vmalls12e1is();
	} else {
		invalidate_entries(what, cpu);
	}
	dsb_ish();
	isb();
	restore_vmid(&before);
}

/* CTR_EL0.DminLine and IminLine: log2 of the words in the smallest line. */
static uint64_t data_line(void)
{
	return UINT64_C(4) << (read_ctr_el0() >> 16 & 0xf);
}

static uint64_t instruction_line(void)
{
	return UINT64_C(4) << (read_ctr_el0() & 0xf);
}

/*
 * Instruction caches may still hold what the page's former owner ran there;
 * the next owner must not (Arm ARM B2.4.4).
 */
static void forget_instructions(uintptr_t start, size_t size)
{
	uint64_t line = instruction_line();

	dsb_ish();
	for (uintptr_t at = start; at < start + size; at += line) {
		ic_ivau(at);
	}
	dsb_ish();
	isb();
}

/* DCZID_EL0.BS: log2 of the words that DC ZVA zeroes. */
static uint64_t zero_block(void)
{
	return UINT64_C(4) << (read_dczid_el0() & 0xf);
}

static void zero(uintptr_t start, size_t size)
{
	uint64_t block = zero_block();

	for (uintptr_t at = start; at < start + size; at += block) {
		dc_zva(at);
	}
}

/* DCZID_EL0.DZP: DC ZVA is prohibited. */
static void zero_by_stores(uintptr_t start, size_t size)
{
	volatile uint64_t *word = (volatile uint64_t *)start;

	for (size_t i = 0; i < size / sizeof(*word); i++) {
		word[i] = 0;
	}
}

static void clean(uintptr_t start, size_t size)
{
	uint64_t line = data_line();

	for (uintptr_t at = start; at < start + size; at += line) {
		dc_cvac(at);
	}
}

/*
 * In one pass, where DC ZVA zeroes a line: it is cleaned while caches have it.
 * Of one address, both are done in program order (Arm ARM, "Ordering and
 * completion of data and instruction cache instructions").
 */
static void zero_and_clean(uintptr_t start, size_t size)
{
	uint64_t line = data_line();

	for (uintptr_t at = start; at < start + size; at += line) {
		dc_zva(at);
		dc_cvac(at);
	}
}

void moat_port_scrub(void *page, size_t size)
{
	uintptr_t start = (uintptr_t)page;

	if ((read_dczid_el0() & 1 << 4) != 0) {
		zero_by_stores(start, size);
		clean(start, size);
	} else if (zero_block() == data_line()) {
		zero_and_clean(start, size);
	} else {
		zero(start, size);
		clean(start, size);
	}
	dsb_sy();
	forget_instructions(start, size);
}

void moat_port_clean(void *page, size_t size)
{
	uintptr_t start = (uintptr_t)page;
	uint64_t line = data_line();

	for (uintptr_t at = start; at < start + size; at += line) {
		dc_civac(at);
	}
	dsb_sy();
	forget_instructions(start, size);
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	struct sha256 hash;

	sha256_begin(&hash);
	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		sha256_add_word(&hash, measurement[i]);
	}
	for (size_t i = 0; i < word_count; i++) {
		sha256_add_word(&hash, word[i]);
	}
	sha256_add(&hash, data, size);
	sha256_end(&hash);
	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		measurement[i] = (uint64_t)hash.state[2 * i] << 32 |
				 hash.state[2 * i + 1];
	}
}

void moat_port_wait(void)
{
	wfe();
}

/* The lock's release must be visible before the event (Arm ARM K13.3). */
void moat_port_wake(void)
{
	dsb_ishst();
	sev();
}

/* No lock: whoever holds the console's may be the one that panics. */
void moat_port_panic(const char *reason)
{
	struct line line = {0};

	line_text(&line, "moat: PANIC ");
	line_text(&line, reason);
	console_write_unlocked(line.text, line.length);
	firmware_exit(EXIT_PANIC);
}
