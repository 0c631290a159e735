/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each page is. A page of RAM is ENGINE if it is withheld, else what its
 * record says, else HOST. These are all the ways from one state to another:
 *
 *     from    to      by                                   contents after
 *     HOST    VM      page_load                            kept
 *     HOST    VM      page_donate, block_donate            zero
 *     HOST    LENT    page_lend, block_lend                kept
 *     HOST    TABLE   vm_create, table_create, table_split none
 *     HOST    VCPU    vcpu_create                          none
 *     VM      SHARED  share, by the VM                     kept
 *     SHARED  VM      unshare, by the VM                   kept
 *     VM      HOST    page_reclaim; relinquish, by the VM  zero
 *     SHARED  HOST    page_reclaim; relinquish, by the VM  zero
 *     LENT    HOST    page_recall                          kept
 *     TABLE   HOST    table_destroy, table_fold, vm_free   zero
 *     VCPU    HOST    vcpu_destroy                         zero
 *
 * "None" is what no agent can see: entries and registers of the engine, which
 * the model has as sets and numbers and not as memory. What the host may read
 * before and after is kept; what it may not is zero when it comes back.
 */
#include "model/state.h"

/* The difference is taken only where it cannot wrap, so a range may end at the
 * very top of the address space. */
static bool is_in_ranges(
	const struct moat_range *ranges, uint32_t count, uint64_t address)
{
	for (uint32_t i = 0; i < count; i++) {
		if (address >= ranges[i].base &&
			address - ranges[i].base < ranges[i].size) {
			return true;
		}
	}
	return false;
}

bool model_is_ram(const struct model *m, uint64_t pa)
{
	return is_in_ranges(m->config.ram, m->config.ram_count, pa);
}

/* Withheld addresses may be RAM, devices, or both. */
bool model_is_withheld(const struct model *m, uint64_t pa)
{
	return is_in_ranges(m->config.withheld, m->config.withheld_count, pa);
}

/* ENGINE is derived from the configuration and never stored: no call can change
 * it, because no call could find a record to change. */
static bool page_of(const struct model *m, uint64_t pa,
	const struct model_page *record, struct model_page *page)
{
	struct model_page none = {.state = MOAT_PAGE_HOST};

	if (!model_is_ram(m, pa)) {
		return false;
	}
	if (model_is_withheld(m, pa)) {
		none.state = MOAT_PAGE_ENGINE;
		record = NULL;
	}
	*page = record != NULL ? *record : none;
	return true;
}

bool model_page_at(
	const struct model *m, struct moat_pa pa, struct model_page *page)
{
	uint64_t base = model_page_base(pa.value);

	return page_of(m, pa.value, model_map_find(&m->pages, base), page);
}

bool model_page_next(const struct model *m, size_t *next, struct moat_pa pa,
	struct model_page *page)
{
	uint64_t base = model_page_base(pa.value);

	return page_of(
		m, pa.value, model_map_find_next(&m->pages, next, base), page);
}

/* The one question of every call that takes a page away from the host: HOST, so
 * neither lent nor given before; RAM, so that it has a state at all. */
bool model_page_is_host(const struct model *m, uint64_t pa)
{
	struct model_page page;

	return model_page_at(m, (struct moat_pa){pa}, &page) &&
	       page.state == MOAT_PAGE_HOST;
}

/* [PAGE-3]: here not a map that might disagree, but a rule. */
bool model_host_reaches(const struct model *m, uint64_t pa)
{
	struct model_page page;

	if (pa >= (uint64_t)1 << m->config.host_ipa_bits ||
		model_is_withheld(m, pa)) {
		return false;
	}
	if (!model_page_at(m, (struct moat_pa){pa}, &page)) {
		return true; /* device space */
	}
	return page.state == MOAT_PAGE_HOST || page.state == MOAT_PAGE_LENT ||
	       page.state == MOAT_PAGE_SHARED;
}

/* A call that changes a page has found its record before. */
const struct model_page *model_page_record(const struct model *m, uint64_t pa)
{
	const struct model_page *page = model_map_find(&m->pages, pa);

	model_require(page != NULL, "a page without a record");
	return page;
}

/* Whether its contents stay is the caller's: page_load keeps them. */
void model_page_set(struct model *m, uint64_t pa, const struct model_page *page)
{
	model_map_put(&m->pages, pa, page);
}

/* Nothing is left of what any agent wrote there. */
void model_page_scrub(struct model *m, uint64_t pa)
{
	model_map_range_remove(&m->words, pa, pa + MOAT_PAGE_SIZE);
}

/* A page that was lent: the host could read it all the time. */
void model_page_release(struct model *m, uint64_t pa)
{
	model_map_range_remove(&m->pages, pa, pa + 1);
}

/* Scrubbed before it becomes HOST [PAGE-4]; in the model both happen at once,
 * since no agent can look in between. */
void model_page_return(struct model *m, uint64_t pa)
{
	model_page_scrub(m, pa);
	model_page_release(m, pa);
}

/* ---- page_info --------------------------------------------------------- */

/* All of it is in the host's view anyway: it gave the page and chose the
 * place. Of HOST and ENGINE pages there is nothing to tell, and the fields
 * are zero. */
struct model_answer model_page_info(
	struct model *m, const struct model_request *request)
{
	struct moat_pa pa = {request->x[1]};
	struct model_answer answer = model_answer_make(MOAT_OK);
	struct model_page page;

	if (!model_is_aligned(pa.value, MOAT_PAGE_SIZE)) {
		return model_answer_make(model_x0(MOAT_BAD_ARG, 1));
	}
	if (!model_page_at(m, pa, &page)) {
		return model_answer_make(model_x0(MOAT_BAD_PAGE, 1));
	}
	answer.x[1] = page.state;
	answer.x[2] = page.vm;
	answer.x[3] = page.state == MOAT_PAGE_VCPU ? page.vcpu : page.ipa;
	answer.x[4] = page.level;
	answer.x[5] = page.permission;
	return answer;
}
