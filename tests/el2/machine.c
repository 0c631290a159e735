/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The board and the CPU: exceptions, touching memory, interrupts (GICv3), the
 * cycle counter, a barrier.
 */
#include "host.h"

struct host_cpu host_cpus[CPU_COUNT_MAX];
_Alignas(16) uint8_t host_stacks[CPU_COUNT_MAX][CPU_STACK];

extern uint64_t host_table[512];

/* What start.S saved. */
struct host_frame {
	uint64_t x[31];
	uint64_t pc;
};

void host_exception(uint64_t vector, struct host_frame *frame);
void host_main(struct host_cpu *cpu);

#define SYSTEM_READER(name) \
	static uint64_t read_##name(void) \
	{ \
		uint64_t value; \
\
		__asm__ volatile("mrs %0, " #name : "=r"(value)); \
		return value; \
	}
#define SYSTEM_WRITER(name) \
	static void write_##name(uint64_t value) \
	{ \
		__asm__ volatile("msr " #name ", %0; isb" : : "r"(value)); \
	}

/* Assemblers know the GIC's registers by number only: ICC_IAR1_EL1,
 * ICC_EOIR1_EL1, ICC_SGI1R_EL1, ICC_SRE_EL1, ICC_PMR_EL1, ICC_IGRPEN1_EL1. */
SYSTEM_READER(tpidr_el1)
SYSTEM_READER(esr_el1)
SYSTEM_READER(far_el1)
SYSTEM_READER(pmccntr_el0)
SYSTEM_READER(cntvct_el0)
SYSTEM_READER(ctr_el0)
SYSTEM_READER(s3_0_c12_c12_0)
SYSTEM_WRITER(s3_0_c12_c12_1)
SYSTEM_WRITER(s3_0_c12_c11_5)
SYSTEM_WRITER(s3_0_c12_c12_5)
SYSTEM_WRITER(s3_0_c4_c6_0)
SYSTEM_WRITER(s3_0_c12_c12_7)
SYSTEM_WRITER(pmccfiltr_el0)
SYSTEM_WRITER(pmcntenset_el0)
SYSTEM_WRITER(pmcr_el0)

struct host_cpu *host_cpu_self(void)
{
	return (struct host_cpu *)read_tpidr_el1();
}

struct host_cpu *host_cpu_prepare(
	uint64_t index, void (*entry)(struct host_cpu *cpu))
{
	struct host_cpu *cpu = &host_cpus[index];

	cpu->stack_top = (uint64_t)host_stacks[index] + CPU_STACK;
	cpu->entry = entry;
	cpu->index = index;
	/* The new CPU reads this with its MMU and caches off. */
	__asm__ volatile("dc civac, %0; dsb sy" : : "r"(cpu) : "memory");
	return cpu;
}

/* ---- Exceptions ---------------------------------------------------------- */

enum {
	VECTOR_SYNCHRONOUS = 4, /* from EL1 with its own stack pointer */
	CLASS_FETCH_ABORT = 0x21,
	CLASS_DATA_ABORT = 0x25,
	FAULT_EXTERNAL = 0x10, /* and 0x14..0x17 on a walk */
	FAULT_EXTERNAL_WALK = 0x14
};

static bool exception_is_external_abort(uint64_t syndrome)
{
	uint64_t class = syndrome / 0x4000000 % 64;
	uint64_t fault = syndrome % 64;

	if (class != CLASS_FETCH_ABORT && class != CLASS_DATA_ABORT) {
		return false;
	}
	return fault == FAULT_EXTERNAL || fault / 4 == FAULT_EXTERNAL_WALK / 4;
}

static _Noreturn void exception_unexpected(
	uint64_t vector, const struct host_frame *frame)
{
	console_text("host: vector ");
	console_number(vector);
	console_text(" syndrome ");
	console_hex(read_esr_el1());
	console_text(" address ");
	console_hex(read_far_el1());
	console_text(" at ");
	console_hex(frame->pc);
	console_text("\n");
	check(false, "no unexpected exception");
	check_finish();
}

void host_exception(uint64_t vector, struct host_frame *frame)
{
	struct host_cpu *cpu = host_cpu_self();
	uint64_t syndrome = read_esr_el1();

	if (vector != VECTOR_SYNCHRONOUS || !cpu->abort_expected ||
		!exception_is_external_abort(syndrome)) {
		exception_unexpected(vector, frame);
	}
	cpu->abort_count++;
	cpu->abort_syndrome = syndrome;
	cpu->abort_address = read_far_el1();
	if (syndrome / 0x4000000 % 64 == CLASS_FETCH_ABORT) {
		frame->pc = frame->x[30];
	} else {
		frame->pc += 4;
	}
}

/* ---- Touching ------------------------------------------------------------ */

static void touch(enum touch how, uint64_t address)
{
	switch (how) {
	case TOUCH_READ:
		probe_read(address);
		break;
	case TOUCH_WRITE:
		probe_write(address);
		break;
	case TOUCH_READ_PAIR:
		probe_read_pair(address);
		break;
	case TOUCH_EXCLUSIVE:
		probe_exclusive(address);
		break;
	case TOUCH_ZERO_LINE:
		probe_zero_line(address);
		break;
	case TOUCH_FETCH:
		probe_fetch(address);
		break;
	case TOUCH_COUNT:
		break;
	}
}

bool touch_aborts(enum touch how, uint64_t address)
{
	struct host_cpu *cpu = host_cpu_self();

	cpu->abort_count = 0;
	cpu->abort_expected = 1;
	touch(how, address);
	cpu->abort_expected = 0;
	return cpu->abort_count == 1 && cpu->abort_address == address;
}

bool touch_always_aborts(uint64_t address)
{
	for (enum touch how = TOUCH_READ; how < TOUCH_COUNT; how++) {
		if (!touch_aborts(how, address)) {
			return false;
		}
	}
	return true;
}

/* The last GiB of virtual addresses goes through one level-2 table whose entry
 * 0 is 2 MiB of RAM that no test uses. */
#define WALK_WINDOW 0x7fc0000000u
#define WALK_RAM 0x57c00000u

uint64_t machine_map_through(uint64_t page)
{
	uint64_t *table = (uint64_t *)page;

	table[0] = WALK_RAM + 0x705;
	host_table[WALK_WINDOW / 0x40000000u] = page + 3;
	__asm__ volatile("dsb ishst; tlbi vmalle1; dsb ish; isb"
			 :
			 :
			 : "memory");
	return WALK_WINDOW;
}

/* Caches of data and instructions by line, to the point of unification (Arm
 * ARM, B2.4.4). */
void machine_code_written(uint64_t page)
{
	uint64_t line = 4u << read_ctr_el0() % 16;

	__asm__ volatile("dsb ish" : : : "memory");
	for (uint64_t at = page; at < page + PAGE; at += line) {
		__asm__ volatile("dc cvau, %0; dsb ish; ic ivau, %0"
				 :
				 : "r"(at)
				 : "memory");
	}
	__asm__ volatile("dsb ish; isb" : : : "memory");
}

/* ---- Interrupts ---------------------------------------------------------- */

#define DISTRIBUTOR ((volatile uint32_t *)0x08000000)
#define REDISTRIBUTOR ((volatile uint32_t *)0x080a0000)

enum {
	GICD_CTLR = 0,
	GICR_WAKER = 0x14 / 4,
	GICR_PIDR2 = 0xffe8 / 4,
	GICR_IGROUPR0 = 0x10080 / 4,
	GICR_ISENABLER0 = 0x10100 / 4,
	GICR_ICENABLER0 = 0x10180 / 4
};

/* GICR_PIDR2.ArchRev: GICv3 or GICv4. */
bool machine_redistributor_is_known(void)
{
	uint32_t revision = REDISTRIBUTOR[GICR_PIDR2] / 16 % 16;

	return revision == 3 || revision == 4;
}

/* GICv3, affinity routing, group 1 on this CPU (CPU 0). PSTATE.I stays set:
 * interrupts are only ever pending for the host. */
void machine_interrupts_start(void)
{
	DISTRIBUTOR[GICD_CTLR] = 0x12;
	REDISTRIBUTOR[GICR_WAKER] = 0;
	while (REDISTRIBUTOR[GICR_WAKER] & 4) {
	}
	REDISTRIBUTOR[GICR_IGROUPR0] = ~0u;
	REDISTRIBUTOR[GICR_ISENABLER0] = 1u << INTERRUPT_SELF;
	write_s3_0_c12_c12_5(7); /* ICC_SRE_EL1 */
	write_s3_0_c4_c6_0(0xff); /* ICC_PMR_EL1 */
	write_s3_0_c12_c12_7(1); /* ICC_IGRPEN1_EL1 */
}

/* From any CPU to CPU 0 of cluster 0, by ICC_SGI1R_EL1. */
void machine_interrupt_raise(void)
{
	write_s3_0_c12_c12_5(7); /* ICC_SRE_EL1 */
	write_s3_0_c12_c11_5(INTERRUPT_SELF * 0x1000000u + 1);
}

/* A private interrupt of CPU 0's, after machine_interrupts_start. */
void machine_interrupt_allow(uint64_t number, bool is_allowed)
{
	REDISTRIBUTOR[is_allowed ? GICR_ISENABLER0 : GICR_ICENABLER0] =
		1u << number;
}

bool machine_interrupt_is_allowed(uint64_t number)
{
	return (REDISTRIBUTOR[GICR_ISENABLER0] >> number & 1) != 0;
}

uint64_t machine_interrupt_take(void)
{
	uint64_t number = read_s3_0_c12_c12_0(); /* ICC_IAR1_EL1 */

	write_s3_0_c12_c12_1(number); /* ICC_EOIR1_EL1 */
	return number;
}

/* ---- Time ---------------------------------------------------------------- */

uint64_t machine_time(void)
{
	__asm__ volatile("isb");
	return read_cntvct_el0();
}

/* ---- The cycle counter --------------------------------------------------- */

/* PMCCNTR_EL0, 64 bits wide, counting at EL2 alone: under QEMU's icount with
 * shift 0 it counts instructions (Arm ARM, D11). */
void machine_counter_start(void)
{
	write_pmccfiltr_el0(0x88000000u);
	write_pmcntenset_el0(0x80000000u);
	write_pmcr_el0(0x45);
}

uint64_t machine_counter(void)
{
	__asm__ volatile("isb");
	return read_pmccntr_el0();
}

/* ---- A barrier ----------------------------------------------------------- */

/* Under icount CPUs take turns, and a turn may be very long: whoever waits for
 * another CPU gives its turn away. */
void machine_yield(void)
{
	__asm__ volatile("yield");
}

void machine_barrier(uint64_t cpu_count)
{
	static uint64_t arrived;
	static uint64_t generation;
	uint64_t mine = __atomic_load_n(&generation, __ATOMIC_ACQUIRE);

	if (__atomic_add_fetch(&arrived, 1, __ATOMIC_ACQ_REL) == cpu_count) {
		__atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
		__atomic_store_n(&generation, mine + 1, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&generation, __ATOMIC_ACQUIRE) == mine) {
		machine_yield();
	}
}
