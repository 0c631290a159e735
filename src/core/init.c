/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of an engine: how much, where each array lies, how it starts. */
#include "core/host_map.h"
#include "core/owner.h"
#include "core/range.h"
#include "core/require.h"
#include "core/s2.h"
#include "core/trace.h"
#include "moat/port.h"

/* Byte offsets within the engine's memory. Host tables come first: a
 * concatenated root must be aligned to its size, as the memory is. */
struct layout {
	uint64_t moat;
	uint64_t page;
	uint64_t region;
	uint64_t vm;
	uint64_t cpu;
	uint64_t vm_lock;
	uint64_t region_lock;
	uint64_t size;
};

/* Pages of RAM, withheld ones included. */
static uint64_t config_page_count(const struct moat_config *config)
{
	uint64_t bytes = 0;

	/*@ loop invariant 0 <= i <= config->ram_count;
	    loop invariant bytes <= i * 0x1000000000000;
	    loop invariant bytes ==
	      pages_before(&config->ram[0], i) * MOAT_PAGE_SIZE;
	    loop invariant \forall integer j; 0 <= j <= i ==>
	      pages_before(&config->ram[0], j) <=
	        pages_before(&config->ram[0], i);
	    loop assigns i, bytes;
	    loop variant config->ram_count - i; */
	for (uint32_t i = 0; i < config->ram_count; i++) {
		bytes += config->ram[i].size;
	}
	return bytes / PAGE_BYTES;
}

static bool counts_are_good(const struct moat_config *c)
{
	return c->cpu_count >= 1 && c->cpu_count <= MOAT_CPU_MAX &&
	       c->vm_count >= 1 && c->vm_count <= MOAT_VM_MAX &&
	       c->ram_count >= 1 && c->ram_count <= MOAT_RANGE_MAX &&
	       c->withheld_count <= MOAT_RANGE_MAX &&
	       c->list_register_count <= MOAT_LIST_REGISTER_MAX;
}

static bool widths_are_good(const struct moat_config *c)
{
	return c->ipa_bits >= MOAT_IPA_BITS_MIN &&
	       c->ipa_bits <= MOAT_IPA_BITS_MAX &&
	       c->host_ipa_bits >= MOAT_IPA_BITS_MIN &&
	       c->host_ipa_bits <= MOAT_HOST_IPA_BITS_MAX;
}

/* A page index must fit, with room for NONE. */
static bool ranges_are_good(const struct moat_config *c)
{
	uint64_t limit = s2_space_bytes(c->host_ipa_bits);

	return range_list_is_good(c->ram, c->ram_count, REGION_BYTES, limit) &&
	       range_list_is_good(
		       c->withheld, c->withheld_count, PAGE_BYTES, limit) &&
	       config_page_count(c) < NONE;
}

static bool config_is_good(const struct moat_config *c)
{
	return counts_are_good(c) && widths_are_good(c) && ranges_are_good(c) &&
	       c->memory_pa.value % (MOAT_ROOT_PAGES_MAX * PAGE_BYTES) == 0;
}

/* Reserve @size bytes, aligned to a cache line, as a mutex must be; returns
 * their offset. */
static uint64_t reserve(uint64_t *end, uint64_t size)
{
	uint64_t offset = *end;

	*end = offset + (size + 63) / 64 * 64;
	return offset;
}

/*
 * For each GiB of RAM: 512 level-3 host tables (2 MiB), 262,144 records (2 MiB)
 * and 512 regions (4 KiB); the rest does not grow with RAM.
 */
/* No array overlaps the next one, and all of them fit. */
/*@ requires \valid_read(c) && configured(c);
    assigns \nothing; exits \false;
    ensures \result.moat + sizeof(struct moat) <= \result.page;
    ensures \result.page + sizeof(struct page) *
      pages_before(&c->ram[0], c->ram_count) <= \result.region;
    ensures \result.region + sizeof(struct region) *
      (pages_before(&c->ram[0], c->ram_count) / ENTRY_COUNT) <= \result.vm;
    ensures \result.vm + sizeof(struct vm) * c->vm_count <= \result.cpu;
    ensures \result.cpu + sizeof(struct cpu) * c->cpu_count <=
      \result.vm_lock;
    ensures \result.vm_lock + sizeof(struct mutex) * c->vm_count <=
      \result.region_lock;
    ensures \result.region_lock + sizeof(struct mutex) * REGION_LOCK_COUNT <=
      \result.size; */
static struct layout layout_of(const struct moat_config *c)
{
	uint64_t pages = config_page_count(c);
	uint64_t end = host_map_table_count(c) * PAGE_BYTES;
	struct layout at;

	at.moat = reserve(&end, sizeof(struct moat));
	at.page = reserve(&end, pages * sizeof(struct page));
	at.region = reserve(&end, pages / ENTRY_COUNT * sizeof(struct region));
	at.vm = reserve(&end, c->vm_count * sizeof(struct vm));
	at.cpu = reserve(&end, c->cpu_count * sizeof(struct cpu));
	at.vm_lock = reserve(&end, c->vm_count * sizeof(struct mutex));
	at.region_lock =
		reserve(&end, REGION_LOCK_COUNT * sizeof(struct mutex));
	at.size = (end + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	return at;
}

size_t moat_size(const struct moat_config *config)
{
	return config_is_good(config) ? (size_t)layout_of(config).size : 0;
}

/* ---- Start ------------------------------------------------------------- */

static struct moat *place_arrays(
	const struct moat_config *config, unsigned char *memory)
{
	struct layout at = layout_of(config);
	struct moat *m = (void *)(memory + at.moat);

	m->config = *config;
	m->page_count = (uint32_t)config_page_count(config);
	m->region_count = m->page_count / ENTRY_COUNT;
	m->window = config->ram_window;
	m->host_table = (void *)memory;
	m->page = (void *)(memory + at.page);
	m->region = (void *)(memory + at.region);
	m->vm = (void *)(memory + at.vm);
	m->cpu = (void *)(memory + at.cpu);
	m->vm_lock = (void *)(memory + at.vm_lock);
	m->region_lock = (void *)(memory + at.region_lock);
	return m;
}

/* The dense page index: ranges one behind the other, without gaps. */
static void start_ranges(struct moat *m)
{
	uint32_t first = 0;

	/*@ loop invariant 0 <= i <= MOAT_RANGE_MAX;
	    loop invariant i <= m->config.ram_count ==>
	      first == pages_before(&m->config.ram[0], i);
	    loop invariant \forall integer j;
	      0 <= j < i && j < m->config.ram_count ==>
	        m->range_page[j] == pages_before(&m->config.ram[0], j);
	    loop assigns i, first, m->range_page[0 .. MOAT_RANGE_MAX - 1];
	    loop variant MOAT_RANGE_MAX - i; */
	for (uint32_t i = 0; i < MOAT_RANGE_MAX; i++) {
		m->range_page[i] = first;
		if (i < m->config.ram_count) {
			/*@ assert pages_before(&m->config.ram[0], i + 1) ==
			      first + m->config.ram[i].size / MOAT_PAGE_SIZE; */
			first += (uint32_t)(m->config.ram[i].size / PAGE_BYTES);
		}
	}
}

static void start_objects(struct moat *m)
{
	const struct cpu host = {.vm = NONE, .vcpu = NONE};
	const struct vm empty = {.life = MOAT_VM_EMPTY};

	/*@ loop invariant 0 <= v <= VM_COUNT(m);
	    loop invariant \forall integer w; 0 <= w < v ==>
	      vm_empty(w) && VM_LOCK(m, w).owner == LOCK_NOBODY;
	    loop assigns v, VM(m, 0 .. MOAT_VM_MAX - 1),
	      VM_LOCK(m, 0 .. MOAT_VM_MAX - 1);
	    loop variant VM_COUNT(m) - v; */
	for (uint32_t v = 0; v < VM_COUNT(m); v++) {
		VM(m, v) = empty;
		mutex_init(&VM_LOCK(m, v));
	}
	/*@ loop invariant 0 <= c <= CPU_COUNT(m);
	    loop invariant \forall integer d; 0 <= d < c ==>
	      CPU(m, d).vm == NONE;
	    loop assigns c, CPU(m, 0 .. MOAT_CPU_MAX - 1);
	    loop variant CPU_COUNT(m) - c; */
	for (uint32_t c = 0; c < CPU_COUNT(m); c++) {
		CPU(m, c) = host;
	}
	/*@ loop invariant 0 <= l <= REGION_LOCK_COUNT;
	    loop invariant \forall integer k; 0 <= k < l ==>
	      REGION_LOCK(m, k).owner == LOCK_NOBODY;
	    loop assigns l, REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1);
	    loop variant REGION_LOCK_COUNT - l; */
	for (uint32_t l = 0; l < REGION_LOCK_COUNT; l++) {
		mutex_init(&REGION_LOCK(m, l));
	}
}

/* A page is HOST unless a withheld range covers it. */
static void start_page(struct moat *m, uint32_t page, uint64_t pa)
{
	const struct moat_config *c = &m->config;
	bool hidden = range_list_holds(
		c->withheld, c->withheld_count, pa, PAGE_BYTES);
	struct page record = {.state = MOAT_PAGE_HOST};

	if (hidden) {
		record.state = MOAT_PAGE_ENGINE;
		REGION(m, page_region(page)).closed++;
	}
	page_set(m, page, record);
}

/* Most regions have nothing withheld, and no page of them has to be asked. */
static void start_region(struct moat *m, uint32_t region)
{
	const struct moat_config *c = &m->config;
	const struct region open = {0, 0, 0};
	const struct page host = {.state = MOAT_PAGE_HOST};
	const struct page_run run = {region * ENTRY_COUNT, ENTRY_COUNT};
	uint64_t pa = page_pa(m, run.first);

	REGION(m, region) = open;
	if (!range_list_touches(
		    c->withheld, c->withheld_count, pa, REGION_BYTES)) {
		owner_set(m, run, host);
		return;
	}
	/*@ loop invariant 0 <= i <= ENTRY_COUNT;
	    loop invariant REGION(m, region).closed <= i;
	    loop invariant \forall integer p;
	      run.first <= p < run.first + i ==> started(p);
	    loop invariant \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      !(run.first <= p < run.first + ENTRY_COUNT) ==>
	        page_same{Pre,Here}(p);
	    loop assigns i, REGION(m, region), PAGE(m, run.first ..
	      run.first + ENTRY_COUNT - 1);
	    loop variant ENTRY_COUNT - i; */
	for (uint32_t i = 0; i < ENTRY_COUNT; i++) {
		start_page(m, run.first + i, pa + i * PAGE_BYTES);
	}
}

/* The records first: the host's map is derived from them. */
struct moat *moat_init(const struct moat_config *config, void *memory)
{
	struct moat *m;

	REQUIRE(moat_size(config) != 0);
	m = place_arrays(config, memory);
	start_ranges(m);
	start_objects(m);
	for (uint32_t region = 0; region < REGION_COUNT(m); region++) {
		start_region(m, region);
	}
	host_map_init(m);
	trace_config(m);
	return m;
}
