/* SPDX-License-Identifier: BSD-2-Clause */
/* Configurations: which rule of the manual each breaks, or none. */
#include "world.h"

#include <criterion/criterion.h>

/* @config is refused for @reason (NULL: taken), by both who are asked. */
static void expect_config(const struct moat_config *config, const char *reason)
{
	const char *found = model_config_check(config);
	struct model *m = model_create(config);

	if (reason == NULL) {
		cr_assert_null(found, "%s", found);
		cr_assert_not_null(m);
	} else {
		cr_assert_not_null(found, "%s", reason);
		cr_assert_str_eq(found, reason);
		cr_assert_null(m);
	}
	model_destroy(m);
}

Test(config, each_number_has_its_limits)
{
	struct moat_config config = world_config();
	const struct {
		uint32_t *field;
		uint32_t low;
		uint32_t high;
		const char *reason;
	} rows[] = {
		{&config.cpu_count, 1, 64,
			"the number of CPUs is out of range"},
		{&config.vm_count, 1, 255,
			"the number of VM slots is out of range"},
		{&config.ipa_bits, 32, 44, "ipa_bits is out of range"},
		{&config.host_ipa_bits, 32, 48,
			"host_ipa_bits is out of range"},
		{&config.list_register_count, 0, 4,
			"the number of list registers is out of range"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t good = *rows[i].field;

		*rows[i].field = rows[i].low;
		expect_config(&config, NULL);
		*rows[i].field = rows[i].high;
		expect_config(&config, NULL);
		*rows[i].field = rows[i].high + 1;
		expect_config(&config, rows[i].reason);
		*rows[i].field = rows[i].low - 1;
		expect_config(&config, rows[i].reason);
		*rows[i].field = good;
	}
}

Test(config, ram_is_whole_regions_that_ascend_apart)
{
	const char *reason = "RAM does not ascend in whole regions";
	const struct {
		struct moat_range second; /* behind the RAM of the world */
		const char *reason;
	} rows[] = {
		{{0x41200000, 0x200000}, NULL},
		{{0xfffe00000, 0x200000}, NULL}, /* up to the very end */
		{{0xfffe00000, 0x400000}, reason},
		{{0x1000000000, 0x200000}, reason},
		{{0x41000000, 0x200000}, reason}, /* touches */
		{{0x40e00000, 0x400000}, reason},
		{{0x20000000, 0x200000}, reason},
		{{0x41201000, 0x200000}, reason},
		{{0x41200000, 0x1000}, reason},
		{{0x41200000, 0}, reason},
		{{0x41200000, ~(uint64_t)0x1fffff}, reason},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct moat_config config = world_config();

		config.ram_count = 2;
		config.ram[1] = rows[i].second;
		expect_config(&config, rows[i].reason);
	}
}

Test(config, withheld_ranges_are_whole_pages_that_ascend_apart)
{
	const char *reason = "withheld ranges do not ascend in whole pages";
	const struct {
		struct moat_range third; /* behind the two of the world */
		const char *reason;
	} rows[] = {
		{{0x40011000, 0x1000}, NULL},
		{{0xffffff000, 0x1000}, NULL},
		{{0x40010000, 0x1000}, reason},
		{{0x40011800, 0x1000}, reason},
		{{0x40011000, 0x800}, reason},
		{{0xffffff000, 0x2000}, reason},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct moat_config config = world_config();

		config.withheld_count = 3;
		config.withheld[2] = rows[i].third;
		expect_config(&config, rows[i].reason);
	}
}

Test(config, there_are_at_most_sixteen_ranges_and_some_ram)
{
	struct moat_config config = world_config();

	config.withheld_count = MOAT_RANGE_MAX;
	for (uint32_t i = 0; i < MOAT_RANGE_MAX; i++) {
		config.withheld[i] =
			(struct moat_range){0x10000 + i * 0x2000, 0x1000};
	}
	expect_config(&config, NULL);
	config.withheld_count = MOAT_RANGE_MAX + 1;
	expect_config(&config, "there are too many ranges");
	config.withheld_count = 0;
	config.ram_count = MOAT_RANGE_MAX + 1;
	expect_config(&config, "there are too many ranges");
	config.ram_count = 0;
	expect_config(&config, "there is no RAM");
}
