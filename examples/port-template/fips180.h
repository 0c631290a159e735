/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4), for messages of whole bytes, without a C library. */
#ifndef FIPS180_H
#define FIPS180_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BLOCK = 64, SHA256_WORDS = 8 };

struct sha256 {
	uint32_t state[SHA256_WORDS];
	unsigned char block[SHA256_BLOCK];
	uint64_t length; /* bytes so far */
};

void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t size);

/* @word as 8 bytes, the most significant first. */
void sha256_add_word(struct sha256 *hash, uint64_t word);

/* The digest is state[]; as bytes, each word the most significant first. */
void sha256_finish(struct sha256 *hash);

#endif
