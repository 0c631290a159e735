/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scenes of the monitor: what ports do, one event a line as event.h has
 * them, but without a number. The name of the file is the verdict: good_*
 * breaks no rule, bad_<rule>_* breaks that rule by its last line and none
 * before.
 *
 *     scenes [--list] WORLD SCENE...
 *
 * WORLD comes before each. Of every rule there must be a scene. With --list the
 * verdict on each is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/player.h"

enum { LINE_BYTES = 256 };

static bool is_seen[MONITOR_RULE_COUNT];
static const char *world;
static bool is_listed;

/* What is wrong with a line, or NULL. @is_broken: a rule is broken by now. */
static const char *play_line(
	struct player *player, const char *line, bool *is_broken)
{
	char numbered[2 * LINE_BYTES];

	if (*line == '#' || *line == '\n') {
		return NULL;
	}
	if (*is_broken) {
		return "the rule is broken before the last line";
	}
	snprintf(numbered, sizeof(numbered), "watch %llx %s",
		(unsigned long long)player->count, line);
	switch (player_line(player, numbered)) {
	case PLAYER_GOOD:
		return NULL;
	case PLAYER_BROKEN:
		*is_broken = true;
		return NULL;
	case PLAYER_MALFORMED:
	case PLAYER_OTHER:
	default:
		return player->error;
	}
}

static const char *play_file(
	struct player *player, const char *name, bool *is_broken)
{
	FILE *file = fopen(name, "r");
	const char *wrong = file ? NULL : "no such file";
	char line[LINE_BYTES];

	while (file && !wrong && fgets(line, sizeof(line), file)) {
		wrong = play_line(player, line, is_broken);
	}
	if (file) {
		fclose(file);
	}
	return wrong;
}

/* The rule that the name of a scene states: the longest that fits. */
static enum monitor_rule stated(const char *base)
{
	enum monitor_rule best = MONITOR_NONE;
	size_t length = 0;

	for (int i = MONITOR_NONE + 1;
		strncmp(base, "bad_", 4) == 0 && i < MONITOR_RULE_COUNT; i++) {
		const char *name = monitor_rule_name((enum monitor_rule)i);
		size_t size = strlen(name);

		if (size > length && strncmp(base + 4, name, size) == 0 &&
			(base[4 + size] == '_' || base[4 + size] == '.')) {
			best = (enum monitor_rule)i;
			length = size;
		}
	}
	return best;
}

static bool check(const char *name)
{
	struct player player = player_make(NULL);
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	enum monitor_rule rule = stated(base);
	enum monitor_rule found = MONITOR_NONE;
	bool is_broken = false;
	const char *wrong = play_file(&player, world, &is_broken);

	if (!wrong) {
		wrong = is_broken ? "the world is broken"
				  : play_file(&player, name, &is_broken);
	}
	if (player_verdict(&player)) {
		found = player_verdict(&player)->rule;
	}
	if (!wrong &&
		(strncmp(base, "good_", 5) == 0) != (rule == MONITOR_NONE)) {
		wrong = "its name states no verdict";
	}
	if (wrong || found != rule) {
		printf("FAILED %s: %s\n", base,
			wrong ? wrong : monitor_rule_name(found));
	}
	if (is_listed) {
		printf("%-24s %s\n", monitor_rule_name(found), base);
	}
	is_seen[rule] = true;
	player_end(&player);
	return !wrong && found == rule;
}

/* More is lost at once than the monitor can follow: it says so. */
static bool too_much_is_said(void)
{
	struct player player = player_make(NULL);
	enum player_result result = PLAYER_GOOD;
	bool is_broken = false;
	const char *wrong = play_file(&player, world, &is_broken);

	for (int table = 0; !wrong && table < 256; table++) {
		char line[LINE_BYTES];

		for (int slot = 0; slot < 512 && !wrong; slot++) {
			snprintf(line, sizeof(line), "write 0 %x page:0:r",
				0x40080000 + table * 4096 + slot * 8);
			wrong = play_line(&player, line, &is_broken);
		}
		wrong = wrong ? wrong
			      : play_line(&player, "dsb_ish 0", &is_broken);
		snprintf(line, sizeof(line), "write 0 %x table:%x",
			0x40000010 + table * 8, 0x40080000 + table * 4096);
		wrong = wrong ? wrong : play_line(&player, line, &is_broken);
	}
	for (int table = 0; !wrong && result == PLAYER_GOOD && table < 256;
		table++) {
		char line[LINE_BYTES];

		snprintf(line, sizeof(line), "watch %llx write 0 %x empty",
			(unsigned long long)player.count,
			0x40000010 + table * 8);
		result = player_line(&player, line);
	}
	is_seen[MONITOR_FULL] = true;
	is_broken = result != PLAYER_BROKEN ||
		    player_verdict(&player)->rule != MONITOR_FULL;
	player_end(&player);
	if (is_broken) {
		printf("FAILED too_much_is_said: %s\n", wrong ? wrong : "no");
	}
	return !is_broken;
}

int main(int argc, char **argv)
{
	int failures = 0;
	int first;

	is_listed = argc > 1 && strcmp(argv[1], "--list") == 0;
	first = 2 + is_listed;
	if (argc <= first) {
		fprintf(stderr, "usage: scenes [--list] WORLD SCENE...\n");
		return 2;
	}
	world = argv[first - 1];
	for (int i = first; i < argc; i++) {
		failures += !check(argv[i]);
	}
	failures += !too_much_is_said();
	for (int i = 0; i < MONITOR_RULE_COUNT; i++) {
		if (!is_seen[i]) {
			printf("FAILED no scene of the rule %s\n",
				monitor_rule_name((enum monitor_rule)i));
			failures++;
		}
	}
	printf("scenes: %d scenes, %d failures\n", argc - first, failures);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
