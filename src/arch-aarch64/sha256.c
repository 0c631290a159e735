/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/sha256.h"

enum { ROUNDS = 64, LENGTH_BYTES = 8 };

/* Section 4.2.2: fractions of the cube roots of the first 64 primes. */
static const uint32_t constants[ROUNDS] = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t word, uint32_t count)
{
	return word >> count | word << (32 - count);
}

/* The message schedule of one block (section 6.2.2, step 1): big-endian words,
 * on little-endian CPUs. */
static void expand(uint32_t *word, const uint8_t *block)
{
	__builtin_memcpy(word, block, SHA256_BLOCK);
	for (int t = 0; t < 16; t++) {
		word[t] = __builtin_bswap32(word[t]);
	}
	for (int t = 16; t < ROUNDS; t++) {
		uint32_t a = word[t - 15];
		uint32_t b = word[t - 2];

		word[t] = word[t - 16] + word[t - 7] +
			  (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
			  (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/*
 * Round @t of eight (step 3). Instead of moving a..h down by one after each,
 * the next round takes them from one place further up: with @t a constant, a
 * compiler keeps all of them in registers.
 */
static inline void mix(uint32_t *v, uint32_t t, uint32_t input)
{
	uint32_t a = v[(8 - t) % 8], b = v[(9 - t) % 8], c = v[(10 - t) % 8];
	uint32_t e = v[(12 - t) % 8], f = v[(13 - t) % 8], g = v[(14 - t) % 8];
	uint32_t first = v[(15 - t) % 8] + ((e & f) ^ (~e & g)) + input +
			 (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25));
	uint32_t second = ((a & b) ^ (a & c) ^ (b & c)) +
			  (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22));

	v[(11 - t) % 8] += first;
	v[(15 - t) % 8] = first + second;
}

/* Rounds @t to @t + 7; behind them a..h are where they were. */
static inline void mix_eight(uint32_t *v, const uint32_t *word, int t)
{
	mix(v, 0, constants[t] + word[t]);
	mix(v, 1, constants[t + 1] + word[t + 1]);
	mix(v, 2, constants[t + 2] + word[t + 2]);
	mix(v, 3, constants[t + 3] + word[t + 3]);
	mix(v, 4, constants[t + 4] + word[t + 4]);
	mix(v, 5, constants[t + 5] + word[t + 5]);
	mix(v, 6, constants[t + 6] + word[t + 6]);
	mix(v, 7, constants[t + 7] + word[t + 7]);
}

static void compress(uint32_t *state, const uint8_t *block)
{
	uint32_t word[ROUNDS];
	uint32_t v[SHA256_WORDS];

	expand(word, block);
	for (int i = 0; i < SHA256_WORDS; i++) {
		v[i] = state[i];
	}
	for (int t = 0; t < ROUNDS; t += 8) {
		mix_eight(v, word, t);
	}
	for (int i = 0; i < SHA256_WORDS; i++) {
		state[i] += v[i];
	}
}

/* Section 5.3.3: fractions of the square roots of the first eight primes. */
void sha256_begin(struct sha256 *hash)
{
	static const struct sha256 start = {
		.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
	};

	*hash = start;
}

static void add_byte(struct sha256 *hash, uint8_t byte)
{
	hash->block[hash->length % SHA256_BLOCK] = byte;
	hash->length++;
	if (hash->length % SHA256_BLOCK == 0) {
		compress(hash->state, hash->block);
	}
}

/* As many bytes as the block has room for: how many. */
static size_t add_part(struct sha256 *hash, const uint8_t *data, size_t size)
{
	size_t at = hash->length % SHA256_BLOCK;
	size_t room = SHA256_BLOCK - at;
	size_t count = size < room ? size : room;

	__builtin_memcpy(&hash->block[at], data, count);
	hash->length += count;
	if (count == room) {
		compress(hash->state, hash->block);
	}
	return count;
}

void sha256_add(struct sha256 *hash, const void *data, size_t size)
{
	const uint8_t *byte = data;

	while (size > 0) {
		size_t done = add_part(hash, byte, size);

		byte += done;
		size -= done;
	}
}

void sha256_add_word(struct sha256 *hash, uint64_t word)
{
	for (int shift = 56; shift >= 0; shift -= 8) {
		add_byte(hash, (uint8_t)(word >> shift));
	}
}

/* Padding (section 5.1.1): a one, zeroes, and the length in bits, which ends a
 * block. */
void sha256_end(struct sha256 *hash)
{
	uint64_t bits = hash->length * 8;

	add_byte(hash, 0x80);
	while (hash->length % SHA256_BLOCK != SHA256_BLOCK - LENGTH_BYTES) {
		add_byte(hash, 0);
	}
	sha256_add_word(hash, bits);
}
