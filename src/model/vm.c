/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Life of a VM: EMPTY -> BUILDING -> ACTIVE -> DYING -> EMPTY, and which calls
 * each life permits:
 *
 *     call                       EMPTY   BUILDING   ACTIVE   DYING
 *     vm_create                  yes     -          -        -
 *     vm_seal                    -       yes        -        -
 *     vm_kill                    -       yes        yes      -
 *     vm_free                    -       -          -        yes
 *     vm_info                    yes     yes        yes      yes
 *     vcpu_create                -       yes        -        -
 *     vcpu_destroy               -       yes        -        yes
 *     vcpu_run                   -       -          yes      -
 *     table_create               -       yes        yes      -
 *     table_destroy              -       yes        yes      yes
 *     page_load                  -       yes        -        -
 *     page_donate                -       yes        yes      -
 *     table_fold, table_split    -       yes        yes      -
 *     page_reclaim               -       -          -        yes
 *     page_lend                  -       yes        yes      -
 *     page_recall                -       yes        yes      yes
 *     block_donate, block_lend   -       yes        yes      -
 */
#include "model/state.h"

/* The number is compared in full: it comes from the host, and a slot number
 * that was cut to fewer bits would name a VM that the host did not mean. */
uint64_t model_vm_refusal(const struct model *m, uint64_t vm, uint32_t lives)
{
	if (vm >= m->config.vm_count) {
		return model_x0(MOAT_BAD_VM, 1);
	}
	if (((1u << m->vms[vm].life) & lives) == 0) {
		return model_x0(MOAT_BAD_STATE, 0);
	}
	return MOAT_OK;
}

/* ---- vm_create --------------------------------------------------------- */

/* ipa_bits first, since the alignment of the root follows from it. An engine
 * may be configured for narrower spaces than the interface allows. */
static uint64_t create_argument_refusal(
	const struct model *m, const uint64_t *x)
{
	uint64_t root_size;

	if (x[3] < MOAT_IPA_BITS_MIN || x[3] > m->config.ipa_bits) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	if (x[4] < 1 || x[4] > MOAT_VCPU_MAX) {
		return model_x0(MOAT_BAD_ARG, 4);
	}
	root_size =
		(uint64_t)model_s2_root_pages((uint32_t)x[3]) * MOAT_PAGE_SIZE;
	if (!model_is_aligned(x[2], root_size)) {
		return model_x0(MOAT_BAD_ARG, 2);
	}
	return MOAT_OK;
}

/* One page of the root that is not HOST refuses them all: nothing is taken. */
static uint64_t create_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0 = create_argument_refusal(m, x);

	if (x0 == MOAT_OK) {
		x0 = model_vm_refusal(m, x[1], MODEL_EMPTY);
	}
	if (x0 != MOAT_OK) {
		return x0;
	}
	/* Aligned to their size, so the addresses of the root cannot wrap. */
	for (uint32_t i = 0; i < model_s2_root_pages((uint32_t)x[3]); i++) {
		if (!model_page_is_host(m, x[2] + i * MOAT_PAGE_SIZE)) {
			return model_x0(MOAT_BAD_PAGE, 2);
		}
	}
	return MOAT_OK;
}

/* Page @index of the root is a table like any other, at the start level. */
static void root_page_take(struct model *m, uint32_t number, uint32_t index)
{
	struct model_vm *vm = &m->vms[number];
	uint32_t level = model_s2_start_level(vm->ipa_bits);
	uint64_t pa = vm->root.value + (uint64_t)index * MOAT_PAGE_SIZE;
	struct model_page page = {.state = MOAT_PAGE_TABLE,
		.vm = number,
		.level = level,
		.ipa = index * model_s2_span(level)};

	model_page_set(m, pa, &page);
	model_page_scrub(m, pa);
	model_map_put(&vm->tables, model_s2_key(level, page.ipa), &pa);
}

/* The numbers of the vCPUs are fixed here; they are ABSENT until created. The
 * measurement of an EMPTY slot is zero, where its chain begins. */
struct model_answer model_vm_create(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer = model_answer_make(create_refusal(m, x));
	uint64_t word[] = {0, x[3], x[4]};
	struct model_vm *vm;

	if (answer.x[0] != MOAT_OK) {
		return answer;
	}
	vm = &m->vms[x[1]];
	vm->life = MOAT_VM_BUILDING;
	vm->root.value = x[2];
	vm->ipa_bits = (uint32_t)x[3];
	vm->vcpu_count = (uint32_t)x[4];
	vm->vcpus = model_allocate(vm->vcpu_count, sizeof(*vm->vcpus));
	for (uint32_t i = 0; i < model_s2_root_pages(vm->ipa_bits); i++) {
		root_page_take(m, (uint32_t)x[1], i);
	}
	model_measure(vm, word, sizeof(word) / sizeof(word[0]), NULL);
	return answer;
}

/* ---- vm_seal, vm_kill, vm_free ----------------------------------------- */

/* From here on nothing that the host chose can enter, and vCPUs may run. What
 * did enter is told by x1..x4, and to the VM whenever it asks. */
struct model_answer model_vm_seal(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer =
		model_answer_make(model_vm_refusal(m, x[1], MODEL_BUILDING));

	if (answer.x[0] == MOAT_OK) {
		m->vms[x[1]].life = MOAT_VM_ACTIVE;
		for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
			answer.x[1 + i] = m->vms[x[1]].measurement[i];
		}
	}
	return answer;
}

/* The set of the VM's vCPUs in @state, as a bitmap. */
static uint64_t vcpus_in(const struct model_vm *vm, enum moat_vcpu_state state)
{
	uint64_t set = 0;

	for (uint32_t i = 0; i < vm->vcpu_count; i++) {
		if (vm->vcpus[i].state == state) {
			set |= (uint64_t)1 << i;
		}
	}
	return set;
}

/* Created is whatever is not ABSENT. */
static uint64_t vcpus_created(const struct model_vm *vm)
{
	return vcpus_in(vm, MOAT_VCPU_OFF) | vcpus_in(vm, MOAT_VCPU_READY) |
	       vcpus_in(vm, MOAT_VCPU_RUNNING);
}

/* The host must first get its vCPUs back (an interrupt ends a run). So no agent
 * of a dying VM is left that could still see its pages go. */
struct model_answer model_vm_kill(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer = model_answer_make(
		model_vm_refusal(m, x[1], MODEL_BUILDING | MODEL_ACTIVE));

	if (answer.x[0] != MOAT_OK) {
		return answer;
	}
	if (vcpus_in(&m->vms[x[1]], MOAT_VCPU_RUNNING) != 0) {
		return model_answer_make(model_x0(MOAT_BUSY, 0));
	}
	m->vms[x[1]].life = MOAT_VM_DYING;
	return answer;
}

/* The host takes everything back by name before; only the root, which it gave
 * with the VM, returns with the VM. Hence there is no hidden list of pages, and
 * no call whose time depends on how big the VM was. */
struct model_answer model_vm_free(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer =
		model_answer_make(model_vm_refusal(m, x[1], MODEL_DYING));
	struct model_vm *vm;
	uint32_t root_pages;

	if (answer.x[0] != MOAT_OK) {
		return answer;
	}
	vm = &m->vms[x[1]];
	root_pages = model_s2_root_pages(vm->ipa_bits);
	if (vcpus_created(vm) != 0 || vm->mappings.count != 0 ||
		vm->tables.count != root_pages) {
		return model_answer_make(model_x0(MOAT_NOT_EMPTY, 0));
	}
	for (uint32_t i = 0; i < root_pages; i++) {
		model_page_return(m, vm->root.value + i * MOAT_PAGE_SIZE);
	}
	model_vm_reset(vm);
	return answer;
}

/* Every slot may be asked about, an EMPTY one included: its numbers are zero,
 * for vm_free leaves nothing behind. */
struct model_answer model_vm_info(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	uint32_t lives =
		MODEL_EMPTY | MODEL_BUILDING | MODEL_ACTIVE | MODEL_DYING;
	struct model_answer answer =
		model_answer_make(model_vm_refusal(m, x[1], lives));
	const struct model_vm *vm;

	if (answer.x[0] == MOAT_OK) {
		vm = &m->vms[x[1]];
		answer.x[1] = vm->life;
		answer.x[2] = vm->ipa_bits;
		answer.x[3] = vm->vcpu_count;
		answer.x[4] = vm->root.value;
		answer.x[5] = vcpus_created(vm);
		answer.x[6] = vcpus_in(vm, MOAT_VCPU_RUNNING);
		answer.x[7] = vcpus_in(vm, MOAT_VCPU_OFF);
	}
	return answer;
}
