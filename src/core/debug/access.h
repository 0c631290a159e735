/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only names of engine state, in the debug build: naming a field checks
 * that the step which runs here holds the lock that protects it, and panics if
 * it does not. Outside of a step (init, invariants, tests) all CPUs are outside
 * the engine and everything may be named.
 */
#ifndef MOAT_CORE_ACCESS_H
#define MOAT_CORE_ACCESS_H

#include "core/debug/protect.h"

/* What is constant after init. */
#define MOAT(m) (*(m))
#define PAGE(m, p) ((m)->page[protect_page(m, p)])
#define PAGE_TO_SET(m, p) ((m)->page[protect_page_to_set(m, p)])
#define PAGES_TO_SET(m, run) \
	(&(m)->page[protect_pages_to_set(m, (run).first, (run).count)])
#define PAGE_ABOVE(m, p) ((m)->page[protect_page_above(p)])
#define TABLE(m, p) ((m)->window[protect_page(m, p)])
#define CONTEXT(m, p) \
	(*(struct moat_context *)(void *)&(m)->window[protect_page(m, p)])
#define HOST_TABLE(m, t) ((m)->host_table[protect_host_table(m, t)])
#define REGION(m, r) ((m)->region[protect_region(r)])
#define VM(m, v) ((m)->vm[protect_vm(v)])
#define VCPU(m, v, i) ((m)->vm[protect_vm(v)].vcpu[i])
#define CPU(m, c) ((m)->cpu[protect_cpu(c)])
#define VM_LOCK(m, v) ((m)->vm_lock[v])
#define REGION_LOCK(m, l) ((m)->region_lock[l])

#endif
