#!/usr/bin/env python3
"""Does compiled code do what the interpreter does?

Runs tests/java/suite once with -Xint, then with the farm in every collector and pointer combination, and compares the
output. A combination also fails when the farm compiled too little to mean anything (over all, and in each case of the
suite), when nothing was compiled again after a deoptimisation, or when an image was refused.

    differential.py --build build/release                 # all collectors and pointer modes, two compilation modes
    differential.py --build build/release --collector G1 --pointers scaled --mode hot --case Calls
"""

import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

from compared import COLLECTORS, HERE, POINTERS, compile_java, first_difference, java, run_with_farm

MODES = {
    # Compiled after a few dozen calls, with everything resolved; tiered, as users run it.
    "hot": ["-Xbatch", "-XX:CompileThresholdScaling=0.01"],
    # Compiled before the first call: nothing is resolved, every method traps its way to a second compilation.
    "xcomp": ["-Xcomp", "-XX:-TieredCompilation", "-XX:CompileCommand=quiet", "-XX:CompileCommand=compileonly,suite.*::*"],
}
INSTALLED_MIN = 200  # distinct methods of the suite in the log, of some 300
RECOMPILED_CASE = "Deoptimization"


def suite(classes, flags, cases):
    return java(classes, [*flags, "-Dsuite.whitebox=true", "-Xss512k", "--add-opens=java.base/java.math=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED", "-Dsun.reflect.inflationThreshold=0"], "suite.Suite", cases)


def compiled_too_little(done, cases):
    """What the agent's log says against this run, or nothing."""
    installed, left = collections.defaultdict(collections.Counter), collections.defaultdict(set)
    for owner, method, descriptor, outcome in done.outcomes():
        match = re.fullmatch(r"suite/(\w+?)(?:\$\w+)*", owner)
        if not match:
            continue
        name = "StackShuffles" if match.group(1).startswith("Shuffle_") else match.group(1)
        if outcome == "installed":
            installed[name][method + descriptor] += 1
        else:
            left[name].add(method + descriptor)
    problems = []
    for case in cases or sorted(p.stem for p in (HERE / "suite").glob("*.java") if p.stem != "Suite"):
        only_left = left[case] - set(installed[case])
        if len(installed[case]) < 2 or len(only_left) > len(installed[case]):
            problems.append(f"of {case} {len(installed[case])} methods were installed, {len(only_left)} left: {sorted(only_left)}")
    methods = sum(len(m) for m in installed.values())
    if not cases and methods < INSTALLED_MIN:
        problems.append(f"only {methods} methods of the suite were installed")
    if RECOMPILED_CASE in (cases or [RECOMPILED_CASE]) and max(installed[RECOMPILED_CASE].values(), default=0) < 2:
        problems.append(f"no method of {RECOMPILED_CASE} was compiled a second time")
    return problems


def run_one(build, classes, expected, collector, pointers, mode, cases, keep):
    name = f"{collector}-{pointers}-{mode}"
    flags = ["-Xmx512m"] + COLLECTORS[collector] + POINTERS[pointers] + MODES[mode]
    done = run_with_farm(build, keep, name, suite(classes, [], cases), flags, 420)
    problems = done.problems()
    if done.returncode is not None:
        if done.stdout != expected:
            problems.append("output differs, " + first_difference(expected, done.stdout))
        problems += compiled_too_little(done, cases)
    return name, "; ".join(problems), done.methods


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder with bin/jitfarm")
    parser.add_argument("--collector", action="append", choices=COLLECTORS)
    parser.add_argument("--pointers", action="append", choices=POINTERS)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--case", action="append", default=[], help="only this case of the suite")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--keep", help="folder for reports and crash files of failures")
    arguments = parser.parse_args()

    keep = arguments.keep or tempfile.mkdtemp(prefix="jitfarm-differential-")
    os.makedirs(keep, exist_ok=True)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="jitfarm-suite-") as classes:
        compile_java(classes, "suite")
        interpreter = subprocess.run(suite(classes, ["-Xint", "-Dsuite.rounds=2"], arguments.case), capture_output=True, text=True, check=True, timeout=300)
        expected = interpreter.stdout
        if "differs" in expected or "values=" not in expected:
            sys.exit("the interpreter's own output is not stable:\n" + expected)
        combinations = [(c, p, m) for m in arguments.mode or MODES for c in arguments.collector or COLLECTORS for p in arguments.pointers or POINTERS] * arguments.repeat
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            futures = [pool.submit(run_one, arguments.build, classes, expected, c, p, m, arguments.case, keep) for c, p, m in combinations]
            for future in futures:
                name, problem, methods = future.result()
                bailed_out = sum(v for v in methods.get("bailed_out", {}).values())
                counts = f"requested {methods.get('requested', 0):5}  installed {methods.get('installed', 0):5}  bailed out {bailed_out:5}  invalidated {methods.get('invalidated', 0):5}"
                print(f"{'FAIL' if problem else 'ok  '}  {name:28}  {counts}", flush=True)
                if problem:
                    failures += 1
                    print("      " + problem, flush=True)
    if failures:
        print(f"{failures} of {len(combinations)} combinations failed; reports in {keep}")
    elif not arguments.keep:
        shutil.rmtree(keep)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
