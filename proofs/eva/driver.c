/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any calls, aborts and traps, in any order, on a machine of 4 MiB, two CPUs
 * and two VMs: for an abstract interpreter, which follows all of them at once.
 * The port writes anything it may; locks are taken to be free.
 */
#include "__fc_builtin.h"
#include "core/page.h"
#include "core/host_map.h"
#include "moat/port.h"
#include "moat/trace.h"

struct moat eva_moat;
struct page eva_page[EVA_PAGES];
struct table eva_table[EVA_PAGES];
struct moat_context eva_context[EVA_PAGES];
struct table eva_host_table[EVA_HOST_TABLES];
struct region eva_region[EVA_REGIONS];
struct vm eva_vm[EVA_VMS];
struct cpu eva_cpu[EVA_CPUS];
struct mutex eva_vm_lock[EVA_VMS];
struct mutex eva_region_lock[REGION_LOCK_COUNT];

static struct moat_event event;

static unsigned int any(unsigned int end)
{
	return Frama_C_unsigned_int_interval(0, end - 1);
}

static void havoc(void *at, size_t size)
{
	Frama_C_make_unknown(at, size);
}

/* ---- Port -------------------------------------------------------------- */

void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	*entry = descriptor;
}

void moat_port_publish(void)
{
}

void moat_port_invalidate(const struct moat_invalidation *what)
{
	(void)what;
}

void moat_port_scrub(void *page, size_t size)
{
	(void)page;
	(void)size;
}

void moat_port_clean(void *page, size_t size)
{
	(void)page;
	(void)size;
}

void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	havoc(context, sizeof(*context));
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	/* Word by word: of a VM that may be any, a range of bytes would reach
	 * from the first one's to the last one's. */
	for (uint32_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		uint64_t any_word;

		havoc(&any_word, sizeof(any_word));
		measurement[i] = any_word;
	}
}

void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	havoc(context, sizeof(*context));
}

struct moat_event *moat_port_event_begin(void)
{
	return any(2) == 0 ? NULL : &event;
}

void moat_port_event_end(struct moat_event *written)
{
	(void)written;
}

void mutex_lock(struct mutex *mutex, uint32_t cpu)
{
	mutex->owner = cpu;
}

void mutex_unlock(struct mutex *mutex, uint32_t cpu)
{
	(void)cpu;
	mutex->owner = LOCK_NOBODY;
}

/* Nothing comes after a panic; that none is reached is not asked here. */
void moat_port_panic(const char *reason)
{
	(void)reason;
	while (true) {
	}
}

/* ---- Machine ----------------------------------------------------------- */

static void start(void)
{
	eva_moat.config.cpu_count = EVA_CPUS;
	eva_moat.config.vm_count = EVA_VMS;
	eva_moat.config.ipa_bits = MOAT_IPA_BITS_MAX;
	eva_moat.config.host_ipa_bits = MOAT_IPA_BITS_MIN;
	eva_moat.config.ram_count = 1;
	eva_moat.config.list_register_count = MOAT_LIST_REGISTER_MAX;
	eva_moat.config.ram[0].base = 0x40000000;
	eva_moat.config.ram[0].size = EVA_PAGES * PAGE_BYTES;
	eva_moat.page_count = EVA_PAGES;
	eva_moat.region_count = EVA_REGIONS;
	eva_moat.leaf_first = 1;
	eva_moat.host_start_level = 1;
	for (uint32_t i = 0; i < EVA_CPUS; i++) {
		eva_cpu[i].vm = NONE;
	}
	for (uint32_t i = 0; i < EVA_REGIONS; i++) {
		eva_region[i].slot = (uint16_t)i;
		eva_region[i].table = 3;
	}
	havoc(eva_context, sizeof(eva_context));
	havoc(eva_host_table, sizeof(eva_host_table));
}

static void host_call(uint32_t cpu)
{
	struct moat_regs regs;

	havoc(&regs, sizeof(regs));
	moat_host_call(&eva_moat, cpu, &regs);
}

static void host_abort(uint32_t cpu)
{
	struct moat_ipa ipa;

	havoc(&ipa, sizeof(ipa));
	moat_host_abort(&eva_moat, cpu, ipa);
}

static void guest_exit(uint32_t cpu)
{
	struct moat_regs regs;
	struct moat_trap trap;

	havoc(&regs, sizeof(regs));
	havoc(&trap, sizeof(trap));
	havoc(eva_context, sizeof(eva_context));
	moat_guest_exit(&eva_moat, cpu, &trap, &regs);
}

/* Of one CPU by its number: what runs there is then told by a value. */
static void step(uint32_t cpu)
{
	if (eva_cpu[cpu].vm != NONE) {
		guest_exit(cpu);
	} else if (any(2) != 0) {
		host_call(cpu);
	} else {
		host_abort(cpu);
	}
}

int main(void)
{
	start();
	while (any(2) != 0) {
		if (any(2) != 0) {
			step(0);
		} else {
			step(1);
		}
	}
	return 0;
}
