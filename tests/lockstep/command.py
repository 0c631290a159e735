# SPDX-License-Identifier: BSD-2-Clause
"""moat-model from outside: exit statuses, and the one line that says why.

usage: command.py MOAT_MODEL SCENES
"""

import pathlib
import subprocess
import sys
import tempfile

model = sys.argv[1]
scenes = pathlib.Path(sys.argv[2])
failures = 0


def run(arguments, text=None):
    done = subprocess.run([model] + arguments, input=text, text=True,
                          capture_output=True)
    return done.returncode, done.stdout + done.stderr


def expect(what, arguments, status, said, text=None):
    """One run ends with this status and says this somewhere."""
    global failures
    got, output = run(arguments, text)
    if got != status or said not in output:
        failures += 1
        print(f"{what}: status {got}, not {status}, or no '{said}' in:")
        print(output)


def check_scenes():
    for line, said in [
            ("call 0 nothing\n", "-:1: not a name or a number"),
            ("call 0 version = BAD_ARG 18\n", "-:1: only the register"),
            ("call 0 version = BAD_ARG 1 2\n", "-:1: only the register"),
            ("call 0 version = NOT_SUPPORTED 1\n", "-:1: only the register"),
            ("\n# two\nhost_read 0 4\n", "-:3: the address is not"),
            ("call 2 version\n", "-:1: no such CPU"),
            ("call 0 version\nmachine cpus 3\n", "-:2: machine lines stand"),
            ("machine cats 3\n", "-:1: not a setting"),
            ("machine page 4\n", "-:1: the scene is for pages of another"),
            ("call 0 version = MAYBE\n", "-:1: not an outcome"),
            ("call 0 version = EXIT\n", "-:1: EXIT needs a reason"),
            ("call 0 version =\n", "-:1: nothing is expected"),
            ("call 0 version = BAD_VM 1 2\n", "-:1: only the register"),
            ("call 0 version " + "1 " * 600, "-:1: the line is too long")]:
        expect(line[:40], ["run", "-"], 2, said, line)
    expect("wrong expectation", ["run", "-"], 1,
           "-:2: both sides answer OK 0x10000, the scene states OK 5",
           "# one\ncall 0 version = OK 5\n")
    expect("no machine", ["run", "-"], 1, "does not allow this machine",
           "machine cpus 0\n")
    expect("no file", ["run", "/nowhere"], 2, "/nowhere")
    expect("empty", ["run", "-"], 0, "1 scenes, 0 operations", "")


def check_arguments():
    expect("help", ["--help"], 0, "usage:")
    for arguments in [[], ["run"], ["runs"], ["replay"], ["replay", "a", "b"],
                      ["check", "--ops"], ["check", "--ops", "x"],
                      ["check", "--sees", "1"], ["corpus"],
                      ["corpus", "--registers", "."], ["scene"],
                      ["scene", "a", "b"]]:
        expect(" ".join(arguments), arguments, 2, "usage:")


def check_replay(trace):
    """A trace of a scene replays; changed in any of many ways it does not."""
    lines = trace.splitlines(keepends=True)
    count = len(lines)
    expect("replay", ["replay", "-"], 0,
           f"replay: {count} events, 0 differences", trace)
    expect("among other lines", ["replay", "-"], 0, f"{count} events",
           "U-Boot\r\n" + "\r\nhello\r\n".join(lines) + "bye\n")
    expect("out of order", ["replay", "-"], 0, f"{count} events",
           "".join([lines[0]] + lines[:0:-1]))
    expect("two engines", ["replay", "-"], 0, f"{2 * count} events",
           trace + trace)
    expect("missing", ["replay", "-"], 1, "events 0x7 to 0x8 are missing",
           "".join(lines[:7] + lines[9:]))
    expect("doubled", ["replay", "-"], 1, "event 0x7 stands twice",
           "".join(lines[:8] + lines[7:]))
    expect("cut off", ["replay", "-"], 2, "-:8:",
           "".join(lines[:7] + ["moat 7 call\n"]))
    expect("nothing", ["replay", "-"], 2, "no event", "hello\n")
    expect("no file", ["replay", "/nowhere"], 2, "/nowhere")
    expect("another count of pages", ["replay", "-"], 1, "event 0xd: ",
           "".join(lines[:13] + [lines[13].replace("> 0 0 2", "> 0 0 1")]))


def check_coverage():
    """What was not reached is named; a list of scenes need not reach all."""
    expect("no operations", ["coverage", "--ops", "0"], 1,
           "not reached: call vm_free: NOT_EMPTY")
    expect("one scene", ["coverage", str(scenes / "good_cpu_on.scene")], 1,
           "not reached: guest_call psci_cpu_on: INVALID_ADDRESS")


def check_inputs():
    """A scene becomes an input of a fuzzer, and that the same scene."""
    name = "good_donate_is_zeroed.scene"
    for form in [[], ["--registers"]]:
        with tempfile.TemporaryDirectory() as folder:
            expect("corpus", ["corpus"] + form + [folder, str(scenes / name)],
                   0, "")
            made = str(pathlib.Path(folder) / name)
            expect("scene", ["scene"] + form + [made], 0,
                   "call 0 page_donate 0 0x3000 0x40005000 1\n")
            expect("shortest of what is good",
                   ["scene"] + form + ["--shortest", made], 0, "vm_create")
    expect("no input", ["scene", "/dev/null"], 2, "/dev/null: not an input")
    expect("no file", ["scene", "/nowhere"], 2, "/nowhere")


def check_traces():
    """The model replays what the engine did in scenes, and at random."""
    every = sorted(map(str, scenes.glob("*.scene")))
    for arguments in [["run", "--trace"] + every,
                      ["check", "--trace", "--seed", "5", "--ops", "6000"]]:
        status, trace = run(arguments)
        trace = "".join(line for line in trace.splitlines(keepends=True)
                        if line.startswith("moat "))
        expect("replay of " + arguments[0], ["replay", "-"], 0,
               "0 differences", trace)


def main():
    check_scenes()
    check_arguments()
    check_coverage()
    check_inputs()
    check_traces()
    status, trace = run(["run", "--trace",
                         str(scenes / "good_life_of_a_vm.scene")])
    trace = "".join(line for line in trace.splitlines(keepends=True)
                    if line.startswith("moat "))
    if status != 0 or trace.count("\n") < 16:
        print("no trace:", trace)
        return 1
    check_replay(trace)
    return 1 if failures else 0

if __name__ == "__main__":
    sys.exit(main())
