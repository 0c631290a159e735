/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct key no_key = {0, 0};

static void fail(const char *what)
{
	fprintf(stderr, "explore: %s\n", what);
	exit(2);
}

static uint64_t slot_count(uint64_t capacity)
{
	return 2 * capacity;
}

static size_t store_size(uint64_t capacity)
{
	return sizeof(struct store_header) + capacity * sizeof(struct node) +
	       slot_count(capacity) * sizeof(atomic_uint);
}

static struct store store_at(void *memory, size_t size, uint64_t capacity)
{
	struct store store = {.header = memory, .size = size};

	store.node = (struct node *)(void *)(store.header + 1);
	store.slot = (atomic_uint *)(void *)(store.node + capacity);
	return store;
}

/* Anonymous, or a file; pages that nobody writes cost nothing. */
static void *map_memory(size_t size, int file)
{
	int flags = file < 0 ? MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE
			     : MAP_SHARED;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, file, 0);

	if (memory == MAP_FAILED) {
		fail("no memory for the states");
	}
	return memory;
}

/* ---- Find -------------------------------------------------------------- */

/* The number of the slot that @key has or would have, and what is in it. */
static uint64_t find(const struct store *store, struct key key, uint32_t *held)
{
	uint64_t mask = slot_count(store->header->capacity) - 1;
	uint64_t slot = key.low & mask;

	/* At most half of the slots are ever in use. */
	for (;; slot = (slot + 1) & mask) {
		*held = atomic_load_explicit(
			&store->slot[slot], memory_order_acquire);
		if (*held == 0 ||
			key_is_equal(store->node[*held - 1].key, key)) {
			return slot;
		}
	}
}

static bool allocate_node(
	struct store *store, const struct node *node, uint32_t *number)
{
	uint64_t next = atomic_fetch_add(&store->header->count, 1);

	if (next >= store->header->capacity) {
		atomic_fetch_sub(&store->header->count, 1);
		atomic_store(&store->header->is_full, 1);
		return false;
	}
	store->node[next] = *node;
	*number = (uint32_t)next;
	return true;
}

/*
 * The node is complete before a slot names it, so who reads the slot may read
 * the node. Whoever loses the race for a slot looks again: the winner may have
 * found the same state.
 */
bool store_add(struct store *store, const struct node *node)
{
	uint32_t held;
	uint32_t number = 0;
	uint64_t slot = find(store, node->key, &held);
	unsigned expected = 0;

	if (held != 0 || !allocate_node(store, node, &number)) {
		return false;
	}
	while (!atomic_compare_exchange_strong(
		&store->slot[slot], &expected, number + 1)) {
		slot = find(store, node->key, &held);
		expected = 0;
		if (held != 0) {
			store->node[number].key = no_key;
			atomic_fetch_add(&store->header->duplicates, 1);
			return false;
		}
	}
	return true;
}

uint32_t store_path(const struct store *store, uint32_t node,
	uint32_t path[STORE_DEPTH_MAX])
{
	uint32_t depth = 0;
	uint32_t at = node;

	for (; at != 0; at = store->node[at].parent) {
		if (++depth > STORE_DEPTH_MAX) {
			fail("a state is too deep");
		}
	}
	for (uint32_t i = depth; i > 0; i--) {
		path[i - 1] = node;
		node = store->node[node].parent;
	}
	return depth;
}

bool store_claim(struct store *store)
{
	return atomic_exchange(&store->header->finding.is_claimed, 1) == 0;
}

/* ---- Open -------------------------------------------------------------- */

static uint64_t round_up(uint64_t count)
{
	uint64_t power = 1024;

	while (power < count) {
		power *= 2;
	}
	return power;
}

static struct store store_make(
	const struct scope *scope, uint64_t capacity, int file)
{
	uint64_t rounded = round_up(capacity);
	size_t size = store_size(rounded);
	struct store store;

	if (file >= 0 && ftruncate(file, (off_t)size) != 0) {
		fail("no room for the file of the states");
	}
	store = store_at(map_memory(size, file), size, rounded);
	store.header->capacity = rounded;
	snprintf(store.header->scope, STORE_NAME, "%s", scope->name);
	return store;
}

/*
 * What a process that was killed may have left: nodes without a slot, slots of
 * nodes that were not written, and a level half done. The table is made anew of
 * the nodes, and the level is done again: what it found already is known.
 */
static void recover(struct store *store)
{
	uint64_t count = store->header->count;

	memset(store->slot, 0,
		slot_count(store->header->capacity) * sizeof(atomic_uint));
	for (uint64_t i = 0; i < count; i++) {
		uint32_t held;
		uint64_t slot = find(store, store->node[i].key, &held);

		if (key_is_equal(store->node[i].key, no_key)) {
			continue;
		}
		if (held == 0) {
			store->slot[slot] = (uint32_t)i + 1;
		} else {
			store->node[i].key = no_key;
		}
	}
	store->header->cursor = store->header->level_first;
	store->header->is_full = 0;
	store->header->waiting = 0;
	store->header->is_over = 0;
}

static struct store store_resume(
	const struct scope *scope, bool is_symmetric, int file)
{
	struct store_header header;
	struct store store;
	size_t size;

	if (read(file, &header, sizeof(header)) != (ssize_t)sizeof(header)) {
		fail("the file of the states is none");
	}
	if (strncmp(header.scope, scope->name, STORE_NAME) != 0 ||
		header.is_symmetric != is_symmetric) {
		fail("the file of the states is of another scope");
	}
	size = store_size(header.capacity);
	store = store_at(map_memory(size, file), size, header.capacity);
	recover(&store);
	return store;
}

struct store store_open(const struct scope *scope, uint64_t capacity,
	bool is_symmetric, const char *file)
{
	struct store store;
	struct stat status;
	int descriptor = -1;

	if (file) {
		descriptor = open(file, O_RDWR | O_CREAT, 0644);
		if (descriptor < 0 || fstat(descriptor, &status) != 0) {
			perror(file);
			exit(2);
		}
	}
	if (file && status.st_size != 0) {
		store = store_resume(scope, is_symmetric, descriptor);
	} else {
		store = store_make(scope, capacity, descriptor);
		store.header->is_symmetric = is_symmetric;
	}
	if (file) {
		close(descriptor);
	}
	return store;
}

void store_close(struct store *store)
{
	munmap(store->header, store->size);
}
