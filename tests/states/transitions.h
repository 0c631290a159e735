/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every change of state that there is: X(from, what, to). The test of this
 * folder sees each of them happen in the engine, and no other; the pictures of
 * docs/ are drawn from these rows.
 */
#ifndef MOAT_TESTS_STATES_TRANSITIONS_H
#define MOAT_TESTS_STATES_TRANSITIONS_H

/* Of a page, by enum moat_page_state. */
#define PAGE_TRANSITIONS(X) \
	X(HOST, page_load, VM) \
	X(HOST, page_donate, VM) \
	X(HOST, block_donate, VM) \
	X(HOST, page_lend, LENT) \
	X(HOST, block_lend, LENT) \
	X(HOST, vm_create, TABLE) \
	X(HOST, table_create, TABLE) \
	X(HOST, table_split, TABLE) \
	X(HOST, vcpu_create, VCPU) \
	X(LENT, page_recall, HOST) \
	X(VM, share, SHARED) \
	X(VM, relinquish, HOST) \
	X(VM, page_reclaim, HOST) \
	X(SHARED, unshare, VM) \
	X(SHARED, relinquish, HOST) \
	X(SHARED, page_reclaim, HOST) \
	X(TABLE, table_destroy, HOST) \
	X(TABLE, table_fold, HOST) \
	X(TABLE, vm_free, HOST) \
	X(VCPU, vcpu_destroy, HOST)

/* Of a VM, by enum moat_vm_life. */
#define VM_TRANSITIONS(X) \
	X(EMPTY, vm_create, BUILDING) \
	X(BUILDING, vm_seal, ACTIVE) \
	X(BUILDING, vm_kill, DYING) \
	X(ACTIVE, vm_kill, DYING) \
	X(DYING, vm_free, EMPTY)

/* Of a vCPU, by enum moat_vcpu_state. An exit is any that vcpu_run lists. */
#define VCPU_TRANSITIONS(X) \
	X(ABSENT, vcpu_create, READY) \
	X(ABSENT, vcpu_create, OFF) \
	X(READY, vcpu_run, RUNNING) \
	X(RUNNING, exit, READY) \
	X(RUNNING, CPU_OFF, OFF) \
	X(RUNNING, SYSTEM_OFF, OFF) \
	X(RUNNING, SYSTEM_RESET, OFF) \
	X(OFF, CPU_ON, READY) \
	X(READY, vcpu_destroy, ABSENT) \
	X(OFF, vcpu_destroy, ABSENT)

#endif
