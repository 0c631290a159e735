# SPDX-License-Identifier: BSD-2-Clause
"""Invariants: a tag in prose names a predicate and a test, or is an orphan."""

import os
import re

PROSE = re.compile(r"\[([A-Z]+-[0-9]+)\]")
CORE = "src/core/invariant.c"
MODEL = "src/model/invariant.c"
# What is true of a step or of a cache, and not of a state: no predicate on the
# engine's state can say it. A checker outside the core does.
OF_STEPS = {"PAGE-4", "TLB-1", "CALL-1", "CALL-2"}
CHECKERS = ("src/model/", "src/lockstep/", "src/arch-host/")


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def names(text, tag):
    return re.search(rf"\b{tag}\b", text) is not None


def mentions(root, paths):
    """tag -> (path, line) of its first mention in headers and prose."""
    found = {}
    for path in paths:
        is_header = path.startswith(("include/", "src/"))
        if not (path.endswith(".md") or (is_header and path.endswith(".h"))):
            continue
        for number, line in enumerate(read(root, path).splitlines(), 1):
            for tag in PROSE.findall(line):
                found.setdefault(tag, (path, number))
    return found


def predicates(root, paths):
    """tag -> (path, line) of the strings that invariant.c can answer."""
    found = {}
    if CORE in paths:
        for number, line in enumerate(read(root, CORE).splitlines(), 1):
            for tag in re.findall(r'"([A-Z]+-[0-9]+)"', line):
                found.setdefault(tag, (CORE, number))
    return found


def witnesses(root, paths, tag):
    """What lacks of the things that stand behind @tag."""
    tests = [path for path in paths if path.startswith("tests/")]
    if tag in OF_STEPS:
        needed = {
            "a checker in src/": [
                p for p in paths if p.startswith(CHECKERS) and p[-2:] == ".c"
            ]
        }
    else:
        needed = {f"a predicate in {CORE}": [CORE]}
        needed[f"a predicate in {MODEL}"] = [MODEL]
    needed["a test"] = [p for p in tests if not p.startswith("tests/style/")]
    for what, places in needed.items():
        present = [path for path in places if path in paths]
        if present and not any(names(read(root, p), tag) for p in present):
            yield what


def orphans(root, paths):
    """(path, line, rule, message) for each tag that something lacks.

    A rule sleeps while none of the files that it looks into exists.
    """
    known = {**predicates(root, paths), **mentions(root, paths)}
    for tag, (path, line) in sorted(known.items()):
        for what in witnesses(root, paths, tag):
            yield path, line, "orphan-tag", f"[{tag}] has not {what}"
