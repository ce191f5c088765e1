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
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ASM = ["--add-exports", "java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED"]

COLLECTORS = {
    "Serial": ["-XX:+UseSerialGC"],
    "Parallel": ["-XX:+UseParallelGC"],
    "G1": ["-XX:+UseG1GC"],
}
POINTERS = {
    "unscaled": [],  # a small heap lies below 4 GiB: base 0, shift 0
    "scaled": ["-XX:HeapBaseMinAddress=8g"],  # base 0, shift 3
    "based": ["-XX:HeapBaseMinAddress=40g"],  # base not 0
    "wide_oops": ["-XX:-UseCompressedOops"],
    "wide_klass": ["-XX:-UseCompressedClassPointers"],
    "wide": ["-XX:-UseCompressedOops", "-XX:-UseCompressedClassPointers"],
}
MODES = {
    # Compiled after a few dozen calls, with everything resolved; tiered, as users run it.
    "hot": ["-Xbatch", "-XX:CompileThresholdScaling=0.01"],
    # Compiled before the first call: nothing is resolved, every method traps its way to a second compilation.
    "xcomp": ["-Xcomp", "-XX:-TieredCompilation", "-XX:CompileCommand=quiet", "-XX:CompileCommand=compileonly,suite.*::*"],
}
INSTALLED_MIN = 200  # distinct methods of the suite in the log, of some 300
RECOMPILED_CASE = "Deoptimization"


def compile_suite(folder):
    # What forces deoptimisations; the VM wants it in the boot loader.
    box = pathlib.Path(folder) / "whitebox"
    subprocess.run(["javac", "-nowarn", "-d", box, HERE / "whitebox/sun/hotspot/WhiteBox.java"], check=True)
    sources = sorted(str(p) for p in (HERE / "suite").glob("*.java"))
    subprocess.run(["javac", "-nowarn", *ASM, "-cp", box, "-d", folder, *sources], check=True)


def java(classes, flags, cases):
    box = [f"-Xbootclasspath/a:{classes}/whitebox", "-XX:+UnlockDiagnosticVMOptions", "-XX:+WhiteBoxAPI", "-XX:+DisplayVMOutputToStderr", "-Dsuite.whitebox=true"]
    return ["java", *flags, *ASM, *box, "-Xss512k", "-cp", classes, "suite.Suite", *cases]


def compiled_too_little(log, cases):
    """What the agent's log says against this run, or nothing."""
    installed, left = collections.defaultdict(collections.Counter), collections.defaultdict(set)
    for line in log.read_text(errors="replace").splitlines():
        match = re.search(r"compile \d+ suite/(\w+?)(?:\$\w+)*\.(\S+): (installed|bails out)", line)
        if match:
            name, method, outcome = match.groups()
            name = "StackShuffles" if name.startswith("Shuffle_") else name
            if outcome == "installed":
                installed[name][method] += 1
            else:
                left[name].add(method)
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


def first_difference(expected, actual):
    a, b = expected.splitlines(), actual.splitlines()
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return f"line {i + 1}:\n  interpreter: {x[:400]}\n  farm:        {y[:400]}"
    return f"lengths differ: {len(a)} and {len(b)} lines; last: {(a or ['-'])[-1][:200]} / {(b or ['-'])[-1][:200]}"


def run_one(build, classes, expected, collector, pointers, mode, cases, keep):
    name = f"{collector}-{pointers}-{mode}"
    report_file = pathlib.Path(keep) / f"{name}.json"
    crash_file = pathlib.Path(keep) / f"{name}-hs_err.log"
    flags = ["-Xmx512m", f"-XX:ErrorFile={crash_file}", "-XX:-CreateCoredumpOnCrash"] + COLLECTORS[collector] + POINTERS[pointers] + MODES[mode]
    command = [f"{build}/bin/jitfarm", "run", "--report", str(report_file), "--farm-log", f"{keep}/{name}.log", "--", *java(classes, flags, cases)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=420, env={**os.environ, "JITFARM_LOG": "debug"})
    except subprocess.TimeoutExpired as e:
        return name, f"hangs: {(e.stdout or b'')[-300:]}", {}
    problems = []
    if done.returncode != 0:
        problems.append(f"exit code {done.returncode}: {done.stderr[-2000:]}" + (f" (see {crash_file})" if crash_file.exists() else ""))
    if done.stdout != expected:
        problems.append("output differs, " + first_difference(expected, done.stdout))
    report = json.loads(report_file.read_text()) if report_file.exists() else {}
    methods = report.get("methods", {})
    problems += compiled_too_little(pathlib.Path(keep) / f"{name}.log", cases)
    if {e for e in methods.get("failed_by_error", {}) if e != "cancelled"}:  # cancelled: by the end of the JVM
        problems.append(f"methods failed: {json.dumps(methods)}")
    if methods.get("bailed_out", {}).get("internal_error"):
        problems.append(f"internal errors of the compiler: {json.dumps(methods['bailed_out'])}")
    return name, "; ".join(problems), methods


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
        compile_suite(classes)
        interpreter = subprocess.run(java(classes, ["-Xint", "-Dsuite.rounds=2"], arguments.case), capture_output=True, text=True, check=True, timeout=300)
        expected = interpreter.stdout
        if "differs" in expected or len(expected) < 100:
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
