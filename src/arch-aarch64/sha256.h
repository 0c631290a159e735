/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4) of messages of whole bytes. Pure, as exit.h is. */
#ifndef MOAT_ARCH_AARCH64_SHA256_H
#define MOAT_ARCH_AARCH64_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum {
	SHA256_BLOCK = 64, /* bytes */
	SHA256_WORDS = 8, /* of 32 bits, in a digest */
};

/* A message so far. */
struct sha256 {
	uint32_t state[SHA256_WORDS];
	uint64_t length; /* bytes */
	uint8_t block[SHA256_BLOCK]; /* the last length % 64 of them */
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t size);

/* @word as eight bytes, the most significant first. */
void sha256_add_word(struct sha256 *hash, uint64_t word);

/* The digest, as big-endian words, is hash->state. */
void sha256_end(struct sha256 *hash);

#endif
