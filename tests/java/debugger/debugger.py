#!/usr/bin/env python3
"""Does a debugger see of compiled code what it sees of the interpreter's?

Debugged.java runs its kernels until they are compiled and then has agent.cpp look at them: exceptions that are caught where they are
thrown, single steps, a breakpoint set while code runs, a local that the code needs no more. What it prints is compared with
that of -Xint; every kernel must have been installed.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from compared import first_difference, run_with_farm

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = {"thrown", "thrownInCallee", "dropped", "stepped", "callsBroken", "dead"}
FLAGS = ["-Xmx256m", "-XX:+UseSerialGC", "-Xbatch", "-XX:CompileCommand=quiet", "-XX:CompileCommand=exclude,debugger.Debugged::main",
         "-XX:CompileCommand=exclude,debugger.Debugged::show", "-XX:CompileCommand=exclude,debugger.Debugged*::go",
         "-XX:CompileCommand=CompileThresholdScaling,debugger.*::*,0.01"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="build folder with bin/jitfarm and the agent")
    arguments = parser.parse_args()
    agent = pathlib.Path(arguments.build).resolve() / "tests/libdebugger_agent.so"
    with tempfile.TemporaryDirectory(prefix="jitfarm-debugger-") as folder:
        subprocess.run(["javac", "-nowarn", "-g", "-d", folder, HERE / "Debugged.java"], check=True)
        command = ["java", f"-agentpath:{agent}", f"-Ddebugger.agent={agent}", "-cp", folder, "debugger.Debugged"]
        expected = subprocess.run([command[0], "-Xint", *command[1:]], capture_output=True, text=True, check=True, timeout=120).stdout
        run = run_with_farm(arguments.build, folder, "debugger", command, FLAGS, 300)
        problems = run.problems()
        if run.stdout != expected:
            problems.append("the debugger sees something else: " + first_difference(expected, run.stdout))
        installed = {method for owner, method, _, outcome in run.outcomes() if owner == "debugger/Debugged" and outcome == "installed"}
        if KERNELS - installed:
            problems.append(f"not installed: {sorted(KERNELS - installed)}")
    for problem in problems:
        print(problem)
    print(f"{'FAIL' if problems else 'ok'}: {len(expected.splitlines())} lines, installed {sorted(installed)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
