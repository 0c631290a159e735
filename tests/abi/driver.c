/* SPDX-License-Identifier: BSD-2-Clause */
#include "driver.h"

#include "small.h"

#define HALF UINT64_C(0x80000000)

struct moat *driver_engine;
static bool guest_runs; /* on CPU 0 */

/* xorshift64*: Vigna 2016; the seed is fixed, so a failure comes again. */
static uint64_t random_state = 0x9e3779b97f4a7c15;

uint64_t driver_draw(uint64_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

#define PICK(list) (list)[driver_draw(sizeof(list) / sizeof((list)[0]))]

/* ---- Domains ------------------------------------------------------------ */

static uint64_t some_vm(void)
{
	static const uint64_t list[] = {0, 0, 0, 0, 0, 1, 1, 2, UINT64_MAX};

	return PICK(list);
}

static uint64_t some_ipa(void)
{
	static const uint64_t list[] = {0, 0, 0, 0x1000, 0x2000, 0x1ff000,
		0x200000, 0x200000, 0x400000, HALF - 0x1000, HALF, HALF, HALF,
		HALF + 0x1000, HALF + 0x200000, 2 * HALF, 16 * HALF, 0x800,
		UINT64_MAX};

	return PICK(list);
}

/* Pages of the first block, whole blocks, and what is no page. */
static uint64_t some_pa(void)
{
	static const uint64_t list[] = {0x200000, 0x200000, 0x400000, 0x600000,
		0x600000, 0x3ff000, 0x800000, 0x4800, SMALL_RAM_SIZE,
		UINT64_MAX - SMALL_RAM_BASE};

	return SMALL_RAM_BASE +
	       (driver_draw(3) == 0 ? PICK(list)
				    : driver_draw(48) * MOAT_PAGE_SIZE);
}

static uint64_t some_count(void)
{
	static const uint64_t list[] = {
		1, 1, 2, 512, 512, 513, 0, UINT64_C(0x80001), UINT64_MAX};

	return PICK(list);
}

static uint64_t some_level(void)
{
	static const uint64_t list[] = {3, 3, 3, 3, 2, 2, 1, 0, 4, UINT64_MAX};

	return PICK(list);
}

static uint64_t some_bits(void)
{
	static const uint64_t list[] = {32, 32, 32, 32, 36, 44, 31, 45, 64};

	return PICK(list);
}

static uint64_t some_small(void)
{
	static const uint64_t list[] = {0, 1, 1, 1, 1, 2, 3, 7, 8, 9};

	return PICK(list);
}

/* What register @number of call @call usually holds. */
uint64_t driver_argument(uint32_t call, uint32_t number)
{
	bool is_table = call / 16 == MOAT_TABLE_CREATE / 16;

	if (number == 1) {
		return call == MOAT_PAGE_INFO ? some_pa() : some_vm();
	}
	if (call == MOAT_VM_CREATE) {
		return number == 2   ? some_pa()
		       : number == 3 ? some_bits()
				     : some_small();
	}
	if (call / 16 == MOAT_VCPU_CREATE / 16) {
		return number == 3 && call == MOAT_VCPU_CREATE ? some_pa()
		       : number == 4 ? driver_draw(8) * 2
				     : driver_draw(12) / 2;
	}
	if (number == 2) {
		return some_ipa();
	}
	if (is_table) {
		return number == 3 ? some_level() : some_pa();
	}
	if (call == MOAT_PAGE_RECLAIM || call == MOAT_PAGE_RECALL) {
		return some_count();
	}
	if (number == 3) {
		return some_pa();
	}
	return number == 4 && call != MOAT_BLOCK_LEND ? some_count()
						      : some_small();
}

/* ---- A VM that can run -------------------------------------------------- */

void driver_start(bool has_vm)
{
	const struct moat_vm_id vm = {0};
	const struct moat_vcpu_id vcpu[2] = {{0}, {1}};
	const struct moat_ipa ipa = {0};
	const struct moat_ipa behind = {0x200000};
	const struct moat_pa block = {SMALL_RAM_BASE + 0x200000};
	const struct moat_pa root = {SMALL_RAM_BASE};
	const struct moat_pa table = {SMALL_RAM_BASE + 0x4000};
	const struct moat_pa data = {SMALL_RAM_BASE + 0x5000};
	const struct moat_pa context[2] = {
		{SMALL_RAM_BASE + 0x15000}, {SMALL_RAM_BASE + 0x16000}};
	struct moat_regs calls[] = {
		moat_vm_create(vm, root, 32, 2),
		moat_table_create(vm, ipa, 3, table),
		moat_page_donate(vm, ipa, data, 16),
		moat_block_donate(vm, behind, block),
		moat_vcpu_create(vm, vcpu[0], context[0], 0, 0),
		moat_vcpu_create(vm, vcpu[1], context[1], 0, 0),
		moat_vm_seal(vm),
	};

	driver_engine = small_engine(2, 2);
	guest_runs = false;
	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (has_vm) {
			moat_host_call(driver_engine, 0, &calls[i]);
		}
	}
}

/* ---- Steps -------------------------------------------------------------- */

static const uint32_t host_calls[] = {
#define NUMBER(constant, name, number, arguments) number,
	MOAT_HOST_CALLS(NUMBER)
#undef NUMBER
};

/* A VM that can run is ended less often than it is used. */
static uint32_t some_call(void)
{
	uint32_t call = PICK(host_calls);

	if (call == MOAT_VM_KILL && driver_draw(6) != 0) {
		call = MOAT_VCPU_RUN;
	}
	return call;
}

static void host_asks(struct driver_step *step)
{
	step->answer = step->call;
	step->function = (uint32_t)step->call.x[0];
	if (moat_host_call(driver_engine, step->cpu, &step->answer) ==
		MOAT_GUEST_ENTER) {
		step->answer = moat_call_make(0, 0, 0, 0, 0);
		step->answer.x[0] = MOAT_OK;
		guest_runs = guest_runs || step->cpu == 0;
	}
}

static void step_host(struct driver_step *step)
{
	uint32_t number = some_call();

	step->call = moat_call_make(number, 0, 0, 0, 0);
	for (uint32_t i = 1; i < 7; i++) {
		step->call.x[i] = driver_argument(number, i);
	}
	host_asks(step);
}

/* The VM goes on, if there is one: a random call would seldom do it. */
static void step_resume(struct driver_step *step)
{
	step->call = moat_call_make(
		MOAT_VCPU_RUN, 0, driver_draw(4) == 0 ? 1 : 0, 0, 0);
	host_asks(step);
}

/* A VM that turns itself off is of no use after that: it seldom does. */
static uint32_t some_guest_call(void)
{
	static const uint32_t often[] = {MOAT_FUNCTION(MOAT_GUEST_SHARE),
		MOAT_FUNCTION(MOAT_GUEST_SHARE),
		MOAT_FUNCTION(MOAT_GUEST_UNSHARE),
		MOAT_FUNCTION(MOAT_GUEST_RELINQUISH),
		MOAT_FUNCTION(MOAT_GUEST_HOST_CALL), MOAT_PSCI_CPU_ON};
	static const uint32_t seldom[] = {MOAT_FUNCTION(MOAT_GUEST_VERSION),
		MOAT_FUNCTION(MOAT_GUEST_FEATURES),
		MOAT_FUNCTION(MOAT_GUEST_MEASUREMENT), MOAT_PSCI_CPU_OFF,
		MOAT_PSCI_SYSTEM_OFF, MOAT_PSCI_SYSTEM_RESET};

	return driver_draw(16) == 0 ? PICK(seldom) : PICK(often);
}

/*
 * The VM calls, or an interrupt comes. The VM has its answer in its context,
 * but for a host_call, which the host answers when it runs the vCPU again.
 */
static void step_guest(struct driver_step *step)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct moat_context *context = moat_cpu_context(driver_engine, 0);
	enum moat_action action;

	step->by_vm = true;
	if (driver_draw(8) == 0) {
		trap.kind = MOAT_TRAP_IRQ;
	} else {
		step->function = some_guest_call();
		context->x[0] = step->function;
		context->x[1] =
			step->function == MOAT_FUNCTION(MOAT_GUEST_HOST_CALL)
				? driver_draw(9)
			: step->function == MOAT_PSCI_CPU_ON ? driver_draw(3)
							     : some_ipa();
		context->x[2] = some_count();
		/* An entry point, where CPU_ON wants one. */
		if (step->function == MOAT_PSCI_CPU_ON) {
			context->x[2] = 0;
		}
	}
	action = moat_guest_exit(driver_engine, 0, &trap, &step->answer);
	guest_runs = action != MOAT_HOST_RETURN;
	for (int i = 0; i < 5; i++) {
		step->answer.x[i] = context->x[i];
	}
	if (!guest_runs &&
		step->function == MOAT_FUNCTION(MOAT_GUEST_HOST_CALL)) {
		step->answer.x[0] = MOAT_OK;
	}
}

/* CPU 1 belongs to the host: what it runs there, it interrupts at once. */
static void step_second_cpu(struct driver_step *step)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs;

	step->cpu = 1;
	step->call =
		moat_call_make(MOAT_VCPU_RUN, some_vm(), driver_draw(2), 0, 0);
	if (driver_draw(4) == 0) {
		step->call = moat_call_make(MOAT_VM_KILL, some_vm(), 0, 0, 0);
	}
	host_asks(step);
	if (moat_cpu_context(driver_engine, 1)) {
		moat_guest_exit(driver_engine, 1, &trap, &regs);
	}
}

struct driver_step driver_step(void)
{
	struct driver_step step = {0};

	if (guest_runs && driver_draw(4) == 0) {
		step_second_cpu(&step);
	} else if (guest_runs) {
		step_guest(&step);
	} else if (driver_draw(3) == 0) {
		step_resume(&step);
	} else {
		step_host(&step);
	}
	return step;
}
