#!/usr/bin/env python3
"""Does compiled code survive the situations that are known to break JIT compilers?

tests/java/traps has a class for each category and a static method for each test. Each runs its kernel (a method of the
same name) until it is compiled, springs the trap (another type, null, an overflow, a class that is loaded late..) and
hands over results. They are compared with those of -Xint. A test fails, too, when what the language defines is not met,
and when none of its kernels was installed: tests for which that is right are in LEFT_OUT, with the reason.

    traps.py --build build/release                              # the three modes once, as CI does
    traps.py --build build/release --all                        # all modes, collectors, pointer modes and variants
    traps.py --build build/release --variant biased             # with an option of the VM that changes what code must do
    traps.py --build build/release --case Loops.countsDown --mode xcomp --collector G1 --pointers wide
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from compared import COLLECTORS, HERE, POINTERS, compile_java, java, run_with_farm

# Drivers are left to the interpreter: compiled, they would have the kernels' bodies in them.
DRIVERS = ["-XX:CompileCommand=quiet", "-XX:CompileCommand=exclude,traps.*::*(Ltraps/Trap;)V", "-XX:CompileCommand=dontinline,traps.Trap::hidden",
           "-XX:CompileCommand=exclude,traps.Trap::*", "-XX:CompileCommand=exclude,traps.Traps::*",
           "-XX:CompileCommand=exclude,traps.BigMethods*::apply"]
SCALED = ["-Xbatch", "-XX:CompileCommand=CompileThresholdScaling,traps.*::*,0.01"]
MODES = {
    # Compiled after some fifty calls, with everything resolved and a profile; tiered, as users run it.
    "hot": [*SCALED, "-Xmx512m"],
    # Compiled before the first call: nothing is resolved, every method traps its way to a second compilation.
    "xcomp": ["-Xcomp", "-XX:-TieredCompilation", "-Xmx512m", "-XX:CompileCommand=compileonly,traps.*::*"],
    # A heap with hardly any room, and a thread that fills it.
    "collect": [*SCALED, "-Xmx24m", "-Xmn2m", "-Dtraps.collect=true"],
}
# Options that change what compiled code has to do: docs/hotspot-abi.md names each.
VARIANTS = {
    "no_tlab": ["-XX:-UseTLAB"],
    "biased": ["-XX:+UseBiasedLocking", "-XX:BiasedLockingStartupDelay=0"],
    "heavy_monitors": ["-XX:+UseHeavyMonitors"],
    "value_locks": ["-XX:+UnlockDiagnosticVMOptions", "-XX:DiagnoseSyncOnValueBasedClasses=2"],
    "initial_cards": ["-XX:-ReduceInitialCardMarks"],
    "sse": ["-XX:UseAVX=0"],
    "aligned16": ["-XX:ObjectAlignmentInBytes=16"],
    "reserved_stack": ["-XX:-RestrictReservedStack"],
}
ONCE = [("hot", "G1", "scaled"), ("xcomp", "Serial", "unscaled"), ("collect", "Parallel", "based")]
TESTS_MIN = 400
RESTARTS_MAX = 8  # after crashes: the tests behind it still run

# Tests without an installed kernel: why. An entry fails when a kernel is installed after all.
LEFT_OUT = {
    "BigMethods.subroutine": "jsr and ret are the interpreter's",
    "BigMethods.twoEntries": "a loop with two entries is the interpreter's",
}


def categories():
    return sorted(p.stem for p in (HERE / "traps").glob("*.java") if p.stem not in ("Trap", "Traps"))


def undocumented(names):
    """Tests whose doc comment is missing: it says what the trap is."""
    found = []
    for category in {n.split(".")[0] for n in names}:
        text = (HERE / "traps" / f"{category}.java").read_text()
        documented = set(re.findall(r"\*/\s+static void (\w+)\(Trap ", text))
        found += [n for n in names if n.split(".")[0] == category and n.split(".")[1] not in documented]
    return found


def listed(classes, names):
    """The tests that names (Category or Category.test) mean."""
    lines = subprocess.run(java(classes, ["-Xint"], "traps.Traps", ["list", *categories()]), capture_output=True, text=True, check=True).stdout.split()
    if not names:
        return lines
    chosen = [line for line in lines if line in names or line.split(".")[0] in names]
    if not chosen:
        sys.exit(f"no such test: {names}")
    return chosen


def parsed(stdout):
    """Output by test; a test that never ended has none."""
    results, name = {}, None
    for line in stdout.splitlines():
        match = re.match(r"(\w+\.\w+): (.*values, sum.*)$", line)
        if match:
            name = match.group(1)
            results[name] = match.group(2)
        elif name and line.startswith("  "):
            results[name] += "\n" + line
    return results


def unfinished(stdout):
    """The test that was running when the JVM ended."""
    last = re.findall(r"^(\w+\.\w+): ", stdout, re.MULTILINE)
    return last[-1] if last and last[-1] not in parsed(stdout) else None


def interpreted(classes, tests):
    done = subprocess.run(java(classes, ["-Xint", "-Xss512k"], "traps.Traps", tests), capture_output=True, text=True, timeout=600)
    results = parsed(done.stdout)
    bad = [f"{t}: {results[t]}" for t in tests if "\n" in results.get(t, "")]
    if len(results) < len(tests):
        bad.append(f"ended in {unfinished(done.stdout)}: {done.stdout[-300:]} {done.stderr[-1000:]}")
    if bad:
        sys.exit("tests fail in the interpreter:\n" + "\n".join(bad))
    return results


class Combination:
    """A mode, a collector, a pointer mode and perhaps a variant: runs the tests, and keeps what went wrong with each."""

    def __init__(self, build, classes, keep, mode, collector, pointers, variant=None):
        self.build, self.classes, self.keep = build, classes, keep
        self.name = "-".join(filter(None, [mode, collector, pointers, variant]))
        self.flags = [*DRIVERS, *COLLECTORS[collector], *POINTERS[pointers], *MODES[mode], *VARIANTS.get(variant, []), "-Xss512k"]
        self.problems = {}  # by test
        self.general = []
        self.methods = collections.Counter()
        self.ran = set()  # tests that handed over results
        self.installed = set()  # tests with a kernel that was installed
        self.reasons = collections.defaultdict(set)  # why kernels bailed out, by test

    def run(self, tests, expected):
        left = list(tests)
        for turn in range(RESTARTS_MAX):
            done = run_with_farm(self.build, self.keep, f"{self.name}-{turn}", java(self.classes, [], "traps.Traps", left), self.flags, 600)
            self.read(done, left, expected)
            culprit = unfinished(done.stdout)
            if done.returncode == 0 or culprit is None:
                self.general += done.problems()
                break
            self.problems[culprit] = "; ".join(done.problems())
            left = left[left.index(culprit) + 1:]
            if not left:
                break
        if len(self.ran | set(self.problems)) < len(tests):
            self.general.append(f"{len(tests) - len(self.ran | set(self.problems))} tests did not run")
        for test in tests:
            if test in self.problems or test not in self.ran:
                continue
            if test in LEFT_OUT:
                if test in self.installed:
                    self.problems[test] = "is in LEFT_OUT, but was compiled"
            elif test not in self.installed:
                self.problems[test] = f"no kernel was installed; bailed out: {sorted(self.reasons[test])}"

    def read(self, done, tests, expected):
        results = parsed(done.stdout)
        self.ran |= set(results)
        for test in tests:
            if test in results and results[test] != expected[test]:
                self.problems[test] = f"interpreter: {expected[test]}\n      farm:        {results[test]}"
        for owner, method, descriptor, outcome in done.outcomes():
            match = re.match(r"traps/([A-Za-z0-9]+)", owner)
            if not match or descriptor == "(Ltraps/Trap;)V":
                continue
            test = f"{match.group(1)}.{method}"
            if outcome == "installed":
                self.installed.add(test)
            else:
                self.reasons[test].add(outcome)
        for key in ("requested", "installed", "invalidated"):
            self.methods[key] += done.methods.get(key, 0)
        self.methods["bailed_out"] += sum(done.methods.get("bailed_out", {}).values())

    def print(self, tests):
        failed = collections.Counter(t.split(".")[0] for t in self.problems)
        counts = "  ".join(f"{k.replace('_', ' ')} {v:5}" for k, v in self.methods.items())
        print(f"{'FAIL' if self.problems or self.general else 'ok  '}  {self.name:26}  {len(tests):4} tests  {len(self.problems):3} failed  {counts}")
        for category, total in sorted(collections.Counter(t.split(".")[0] for t in tests).items()):
            print(f"        {category:24} {total:4} tests {failed[category]:3} failed")
        for test, problem in sorted(self.problems.items()):
            print(f"      {test}: {problem}")
        for problem in self.general:
            print(f"      {problem}")
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder with bin/jitfarm")
    parser.add_argument("--collector", action="append", choices=COLLECTORS)
    parser.add_argument("--pointers", action="append", choices=POINTERS)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--variant", action="append", default=[], choices=VARIANTS)
    parser.add_argument("--all", action="store_true", help="every mode, collector, pointer mode and variant that is not chosen otherwise")
    parser.add_argument("--case", action="append", default=[], help="only this Category or Category.test")
    parser.add_argument("--bailouts", action="store_true", help="also print why kernels bailed out")
    parser.add_argument("--keep", help="folder for logs, reports and crash files")
    arguments = parser.parse_args()

    if arguments.all or (arguments.collector or arguments.pointers) and not arguments.variant:
        combinations = [(m, c, p) for m in arguments.mode or MODES for c in arguments.collector or COLLECTORS for p in arguments.pointers or POINTERS]
    elif arguments.variant:
        combinations = []
    else:
        combinations = [one for one in ONCE if one[0] in (arguments.mode or MODES)]
    variants = arguments.variant or (VARIANTS if arguments.all else [])
    combinations += [("hot", (arguments.collector or ["G1"])[0], (arguments.pointers or ["scaled"])[0], v) for v in variants]
    keep = arguments.keep or tempfile.mkdtemp(prefix="jitfarm-traps-")
    os.makedirs(keep, exist_ok=True)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="jitfarm-traps-classes-") as classes:
        # -g: the words of a NullPointerException name local variables.
        compile_java(classes, "traps", "-g", "-XDignore.symbol.file", "-XDsuppressNotes", "--add-exports", "java.base/jdk.internal.vm.annotation=ALL-UNNAMED")
        tests = listed(classes, arguments.case)
        stale = [t for t in LEFT_OUT if t not in tests and not arguments.case]
        if not arguments.case and (len(tests) < TESTS_MIN or stale or undocumented(tests)):
            sys.exit(f"{len(tests)} tests of at least {TESTS_MIN}; not there any more: {stale}; no doc comment: {undocumented(tests)}")
        expected = interpreted(classes, tests)
        for chosen in combinations:
            combination = Combination(arguments.build, classes, keep, *chosen)
            combination.run(tests, expected)
            combination.print(tests)
            failures += bool(combination.problems or combination.general)
            if arguments.bailouts:
                for test, reasons in sorted(combination.reasons.items()):
                    print(f"      {test}: {sorted(reasons)}")
    if failures:
        print(f"{failures} of {len(combinations)} combinations failed; logs in {keep}")
    elif not arguments.keep:
        shutil.rmtree(keep)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
