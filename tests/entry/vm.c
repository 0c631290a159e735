/* SPDX-License-Identifier: BSD-2-Clause */
#include "vm.h"

enum { PAGE = 4096, CODE_PAGES = 2, VCPUS = 8, IPA_BITS = 39 };

#define POOL UINT64_C(0x58000000) /* pages for VMs */

extern char guest_page[];

struct moat_regs hvc(struct moat_regs regs)
{
	register uint64_t *x __asm__("x18") = regs.x;

	__asm__ volatile("ldp x0, x1, [x18]\n\t"
			 "ldp x2, x3, [x18, #16]\n\t"
			 "ldp x4, x5, [x18, #32]\n\t"
			 "ldp x6, x7, [x18, #48]\n\t"
			 "ldp x8, x9, [x18, #64]\n\t"
			 "ldp x10, x11, [x18, #80]\n\t"
			 "ldp x12, x13, [x18, #96]\n\t"
			 "ldr x14, [x18, #112]\n\t"
			 "hvc #0\n\t"
			 "stp x0, x1, [x18]\n\t"
			 "stp x2, x3, [x18, #16]\n\t"
			 "stp x4, x5, [x18, #32]\n\t"
			 "stp x6, x7, [x18, #48]\n\t"
			 "stp x8, x9, [x18, #64]\n\t"
			 "stp x10, x11, [x18, #80]\n\t"
			 "stp x12, x13, [x18, #96]\n\t"
			 "str x14, [x18, #112]"
			 :
			 : "r"(x)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
			 "x9", "x10", "x11", "x12", "x13", "x14", "memory");
	return regs;
}

static uint64_t next_page(void)
{
	static uint64_t next = POOL;

	next += PAGE;
	return next - PAGE;
}

static void copy_code(uint64_t page, uint64_t offset)
{
	volatile uint32_t *to = (volatile uint32_t *)(uintptr_t)page;
	const uint32_t *from =
		(const uint32_t *)(const void *)&guest_page[offset];

	for (uint32_t i = 0; i < PAGE / sizeof(*to); i++) {
		to[i] = from[i];
	}
}

static uint64_t load(struct moat_vm_id vm, uint64_t ipa)
{
	struct moat_pa page = {next_page()};

	copy_code(page.value, ipa);
	return hvc(moat_page_load(vm, (struct moat_ipa){ipa}, page, 1)).x[0];
}

uint64_t vm_build(struct moat_vm_id vm)
{
	struct moat_ipa zero = {0};
	struct moat_ipa store = {CODE_PAGES * PAGE};
	struct moat_pa root = {next_page()};
	struct moat_pa middle = {next_page()};
	struct moat_pa leaf = {next_page()};
	struct moat_pa data = {next_page()};
	uint64_t wrong = hvc(moat_vm_create(vm, root, IPA_BITS, VCPUS)).x[0];

	wrong += hvc(moat_table_create(vm, zero, 2, middle)).x[0];
	wrong += hvc(moat_table_create(vm, zero, 3, leaf)).x[0];
	for (uint64_t ipa = 0; ipa < store.value; ipa += PAGE) {
		wrong += load(vm, ipa);
	}
	return wrong + hvc(moat_page_donate(vm, store, data, 1)).x[0];
}

uint64_t vm_add(
	struct moat_vm_id vm, uint64_t vcpu, uint64_t pc, uint64_t argument)
{
	return hvc(moat_vcpu_create(vm, (struct moat_vcpu_id){vcpu},
			   (struct moat_pa){next_page()}, pc, argument))
		.x[0];
}

uint64_t vm_pc(const char *place)
{
	return (uint64_t)(place - guest_page);
}

uint64_t vm_start(struct moat_vm_id vm, const char *place)
{
	uint64_t wrong = vm_build(vm);

	wrong += vm_add(vm, 0, vm_pc(place), 0);
	return wrong + hvc(moat_vm_seal(vm)).x[0];
}

struct moat_regs vm_run(struct moat_vm_id vm, uint64_t vcpu)
{
	return hvc(moat_vcpu_run(vm, (struct moat_vcpu_id){vcpu}));
}
