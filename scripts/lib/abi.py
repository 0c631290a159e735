# SPDX-License-Identifier: BSD-2-Clause
"""The binary interface, as the headers state it: calls, refusals, records.

The headers are the manual and the one source; docs/abi.md and docs/moat.3 are
written from what this module reads, and so is the table that tests/abi holds
the engine to. What it cannot read is an error, so that the headers keep their
form.
"""

import re

import headers

STATUS = (
    r"\b(OK|BAD_\w+|BUSY|VCPU_IS_OFF|NO_TABLE|NEEDS_SPLIT|NOT_\w+|OCCUPIED)"
)
FUNCTION_BASE = 0xC6000000


class Call:
    """One call: its number, its registers, its manual, its refusals."""

    def __init__(self, row, comment, registers):
        self.constant, self.name = row[0], row[1]
        self.number, self.arguments = int(row[2], 16), int(row[3])
        self.comment = comment
        self.registers = registers  # [(1, "vm"), (2, "ipa"), ...]
        self.refusals = None  # [(status, [operands])], in order

    @property
    def function(self):
        return FUNCTION_BASE + self.number

    @property
    def summary(self):
        return headers.one_line(self.comment.split("\n\n")[0])

    def section(self, name):
        """The text behind `name:` up to the next heading, on one line."""
        match = re.search(
            rf"(?ms)\b{name}:?\s(.*?)(?=^\w+:|\b(?:Locks|Cost): |\Z)",
            self.comment,
        )
        return headers.one_line(match.group(1)) if match else ""


def statuses(root):
    """[(name without MOAT_, number, meaning)]"""
    members = headers.enum_members(root, "moat.h", "moat_status")
    found = [
        (name.removeprefix("MOAT_"), number, meaning)
        for number, (name, _, meaning) in enumerate(members)
    ]
    return found[:-1]  # but for the count


# ---- Registers --------------------------------------------------------------


def body_of(text, name):
    match = re.search(
        rf"(?ms)^static inline struct moat_regs moat_{name}\(.*?^}}", text
    )
    return match.group()


def registers_of(text, name):
    """Which register holds which argument, by the constructor's body."""
    body = body_of(text, name)
    made = re.search(r"moat_call_make\(\s*MOAT_\w+,([^;]*)\);", body).group(1)
    found = []
    for number, word in enumerate(made.split(","), 1):
        word = word.strip().removesuffix(".value")
        if word != "0":
            found.append((number, word))
    for number, word in re.findall(r"regs\.x\[(\d+)\] = (\w+)", body):
        found.append((int(number), word))
    for word, number in re.findall(r"and (\w+) in regs\.x\[(\d+)\]", body):
        found.append((int(number), word))
    return found


# ---- Refusals ---------------------------------------------------------------


def segments(text):
    """(status, what is said of it), in the order of the text."""
    marks = list(re.finditer(STATUS, text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [
        (mark.group(1), text[mark.end() : end])
        for mark, end in zip(marks, ends)
    ]


def operands(said):
    """The registers that it names, in order; `after xN` names none."""
    said = re.sub(r"after x\d+", "", said)
    return [int(n) for n in re.findall(r"\bx(\d+)\b(?!\.\.)", said)]


def inherited(refusals, name):
    return [(status, list(named)) for status, named in refusals[name]]


def insert(found, status, named, said):
    """One more operand of a status that is inherited."""
    after = re.search(r"after x(\d+)", said)
    for have, operands_so_far in found:
        if have == status:
            place = operands_so_far.index(int(after.group(1))) + 1
            operands_so_far[place:place] = named
            return
    raise SystemExit(f"abi: nothing to insert {status} into")


def refusals_of(text, known):
    """[(status, [operand, ...])]; known: those of the calls before."""
    whole = re.match(r"as (\w+)", text)
    found = inherited(known, whole.group(1)) if whole else []
    for status, said in segments(text):
        named = operands(said)
        other = re.search(r"\bas (\w+)", said)
        if whole:
            insert(found, status, named, said)
            continue
        if other and not named:
            named = dict(known[other.group(1)])[status]
        if status == "BAD_VM":
            named = [1]  # moat.h: BAD_VM always names x1
        found.append((status, named or [0]))
    return found


def fill_refusals(calls):
    known = {}
    for call in calls:
        text = call.section("Refuses")
        otherwise = re.search(r"Otherwise as (\w+)", call.comment)
        if text.startswith("nothing"):
            call.refusals = []
        elif text:
            call.refusals = refusals_of(text, known)
        elif otherwise:
            call.refusals = None  # by a call that may stand behind it
        else:
            raise SystemExit(f"abi: {call.name} does not say what it refuses")
        known[call.name] = call.refusals
    for call in calls:
        if call.refusals is None:
            other = re.search(r"Otherwise as (\w+)", call.comment).group(1)
            call.refusals = inherited(known, other)


# ---- All of it --------------------------------------------------------------


def host_calls(root):
    text = headers.read(root, "call.h")
    comments = dict(headers.documented(root, "call.h"))
    calls = []
    for row in headers.macro_rows(root, "call.h", "MOAT_HOST_CALLS"):
        comment = comments.get(f"moat_{row[1]}")
        if comment is None:
            raise SystemExit(f"abi: moat_{row[1]} has no manual")
        calls.append(Call(row, comment, registers_of(text, row[1])))
    fill_refusals(calls)
    return calls


def guest_refusals(root):
    """Of share, unshare and relinquish, which share one sentence."""
    text = headers.comment_text(headers.read(root, "guest.h"))
    said = headers.one_line(text).split("They refuse: ")[1]
    return refusals_of(said.split("; the host is not told")[0], {})


def guest_calls(root):
    return [
        (row[0], row[1], int(row[2], 16), int(row[3]))
        for row in headers.macro_rows(root, "guest.h", "MOAT_GUEST_CALLS")
    ]


def constants(root, header):
    """(name, value) of the numbers that a header #defines."""
    pattern = r"(?m)^#define (MOAT_\w+) (\(?~?\(?UINT\S+|0x\w+)"
    return re.findall(pattern, headers.read(root, header))


# ---- What must hold of it ---------------------------------------------------


def complaints(root):
    """What the headers say that cannot be."""
    order = {name: number for number, name, _ in numbered(root)}
    functions = set()
    for call in host_calls(root):
        if call.function in functions:
            yield f"{call.name} has a number that another call has"
        functions.add(call.function)
        highest = max((number for number, _ in call.registers), default=0)
        if highest != call.arguments and call.name != "vcpu_run":
            yield f"{call.name} has {call.arguments} arguments, not {highest}"
        ranks = [order[status] for status, _ in call.refusals]
        if ranks != sorted(set(ranks)):
            yield f"{call.name} refuses in another order than enum moat_status"
        for status, named in call.refusals:
            if any(number > call.arguments for number in named):
                yield f"{call.name}: {status} names a register it has not"
    for _, name, number, _ in guest_calls(root):
        if FUNCTION_BASE + number in functions:
            yield f"{name} of a guest has a number that a host's call has"


def numbered(root):
    return [(number, name, said) for name, number, said in statuses(root)]
