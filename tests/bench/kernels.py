#!/usr/bin/env python3
"""Compiled kernels against C1 and C2 of the same JDK, and what a compilation costs on the wire: ratios within one run.

    kernels.py --build build/release [--milliseconds 500] [--rounds 3]

The three variants run in turns, so that a noisy minute hits all of them; each kernel's best time counts.
"""

import argparse
import json
import math
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rows(output):
    return {name: (int(ns), check) for name, ns, check in (line.split("\t") for line in output.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--milliseconds", default="500", help="per kernel and round")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jitfarm-kernels-") as folder:
        report = pathlib.Path(folder) / "report.json"
        subprocess.run(["javac", "-d", folder, str(ROOT / "examples/Kernels.java")], check=True)
        program = ["-cp", folder, "Kernels", arguments.milliseconds]
        variants = {
            "C1": ["java", "-XX:TieredStopAtLevel=1", *program],
            "C2": ["java", *program],
            "farm": [f"{arguments.build}/bin/jitfarm", "run", "--require", "--report", str(report), "--", "java", *program],
        }
        best, checks = {v: {} for v in variants}, {}
        for _ in range(arguments.rounds):
            for variant, command in variants.items():
                for kernel, (ns, check) in rows(subprocess.run(command, capture_output=True, text=True, check=True).stdout).items():
                    best[variant][kernel] = min(ns, best[variant].get(kernel, ns))
                    if checks.setdefault(kernel, check) != check:
                        raise SystemExit(f"{kernel}: {variant} computes {check}, another one {checks[kernel]}")
        print(f"{'kernel':12} {'C1 ns':>10} {'C2 ns':>10} {'farm ns':>10} {'C1/farm':>9} {'C2/farm':>9}")
        for kernel in checks:
            c1, c2, farm = (best[v][kernel] for v in ("C1", "C2", "farm"))
            print(f"{kernel:12} {c1:10} {c2:10} {farm:10} {c1 / farm:9.2f} {c2 / farm:9.2f}")
        for other in ("C1", "C2"):
            mean = math.exp(sum(math.log(best[other][k] / best["farm"][k]) for k in checks) / len(checks))
            print(f"geometric mean {other}/farm: {mean:.2f}")
        r = json.loads(report.read_text())
        n = max(1, r["methods"]["requested"])
        sent = sum(m["count"] for m in r["messages"].values())
        size = sum(m["bytes"] for m in r["messages"].values())
        print(f"\nper requested method ({n}): {sent / n:.1f} messages, {size / n / 1024:.1f} KiB; round trips mean {r['round_trips']['mean']:.2f}, "
              f"p99 {r['round_trips']['p99']:.0f}; compile p50 {r['compile_seconds']['p50'] * 1e3:.1f} ms, p99 {r['compile_seconds']['p99'] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
