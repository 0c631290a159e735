/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several CPUs at once: each lives through many VMs of its own, first in a
 * region of its own, then with the pages between its neighbours', so that they
 * split and join one region against each other; then all of them want the same
 * slot and the same page.
 */
#include "host.h"

enum {
	ROUNDS_APART = 50,
	ROUNDS_TOGETHER = 10, /* slow: they queue at one lock */
	ROUNDS = ROUNDS_APART + ROUNDS_TOGETHER,
	LOOKS = 10, /* at a neighbour's page, each round */
	SLOT_FIRST = 0, /* CPU c has slot c */
	SLOT_WANTED = 7,
	IPA_BITS = 36, /* one root page, whatever the granule */
	POOL_OF_CPU = 16, /* pages each CPU uses */
	POOL_WANTED = 300, /* the page that all want, in a split region */
	/* A region of its own; with 64 KiB as much as there is for each. */
	POOL_REGION = PAGE == 65536 ? 512 : BLOCK_PAGES
};

/* What each CPU counts; CPU 0 reads it after a barrier. */
struct tally {
	uint64_t wrong;
	uint64_t won;
	uint64_t lost;
	uint64_t rounds;
};

static struct tally tallies[CPU_COUNT_MAX];
static uint64_t cpus;

static uint64_t secret_of(uint64_t cpu, uint64_t round)
{
	return 0x5ec2e70000000000u + cpu * 0x100000000u + round * 0x100;
}

/* One VM, from creation to death; what it should see, and the host should not.
 * Returns how much went wrong. */
static uint64_t live(struct vm *vm, struct pool *pool, uint64_t secret)
{
	uint64_t cpu = host_cpu_self()->index;
	uint64_t page = 0;
	uint64_t wrong = 0;

	wrong += vm_build(vm, pool, SLOT_FIRST + cpu, IPA_BITS, secret) !=
		 MOAT_OK;
	page = pool_take(pool, 1);
	page_fill(page, ~secret);
	wrong += call(moat_page_donate(vm->id, (struct moat_ipa){GUEST_SPARE},
			      (struct moat_pa){page}, 1))
			 .x[0] != MOAT_OK;
	wrong += !touch_aborts(TOUCH_READ, page);
	wrong += vm_run(vm).x[1] != MOAT_EXIT_HOST_CALL;
	wrong += vm_ask(vm, GUEST_READ, GUEST_DATA, 0) != secret;
	wrong += vm_ask(vm, GUEST_READ, GUEST_SPARE, 0) != 0;
	vm_ask(vm, GUEST_WRITE, GUEST_SPARE, secret);
	wrong += vm_ask(vm, GUEST_READ, GUEST_SPARE, 0) != secret;
	return wrong;
}

/* A range of three pages: code, data, and what was donated. */
static uint64_t die(const struct vm *vm, uint64_t page)
{
	uint64_t wrong = 0;
	uint64_t ipa = GUEST_CODE;

	wrong += call(moat_vm_kill(vm->id)).x[0] != MOAT_OK;
	while (ipa < GUEST_SPARE + PAGE && wrong == 0) {
		struct moat_regs done =
			call(moat_page_reclaim(vm->id, (struct moat_ipa){ipa},
				(GUEST_SPARE + PAGE - ipa) / PAGE));

		wrong += done.x[0] != MOAT_OK;
		ipa += done.x[1] * PAGE;
	}
	wrong += !page_is_filled(page, 0) || !page_is_filled(vm->data, 0);
	wrong += call(moat_vcpu_destroy(vm->id, (struct moat_vcpu_id){0}))
			 .x[0] != MOAT_OK;
	wrong += call(moat_table_destroy(
			      vm->id, (struct moat_ipa){GUEST_CODE}, 3))
			 .x[0] != MOAT_OK;
	wrong += vm->table[1] != 0 && /* larger pages take a level less */
		 call(moat_table_destroy(vm->id, (struct moat_ipa){0}, 2))
				 .x[0] != MOAT_OK;
	wrong += call(moat_vm_free(vm->id)).x[0] != MOAT_OK;
	return wrong;
}

static void live_and_die(struct tally *tally, struct pool pool, uint64_t secret)
{
	struct vm vm;
	uint64_t page;

	tally->wrong += live(&vm, &pool, secret);
	page = POOL_BASE + (pool.next - pool.step) * PAGE;
	tally->wrong += die(&vm, page);
	tally->rounds++;
}

/* Meanwhile each looks at a page of the next one's region, which its neighbour
 * keeps splitting and joining: the host must not notice. */
static void live_apart(struct tally *tally)
{
	uint64_t cpu = host_cpu_self()->index;
	struct pool pool = {cpu * POOL_REGION, 1};
	uint64_t next = (cpu + 1) % cpus;
	uint64_t last =
		POOL_BASE + (next * POOL_REGION + POOL_REGION - 1) * PAGE;

	for (uint64_t round = 0; round < ROUNDS_APART; round++) {
		live_and_die(tally, pool, secret_of(cpu, round));
		for (uint64_t look = 0; look < LOOKS; look++) {
			tally->wrong += !page_is_filled(last, 0);
		}
	}
}

static void live_together(struct tally *tally)
{
	uint64_t cpu = host_cpu_self()->index;
	struct pool pool = {cpu, cpus};

	for (uint64_t round = 0; round < ROUNDS_TOGETHER; round++) {
		live_and_die(tally, pool, secret_of(cpu, round));
	}
}

/* ---- All want the same --------------------------------------------------- */

static void count(struct tally *tally, uint64_t status, uint64_t lost)
{
	if (status == MOAT_OK) {
		tally->won++;
	} else if (moat_status_code(status) == lost) {
		tally->lost++;
	} else {
		tally->wrong++;
	}
}

/* One slot: exactly one CPU gets it. */
static void compete_for_slot(struct tally *tally)
{
	uint64_t cpu = host_cpu_self()->index;
	uint64_t root = POOL_BASE + (POOL_OF_CPU * cpus + cpu) * PAGE;

	machine_barrier(cpus);
	count(tally,
		call(moat_vm_create((struct moat_vm_id){SLOT_WANTED},
			     (struct moat_pa){root}, IPA_BITS, 1))
			.x[0],
		MOAT_BAD_STATE);
	machine_barrier(cpus);
}

/* One page, in the TLB of every CPU: exactly one VM gets it, and then no CPU of
 * the host reaches it. */
static void compete_for_page(struct tally *tally, const struct vm *vm)
{
	uint64_t page = POOL_BASE + POOL_WANTED * PAGE;

	probe_read(page);
	machine_barrier(cpus);
	count(tally,
		call(moat_page_donate(vm->id, (struct moat_ipa){GUEST_SPARE},
			     (struct moat_pa){page}, 1))
			.x[0],
		MOAT_BAD_PAGE);
	machine_barrier(cpus);
	tally->wrong += !touch_aborts(TOUCH_READ, page);
	machine_barrier(cpus);
}

static void compete(struct tally *tally, struct vm *vm)
{
	uint64_t cpu = host_cpu_self()->index;
	struct pool pool = {cpu, cpus};

	tally->wrong +=
		vm_build(vm, &pool, SLOT_FIRST + cpu, IPA_BITS, 1) != MOAT_OK;
	compete_for_slot(tally);
	compete_for_page(tally, vm);
}

/* Leaves a VM behind, in @vm. */
static void work(struct tally *tally, struct vm *vm)
{
	machine_barrier(cpus);
	live_apart(tally);
	machine_barrier(cpus);
	live_together(tally);
	machine_barrier(cpus);
	compete(tally, vm);
}

static void secondary(struct host_cpu *cpu)
{
	struct vm vm;

	work(&tallies[cpu->index], &vm);
	smc(MOAT_PSCI_CPU_OFF, 0, 0, 0);
}

/*
 * The second life of a CPU: CPU 0 runs the vCPU that this one wants as well.
 * Nothing but an interrupt brings CPU 0 back.
 */
static void secondary_again(struct host_cpu *cpu)
{
	struct tally *tally = &tallies[cpu->index];
	struct moat_vm_id vm = {SLOT_FIRST};

	while (call(moat_vm_info(vm)).x[6] == 0) {
		machine_yield();
	}
	count(tally, call(moat_vcpu_run(vm, (struct moat_vcpu_id){0})).x[0],
		MOAT_BUSY);
	count(tally, call(moat_vm_kill(vm)).x[0], MOAT_BUSY);
	machine_interrupt_raise();
	smc(MOAT_PSCI_CPU_OFF, 0, 0, 0);
}

/* ---- CPU 0 --------------------------------------------------------------- */

static void check_tallies(void)
{
	struct tally sum = {0, 0, 0, 0};

	for (uint64_t i = 0; i < cpus; i++) {
		sum.wrong += tallies[i].wrong;
		sum.won += tallies[i].won;
		sum.lost += tallies[i].lost;
		sum.rounds += tallies[i].rounds;
	}
	check_equal(sum.rounds, cpus * ROUNDS, "every CPU did its rounds");
	check_equal(sum.wrong, 0, "no VM saw or showed anything wrong");
	check_equal(sum.won, 2, "one slot and one page went to one CPU each");
	check_equal(sum.lost, 2 * cpus - 2, "and were refused to the others");
}

/*
 * CPU 1, off by now, comes back. CPU 0's VM is still there. Nothing is printed
 * until CPU 1 is off again: it makes calls without end, so that the engine may
 * be writing its trace to the same console.
 */
static void on_again(const struct vm *vm)
{
	struct tally *tally = &tallies[1];
	uint64_t once, twice, reason, interrupt;

	*tally = (struct tally){0, 0, 0, 0};
	vm_run(vm);
	machine_interrupts_start();
	once = cpu_turn_on(1, secondary_again);
	twice = cpu_turn_on(1, secondary_again);
	reason = vm_order(vm, GUEST_SPIN, 0, 0).x[1];
	interrupt = machine_interrupt_take();
	cpu_wait_for_off(1);
	check_equal(once, MOAT_OK, "a CPU that went off comes on again");
	check(twice == MOAT_PSCI_ALREADY_ON || twice == MOAT_PSCI_ON_PENDING,
		"but not twice");
	check_equal(reason, MOAT_EXIT_IRQ,
		"its interrupt ends the run of a VM on another CPU");
	check_equal(interrupt, INTERRUPT_SELF, "where the host takes it");
	check_equal(tally->lost, 2,
		"a vCPU that ran was busy, and its VM was not killed");
	check_equal(tally->won + tally->wrong, 0, "whatever it tried");
}

void test_many_cpus(uint64_t cpu_count)
{
	uint64_t refused = 0;
	struct vm vm;

	cpus = cpu_count;
	for (uint64_t i = 1; i < cpus; i++) {
		refused += cpu_turn_on(i, secondary) != MOAT_OK;
	}
	check_equal(refused, 0, "every CPU comes on");
	work(&tallies[0], &vm);
	for (uint64_t i = 1; i < cpus; i++) {
		cpu_wait_for_off(i);
	}
	check_tallies();
	on_again(&vm);
	vm_sweep(POOL_OF_CPU * cpus + cpus);
	vm_sweep(POOL_WANTED + 1);
	check(pool_is_host(POOL_WANTED + 1), "every page is the host's again");
}
