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
import codes
import judges
import matrix
import schema
from matrix import is_by_hand, say

# The engine, what of the port a process can run, and the oracles. The rest of
# src/arch-aarch64 a boot alone can judge: it is instructions that a process has
# not, MRS with a number in it (trapped.c), the MMU and the switch of worlds
# (cpu.c, mmu.c, port.c, world.c, context.c, guest.c, host_trap.c), and how an
# image starts, reports and ends (main.c, machine.c, report.c, console.c,
# firmware.c). Its bugs are patches, and the rows el2.* try them.
GENERATED = (
    "src/core/*.[ch]",
    "src/arch-aarch64/emulate.c",
    "src/arch-aarch64/exit.c",
    "src/arch-aarch64/fdt.c",
    "src/arch-aarch64/gic.c",
    "src/arch-aarch64/psci_host.c",
    "src/arch-aarch64/sha256.c",
    "src/arch-aarch64/tick.c",
    "src/arch-aarch64/tlbi.c",
    "src/arch-aarch64/vgic.c",
    "src/arch-aarch64/vtimer.c",
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
QUICK_DEMANDED = 0.96  # where the dear are not asked, nor all of a budget
# How likely a judge kills what it reaches: guesses that only order them. The
# scenes that reach the fewest mutants are about what they reach.
CHANCE = {
    "scene": 0.02,
    "random": 0.7,
    "explore": 0.1,
    "damage": 0.9,
    "machine": 0.7,
    "model": 0.6,
    "monitor": 0.7,
}
SCENES_FIRST = 4
FLAGS = "-w -O2 -ftrivial-auto-var-init=pattern -include"


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


def prepare(root, share=1):
    """All mutants of the tree, those that are not in a sample by name alone;
    and the patches that need a build or a boot."""
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
                plan.generate(path, lambda m: is_sampled(m, share))
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


class Campaign:
    def __init__(self, court, compiled, table, options):
        self.compiled = compiled
        self.named = court.named
        self.budget = options.budget
        self.court = court
        self.table = table
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
        last = self.table.killers.get(mutant.key)
        scenes = sorted(
            (j for j in reach if j.name.startswith("scene ")),
            key=lambda j: (self.breadth[j.name], j.name),
        )
        telling = {judge.name for judge in scenes[:SCENES_FIRST]}

        def expected(judge):
            if judge.name == last:
                return 0.0, judge.name
            chance = CHANCE.get(judge.name.split()[0], 0.15)
            if judge.name in telling:
                chance = 0.3
            if is_about(judge, mutant):
                chance = 0.9
            chance = max(chance, 2 * kills.get(judge.name, 0) / total)
            return (costs[judge.name].seconds + 0.01) / chance, judge.name

        return sorted(reach, key=expected)

    def judge(self, mutant):
        record = matrix.Record(mutant, self.table.digests[mutant.path])
        for judge in self.reaching(mutant):
            if record.seconds > self.budget:
                record.left.append(judge.name)
                continue
            verdict = self.court.ask(
                judge, mutant.number, self.court.limit(judge)
            )
            record.seconds += verdict.seconds
            if not verdict.is_passed:
                record.killer, record.cause = judge.name, verdict.cause
                with self.lock:
                    place = mutant.path, mutant.function
                    self.kills[place][judge.name] += 1
                break
            record.passed.append(judge.name)
        if record.killer is None and not is_by_hand(mutant):
            record.is_equivalent = self.compiled.is_equivalent(
                mutant.path, mutant.number
            )
        return record

    def find_same(self, records):
        """Of those that live and have one code, the first stands for all."""
        alive = [
            record
            for record in records
            if record.killer is None
            and not record.is_equivalent
            and not is_by_hand(record.mutant)
        ]
        for alike in grouped(alive, self.compiled.glance):
            for same in grouped(alike, self.compiled.whole):
                for record in same[1:]:
                    record.same_as = same[0].mutant.key

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


def is_about(judge, mutant):
    """Whether it bears the name of the mutant's folder, or of its file; or is
    known to be about that."""
    folder, name = os.path.split(mutant.path)
    folder = os.path.basename(folder).split("-")[0]
    stem = os.path.splitext(name)[0]
    known = judges.ABOUT.get(f"{folder}/{name}", ())
    return judge.name in (folder, f"{folder} {stem}", *known)


def grouped(records, code):
    """Those of one code, where there are two."""
    groups = collections.defaultdict(list)
    for record in records:
        mutant = record.mutant
        groups[mutant.path, code(mutant.path, mutant.number)].append(record)
    return [group for group in groups.values() if len(group) > 1]


# ---- Which ones ------------------------------------------------------------


def is_sampled(mutant, share):
    digest = hashlib.sha256(mutant.key.encode()).digest()
    return int.from_bytes(digest[:4], "big") % share == 0


def share_of(options):
    return QUICK_SHARE if options.quick else options.share


def chosen(plan, options, table, apart):
    """What to try; @apart names those whose judges are not there."""
    mutants = [
        m
        for m in plan.mutants
        if options.pattern in f"{m.key} {m.path}:{m.function}"
    ]
    by_hand = [m for m in mutants if is_by_hand(m) and m.key not in apart]
    mutants = by_hand + [
        m
        for m in mutants
        if not is_by_hand(m)
        and not options.hand
        and is_sampled(m, share_of(options))
    ]
    if options.again:
        mutants = [m for m in mutants if table.has_living(m.key)]
    if options.rest:
        mutants = [m for m in mutants if m.key not in table.rows]
    return mutants


# ---- The whole -------------------------------------------------------------


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


def absent(reasons, plan):
    """What is argued and is no mutant any more: the source has changed."""
    known = {mutant.key for mutant in plan.mutants}
    return [f"argued, but not there: {n}" for n in reasons if n not in known]


def prepared(root, folder, options):
    """Build all; (plan, court, broken)."""
    started = time.monotonic()
    plan, apart, broken = prepare(root, share_of(options))
    copy_tree(root, f"{folder}/tree", plan.files)
    plan.write(f"{folder}/tree")
    named = named_judges(root)
    wanted = wanted_judges(f"{folder}/tree", named, options.quick)
    build(root, folder, sorted({j.target for j in wanted}), options.jobs)
    say(f"{len(plan.mutants)} mutants, {time.monotonic() - started:.0f} s")
    for name, why in apart:
        say(f"left to the row of its folder: {name}: {why}")
    court = judges.Court(f"{folder}/build", wanted, named)
    court.measure_all(schema.NUMBER_MAX, options.jobs)
    costs = sum(cost.seconds for cost in court.costs.values())
    say(f"without a mutant {len(wanted)} judges pass in {costs:.0f} s")
    return plan, court, broken


def judged(root, folder, options, reasons):
    """Build and try; (records, broken)."""
    plan, court, broken = prepared(root, folder, options)
    broken += absent(reasons, plan)
    digests = {path: file.digest for path, file in plan.files.items()}
    table = matrix.Matrix(f"{folder}/matrix.jsonl", plan.mutants, digests)
    programs = {judge.program for judge in court.judges.values()}
    apart = {n for n, p in court.named.items() if p not in programs}
    mutants = chosen(plan, options, table, apart)
    compiled = codes.Codes(root, folder)
    campaign = Campaign(court, compiled, table, options)
    with table.opened() as log:
        records = campaign.judge_all(mutants, options.jobs, log)
    campaign.find_same(records)
    table.write(records)
    return records, broken


def run(root, options):
    started = time.monotonic()
    folder = os.path.realpath(options.folder)
    os.makedirs(folder, exist_ok=True)
    try:
        reasons = arguments.read(f"{root}/tests/mutants/argued.list")
        if options.table:
            rows = matrix.read(f"{folder}/matrix.jsonl")
            print("\n".join(matrix.table(rows, reasons)))
            return 0 if rows else 1
        records, broken = judged(root, folder, options, reasons)
    except (OSError, ValueError) as error:
        say(f"FAILED {error}")
        return 1
    for text in broken:
        say(f"FAILED {text}")
    demanded = QUICK_DEMANDED if options.quick else DEMANDED
    is_good = matrix.report(records, reasons, demanded) and not broken
    say(f"{time.monotonic() - started:.0f} s, the matrix is in {folder}")
    return 0 if is_good and records else 1
