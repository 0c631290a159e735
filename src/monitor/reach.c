/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who reaches a page: the index from pages to the VMIDs that have a leaf for
 * them, valid or perhaps still cached [TLB-1]. Whether they may is what the
 * records say at the end of a step, of the pages it concerned.
 */
#include "monitor/state.h"

#include "pte.h"

enum { READ = 1, WRITE = 2, EXECUTE = 4, SKIP_BITS = 21 };

static bool is_agent(const struct agent *agent)
{
	return agent->read != 0;
}

static struct monitor_right right_of(const struct agent *agent)
{
	struct monitor_right right = {.vmid = agent->vmid};

	if (is_agent(agent)) {
		right.permission =
			(uint8_t)(READ + (agent->write != 0 ? WRITE : 0) +
				  (agent->execute != 0 ? EXECUTE : 0));
	}
	return right;
}

/* Whether @known lets an agent do what @right is. */
static bool permits(const struct monitor_right known[AGENTS],
	const struct monitor_right *right)
{
	uint32_t left = right->permission;

	for (uint32_t i = 0; i < AGENTS; i++) {
		if (known[i].vmid == right->vmid) {
			left &= ~(uint32_t)known[i].permission;
		}
	}
	return left == 0;
}

/* ---- During a step ----------------------------------------------------- */

/* A page loses one agent and gets another: it is judged once for a CPU. */
static void note_touch(struct monitor *m, uint32_t page)
{
	unsigned char toucher = (unsigned char)(m->event->cpu + 1);
	struct touch *touch;

	if (m->toucher[page] == toucher) {
		return;
	}
	touch = list_add(m, &m->touched, sizeof(*touch));
	if (touch) {
		touch->page = page;
		touch->cpu = m->event->cpu;
		m->toucher[page] = toucher;
	}
}

/* Both agents of the page are there: the records before the step permit it, or
 * those after it have to. */
static void note_meeting(struct monitor *m, uint32_t page)
{
	const struct page *at = &m->page[page];
	struct monitor_right right[AGENTS] = {
		right_of(&at->agent[0]), right_of(&at->agent[1])};
	struct meeting *meeting;

	if (right[0].permission == 0 || right[1].permission == 0 ||
		(permits(at->known, &right[0]) &&
			permits(at->known, &right[1]))) {
		return;
	}
	meeting = list_add(m, &m->meeting, sizeof(*meeting));
	if (meeting) {
		meeting->page = page;
		meeting->cpu = m->event->cpu;
		meeting->right[0] = right[0];
		meeting->right[1] = right[1];
	}
}

/* The place of @vmid among the agents, perhaps a free one; or NULL. */
static struct agent *agent_find(struct page *page, uint32_t vmid)
{
	struct agent *free = NULL;

	for (uint32_t i = 0; i < AGENTS; i++) {
		if (!is_agent(&page->agent[i])) {
			free = &page->agent[i];
		} else if (page->agent[i].vmid == vmid) {
			return &page->agent[i];
		}
	}
	return free;
}

static void page_add(struct monitor *m, const struct table *table,
	uint32_t page, uint64_t leaf)
{
	struct agent *agent = agent_find(&m->page[page], table->vmid);
	bool is_new;

	if (!agent) {
		monitor_violate(m, MONITOR_TWO_AGENTS, NULL, pte_pa(leaf));
		return;
	}
	is_new = !is_agent(agent) ||
		 (agent->write == 0 && pte_may_write(leaf)) ||
		 (agent->execute == 0 && pte_may_execute(leaf));
	agent->vmid = table->vmid;
	agent->read++;
	agent->write = (uint16_t)(agent->write + pte_may_write(leaf));
	agent->execute = (uint16_t)(agent->execute + pte_may_execute(leaf));
	note_touch(m, page);
	if (is_new) {
		note_meeting(m, page);
	}
}

static void page_remove(struct monitor *m, const struct table *table,
	uint32_t page, uint64_t leaf)
{
	struct agent *agent = agent_find(&m->page[page], table->vmid);

	if (!agent || !is_agent(agent)) {
		return;
	}
	agent->read--;
	agent->write = (uint16_t)(agent->write - pte_may_write(leaf));
	agent->execute = (uint16_t)(agent->execute - pte_may_execute(leaf));
	note_touch(m, page);
}

/*
 * Every page of the leaf that is memory. What is not, devices above all, is
 * passed over 2 MiB at a time, which RAM is a multiple of.
 */
static void each_page(struct monitor *m, const struct table *table,
	uint64_t leaf, bool is_added)
{
	uint64_t pa = pte_pa(leaf);
	uint64_t end = pa + entry_bytes(m, table->level);

	while (pa < end) {
		uint32_t page = m->memory.page(m->memory.context, pa);

		if (page == MONITOR_NO_PAGE) {
			pa = ((pa >> SKIP_BITS) + 1) << SKIP_BITS;
			continue;
		}
		if (is_added) {
			page_add(m, table, page, leaf);
		} else {
			page_remove(m, table, page, leaf);
		}
		pa += page_bytes(m);
	}
}

void reach_add(struct monitor *m, const struct table *table, uint64_t leaf)
{
	each_page(m, table, leaf, true);
}

void reach_remove(struct monitor *m, const struct table *table, uint64_t leaf)
{
	each_page(m, table, leaf, false);
}

/*
 * What two agents shared before, both have seen: one of them may keep its
 * access. Otherwise nobody may reach the page, who could see what comes after
 * the scrub, or change what was scrubbed.
 */
void reach_demand_none(struct monitor *m, uint32_t page, uint64_t pa)
{
	const struct page *at = &m->page[page];
	bool was_shared =
		at->known[0].permission != 0 && at->known[1].permission != 0;
	uint32_t count = (uint32_t)is_agent(&at->agent[0]) +
			 (uint32_t)is_agent(&at->agent[1]);

	if (count > (was_shared ? 1U : 0U)) {
		monitor_violate(m, MONITOR_SCRUBBED_IN_REACH, NULL, pa);
	}
}

/* ---- At its end -------------------------------------------------------- */

/* What the records say or, if they say nothing, what is the case. */
static void look(
	struct monitor *m, uint32_t page, struct monitor_right right[AGENTS])
{
	if (m->records.look &&
		m->records.look(m->records.context, page, right)) {
		return;
	}
	for (uint32_t i = 0; i < AGENTS; i++) {
		right[i] = right_of(&m->page[page].agent[i]);
	}
}

static void judge_page(struct monitor *m, uint32_t number)
{
	struct page *page = &m->page[number];

	look(m, number, page->known);
	for (uint32_t i = 0; i < AGENTS; i++) {
		struct monitor_right right = right_of(&page->agent[i]);

		if (!permits(page->known, &right)) {
			monitor_violate(m, MONITOR_NO_RIGHT, NULL,
				m->memory.pa(m->memory.context, number));
		}
	}
}

static void judge_meeting(struct monitor *m, const struct meeting *meeting)
{
	const struct page *page = &m->page[meeting->page];

	if (!permits(page->known, &meeting->right[0]) ||
		!permits(page->known, &meeting->right[1])) {
		monitor_violate(m, MONITOR_TWO_AGENTS, NULL,
			m->memory.pa(m->memory.context, meeting->page));
	}
}

void reach_check(struct monitor *m, uint32_t page)
{
	judge_page(m, page);
}

void reach_forget(struct monitor *m)
{
	const struct touch *touch = m->touched.item;

	for (uint32_t i = 0; i < m->touched.count; i++) {
		m->toucher[touch[i].page] = 0;
	}
	m->touched.count = 0;
	m->meeting.count = 0;
}

void reach_step_end(struct monitor *m, uint32_t cpu)
{
	struct touch *touch = m->touched.item;
	struct meeting *meeting = m->meeting.item;
	uint32_t left = 0;

	for (uint32_t i = 0; i < m->touched.count; i++) {
		if (touch[i].cpu == cpu) {
			m->toucher[touch[i].page] = 0;
			judge_page(m, touch[i].page);
		} else {
			touch[left++] = touch[i];
		}
	}
	m->touched.count = left;
	left = 0;
	for (uint32_t i = 0; i < m->meeting.count; i++) {
		if (meeting[i].cpu == cpu) {
			judge_meeting(m, &meeting[i]);
		} else {
			meeting[left++] = meeting[i];
		}
	}
	m->meeting.count = left;
}
