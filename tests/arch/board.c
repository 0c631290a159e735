/* SPDX-License-Identifier: BSD-2-Clause */
#include "board.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "arch-aarch64/engine.h"
#include "arch-aarch64/firmware.h"
#include "arch-aarch64/mmio.h"
#include "arch-aarch64/report.h"
#include "moat/port.h"

#define REGISTER_WORD(name) uint64_t register_##name;
REGISTERS(REGISTER_WORD)

/* GICv3 (IHI 0069), section 12.11: sets and clears of one register. */
enum {
	SET_ENABLE = 0x10100,
	CLEAR_ENABLE = 0x10180,
	SET_ACTIVE = 0x10300,
	CLEAR_ACTIVE = 0x10380,
};

struct machine machine;
struct moat *engine;
uint64_t report_counts[MACHINE_CPU_MAX][REPORT_COUNTER_COUNT];

static uint32_t word[BOARD_CPUS][MACHINE_GICR_STRIDE / 4];

uint32_t board_writes;
uint32_t board_unwaited;
uint32_t board_wfi;
uint32_t board_isb;
uint64_t board_status;
uint64_t board_state;
uint64_t board_asked;
uint32_t board_asked_by;

void board_start(void)
{
	uint64_t value = 0x1111000000000000;

#define REGISTER_START(name) register_##name = value++;
	REGISTERS(REGISTER_START)
	memset(word, 0, sizeof(word));
	register_cnthp_ctl_el2 = 0;
	register_ich_hcr_el2 = 0;
	machine.cpu_count = BOARD_CPUS;
	for (uint32_t cpu = 0; cpu < BOARD_CPUS; cpu++) {
		machine.mpidr[cpu] = 0x100 + cpu;
	}
	board_writes = 0;
	board_unwaited = 0;
	board_cpu(0);
}

void board_cpu(uint32_t cpu)
{
	register_tpidr_el2 = cpu;
}

/* ---- Redistributors ---------------------------------------------------- */

uint32_t *board_word(uint32_t cpu, uint32_t offset)
{
	return &word[cpu][offset / 4];
}

static bool has_bit(uint32_t cpu, uint32_t offset, uint32_t interrupt)
{
	return (*board_word(cpu, offset) >> interrupt & 1) != 0;
}

bool board_is_enabled(uint32_t cpu, uint32_t interrupt)
{
	return has_bit(cpu, SET_ENABLE, interrupt);
}

bool board_is_active(uint32_t cpu, uint32_t interrupt)
{
	return has_bit(cpu, SET_ACTIVE, interrupt);
}

void board_enable(uint32_t cpu, uint32_t interrupt)
{
	*board_word(cpu, SET_ENABLE) |= 1u << interrupt;
}

void board_activate(uint32_t cpu, uint32_t interrupt)
{
	*board_word(cpu, SET_ACTIVE) |= 1u << interrupt;
}

/* The word at @pa of the machine's redistributors. */
static uint32_t *word_at(uint64_t pa, uint32_t *offset)
{
	uint64_t cpu = (pa - MACHINE_GICR) / MACHINE_GICR_STRIDE;

	cr_assert(pa >= MACHINE_GICR && cpu < BOARD_CPUS && pa % 4 == 0,
		"0x%llx is no word of a redistributor", (unsigned long long)pa);
	*offset = (uint32_t)((pa - MACHINE_GICR) % MACHINE_GICR_STRIDE);
	return board_word((uint32_t)cpu, *offset);
}

uint32_t mmio_read32(uint64_t pa)
{
	uint32_t offset;

	return *word_at(pa, &offset);
}

/* A clear has the word of its set, 0x80 below it. */
void mmio_write32(uint64_t pa, uint32_t value)
{
	uint32_t offset;
	uint32_t *at = word_at(pa, &offset);

	board_writes++;
	board_unwaited++;
	switch (offset) {
	case SET_ENABLE:
	case SET_ACTIVE:
		*at |= value;
		break;
	case CLEAR_ENABLE:
	case CLEAR_ACTIVE:
		at[-0x80 / 4] &= ~value;
		break;
	default:
		*at = value;
		break;
	}
}

/* ---- Instructions ------------------------------------------------------ */

void isb(void)
{
	board_isb++;
}

void dsb_sy(void)
{
	board_unwaited = 0;
}

void wfi(void)
{
	board_wfi++;
}

/* Who waits for an event here waits for ever. */
void wfe(void)
{
	exit(3);
}

void moat_port_wait(void)
{
	exit(3);
}

void moat_port_wake(void)
{
}

/* ---- The rest of the image --------------------------------------------- */

uint32_t machine_cpu(uint64_t affinity)
{
	uint32_t cpu = 0;

	while (cpu < machine.cpu_count && machine.mpidr[cpu] != affinity) {
		cpu++;
	}
	return cpu;
}

enum moat_action moat_host_call(
	struct moat *m, uint32_t cpu, struct moat_regs *regs)
{
	cr_assert_eq(m, engine);
	cr_assert_eq(regs->x[0], moat_page_info((struct moat_pa){0}).x[0]);
	board_asked = regs->x[1];
	board_asked_by = cpu;
	regs->x[0] = board_status;
	regs->x[1] = board_state;
	return MOAT_HOST_RESUME;
}

void moat_port_panic(const char *reason)
{
	cr_log_info("panic: %s", reason);
	exit(4);
}

/* Ends of a CPU or of the machine: the status of the test says which. */
void report_end(void)
{
	report_counts[0][REPORT_EXIT] = 1;
}

void firmware_exit(uint32_t status)
{
	exit((int)(report_counts[0][REPORT_EXIT] * 10 + status));
}

void park(uint32_t cpu)
{
	exit((int)(20 + cpu));
}

void cpu_start_host(uint64_t pc, uint64_t argument)
{
	exit(pc == 0x40000000 && argument == 0x1234 ? 30 : 1);
}
