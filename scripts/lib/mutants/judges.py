# SPDX-License-Identifier: BSD-2-Clause
"""Who judges a mutant: programs that exit with 0 if they find nothing wrong.

All are deterministic, but for the stress programs, which only try patches that
name them. The cheap come first: what each costs is measured, not written here.
"""

import concurrent.futures
import glob
import hashlib
import os
import pickle
import re
import signal
import subprocess
import tempfile
import threading
import time
from typing import NamedTuple

FOUND = b"check: a difference after"  # moat-model looks for a shorter one
CRITERION = ("--fail-fast", "-j1")
# The first sign of trouble in what a judge prints.
CAUSE = re.compile(
    r"panic:.*|\.scene:.*|^# seed.*|\[FAIL\] [^:]+::[^:]+"
    r"|\[----\] [^:]+:\d+.*|FAILED.*|.*differ.*|schedule: [a-z].*"
    r"|.*breaks.*|WARNING: Thread.*|replay: event.*|.*expected.*",
    re.MULTILINE,
)


# Left out by who is in a hurry: each takes seconds, and what it reaches others
# reach as well.
DEAR = {
    "core hostile",
    "core refusal_order",
    "explore pair",
    "random more",
    "schedule",
    "states",
}

# What the name of a file does not say: who is asked for it early.
ABOUT = {
    "arch/exit.c": ("arch decode", "arch inject"),
    "arch/fdt.c": ("arch words", "arch tree"),
    "arch/gic.c": ("arch redistributor",),
    "arch/list_register.h": ("arch timer",),
    "arch/psci_host.c": ("arch power",),
    "arch/vtimer.c": ("arch tick",),
    "core/call.c": ("core info",),
    "core/give.c": ("core range",),
    "core/host_map_init.c": ("core host_map", "core size"),
    "core/invariant.c": ("core invariant_edge",),
    "core/init.c": ("core size", "port host"),
    "core/lock.c": ("weak", "arch lock"),
    "core/move.c": ("core range_move",),
    "core/page.c": ("core range",),
    "core/page.h": ("core invariant",),
    "core/range.c": ("core size", "port host"),
    "core/run.c": ("core guest", "core pending"),
    "core/s2.c": ("core geometry",),
    "core/tables.c": ("core fold",),
    "core/trace.c": ("core event_text",),
    "core/trace.h": ("core event_text",),
    "core/vm.c": ("host",),
    "model/invariant.c": ("model invariants",),
    "model/event.c": ("model replay",),
    "model/parse.c": ("model replay",),
}


class Judge(NamedTuple):
    name: str
    target: str  # of the build
    arguments: tuple
    program: str = ""  # what a patch calls it that names its judge
    is_named: bool = False  # tries only the patches that name it

    @property
    def is_dear(self):
        return self.is_named or self.name in DEAR


class Cost(NamedTuple):
    seconds: float  # of a CPU
    reached: bytes  # a byte for each number


class Verdict(NamedTuple):
    is_passed: bool
    is_hung: bool
    seconds: float
    cause: str


def of_tree(tree):
    """The judges, as the folders of the tests have them."""
    found = []
    scenes = sorted(glob.glob(f"{tree}/tests/scenes/*.scene"))
    for scene in scenes:
        name = os.path.basename(scene).removesuffix(".scene")
        found.append(
            Judge(f"scene {name}", "moat-model", ("run", scene))
        )
    with open(f"{tree}/tests/core/CMakeLists.txt", encoding="utf-8") as file:
        for stem in re.findall(r"\bcore_test\((\w+)\.c", file.read()):
            target = f"test_core_{stem}"
            found.append(Judge(f"core {stem}", target, CRITERION))
    for folder in ("arch", "model"):
        found += suites(tree, folder)
    found += [
        Judge("monitor", "monitor_scenes", monitor_scenes(tree)),
        Judge("debug", DEBUG, ("run", *scenes), DEBUG),
        Judge("protectors", PROTECTORS, (), PROTECTORS),
        Judge("machine", "test_machine", ()),
        Judge("text", "lockstep_text", ()),
        Judge("damage", "lockstep_damage", (f"{tree}/{DAMAGED}",)),
        Judge("abi", "test_abi", ()),
        Judge("states", "test_states", ()),
        Judge("host", "test_host", ()),
        Judge("port", "test_port_contract", ()),
        Judge("port host", "test_port_host", ()),
        Judge("random", "moat-model", check(1, 3000)),
        Judge("random more", "moat-model", check(2, 10000)),
        Judge("weak", "weak-check", (), "weak-check"),
        Judge("schedule", "moat-schedule", (), "moat-schedule"),
        named("stress", "moat-stress", STRESS),
        named("stress debug", "moat-stress-debug", STRESS),
        named("stress tsan", "moat-stress-tsan", STRESS_TSAN),
        Judge(
            "schedule compare",
            "moat-schedule",
            ("--compare",),
            "moat-schedule-compare",
            True,
        ),
    ]
    for scope in ("lone", "pair"):
        found.append(
            Judge(
                f"explore {scope}",
                "moat-model",
                ("explore", "--scope", scope, "--jobs", "1"),
            )
        )
    return found


DAMAGED = "tests/lockstep/damage/world.scene"


def monitor_scenes(tree):
    folder = f"{tree}/tests/monitor"
    scenes = sorted(glob.glob(f"{folder}/scenes/*.watch"))
    return (f"{folder}/world.watch", *scenes)


def suites(tree, folder):
    """The suites of a folder of tests, each of which costs little."""
    names = set()
    for path in glob.glob(f"{tree}/tests/{folder}/*.c"):
        with open(path, encoding="utf-8") as file:
            names.update(re.findall(r"^Test\((\w+)", file.read(), re.M))
    return [
        Judge(
            f"{folder} {name}",
            APART.get(name, f"test_{folder}"),
            (*CRITERION, "--filter", f"{name}/*"),
        )
        for name in sorted(names)
    ]


# A suite with pages of its own size is a program of its own.
APART = {"identification": "test_arch_64k"}
# Programs that patches name.
DEBUG = "moat-model-debug"
PROTECTORS = "lock-protectors"
STRESS = ("--threads", "4", "--seconds", "5", "--seed", "1")
STRESS_TSAN = (*STRESS, "--traced", "0")


def named(name, target, words):
    return Judge(name, target, words, target, True)


def check(seed, count):
    return ("check", "--seed", str(seed), "--ops", str(count))


class Court:
    """The programs of one build, and what they say of a mutant."""

    def __init__(self, folder, judges, named):
        self.folder = folder
        self.named = named  # patch -> the program that it says kills it
        self.judges = {judge.name: judge for judge in judges}
        self.costs = {}

    def command(self, judge, seconds):
        program = os.path.join(self.folder, "bin", judge.target)
        limit = f"--cpu={int(seconds) + 1}"
        return ["prlimit", limit, "--core=0", "--", program, *judge.arguments]

    def ask(self, judge, number, limit, reach=None):
        """Its verdict; one that its framework ended in is asked for again,
        since the sockets of Criterion fail now and then."""
        verdict = self.ask_once(judge, number, limit, reach)
        if judge.arguments[:2] == CRITERION and verdict.cause == "SIGABRT":
            verdict = self.ask_once(judge, number, limit, reach)
        return verdict

    def ask_once(self, judge, number, limit, reach):
        """Run it with the mutant on, for @limit seconds of a CPU at most."""
        environment = dict(os.environ, MOAT_MUTANT=str(number))
        if reach is not None:
            environment["MOAT_MUTANT_REACH"] = reach
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                self.command(judge, limit),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=self.folder,
                start_new_session=True,
            )
            is_hung, status, seconds = wait(process, 20 * limit + 20, output)
            output.seek(0)
            text = output.read(200000).decode("utf-8", "replace")
        is_hung = is_hung or status in (-signal.SIGXCPU, -signal.SIGKILL)
        found = CAUSE.search(text)
        cause = "it hangs" if is_hung else found.group() if found else ""
        if not cause and status < 0:
            cause = signal.Signals(-status).name
        return Verdict(status == 0, is_hung, seconds, cause[:100])

    def measure(self, judge, size):
        """What it reaches and costs without a mutant, which it must pass."""
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.truncate(size)
            verdict = self.ask(judge, 0, 300, file.name)
            if not verdict.is_passed:
                raise ValueError(
                    f"without a mutant {judge.name} fails: {verdict.cause}"
                )
            with open(file.name, "rb") as written:
                reached = written.read()
        self.costs[judge.name] = Cost(verdict.seconds, reached)

    def measure_all(self, size, jobs):
        """Of each program that is not as it was the last time."""
        path = os.path.join(self.folder, "costs")
        known = {}
        if os.path.exists(path):
            with open(path, "rb") as file:
                known = pickle.load(file)
        keys = {j.name: self.fingerprint(j) for j in self.judges.values()}
        self.costs = {
            name: known[key][1]
            for name, key in keys.items()
            if known.get(key, ("",))[0] == name
        }
        missing = [j for n, j in self.judges.items() if n not in self.costs]
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lambda j: self.measure(j, size), missing))
        with open(path, "wb") as file:
            now = {keys[name]: (name, c) for name, c in self.costs.items()}
            pickle.dump(now, file)

    def fingerprint(self, judge):
        digest = hashlib.sha256(repr((judge.name, judge.arguments)).encode())
        with open(os.path.join(self.folder, "bin", judge.target), "rb") as file:
            digest.update(file.read())
        for path in judge.arguments:
            if path.endswith(".scene"):
                with open(path, "rb") as file:
                    digest.update(file.read())
        return digest.hexdigest()

    def limit(self, judge):
        return 5 * self.costs[judge.name].seconds + 2


def wait(process, limit, output):
    """Whether it had to be ended; its status, and the time of CPUs it took."""
    timer = threading.Timer(limit, end, (process.pid,))
    timer.start()
    pid, pause = 0, 0.002
    while pid == 0:
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid == 0 and FOUND in os.pread(output.fileno(), 20000, 0):
            end(process.pid)  # the verdict is there; it only looks for more
            _, status, usage = os.wait4(process.pid, 0)
            status, pid = 256, process.pid
    is_hung = not timer.is_alive()
    timer.cancel()
    end(process.pid)
    process.returncode = os.waitstatus_to_exitcode(status)
    return is_hung, process.returncode, usage.ru_utime + usage.ru_stime


def end(group):
    """All that it started, too."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
