# SPDX-License-Identifier: BSD-2-Clause
"""docs/abi.md: the binary interface, written from the headers."""

import re

import abi
import headers

HEAD = """\
<!-- SPDX-License-Identifier: BSD-2-Clause -->
<!-- Written by ./dev docs from include/moat: change it there. -->

# The binary interface

What a host (at EL1) and a VM may ask of the engine by `HVC`, in registers, with
numbers. It is written from the headers, which are the manual; a test fails when
the two differ, another when the engine answers what is not here.

ABI version {major}.{minor} (`MOAT_ABI_VERSION` {version}): the call `version`
returns it. What a version promises is said in
[version.h](../include/moat/version.h).

## Convention

SMC Calling Convention 1.2 (Arm DEN 0028), 64-bit fast calls of owner 6, the
vendor-specific hypervisor. W0 holds the function identifier, x1 and on the
arguments; no memory is read or written for a call. A host's call writes x0 to
x9, `vcpu_run` x0 to x14; the others are kept. A VM's call writes x0 to x4.

x0 is the status: its code in bits 7:0; in bits 15:8 the number of the argument
register at fault, or 0 where none is named. Results are zero on a refusal. A
function that does not exist answers all ones in x0 and changes nothing else.
"""


def table(titles, rows):
    lines = ["| " + " | ".join(titles) + " |"]
    lines.append("|" + " --- |" * len(titles))
    for row in rows:
        cells = [str(cell).replace("|", "\\|") for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def members(root, header, enum, prefix):
    """(name, number, meaning) of an enum, but for its count."""
    found, value = [], -1
    for name, given, said in headers.enum_members(root, header, enum):
        value = int(given, 0) if given else value + 1
        if not name.endswith(("_END", "_COUNT")):
            found.append((f"`{name.removeprefix(prefix)}`", value, said))
    return found


def registers_text(call):
    if call.name == "vcpu_run":
        return "x1 vm, x2 vcpu, x3 flags, x4..x9 data, x10..x13 interrupts"
    return ", ".join(f"x{number} {name}" for number, name in call.registers)


def refusal_text(call):
    parts = []
    for status, operands in call.refusals:
        named = " ".join(f"x{n}" for n in operands if n > 0)
        parts.append(f"{status} {named}".strip())
    return ", ".join(parts) or "nothing"


def status_section(root):
    rows = [(n, f"`{name}`", said) for name, n, said in abi.statuses(root)]
    return (
        "## Statuses\n\nEvery call tests in this order and stops at the "
        "first refusal.\n\n" + table(["code", "name", "meaning"], rows)
    )


def summary_section(calls):
    rows = [
        (
            f"`0x{call.function:08X}`",
            f"[{call.name}](#{call.name})",
            registers_text(call),
            refusal_text(call),
        )
        for call in calls
    ]
    text = table(["function", "call", "arguments", "refuses, in order"], rows)
    return "## Calls of the host\n\n" + text


def call_section(call):
    return f"### {call.name}\n\n```text\n{call.comment}\n```\n"


def guest_section(root):
    rows = [
        (f"`0x{abi.FUNCTION_BASE + number:08X}`", name, arguments)
        for _, name, number, arguments in abi.guest_calls(root)
    ]
    text = headers.read(root, "guest.h")
    manual = re.search(r"(?s)/\*\n \* version: x1.*?\*/", text).group()
    psci = re.search(r"(?s)/\*\n \* PSCI 1\.1.*?\*/", text).group()
    numbers = abi.constants(root, "guest.h")
    return (
        "## Calls of a VM\n\n"
        + table(["function", "call", "arguments"], rows)
        + f"\n```text\n{headers.comment_text(manual)}\n```\n\n"
        + f"### PSCI\n\n```text\n{headers.comment_text(psci)}\n```\n\n"
        + table(
            ["constant", "value"],
            [(f"`{name}`", f"`{value}`") for name, value in numbers],
        )
    )


def exit_section(root):
    reasons = members(root, "moat.h", "moat_exit_reason", "MOAT_EXIT_")
    flags = members(root, "call.h", "moat_entry_flags", "MOAT_ENTRY_")
    return (
        "## Why a run ends\n\nx1 of `vcpu_run`, and what goes with it; "
        "every other result is zero. With the list registers in x10 to x14 "
        "this is all that flows from a VM to the host.\n\n"
        + table(["reason", "x1", "and"], reasons)
        + "\nThe flags of an entry, x3 of `vcpu_run`:\n\n"
        + table(["flag", "bit value", "meaning"], flags)
    )


ENUMS = [
    ("moat_page_state", "MOAT_PAGE_", "States of a page (`page_info` x1)"),
    ("moat_vm_life", "MOAT_VM_", "Life of a VM (`vm_info` x1)"),
    ("moat_vcpu_state", "MOAT_VCPU_", "States of a vCPU"),
    ("moat_permission", "MOAT_", "Permissions of a loan"),
    ("moat_access", "MOAT_ACCESS_", "Accesses"),
]


def enum_sections(root):
    parts = []
    for enum, prefix, title in ENUMS:
        rows = members(root, "moat.h", enum, prefix)
        if any(said for _, _, said in rows):
            parts.append(f"### {title}\n\n")
            parts.append(table(["name", "number", "meaning"], rows))
        else:
            parts.append(f"### {title}\n\n")
            parts.append(table(["name", "number"], [r[:2] for r in rows]))
        parts.append("\n")
    return "## Numbers\n\n" + "".join(parts).rstrip("\n") + "\n"


def limit_section(root):
    text = headers.read(root, "moat.h")
    match = re.search(r"enum \{(\s*MOAT_ABI_VERSION.*?)\};", text, re.DOTALL)
    rows = []
    for line in match.group(1).splitlines():
        found = re.match(
            r"\s*(MOAT_\w+) = ([^,/]+?),?\s*(?:/\*(.*)\*/)?$", line
        )
        if found:
            name, value, said = found.groups()
            rows.append((f"`{name}`", value, (said or "").strip()))
    return "## Limits\n\n" + table(["name", "value", "meaning"], rows)


def page(root):
    version = int(
        re.search(
            r"MOAT_ABI_VERSION = (0x[0-9a-f]+)", headers.read(root, "moat.h")
        ).group(1),
        16,
    )
    calls = abi.host_calls(root)
    head = HEAD.format(
        major=version >> 16, minor=version & 0xFFFF, version=hex(version)
    )
    parts = [head, status_section(root), summary_section(calls)]
    parts += [call_section(call) for call in calls]
    parts += [exit_section(root), guest_section(root), enum_sections(root)]
    parts.append(limit_section(root))
    return "\n".join(parts)
