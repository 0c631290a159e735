/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 against the examples that NIST published for FIPS 180-4. */
#include <criterion/criterion.h>
#include <string.h>

#include "arch-aarch64/sha256.h"

static const struct {
	const char *message;
	uint32_t digest[8];
} examples[] = {
	{"", {0xe3b0c442, 0x98fc1c14, 0x9afbf4c8, 0x996fb924, 0x27ae41e4,
		     0x649b934c, 0xa495991b, 0x7852b855}},
	{"abc", {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3,
			0x96177a9c, 0xb410ff61, 0xf20015ad}},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		{0x248d6a61, 0xd20638b8, 0xe5c02693, 0x0c3e6039, 0xa33ce459,
			0x64ff2167, 0xf6ecedd4, 0x19db06c1}},
	{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	 "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		{0xcf5b16a7, 0x78af8380, 0x036ce59e, 0x7b049237, 0x0b249b11,
			0xe8f07a51, 0xafac4503, 0x7afee9d1}},
};

static void expect(
	const struct sha256 *hash, const uint32_t digest[8], const char *what)
{
	for (int i = 0; i < 8; i++) {
		cr_expect_eq(hash->state[i], digest[i], "%s: word %d is %x",
			what, i, hash->state[i]);
	}
}

Test(sha256, the_examples_of_the_standard)
{
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct sha256 hash;

		sha256_begin(&hash);
		sha256_add(&hash, examples[i].message,
			strlen(examples[i].message));
		sha256_end(&hash);
		expect(&hash, examples[i].digest, examples[i].message);
	}
}

Test(sha256, a_million_times_the_letter_a)
{
	static const uint32_t digest[8] = {0xcdc76e5c, 0x9914fb92, 0x81a1c7e2,
		0x84d73e67, 0xf1809a48, 0xa497200e, 0x046d39cc, 0xc7112cd0};
	struct sha256 hash;

	sha256_begin(&hash);
	for (int i = 0; i < 1000000; i++) {
		sha256_add(&hash, "a", 1);
	}
	sha256_end(&hash);
	expect(&hash, digest, "a million");
}

/* "abcdefgh" as a number. */
Test(sha256, a_word_is_big_endian)
{
	struct sha256 hash;
	struct sha256 other;

	sha256_begin(&hash);
	sha256_add_word(&hash, UINT64_C(0x6162636465666768));
	sha256_end(&hash);
	sha256_begin(&other);
	sha256_add(&other, "abcdefgh", 8);
	sha256_end(&other);
	expect(&hash, other.state, "a word");
}
