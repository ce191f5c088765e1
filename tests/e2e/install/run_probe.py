#!/usr/bin/env python3
"""Does hand-made code install and run in every kind of VM? InstallProbe under each collector and pointer size."""
import argparse
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

COLLECTORS = ["G1", "Serial", "Parallel"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--java-home", default=os.environ.get("JAVA_HOME", "/usr/lib/jvm/java-17-openjdk-amd64"))
    parser.add_argument("--library", required=True, help="folder of the probe's libjvmcicompiler.so")
    parser.add_argument("--collector", choices=COLLECTORS, help="only this one")
    options = parser.parse_args()
    java = pathlib.Path(options.java_home) / "bin"
    source = pathlib.Path(__file__).with_name("InstallProbe.java")
    failed = 0
    with tempfile.TemporaryDirectory() as classes:
        subprocess.run([java / "javac", "-d", classes, source], check=True)
        collectors = [options.collector] if options.collector else COLLECTORS
        for collector, oops, klasses in itertools.product(collectors, "+-", "+-"):
            flags = [f"-XX:+Use{collector}GC", f"-XX:{oops}UseCompressedOops", f"-XX:{klasses}UseCompressedClassPointers"]
            command = [java / "java", "-XX:+UnlockExperimentalVMOptions", "-XX:+EnableJVMCI", "-XX:+UseJVMCICompiler",
                       "-XX:+UseJVMCINativeLibrary", f"-XX:JVMCILibPath={options.library}", "-XX:CompileCommand=quiet",
                       "-XX:CompileCommand=dontinline,InstallProbe*::*", f"-XX:ErrorFile={classes}/hs_err.log", "-Xmx256m", *flags,
                       "-cp", classes, "InstallProbe"]
            try:
                run = subprocess.run(command, capture_output=True, text=True, timeout=200)
                output, good = run.stdout + run.stderr, run.returncode == 0
            except subprocess.TimeoutExpired as expired:
                output, good = f"no end after {expired.timeout} s", False
            print("ok    " if good else "FAILED", " ".join(flags), flush=True)
            if not good:
                failed += 1
                print(output)
                log = pathlib.Path(classes) / "hs_err.log"
                if log.exists():
                    print(log.read_text()[:20000])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
