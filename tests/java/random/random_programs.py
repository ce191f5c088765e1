#!/usr/bin/env python3
"""Do random Java programs do with the farm what they do in the interpreter?

Programs are made from seeds, in batches: a batch is compiled, run in one JVM with -Xint and in one with the farm, and compared program
by program. Collector, pointers and compilation mode change from batch to batch. A program that differs, crashes or hangs is
shrunk; the small program and how to repeat it are written into a folder.

    random_programs.py --build build/release --programs 20000            # seeds 0..19999
    random_programs.py --build build/release --first 12000 --programs 8000   # goes on there
    random_programs.py --build build/release --first 4711 --programs 1 --combination G1-scaled-hot
    random_programs.py --build build/release --file P4711.java --combination G1-scaled-hot
    random_programs.py --build build/release --canary                    # one wrong answer must be found and shrunk
"""

import argparse
import collections
import pathlib
import shutil
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from generator import Generator  # noqa: E402
from machine import Failure, Machine, Program, combination_of, first_difference  # noqa: E402
from shrink import failures_of, shrink  # noqa: E402
from tree import size, text  # noqa: E402

INSTALLED_MIN = {"hot": 5, "behind": 0.5, "xcomp": 20}  # methods per program of a batch, on average


class Tally:
    """What all batches came to."""

    def __init__(self):
        self.programs = self.installed = self.requested = self.invalidated = 0
        self.left = collections.Counter()
        self.failed = []

    def add(self, run, programs):
        self.programs += programs
        self.installed += sum(run.installed.values())
        self.requested += run.requested
        self.invalidated += run.invalidated
        self.left += run.left

    def print(self):
        print(f"{self.programs} programs, {len(self.failed)} failures; methods: {self.requested} requested, of the programs {self.installed} installed, {sum(self.left.values())} left; {self.invalidated} invalidated")
        for reason, n in self.left.most_common(25):
            print(f"  {n:6} left: {reason}")
        for name in self.failed:
            print(f"  FAIL {name}")


def run_batch(machine, seeds, combination, arguments):
    """Compiles and runs; the farm's run and the failures by seed."""
    folder = machine.scratch / "batch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    sources = []
    for seed in seeds:
        sources.append(folder / f"P{seed}.java")
        sources[-1].write_text(text(Generator(seed, arguments.canary).program()))
    error = machine.compile([(folder, sources)])[0]
    if error:
        # javac itself has bugs: that costs a program and is none of ours.
        errors = dict(zip(seeds, machine.compile([(folder, [source]) for source in sources])))
        wrong = {seed: e for seed, e in errors.items() if e}
        for seed, e in wrong.items():
            print(f"      does not compile: P{seed}: {e[:500]}", flush=True)
            if "exception has occurred in the compiler" not in e:
                arguments.not_java.append(f"P{seed} is not Java: {e[:200]}")
        seeds = [seed for seed in seeds if seed not in wrong]
    programs = [Program(str(seed), str(folder), f"P{seed}") for seed in seeds]
    interpreted = machine.interpret(programs)
    if interpreted.failures or interpreted.problems or len(interpreted.text) != len(seeds):
        sys.exit(f"the interpreter itself fails: {interpreted.failures} {interpreted.problems}")
    run = machine.farm(programs, combination, arguments.canary)
    failures = {int(id): f for id, f in run.failures.items()}
    for id, printed in run.text.items():
        if printed != interpreted.text[id]:
            failures[int(id)] = Failure("differs", first_difference(interpreted.text[id], printed))
    return run, failures


def keep(arguments, name, combination, source, failure, what):
    folder = pathlib.Path(arguments.keep) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.java").write_text(source)
    (folder / "README").write_text(f"{failure.kind} with {combination}, {what}\n\n{failure.detail}\n\nRepeat:\n  tests/java/random/random_programs.py --build {arguments.build} --file {folder}/{name}.java --combination {combination}\n")
    return folder


def pursue(machine, seed, seeds, combination, failure, arguments):
    """A program failed in its batch: does it alone? Then it is made small."""
    name, tree = f"P{seed}", Generator(seed, arguments.canary).program()
    folder = keep(arguments, name, combination, text(tree), failure, f"as found among seeds {seeds[0]}..{seeds[-1]}")
    print(f"FAIL  {name} {combination}: {failure.kind}\n{failure.detail[:3000]}\n      kept in {folder}", flush=True)
    for _ in range(arguments.tries):
        alone = failures_of(machine, [tree] * 3, name, combination, arguments.canary)
        if any(alone):
            break
    else:
        print(f"      not alone: repeat with --first {seeds[0]} --programs {len(seeds)} --combination {combination}", flush=True)
        return None
    kind = next(f for f in alone if f).kind
    small, found = shrink(machine, tree, name, combination, kind, arguments.shrink_seconds, arguments.canary)
    folder = keep(arguments, name, combination, text(small), found or failure, f"shrunk from {size(tree)} to {size(small)} characters")
    (folder / "original.java").write_text(text(tree))
    print(f"      shrunk to {len(text(small).splitlines())} lines: {folder}/{name}.java", flush=True)
    return small


def one_file(machine, arguments):
    file = pathlib.Path(arguments.file).resolve()
    failed = False
    for turn in range(arguments.tries):
        folder = machine.scratch / "file"
        error = machine.compile([(folder, [file])])[0]
        if error:
            sys.exit(error)
        program = [Program("0", str(folder), file.stem)]
        expected, actual = machine.interpret(program), machine.farm(program, arguments.combination)
        if actual.failures:
            print(actual.failures["0"].kind, actual.failures["0"].detail)
        elif actual.text != expected.text:
            print(first_difference(expected.text["0"], actual.text["0"]))
        else:
            print("equal")
            continue
        failed = True
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder with bin/jitfarm")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--programs", type=int, default=100)
    parser.add_argument("--batch", type=int, default=100, help="programs per pair of JVMs")
    parser.add_argument("--seconds", type=float, default=1e9, help="no new batch after this time")
    parser.add_argument("--combination", help="collector-pointers-mode, instead of that of the batch's number")
    parser.add_argument("--file", help="one program, as written by an earlier failure")
    parser.add_argument("--canary", action="store_true", help="the programs are wrong on purpose: this must be found and shrunk")
    parser.add_argument("--shrink-seconds", type=float, default=300, help="per failure; 0: do not shrink")
    parser.add_argument("--patience", type=float, default=120, help="seconds without a line until a program hangs")
    parser.add_argument("--tries", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=1, help="threads of javac")
    parser.add_argument("--keep", default="random-failures", help="folder for what fails")
    arguments = parser.parse_args()
    arguments.not_java = []  # programs that the generator made wrong
    if arguments.file and not arguments.combination:
        parser.error("--file needs --combination")

    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(1))  # JVMs and farm go with us
    scratch = tempfile.mkdtemp(prefix="jitfarm-random-")
    machine = Machine(arguments.build, scratch, arguments.patience, arguments.jobs)
    tally, began, seed, end = Tally(), time.monotonic(), arguments.first, arguments.first + arguments.programs
    try:
        if arguments.file:
            return one_file(machine, arguments)
        while seed < end and time.monotonic() - began < arguments.seconds:
            # Batches have their place among all seeds, so that a program's combination does not depend on --first.
            seeds = list(range(seed, min(end, (seed // arguments.batch + 1) * arguments.batch)))
            combination = arguments.combination or combination_of(seed // arguments.batch)
            at = time.monotonic()
            run, failures = run_batch(machine, seeds, combination, arguments)
            tally.add(run, len(seeds))
            installed = sum(run.installed.values())
            problems = run.problems + arguments.not_java
            arguments.not_java = []
            if installed < INSTALLED_MIN[combination.split("-")[2]] * len(seeds):
                problems.append(f"only {installed} methods of {len(seeds)} programs were installed")
            print(f"{'FAIL' if failures or problems else 'ok  '}  seeds {seeds[0]:6}..{seeds[-1]:6}  {combination:24}  requested {run.requested:6}  of the programs installed {installed:5}  left {sum(run.left.values()):4}"
                  f"  invalidated {run.invalidated:5}  {time.monotonic() - at:5.0f} s", flush=True)
            for reason, n in run.left.most_common(3):
                print(f"      left {n:4}: {reason}, e.g. {run.examples[reason]}", flush=True)
            for problem in problems:
                print(f"      {problem}", flush=True)
                tally.failed.append(f"seeds {seeds[0]}..{seeds[-1]} {combination}: {problem[:200]}")
            for failed, failure in failures.items():
                tally.failed.append(f"P{failed} {combination} {failure.kind}")
                small = pursue(machine, failed, seeds, combination, failure, arguments) if arguments.shrink_seconds > 0 else None
                if arguments.canary:
                    lines = len(text(small).splitlines()) if small else 0
                    good = failure.kind == "differs" and 0 < lines < 90 and "Out.same" in text(small)
                    print(f"the canary was {'found and shrunk' if good else 'not shrunk'}: {lines} lines")
                    return 0 if good else 1
            seed = seeds[-1] + 1
        tally.print()
        print(f"next: --first {seed}")
        if arguments.canary:
            print("the canary was not found")
        return 1 if tally.failed or arguments.canary else 0
    finally:
        machine.close()
        if not tally.failed and sys.exc_info()[0] is None:
            shutil.rmtree(scratch, ignore_errors=True)
        else:
            print(f"logs and crash files: {scratch}")


if __name__ == "__main__":
    sys.exit(main())
