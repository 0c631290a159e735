/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps that meet in the scene. */
#include "schedule/scene.h"
#include "stress/machine.h"
#include "stress/places.h"

enum { STEPS_MAX = 64 };

static struct step steps[STEPS_MAX];
static size_t count;

#define POOL(number) ((struct moat_pa){place_page(number)})
#define SLOT(number) ((struct moat_ipa){(uint64_t)(number)*MOAT_PAGE_SIZE})
#define SHARED_SLOT(number) ((struct moat_ipa){IPA_HALF + SLOT(number).value})
#define TOP(address) ((struct moat_ipa){(address)})
#define VM_ID(number) ((struct moat_vm_id){(number)})
#define VCPU_ID(number) ((struct moat_vcpu_id){(number)})
/* The last page of region 0; the next one is the first of region 1. */
#define BORDER ((struct moat_pa){RAM_BASE + REGION_SIZE - MOAT_PAGE_SIZE})

static struct step *add(const char *name, enum step_kind kind, uint32_t cpu)
{
	struct step *step = &steps[count];

	count++;
	step->name = name;
	step->kind = kind;
	step->cpu = cpu;
	return step;
}

static struct step *host(const char *name, struct moat_regs regs)
{
	struct step *step = add(name, STEP_CALL, CPU_ANY_HOST);

	step->regs = regs;
	return step;
}

static void guest(uint32_t cpu, const char *name, enum moat_trap_kind kind)
{
	add(name, STEP_TRAP, cpu)->trap.kind = kind;
}

static void guest_call(uint32_t cpu, const char *name, uint64_t function,
	uint64_t x1, uint64_t x2)
{
	struct step *step = add(name, STEP_TRAP, cpu);

	step->trap.kind = MOAT_TRAP_CALL;
	step->regs.x[0] = function;
	step->regs.x[1] = x1;
	step->regs.x[2] = x2;
}

static void access_at(
	uint32_t cpu, const char *name, enum step_kind kind, uint64_t ipa)
{
	add(name, kind, cpu)->ipa = ipa;
}

static void add_lives(void)
{
	host("kill 0", moat_vm_kill(VM_ID(0)));
	host("kill 1", moat_vm_kill(VM_ID(1)));
	host("kill 3", moat_vm_kill(VM_ID(3)));
	host("seal 3", moat_vm_seal(VM_ID(3)));
	host("free 2", moat_vm_free(VM_ID(2)));
	host("free 4", moat_vm_free(VM_ID(4)));
	host("create 5", moat_vm_create(VM_ID(5), POOL(16), IPA_BITS, 1));
	host("info 0", moat_vm_info(VM_ID(0)));
	host("run 0.1", moat_vcpu_run(VM_ID(0), VCPU_ID(1)));
	host("run 0.3", moat_vcpu_run(VM_ID(0), VCPU_ID(3)));
	host("vcpu_create 3.0",
		moat_vcpu_create(VM_ID(3), VCPU_ID(0), POOL(18), 0, 0));
	host("vcpu_destroy 2.0", moat_vcpu_destroy(VM_ID(2), VCPU_ID(0)));
}

static void add_pages(void)
{
	host("donate 0.5 p15",
		moat_page_donate(VM_ID(0), SLOT(5), POOL(15), 1));
	host("donate 0.5 p18",
		moat_page_donate(VM_ID(0), SLOT(5), POOL(18), 1));
	host("donate 0.5 border",
		moat_page_donate(VM_ID(0), SLOT(5), BORDER, 2));
	host("donate 3.0 p15",
		moat_page_donate(VM_ID(3), SLOT(0), POOL(15), 1));
	host("load 3.0 border", moat_page_load(VM_ID(3), SLOT(0), BORDER, 2));
	host("lend 0.s1 p15", moat_page_lend(VM_ID(0), SHARED_SLOT(1), POOL(15),
				      1, MOAT_READ));
	host("recall 0.s0", moat_page_recall(VM_ID(0), SHARED_SLOT(0), 1));
	host("recall 2.s0", moat_page_recall(VM_ID(2), SHARED_SLOT(0), 1));
	host("reclaim 2.0 x2", moat_page_reclaim(VM_ID(2), SLOT(0), 2));
	host("info p8", moat_page_info(POOL(8)));
	host("info p15", moat_page_info(POOL(15)));
	host("info p40", moat_page_info(POOL(40)));
	add("abort p43", STEP_ABORT, CPU_ANY_HOST)->ipa = place_page(43);
	add("abort p15", STEP_ABORT, CPU_ANY_HOST)->ipa = place_page(15);
}

static void add_tables(void)
{
	host("table_create 0 p15",
		moat_table_create(VM_ID(0), TOP(BLOCK_IPA), 3, POOL(15)));
	host("table_destroy 2", moat_table_destroy(VM_ID(2), TOP(0), 3));
	host("table_destroy 2.s",
		moat_table_destroy(VM_ID(2), TOP(IPA_HALF), 3));
	host("block_donate 0", moat_block_donate(VM_ID(0), TOP(BLOCK_IPA),
				       (struct moat_pa){BLOCK_PA}))
		->is_wide = true;
	host("block_lend 0",
		moat_block_lend(VM_ID(0), TOP(IPA_HALF + BLOCK_IPA),
			(struct moat_pa){BLOCK_PA}, MOAT_READ))
		->is_wide = true;
	host("split 1", moat_table_split(VM_ID(1), TOP(BLOCK_IPA), 3, POOL(11)))
		->is_wide = true;
	/* Once it is split, and while nothing in it is shared. */
	host("fold 1", moat_table_fold(VM_ID(1), TOP(BLOCK_IPA), 3))->is_wide =
		true;
}

static void add_guests(void)
{
	guest_call(3, "3: share 0.1", MOAT_FUNCTION(MOAT_GUEST_SHARE),
		SLOT(1).value, 1);
	guest_call(5, "5: share 0.1", MOAT_FUNCTION(MOAT_GUEST_SHARE),
		SLOT(1).value, 1);
	guest_call(3, "3: unshare 0.4", MOAT_FUNCTION(MOAT_GUEST_UNSHARE),
		SLOT(4).value, 1);
	guest_call(3, "3: relinquish 0.2 x2",
		MOAT_FUNCTION(MOAT_GUEST_RELINQUISH), SLOT(2).value, 2);
	/* Regions 2 and 0 there, 0 and 2 here: ranks, or a deadlock. */
	guest_call(5, "5: relinquish 0.3 x2",
		MOAT_FUNCTION(MOAT_GUEST_RELINQUISH), SLOT(3).value, 2);
	guest_call(5, "5: relinquish 0.0", MOAT_FUNCTION(MOAT_GUEST_RELINQUISH),
		0, 1);
	guest_call(4, "4: relinquish 1.0", MOAT_FUNCTION(MOAT_GUEST_RELINQUISH),
		0, 1);
	guest_call(4, "4: share 1.block", MOAT_FUNCTION(MOAT_GUEST_SHARE),
		BLOCK_IPA, 1);
	guest_call(3, "3: cpu_on 3", MOAT_PSCI_CPU_ON, 3, 0);
	guest_call(5, "5: cpu_on 3", MOAT_PSCI_CPU_ON, 3, 0);
	guest_call(5, "5: cpu_off", MOAT_PSCI_CPU_OFF, 0, 0);
	guest_call(3, "3: system_off", MOAT_PSCI_SYSTEM_OFF, 0, 0);
	guest(3, "3: irq", MOAT_TRAP_IRQ);
	guest(4, "4: irq", MOAT_TRAP_IRQ);
	guest(5, "5: wfi", MOAT_TRAP_WFI);
}

static void add_accesses(void)
{
	access_at(CPU_ANY_HOST, "read p8", STEP_READ, place_page(8));
	access_at(CPU_ANY_HOST, "write p8", STEP_WRITE, place_page(8));
	access_at(CPU_ANY_HOST, "read p9", STEP_READ, place_page(9));
	access_at(CPU_ANY_HOST, "read p43", STEP_READ, place_page(43));
	access_at(CPU_ANY_HOST, "write p15", STEP_WRITE, place_page(15));
	access_at(CPU_ANY_HOST, "write p15 twice", STEP_WRITE_TWICE,
		place_page(15));
	access_at(CPU_ANY_HOST, "read p40", STEP_READ, place_page(40));
	access_at(3, "3: read 0.0", STEP_READ, 0);
	access_at(3, "3: read 0.2", STEP_READ, SLOT(2).value);
	access_at(CPU_ANY_HOST, "read block", STEP_READ, SECOND_BLOCK_PA);
	access_at(4, "4: read 1.block", STEP_READ, BLOCK_IPA);
	access_at(5, "5: read 0.5", STEP_READ, SLOT(5).value);
}

size_t step_count(void)
{
	if (count == 0) {
		add_lives();
		add_pages();
		add_tables();
		add_guests();
		add_accesses();
	}
	return count;
}

const struct step *step_at(size_t index)
{
	return &steps[index];
}
