#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""main.py [--jobs N] [--folder F] [--list FILE]

Run the deterministic tests on a build that counts, and hold src/core to 100 %
of lines and branches and 95 % of MC/DC. What cannot be reached is in
tests/coverage/unreached.list, with the reason; an entry that is reached, or
that is about nothing, fails as well.
"""

import collections
import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "../../.."))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "../mutants")]

import arguments  # noqa: E402
import judges  # noqa: E402
from options import Parser, positive  # noqa: E402

MCDC_MIN = 95.0
FLAGS = "-O1 -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc"
# Not deterministic, or not of this engine.
LEFT_OUT = (
    "stress",
    "explore",
    "schedule",
    "arch",
    "model",
    "monitor",
    "debug",
    "protectors",
)
BLANK = re.compile(r"\s+")


def say(text):
    print(f"coverage: {text}", flush=True)


# ---- Building and running --------------------------------------------------


def command(log, *words, **options):
    with open(log, "ab") as file:
        status = subprocess.run(words, stdout=file, stderr=file, **options)
    if status.returncode != 0:
        raise ValueError(f"{' '.join(words)[:70]} failed, see {log}")


def build(folder, targets, jobs):
    log = os.path.join(folder, "build.log")
    if os.path.exists(log):
        os.remove(log)
    aborts = os.path.join(folder, "abort.o")
    command(
        log, "clang-19", "-fPIC", "-c", f"{HERE}/abort.c", "-o", aborts
    )
    command(
        log,
        *("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja"),
        *("-D", "CMAKE_C_COMPILER=clang-19"),
        *("-D", "CMAKE_CXX_COMPILER=clang++-19"),
        *("-D", "CMAKE_BUILD_TYPE=None", "-D", f"CMAKE_C_FLAGS={FLAGS}"),
        "-D",
        "CMAKE_EXE_LINKER_FLAGS=-fprofile-instr-generate"
        f" -Wl,--wrap=abort {aborts}",
        *("-D", "MOAT_BENCH=OFF", "-D", "MOAT_EXAMPLES=OFF"),
        *("-D", "MOAT_INSTALL=OFF", "-D", "MOAT_WERROR=OFF"),
    )
    command(
        log,
        *("cmake", "--build", folder, "-j", str(jobs), "--target"),
        *targets,
    )


def programs():
    """What to run: the judges of mutants, all scenes in one."""
    scenes = []
    for judge in judges.of_tree(ROOT):
        kind = judge.name.split()[0]
        if kind == "scene":
            scenes.append(judge.arguments[1])
        elif kind not in LEFT_OUT:
            yield judge
    yield judges.Judge("scenes", "moat-model", ("run", *scenes))


def measure(folder, wanted, jobs):
    """Run all; the merged profile."""
    profiles = os.path.join(folder, "profiles")
    shutil.rmtree(profiles, ignore_errors=True)
    os.makedirs(profiles)
    log = os.path.join(folder, "run.log")

    def run(judge):
        name = judge.name.replace(" ", "-")
        command(
            log,
            os.path.join(folder, "bin", judge.target),
            *judge.arguments,
            env=dict(
                os.environ, LLVM_PROFILE_FILE=f"{profiles}/{name}-%p.profraw"
            ),
        )

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, wanted))
    merged = os.path.join(folder, "all.profdata")
    with open(os.path.join(folder, "profiles.list"), "w") as file:
        file.write("\n".join(glob.glob(f"{profiles}/*.profraw")))
    command(
        log,
        *("llvm-profdata-19", "merge", "-o", merged),
        *("-f", os.path.join(folder, "profiles.list")),
    )
    return merged


def export(folder, merged, targets):
    objects = []
    for target in targets:
        objects += ["-object", os.path.join(folder, "bin", target)]
    done = subprocess.run(
        [
            *("llvm-cov-19", "export", f"-instr-profile={merged}"),
            *objects,
            *("--skip-functions", "--sources", os.path.join(ROOT, "src/core")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(done.stdout)["data"][0]["files"]


# ---- What was reached ------------------------------------------------------


class File:
    """The lines, branches and decisions of one source."""

    def __init__(self, exported):
        self.path = os.path.relpath(exported["filename"], ROOT)
        with open(exported["filename"], encoding="ascii") as file:
            self.text = file.read().splitlines()
        self.lines = dict(line_counts(exported["segments"], len(self.text)))
        self.branches = collections.defaultdict(lambda: [0, 0])
        for branch in exported["branches"]:
            counts = self.branches[tuple(branch[:4])]
            counts[0] += branch[4]
            counts[1] += branch[5]
        self.required = collections.Counter()
        for expansion in exported["expansions"]:
            self.expand(expansion)
        self.decisions = {}
        for record in exported["mcdc_records"]:
            known = self.decisions.setdefault(tuple(record[:4]), record[-1])
            both = [a or b for a, b in zip(known, record[-1])]
            self.decisions[tuple(record[:4])] = both

    def expand(self, expansion):
        """The failing side of a REQUIRE; other macros are not counted."""
        line, column = expansion["source_region"][:2]
        if self.text[line - 1][column - 1 :].startswith("REQUIRE"):
            for branch in expansion["branches"][:1]:
                self.required[line] += branch[4]

    def line(self, number):
        return BLANK.sub(" ", self.text[number - 1]).strip()

    def unreached(self):
        """What to name, in order; the same name twice gets a number."""
        for number, count in sorted(self.lines.items()):
            if count == 0 and self.line(number) not in ("{", "}"):
                yield f"{self.path}: line: {self.line(number)}"
        for place, counts in sorted(self.branches.items()):
            line, column, last, end = place
            stop = end - 1 if last == line else None
            text = self.text[line - 1][column - 1 : stop]
            for side, count in zip(("true", "false"), counts):
                if count == 0:
                    yield (
                        f"{self.path}: never {side}: [{text}]"
                        f" in: {self.line(line)}"
                    )
        for number, count in sorted(self.required.items()):
            if count == 0:
                yield f"{self.path}: never fails: {self.line(number)}"

    def conditions(self):
        return sum(len(seen) for seen in self.decisions.values())

    def shown(self):
        return sum(sum(seen) for seen in self.decisions.values())


def line_counts(segments, count):
    """(line, count) of each line that has code, as llvm-cov counts them."""
    by_line = collections.defaultdict(list)
    for segment in segments:
        by_line[segment[0]].append(segment)
    wrapped = None
    for number in range(1, count + 1):
        here = by_line[number]
        starts = [s[2] for s in here if s[3] and s[4] and not s[5]]
        is_skipped = bool(here) and not here[0][3] and here[0][4]
        is_inside = wrapped is not None and wrapped[3]
        if not is_skipped and (is_inside or starts):
            if is_inside:
                starts.append(wrapped[2])
            yield number, max(starts)
        if here:
            wrapped = here[-1]


def numbered(names):
    seen = collections.Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} #{seen[name]}"


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def judge(files, reasons):
    """Print what was measured; the number of findings."""
    missing = {
        name for file in files for name in numbered(file.unreached())
    }
    findings = [f"not reached: {n}" for n in sorted(missing - set(reasons))]
    findings += [
        f"listed, but reached or not there: {name}"
        for name in sorted(set(reasons) - missing)
    ]
    lines = [count for file in files for count in file.lines.values()]
    sides = [
        c for file in files for both in file.branches.values() for c in both
    ]
    conditions = sum(file.conditions() for file in files)
    shown = sum(file.shown() for file in files)
    say(f"lines: {sum(map(bool, lines))} of {len(lines)}")
    say(f"branches: {sum(map(bool, sides))} of {len(sides)} sides")
    mcdc = percent(shown, conditions)
    say(f"MC/DC: {shown} of {conditions} conditions, {mcdc:.1f} %")
    if mcdc < MCDC_MIN:
        findings.append(f"MC/DC is below {MCDC_MIN} %")
    for file in files:
        for place, seen in sorted(file.decisions.items()):
            if not all(seen):
                where = f"{file.path}:{place[0]}"
                say(f"MC/DC lacks {seen.count(False)} at {where}")
    for finding in findings:
        say(finding)
    say(f"{len(missing)} unreached, {len(findings)} findings")
    return len(findings)


def parse():
    parser = Parser(prog="./dev coverage", description=__doc__)
    parser.add_argument("--jobs", type=positive, default=os.cpu_count())
    parser.add_argument(
        "--folder", default=os.path.join(ROOT, "build/coverage")
    )
    parser.add_argument(
        "--list", default=os.path.join(ROOT, "tests/coverage/unreached.list")
    )
    return parser.parse_args()


def main():
    options = parse()
    started = time.monotonic()
    folder = os.path.realpath(options.folder)
    os.makedirs(folder, exist_ok=True)
    try:
        reasons = arguments.read(options.list)
        wanted = list(programs())
        targets = sorted({judge.target for judge in wanted})
        build(folder, targets, options.jobs)
        merged = measure(folder, wanted, options.jobs)
        exported = export(folder, merged, targets)
    except (OSError, ValueError) as error:
        say(f"FAILED {error}")
        return 1
    files = [File(file) for file in exported]
    findings = judge(files, reasons)
    say(f"{time.monotonic() - started:.0f} s")
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main())
