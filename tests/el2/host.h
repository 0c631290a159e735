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

/* ---- The machine: QEMU's virt board, the first GiB of RAM ---------------- */

enum {
	PAGE = 4096,
	PAGE_WORDS = 512,
	CPU_COUNT_MAX = 8,
	CPU_STACK = 16384,
	INTERRUPT_SELF = 1 /* the software-generated interrupt that tests use */
};

#define RAM_BASE 0x40000000u
#define RAM_SIZE 0x40000000u
/* Pages to give away: far from the image (0x50000000) and the device tree. */
#define POOL_BASE 0x58000000u
#define POOL_PAGES 1024u

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

/* machine.c */
void machine_interrupts_start(void);
void machine_interrupt_raise(void);
uint64_t machine_interrupt_take(void);
void machine_counter_start(void);
uint64_t machine_counter(void);
void machine_yield(void);
void machine_barrier(uint64_t cpu_count);

/* A virtual address that is translated through a table in @page, which the
 * host may then lose. */
uint64_t machine_map_through(uint64_t page);

/* ---- Console and checks -------------------------------------------------- */

void console_text(const char *text);
void console_number(uint64_t number);
void console_hex(uint64_t number);

void check(bool holds, const char *name);
void check_equal(uint64_t found, uint64_t expected, const char *name);
void check_refused(struct moat_regs request, enum moat_status status,
	uint64_t operand, const char *name);
_Noreturn void check_finish(void);

/* ---- Calls --------------------------------------------------------------- */

/* PSCI 1.1, section 5.1, by SMC. */
#define PSCI_VERSION 0x84000000u
#define PSCI_CPU_OFF 0x84000002u
#define PSCI_SYSTEM_OFF 0x84000008u
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_AFFINITY_INFO 0xc4000004u

/* PSCI 1.1, section 5.2.2, as they arrive in a 64-bit register. */
#define PSCI_INVALID_PARAMETERS ((uint64_t)-2)
#define PSCI_ALREADY_ON ((uint64_t)-4)
#define PSCI_ON_PENDING ((uint64_t)-5)
#define PSCI_INVALID_ADDRESS ((uint64_t)-9)
#define PSCI_IS_OFF 1u /* of AFFINITY_INFO */

struct moat_regs call(struct moat_regs request);
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

/* ---- Pages and VMs ------------------------------------------------------- */

/* Where every VM has its code, its secret, and room for more pages. */
#define GUEST_CODE 0x400000u
#define GUEST_DATA 0x401000u
#define GUEST_SPARE 0x402000u
#define GUEST_ARGUMENT 0x600dc0deu
#define GUEST_REGISTERS 12u /* that GUEST_KEEP writes */

/* What the payload in guest.S can be asked to do, by the host's answer. */
enum guest_order {
	GUEST_READ = 1, /* report the word at the address */
	GUEST_WRITE, /* write the value there */
	GUEST_VERSION, /* report what the engine's version call gives */
	GUEST_UNKNOWN, /* a call that does not exist: report x0 */
	GUEST_TOO_MANY, /* a host_call with too many registers: report x0 */
	GUEST_QUIET, /* a host_call of one register, secrets in the others */
	GUEST_WAIT, /* WFI */
	GUEST_SPIN, /* go round the given number of times */
	GUEST_JUMP, /* fetch from the address */
	GUEST_KEEP, /* put the value into system and vector registers */
	GUEST_SHOW, /* report how many of them hold the value */
	GUEST_SMC_VERSION /* the version call by SMC */
};

enum { VM_ROOT_PAGES_MAX = 16, VM_TABLES_MAX = 3 };

struct vm {
	struct moat_vm_id id;
	uint64_t ipa_bits;
	uint64_t root;
	uint64_t table[VM_TABLES_MAX];
	uint64_t code;
	uint64_t data;
	uint64_t context;
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

/* Each returns the first refusal, or MOAT_OK. */
uint64_t vm_open(
	struct vm *vm, struct pool *pool, uint64_t slot, uint64_t ipa_bits);
uint64_t vm_furnish(struct vm *vm, struct pool *pool, uint64_t secret);
uint64_t vm_seal(const struct vm *vm);
uint64_t vm_build(struct vm *vm, struct pool *pool, uint64_t slot,
	uint64_t ipa_bits, uint64_t secret);

struct moat_regs vm_run(const struct vm *vm);
/* Run until the guest reports, with @order as the answer to the last report:
 * the exit record. */
struct moat_regs vm_order(const struct vm *vm, enum guest_order order,
	uint64_t address, uint64_t value);
/* The same, and the word reported; ~0 if it ended otherwise. */
uint64_t vm_ask(const struct vm *vm, enum guest_order order, uint64_t address,
	uint64_t value);

/* Take everything of every VM back, by page_info alone. */
void vm_sweep(uint64_t pool_pages);
bool pool_is_host(uint64_t pool_pages);

extern const char guest_code[];
extern const char guest_code_end[];

/* ---- The script ---------------------------------------------------------- */

void test_interface(void);
void test_hostile_calls(void);
void test_two_vms(void);
void test_guest_registers(void);
void test_memory_attacks(uint64_t engine);
void test_page_attacks(uint64_t engine);
void test_power(uint64_t engine, uint64_t cpu_count);
void test_many_cpus(uint64_t cpu_count);
void bench_run(void);

#endif
