/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat-stress [--threads N] [--seconds N] [--seed N] [--traced 0|1]
 *
 * N threads drive one engine at once. Every step's event is numbered inside the
 * step's critical section, so the log is an order in which the steps happened:
 * the model takes the steps in that order and must give every answer that the
 * engine gave. Now and then all threads meet, one lets the model catch up, and
 * they go on; at the end the whole state is asked for, call by call.
 *
 * The lock of the log orders more than the engine's locks do, which may hide a
 * race from ThreadSanitizer: --traced 0 runs without log and model.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/lock.h"
#include "stress/agent.h"
#include "stress/machine.h"
#include "stress/replay.h"

enum {
	LOG_ROOM = LOG_MAX / 2, /* that is left when the world is stopped */
	ACTS = 16, /* between two looks at the log */
	LOOKS = 2000, /* between two meetings, at the most */
	ACTS_END = 100000 /* in which a guest is to leave */
};

struct options {
	uint64_t threads;
	uint64_t seconds;
	uint64_t seed;
	uint64_t traced;
};

static struct options options = {4, 5, 0, 1};
static struct rendezvous world;
static struct agent agents[MACHINE_CPUS];
static double deadline;

/* Written by thread 0 while the others wait; read by them after. */
static bool is_over;
static bool is_good = true;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- Threads ----------------------------------------------------------- */

/* All have met, and the others wait for the next meeting. */
static void while_stopped(void)
{
	const char *broken = moat_invariant_check(machine.engine);

	is_good = replay_log();
	if (broken != NULL) {
		printf("stress: the engine breaks %s\n", broken);
		is_good = false;
	}
	for (uint32_t i = 0; i < options.threads; i++) {
		if (agents[i].failure != NULL) {
			printf("stress: CPU %u: %s\n", i, agents[i].failure);
			is_good = false;
		}
	}
	is_over = !is_good || now() > deadline;
}

static void stop_the_world(uint32_t cpu)
{
	rendezvous_meet(&world, (uint32_t)options.threads);
	if (cpu == 0) {
		while_stopped();
	}
	rendezvous_meet(&world, (uint32_t)options.threads);
}

/* Until the log is half full, or it is late: everybody sees that alike only in
 * a meeting, so that each comes to it as soon as one might. */
static void act_for_a_while(struct agent *agent)
{
	for (uint32_t look = 0;
		look < LOOKS && agent->failure == NULL &&
		machine_log_count() < LOG_ROOM && now() < deadline;
		look++) {
		for (uint32_t i = 0; i < ACTS && agent->failure == NULL; i++) {
			agent_act(agent);
		}
	}
}

/* The host has its CPU back, so that it can be asked for the final state. */
static void come_home(struct agent *agent)
{
	for (uint32_t i = 0; i < ACTS_END && agent->is_guest; i++) {
		guest_act(agent);
	}
}

static void *thread_main(void *argument)
{
	struct agent *agent = argument;

	while (!is_over) {
		act_for_a_while(agent);
		stop_the_world(agent->cpu);
	}
	come_home(agent);
	return NULL;
}

/* ---- The whole --------------------------------------------------------- */

static void agents_begin(void)
{
	for (uint32_t i = 0; i < options.threads; i++) {
		agents[i].cpu = i;
		agents[i].vms = MACHINE_VMS;
		agents[i].random = (options.seed * MACHINE_CPUS + i) *
					   UINT64_C(0x9e3779b97f4a7c15) +
				   1;
	}
}

static void run_threads(void)
{
	pthread_t thread[MACHINE_CPUS];

	for (uint32_t i = 0; i < options.threads; i++) {
		if (pthread_create(&thread[i], NULL, thread_main, &agents[i]) !=
			0) {
			fprintf(stderr, "stress: no thread\n");
			exit(2);
		}
	}
	for (uint32_t i = 0; i < options.threads; i++) {
		pthread_join(thread[i], NULL);
	}
}

static void report(void)
{
	struct agent sum = {0};

	for (uint32_t i = 0; i < options.threads; i++) {
		sum.steps += agents[i].steps;
		sum.accepted += agents[i].accepted;
		sum.accesses += agents[i].accesses;
	}
	printf("stress: %llu threads, seed %llu: %llu steps, %llu calls "
	       "accepted, %llu accesses, %llu events replayed: %s\n",
		(unsigned long long)options.threads,
		(unsigned long long)options.seed, (unsigned long long)sum.steps,
		(unsigned long long)sum.accepted,
		(unsigned long long)sum.accesses,
		(unsigned long long)replay_count(), is_good ? "good" : "BAD");
}

static void usage(void)
{
	fprintf(stderr, "usage: moat-stress [--threads N] [--seconds N]\n"
			"                   [--seed N] [--traced 0|1]\n");
	exit(2);
}

static void options_read(int count, char **words)
{
	options.seed = (uint64_t)time(NULL);
	for (int i = 1; i < count; i += 2) {
		uint64_t *option = NULL;
		char *end = words[i];

		if (strcmp(words[i], "--threads") == 0) {
			option = &options.threads;
		} else if (strcmp(words[i], "--seconds") == 0) {
			option = &options.seconds;
		} else if (strcmp(words[i], "--seed") == 0) {
			option = &options.seed;
		} else if (strcmp(words[i], "--traced") == 0) {
			option = &options.traced;
		}
		if (option == NULL || i + 1 == count) {
			usage();
		} else {
			*option = strtoull(words[i + 1], &end, 10);
		}
		if (*end != 0) {
			usage();
		}
	}
	if (options.threads < 1 || options.threads > MACHINE_CPUS) {
		usage();
	}
}

int main(int count, char **words)
{
	options_read(count, words);
	deadline = now() + (double)options.seconds;
	machine_begin((uint32_t)options.threads, options.traced != 0);
	agents_begin();
	run_threads();
	is_good = is_good && replay_end(0);
	report();
	replay_forget();
	machine_end();
	return is_good ? 0 : 1;
}
