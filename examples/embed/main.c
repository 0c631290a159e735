/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine in a program: two VMs; the first shares a page with the host; then
 * the host attacks, and is refused. There is no CPU here: this program says
 * what the host calls (moat_host_call) and what the VM traps with
 * (moat_guest_exit), and the port in port.c does what a CPU would.
 */
#include <stdio.h>

#include "machine.h"

static const struct moat_ipa code = {0x0000}, data = {0x1000}, empty = {0x2000};

/* The @number-th page of RAM. */
static struct moat_pa page(uint64_t number)
{
	struct moat_pa pa = {RAM_BASE + number * MOAT_PAGE_SIZE};

	return pa;
}

/* A call of the host. Returns the status, the results are in *@regs. */
static uint64_t host(struct moat *m, struct moat_regs regs)
{
	moat_host_call(m, 0, &regs);
	return regs.x[0];
}

/* A VM with one vCPU and two pages, in the eight pages from @first on. */
static uint64_t make(struct moat *m, struct moat_vm_id vm, uint64_t first)
{
	const struct moat_vcpu_id vcpu = {0};

	return host(m, moat_vm_create(vm, page(first), 32, 1)) |
	       host(m, moat_table_create(vm, code, 3, page(first + 4))) |
	       host(m, moat_page_load(vm, code, page(first + 5), 1)) |
	       host(m, moat_page_donate(vm, data, page(first + 6), 1)) |
	       host(m, moat_vcpu_create(vm, vcpu, page(first + 7), 0, 0)) |
	       host(m, moat_vm_seal(vm));
}

/* The first VM runs and calls share(data, 1). Returns what the host sees. */
static uint64_t share(struct moat *m, struct moat_vm_id vm)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	const struct moat_vcpu_id vcpu = {0};
	struct moat_regs regs = moat_vcpu_run(vm, vcpu);
	struct moat_context *guest;

	moat_host_call(m, 0, &regs);
	guest = moat_cpu_context(m, 0);
	guest->x[0] = MOAT_FUNCTION(MOAT_GUEST_SHARE);
	guest->x[1] = data.value;
	guest->x[2] = 1;
	moat_guest_exit(m, 0, &trap, &regs);
	return regs.x[1];
}

int main(void)
{
	const struct moat_vm_id alice = {0}, bob = {1};
	struct moat *m = machine_start();
	uint64_t made = make(m, alice, 0) | make(m, bob, 8);
	uint64_t told = share(m, alice);
	uint64_t theft = host(m, moat_page_donate(bob, empty, page(6), 1));
	uint64_t seizure = host(m, moat_page_reclaim(alice, data, 1));

	printf("Moat %s: two VMs: %s\n", moat_library_version(),
		made == MOAT_OK ? "made" : "refused");
	printf("VM 0 shares a page, the host is told: %s\n",
		told == MOAT_EXIT_SHARE ? "yes" : "no");
	printf("the host gives that page to VM 1: status %d of x%d\n",
		(int)moat_status_code(theft), (int)moat_status_operand(theft));
	printf("the host takes it from a living VM: status %d\n",
		(int)moat_status_code(seizure));
	return made != MOAT_OK || told != MOAT_EXIT_SHARE ||
	       moat_status_code(theft) != MOAT_BAD_PAGE ||
	       seizure != MOAT_BAD_STATE;
}
