/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Written from the definitions, not from the code that keeps them: whole-state
 * sweeps in the plainest form, for tests, never on a path of a call.
 */
#include "core/invariant.h"

#include "core/host_map.h"
#include "core/owner.h"
#include "core/s2.h"
#include "pte.h"

static bool is_table_page(const struct moat *m, uint32_t page)
{
	return page < PAGE_COUNT(m) && PAGE(m, page).state == MOAT_PAGE_TABLE;
}

static bool is_live_vm(const struct moat *m, uint32_t vm)
{
	return vm < VM_COUNT(m) && VM(m, vm).life != MOAT_VM_EMPTY;
}

/* ---- [PAGE-1] one of the states, unused fields zero -------------------- */

/* LENT pages have a permission, READ included; others have none. */
static bool permission_is_good(struct page record)
{
	uint32_t permission = page_permission(record);

	return record.state == MOAT_PAGE_LENT
		       ? permission % 2 == MOAT_READ &&
				 permission <=
					 MOAT_READ + MOAT_WRITE + MOAT_EXECUTE
		       : permission == 0;
}

static bool place_is_good(struct page record)
{
	switch (record.state) {
	case MOAT_PAGE_HOST:
	case MOAT_PAGE_ENGINE:
		return record.mapping == 0 && record.slot == 0 &&
		       record.parent == 0;
	case MOAT_PAGE_VCPU:
		return record.mapping == 0 && record.slot < MOAT_VCPU_MAX;
	case MOAT_PAGE_TABLE:
		return page_level(record) <= LEAF_LEVEL &&
		       (record.slot < ENTRY_COUNT ||
			       record.slot / SLOT_ROOT == 1);
	case MOAT_PAGE_LENT:
	case MOAT_PAGE_VM:
	case MOAT_PAGE_SHARED:
		return page_level(record) <= LEAF_LEVEL &&
		       page_level(record) >= LEAF_LEVEL - 1 &&
		       record.slot < ENTRY_COUNT;
	default:
		return false;
	}
}

bool invariant_page_1(const struct moat *m)
{
	/*@ loop invariant 0 <= p <= PAGE_COUNT(m);
	    loop invariant \forall integer q; 0 <= q < p ==> page_1(q);
	    loop assigns p;
	    loop variant PAGE_COUNT(m) - p; */
	for (uint32_t p = 0; p < PAGE_COUNT(m); p++) {
		if (!place_is_good(PAGE(m, p)) ||
			!permission_is_good(PAGE(m, p))) {
			return false;
		}
	}
	return true;
}

/* ---- [PAGE-2] records and entries are each other's inverse ------------- */

/* The first page of what @page's entry maps: itself, or its block's. */
static uint32_t entry_first(const struct moat *m, uint32_t page)
{
	uint64_t bytes = s2_entry_bytes(page_level(PAGE(m, page)));

	return page - (uint32_t)(page * PAGE_BYTES % bytes / PAGE_BYTES);
}

/* A data page's record names the entry that maps it. */
static bool record_has_entry(const struct moat *m, uint32_t page)
{
	struct page record = PAGE(m, page);
	struct place place = {record.parent, record.slot};

	return is_table_page(m, record.parent) &&
	       s2_level(m, place) == page_level(record) &&
	       s2_entry(m, place) == s2_leaf(m, entry_first(m, page), record);
}

/* A leaf entry maps data pages in one state, whose records name that entry. */
static bool leaf_has_records(const struct moat *m, struct place place)
{
	uint32_t first = page_find(m, pte_pa(s2_entry(m, place)));
	uint64_t count = s2_entry_bytes(s2_level(m, place)) / PAGE_BYTES;

	if (first == NONE) {
		return false;
	}
	/*@ loop invariant first <= p <= first + count;
	    loop invariant p <= PAGE_COUNT(m);
	    loop invariant \forall integer q; first <= q < p ==>
	      LEAF_HAS(place.table, place.slot, first, q);
	    loop assigns p;
	    loop variant first + count - p; */
	for (uint32_t p = first; p < first + count; p++) {
		if (p >= PAGE_COUNT(m) || !page_is_mapped(PAGE(m, p).state) ||
			PAGE(m, p).state != PAGE(m, first).state ||
			PAGE(m, p).parent != place.table ||
			PAGE(m, p).slot != place.slot) {
			return false;
		}
	}
	return true;
}

static bool leaves_have_records(const struct moat *m, uint32_t table)
{
	/*@ loop invariant 0 <= slot <= ENTRY_COUNT;
	    loop invariant \forall integer i; 0 <= i < slot ==>
	      leaf_maps(table, i);
	    loop assigns slot;
	    loop variant ENTRY_COUNT - slot; */
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		struct place place = {table, slot};

		if (pte_is_leaf(s2_entry(m, place), s2_level(m, place)) &&
			!leaf_has_records(m, place)) {
			return false;
		}
	}
	return true;
}

bool invariant_page_2(const struct moat *m)
{
	/*@ loop invariant 0 <= p <= PAGE_COUNT(m);
	    loop invariant \forall integer q; 0 <= q < p ==> page_2_up(q);
	    loop invariant \forall integer t, i;
	      0 <= t < p && 0 <= i < ENTRY_COUNT && is_table_page(t) ==>
	        leaf_maps(t, i);
	    loop assigns p;
	    loop variant PAGE_COUNT(m) - p; */
	for (uint32_t p = 0; p < PAGE_COUNT(m); p++) {
		if (page_is_mapped(PAGE(m, p).state) &&
			!record_has_entry(m, p)) {
			return false;
		}
		if (is_table_page(m, p) && !leaves_have_records(m, p)) {
			return false;
		}
	}
	return true;
}

/* ---- [HALF-1] LENT pages, and no others, in the shared half ------------ */

static bool half_is_right(const struct moat *m, uint32_t page)
{
	struct owner owner = owner_of(m, page);
	bool is_shared = owner.ipa >= VM(m, owner.vm).half;

	return is_shared == (PAGE(m, page).state == MOAT_PAGE_LENT);
}

bool invariant_half_1(const struct moat *m)
{
	/*@ loop invariant 0 <= p <= PAGE_COUNT(m);
	    loop assigns p;
	    loop variant PAGE_COUNT(m) - p; */
	for (uint32_t p = 0; p < PAGE_COUNT(m); p++) {
		if (page_is_mapped(PAGE(m, p).state) && !half_is_right(m, p)) {
			return false;
		}
	}
	return true;
}

/* ---- [PAGE-3] the host's map, from the records ------------------------- */

/* Counted afresh: the region's own count is what is being checked. */
static uint32_t closed_count(const struct moat *m, uint32_t region)
{
	uint32_t closed = 0;

	/*@ loop invariant 0 <= i <= ENTRY_COUNT && closed <= i;
	    loop invariant closed == 0 ==> \forall integer j;
	      0 <= j < i ==> open_in(region, j);
	    loop invariant closed == i ==> \forall integer j;
	      0 <= j < i ==> !open_in(region, j);
	    loop assigns i, closed;
	    loop variant ENTRY_COUNT - i; */
	for (uint32_t i = 0; i < ENTRY_COUNT; i++) {
		closed +=
			!page_is_open(PAGE(m, region * ENTRY_COUNT + i).state);
	}
	return closed;
}

/* Each entry of a linked level-3 table is the page's own, or empty. */
static bool leaf_is_right(const struct moat *m, uint32_t region)
{
	/*@ loop invariant 0 <= i <= ENTRY_COUNT;
	    loop assigns i;
	    loop variant ENTRY_COUNT - i; */
	for (uint32_t i = 0; i < ENTRY_COUNT; i++) {
		uint32_t page = region * ENTRY_COUNT + i;
		uint64_t open = pte_page(page_pa(m, page), PTE_NORMAL);

		if (HOST_TABLE(m, host_map_leaf(m, region)).entry[i] !=
			(page_is_open(PAGE(m, page).state) ? open
							   : PTE_EMPTY)) {
			return false;
		}
	}
	return true;
}

/* The region's shape follows from its records alone. */
static bool region_is_right(const struct moat *m, uint32_t region)
{
	uint64_t entry = host_map_entry(m, region);
	uint32_t closed = closed_count(m, region);
	uint64_t pa = page_pa(m, region * ENTRY_COUNT);

	if (REGION(m, region).closed != closed) {
		return false;
	}
	if (closed == 0) {
		return entry == pte_block(pa, PTE_NORMAL);
	}
	if (closed == ENTRY_COUNT) {
		return entry == PTE_EMPTY;
	}
	return entry == pte_table(host_map_table_pa(
				m, host_map_leaf(m, region))) &&
	       leaf_is_right(m, region);
}

bool invariant_page_3(const struct moat *m)
{
	/*@ loop invariant 0 <= region <= REGION_COUNT(m);
	    loop assigns region;
	    loop variant REGION_COUNT(m) - region; */
	for (uint32_t region = 0; region < REGION_COUNT(m); region++) {
		if (!region_is_right(m, region)) {
			return false;
		}
	}
	return true;
}

/* ---- [PAGE-4] what the host gets back is all zero ---------------------- */

bool invariant_page_4(const struct moat *m, uint32_t page)
{
	/*@ loop invariant 0 <= i <= ENTRY_COUNT;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      TABLE(m, page).entry[j] == 0;
	    loop assigns i;
	    loop variant ENTRY_COUNT - i; */
	for (uint32_t i = 0; i < ENTRY_COUNT; i++) {
		if (TABLE(m, page).entry[i] != 0) {
			return false;
		}
	}
	return true;
}

/* ---- [TABLE-1] tables name their parent and slot ----------------------- */

/* Root page k of a VM: where the VM says, at its start level. */
static bool root_is_good(const struct moat *m, uint32_t page)
{
	struct page record = PAGE(m, page);
	uint32_t index = record.slot % SLOT_ROOT;

	return is_live_vm(m, record.parent) &&
	       index < VM(m, record.parent).root_count &&
	       page == VM(m, record.parent).root + index &&
	       page_level(record) == VM(m, record.parent).start_level;
}

/* Any other table: one level below its parent, whose entry leads to it. */
static bool child_is_good(const struct moat *m, uint32_t page)
{
	struct page record = PAGE(m, page);
	struct place place = {record.parent, record.slot};

	return is_table_page(m, record.parent) &&
	       page_level(record) == s2_level(m, place) + 1 &&
	       s2_entry(m, place) == pte_table(page_pa(m, page));
}

bool invariant_table_1(const struct moat *m)
{
	/*@ loop invariant 0 <= p <= PAGE_COUNT(m);
	    loop invariant \forall integer q; 0 <= q < p ==>
	      table_1(q) && root_1(q);
	    loop assigns p;
	    loop variant PAGE_COUNT(m) - p; */
	for (uint32_t p = 0; p < PAGE_COUNT(m); p++) {
		bool is_root = PAGE(m, p).slot >= SLOT_ROOT;

		if (is_table_page(m, p) &&
			!(is_root ? root_is_good(m, p) : child_is_good(m, p))) {
			return false;
		}
	}
	return true;
}

/* ---- [TABLE-2] nothing in a table but what the engine wrote ------------ */

/* Empty, a leaf, or a table whose record names this very entry. */
static bool entry_is_good(const struct moat *m, struct place place)
{
	uint64_t entry = s2_entry(m, place);
	uint32_t level = s2_level(m, place);
	uint32_t page;

	if (entry == PTE_EMPTY || pte_is_leaf(entry, level)) {
		return true; /* leaves: [PAGE-2] */
	}
	page = page_find(m, pte_pa(entry));
	return pte_is_table(entry, level) && page != NONE &&
	       is_table_page(m, page) && PAGE(m, page).parent == place.table &&
	       PAGE(m, page).slot == place.slot;
}

static bool entries_are_good(const struct moat *m, uint32_t table)
{
	/*@ loop invariant 0 <= slot <= ENTRY_COUNT;
	    loop invariant \forall integer i; 0 <= i < slot ==>
	      table_2(table, i);
	    loop assigns slot;
	    loop variant ENTRY_COUNT - slot; */
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		struct place place = {table, slot};

		if (!entry_is_good(m, place)) {
			return false;
		}
	}
	return true;
}

bool invariant_table_2(const struct moat *m)
{
	/*@ loop invariant 0 <= p <= PAGE_COUNT(m);
	    loop invariant \forall integer t, i;
	      0 <= t < p && 0 <= i < ENTRY_COUNT ==> table_2(t, i);
	    loop assigns p;
	    loop variant PAGE_COUNT(m) - p; */
	for (uint32_t p = 0; p < PAGE_COUNT(m); p++) {
		if (is_table_page(m, p) && !entries_are_good(m, p)) {
			return false;
		}
	}
	return true;
}

/* ---- [VM-1] life and pages agree --------------------------------------- */

static bool vcpu_is_good(const struct moat *m, uint32_t vm, uint32_t i)
{
	struct vcpu vcpu = VCPU(m, vm, i);

	if (vcpu.state == MOAT_VCPU_ABSENT) {
		return vcpu.page == 0 && vcpu.cpu == 0 && vcpu.pending == 0;
	}
	return i < VM(m, vm).vcpu_count && vcpu.page < PAGE_COUNT(m) &&
	       PAGE(m, vcpu.page).state == MOAT_PAGE_VCPU &&
	       PAGE(m, vcpu.page).parent == vm && PAGE(m, vcpu.page).slot == i;
}

static bool vcpus_are_good(const struct moat *m, uint32_t vm)
{
	/*@ loop invariant 0 <= i <= MOAT_VCPU_MAX;
	    loop invariant \forall integer j; 0 <= j < i ==> CONTEXT_UP(vm, j);
	    loop assigns i;
	    loop variant MOAT_VCPU_MAX - i; */
	for (uint32_t i = 0; i < MOAT_VCPU_MAX; i++) {
		if (!vcpu_is_good(m, vm, i)) {
			return false;
		}
	}
	return true;
}

/* An EMPTY slot is all zero; any other has its root, and its vCPUs agree. */
static bool vm_is_good(const struct moat *m, uint32_t vm)
{
	struct vm at = VM(m, vm);

	if (at.life == MOAT_VM_EMPTY) {
		return at.half == 0 && at.root == 0 && at.root_count == 0 &&
		       at.ipa_bits == 0 && at.vcpu_count == 0 &&
		       vcpus_are_good(m, vm);
	}
	return at.life < MOAT_VM_LIFE_COUNT && is_table_page(m, at.root) &&
	       PAGE(m, at.root).parent == vm &&
	       PAGE(m, at.root).slot == SLOT_ROOT && vcpus_are_good(m, vm);
}

/* A context names a vCPU that names it. */
static bool context_is_good(const struct moat *m, uint32_t page)
{
	struct page record = PAGE(m, page);

	return is_live_vm(m, record.parent) &&
	       VCPU(m, record.parent, record.slot).page == page &&
	       VCPU(m, record.parent, record.slot).state != MOAT_VCPU_ABSENT;
}

bool invariant_vm_1(const struct moat *m)
{
	/*@ loop invariant 0 <= v <= VM_COUNT(m);
	    loop invariant \forall integer w, i;
	      0 <= w < v && 0 <= i < MOAT_VCPU_MAX ==> CONTEXT_UP(w, i);
	    loop invariant \forall integer w; 0 <= w < v && is_live(w) ==>
	      is_table_page(VM(m, w).root) &&
	      hangs_at(VM(m, w).root, w, SLOT_ROOT);
	    loop assigns v;
	    loop variant VM_COUNT(m) - v; */
	for (uint32_t v = 0; v < VM_COUNT(m); v++) {
		if (!vm_is_good(m, v)) {
			return false;
		}
	}
	/*@ loop invariant 0 <= p <= PAGE_COUNT(m);
	    loop invariant \forall integer q; 0 <= q < p ==> context_down(q);
	    loop assigns p;
	    loop variant PAGE_COUNT(m) - p; */
	for (uint32_t p = 0; p < PAGE_COUNT(m); p++) {
		if (PAGE(m, p).state == MOAT_PAGE_VCPU &&
			!context_is_good(m, p)) {
			return false;
		}
	}
	return true;
}

/* ---- [VCPU-1] RUNNING on c if and only if c runs it -------------------- */

/* What a CPU says it runs says that it runs there. */
static bool cpu_is_good(const struct moat *m, uint32_t cpu)
{
	struct cpu at = CPU(m, cpu);

	return at.vm == NONE ||
	       (is_live_vm(m, at.vm) && at.vcpu < MOAT_VCPU_MAX &&
		       VM(m, at.vm).life == MOAT_VM_ACTIVE &&
		       VCPU(m, at.vm, at.vcpu).state == MOAT_VCPU_RUNNING &&
		       VCPU(m, at.vm, at.vcpu).cpu == cpu);
}

/* And the reverse; what runs owes nothing. */
static bool running_is_good(const struct moat *m, uint32_t vm, uint32_t i)
{
	struct vcpu vcpu = VCPU(m, vm, i);

	return vcpu.state != MOAT_VCPU_RUNNING ||
	       (vcpu.cpu < CPU_COUNT(m) && CPU(m, vcpu.cpu).vm == vm &&
		       CPU(m, vcpu.cpu).vcpu == i && vcpu.pending == 0);
}

bool invariant_vcpu_1(const struct moat *m)
{
	/*@ loop invariant 0 <= c <= CPU_COUNT(m);
	    loop invariant \forall integer d; 0 <= d < c ==> CPU_OK(d);
	    loop assigns c;
	    loop variant CPU_COUNT(m) - c; */
	for (uint32_t c = 0; c < CPU_COUNT(m); c++) {
		if (!cpu_is_good(m, c)) {
			return false;
		}
	}
	/*@ loop invariant 0 <= k <= VM_COUNT(m) * MOAT_VCPU_MAX;
	    loop assigns k;
	    loop variant VM_COUNT(m) * MOAT_VCPU_MAX - k; */
	for (uint32_t k = 0; k < VM_COUNT(m) * MOAT_VCPU_MAX; k++) {
		if (!running_is_good(m, k / MOAT_VCPU_MAX, k % MOAT_VCPU_MAX)) {
			return false;
		}
	}
	return true;
}

/* ---- All --------------------------------------------------------------- */

const char *moat_invariant_check(const struct moat *m)
{
	if (!invariant_page_1(m)) {
		return "PAGE-1";
	}
	if (!invariant_vm_1(m)) {
		return "VM-1";
	}
	if (!invariant_table_1(m)) {
		return "TABLE-1";
	}
	if (!invariant_table_2(m)) {
		return "TABLE-2";
	}
	if (!invariant_page_2(m)) {
		return "PAGE-2";
	}
	if (!invariant_page_3(m)) {
		return "PAGE-3";
	}
	if (!invariant_half_1(m)) {
		return "HALF-1";
	}
	return invariant_vcpu_1(m) ? NULL : "VCPU-1";
}
