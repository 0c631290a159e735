/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host, at EL1: it makes a VM with moat/host.h, runs it, reaches for one of
 * its pages and takes it apart again. Stage 1 is off, so that addresses are
 * what stage 2 translates.
 */
#include "moat/host.h"

enum { UART = 0x09000000, FREE = 0x42000000, POOL_SIZE = 4 };

#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)

extern unsigned char guest_code[];
extern volatile uint64_t host_aborts;

void moat_host_hvc(struct moat_regs *regs)
{
	moat_hvc(regs);
}

static void say(const char *what, int holds)
{
	static const char *const verdict[] = {": NO\n", ": yes\n"};
	const char *parts[] = {"host: ", what, verdict[holds != 0]};

	for (int i = 0; i < 3; i++) {
		for (const char *c = parts[i]; *c != 0; c++) {
			*(volatile uint32_t *)(uintptr_t)UART = (uint32_t)*c;
		}
	}
}

/* The @number-th free page of the host. */
static struct moat_pa page(uint64_t number)
{
	struct moat_pa pa = {FREE + number * MOAT_PAGE_SIZE};

	return pa;
}

static const struct moat_vm_id vm = {0};
static const struct moat_vcpu_id vcpu = {0};
static struct moat_pa pool_pages[POOL_SIZE];
static struct moat_host_pool pool = {pool_pages, 0, POOL_SIZE};

/* Code at IPA 0, a page of its own at 0x1000. Returns the first refusal. */
static uint64_t make(void)
{
	struct moat_host_range code = {vm, {0}, {(uintptr_t)guest_code}, 1, 0};
	struct moat_host_range data = {vm, {0x1000}, page(5), 1, 0};
	uint64_t status = moat_host_ask(moat_vm_create(vm, page(0), 32, 1));

	pool_pages[0] = page(4);
	pool.count = 1;
	if (status == MOAT_OK) {
		status = moat_host_load(&code, &pool);
	}
	if (status == MOAT_OK) {
		status = moat_host_donate(&data, &pool);
	}
	if (status == MOAT_OK) {
		status = moat_host_ask(
			moat_vcpu_create(vm, vcpu, page(6), 0, 0));
	}
	return status == MOAT_OK ? moat_host_ask(moat_vm_seal(vm)) : status;
}

/* A load that may abort; the vector leaves the instruction out. */
static uint64_t peek(struct moat_pa pa)
{
	uint64_t value = 0x1dea;

	__asm__ volatile("ldr %0, [%1]"
			 : "+r"(value)
			 : "r"(pa.value)
			 : "memory");
	return value;
}

void host_main(void);

void host_main(void)
{
	struct moat_regs run = moat_vcpu_run(vm, vcpu);
	register uint64_t x0 __asm__("x0");

	*(volatile uint64_t *)(uintptr_t)page(5).value = 0x5ec2e7;
	say("a VM is made", make() == MOAT_OK);
	moat_hvc(&run);
	say("it runs, and tells 42", run.x[1] == MOAT_EXIT_HOST_CALL &&
					     run.x[2] == 1 && run.x[3] == 42);
	peek(page(5));
	say("its page is out of reach", host_aborts == 1);
	say("it is taken apart", moat_host_teardown(vm, &pool) == MOAT_OK);
	say("its page is back, scrubbed",
		peek(page(5)) == 0 && host_aborts == 1);
	x0 = PSCI_SYSTEM_OFF;
	__asm__ volatile("smc #0" : "+r"(x0) : : "memory");
}
