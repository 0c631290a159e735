#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prove the core's functions with Frama-C/WP, and hold the count to a list.

Frama-C exits with 0 when goals fail, and drops a function that lost its
contract without a word. So the goals of every function are read from its
report, all must be proved, and their number must be the one in
proofs/wp/goals.txt; --pin writes that list anew, and the share of the core that
docs/assurance.md names.

What a prover once decided is not asked again: answers are kept by the content
of the goal, those of the goals as they are pinned in proofs/wp/answers. A goal
that differs by a letter has no answer there. With --anew N, of a unit of which
every file is as it was pinned only one function in N is asked, other ones each
day, and without any answers; how many, is said. --anew 1 asks all so.
"""

import concurrent.futures
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import csource  # noqa: E402
from frama_c import last_line, patched_copy  # noqa: E402
from options import Parser, positive  # noqa: E402

JOBS = 2
CONTRACT = re.compile(r"\*/\n((?:[\w]+[\s*]+)+)(\w+)\(")
# One that speaks of a struct of its file stands in the file.
AT_CODE = re.compile(r"/\*@(?:(?!\*/)[\s\S])*" + CONTRACT.pattern)
GOAL = re.compile(r"^Goal: (\S+)$", re.MULTILINE)
# Units that are no file of the core: its inline functions, and the lemmas,
# which every other proof may use.
HEADERS = "headers"
LEMMAS = "lemmas"
# Its tickets and rounds count modulo 2^32: nothing of it is an overflow.
MODULAR = "lock"
ALL = "all"  # of the lemmas, which are of no function
SHORT = 2  # seconds for a prover that is asked first
# Frama-C writes "2." for a number, which is none in JSON.
ANSWER = re.compile(r'\{\s*"prover":\s*"([^"]+)",\s*"verdict":\s*"(\w+)"'
                    r'(?:,\s*"time":\s*([\d.e+-]+))?')
PROVED = re.compile(r"^\[wp\] Proved goals:\s+(\d+) / (\d+)", re.MULTILINE)


def die(message):
    print(f"prove: {message}", file=sys.stderr)
    sys.exit(2)


class Unit:
    """One file of the core, its contracts, and the functions that have one. Of
    a file whose functions need theories that are in each other's way there are
    more units, named FILE.PART: provers are told of all that a unit includes.
    """

    def __init__(self, root, name, number=0):
        self.name = name
        self.number = number
        self.today = None  # functions of one that is as pinned, if not all
        self.contracts = root / f"proofs/wp/contracts/{name}.h"
        self.source = root / f"src/core/{name.split('.')[0]}.c"
        if name in (HEADERS, LEMMAS):
            self.contracts = root / f"proofs/wp/contracts/{HEADERS}.h"
            self.source = root / f"proofs/wp/{name}.c"
        self.functions = [] if name == LEMMAS else self.contracted()

    def contracted(self):
        found = [f for _, f in CONTRACT.findall(self.contracts.read_text())]
        if self.name == HEADERS:
            return found
        text = self.source.read_text()
        found += [f for _, f in AT_CODE.findall(text)]
        code, _ = csource.tokenize(text)
        defined = {f.name for f in csource.functions(code)}
        return [f for f in found if f in defined]


def units(root):
    names = sorted(p.stem for p in (root / "proofs/wp/contracts").glob("*.h"))
    return [Unit(root, n, i) for i, n in enumerate([LEMMAS, *names])]


def session_of(root, unit):
    """Of one unit: units are asked two at once."""
    folder = root / "build/prove/session" / unit.name
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    return folder


def answers_of(root, unit):
    """The session's answers: a file for each goal and prover."""
    return session_of(root, unit) / "cache"


def day():
    return datetime.date.today().toordinal()


def answers_pinned(root, unit):
    """The digest of the unit, and the lines about its goals."""
    path = root / f"proofs/wp/answers/{unit.name}.txt"
    lines = path.read_text().splitlines() if path.exists() else [""]
    return lines[0], lines[1:]


def answers_load(root, unit):
    """From the pinned list: goal, prover, and the seconds of a proof. Their
    names."""
    folder, names = answers_of(root, unit), set()
    for line in answers_pinned(root, unit)[1]:
        name, prover, *seconds = line.split()
        names.add(name)
        answer = {"prover": prover, "verdict": "failed"}
        if seconds:
            answer |= {"verdict": "valid", "time": float(seconds[0])}
        file = folder / f"{name}.json"
        if not file.exists():
            file.write_text(json.dumps(answer))
    return names


def answers_pin(root, unit):
    """What the session holds, once it holds nothing else. A prover that ran
    out of time has no answer: it need not be waited for again."""
    lines = [digest(root, unit) + "\n"]
    for file in sorted(answers_of(root, unit).glob("*.json")):
        prover, verdict, seconds = ANSWER.match(file.read_text()).groups()
        spent = f" {float(seconds):g}" if verdict == "valid" else ""
        lines.append(f"{file.stem} {prover}{spent}\n")
    folder = root / "proofs/wp/answers"
    folder.mkdir(exist_ok=True)
    (folder / f"{unit.name}.txt").write_text("".join(lines))


def preprocess(root, unit):
    """What the preprocessor is told, from the root of the tree."""
    include = ["include", "src", "proofs/wp", "proofs/wp/state",
               "src/core/plain", "src/arch-aarch64"]
    before = ["proofs/wp/state/frama_c.h", unit.contracts.relative_to(root)]
    return [*(f"-I{i}" for i in include),
            *(word for b in before for word in ("-include", str(b)))]


def digest(root, unit):
    """Of all files of the tree that Frama-C reads for a unit, of what it is
    told, and of how many goals are expected."""
    source = str(unit.source.relative_to(root))
    rule = subprocess.run(
        ["gcc", "-MM", "-MT", "", *preprocess(root, unit), source],
        cwd=root, capture_output=True, text=True, check=True).stdout
    files = sorted(set(rule.replace("\\\n", " ").split()[1:]))
    told = command(root, unit, unit_options(unit, unit.functions, "", 0))
    said = hashlib.sha256(" ".join(told).replace(str(root), "").encode())
    said.update(repr(sorted(pinned_of(root, unit).items())).encode())
    for name in files:
        said.update(name.encode() + (root / name).read_bytes())
    return said.hexdigest()


def command(root, unit, options):
    return ["frama-c", "-machdep", "gcc_x86_64", "-c11",
            f"-cpp-extra-args={' '.join(preprocess(root, unit))}",
            "-wp", "-wp-rte",
            *([] if unit.name == MODULAR else ["-warn-unsigned-overflow"]),
            "-wp-par", "1", "-wp-session", str(session_of(root, unit)),
            "-wp-warn-key", "pedantic-assigns=inactive",
            *options, str(unit.source)]


def provers(root, unit):
    """That which proved more of the pinned goals is asked first: the other
    would mostly be waited for in vain."""
    words = [line.split() for line in answers_pinned(root, unit)[1]]
    proved = [w[1] for w in words if len(w) > 2]
    cvc4 = sum(p.startswith("CVC4") for p in proved)
    return "cvc4,z3" if 2 * cvc4 > len(proved) else "z3,cvc4"


def run(root, unit, options, environment, label=""):
    """Frama-C's words, and for each function (proved, all) goals."""
    out = root / "build/prove"
    report = out / f"{unit.name}{label}.json"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        command(root, unit, ["-wp-prover", provers(root, unit), *options,
                             "-wp-report-json", str(report)]),
        cwd=root, env=environment, capture_output=True, text=True)
    (out / f"{unit.name}{label}.log").write_text(done.stdout + done.stderr)
    if done.returncode != 0 or not report.exists():
        return done.stdout + done.stderr, None
    if unit.name == LEMMAS:
        proved, total = map(int, PROVED.search(done.stdout).groups())
        return done.stdout, {ALL: (proved, total)}
    functions = json.loads(report.read_text()).get("wp:functions", {})
    return done.stdout, {f: tally(goals) for f, goals in functions.items()}


def tally(goals):
    mains = [g["wp:main"] for name, g in goals.items()
             if not name.startswith("wp:")]
    return (sum(m.get("valid", 0) for m in mains),
            sum(m["total"] for m in mains))


def unit_options(unit, functions, cache, timeout):
    what = (["-wp-prop=@lemma"] if unit.name == LEMMAS else
            ["-wp-fct", ",".join(functions)])
    return ["-wp-cache", cache, "-wp-timeout", str(timeout), *what]


def unproved(text):
    return re.findall(r"^\[wp\] \[(?:Failed|Timeout|Unknown|Unsuccess\w*|"
                      r"Smoke|Doomed)\][^\n]*", text, re.MULTILINE)


def smoke_unit(root, unit, arguments, environment):
    """Whether a contract is such that nothing can meet it."""
    return run(root, unit, unit_options(
        unit, unit.functions, "update", arguments.timeout) +
        ["-wp-smoke-tests", "-wp-smoke-timeout", "2"], environment)


def prove_unit(root, unit, arguments, environment):
    """What is answered first, then what is not, shortly: what one prover cannot
    do the other mostly does at once. Functions of which a goal is left are
    asked again, with all of the time."""
    asked = [("offline", arguments.timeout),
             ("update", min(SHORT, arguments.timeout)),
             ("update", arguments.timeout)]
    text, counts, left, loaded = "", {}, unit.functions, set()
    if arguments.anew and (arguments.anew == 1 or digest(
            root, unit) == answers_pinned(root, unit)[0]):
        unit.today = left = of_today(unit, arguments.anew)
        counts = {f: (n, n) for f, n in pinned_of(root, unit).items()
                  if f not in left}
        asked = asked[1:] if left else []
        shutil.rmtree(session_of(root, unit))
    else:
        loaded = answers_load(root, unit)
    for cache, timeout in asked:
        text, found = run(root, unit, unit_options(
            unit, left, cache, timeout), environment)
        if found is None:
            return text, None
        counts |= found
        left = [f for f, (proved, total) in found.items() if proved != total]
        if not left:
            break
        forget_failures(answers_of(root, unit), loaded)
    return text, counts


def of_today(unit, share):
    """One in @share of the functions, other ones each day; lemmas all at once.
    """
    turn = unit.number + day()
    if unit.name == LEMMAS:
        return [ALL] if turn % share == 0 else []
    return [f for i, f in enumerate(unit.functions) if (i + turn) % share == 0]


def forget_failures(cache, loaded):
    """Z3 that ran out of time may count as failed, which is kept for ever. It
    may stay if it was pinned, or if an answer of CVC4 for the same goal came at
    once: Z3 would be waited for again."""
    kept = sorted((k.stat().st_mtime, k) for k in cache.glob("*.json"))
    texts = [k.read_text() for _, k in kept]
    for i, (when, answer) in enumerate(kept):
        is_done = (i + 1 < len(kept) and kept[i + 1][0] - when < SHORT and
                   '"CVC4' in texts[i + 1] and '"valid"' in texts[i + 1])
        if ('"failed"' in texts[i] and not is_done and
                answer.stem not in loaded):
            answer.unlink()


def pinned(root):
    rows = {}
    for line in (root / "proofs/wp/goals.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            unit, function, count = line.split()
            rows[unit, function] = int(count)
    return rows


def pinned_of(root, unit):
    """Of each function of the unit."""
    return {f: n for (u, f), n in pinned(root).items() if u == unit.name}


def pin(root, chosen, results):
    """The list anew; units that were not chosen keep their rows."""
    names = {u.name for u in chosen}
    kept = {k: n for k, n in pinned(root).items() if k[0] not in names}
    counts = kept | {k: total for k, (_, total) in results.items()}
    head = ("# Goals of each function under proof, as ./dev prove counts them"
            "; --pin writes this.\n")
    rows = [f"{u} {f} {total}\n" for (u, f), total in sorted(counts.items())]
    (root / "proofs/wp/goals.txt").write_text(head + "".join(rows))


def prove_all(root, chosen, arguments, environment):
    """Every chosen unit, two at once; (results, what went wrong)."""
    results, wrong = {}, []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        ask = smoke_unit if arguments.smoke else prove_unit
        jobs = {pool.submit(ask, root, u, arguments, environment): u
                for u in chosen}
        for job in concurrent.futures.as_completed(jobs):
            unit, (text, counts) = jobs[job], job.result()
            if counts is None:
                wrong.append(
                    f"{unit.name}: frama-c failed: {last_line(text)}")
                continue
            wrong += [f"{unit.name}: {line}" for line in unproved(text)]
            for function, count in counts.items():
                results[unit.name, function] = count
            proved = sum(a for a, _ in counts.values())
            total = sum(b for _, b in counts.values())
            word = ("" if unit.today is None else
                    f", as pinned: {len(unit.today)} asked today")
            print(f"prove: {unit.name}: {proved}/{total} goals of "
                  f"{len(unit.functions)} functions{word}", flush=True)
    return results, wrong


def against_list(root, chosen, results):
    names = {u.name for u in chosen}
    expected = {k: v for k, v in pinned(root).items() if k[0] in names}
    wrong = []
    for key in sorted(set(expected) | set(results)):
        got = results.get(key, (0, 0))[1]
        if key[0] in names and got != expected.get(key, 0):
            wrong.append(f"{key[0]}: {key[1]} has {got} goals, not the "
                         f"{expected.get(key, 0)} in proofs/wp/goals.txt")
    return wrong


def share(root):
    """What part of the core has a contract, as docs/assurance.md says it."""
    contracted = {f for u in units(root) for f in u.functions}
    paths = [*sorted((root / "src/core").glob("*.[ch]")),
             root / "src/arch-aarch64/pte.h",
             root / "src/arch-aarch64/list_register.h"]
    found = [f for p in paths
             for f in csource.functions(csource.tokenize(p.read_text())[0])]
    proved = [f for f in found if f.name in contracted]
    lines = sum(f.length for f in found)
    return (f"{100 * len(proved) // len(found)} % of its functions and "
            f"{100 * sum(f.length for f in proved) // lines} % of their lines")


SHARE = re.compile(r"\d+ % of its functions and \d+ % of their lines")


def share_in_docs(root, write):
    """Write the share to the document, or say that it is another there."""
    document = root / "docs/assurance.md"
    text = document.read_text()
    flat = SHARE.search(text)
    if flat is None:
        return ["docs/assurance.md says no share of the core"]
    if write:
        document.write_text(SHARE.sub(share(root), text))
    elif flat.group(0) != share(root):
        return [f"docs/assurance.md says {flat.group(0)}, not {share(root)}"]
    return []


def prove_command(root, chosen, arguments, environment):
    results, wrong = prove_all(root, chosen, arguments, environment)
    if arguments.pin and not wrong:
        pin(root, chosen, results)
        for unit in chosen:
            run(root, unit, unit_options(
                unit, unit.functions, "cleanup", SHORT), environment)
            answers_pin(root, unit)
    elif not arguments.smoke:
        wrong += against_list(root, chosen, results)
    wrong += share_in_docs(root, arguments.pin and not wrong)
    for line in wrong:
        print(f"prove: {line}", file=sys.stderr)
    proved = sum(a for a, _ in results.values())
    total = sum(b for _, b in results.values())
    print(f"prove: of the core, {share(root)} have a contract")
    print(f"prove: {proved}/{total} goals in {len(chosen)} files")
    return 1 if wrong or proved != total else 0


def mutant(root, patch, environment, arguments):
    """Whether the goal that a patch names fails in a patched copy."""
    goal = GOAL.search(patch.read_text())
    if goal is None:
        return f"{patch.stem}: names no goal"
    name, function = goal.group(1).split("/")[:2]
    copy = root / "build/prove/mutants" / patch.stem
    not_planted = patched_copy(root, patch, copy)
    if not_planted:
        return f"{patch.stem}: {not_planted}"
    unit = Unit(copy, name)
    answers_load(copy, unit)
    text, counts = run(copy, unit, unit_options(
        unit, [function], "update", arguments.timeout), environment)
    if counts is None:
        return f"{patch.stem}: frama-c failed"
    broken = goal.group(1).split("/")[2]
    if not any(broken in line for line in unproved(text)):
        return f"{patch.stem}: {goal.group(1)} is still proved"
    print(f"prove: ok {patch.stem}: breaks {goal.group(1)}", flush=True)
    return None


def mutants_command(root, arguments, environment):
    patches = sorted((root / "proofs/wp/mutants").glob("*.patch"))
    patches = patches[day() % arguments.every::arguments.every]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        wrong = [w for w in pool.map(
            lambda p: mutant(root, p, environment, arguments), patches) if w]
    for line in wrong:
        print(f"prove: FAILED {line}", file=sys.stderr)
    print(f"prove: {len(patches) - len(wrong)}/{len(patches)} mutants break "
          f"the goal that they name")
    return 1 if wrong or not patches else 0


def configured(root):
    """An environment in which Why3 knows the provers that are here."""
    known = root / "build/prove/why3.conf"
    environment = dict(os.environ, WHY3CONFIG=str(known))
    subprocess.run(["why3", "config", "detect"], env=environment, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return environment


def main():
    parser = Parser(prog="./dev prove")
    parser.add_argument("root", type=pathlib.Path)
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--smoke", action="store_true")
    way.add_argument("--mutants", action="store_true")
    way.add_argument("--pin", action="store_true")
    parser.add_argument("--timeout", type=positive, default=10)
    parser.add_argument("--every", type=positive, default=1,
                        help="of the mutants, each Nth, others each day")
    parser.add_argument("--anew", type=positive,
                        help="ask one unit in N without answers, and of the "
                        "others those that are not as pinned")
    parser.add_argument("unit", nargs="*")
    arguments = parser.parse_intermixed_args()
    root = arguments.root.resolve()
    chosen = units(root)
    unknown = set(arguments.unit) - {u.name for u in chosen}
    if unknown:
        die(f"no such unit: {' '.join(sorted(unknown))}")
    if arguments.unit:
        chosen = [u for u in chosen if u.name in arguments.unit]
    (root / "build/prove").mkdir(parents=True, exist_ok=True)
    environment = configured(root)
    if arguments.mutants:
        return mutants_command(root, arguments, environment)
    return prove_command(root, chosen, arguments, environment)


if __name__ == "__main__":
    sys.exit(main())
