/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages and VMs, as an honest host handles them.
 */
#include "host.h"

struct moat_regs call(struct moat_regs request)
{
	struct moat_regs regs = request;

	host_hvc(&regs);
	coverage_call(request, regs);
	return regs;
}

uint64_t status(struct moat_regs request)
{
	return call(request).x[0];
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

void word_write(uint64_t address, uint64_t value)
{
	*(volatile uint64_t *)address = value;
}

uint64_t word_read(uint64_t address)
{
	return *(volatile uint64_t *)address;
}

uint64_t page_state(uint64_t page)
{
	return call(moat_page_info((struct moat_pa){page})).x[1];
}

/* ---- Building ------------------------------------------------------------ */

/* What the root's level and pages are, by the table at moat_vm_create in
 * call.h: up to @ipa_bits level @level, with 2^(bits - @one_page) pages. */
struct root {
	uint64_t page;
	uint64_t ipa_bits;
	uint64_t level;
	uint64_t one_page;
};

static const struct root roots[] = {
	{4096, 34, 2, 30},
	{4096, 43, 1, 39},
	{4096, 44, 0, 44},
	{16384, 40, 2, 36},
	{16384, 44, 1, 44},
	{65536, 44, 2, 42},
};

static const struct root *root_of(uint64_t ipa_bits)
{
	const struct root *root = roots;

	while (root->page != PAGE || root->ipa_bits < ipa_bits) {
		root++;
	}
	return root;
}

static uint64_t root_pages(uint64_t ipa_bits)
{
	uint64_t one_page = root_of(ipa_bits)->one_page;

	return ipa_bits > one_page ? (uint64_t)1 << (ipa_bits - one_page) : 1;
}

uint64_t vm_shared(const struct vm *vm)
{
	return (uint64_t)1 << (vm->ipa_bits - 1);
}

/* The first tables made are those whose addresses are kept. */
uint64_t vm_add_tables(struct vm *vm, struct pool *pool, uint64_t ipa)
{
	uint64_t answer = MOAT_OK;

	for (uint64_t level = root_of(vm->ipa_bits)->level + 1;
		level <= 3 && answer == MOAT_OK; level++) {
		uint64_t page = pool_take(pool, 1);
		uint64_t bytes = (uint64_t)PAGE
				 << MOAT_TABLE_BITS * (4 - level);

		if (vm->table[level - 1] == 0) {
			vm->table[level - 1] = page;
		}
		answer = status(moat_table_create(vm->id,
			(struct moat_ipa){ipa / bytes * bytes}, level,
			(struct moat_pa){page}));
	}
	return answer;
}

uint64_t vm_open_for(struct vm *vm, struct pool *pool, uint64_t slot,
	uint64_t ipa_bits, uint64_t vcpus)
{
	uint64_t answer;

	*vm = (struct vm){.id = {slot},
		.cpu = host_cpu_self()->index,
		.ipa_bits = ipa_bits};
	vm->root = pool_take(pool, root_pages(ipa_bits));
	answer = status(moat_vm_create(
		vm->id, (struct moat_pa){vm->root}, ipa_bits, vcpus));
	return answer == MOAT_OK ? vm_add_tables(vm, pool, GUEST_CODE) : answer;
}

uint64_t vm_open(
	struct vm *vm, struct pool *pool, uint64_t slot, uint64_t ipa_bits)
{
	return vm_open_for(vm, pool, slot, ipa_bits, 1);
}

/* The rest of a larger page is zero. */
static void guest_copy(uint64_t page)
{
	uint8_t *to = (uint8_t *)page;
	size_t size = (size_t)(guest_code_end - guest_code);

	page_fill(page, 0);
	for (size_t i = 0; i < size; i++) {
		to[i] = (uint8_t)guest_code[i];
	}
}

uint64_t vm_add_vcpu(
	const struct vm *vm, struct pool *pool, uint64_t vcpu, uint64_t is_off)
{
	struct moat_regs request =
		moat_vcpu_create(vm->id, (struct moat_vcpu_id){vcpu},
			(struct moat_pa){pool_take(pool, 1)}, GUEST_CODE,
			GUEST_ARGUMENT);

	request.x[6] = is_off;
	return status(request);
}

/* Code, a page full of @secret, and one vCPU. */
uint64_t vm_furnish(struct vm *vm, struct pool *pool, uint64_t secret)
{
	uint64_t answer;

	vm->code = pool_take(pool, 1);
	vm->data = pool_take(pool, 1);
	vm->context = POOL_BASE + pool->next * PAGE; /* of vm_add_vcpu */
	guest_copy(vm->code);
	page_fill(vm->data, secret);
	answer = status(moat_page_load(vm->id, (struct moat_ipa){GUEST_CODE},
		(struct moat_pa){vm->code}, 1));
	if (answer == MOAT_OK) {
		answer = status(
			moat_page_load(vm->id, (struct moat_ipa){GUEST_DATA},
				(struct moat_pa){vm->data}, 1));
	}
	return answer == MOAT_OK ? vm_add_vcpu(vm, pool, 0, 0) : answer;
}

uint64_t vm_seal(struct vm *vm)
{
	struct moat_regs answer = call(moat_vm_seal(vm->id));

	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		vm->measurement[i] = answer.x[1 + i];
	}
	return answer.x[0];
}

uint64_t vm_build(struct vm *vm, struct pool *pool, uint64_t slot,
	uint64_t ipa_bits, uint64_t secret)
{
	uint64_t answer = vm_open(vm, pool, slot, ipa_bits);

	if (answer == MOAT_OK) {
		answer = vm_furnish(vm, pool, secret);
	}
	return answer == MOAT_OK ? vm_seal(vm) : answer;
}

/* ---- Pages of a VM ------------------------------------------------------- */

struct moat_regs vm_donate(
	const struct vm *vm, uint64_t ipa, uint64_t page, uint64_t count)
{
	return moat_page_donate(
		vm->id, (struct moat_ipa){ipa}, (struct moat_pa){page}, count);
}

struct moat_regs vm_lend(const struct vm *vm, uint64_t ipa, uint64_t page,
	uint64_t count, uint64_t permission)
{
	return moat_page_lend(vm->id, (struct moat_ipa){ipa},
		(struct moat_pa){page}, count, permission);
}

struct moat_regs vm_recall(const struct vm *vm, uint64_t ipa, uint64_t count)
{
	return moat_page_recall(vm->id, (struct moat_ipa){ipa}, count);
}

struct moat_regs vm_reclaim(const struct vm *vm, uint64_t ipa, uint64_t count)
{
	return moat_page_reclaim(vm->id, (struct moat_ipa){ipa}, count);
}
