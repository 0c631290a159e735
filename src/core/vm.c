/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM is its slot: the number the host chose is the number of its lock and,
 * plus one, its VMID. So the slot is freed only when no translation of that
 * VMID can be left on any CPU.
 */
#include "core/vm.h"

#include "core/owner.h"
#include "core/store.h"

bool vm_is_growing(const struct moat *m, struct vm_locked locked)
{
	uint8_t life = VM(m, locked.vm).life;

	return life == MOAT_VM_BUILDING || life == MOAT_VM_ACTIVE;
}

/* ---- Create ------------------------------------------------------------ */

static struct s2_root root_for(const struct call *call)
{
	return s2_root_for((uint32_t)call->x[3], LEAF_LEVEL - 1);
}

uint64_t vm_create_arguments(const struct moat *m, const struct call *call)
{
	uint64_t root_bytes;

	if (call->x[3] < MOAT_IPA_BITS_MIN ||
		call->x[3] > MOAT(m).config.ipa_bits) {
		return status_at(MOAT_BAD_ARG, 3);
	}
	if (call->x[4] < 1 || call->x[4] > MOAT_VCPU_MAX) {
		return status_at(MOAT_BAD_ARG, 4);
	}
	root_bytes = root_for(call).page_count * PAGE_BYTES;
	if (call->x[2] % root_bytes != 0) {
		return status_at(MOAT_BAD_ARG, 2);
	}
	return MOAT_OK;
}

uint64_t vm_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	if (VM(m, locked.vm).life != MOAT_VM_EMPTY) {
		return MOAT_BAD_STATE;
	}
	plan->is_whole = true;
	/*@ assert is_root_aligned(call->x[2], call->x[3]); */
	return plan_take(m, call, 2, root_for(call).page_count, plan);
}

/* A root page's parent is not a table but the VM. */
static void root_set(struct moat *m, uint32_t vm, uint32_t index)
{
	struct page record = {.state = MOAT_PAGE_TABLE,
		.mapping = VM(m, vm).start_level,
		.slot = (uint16_t)(SLOT_ROOT + index),
		.parent = vm};

	page_set(m, VM(m, vm).root + index, record);
}

static void vm_clear(struct moat *m, uint32_t vm)
{
	const struct vm empty = {.life = MOAT_VM_EMPTY};

	VM(m, vm) = empty;
}

/* The slot, from EMPTY to BUILDING. */
static void vm_begin(struct moat *m, uint32_t vm, uint32_t root_page,
	const struct call *call)
{
	struct s2_root root = root_for(call);

	vm_clear(m, vm);
	VM(m, vm).half = s2_space_bytes((uint32_t)call->x[3]) / 2;
	VM(m, vm).root = root_page;
	VM(m, vm).root_count = root.page_count;
	VM(m, vm).life = MOAT_VM_BUILDING;
	VM(m, vm).ipa_bits = (uint8_t)call->x[3];
	VM(m, vm).start_level = (uint8_t)root.start_level;
	VM(m, vm).vcpu_count = (uint8_t)call->x[4];
}

void vm_create_apply(struct moat *m, struct held held, const struct plan *plan,
	const struct call *call)
{
	const uint64_t words[3] = {MEASURE_VM, call->x[3], call->x[4]};

	owner_take(m, held.regions, plan->run);
	vm_begin(m, held.vm.vm, plan->run.first, call);
	store_measure(m, held.vm.vm, words, 3);
	/*@ loop invariant 0 <= i <= plan->run.count;
	    loop invariant \forall integer p;
	      plan->run.first <= p < plan->run.first + i ==>
	        PAGE(m, p).state == MOAT_PAGE_TABLE &&
	        PAGE(m, p).mapping == VM(m, held.vm.vm).start_level &&
	        hangs_at(p, held.vm.vm, SLOT_ROOT + p - plan->run.first);
	    loop invariant \forall integer p; 0 <= p < PAGE_COUNT(m) &&
	      !(plan->run.first <= p < plan->run.first + i) ==>
	        page_same{Pre,Here}(p);
	    loop assigns i, PAGE(m, plan->run.first ..
	      plan->run.first + plan->run.count - 1);
	    loop variant plan->run.count - i; */
	for (uint32_t i = 0; i < plan->run.count; i++) {
		root_set(m, held.vm.vm, i);
	}
}

/* ---- Seal, kill -------------------------------------------------------- */

uint64_t vm_seal_check(const struct moat *m, struct vm_locked locked)
{
	return VM(m, locked.vm).life == MOAT_VM_BUILDING ? MOAT_OK
							 : MOAT_BAD_STATE;
}

void vm_seal_apply(struct moat *m, struct held held, struct call *call)
{
	VM(m, held.vm.vm).life = MOAT_VM_ACTIVE;
	/*@ loop invariant 0 <= i <= MOAT_MEASUREMENT_WORDS;
	    loop invariant \forall integer k; 0 <= k < i ==>
	      call->result[k + 1] == VM(m, held.vm.vm).measurement[k];
	    loop assigns i, call->result[1 .. MOAT_MEASUREMENT_WORDS];
	    loop variant MOAT_MEASUREMENT_WORDS - i; */
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		call->result[1 + i] = VM(m, held.vm.vm).measurement[i];
	}
}

/* A bitmap of the vCPUs in @state. */
static uint64_t vcpu_bitmap(
	const struct moat *m, uint32_t vm, enum moat_vcpu_state state)
{
	uint64_t bitmap = 0;

	/* From the top down, so that doubling moves a bit to its place. */
	/*@ loop invariant 0 <= i <= MOAT_VCPU_MAX;
	    loop invariant 0 <= bitmap < power_of_two(i);
	    loop invariant bitmap == 0 <==> \forall integer j;
	      MOAT_VCPU_MAX - i <= j < MOAT_VCPU_MAX ==>
	        !is_in_state(vm, j, state);
	    loop assigns i, bitmap;
	    loop variant MOAT_VCPU_MAX - i; */
	for (uint32_t i = 0; i < MOAT_VCPU_MAX; i++) {
		uint32_t vcpu = MOAT_VCPU_MAX - 1 - i;

		bitmap = bitmap * 2 + (VCPU(m, vm, vcpu).state == state);
	}
	return bitmap;
}

/* The same of those that exist: the states exclude each other. */
static uint64_t vcpu_created(const struct moat *m, uint32_t vm)
{
	return vcpu_bitmap(m, vm, MOAT_VCPU_OFF) +
	       vcpu_bitmap(m, vm, MOAT_VCPU_READY) +
	       vcpu_bitmap(m, vm, MOAT_VCPU_RUNNING);
}

/*
 * Refused while a vCPU runs, so that a DYING VM is quiet: its pages may be
 * scrubbed without asking what its vCPUs do. The host has to stop them first,
 * with an interrupt.
 */
uint64_t vm_kill_check(const struct moat *m, struct vm_locked locked)
{
	if (!vm_is_growing(m, locked)) {
		return MOAT_BAD_STATE;
	}
	if (vcpu_bitmap(m, locked.vm, MOAT_VCPU_RUNNING) != 0) {
		return MOAT_BUSY;
	}
	return MOAT_OK;
}

void vm_kill_apply(struct moat *m, struct held held)
{
	VM(m, held.vm.vm).life = MOAT_VM_DYING;
}

/* ---- Free -------------------------------------------------------------- */

/*
 * Memory is a forest: every table and every data page hangs below an entry of
 * the root, so an empty root proves that there is none. No count is kept.
 */
uint64_t vm_free_check(
	const struct moat *m, struct vm_locked locked, struct plan *plan)
{
	const struct page_run root = {
		VM(m, locked.vm).root, VM(m, locked.vm).root_count};

	if (VM(m, locked.vm).life != MOAT_VM_DYING) {
		return MOAT_BAD_STATE;
	}
	/* No entry in the root: no table below it, so no page either. */
	if (vcpu_created(m, locked.vm) != 0 ||
		!s2_is_empty(m, root.first, root.count)) {
		return MOAT_NOT_EMPTY;
	}
	plan_run(plan, root);
	return MOAT_OK;
}

void vm_free_apply(struct moat *m, struct held held, const struct plan *plan)
{
	/* The slot's VMID may be used again: nothing of it may be left. */
	s2_invalidate(m, held.vm, 0, 0, LEAF_LEVEL);
	vm_clear(m, held.vm.vm);
	owner_return(m, held.regions, plan->run);
}

/* ---- Info -------------------------------------------------------------- */

void vm_info_apply(const struct moat *m, struct held held, struct call *call)
{
	uint32_t vm = held.vm.vm;

	call->result[1] = VM(m, vm).life;
	if (VM(m, vm).life != MOAT_VM_EMPTY) {
		call->result[2] = VM(m, vm).ipa_bits;
		call->result[3] = VM(m, vm).vcpu_count;
		call->result[4] = page_pa(m, VM(m, vm).root);
		call->result[5] = vcpu_created(m, vm);
		call->result[6] = vcpu_bitmap(m, vm, MOAT_VCPU_RUNNING);
		call->result[7] = vcpu_bitmap(m, vm, MOAT_VCPU_OFF);
	}
}
