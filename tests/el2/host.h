/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test host: the smallest hypervisor that can stand above the engine, at
 * EL1. It plays both parts: the honest host that builds and runs VMs, and the
 * attacker. Each check is a sentence on the console.
 */
#ifndef MOAT_TEST_HOST_H
#define MOAT_TEST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moat/moat.h"
#include "orders.h"

/* ---- The machine: QEMU's virt board -------------------------------------- */

enum {
	PAGE = MOAT_PAGE_SIZE,
	PAGE_WORDS = MOAT_TABLE_ENTRIES,
	CPU_COUNT_MAX = 8,
	BLOCK_PAGES = MOAT_TABLE_ENTRIES,
	BLOCK = BLOCK_PAGES * PAGE,
	CPU_STACK = 16384,
	INTERRUPT_SELF =
		1, /* the software-generated interrupt that tests use */
	INTERRUPT_MAINTENANCE = 25, /* of the virtual CPU interface */
	INTERRUPT_TIMER = 27, /* the virtual timer's */
	INTERRUPT_NONE = 1023
};

#define RAM_BASE 0x40000000u
/* So that there are regions enough: with pages of 64 KiB each has 512 MiB. */
#define RAM_SIZE (PAGE == 65536 ? 0x100000000u : 0x40000000u)
/* Pages to give away: far from the image (0x50000000) and the device tree. */
#define POOL_BASE 0x58000000u
/* Four regions that only the tests of blocks use. */
#define POOL_BLOCKS 0x60000000u

/* What the machine's loader put there (boot): how this run is to end. */
#define MODE_WORD 0x57fff000u
enum mode {
	MODE_USUAL,
	MODE_RESET, /* at once, by SYSTEM_RESET */
	MODE_HASTY /* after the first check that fails */
};

/* What one CPU is about; TPIDR_EL1 points to it. start.S knows the first two
 * fields. */
struct host_cpu {
	uint64_t stack_top;
	void (*entry)(struct host_cpu *cpu);
	uint64_t index;
	volatile uint64_t abort_expected;
	volatile uint64_t abort_count;
	volatile uint64_t abort_syndrome;
	volatile uint64_t abort_address;
};

struct host_cpu *host_cpu_self(void);
struct host_cpu *host_cpu_prepare(
	uint64_t index, void (*entry)(struct host_cpu *cpu));

/* start.S: enter a secondary CPU; make one call with x0..x17 by HVC or SMC. */
void host_secondary_start(void);
void host_hvc(struct moat_regs *regs);
void host_smc(struct moat_regs *regs);

/* start.S: two FP registers of this CPU. */
void host_fp_write(uint64_t value);
uint64_t host_fp_read(void);

/* machine.c */
bool machine_redistributor_is_known(void);
void machine_interrupts_start(void);
void machine_interrupt_raise(void);
void machine_interrupt_allow(uint64_t number, bool is_allowed);
bool machine_interrupt_is_allowed(uint64_t number);
uint64_t machine_interrupt_take(void);
uint64_t machine_time(void);
void machine_counter_start(void);
uint64_t machine_counter(void);
void machine_yield(void);
void machine_barrier(uint64_t cpu_count);

/* What was written to @page is code from now on. */
void machine_code_written(uint64_t page);

/* A virtual address that is translated through a table in @page, which the
 * host may then lose. */
uint64_t machine_map_through(uint64_t page);

/* ---- Console and checks -------------------------------------------------- */

void console_text(const char *text);
void console_number(uint64_t number);
void console_hex(uint64_t number);

/* What the checks that follow are about. */
void section(const char *title);
void check(bool holds, const char *name);
void check_equal(uint64_t found, uint64_t expected, const char *name);
void check_refused(struct moat_regs request, enum moat_status status,
	uint64_t operand, const char *name);
void check_done(struct moat_regs request, const char *name);
void check_exit(
	struct moat_regs exit, enum moat_exit_reason reason, const char *name);
_Noreturn void check_finish(void);

/* ---- Calls --------------------------------------------------------------- */

/* The SMC64 forms; and what AFFINITY_INFO says (PSCI 1.1, section 5.7.1). */
#define PSCI_CPU_ON (MOAT_PSCI_CPU_ON + MOAT_PSCI_64)
#define PSCI_AFFINITY_INFO (MOAT_PSCI_AFFINITY_INFO + MOAT_PSCI_64)
#define PSCI_CPU_SUSPEND (MOAT_PSCI_CPU_SUSPEND + MOAT_PSCI_64)
enum { PSCI_IS_ON, PSCI_IS_OFF, PSCI_IS_PENDING };

struct moat_regs call(struct moat_regs request);
uint64_t status(struct moat_regs request);
uint64_t smc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3);

/* ---- Touching memory that may be out of reach ---------------------------- */

enum touch {
	TOUCH_READ,
	TOUCH_WRITE,
	TOUCH_READ_PAIR, /* no syndrome: the engine must not need one */
	TOUCH_EXCLUSIVE,
	TOUCH_ZERO_LINE, /* DC ZVA */
	TOUCH_FETCH,
	TOUCH_COUNT
};

/* start.S: one instruction at @address each. */
void probe_read(uint64_t address);
void probe_write(uint64_t address);
void probe_read_pair(uint64_t address);
void probe_exclusive(uint64_t address);
void probe_zero_line(uint64_t address);
void probe_fetch(uint64_t address);

/* Whether the access ended in an external abort that names @address. */
bool touch_aborts(enum touch how, uint64_t address);
bool touch_always_aborts(uint64_t address);

/* ---- Other CPUs, which do what CPU 0 posts ------------------------------- */

/* CPU_ON, and its answer. */
uint64_t cpu_turn_on(uint64_t index, void (*entry)(struct host_cpu *cpu));
void cpu_wait_for_off(uint64_t index);

/* Until cpu_dismiss, CPU @index makes the calls posted to it. */
void cpu_employ(uint64_t index);
void cpu_dismiss(uint64_t index);
void cpu_post(uint64_t index, struct moat_regs request);
bool cpu_is_done(uint64_t index);
struct moat_regs cpu_collect(uint64_t index);
struct moat_regs call_on(uint64_t index, struct moat_regs request);
/* Whether the word at @address aborts when CPU @index reads it. */
bool cpu_read_aborts(uint64_t index, uint64_t address);

/* ---- Pages and VMs ------------------------------------------------------- */

/* Where every VM has its code, its secret, and room for more pages; and for a
 * block, below the same table of level 2. */
#define GUEST_CODE ((uint64_t)2 * BLOCK)
#define GUEST_DATA (GUEST_CODE + PAGE)
#define GUEST_SPARE (GUEST_DATA + PAGE)
#define GUEST_BLOCK ((uint64_t)3 * BLOCK)
#define GUEST_ARGUMENT 0x600dc0deu

enum {
	GUEST_REGISTERS = 13, /* that GUEST_KEEP writes */
	GUEST_REPORT = 6 /* registers of a report */
};

/* What the payload in guest.S can be asked to do. */
enum guest_order { GUEST_ORDERS(GUEST_ORDER_ENUM) GUEST_ORDER_COUNT };

enum {
	VM_TABLES_MAX = 3,
	/* A small IPA space, whose halves have room for blocks. */
	VM_SMALL_BITS = PAGE == 65536 ? 34 : 32
};

struct vm {
	struct moat_vm_id id;
	struct moat_vcpu_id vcpu; /* which is run */
	uint64_t cpu; /* and where */
	uint64_t ipa_bits;
	uint64_t root;
	uint64_t
		table[VM_TABLES_MAX]; /* of level 1, 2, 3: 0 if there is none */
	uint64_t code;
	uint64_t data;
	uint64_t context;
	uint64_t measurement[MOAT_MEASUREMENT_WORDS];
};

/* Where a VM's pages come from: every @step'th page of the pool. */
struct pool {
	uint64_t next;
	uint64_t step;
};

/* @count contiguous pages, aligned to @count, a power of two. */
uint64_t pool_take(struct pool *pool, uint64_t count);

void page_fill(uint64_t page, uint64_t value);
bool page_is_filled(uint64_t page, uint64_t value);
uint64_t page_state(uint64_t page);
void word_write(uint64_t address, uint64_t value);
uint64_t word_read(uint64_t address);

/* Each returns the first refusal, or MOAT_OK. */
uint64_t vm_open(
	struct vm *vm, struct pool *pool, uint64_t slot, uint64_t ipa_bits);
uint64_t vm_open_for(struct vm *vm, struct pool *pool, uint64_t slot,
	uint64_t ipa_bits, uint64_t vcpus);
/* The tables that a page at @ipa needs. */
uint64_t vm_add_tables(struct vm *vm, struct pool *pool, uint64_t ipa);
uint64_t vm_furnish(struct vm *vm, struct pool *pool, uint64_t secret);
uint64_t vm_add_vcpu(
	const struct vm *vm, struct pool *pool, uint64_t vcpu, uint64_t is_off);
uint64_t vm_seal(struct vm *vm);
uint64_t vm_build(struct vm *vm, struct pool *pool, uint64_t slot,
	uint64_t ipa_bits, uint64_t secret);

/* The first address of the shared half. */
uint64_t vm_shared(const struct vm *vm);

/* Calls about the VM's pages, ready to be made. */
struct moat_regs vm_donate(
	const struct vm *vm, uint64_t ipa, uint64_t page, uint64_t count);
struct moat_regs vm_lend(const struct vm *vm, uint64_t ipa, uint64_t page,
	uint64_t count, uint64_t permission);
struct moat_regs vm_recall(const struct vm *vm, uint64_t ipa, uint64_t count);
struct moat_regs vm_reclaim(const struct vm *vm, uint64_t ipa, uint64_t count);

struct moat_regs vm_request(const struct vm *vm);
struct moat_regs vm_run(const struct vm *vm);
/* Run with @value in x4, which answers a read of a device. */
struct moat_regs vm_answer(const struct vm *vm, uint64_t value);
/* Run until the guest reports, with @order as the answer to the last report:
 * the exit record. */
struct moat_regs vm_order(const struct vm *vm, enum guest_order order,
	uint64_t address, uint64_t value);
/* The same, and the word reported; ~0 if it ended otherwise. */
uint64_t vm_ask(const struct vm *vm, enum guest_order order, uint64_t address,
	uint64_t value);
/* The exit record after a call of the guest's. */
struct moat_regs vm_call(const struct vm *vm, uint64_t function, uint64_t x1,
	uint64_t x2, uint64_t x3);
/* The same, and x0 as the guest found it; ~0 as well if it ended otherwise. */
uint64_t vm_call_status(const struct vm *vm, uint64_t function, uint64_t x1,
	uint64_t x2, uint64_t x3);
/* Run again whatever interrupts the guest. */
struct moat_regs vm_finish(const struct vm *vm, struct moat_regs exit);

/* What an exit record says: a report without a complaint, of @value; a fault
 * that names the page and the access and nothing else. */
bool exit_is_report(struct moat_regs exit);
bool exit_reports(struct moat_regs exit, uint64_t value);
bool exit_is_fault(
	struct moat_regs exit, uint64_t address, enum moat_access access);

/* End the pending access in an external abort: whether the guest took that and
 * nothing else, and found @address in FAR_EL1. */
bool vm_takes_abort(
	const struct vm *vm, uint64_t address, enum moat_access access);

/* Take everything of every VM back, by page_info alone. */
void vm_sweep(uint64_t pool_pages);
bool pool_is_host(uint64_t pool_pages);

extern const char guest_code[];
extern const char guest_code_end[];

/* ---- What was driven ----------------------------------------------------- */

void coverage_call(struct moat_regs request, struct moat_regs answer);
void coverage_guest_call(uint64_t function);
void test_coverage(void);

/* ---- The script ---------------------------------------------------------- */

void test_interface(void);
void test_hostile_calls(void);
void test_two_vms(void);
void test_guest_registers(void);
void test_system_registers(void);
void test_measurement(void);
void test_lending(void);
void test_sharing(void);
void test_blocks(void);
void test_host_header(void);
void test_devices(void);
void test_guest_power(void);
void test_interrupts(void);
void test_timer(void);
void test_entries(void);
void test_memory_attacks(uint64_t engine);
void test_page_attacks(uint64_t engine);
void test_power(uint64_t engine, uint64_t cpu_count);
void test_many_cpus(uint64_t cpu_count);
void test_moving(void);
void bench_run(void);

#endif
