# SPDX-License-Identifier: BSD-2-Clause
"""What became of each mutant: a line of JSON each, and tables of them.

A line stays from run to run, until its mutant is tried again or the file that
the mutant is in changes.
"""

import collections
import contextlib
import json
import os


def say(text):
    print(f"mutants: {text}", flush=True)


def is_by_hand(mutant):
    return mutant.operator == "patch"


class Record:
    """What became of one mutant."""

    def __init__(self, mutant, digest=""):
        self.mutant = mutant
        self.digest = digest  # of the file it is in
        self.killer = None
        self.cause = ""
        self.seconds = 0.0
        self.passed = []
        self.left = []  # judges that reach it and were not asked
        self.is_equivalent = False  # by its code
        self.same_as = ""  # another one that lives, by its code

    @property
    def is_told(self):
        """Whether it is for a test to tell it from what it was made of."""
        return not self.is_equivalent and not self.same_as

    def row(self):
        mutant = self.mutant
        return {
            "name": mutant.key,
            "file": mutant.path,
            "digest": self.digest,
            "function": mutant.function,
            "line": mutant.line,
            "operator": mutant.operator,
            "killed_by": self.killer,
            "cause": self.cause,
            "seconds": round(self.seconds, 3),
            "passed": self.passed,
            "not_asked": self.left,
            "equivalent": self.is_equivalent,
            "same_as": self.same_as,
        }


class Matrix:
    """The file of lines."""

    def __init__(self, path, mutants, digests):
        self.path = path
        self.digests = digests  # file -> of its text
        known = {mutant.key for mutant in mutants}
        rows = [row for row in read(path) if row["name"] in known]
        # Who killed it the last time, when the file was another, too.
        self.killers = {row["name"]: row["killed_by"] for row in rows}
        self.rows = {
            row["name"]: row
            for row in rows
            if row["digest"] == digests[row["file"]]
        }

    def has_living(self, name):
        row = self.rows.get(name)
        return row is not None and fate(row, {}) == "live"

    def write(self, records=()):
        self.rows.update((r.mutant.key, r.row()) for r in records)
        with open(self.path, "w", encoding="utf-8") as file:
            for row in self.rows.values():
                file.write(json.dumps(row) + "\n")

    @contextlib.contextmanager
    def opened(self):
        """To add lines to, one by one: what is stopped is not lost."""
        self.write()
        with open(self.path, "a", encoding="utf-8") as file:
            yield file


def read(path):
    """The rows of a file; of two of one name, the later."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return list({row["name"]: row for row in rows}.values())


# ---- The verdict -----------------------------------------------------------


def findings_of(records, reasons):
    """(what was made by rule and lives, whatever else is wrong)."""
    lived, wrong = [], []
    for record in records:
        name = record.mutant.key
        if record.killer is not None:
            if name in reasons:
                wrong.append(f"argued, but {record.killer} kills it: {name}")
        elif record.is_told and reasons.get(name) is None:
            why = "survived" if record.passed else "no test reaches it"
            into = wrong if is_by_hand(record.mutant) else lived
            into.append(f"{why}: {name}")
    return lived, wrong


def report(records, reasons, demanded):
    """Print what lives; whether all is as demanded."""
    lived, wrong = findings_of(records, reasons)
    for finding in lived + wrong:
        say(finding)
    made = [r for r in records if not is_by_hand(r.mutant)]
    alike = sum(1 for r in made if not r.is_told)
    killed = sum(1 for r in records if r.killer is not None)
    counted = len(made) - alike
    share = 1 - len(lived) / counted if counted else 1.0
    say(
        f"{len(records) - len(made)} by hand and {len(made)} by rule:"
        f" {killed} killed, {alike} have the code of another,"
        f" {len(lived)} live ({share:.1%} of the others by rule do not),"
        f" {len(wrong)} other findings"
    )
    return share >= demanded and not wrong


# ---- Tables ----------------------------------------------------------------


FATES = ("killed", "argued", "equivalent", "live")
KINDS = {  # how the operators are told apart in a table
    "drop": "statement dropped",
    "force": "condition forced",
    "constant": "constant changed",
    "without": "sign dropped",
    "patch": "by hand",
}


def fate(row, reasons):
    if row["killed_by"] is not None:
        return "killed"
    if row["equivalent"] or row["same_as"]:
        return "equivalent"
    return "live" if reasons.get(row["name"]) is None else "argued"


def kind(row):
    return KINDS.get(row["operator"].split()[0], "operator replaced")


def table(rows, reasons):
    """Lines of Markdown: what became of the mutants of each file and of each
    operator, and what each judge killed."""
    yield from fates_by("file", rows, reasons, lambda row: row["file"])
    yield ""
    yield from fates_by("change", rows, reasons, kind)
    yield ""
    judges = collections.Counter(
        row["killed_by"].split()[0] for row in rows if row["killed_by"]
    )
    yield "| judge | kills |"
    yield "| --- | ---: |"
    for judge, count in judges.most_common():
        yield f"| {judge} | {count} |"


def fates_by(title, rows, reasons, key):
    counts = collections.defaultdict(collections.Counter)
    for row in rows:
        counts[key(row)][fate(row, reasons)] += 1
        counts["all"][fate(row, reasons)] += 1
    yield f"| {title} | mutants | " + " | ".join(FATES) + " |"
    yield "| --- |" + " ---: |" * (len(FATES) + 1)
    for name in sorted(counts, key=lambda n: (n == "all", n)):
        cells = [counts[name].total(), *(counts[name][f] for f in FATES)]
        yield f"| {name} | " + " | ".join(map(str, cells)) + " |"
