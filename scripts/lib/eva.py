#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A second opinion on run-time errors: Frama-C/EVA on the core as a whole.

The driver of proofs/eva makes any call, abort and trap, in any order. EVA keeps
ranges of values and no relations between them, so it cannot know what the
invariants say, and warns of much that does not happen. The functions that it
warns of, and how often, are therefore held to proofs/eva/alarms.txt, which
--pin writes: every other function has none, and those have no more. --mutants
plants each bug of proofs/eva/mutants in a copy, which must raise an alarm more.
"""

import csv
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from frama_c import last_line, patched_copy  # noqa: E402
from options import Parser  # noqa: E402

# Set-up happens once and walks memory that the driver has as arrays; locks are
# the driver's; the invariants are a check of tests.
LEFT_OUT = {"host_map_init", "init", "invariant", "lock", "version"}
INCLUDE = ["-Iproofs/eva", "-Iinclude", "-Isrc", "-Isrc/core/plain",
           "-Isrc/arch-aarch64", "-include", "proofs/wp/state/frama_c.h"]
OPTIONS = ["-warn-unsigned-overflow", "-eva", "-eva-precision", "2",
           "-eva-domains", "symbolic-locations,equality",
           "-eva-partition-history", "1", "-eva-split-return", "auto",
           "-eva-msg-key=-initial-state"]
ALARMS = "proofs/eva/alarms.txt"
FINE = {"Valid", "Considered valid"}
ANALYZED = re.compile(r"^\s*(\d+) functions analyzed", re.MULTILINE)


def die(message):
    print(f"eva: {message}", file=sys.stderr)
    sys.exit(2)


def preprocessed(root, out):
    """The sources without their comments, and so without contracts."""
    share = subprocess.run(["frama-c", "-print-share-path"], check=True,
                           capture_output=True, text=True).stdout.strip()
    files = []
    for source in sorted((root / "src/core").glob("*.c")):
        if source.stem in LEFT_OUT:
            continue
        made = out / f"{source.stem}.i"
        subprocess.run(["gcc", "-E", "-P", "-nostdinc", f"-I{share}/libc",
                        "-D__FRAMAC__", "-D__FC_MACHDEP_GCC_X86_64",
                        *INCLUDE, str(source), "-o", str(made)],
                       cwd=root, check=True)
        files.append(str(made))
    return files


def analyze(root):
    """(functions looked at, {function: alarms})."""
    out = root / "build/prove/eva"
    out.mkdir(parents=True, exist_ok=True)
    report = out / "alarms.csv"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        ["frama-c", "-machdep", "gcc_x86_64", "-c11",
         f"-cpp-extra-args={' '.join(INCLUDE)}", *OPTIONS,
         str(root / "proofs/eva/driver.c"), *preprocessed(root, out),
         "-then", "-report-csv", str(report)],
        cwd=root, capture_output=True, text=True)
    (out / "log").write_text(done.stdout + done.stderr)
    looked_at = ANALYZED.search(done.stdout)
    if done.returncode != 0 or looked_at is None or not report.exists():
        die(f"frama-c failed: {last_line(done.stdout + done.stderr)}")
    alarms = {}
    with report.open() as rows:
        for row in csv.DictReader(rows, delimiter="\t"):
            if row["status"] in FINE or not row["file"].endswith(".i"):
                continue
            # An inline function is there once for each file.
            function = re.sub(r"_\d+$", "", row["function"])
            alarms[function] = alarms.get(function, 0) + 1
    return int(looked_at.group(1)), alarms


def listed(path):
    rows = (line.split() for line in path.read_text().splitlines()
            if line and not line.startswith("#"))
    return {function: int(count) for function, count in rows}


def pin(path, alarms):
    head = ("# Alarms of each function, as ./dev prove --eva counts them; with"
            " --pin it writes\n# this. A function that is not here has none.\n")
    rows = [f"{function} {count}\n"
            for function, count in sorted(alarms.items())]
    path.write_text(head + "".join(rows))


def more_than_listed(alarms, expected):
    return [f"{f} has {alarms[f]} alarms, more than {expected.get(f, 0)}"
            for f in sorted(alarms) if alarms[f] > expected.get(f, 0)]


def mutants(root):
    """Plant each bug of proofs/eva/mutants: (how many, how many not seen)."""
    patches = sorted((root / "proofs/eva/mutants").glob("*.patch"))
    unseen = 0
    for patch in patches:
        copy = root / "build/prove/mutants" / patch.stem
        wrong = patched_copy(root, patch, copy)
        seen = [] if wrong else more_than_listed(
            analyze(copy)[1], listed(root / ALARMS))
        unseen += not seen
        print(f"eva: {patch.stem}: {seen[0] if seen else wrong or 'not seen'}")
    return len(patches), unseen


def main():
    parser = Parser(prog="./dev prove --eva")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--eva", action="store_true", required=True)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--pin", action="store_true")
    way.add_argument("--mutants", action="store_true")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    if arguments.mutants:
        planted, unseen = mutants(root)
        return 1 if unseen or not planted else 0
    functions, alarms = analyze(root)
    if arguments.pin:
        pin(root / ALARMS, alarms)
    wrong = more_than_listed(alarms, listed(root / ALARMS))
    for line in wrong:
        print(f"eva: {line}", file=sys.stderr)
    print(f"eva: {functions - len(alarms)} of {functions} functions without "
          f"an alarm, {sum(alarms.values())} alarms in the others")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
