#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The check of the budget, and --against, see what is planted for them."""

import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../scripts/lib"))

import bench_report  # noqa: E402

BUDGET = {
    "gcc/a64/donate": 700.0,
    "gcc/el2/version": 76.0,
    "gcc/invalidate/donate": 1.0,
}


def moved(before, now):
    return [name for name, _, _ in bench_report.moved(before, now)]


def cases():
    """(sentence, what was found, what should be)"""
    more = {**BUDGET, "gcc/a64/donate": 760.0}
    same = dict(BUDGET)
    gone = dict(BUDGET)
    del gone["gcc/a64/donate"]
    less = {**BUDGET, "gcc/invalidate/donate": 0.5}
    new = {**BUDGET, "gcc/invalidate/lend": 1.0}
    slow = {"gcc/ns/donate": 60.0, "gcc/median/donate": 63.0}
    fast = {"gcc/ns/donate": 50.0, "gcc/median/donate": 52.0}
    near = {"gcc/ns/donate": 51.0, "gcc/median/donate": 52.0}
    complaints = bench_report.complaints
    yield "a count above its budget", len(list(complaints(BUDGET, more))), 1
    yield "a count that is gone", len(list(complaints(BUDGET, gone))), 1
    yield "nothing above", len(list(complaints(BUDGET, same))), 0
    yield "an invalidation fewer", len(list(complaints(BUDGET, less))), 1
    yield "one where there was none", len(list(complaints(BUDGET, new))), 1
    yield "a count that moved", moved(BUDGET, more), ["gcc/a64/donate"]
    yield "a count that is new", moved(BUDGET, new), ["gcc/invalidate/lend"]
    zero, one = {"gcc/el2/floor": 0}, {"gcc/el2/floor": 1}
    yield "a count from zero", moved(zero, one), ["gcc/el2/floor"]
    yield "a count that went", moved(BUDGET, gone), ["gcc/a64/donate"]
    yield "a time that moved", moved(fast, slow), ["gcc/ns/donate"]
    yield "a time within the noise", moved(fast, near), []
    floor = "gcc/ns/floor-write"
    both = {**fast, floor: 1.0}, {**slow, floor: 1.3}
    yield "a time that moved as the floor did", moved(*both), [floor]
    both = {**fast, floor: 1.0}, {**slow, floor: 1.1}
    yield "and one beyond the floor", len(moved(*both)), 2
    other = {**fast, "clang/ns/floor-write": 1.0}
    both = other, {**other, **slow, "clang/ns/floor-write": 2.0}
    yield "and of its compiler", "gcc/ns/donate" in moved(*both), True


def main():
    failures = 0
    for sentence, found, expected in cases():
        verdict = "ok" if found == expected else "FAILED"
        failures += found != expected
        print(f"planted: {verdict} {sentence}: {found}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
