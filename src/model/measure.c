/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host put into a VM before it was sealed, as a chain of SHA-256 (FIPS
 * 180-4): each thing is hashed behind the hash of all before it, so that the
 * last hash tells them all and their order.
 *
 * SHA-256 itself is nettle's: an engine that had it wrong would have to be
 * wrong as nettle is.
 */
#include "model/state.h"

#include <nettle/sha2.h>

enum { WORD_BYTES = 8 };

/* Words are hashed as eight bytes, the most significant first, whatever the
 * machine. */
static void hash_word(struct sha256_ctx *hash, uint64_t word)
{
	uint8_t bytes[WORD_BYTES];

	for (uint32_t i = 0; i < WORD_BYTES; i++) {
		bytes[i] = (uint8_t)(word >> (8 * (WORD_BYTES - 1 - i)));
	}
	sha256_update(hash, WORD_BYTES, bytes);
}

/* The digest as numbers, in the same order: eight bytes fill a word, and push
 * out of it what was there. */
static void digest_words(struct sha256_ctx *hash, uint64_t *word)
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(hash, SHA256_DIGEST_SIZE, digest);
	for (uint32_t i = 0; i < SHA256_DIGEST_SIZE; i++) {
		word[i / WORD_BYTES] = word[i / WORD_BYTES] * 256 + digest[i];
	}
}

/* M' = SHA-256(M || words || page). */
void model_measure(struct model_vm *vm, const uint64_t *word, size_t word_count,
	const uint8_t *page)
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		hash_word(&hash, vm->measurement[i]);
	}
	for (size_t i = 0; i < word_count; i++) {
		hash_word(&hash, word[i]);
	}
	if (page != NULL) {
		sha256_update(&hash, MOAT_PAGE_SIZE, page);
	}
	digest_words(&hash, vm->measurement);
}
