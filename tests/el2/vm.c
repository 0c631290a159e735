/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages and VMs, as an honest host handles them.
 */
#include "host.h"

struct moat_regs call(struct moat_regs request)
{
	host_hvc(&request);
	return request;
}

uint64_t smc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	struct moat_regs regs = {{function, x1, x2, x3}};

	host_smc(&regs);
	return regs.x[0];
}

/* ---- Pages --------------------------------------------------------------- */

/* @count contiguous pages, aligned to @count (a power of two). */
uint64_t pool_take(struct pool *pool, uint64_t count)
{
	uint64_t first = pool->next;

	if (count > 1) {
		first = (first + count - 1) / count * count;
	}
	pool->next = first + (count > pool->step ? count : pool->step);
	return POOL_BASE + first * PAGE;
}

void page_fill(uint64_t page, uint64_t value)
{
	volatile uint64_t *word = (volatile uint64_t *)page;

	for (size_t i = 0; i < PAGE_WORDS; i++) {
		word[i] = value;
	}
}

bool page_is_filled(uint64_t page, uint64_t value)
{
	const volatile uint64_t *word = (const volatile uint64_t *)page;

	for (size_t i = 0; i < PAGE_WORDS; i++) {
		if (word[i] != value) {
			return false;
		}
	}
	return true;
}

uint64_t page_state(uint64_t page)
{
	return call(moat_page_info((struct moat_pa){page})).x[1];
}

/* ---- Building ------------------------------------------------------------ */

/* Root pages and start level, by the table at vm_create in moat.h. */
static uint64_t root_pages(uint64_t ipa_bits)
{
	if (ipa_bits <= 34) {
		return (uint64_t)1 << (ipa_bits - 30);
	}
	if (ipa_bits >= 40 && ipa_bits <= 43) {
		return (uint64_t)1 << (ipa_bits - 39);
	}
	return 1;
}

static uint64_t root_level(uint64_t ipa_bits)
{
	if (ipa_bits <= 34) {
		return 2;
	}
	return ipa_bits <= 43 ? 1 : 0;
}

uint64_t vm_open(
	struct vm *vm, struct pool *pool, uint64_t slot, uint64_t ipa_bits)
{
	uint64_t status;

	*vm = (struct vm){.id = {slot}, .ipa_bits = ipa_bits};
	vm->root = pool_take(pool, root_pages(ipa_bits));
	status = call(
		moat_vm_create(vm->id, (struct moat_pa){vm->root}, ipa_bits, 1))
			 .x[0];
	for (uint64_t level = root_level(ipa_bits) + 1; level <= 3; level++) {
		uint64_t page = pool_take(pool, 1);

		if (status != MOAT_OK) {
			return status;
		}
		vm->table[level - 1] = page;
		status = call(
			moat_table_create(vm->id,
				(struct moat_ipa){level == 3 ? GUEST_CODE : 0},
				level, (struct moat_pa){page}))
				 .x[0];
	}
	return status;
}

static void guest_copy(uint64_t page)
{
	uint8_t *to = (uint8_t *)page;
	size_t size = (size_t)(guest_code_end - guest_code);

	page_fill(page, 0);
	for (size_t i = 0; i < size; i++) {
		to[i] = (uint8_t)guest_code[i];
	}
}

/* Code, a page full of @secret, and one vCPU. */
uint64_t vm_furnish(struct vm *vm, struct pool *pool, uint64_t secret)
{
	uint64_t status;

	vm->code = pool_take(pool, 1);
	vm->data = pool_take(pool, 1);
	vm->context = pool_take(pool, 1);
	guest_copy(vm->code);
	page_fill(vm->data, secret);
	status = call(moat_page_load(vm->id, (struct moat_ipa){GUEST_CODE},
			      (struct moat_pa){vm->code}, 1))
			 .x[0];
	if (status != MOAT_OK) {
		return status;
	}
	status = call(moat_page_load(vm->id, (struct moat_ipa){GUEST_DATA},
			      (struct moat_pa){vm->data}, 1))
			 .x[0];
	if (status != MOAT_OK) {
		return status;
	}
	return call(moat_vcpu_create(vm->id, (struct moat_vcpu_id){0},
			    (struct moat_pa){vm->context}, GUEST_CODE,
			    GUEST_ARGUMENT))
		.x[0];
}

uint64_t vm_seal(const struct vm *vm)
{
	return call(moat_vm_seal(vm->id)).x[0];
}

uint64_t vm_build(struct vm *vm, struct pool *pool, uint64_t slot,
	uint64_t ipa_bits, uint64_t secret)
{
	uint64_t status = vm_open(vm, pool, slot, ipa_bits);

	if (status == MOAT_OK) {
		status = vm_furnish(vm, pool, secret);
	}
	if (status == MOAT_OK) {
		status = vm_seal(vm);
	}
	return status;
}

/* ---- Running ------------------------------------------------------------- */

struct moat_regs vm_run(const struct vm *vm)
{
	return call(moat_vcpu_run(vm->id, (struct moat_vcpu_id){0}));
}

struct moat_regs vm_order(const struct vm *vm, enum guest_order order,
	uint64_t address, uint64_t value)
{
	struct moat_regs entry =
		moat_vcpu_run(vm->id, (struct moat_vcpu_id){0});

	entry.x[4] = (uint64_t)order;
	entry.x[5] = address;
	entry.x[6] = value;
	return call(entry);
}

uint64_t vm_ask(const struct vm *vm, enum guest_order order, uint64_t address,
	uint64_t value)
{
	struct moat_regs exit = vm_order(vm, order, address, value);
	bool reported = exit.x[0] == MOAT_OK &&
			exit.x[1] == MOAT_EXIT_HOST_CALL && exit.x[2] == 3 &&
			exit.x[4] == GUEST_ARGUMENT && exit.x[5] == 0;

	return reported ? exit.x[3] : ~(uint64_t)0;
}

/* ---- Taking apart -------------------------------------------------------- */

/* What @page is for its VM decides which call gives it back, if any does at
 * this stage: leaves before tables, low tables before high ones. */
static void sweep_page(uint64_t page, uint64_t state, uint64_t level)
{
	struct moat_regs info = call(moat_page_info((struct moat_pa){page}));
	struct moat_vm_id vm = {info.x[2]};

	if (info.x[1] != state || (level != 0 && info.x[4] != level)) {
		return;
	}
	if (state == MOAT_PAGE_VM) {
		call(moat_page_reclaim(vm, (struct moat_ipa){info.x[3]}, 1));
	} else if (state == MOAT_PAGE_VCPU) {
		call(moat_vcpu_destroy(vm, (struct moat_vcpu_id){info.x[3]}));
	} else if (state == MOAT_PAGE_TABLE) {
		call(moat_table_destroy(
			vm, (struct moat_ipa){info.x[3]}, info.x[4]));
	}
}

static void sweep_state(uint64_t pool_pages, uint64_t state, uint64_t level)
{
	for (uint64_t i = 0; i < pool_pages; i++) {
		sweep_page(POOL_BASE + i * PAGE, state, level);
	}
}

void vm_sweep(uint64_t pool_pages)
{
	uint64_t slots = call(moat_features()).x[5];

	for (uint64_t slot = 0; slot < slots; slot++) {
		call(moat_vm_kill((struct moat_vm_id){slot}));
	}
	sweep_state(pool_pages, MOAT_PAGE_VM, 0);
	sweep_state(pool_pages, MOAT_PAGE_VCPU, 0);
	for (uint64_t level = 3; level != 0; level--) {
		sweep_state(pool_pages, MOAT_PAGE_TABLE, level);
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
