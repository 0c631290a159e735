/* SPDX-License-Identifier: BSD-2-Clause */
#include "rows.h"

#include "base.h"
#include "port.h"

/* callgrind finds the function by its name, so it must stay a function. */
#define MEASURED __attribute__((noinline)) static

static const struct moat_vm_id main_vm = {VM_MAIN};
static const struct moat_vm_id spare_vm = {VM_SPARE};
static const struct moat_vcpu_id first_vcpu = {0};

static struct moat_ipa ipa_of(uint64_t page)
{
	return (struct moat_ipa){page * MOAT_PAGE_SIZE};
}

static struct moat_pa pa_of(const struct world *world, uint64_t page)
{
	return (struct moat_pa){world->data + page * MOAT_PAGE_SIZE};
}

/* ---- One VM with tables for all data pages ------------------------------ */

static void give_back(struct world *world)
{
	world_call(world, moat_vm_kill(main_vm));
	world_reclaim_all(world);
	world_vm_end(world);
}

static void make_full(struct world *world)
{
	world_vm_make(world);
	world_donate_all(world);
}

static void make_dying(struct world *world)
{
	make_full(world);
	world_call(world, moat_vm_kill(main_vm));
}

/* The same with a port that zeroes, as every real one does. */
static void make_zeroing(struct world *world)
{
	world_vm_make(world);
	port_zeroing(true);
}

static void give_back_zeroed(struct world *world)
{
	port_zeroing(false);
	give_back(world);
}

static void make_dying_zeroing(struct world *world)
{
	make_dying(world);
	port_zeroing(true);
}

static void end_zeroed(struct world *world)
{
	port_zeroing(false);
	world_vm_end(world);
}

static void donate_one(struct world *world, uint64_t page)
{
	uint64_t *x = world->regs.x;

	x[0] = MOAT_FUNCTION(MOAT_PAGE_DONATE);
	x[1] = VM_MAIN;
	x[2] = ipa_of(page).value;
	x[3] = pa_of(world, page).value;
	x[4] = 1;
	world_ask(world);
}

static void reclaim_one(struct world *world, uint64_t page)
{
	uint64_t *x = world->regs.x;

	x[0] = MOAT_FUNCTION(MOAT_PAGE_RECLAIM);
	x[1] = VM_MAIN;
	x[2] = ipa_of(page).value;
	x[3] = 1;
	world_ask(world);
}

static void page_info(struct world *world, uint64_t page)
{
	world->regs.x[0] = MOAT_FUNCTION(MOAT_PAGE_INFO);
	world->regs.x[1] = pa_of(world, page).value;
	world_ask(world);
}

MEASURED void measure_donate(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		donate_one(world, i);
	}
}

MEASURED void measure_reclaim(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		reclaim_one(world, i);
	}
}

/* The same, each page's neighbours long ago or still to come. */
MEASURED void measure_donate_shuffled(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		donate_one(world, world->order[i]);
	}
}

MEASURED void measure_reclaim_shuffled(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		reclaim_one(world, world->order[i]);
	}
}

MEASURED void measure_donate_range(struct world *world)
{
	world_donate_all(world);
}

MEASURED void measure_reclaim_range(struct world *world)
{
	world_reclaim_all(world);
}

/* What the rows of calls pay at least: registers, and a call about nothing. */
MEASURED void measure_version(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		world->regs.x[0] = MOAT_FUNCTION(MOAT_VERSION);
		world_ask(world);
	}
}

MEASURED void measure_page_info(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		page_info(world, i);
	}
}

MEASURED void measure_page_info_shuffled(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		page_info(world, world->order[i]);
	}
}

/* A donate that is refused because its slot is taken: a walk and no write. */
MEASURED void measure_walk(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		struct moat_regs regs = moat_page_donate(
			main_vm, ipa_of(i), pa_of(world, i), 1);

		moat_host_call(world->engine, 0, &regs);
		if (moat_status_code(regs.x[0]) != MOAT_OCCUPIED) {
			base_fail("a slot is not taken", i);
		}
	}
}

/* ---- Ownership alone: a page becomes a context, and the host's again ----- */

static void make_spare(struct world *world, uint64_t root)
{
	struct moat_pa pa = {root};

	world_call(world, moat_vm_create(spare_vm, pa, SPARE_IPA_BITS, 1));
}

/* The spare root keeps the region of the contexts in 4 KiB entries. */
static void make_flip(struct world *world)
{
	make_spare(world, world->contexts);
}

static void end_spare(struct world *world)
{
	world_call(world, moat_vm_kill(spare_vm));
	world_call(world, moat_vm_free(spare_vm));
}

static void flip(struct world *world, uint64_t context)
{
	struct moat_pa pa = {context};

	for (uint64_t i = 0; i < world->page_count; i++) {
		world_call(world,
			moat_vcpu_create(spare_vm, first_vcpu, pa, 0, 0));
		world_call(world, moat_vcpu_destroy(spare_vm, first_vcpu));
	}
}

MEASURED void measure_flip(struct world *world)
{
	flip(world, world->contexts + MOAT_PAGE_SIZE);
}

/* The only closed page of its region: the block splits and forms again. */
MEASURED void measure_flip_block(struct world *world)
{
	flip(world, world->contexts + REGION_SIZE);
}

/* ---- VMs and vCPUs ------------------------------------------------------- */

static void end_main(struct world *world)
{
	world_call(world, moat_vm_kill(main_vm));
	world_vm_end(world);
}

static void end_zeroed_main(struct world *world)
{
	port_zeroing(false);
	end_main(world);
}

/* VM_MAIN's tables keep the region of the spare root in 4 KiB entries. */
MEASURED void measure_vm(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		make_spare(world, world->spare_root);
		end_spare(world);
	}
}

static void make_active(struct world *world)
{
	struct moat_pa pa = {world->contexts + MOAT_PAGE_SIZE};

	make_flip(world);
	world_call(world, moat_vcpu_create(spare_vm, first_vcpu, pa, 0, 0));
	world_call(world, moat_vm_seal(spare_vm));
}

static void end_active(struct world *world)
{
	world_call(world, moat_vm_kill(spare_vm));
	world_call(world, moat_vcpu_destroy(spare_vm, first_vcpu));
	world_call(world, moat_vm_free(spare_vm));
}

/* What the core does to enter a vCPU and to leave it for an interrupt. */
MEASURED void measure_vcpu(struct world *world)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};

	for (uint64_t i = 0; i < world->page_count; i++) {
		struct moat_regs regs = moat_vcpu_run(spare_vm, first_vcpu);

		moat_host_call(world->engine, 0, &regs);
		moat_guest_exit(world->engine, 0, &trap, &regs);
		if (regs.x[0] != MOAT_OK || regs.x[1] != MOAT_EXIT_IRQ) {
			base_fail("the vCPU did not run", regs.x[0]);
		}
	}
}

const struct row rows_engine[] = {
	{"version", 1, 1, make_full, measure_version, give_back},
	{"donate", 1, 1, world_vm_make, measure_donate, give_back},
	{"reclaim", 1, 1, make_dying, measure_reclaim, world_vm_end},
	{"donate-range", 1, 1, world_vm_make, measure_donate_range, give_back},
	{"reclaim-range", 1, 1, make_dying, measure_reclaim_range,
		world_vm_end},
	{"donate-shuffled", 1, 1, world_vm_make, measure_donate_shuffled,
		give_back},
	{"reclaim-shuffled", 1, 1, make_dying, measure_reclaim_shuffled,
		world_vm_end},
	{"donate-zeroed", 1, 1, make_zeroing, measure_donate, give_back_zeroed},
	{"reclaim-zeroed", 1, 1, make_dying_zeroing, measure_reclaim,
		end_zeroed},
	{"donate-range-zeroed", 1, 1, make_zeroing, measure_donate_range,
		give_back_zeroed},
	{"reclaim-range-zeroed", 1, 1, make_dying_zeroing,
		measure_reclaim_range, end_zeroed},
	{"lookup-shuffled", 1, 1, make_full, measure_page_info_shuffled,
		give_back},
	{"lookup-info", 1, 1, make_full, measure_page_info, give_back},
	{"lookup-walk", 1, 1, make_full, measure_walk, give_back},
	{"flip", 2, 1, make_flip, measure_flip, end_spare},
	{"flip-block", 2, 1, make_flip, measure_flip_block, end_spare},
	{"vm", 1, 1, world_vm_make, measure_vm, end_main},
	{"vm-zeroed", 1, 1, make_zeroing, measure_vm, end_zeroed_main},
	{"vcpu", 1, 1, make_active, measure_vcpu, end_active},
	{0},
};
