#!/usr/bin/env python3
"""What does the agent add to a JVM that hardly runs? Hello world with and without it, in turns.

    startup.py --build build/release [--rounds 20]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

HELLO = 'public class Hello { public static void main(String[] a) { System.out.println("hello"); } }'
# The JVM's own view of its threads and heap at the end of main.
CENSUS = """
public class Census {
  static int[] numbers = new int[4000];
  // With an operand below the loop on the stack there is no on-stack replacement: the method is compiled unasked.
  static int spin(int n) {
    return 7 + switch (n & 1) { default -> { int s = -7; for (int i = 0; i < n; i++) s += numbers[i % numbers.length]; yield s; } };
  }
  public static void main(String[] a) throws Exception {
    int sum = 0;
    for (long end = System.nanoTime() + 1_500_000_000L; System.nanoTime() < end; ) sum += spin(2_000_000);
    if (sum != 0) throw new AssertionError();
    System.gc();
    var threads = Thread.getAllStackTraces().keySet().stream().map(Thread::getName).sorted().toList();
    Runtime r = Runtime.getRuntime();
    System.out.println(threads + "\\t" + (r.totalMemory() - r.freeMemory()) / 1024 + "\\t" + System.getProperty("java.class.path"));
  }
}"""


def run(command):
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, (command, output)
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    agent = pathlib.Path(arguments.build).resolve() / "lib"
    with tempfile.TemporaryDirectory(prefix="jitfarm-startup-") as folder:
        for name, text in (("Hello", HELLO), ("Census", CENSUS)):
            (pathlib.Path(folder) / f"{name}.java").write_text(text)
            subprocess.run(["javac", "-d", folder, f"{folder}/{name}.java"], check=True)
        flags = ["-XX:+UnlockExperimentalVMOptions", "-XX:+EnableJVMCI", "-XX:+UseJVMCICompiler", "-XX:+UseJVMCINativeLibrary", f"-XX:JVMCILibPath={agent}"]
        module = "module only (--add-modules jdk.internal.vm.ci)"
        variants = {
            "plain": ["java", "-cp", folder],
            module: ["java", "--add-modules", "jdk.internal.vm.ci", "-cp", folder],
            "agent, no farm": ["java", *flags, "-cp", folder],
            "jitfarm run, embedded farm": [f"{arguments.build}/bin/jitfarm", "run", "--", "java", "-cp", folder],
        }
        results = {v: [] for v in variants}
        for _ in range(arguments.rounds):
            for variant, command in variants.items():
                results[variant].append(run([*command, "Hello"])[:3])
        print(f"{'hello world':48} {'wall ms':>9} {'CPU ms':>9} {'RSS MiB':>9} {'wall/plain':>11}")
        plain = statistics.median(r[0] for r in results["plain"])
        for variant, runs in results.items():
            wall, cpu, rss = (statistics.median(r[i] for r in runs) for i in range(3))
            print(f"{variant:48} {wall * 1e3:9.1f} {cpu * 1e3:9.1f} {rss:9.1f} {wall / plain:11.2f}")
        print()
        report = pathlib.Path(folder) / "report.json"
        active = "jitfarm run, methods installed"
        variants[active] = [f"{arguments.build}/bin/jitfarm", "run", "--require", "--report", str(report), "--", "java", "-cp", folder]
        for variant in ("plain", module, "agent, no farm", active):
            for collector in ("Serial", "G1"):
                command = [a for word in variants[variant] for a in ([word, f"-XX:+Use{collector}GC"] if word == "java" else [word])]
                threads, heap, path = run([*command, "Census"])[3].rstrip("\n").split("\t")
                print(f"{variant}, {collector}: live heap {heap} KiB, class path '{path.replace(folder, 'DIR')}', threads {threads}")
        methods = json.loads(report.read_text())["methods"]
        print(f"{active}: {methods['installed']} methods installed, {methods['deferred_installed']} of them unasked")


if __name__ == "__main__":
    main()
