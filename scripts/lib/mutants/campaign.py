# SPDX-License-Identifier: BSD-2-Clause
"""Plant bugs in a copy of the tree, and see which test notices each.

The bugs are the patches in tests/mutants and those made from the sources by
rule: operators, conditions, constants, dropped statements. What lives is a test
that is missing, or is argued in tests/mutants/argued.list.
"""

import collections
import concurrent.futures
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
import time

import arguments
import judges
import schema

# The engine, what of the port the host can run, and the oracles.
GENERATED = (
    "src/core/*.[ch]",
    "src/arch-aarch64/emulate.c",
    "src/arch-aarch64/exit.c",
    "src/arch-aarch64/fdt.c",
    "src/arch-aarch64/sha256.c",
    "src/arch-aarch64/pte.h",
    "src/arch-aarch64/list_register.h",
    "src/model/*.c",
    "src/lockstep/abstract*.c",
    "src/arch-host/*.c",
    "src/monitor/*.c",
)
# Patches of other folders have judges of their own, in the rows of those.
BY_HAND = ("", "lockstep", "locks")
# Orders of memory, which tests/weak plants one by one; and what an observer may
# see, whose leaks are planted in tests/mutants/views. The monitor's reader of
# traces has no judge here yet: its own rows read traces.
LEFT_OUT = (
    "src/core/atomic.h",
    "src/model/view.c",
    "src/monitor/event.c",
    "src/monitor/parse.c",
    "src/monitor/player.c",
)
SKIPPED = {"build", ".git", "__pycache__"}
CLANG = "/usr/lib/llvm-19/lib/clang/19/include"
QUICK_SHARE = 64  # one in so many of those made by rule
DEMANDED = 0.98  # of those made by rule, killed or argued
QUICK_DEMANDED = 0.8  # where the dear judges are not asked, nor all of a budget
# How likely a judge kills what it reaches: guesses that only order them. The
# scenes that reach the fewest mutants are about what they reach.
CHANCE = {
    "scene": 0.02,
    "random": 0.7,
    "explore": 0.1,
    "damage": 0.9,
    "machine": 0.7,
    "monitor": 0.7,
}
SCENES_FIRST = 3
FLAGS = "-w -O2 -ftrivial-auto-var-init=pattern -include"


def say(text):
    print(f"mutants: {text}", flush=True)


# ---- The build -------------------------------------------------------------


def copy_tree(root, copy, written):
    """The tree as it is, but for what is mutated; what is gone is removed."""
    kept = set(written)
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in names:
            source = os.path.join(folder, name)
            path = os.path.relpath(source, root)
            target = os.path.join(copy, path)
            if path in kept or os.path.islink(source):
                continue
            kept.add(path)
            copy_changed(source, target)
    for folder, _, names in os.walk(copy):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.relpath(path, copy) not in kept:
                os.remove(path)


def copy_changed(source, target):
    try:
        with open(source, "rb") as one, open(target, "rb") as other:
            if one.read() == other.read():
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    shutil.copymode(source, target)


def command(log, *words):
    """Run, with a log; ValueError if it fails."""
    with open(log, "ab") as file:
        status = subprocess.run(words, stdout=file, stderr=file).returncode
    if status != 0:
        raise ValueError(f"{words[0]} failed, see {log}")


def build(root, folder, targets, jobs):
    """Configure and build the copy in @folder/tree."""
    here = os.path.join(root, "scripts/lib/mutants")
    log = os.path.join(folder, "build.log")
    if os.path.exists(log):
        os.remove(log)
    runtime = os.path.join(folder, "runtime.o")
    source = os.path.join(here, "runtime.c")
    command(log, "gcc", "-O2", "-fPIC", "-c", "-o", runtime, source)
    header = os.path.join(here, "runtime.h")
    command(
        log,
        *("cmake", "-S", f"{folder}/tree", "-B", f"{folder}/build"),
        *("-G", "Ninja", "-D", "CMAKE_BUILD_TYPE=None"),
        *("-D", f"CMAKE_C_FLAGS={FLAGS} {header}"),
        *("-D", f"CMAKE_EXE_LINKER_FLAGS={runtime}"),
        *("-D", "MOAT_WERROR=OFF", "-D", "MOAT_BENCH=OFF"),
        *("-D", "MOAT_EXAMPLES=OFF", "-D", "MOAT_INSTALL=OFF"),
    )
    command(
        log,
        *("cmake", "--build", f"{folder}/build", "-j", str(jobs)),
        *("--target", *targets),
    )


def compiler(root):
    folders = ("include", "src", "src/core/plain", "src/arch-aarch64", "tests")
    return [
        "-std=c11",
        "-D_DEFAULT_SOURCE",
        f"-isystem{CLANG}",
        *(f"-I{os.path.join(root, folder)}" for folder in folders),
    ]


def prepare(root):
    """All mutants of the tree; and the patches that need a build or a boot."""
    plan = schema.Schema(root, compiler(root))
    apart, broken = [], []
    for patch in patches(root):
        name = patch_name(root, patch)
        try:
            if any(is_image(path) for path in schema.patch_paths(patch)):
                continue
            plan.patch(patch, name)
        except schema.Unfit as reason:
            apart.append((name, reason))
        except ValueError as error:
            broken.append(f"{name}: {error}")
    for pattern in GENERATED:
        for path in sorted(glob.glob(os.path.join(root, pattern))):
            path = os.path.relpath(path, root)
            if path not in LEFT_OUT:
                plan.generate(path)
    return plan, apart, broken


def patches(root):
    folders = [os.path.join(root, "tests/mutants", name) for name in BY_HAND]
    return sorted(p for f in folders for p in glob.glob(f"{f}/*.patch"))


def patch_name(root, patch):
    return os.path.relpath(patch, f"{root}/tests/mutants")[: -len(".patch")]


def is_image(path):
    """Whether only a boot of the image can judge it."""
    return path.startswith("src/arch-aarch64/") and not any(
        path == pattern for pattern in GENERATED
    )


# ---- Judging ---------------------------------------------------------------


class Record:
    """What became of one mutant."""

    def __init__(self, mutant):
        self.mutant = mutant
        self.killer = None
        self.cause = ""
        self.seconds = 0.0
        self.passed = []
        self.left = []  # judges that reach it and were not asked

    def row(self):
        mutant = self.mutant
        return {
            "name": mutant.key,
            "file": mutant.path,
            "function": mutant.function,
            "line": mutant.line,
            "operator": mutant.operator,
            "killed_by": self.killer,
            "cause": self.cause,
            "seconds": round(self.seconds, 3),
            "passed": self.passed,
            "not_asked": self.left,
        }


class Campaign:
    def __init__(self, court, budget, named):
        self.court = court
        self.named = named
        self.budget = budget
        self.lock = threading.Lock()
        self.kills = collections.defaultdict(collections.Counter)
        self.breadth = {
            name: sum(cost.reached) for name, cost in court.costs.items()
        }

    def reaching(self, mutant):
        """The judges to ask, those first that cost least for a kill."""
        costs = self.court.costs
        name = self.named.get(mutant.key)
        if name is not None:
            return [j for j in self.court.judges.values() if j.program == name]
        reach = [
            judge
            for judge in self.court.judges.values()
            if costs[judge.name].reached[mutant.number]
            and not judge.is_named
        ]
        with self.lock:
            kills = dict(self.kills[mutant.path, mutant.function])
        total = sum(kills.values()) + 1
        scenes = sorted(
            (j for j in reach if j.name.startswith("scene ")),
            key=lambda j: (self.breadth[j.name], j.name),
        )
        telling = {judge.name for judge in scenes[:SCENES_FIRST]}

        def expected(judge):
            chance = CHANCE.get(judge.name.split()[0], 0.15)
            if judge.name in telling:
                chance = 0.3
            chance = max(chance, 2 * kills.get(judge.name, 0) / total)
            return (costs[judge.name].seconds + 0.01) / chance, judge.name

        return sorted(reach, key=expected)

    def judge(self, mutant):
        record = Record(mutant)
        spent = 0.0
        for judge in self.reaching(mutant):
            if spent > self.budget:
                record.left.append(judge.name)
                continue
            verdict = self.court.ask(
                judge, mutant.number, self.court.limit(judge)
            )
            spent += self.court.costs[judge.name].seconds
            record.seconds += verdict.seconds
            if not verdict.is_passed:
                record.killer, record.cause = judge.name, verdict.cause
                with self.lock:
                    place = mutant.path, mutant.function
                    self.kills[place][judge.name] += 1
                break
            record.passed.append(judge.name)
        return record

    def judge_all(self, mutants, jobs, log):
        records = []
        shown = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for record in pool.map(self.judge, mutants):
                records.append(record)
                log.write(json.dumps(record.row()) + "\n")
                log.flush()
                if time.monotonic() - shown > 10:
                    shown = time.monotonic()
                    alive = sum(1 for r in records if r.killer is None)
                    say(f"{len(records)} of {len(mutants)}, {alive} alive")
        return records


# ---- Which ones ------------------------------------------------------------


def is_by_hand(mutant):
    return mutant.operator == "patch"


def is_sampled(mutant, share):
    digest = hashlib.sha256(mutant.key.encode()).digest()
    return int.from_bytes(digest[:4], "big") % share == 0


def chosen(plan, options, folder, apart):
    """What to try; @apart names those whose judges are not there."""
    mutants = [
        m
        for m in plan.mutants
        if options.pattern in f"{m.key} {m.path}:{m.function}"
    ]
    by_hand = [m for m in mutants if is_by_hand(m) and m.key not in apart]
    share = QUICK_SHARE if options.quick else options.share
    mutants = by_hand + [
        m
        for m in mutants
        if not is_by_hand(m) and not options.hand and is_sampled(m, share)
    ]
    if options.again:
        with open(f"{folder}/survivors", encoding="utf-8") as file:
            lived = set(file.read().splitlines())
        mutants = [m for m in mutants if m.key in lived]
    return mutants


# ---- The whole -------------------------------------------------------------


def findings_of(records, reasons):
    """(what was made by rule and lives, whatever else is wrong)."""
    lived, wrong = [], []
    for record in records:
        name = record.mutant.key
        if record.killer is not None:
            if name in reasons:
                wrong.append(f"argued, but {record.killer} kills it: {name}")
        elif name not in reasons:
            why = "survived" if record.passed else "no test reaches it"
            into = wrong if is_by_hand(record.mutant) else lived
            into.append(f"{why}: {name}")
    return lived, wrong


def report(records, reasons, folder, demanded=DEMANDED):
    """Print what lives; whether all is as demanded."""
    lived, wrong = findings_of(records, reasons)
    for finding in lived + wrong:
        say(finding)
    alive = [r.mutant.key for r in records if r.killer is None]
    with open(f"{folder}/survivors", "w", encoding="utf-8") as file:
        file.write("".join(f"{name}\n" for name in alive))
    made = sum(1 for r in records if not is_by_hand(r.mutant))
    share = 1 - len(lived) / made if made else 1.0
    say(
        f"{len(records) - made} by hand and {made} by rule:"
        f" {len(records) - len(alive)} killed,"
        f" {sum(name in reasons for name in alive)} argued,"
        f" {len(lived)} live ({share:.1%} of those by rule do not),"
        f" {len(wrong)} other findings"
    )
    return share >= demanded and not wrong


def summary(records):
    """The matrix in short: a line for each file, a column for each judge."""
    kinds = sorted({r.killer.split()[0] for r in records if r.killer})
    by_file = collections.defaultdict(collections.Counter)
    for record in records:
        killer = record.killer.split()[0] if record.killer else "nobody"
        by_file[record.mutant.path][killer] += 1
    yield "| file | mutants | " + " | ".join(kinds) + " | live |"
    yield "| --- |" + " ---: |" * (len(kinds) + 2)
    for path, row in sorted(by_file.items()):
        cells = [sum(row.values()), *(row[k] for k in kinds), row["nobody"]]
        yield f"| {path} | " + " | ".join(map(str, cells)) + " |"


def wanted_judges(tree, named, quick):
    """In a hurry the dear ones are left out, with the patches for them."""
    return [
        judge
        for judge in judges.of_tree(tree)
        if not (quick and judge.is_dear)
        and (not judge.is_named or judge.program in named.values())
    ]


def named_judges(root):
    """patch -> the program that it says kills it, where it says so."""
    named = {}
    for patch in patches(root):
        with open(patch, encoding="ascii") as file:
            found = re.search(r"^Killed by (\S+)\.$", file.read(), re.M)
        if found:
            named[patch_name(root, patch)] = found.group(1)
    return named


def absent(reasons, mutants, options):
    """What is argued and is no mutant any more: the source has changed."""
    if options.hand or options.again or options.share > 1:
        return []
    known = {mutant.key for mutant in mutants}
    return [f"argued, but not there: {n}" for n in reasons if n not in known]


def prepared(root, folder, options):
    """Build all; (mutants, court, named, broken)."""
    started = time.monotonic()
    plan, apart, broken = prepare(root)
    copy_tree(root, f"{folder}/tree", plan.files)
    plan.write(f"{folder}/tree")
    named = named_judges(root)
    wanted = wanted_judges(f"{folder}/tree", named, options.quick)
    build(root, folder, sorted({j.target for j in wanted}), options.jobs)
    say(f"{len(plan.mutants)} mutants, {time.monotonic() - started:.0f} s")
    for name, why in apart:
        say(f"left to the row of its folder: {name}: {why}")
    programs = {judge.program for judge in wanted}
    apart = {n for n, program in named.items() if program not in programs}
    court = judges.Court(f"{folder}/build", wanted)
    court.measure_all(schema.NUMBER_MAX, options.jobs)
    costs = sum(cost.seconds for cost in court.costs.values())
    say(f"without a mutant {len(wanted)} judges pass in {costs:.0f} s")
    return chosen(plan, options, folder, apart), court, named, broken


def run(root, options):
    started = time.monotonic()
    folder = os.path.realpath(options.folder)
    os.makedirs(folder, exist_ok=True)
    try:
        reasons = arguments.read(f"{root}/tests/mutants/argued.list")
        mutants, court, named, broken = prepared(root, folder, options)
        if not options.quick and not options.pattern:
            broken += absent(reasons, mutants, options)
    except (OSError, ValueError) as error:
        say(f"FAILED {error}")
        return 1
    campaign = Campaign(court, options.budget, named)
    with open(f"{folder}/matrix.jsonl", "w", encoding="utf-8") as log:
        records = campaign.judge_all(mutants, options.jobs, log)
    with open(f"{folder}/summary.md", "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in summary(records)))
    for text in broken:
        say(f"FAILED {text}")
    demanded = QUICK_DEMANDED if options.quick else DEMANDED
    is_good = report(records, reasons, folder, demanded) and not broken
    say(f"{time.monotonic() - started:.0f} s, the matrix is in {folder}")
    return 0 if is_good and records else 1
