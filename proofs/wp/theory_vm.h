/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the contracts: VMs, vCPUs, what a CPU runs, calls. */
#ifndef MOAT_PROOF_VM_H
#define MOAT_PROOF_VM_H

#include "theory_call.h"
#include "theory_tables.h"
#include "core/run.h"

/*
 * Of one element, as macros: a prover that has to make use of "for all" does it
 * where it sees the fields, and does not look behind the name of a predicate.
 */

/* clang-format off */
/* [VM-1], of one vCPU; and what runs owes nothing. */
#define VCPU_OK(v, i) \
	(VCPU(m, v, i).state < MOAT_VCPU_STATE_COUNT && \
	VCPU(m, v, i).count <= MOAT_HOST_CALL_MAX && \
	(VCPU(m, v, i).state == MOAT_VCPU_ABSENT ==> \
		VCPU(m, v, i).page == 0 && VCPU(m, v, i).cpu == 0 && \
		VCPU(m, v, i).pending == 0) && \
	(VCPU(m, v, i).state != MOAT_VCPU_ABSENT ==> \
		i < VM(m, v).vcpu_count && \
		VCPU(m, v, i).page < PAGE_COUNT(m)) && \
	(VCPU(m, v, i).state == MOAT_VCPU_RUNNING ==> \
		VM(m, v).life == MOAT_VM_ACTIVE && \
		VCPU(m, v, i).pending == 0))

/* [VCPU-1], from either side: RUNNING on c if and only if c runs it. */
#define RUNS(c, v, i) (CPU(m, c).vm == v && CPU(m, c).vcpu == i)
#define RUNS_ON(v, i, c) \
	(VCPU(m, v, i).state == MOAT_VCPU_RUNNING && VCPU(m, v, i).cpu == c)
#define CPU_OK(c) \
	(CPU(m, c).vm == NONE || \
	(CPU(m, c).vm < VM_COUNT(m) && CPU(m, c).vcpu < MOAT_VCPU_MAX && \
	RUNS_ON(CPU(m, c).vm, CPU(m, c).vcpu, c)))
#define RUNNING_OK(v, i) \
	(VCPU(m, v, i).state == MOAT_VCPU_RUNNING ==> \
		VCPU(m, v, i).cpu < CPU_COUNT(m) && \
		RUNS(VCPU(m, v, i).cpu, v, i))
#define CPUS_OK (\forall integer c; 0 <= c < CPU_COUNT(m) ==> CPU_OK(c))
#define VCPUS_OK \
	(\forall integer v, i; 0 <= v < VM_COUNT(m) && \
		0 <= i < MOAT_VCPU_MAX ==> RUNNING_OK(v, i))
/* clang-format on */

/*@
  // [VM-1], of one VM: an EMPTY slot is all zero.
  predicate life_ok{L}(integer v) =
    VM(m, v).life < MOAT_VM_LIFE_COUNT &&
    VM(m, v).vcpu_count <= MOAT_VCPU_MAX &&
    (VM(m, v).life == MOAT_VM_EMPTY ==>
      VM(m, v).half == 0 && VM(m, v).root == 0 && VM(m, v).root_count == 0 &&
      VM(m, v).ipa_bits == 0 && VM(m, v).vcpu_count == 0);

  predicate vcpu_ok{L}(integer v, integer i) = VCPU_OK(v, i);

  // What the lock of VM @v gives and wants back.
  predicate vm_held{L}(integer v) =
    vm_ok(v) && life_ok(v) &&
    \forall integer i; 0 <= i < MOAT_VCPU_MAX ==> VCPU_OK(v, i);

  predicate runs{L}(integer c, integer v, integer i) = RUNS(c, v, i);
  predicate runs_on{L}(integer v, integer i, integer c) = RUNS_ON(v, i, c);
  predicate cpu_ok{L}(integer c) = CPU_OK(c);
  predicate running_ok{L}(integer v, integer i) = RUNNING_OK(v, i);
  predicate vcpu_1{L} = CPUS_OK && VCPUS_OK;

  // What a step under the VM's lock may rely on.
  predicate step_ok{L}(struct vm_locked locked) =
    sizes_ok && locked.vm < VM_COUNT(m) && vm_held(locked.vm);

  // What has been decided of a run's end: nothing yet, or one thing.
  predicate leaving_ok{L}(struct leaving *leaving) =
    \valid(leaving) && leaving->count <= MOAT_HOST_CALL_MAX &&
    leaving->cpu < CPU_COUNT(m) && leaving->context < PAGE_COUNT(m) &&
    (leaving->state == MOAT_VCPU_READY || leaving->state == MOAT_VCPU_OFF);

  predicate vcpu_there{L}(integer v, integer i) =
    i < VM(m, v).vcpu_count && VCPU(m, v, i).state != MOAT_VCPU_ABSENT;
*/

#endif
