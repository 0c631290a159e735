/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "lockstep/abstract.h"

static const unsigned char *engine_memory(const struct host_machine *machine)
{
	return host_machine_memory(machine, machine->config.memory_pa.value);
}

bool snapshot_init(struct snapshot *snapshot, struct host_machine *machine)
{
	snapshot->size = machine->engine_size;
	snapshot->memory = malloc(snapshot->size);
	return snapshot->memory != NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->memory);
}

void snapshot_expire(struct snapshot *snapshot)
{
	snapshot->is_current = false;
}

void snapshot_take(
	struct snapshot *snapshot, const struct host_machine *machine)
{
	if (!snapshot->is_current) {
		memcpy(snapshot->memory, engine_memory(machine),
			snapshot->size);
	}
	snapshot->is_current = true;
	snapshot->write_count = machine->write_count;
	snapshot->fresh_count = machine->fresh_count;
}

/* Let the copy have what the engine has now in a part that does not count. */
static void leave_out(struct snapshot *snapshot,
	const struct host_machine *machine, const void *part, size_t size)
{
	const unsigned char *memory = engine_memory(machine);
	size_t offset = (size_t)((const unsigned char *)part - memory);

	memcpy(snapshot->memory + offset, part, size);
}

static void leave_out_scratch(
	struct snapshot *snapshot, const struct host_machine *machine)
{
	const struct moat *m = machine->engine;

	leave_out(snapshot, machine, m->vm_lock,
		VM_COUNT(m) * sizeof(*m->vm_lock));
	leave_out(snapshot, machine, m->region_lock,
		REGION_LOCK_COUNT * sizeof(*m->region_lock));
	for (uint32_t cpu = 0; cpu < CPU_COUNT(m); cpu++) {
		leave_out(snapshot, machine, CPU(m, cpu).batch,
			sizeof(CPU(m, cpu).batch));
	}
}

const char *snapshot_compare(
	struct snapshot *snapshot, const struct host_machine *machine)
{
	leave_out_scratch(snapshot, machine);
	if (memcmp(snapshot->memory, engine_memory(machine), snapshot->size) !=
		0) {
		return "the engine's memory";
	}
	if (snapshot->write_count != machine->write_count) {
		return "a descriptor";
	}
	if (snapshot->fresh_count != machine->fresh_count) {
		return "a page of RAM";
	}
	return NULL;
}

static bool is_free(const struct mutex *mutex)
{
	return mutex->owner == LOCK_NOBODY &&
	       mutex->lock.next == mutex->lock.serving;
}

bool snapshot_locks_are_free(const struct host_machine *machine)
{
	const struct moat *m = machine->engine;

	for (uint32_t i = 0; i < VM_COUNT(m); i++) {
		if (!is_free(&VM_LOCK(m, i))) {
			return false;
		}
	}
	for (uint32_t i = 0; i < REGION_LOCK_COUNT; i++) {
		if (!is_free(&REGION_LOCK(m, i))) {
			return false;
		}
	}
	return true;
}
