/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/scene.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 512, LINE_MAX_WORDS = 48, FIRST_CAPACITY = 64 };

struct scene scene_make(const struct moat_config *config)
{
	struct scene scene = {.config = *config};

	return scene;
}

void scene_free(struct scene *scene)
{
	free(scene->step);
	scene->step = NULL;
	scene->count = 0;
	scene->capacity = 0;
}

void scene_add(struct scene *scene, const struct scene_step *step)
{
	if (scene->count == scene->capacity) {
		size_t capacity = scene->capacity * 2 + FIRST_CAPACITY;
		struct scene_step *grown =
			realloc(scene->step, capacity * sizeof(*scene->step));

		if (!grown) {
			fprintf(stderr, "scene: out of memory\n");
			abort();
		}
		scene->step = grown;
		scene->capacity = capacity;
	}
	scene->step[scene->count++] = *step;
}

/* ---- Machine lines ----------------------------------------------------- */

static const char *add_range(struct moat_range *ranges, uint32_t *count,
	uint64_t base, uint64_t size)
{
	if (*count == MOAT_RANGE_MAX) {
		return "too many ranges";
	}
	ranges[*count].base = base;
	ranges[*count].size = size;
	(*count)++;
	return NULL;
}

static const char *set_range(
	struct scene *scene, const char *name, uint64_t base, uint64_t size)
{
	struct moat_config *config = &scene->config;

	if (strcmp(name, "withheld") == 0) {
		return add_range(
			config->withheld, &config->withheld_count, base, size);
	}
	if (strcmp(name, "ram") != 0) {
		return "not a setting of a machine";
	}
	if (!scene->has_ram) {
		scene->has_ram = true;
		config->ram_count = 0;
	}
	return add_range(config->ram, &config->ram_count, base, size);
}

/* Where the machine keeps the number @name, or NULL. */
static uint32_t *find_number(struct moat_config *config, const char *name)
{
	const struct {
		const char *name;
		uint32_t *number;
	} settings[] = {{"cpus", &config->cpu_count},
		{"vms", &config->vm_count}, {"ipa_bits", &config->ipa_bits},
		{"host_ipa_bits", &config->host_ipa_bits},
		{"list_registers", &config->list_register_count}};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].name, name) == 0) {
			return settings[i].number;
		}
	}
	return NULL;
}

static const char *set_number(
	struct scene *scene, const char *name, uint64_t number)
{
	uint32_t *setting = find_number(&scene->config, name);

	if (strcmp(name, "page") == 0) {
		return number == MOAT_PAGE_SIZE
			       ? NULL
			       : "the scene is for pages of another size";
	}
	if (strcmp(name, "engine") == 0) {
		scene->config.memory_pa.value = number;
		return NULL;
	}
	if (!setting) {
		return "not a setting of a machine";
	}
	*setting = (uint32_t)number;
	return number > UINT32_MAX ? "the number is too large" : NULL;
}

static const char *parse_machine(struct scene *scene,
	const struct op_symbols *symbols, char **word, size_t count)
{
	uint64_t number[2] = {0, 0};

	if (scene->count != 0) {
		return "machine lines stand before the first operation";
	}
	if (count < 3 || count > 4) {
		return "machine SETTING NUMBER, or machine RANGE BASE SIZE";
	}
	for (size_t i = 2; i < count; i++) {
		if (!op_parse_number(word[i], symbols, &number[i - 2])) {
			return "not a number";
		}
	}
	return count == 4 ? set_range(scene, word[1], number[0], number[1])
			  : set_number(scene, word[1], number[0]);
}

/* ---- Lines ------------------------------------------------------------- */

/* Split @line at blanks, up to a comment. Returns the count of words. */
static size_t split(char *line, char *word[LINE_MAX_WORDS])
{
	size_t count = 0;
	char *next;

	line[strcspn(line, "#\r\n")] = '\0';
	next = line + strspn(line, " \t");
	while (*next != '\0' && count < LINE_MAX_WORDS) {
		size_t length = strcspn(next, " \t");
		bool is_last = next[length] == '\0';

		word[count++] = next;
		next[length] = '\0';
		next += length + !is_last;
		next += strspn(next, " \t");
	}
	return count;
}

/* The index of the equals sign, or @count. */
static size_t find_equals(char **word, size_t count)
{
	size_t i = 0;

	while (i < count && strcmp(word[i], "=") != 0) {
		i++;
	}
	return i;
}

static const char *parse_step(struct scene *scene,
	const struct op_symbols *symbols, char **word, size_t count)
{
	struct scene_step step = {.line = scene->line};
	size_t equals = find_equals(word, count);
	const char *error = op_parse(&step.op, symbols, word, equals);

	if (!error && step.op.cpu >= scene->config.cpu_count) {
		error = "no such CPU";
	}
	if (!error && equals < count) {
		error = expectation_parse(&step.expectation, symbols,
			word + equals + 1, count - equals - 1);
	}
	if (!error) {
		scene_add(scene, &step);
	}
	return error;
}

static const char *parse_line(struct scene *scene, char *line)
{
	struct op_symbol symbol[SHAPE_SYMBOLS];
	struct op_symbols symbols = {
		symbol, shape_symbols(&scene->config, symbol)};
	char *word[LINE_MAX_WORDS];
	size_t count;

	if (strlen(line) + 1 >= LINE_MAX_BYTES) {
		return "the line is too long";
	}
	count = split(line, word);
	if (count == 0) {
		return NULL;
	}
	if (count == LINE_MAX_WORDS) {
		return "too many words";
	}
	if (strcmp(word[0], "machine") == 0) {
		return parse_machine(scene, &symbols, word, count);
	}
	return parse_step(scene, &symbols, word, count);
}

bool scene_read(struct scene *scene, FILE *file)
{
	char line[LINE_MAX_BYTES];

	scene->line = 0;
	scene->error = NULL;
	while (fgets(line, sizeof(line), file)) {
		scene->line++;
		scene->error = parse_line(scene, line);
		if (scene->error) {
			return false;
		}
	}
	if (ferror(file)) {
		scene->error = "cannot be read";
		return false;
	}
	return true;
}

/* ---- Write ------------------------------------------------------------- */

static void write_machine(const struct moat_config *config, FILE *file)
{
	fprintf(file, "machine page %d\n", MOAT_PAGE_SIZE);
	fprintf(file, "machine cpus %" PRIu32 "\n", config->cpu_count);
	fprintf(file, "machine vms %" PRIu32 "\n", config->vm_count);
	fprintf(file, "machine ipa_bits %" PRIu32 "\n", config->ipa_bits);
	fprintf(file, "machine host_ipa_bits %" PRIu32 "\n",
		config->host_ipa_bits);
	fprintf(file, "machine list_registers %" PRIu32 "\n",
		config->list_register_count);
	for (uint32_t i = 0; i < config->ram_count; i++) {
		fprintf(file, "machine ram 0x%" PRIx64 " 0x%" PRIx64 "\n",
			config->ram[i].base, config->ram[i].size);
	}
	for (uint32_t i = 0; i < config->withheld_count; i++) {
		fprintf(file, "machine withheld 0x%" PRIx64 " 0x%" PRIx64 "\n",
			config->withheld[i].base, config->withheld[i].size);
	}
	fprintf(file, "machine engine 0x%" PRIx64 "\n",
		config->memory_pa.value);
}

static void write_expectation(const struct expectation *expectation, FILE *file)
{
	char text[OUTCOME_TEXT];

	if (expectation->is_stated) {
		outcome_print(&expectation->outcome, text);
		fprintf(file, " = %s", text);
	}
}

void scene_write(const struct scene *scene, FILE *file)
{
	char text[OP_TEXT];

	write_machine(&scene->config, file);
	for (size_t i = 0; i < scene->count; i++) {
		op_print(&scene->step[i].op, text);
		fputs(text, file);
		write_expectation(&scene->step[i].expectation, file);
		fputc('\n', file);
	}
}

/* ---- Run --------------------------------------------------------------- */

static bool scene_steps(const struct scene *scene, struct lockstep *lockstep,
	struct scene_result *result)
{
	for (result->at = 0; result->at < scene->count; result->at++) {
		const struct scene_step *step = &scene->step[result->at];

		if (!lockstep_step(
			    lockstep, &step->op, &step->expectation, NULL)) {
			return false;
		}
	}
	return lockstep_finish(lockstep);
}

static bool run_in(const struct scene *scene, struct lockstep *lockstep,
	struct scene_result *result)
{
	bool is_good = scene_steps(scene, lockstep, result);

	if (!is_good) {
		snprintf(result->difference, sizeof(result->difference), "%s",
			lockstep_difference(lockstep));
	}
	return is_good;
}

bool scene_run(const struct scene *scene, bool is_thorough, FILE *trace,
	struct scene_result *result)
{
	struct lockstep *lockstep = lockstep_create(&scene->config, trace);
	bool is_good;

	memset(result, 0, sizeof(*result));
	if (!lockstep) {
		snprintf(result->difference, sizeof(result->difference),
			SCENE_NO_MACHINE);
		return false;
	}
	lockstep_set_thorough(lockstep, is_thorough);
	is_good = run_in(scene, lockstep, result);
	result->reached = *lockstep_coverage(lockstep);
	lockstep_destroy(lockstep);
	return is_good;
}
