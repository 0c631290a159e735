#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""planted.py TREE

What is not reached is named, by ./dev coverage's own reader, for a file of a
few lines; a list that lacks a name, or has one too many, is refused; so is a
decision that is not shown, and a command line that is wrong.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TREE = os.path.realpath(sys.argv[1])
MAIN = os.path.join(TREE, "scripts/lib/coverage/main.py")
SOURCE = """\
#include <stdlib.h>
#define REQUIRE(x) do { if (!(x)) abort(); } while (0)
static int half(int x, int y)
{
	REQUIRE(x != 3);
	if (x > 5 && y > 5) {
		return 1;
	}
	return 0;
}
int main(void)
{
	return half(1, 9);
}
"""
UNREACHED = {
    "small.c: line: return 1;",
    "small.c: never true: [x > 5] in: if (x > 5 && y > 5) {",
    "small.c: never true: [y > 5] in: if (x > 5 && y > 5) {",
    "small.c: never false: [y > 5] in: if (x > 5 && y > 5) {",
    "small.c: never fails: REQUIRE(x != 3);",
}
failures = 0


def check(holds, what):
    global failures
    if not holds:
        failures += 1
        print(f"planted: FAILED {what}")


def load():
    spec = importlib.util.spec_from_file_location("coverage_main", MAIN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exported(folder, tool):
    """The small file, compiled as the engine is, run, and read."""
    source, program = f"{folder}/small.c", f"{folder}/small"
    with open(source, "w", encoding="ascii") as file:
        file.write(SOURCE)
    flags = tool.FLAGS.split()
    subprocess.run(["clang-19", *flags, "-o", program, source], check=True)
    subprocess.run(
        [program], env=dict(os.environ, LLVM_PROFILE_FILE=f"{folder}/raw")
    )
    subprocess.run(
        ["llvm-profdata-19", "merge", "-o", f"{folder}/all", f"{folder}/raw"],
        check=True,
    )
    done = subprocess.run(
        [
            *("llvm-cov-19", "export", f"-instr-profile={folder}/all"),
            *("--skip-functions", program),
        ],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)["data"][0]["files"]


def main():
    tool = load()
    with tempfile.TemporaryDirectory() as folder:
        tool.ROOT = folder
        files = [tool.File(file) for file in exported(folder, tool)]
    found = {n for f in files for n in tool.numbered(f.unreached())}
    check(found == UNREACHED, f"what is found: {found ^ UNREACHED}")
    reasons = dict.fromkeys(UNREACHED, "planted")
    check(tool.judge(files, reasons) == 1, "MC/DC is too low, no more")
    del reasons["small.c: line: return 1;"]
    check(tool.judge(files, reasons) == 2, "a line that is not listed")
    reasons["small.c: line: return 1;"] = "planted"
    reasons["small.c: line: return 0;"] = "planted"
    check(tool.judge(files, reasons) == 2, "a line that is reached")
    for words in (["--jobs", "0"], ["what"]):
        done = subprocess.run([MAIN, *words], capture_output=True, text=True)
        said = done.stderr.splitlines()
        check(
            done.returncode == 2 and len(said) == 1 and not done.stdout,
            f"{words}: {done.returncode}, {said}",
        )
    print(f"planted: {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
