/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operands of TLBI IPAS2E1IS and RIPAS2E1IS (Arm ARM C5.5), worked out by
 * hand for each granule.
 */
#include "arch-aarch64/tlbi.h"

#include <criterion/criterion.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* { page bits, IPA, level, operand }: the address is IPA / 4 KiB whatever the
 * granule; TTL is 01, 10, 11 for 4, 16, 64 KiB, then the level. */
static const struct {
	uint32_t page_bits;
	uint64_t ipa;
	uint32_t level;
	uint64_t operand;
} entries[] = {
	{12, 0, TLBI_ANY_LEVEL, 0},
	{12, 0x40003000, TLBI_ANY_LEVEL, 0x40003},
	{12, 0x40003000, 3, 0x0000700000040003},
	{12, 0x40200000, 2, 0x0000600000040200},
	{12, 0x40000000, 1, 0x0000500000040000},
	{12, 0xfffffffff000, 3, 0x0000700fffffffff},
	{14, 0x40004000, TLBI_ANY_LEVEL, 0x40004},
	{14, 0x40004000, 3, 0x0000b00000040004},
	{14, 0x42000000, 2, 0x0000a00000042000},
	{16, 0x40010000, TLBI_ANY_LEVEL, 0x40010},
	{16, 0x40010000, 3, 0x0000f00000040010},
	{16, 0x60000000, 2, 0x0000e00000060000},
};

Test(tlbi, an_entry_has_its_address_and_hint)
{
	for (size_t i = 0; i < LENGTH(entries); i++) {
		struct tlbi_target target = {.ipa = entries[i].ipa,
			.page_count = 1,
			.level = entries[i].level,
			.page_bits = entries[i].page_bits};

		cr_expect_eq(tlbi_entry(&target), entries[i].operand,
			"row %zu: %llx", i,
			(unsigned long long)tlbi_entry(&target));
	}
}

/* { page bits, IPA, pages, level, operand }: TG, SCALE, NUM, TTL, and the
 * address in pages of the granule. */
static const struct {
	uint32_t page_bits;
	uint64_t ipa;
	uint64_t pages;
	uint32_t level;
	uint64_t operand;
} ranges[] = {
	/* Scale 0: 2, 4, ... 64 pages. */
	{12, 0x40003000, 2, TLBI_ANY_LEVEL, 0x0000400000040003},
	{12, 0x40003000, 2, 3, 0x0000406000040003},
	{12, 0x40003000, 3, 3, 0x000040e000040003},
	{12, 0x40003000, 4, 3, 0x000040e000040003},
	{12, 0x40003000, 63, 3, 0x00004fe000040003},
	{12, 0x40003000, 64, 3, 0x00004fe000040003},
	/* Scale 1: 64, 128, ... 2048 pages. */
	{12, 0x40003000, 65, 3, 0x000050e000040003},
	{12, 0x40000000, 512, TLBI_ANY_LEVEL, 0x0000538000040000},
	{12, 0x40000000, 2048, 3, 0x00005fe000040000},
	{14, 0x40004000, 2048, 3, 0x00009fe000010001},
	/* Scale 2: 2048, 4096, ... 65536 pages. */
	{14, 0x40004000, 2049, 3, 0x0000a0e000010001},
	{16, 0x40010000, 8192, TLBI_ANY_LEVEL, 0x0000e18000004001},
	{16, 0x60000000, 16384, 2, 0x0000e3c000006000},
	{16, 0xffffffff0000, 65536, 3, 0x0000efe0ffffffff},
};

Test(tlbi, a_range_has_its_scale_and_number)
{
	for (size_t i = 0; i < LENGTH(ranges); i++) {
		struct tlbi_target target = {.ipa = ranges[i].ipa,
			.page_count = ranges[i].pages,
			.level = ranges[i].level,
			.page_bits = ranges[i].page_bits};

		cr_expect_eq(tlbi_range(&target), ranges[i].operand,
			"row %zu: %llx", i,
			(unsigned long long)tlbi_range(&target));
	}
}

/* Whatever the count: all of it, and less than as much again. */
Test(tlbi, a_range_covers_its_pages)
{
	for (uint64_t pages = 2; pages <= 65536; pages++) {
		struct tlbi_target target = {
			.ipa = 0, .page_count = pages, .page_bits = 12};
		uint64_t operand = tlbi_range(&target);
		uint64_t scale = operand >> 44 & 3;
		uint64_t covered = ((operand >> 39 & 31) + 1)
				   << (5 * scale + 1);

		cr_assert(covered >= pages && covered < 2 * pages,
			"%llu pages: %llu", (unsigned long long)pages,
			(unsigned long long)covered);
	}
}

/* { ID_AA64ISAR0_EL1, ID_AA64MMFR2_EL1 }: of a CPU of Armv8.0, of Armv8.2, of
 * one with both; one field alone; none, their neighbours all ones. */
static const struct {
	uint64_t isar0, mmfr2;
	bool has_hints, has_ranges;
} cpus[] = {
	{0x0000000000011120, 0x0000000000000000, false, false},
	{0x0000100010211120, 0x0000000000001011, false, false},
	{0x0221100110212120, 0x1221011112001011, true, true},
	{0x0100000000000000, 0x0001000000000000, true, false},
	{0x0200000000000000, 0x0000000000000000, false, true},
	{0xf0ffffffffffffff, 0xfff0ffffffffffff, false, false},
};

Test(tlbi, the_id_registers_say_what_there_is)
{
	for (size_t i = 0; i < LENGTH(cpus); i++) {
		struct tlbi_features features =
			tlbi_features(cpus[i].isar0, cpus[i].mmfr2);

		cr_expect_eq(features.has_hints, cpus[i].has_hints, "%zu", i);
		cr_expect_eq(features.has_ranges, cpus[i].has_ranges, "%zu", i);
	}
}
