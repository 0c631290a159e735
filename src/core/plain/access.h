/* SPDX-License-Identifier: BSD-2-Clause */
/* The only names of engine state, unchecked. state.h includes this. */
#ifndef MOAT_CORE_ACCESS_H
#define MOAT_CORE_ACCESS_H

/* What is constant after init. */
#define MOAT(m) (*(m))
#define PAGE(m, p) ((m)->page[p])
/* A record that is about to be written, and those of a run. */
#define PAGE_TO_SET(m, p) ((m)->page[p])
#define PAGES_TO_SET(m, run) (&(m)->page[(run).first])
/* The record of the table that a page hangs at, by the lock of that page: the
 * table stays where it is while anything hangs at it. */
#define PAGE_ABOVE(m, p) ((m)->page[p])
#define TABLE(m, p) ((m)->window[p])
#define CONTEXT(m, p) (*(struct moat_context *)(void *)&(m)->window[p])
#define HOST_TABLE(m, t) ((m)->host_table[t])
#define REGION(m, r) ((m)->region[r])
#define VM(m, v) ((m)->vm[v])
#define VCPU(m, v, i) ((m)->vm[v].vcpu[i])
#define CPU(m, c) ((m)->cpu[c])
#define VM_LOCK(m, v) ((m)->vm_lock[v])
#define REGION_LOCK(m, l) ((m)->region_lock[l])

#endif
