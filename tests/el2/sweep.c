/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking every VM apart, by what page_info says alone.
 */
#include "host.h"

enum { SWEEP_PAGES = 512 };

/* x1..x4 of page_info, before anything was given back. */
struct sweep {
	uint64_t state;
	struct moat_vm_id vm;
	uint64_t ipa;
	uint64_t level;
};

static struct sweep sweeps[SWEEP_PAGES];

static void sweep_look(uint64_t pool_pages)
{
	for (uint64_t i = 0; i < pool_pages; i++) {
		struct moat_regs info = call(
			moat_page_info((struct moat_pa){POOL_BASE + i * PAGE}));

		sweeps[i] = (struct sweep){
			info.x[1], {info.x[2]}, info.x[3], info.x[4]};
	}
}

/* What a page is for its VM decides which call gives it back; the first page
 * of a block takes the others along. */
static void sweep_page(const struct sweep *page)
{
	struct moat_ipa ipa = {page->ipa};
	uint64_t count = page->level == 2 ? BLOCK_PAGES : 1;

	if (page->state == MOAT_PAGE_LENT) {
		call(moat_page_recall(page->vm, ipa, count));
	} else if (page->state == MOAT_PAGE_VM ||
		   page->state == MOAT_PAGE_SHARED) {
		call(moat_page_reclaim(page->vm, ipa, count));
	} else if (page->state == MOAT_PAGE_VCPU) {
		call(moat_vcpu_destroy(
			page->vm, (struct moat_vcpu_id){page->ipa}));
	} else if (page->state == MOAT_PAGE_TABLE) {
		call(moat_table_destroy(page->vm, ipa, page->level));
	}
}

/* Tables go after what is in them, low ones before high ones. A root goes with
 * its VM: vm_free takes it. */
static void sweep_stage(uint64_t pool_pages, bool are_tables, uint64_t level)
{
	for (uint64_t i = 0; i < pool_pages; i++) {
		bool is_table = sweeps[i].state == MOAT_PAGE_TABLE;

		if (is_table == are_tables &&
			(!is_table || sweeps[i].level == level)) {
			sweep_page(&sweeps[i]);
		}
	}
}

void vm_sweep(uint64_t pool_pages)
{
	uint64_t slots = call(moat_features()).x[5];

	for (uint64_t slot = 0; slot < slots; slot++) {
		call(moat_vm_kill((struct moat_vm_id){slot}));
	}
	sweep_look(pool_pages);
	sweep_stage(pool_pages, false, 0);
	for (uint64_t level = 3; level != 0; level--) {
		sweep_stage(pool_pages, true, level);
	}
	for (uint64_t slot = 0; slot < slots; slot++) {
		call(moat_vm_free((struct moat_vm_id){slot}));
	}
}

bool pool_is_host(uint64_t pool_pages)
{
	for (uint64_t i = 0; i < pool_pages; i++) {
		if (page_state(POOL_BASE + i * PAGE) != MOAT_PAGE_HOST) {
			return false;
		}
	}
	return true;
}
