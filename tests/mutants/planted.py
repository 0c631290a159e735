#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""planted.py TREE

The machinery of mutants, on a file of a few lines: each number changes what its
name says and nothing else, number 0 nothing; a list that argues wrongly, and a
command line that is wrong, are refused.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TREE = os.path.realpath(sys.argv[1])
LIBRARY = os.path.join(TREE, "scripts/lib")
sys.path[:0] = [os.path.join(LIBRARY, "mutants"), LIBRARY]

import arguments  # noqa: E402
import codes  # noqa: E402
import judges  # noqa: E402
import matrix  # noqa: E402
import schema  # noqa: E402

SOURCE = """\
#include <stdio.h>
#define TWICE(x) ((x) * 2)
#define LIMIT 5
static int clamp(int x)
{
	if (x > LIMIT) {
		return LIMIT;
	}
	return TWICE(x + 1);
}
int same(int x)
{
	return x * 1;
}
int main(void)
{
	printf("%d %d", clamp(1), clamp(9));
	return 0;
}
"""
# What each mutant of clamp prints; without one it is "4 5".
PRINTED = {
    "[x > LIMIT => true]": "5 5",
    "[x > LIMIT => false]": "4 20",
    "[x > LIMIT => (x) >= (LIMIT)]": "4 5",  # nobody can tell
    "if (x > [LIMIT => LIMIT + 1]": "4 5",
    "if (x > [LIMIT => LIMIT - 1]": "4 5",
    "return [LIMIT => LIMIT + 1]": "4 6",
    "return [LIMIT => LIMIT - 1]": "4 4",
    "TWICE( [x + 1 => (x) - (1)]": "0 5",
    "TWICE(x + [1 => 1 + 1]": "6 5",
    "TWICE(x + [1 => 1 - 1]": "2 5",
    "by_hand": "7 7",
}
# Of same: whether the compiler makes of it what it makes of the original.
CODES = {
    "[x * 1 => (x) / (1)]": True,
    "x * [1 => 1 + 1]": False,
    "x * [1 => 1 - 1]": False,
}
PROJECT = """\
cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES C)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_executable(small small.c runtime.c)
set(header ${CMAKE_SOURCE_DIR}/runtime.h)
target_compile_options(small PRIVATE -w -O2 -include ${header})
"""
PATCH = """\
Whatever it is, it is 7.

--- a/small.c
+++ b/small.c
@@ -5,5 +5,5 @@
 {
 	if (x > LIMIT) {
-		return LIMIT;
+		return 7;
 	}
-	return TWICE(x + 1);
+	return 7;
"""
failures = 0


def check(holds, what):
    global failures
    if not holds:
        failures += 1
        print(f"planted: FAILED {what}")


def run(folder, number):
    environment = dict(os.environ, MOAT_MUTANT=str(number))
    done = subprocess.run(
        [f"{folder}/small"], env=environment, capture_output=True, text=True
    )
    return done.stdout


def compile_small(plan, folder):
    plan.write(f"{folder}/out")
    here = os.path.join(LIBRARY, "mutants")
    subprocess.run(
        [
            *("gcc", "-w", "-include", f"{here}/runtime.h"),
            *("-o", f"{folder}/small", f"{folder}/out/small.c"),
            f"{here}/runtime.c",
        ],
        check=True,
    )


def numbers_choose(folder):
    with open(f"{folder}/small.c", "w", encoding="ascii") as file:
        file.write(SOURCE)
    with open(f"{folder}/by_hand.patch", "w", encoding="ascii") as file:
        file.write(PATCH)
    plan = schema.Schema(folder, ["-std=c11"])
    plan.patch(f"{folder}/by_hand.patch", "by_hand")
    plan.generate("small.c")
    compile_small(plan, folder)
    check(run(folder, 0) == "4 5", "without a mutant")
    of_clamp = [m for m in plan.mutants if m.function == "clamp"]
    for text, printed in PRINTED.items():
        found = [m for m in of_clamp if text in m.key]
        check(len(found) == 1, f"{len(found)} mutants are {text}")
        for mutant in found:
            is_printed = run(folder, mutant.number)
            check(is_printed == printed, f"{text} prints {is_printed}")
    check(len(of_clamp) == len(PRINTED), f"{len(of_clamp)} mutants of clamp")


def a_sample_is_planted_alone(folder):
    """One in its place, under the number that it has among all."""
    wanted = "return [LIMIT => LIMIT + 1]"
    whole = schema.Schema(folder, ["-std=c11"])
    whole.generate("small.c")
    plan = schema.Schema(folder, ["-std=c11"])
    plan.generate("small.c", lambda mutant: wanted in mutant.key)
    check(plan.mutants == whole.mutants, "a sample has the numbers of all")
    compile_small(plan, folder)
    for mutant in plan.mutants:
        expected = "4 6" if wanted in mutant.key else "4 5"
        check(run(folder, mutant.number) == expected, f"sample: {mutant.key}")


def codes_are_compared(folder):
    plan = schema.Schema(folder, ["-std=c11"])
    plan.generate("small.c")
    plan.write(f"{folder}/tree")
    for name in ("require.h", "runtime.c", "runtime.h"):
        shutil.copy(f"{LIBRARY}/mutants/{name}", f"{folder}/tree")
    with open(f"{folder}/tree/CMakeLists.txt", "w", encoding="ascii") as file:
        file.write(PROJECT)
    for words in (
        ["-G", "Ninja", "-S", f"{folder}/tree", "-B", f"{folder}/build"],
        ["--build", f"{folder}/build"],
    ):
        subprocess.run(["cmake", *words], check=True, capture_output=True)
    compiled = codes.Codes(TREE, folder)
    for text, is_same in CODES.items():
        (mutant,) = [m for m in plan.mutants if text in m.key]
        found = compiled.is_equivalent("small.c", mutant.number)
        check(found == is_same, f"the code of {text}: {found}")


def unfit_is_said(folder):
    with open(f"{folder}/unfit.patch", "w", encoding="ascii") as file:
        file.write(
            "--- a/small.c\n+++ b/small.c\n@@ -2,2 +2,2 @@\n"
            " #define TWICE(x) ((x) * 2)\n-#define LIMIT 5\n"
            "+#define LIMIT 6\n"
        )
    plan = schema.Schema(folder, ["-std=c11"])
    try:
        plan.patch(f"{folder}/unfit.patch", "unfit")
        check(False, "a patch of a macro is no second body")
    except schema.Unfit:
        pass


def lists_are_refused(folder):
    path = f"{folder}/list"
    for text, what in (
        ("a name\n", "a name that nothing argues"),
        ("\ta reason\n", "a reason of nothing"),
        ("one\none\n\tbecause\n", "a name twice"),
    ):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        try:
            arguments.read(path)
            check(False, what)
        except ValueError:
            pass
    with open(path, "w", encoding="ascii") as file:
        file.write("# for readers\none\ntwo\n\tboth\n")
    check(arguments.read(path) == {"one": "both", "two": "both"}, "a list")


def record(number, killer, operator="constant"):
    mutant = schema.Mutant(number, f"m{number}", "f.c", "f", operator, 1)
    made = matrix.Record(mutant)
    made.killer, made.passed = killer, ["a judge"]
    return made


def verdicts_are_just():
    """98 of 100 by rule are enough, 97 are not; all by hand are wanted."""
    reasons = {"m1": "cannot be told"}
    killed = [record(n, "a judge") for n in range(100, 197)]
    alive = [record(n, None) for n in (1, 2, 3)]

    def passes(*records):
        return matrix.report(list(records), reasons, 0.98)

    check(passes(*killed, *alive), "one argued, two of a hundred live")
    check(not passes(*killed[:95], *alive), "two of 98")
    check(
        not passes(*killed, record(1, "a judge")), "argued, but it is killed"
    )
    check(not passes(*killed, record(5, None, "patch")), "one by hand lives")
    alive[1].is_equivalent = True
    alive[2].same_as = "m1"
    check(passes(*killed[:9], *alive), "what has another's code is not counted")


def all_tests_of_the_core_judge():
    """Wherever a list of CMake names them."""
    found = {judge.name for judge in judges.of_tree(TREE)}
    for path in glob.glob(f"{TREE}/tests/core/*.c"):
        with open(path, encoding="ascii") as file:
            has_tests = re.search(r"^Test\(", file.read(), re.M)
        name = f"core {os.path.basename(path).removesuffix('.c')}"
        check(not has_tests or name in found, f"{name} is no judge")


def wrong_words_are_refused():
    for words in (["--jobs", "0"], ["--jobs", "x"], ["--what"]):
        done = subprocess.run(
            [f"{LIBRARY}/mutants/main.py", *words],
            capture_output=True,
            text=True,
        )
        said = done.stderr.splitlines()
        check(
            done.returncode == 2 and len(said) == 1 and not done.stdout,
            f"{words}: {done.returncode}, {said}",
        )


def main():
    with tempfile.TemporaryDirectory() as folder:
        numbers_choose(folder)
        a_sample_is_planted_alone(folder)
        codes_are_compared(folder)
        unfit_is_said(folder)
        lists_are_refused(folder)
        verdicts_are_just()
        all_tests_of_the_core_judge()
    wrong_words_are_refused()
    print(f"planted: {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
