/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmm.h"

static const struct moat_vcpu_id vcpu = {0};

static struct moat_pa page_behind(struct moat_pa pa, uint64_t count)
{
	pa.value += count * MOAT_PAGE_SIZE;
	return pa;
}

uint64_t vmm_make(struct vmm *vmm, const struct vmm_memory *memory)
{
	struct moat_host_range image = {
		vmm->vm, {0}, memory->image, memory->count, 0};
	uint64_t status = moat_host_ask(
		moat_vm_create(vmm->vm, memory->root, VMM_IPA_BITS, 1));

	for (size_t i = 0; i < VMM_TABLES; i++) {
		vmm->tables[i] = page_behind(memory->tables, i);
	}
	vmm->pool.page = vmm->tables;
	vmm->pool.count = VMM_TABLES;
	vmm->pool.capacity = VMM_TABLES;
	vmm->length = 0;
	if (status == MOAT_OK) {
		status = moat_host_load(&image, &vmm->pool);
	}
	if (status == MOAT_OK) {
		status = moat_host_ask(
			moat_vcpu_create(vmm->vm, vcpu, memory->context, 0, 0));
	}
	return status == MOAT_OK ? moat_host_ask(moat_vm_seal(vmm->vm))
				 : status;
}

/* x2 IPA, x3 size, x4 access, x5 value (enum moat_exit_reason). */
static bool emulate(struct vmm *vmm, const struct moat_regs *exit)
{
	if (exit->x[2] != VMM_CONSOLE || exit->x[3] != 1 ||
		exit->x[4] != MOAT_ACCESS_WRITE) {
		return false;
	}
	if (vmm->length < VMM_OUTPUT) {
		vmm->output[vmm->length] = (char)exit->x[5];
		vmm->length++;
	}
	return true;
}

/* Whether the VM goes on; if not, *@end says why. */
static bool handle(
	struct vmm *vmm, const struct moat_regs *exit, enum vmm_end *end)
{
	switch (exit->x[1]) {
	case MOAT_EXIT_IRQ:
	case MOAT_EXIT_WFI:
		return true;
	case MOAT_EXIT_MMIO:
		*end = VMM_LOST;
		return emulate(vmm, exit);
	case MOAT_EXIT_PSCI:
		*end = VMM_OFF;
		return false;
	default:
		*end = VMM_LOST;
		return false;
	}
}

enum vmm_end vmm_run(struct vmm *vmm)
{
	enum vmm_end end = VMM_REFUSED;
	struct moat_regs regs;

	do {
		regs = moat_vcpu_run(vmm->vm, vcpu);
		moat_host_hvc(&regs);
		if (regs.x[0] != MOAT_OK) {
			return VMM_REFUSED;
		}
	} while (handle(vmm, &regs, &end));
	return end;
}

uint64_t vmm_end(struct vmm *vmm)
{
	return moat_host_teardown_within(vmm->vm, VMM_BYTES, &vmm->pool);
}
