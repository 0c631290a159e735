#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""style.py [--root FOLDER] [--rules]

Prints each finding as path:line: [rule] message, a table of what was measured
for each folder, and one summary line. tests/style plants every violation.
"""

import argparse
import ast
import math
import os
import re
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True

import rules  # noqa: E402
import tags  # noqa: E402
import tree  # noqa: E402

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
MEDIAN_MAX = 12
P90_MAX = 35
FEWEST = 10  # functions that make a median worth a verdict
COMMENT_SHARE = (0.15, 0.45)
COMMENTED = ("src/core", "src/model", "src/arch-aarch64", "src/arch-host")
FORMATTER = "14"
WHOLE = "tree"


def python_rules(source):
    for node in ast.walk(source.syntax):
        if isinstance(node, ast.FunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > rules.LENGTH_MAX:
                yield node.lineno, "length", f"{node.name} has {length} lines"
            count = len(node.args.args)
            if count > rules.PARAMETERS_MAX:
                yield (
                    node.lineno,
                    "parameters",
                    f"{node.name} has {count} parameters",
                )


def file_findings(source):
    yield from rules.text_rules(source)
    if source.is_c:
        yield from rules.c_rules(source)
    if source.is_python:
        yield from python_rules(source)
    if source.is_c and source.path.startswith("src/core/"):
        yield from rules.core_rules(source)


def tree_findings(root, sources):
    for source in sources:
        for line, rule, message in file_findings(source):
            yield source.path, line, rule, message
    core = [s for s in sources if s.is_c and s.path.startswith("src/core/")]
    for check in (rules.named_functions, rules.recursions):
        for source, line, rule, message in check(core):
            yield source.path, line, rule, message
    yield from tags.orphans(root, tree.paths(root))


# ---- Figures of a folder ---------------------------------------------------


def folder_of(path):
    parts = path.split("/")[:-1]
    return "/".join(parts[:2] if parts[:1] == ["src"] else parts[:1]) or "."


class Figures:
    def __init__(self, name, sources):
        self.name = name
        self.files = len(sources)
        self.lines = sum(len(source.lines) for source in sources)
        self.lengths = sorted(
            function.length
            for source in sources
            for function in source.functions
        )
        c_files = [source for source in sources if source.is_c]
        used = sum(source.used_lines() for source in c_files)
        comments = sum(len(source.comment_lines) for source in c_files)
        self.share = comments / used if used else None

    @property
    def median(self):
        return statistics.median(self.lengths) if self.lengths else 0

    @property
    def p90(self):
        count = len(self.lengths)
        return self.lengths[math.ceil(0.9 * count) - 1] if count else 0

    @property
    def longest(self):
        return self.lengths[-1] if self.lengths else 0

    def row(self):
        share = "" if self.share is None else f"{self.share:.0%}"
        return (
            f"{self.name:18}{self.files:6}{self.lines:7}"
            f"{len(self.lengths):10}{self.median:7g}{self.p90:5}"
            f"{self.longest:5}{share:>10}"
        )

    def is_held_to_median(self):
        """The whole tree, and each folder that ships or specifies."""
        return len(self.lengths) >= FEWEST and (
            self.name in COMMENTED or self.name == WHOLE
        )

    def findings(self):
        if self.is_held_to_median() and self.median > MEDIAN_MAX:
            yield "median", f"functions: {self.median:g} lines in the median"
        if len(self.lengths) >= FEWEST and self.p90 > P90_MAX:
            yield "p90", f"functions: a tenth is above {P90_MAX} lines"
        if self.name in COMMENTED and self.share is not None:
            low, high = COMMENT_SHARE
            if not low <= self.share <= high:
                yield "comments", f"comments on {self.share:.0%} of the lines"


def measure(sources):
    folders = {}
    for source in sources:
        folders.setdefault(folder_of(source.path), []).append(source)
    return [Figures(name, folders[name]) for name in sorted(folders)]


# ---- clang-format ----------------------------------------------------------


def formatter():
    """The clang-format whose output is the reference, or None."""
    for name in (f"clang-format-{FORMATTER}", "clang-format"):
        try:
            version = subprocess.run(
                [name, "--version"], capture_output=True, text=True, check=True
            ).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        if re.search(rf"version {FORMATTER}\.", version):
            return name
    return None


def format_findings(root, sources):
    c_files = [source.path for source in sources if source.is_c]
    name = formatter()
    if name is None:
        yield ".", 1, "format", (
            f"clang-format {FORMATTER} is not installed; "
            f"on Debian: apt install clang-format-{FORMATTER}"
        )
        return
    if not c_files:
        return
    result = subprocess.run(
        [name, "--dry-run", *c_files], cwd=root, capture_output=True, text=True
    )
    seen = set()
    for match in re.finditer(r"(?m)^(.+?):(\d+):\d+: \w+: ", result.stderr):
        path, line = match.group(1), int(match.group(2))
        if path not in seen:
            seen.add(path)
            yield path, line, "format", "clang-format would change this"
    if result.returncode != 0 and not seen:
        yield ".", 1, "format", f"{name} failed: {result.stderr.strip()}"


# ---- The command -----------------------------------------------------------


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=ROOT)
    parser.add_argument(
        "--rules", action="store_true", help="list the rules, measure nothing"
    )
    return parser.parse_args()


def main():
    options = arguments()
    if options.rules:
        for rule, meaning in rules.RULES.items():
            print(f"{rule}: {meaning}")
        return 0
    sources = tree.sources(options.root)
    figures = measure(sources)
    findings = list(tree_findings(options.root, sources))
    whole = Figures(WHOLE, sources)
    for folder in [*figures, whole]:
        for rule, message in folder.findings():
            findings.append((folder.name, 1, rule, message))
    findings.extend(format_findings(options.root, sources))
    print(
        f"{'folder':18}{'files':>6}{'lines':>7}{'functions':>10}"
        f"{'median':>7}{'p90':>5}{'max':>5}{'comments':>10}"
    )
    for folder in figures:
        print(folder.row())
    for path, line, rule, message in sorted(findings):
        assert rule in rules.RULES, rule
        print(f"{path}:{line}: [{rule}] {message}")
    print(
        f"style: {whole.files} files, {len(whole.lengths)} functions, "
        f"median {whole.median:g}, p90 {whole.p90}, max {whole.longest}, "
        f"{len(findings)} findings"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
