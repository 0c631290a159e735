# SPDX-License-Identifier: BSD-2-Clause
"""The arguments of our tools: a wrong one is one line and exit status 2."""

import argparse
import sys


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


class Parser(argparse.ArgumentParser):
    """Of `./dev NAME`, whose lines begin with the name."""

    def error(self, message):
        print(f"{self.prog.split()[-1]}: {message}", file=sys.stderr)
        sys.exit(2)
