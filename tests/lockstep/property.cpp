/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lockstep as a RapidCheck state machine: its state is the model, a command is
 * an operation drawn from that state, and to run it is a step of engine and
 * model. RapidCheck leaves commands away and makes their numbers smaller; what
 * is left is printed as a scene for moat-model run.
 */
#include <memory>
#include <vector>

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "lockstep/generate.h"
#include "lockstep/scene.h"
#include "lockstep/side.h"

namespace
{

/* What RapidCheck looks ahead with; copies share nothing. */
struct Ahead {
	explicit Ahead(const model *m) : state(model_copy(m), model_destroy)
	{
	}
	Ahead(const Ahead &other) : Ahead(other.state.get())
	{
	}
	Ahead &operator=(const Ahead &other)
	{
		state.reset(model_copy(other.state.get()));
		return *this;
	}
	model *get() const
	{
		return state.get();
	}
	std::unique_ptr<model, decltype(&model_destroy)> state;
};

/* Engine and model, and what they did. */
struct Pair {
	lockstep *both;
	std::vector<op> done;
};

/* Of the failure that was seen last, which is the shortest one. */
struct Failure {
	uint32_t shape = 0;
	std::vector<op> ops;
	std::string difference;
};

Failure failure;

class Operation : public rc::state::Command<Ahead, Pair>
{
public:
	explicit Operation(const op &operation) : operation(operation)
	{
	}
	void apply(Ahead &ahead) const override
	{
		outcome ignored;

		side_model(ahead.get(), &operation, &ignored);
	}
	void run(const Ahead &, Pair &pair) const override
	{
		pair.done.push_back(operation);
		if (!lockstep_step(pair.both, &operation, nullptr, nullptr)) {
			failure.ops = pair.done;
			failure.difference = lockstep_difference(pair.both);
			RC_FAIL(failure.difference);
		}
	}
	void show(std::ostream &out) const override
	{
		char text[OP_TEXT];

		op_print(&operation, text);
		out << text;
	}
	const op operation;
};

/* The same operation with one plain number made smaller. */
rc::Seq<op> smaller(const op &operation)
{
	std::vector<op> all;

	for (uint32_t i = 0; i < OP_WORDS; i++) {
		for (uint64_t value = 0; value < 3; value++) {
			op trial = operation;

			trial.word[i] = value;
			if (op_is_plain(&operation, i) &&
				value < operation.word[i]) {
				all.push_back(trial);
			}
		}
	}
	return rc::seq::fromContainer(all);
}

using Shared = std::shared_ptr<const rc::state::Command<Ahead, Pair>>;

rc::Gen<Shared> draw(const Ahead &ahead)
{
	/* A smaller seed is no smaller operation. */
	auto drawn =
		rc::gen::map(rc::gen::noShrink(rc::gen::arbitrary<uint64_t>()),
			[ahead](uint64_t seed) {
				struct random random = {seed};
				op operation;

				generate_op(ahead.get(), &random, &operation);
				return operation;
			});

	return rc::gen::map(
		rc::gen::shrink(drawn,
			[](const op &operation) { return smaller(operation); }),
		[](const op &operation) {
			return Shared(std::make_shared<Operation>(operation));
		});
}

/* The pair for machine @shape, as if it were new. */
lockstep *begin(uint32_t shape)
{
	static lockstep *made[SHAPE_COUNT];
	moat_config config = shape_make(shape);

	if (made[shape]) {
		lockstep_restart(made[shape]);
	} else {
		made[shape] = lockstep_create(&config, nullptr);
	}
	return made[shape];
}

void property()
{
	auto shape = *rc::gen::inRange<uint32_t>(0, SHAPE_COUNT);
	Pair pair = {begin(shape), {}};
	const Ahead start(lockstep_model(pair.both));

	failure.shape = shape;
	rc::state::check(start, pair, draw);
}

void print_failure()
{
	moat_config config = shape_make(failure.shape);
	scene found = scene_make(&config);

	for (const op &operation : failure.ops) {
		scene_step step = {};

		step.op = operation;
		scene_add(&found, &step);
	}
	std::printf("# %s\n", failure.difference.c_str());
	scene_write(&found, stdout);
	scene_free(&found);
}

} // namespace

int main()
{
	bool is_good = rc::check("engine and model stay together", property);

	if (!is_good) {
		print_failure();
	}
	return is_good ? 0 : 1;
}
