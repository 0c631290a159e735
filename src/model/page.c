/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each page is, and the calls that change it. A page of RAM is ENGINE if
 * it is withheld, else what its record says, else HOST. These are all the ways
 * from one state to another:
 *
 *     from    to      by                           contents after
 *     HOST    VM      page_load                    kept
 *     HOST    VM      page_donate                  zero
 *     HOST    TABLE   vm_create, table_create      none
 *     HOST    VCPU    vcpu_create                  none
 *     VM      HOST    page_reclaim                 zero
 *     TABLE   HOST    table_destroy, vm_free       zero
 *     VCPU    HOST    vcpu_destroy                 zero
 *
 * "None" is what no agent can see: entries and registers of the engine, which
 * the model has as sets and numbers and not as memory.
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
bool model_page_at(
	const struct model *m, struct moat_pa pa, struct model_page *page)
{
	struct model_page none = {.state = MOAT_PAGE_HOST};
	const struct model_page *record;

	if (!model_is_ram(m, pa.value)) {
		return false;
	}
	*page = none;
	if (model_is_withheld(m, pa.value)) {
		page->state = MOAT_PAGE_ENGINE;
		return true;
	}
	record = model_map_find(&m->pages, model_page_base(pa.value));
	if (record != NULL) {
		*page = *record;
	}
	return true;
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

/* Whether its contents stay is the caller's: page_load keeps them. */
void model_page_take(
	struct model *m, uint64_t pa, const struct model_page *page)
{
	model_map_put(&m->pages, pa, page);
}

/* Nothing is left of what any agent wrote there. */
void model_page_scrub(struct model *m, uint64_t pa)
{
	model_map_range_remove(&m->words, pa, pa + MOAT_PAGE_SIZE);
}

void model_page_return(struct model *m, uint64_t pa)
{
	model_page_scrub(m, pa);
	model_map_range_remove(&m->pages, pa, pa + 1);
}

/* ---- Ranges ------------------------------------------------------------ */

/* BAD_IPA unless @count pages from x2 lie in the protected half; @operand is
 * the register of the count. Written so that nothing can wrap. */
static uint64_t half_refusal(const struct model_vm *vm, const uint64_t *x,
	uint64_t count, uint64_t operand)
{
	uint64_t half = (uint64_t)1 << (vm->ipa_bits - 1);

	if (x[2] >= half) {
		return model_x0(MOAT_BAD_IPA, 2);
	}
	if (count > (half - x[2]) / MOAT_PAGE_SIZE) {
		return model_x0(MOAT_BAD_IPA, operand);
	}
	return MOAT_OK;
}

/* How many of @count pages from @ipa on are in the leaf table of @ipa: never
 * above MOAT_RANGE_PAGES_MAX, which is what a leaf table holds. */
static uint64_t within_table(uint64_t ipa, uint64_t count)
{
	uint64_t span = model_s2_span(MODEL_LEAF_LEVEL);
	uint64_t left = (span - ipa % span) / MOAT_PAGE_SIZE;

	return count < left ? count : left;
}

/* ---- page_load and page_donate ----------------------------------------- */

/* Unaligned addresses are refused, never rounded: rounding would give away a
 * page that the host did not name. */
static uint64_t give_argument_refusal(const uint64_t *x)
{
	if (!model_is_aligned(x[2], MOAT_PAGE_SIZE)) {
		return model_x0(MOAT_BAD_ARG, 2);
	}
	if (!model_is_aligned(x[3], MOAT_PAGE_SIZE)) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	if (x[4] == 0) {
		return model_x0(MOAT_BAD_ARG, 4);
	}
	return MOAT_OK;
}

/* About the first page of the range only: a later page that could not be given
 * ends the range before it, and is not a refusal. */
static uint64_t give_first_refusal(const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];

	if (model_s2_table(vm, MODEL_LEAF_LEVEL, x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (model_s2_page(vm, x[2]) != NULL) {
		return model_x0(MOAT_OCCUPIED, 2);
	}
	if (!model_page_is_host(m, x[3])) {
		return model_x0(MOAT_BAD_PAGE, 3);
	}
	return MOAT_OK;
}

/* That the end of the range is outside the half is a refusal even if the first
 * page is inside: the host cannot have meant it. */
static uint64_t give_refusal(
	const struct model *m, const uint64_t *x, uint32_t lives)
{
	uint64_t x0 = give_argument_refusal(x);

	if (x0 == MOAT_OK) {
		x0 = model_vm_refusal(m, x[1], lives);
	}
	if (x0 == MOAT_OK) {
		x0 = half_refusal(&m->vms[x[1]], x, x[4], 4);
	}
	if (x0 == MOAT_OK) {
		x0 = give_first_refusal(m, x);
	}
	return x0;
}

/* One page, if its slot is free and it is HOST; says whether. */
static bool give_page(struct model *m, uint64_t vm, uint64_t ipa, uint64_t pa)
{
	struct model_page page = {.state = MOAT_PAGE_VM,
		.vm = (uint32_t)vm,
		.level = MODEL_LEAF_LEVEL,
		.ipa = ipa};

	if (model_s2_page(&m->vms[vm], ipa) != NULL ||
		!model_page_is_host(m, pa)) {
		return false;
	}
	model_page_take(m, pa, &page);
	model_map_put(&m->vms[vm].mappings, ipa, &pa);
	return true;
}

/* The pages are contiguous and at most 512, so at most two regions. */
static uint64_t give_range(struct model *m, const uint64_t *x)
{
	uint64_t limit = within_table(x[2], x[4]);
	uint64_t done = 0;

	while (done < limit && give_page(m, x[1], x[2] + done * MOAT_PAGE_SIZE,
				       x[3] + done * MOAT_PAGE_SIZE)) {
		done++;
	}
	return done;
}

/* The only way in for contents that the host chose, and only while BUILDING: a
 * running VM must not find in its memory what it did not put there. */
struct model_answer model_page_load(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer =
		model_answer_make(give_refusal(m, x, MODEL_BUILDING));

	if (answer.x[0] == MOAT_OK) {
		answer.x[1] = give_range(m, x);
	}
	return answer;
}

/* As page_load, in more lives, and zeroed. One removal scrubs the whole range,
 * as pages donated together are contiguous. */
struct model_answer model_page_donate(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer = model_answer_make(
		give_refusal(m, x, MODEL_BUILDING | MODEL_ACTIVE));

	if (answer.x[0] == MOAT_OK) {
		answer.x[1] = give_range(m, x);
		model_map_range_remove(
			&m->words, x[3], x[3] + answer.x[1] * MOAT_PAGE_SIZE);
	}
	return answer;
}

/* ---- page_reclaim ------------------------------------------------------ */

/* The order is that of the status list: a missing table is said before a
 * missing page, which it implies. */
static uint64_t reclaim_place_refusal(
	const struct model_vm *vm, const uint64_t *x)
{
	uint64_t x0 = half_refusal(vm, x, x[3], 3);

	if (x0 != MOAT_OK) {
		return x0;
	}
	if (model_s2_table(vm, MODEL_LEAF_LEVEL, x[2]) == NULL) {
		return model_x0(MOAT_NO_TABLE, 2);
	}
	if (model_s2_page(vm, x[2]) == NULL) {
		return model_x0(MOAT_NOT_MAPPED, 2);
	}
	return MOAT_OK;
}

/* Only from a dying VM: as long as it may run, its memory is its own. */
static uint64_t reclaim_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0;

	if (!model_is_aligned(x[2], MOAT_PAGE_SIZE)) {
		return model_x0(MOAT_BAD_ARG, 2);
	}
	if (x[3] == 0) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	x0 = model_vm_refusal(m, x[1], MODEL_DYING);
	if (x0 != MOAT_OK) {
		return x0;
	}
	return reclaim_place_refusal(&m->vms[x[1]], x);
}

/* The regions of PA space that one reclaim has met: two, by identity, since
 * an engine holds the locks of two regions at most. */
struct met_regions {
	uint32_t count;
	uint64_t region[2];
};

/* Is @pa in a region met before, or is there room for its region? */
static bool regions_admit(struct met_regions *met, uint64_t pa)
{
	uint64_t region = pa / MODEL_REGION_SIZE;

	for (uint32_t i = 0; i < met->count; i++) {
		if (met->region[i] == region) {
			return true;
		}
	}
	if (met->count == 2) {
		return false;
	}
	met->region[met->count++] = region;
	return true;
}

/* Scrubbed before it becomes HOST [PAGE-4]; in the model both happen at once,
 * since no agent can look in between. */
static bool reclaim_page(
	struct model *m, uint64_t vm, uint64_t ipa, struct met_regions *met)
{
	const uint64_t *found = model_s2_page(&m->vms[vm], ipa);

	if (found == NULL || !regions_admit(met, *found)) {
		return false;
	}
	model_page_return(m, *found);
	model_map_range_remove(&m->vms[vm].mappings, ipa, ipa + 1);
	return true;
}

/* The refusal already looked at the first page, and the first region always has
 * room, so an accepted call does at least one page. */
struct model_answer model_page_reclaim(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer = model_answer_make(reclaim_refusal(m, x));
	struct met_regions met = {.count = 0};
	uint64_t limit = within_table(x[2], x[3]);
	uint64_t done = 0;

	if (answer.x[0] != MOAT_OK) {
		return answer;
	}
	while (done < limit &&
		reclaim_page(m, x[1], x[2] + done * MOAT_PAGE_SIZE, &met)) {
		done++;
	}
	answer.x[1] = done;
	return answer;
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
	return answer;
}
