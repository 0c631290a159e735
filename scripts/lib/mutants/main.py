#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""main.py [OPTION]... [PATTERN]"""

import os
import sys

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "../../.."))
sys.path.append(os.path.join(HERE, ".."))

import campaign  # noqa: E402
from options import Parser, positive  # noqa: E402


def main():
    parser = Parser(prog="./dev mutants", description=campaign.__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a sample: the same each time"
    )
    parser.add_argument(
        "--jobs",
        type=positive,
        default=os.cpu_count(),
        metavar="N",
        help="how many at a time (one for each CPU)",
    )
    parser.add_argument(
        "--hand", action="store_true", help="only the patches in tests/mutants"
    )
    parser.add_argument(
        "--again", action="store_true", help="only what lived the last time"
    )
    parser.add_argument(
        "--rest", action="store_true", help="only what was never tried"
    )
    parser.add_argument(
        "--table", action="store_true", help="only show the matrix as it is"
    )
    parser.add_argument(
        "--share",
        type=positive,
        default=1,
        metavar="N",
        help="of those made by rule, one in N",
    )
    parser.add_argument(
        "--budget",
        type=positive,
        default=6,
        metavar="S",
        help="seconds of a CPU for one mutant at most (6)",
    )
    parser.add_argument(
        "--folder",
        default=os.path.join(ROOT, "build/mutants"),
        help="where to build and to write (build/mutants)",
    )
    parser.add_argument(
        "pattern",
        nargs="?",
        default="",
        help="only those whose name, file or function has this in it",
    )
    sys.exit(campaign.run(ROOT, parser.parse_args()))


if __name__ == "__main__":
    main()
