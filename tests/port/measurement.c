/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat_port_measure against digests that Python's hashlib computed. Sizes lie
 * around the block of SHA-256: 55 and 56 bytes of message are where the padding
 * needs a second block, 63 to 65 where the message does.
 */
#include "internal.h"
#include "moat/port.h"

struct example {
	uint64_t before[MOAT_MEASUREMENT_WORDS];
	uint64_t word[5];
	uint32_t word_count;
	uint32_t size;
	uint64_t after[MOAT_MEASUREMENT_WORDS];
};

static const struct example examples[] = {
	{{0}, {0}, 0, 0,
		{0x66687aadf862bd77, 0x6c8fc18b8e9f8e20, 0x089714856ee233b3,
			0x902a591d0d5f2925}},
	{{0}, {0, 32, 1}, 3, 0,
		{0xfede211301f831b8, 0xb45877b5ecf9ca49, 0xa7eaabf083a72c98,
			0x4b3025161db294f3}},
	{{1, 2, 3, 4}, {1, 0x40000000}, 2, 4096,
		{0x06c2152cc73cf132, 0x23b235b4fcc3a5da, 0xcd830bc880371b4c,
			0x0451eab979f53eb9}},
	{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
		{2, 7, 0x40080000, 0x123456789abcdef0, 1}, 5, 0,
		{0x9b4b8be6b49f58dc, 0x6065f6b548db6ace, 0xb1bb7abd43b75d19,
			0x291188f474e6cb4b}},
	{{0}, {0}, 0, 23,
		{0x1213ae3dc29ff8d7, 0x27a4fabe6440a7db, 0x61c28f93638aaa68,
			0xe190572778469054}},
	{{0}, {0}, 0, 24,
		{0xe62dc3e0c972fdf7, 0xe7021175c4679734, 0x30ddd761002cd5e0,
			0x81128a28e82e02fe}},
	{{0}, {5}, 1, 15,
		{0xfc61e1d15c5781bd, 0x45847d2c7110105d, 0xf9b63a854bc244cc,
			0xfd8747086b9f88c0}},
	{{0}, {5}, 1, 16,
		{0x4d93e04fcb0211d8, 0x206b0f7c1152d1c1, 0xff9ae45c972c5a5c,
			0xe5017852565a7103}},
	{{0}, {0}, 0, 31,
		{0x1f2e3746e6ae9a45, 0x62d77b3b906d77dd, 0xf79a05c1ca895f1d,
			0xa819f56e52af91ed}},
	{{0}, {0}, 0, 32,
		{0x67612ef1479934e2, 0xacd2f21c647f227f, 0xa93420c3bc4919ec,
			0x4288d09d73cedd46}},
	{{0}, {0}, 0, 33,
		{0x3473d42c060238eb, 0xf93a3394523bd2dc, 0x7cc88d8bd30f105f,
			0x3c2b1538214c4c47}},
};

/* The data of every example: a prefix of one page. */
static void fill_data(unsigned char *byte)
{
	for (uint32_t i = 0; i < MOAT_PAGE_SIZE; i++) {
		byte[i] = (unsigned char)(i * 7 + i / 256);
	}
}

static bool example_holds(const struct example *e, const unsigned char *data)
{
	uint64_t m[MOAT_MEASUREMENT_WORDS];
	bool holds = true;

	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		m[i] = e->before[i];
	}
	moat_port_measure(
		m, e->word, e->word_count, e->size == 0 ? NULL : data, e->size);
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		holds = holds && m[i] == e->after[i];
	}
	return holds;
}

static bool measurement_is_sha256_of_what_it_extends(const struct port_bed *bed)
{
	bool holds = true;

	fill_data(bed_page(bed, 1));
	for (uint32_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		holds = holds && example_holds(&examples[i], bed_page(bed, 1));
	}
	return holds;
}

static bool measurement_keeps_the_data(const struct port_bed *bed)
{
	bool holds = true;

	fill_data(bed_page(bed, 1));
	example_holds(&examples[2], bed_page(bed, 1));
	for (uint32_t i = 0; i < MOAT_PAGE_SIZE; i++) {
		holds = holds &&
			bed_page(bed, 1)[i] == (unsigned char)(i * 7 + i / 256);
	}
	return holds;
}

static const struct port_test tests[] = {
	{"measurement_is_sha256_of_what_it_extends",
		measurement_is_sha256_of_what_it_extends},
	{"measurement_keeps_the_data", measurement_keeps_the_data},
};

struct port_tests port_tests_of_measurement(void)
{
	struct port_tests all = PORT_TESTS(tests);

	return all;
}
