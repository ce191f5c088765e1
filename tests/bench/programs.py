#!/usr/bin/env python3
"""Java programs in the classic forms: the farm's code against C1 and C2 of the same JDK, and the compilers' time.

    programs.py --build build/release                     all programs, some 15 minutes
    programs.py --build build/release --program NBody     one (may be given several times)
    programs.py --build build/release --quick             a short look: shorter rounds, no second table
    programs.py --build build/release --check             no tables: each program computes with the farm what its first, interpreted turn did

Every program is a JVM of its own per variant; the variants run in turns within one run, and the best round counts. The second table
comes from a run of its own, with the flight recorder's compilation events and recorded bundles.
"""

import argparse
import json
import math
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
VECTORISABLE = ["IntKernels", "FloatKernels", "MatrixMultiply", "Convolution", "BitCount", "ByteHash"]
PROGRAMS = VECTORISABLE + [
    "Mandelbrot", "NBody", "Fannkuch", "SpectralNorm", "Fourier", "Sieve", "Quicksort", "ObjectSort", "Distance", "BinaryTrees", "Richards",
    "DeltaBlue", "OwnHashMap", "UtilHashMap", "Collections", "StringBuilding", "JsonParsing", "LzCompression", "Regex", "Streams", "BigNumbers",
    "Sha256", "StackMachine", "Exceptions", "Locks"]
BUNDLES_MAX = 25  # bundles per program that are compiled again for the table of stages


def mean(values):
    """The geometric mean."""
    return math.exp(sum(map(math.log, values)) / len(values))


class Bench:
    def __init__(self, arguments, folder):
        self.build = pathlib.Path(arguments.build).resolve()
        self.folder = folder
        self.java = ["-Xmx512m", "-Xms512m", *arguments.jvm]
        quick = arguments.quick
        self.turns = arguments.turns or 1
        self.times = [str(arguments.warm_up or (1000 if quick else 3000)), "3" if quick else "5", "150" if quick else "300"]
        subprocess.run(["javac", "-d", folder, *map(str, (HERE / "programs").glob("*.java"))], check=True)

    def command(self, name, variant, flags=(), farm=(), times=None):
        flags = [*self.java, *flags, *(["-XX:TieredStopAtLevel=1"] if variant == "C1" else [])]
        java = ["java", *flags, "-cp", str(self.folder), "Harness", name, *(times or self.times)]
        return [f"{self.build}/bin/jitfarm", "run", "--require", *farm, "--", *java] if variant == "farm" else java

    @staticmethod
    def run(command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        rows = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2]
        if done.returncode != 0 or len(rows) != 1:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
        return int(rows[0][1]), rows[0][2]

    def speed(self, name):
        """Nanoseconds of one iteration by variant."""
        best, checks = {}, {}
        for _ in range(self.turns):
            for variant in ("C1", "C2", "farm"):
                ns, checks[variant] = self.run(self.command(name, variant))
                best[variant] = min(ns, best.get(variant, ns))
        if len(set(checks.values())) != 1:
            raise RuntimeError(f"{name}: checksums differ: {checks}")
        return best

    def check(self, name):
        """The harness compares every turn with the first."""
        ns, checksum = self.run(self.command(name, "farm", times=["300", "1", "50"]))
        print(f"{name:15} {ns:11} {checksum}", flush=True)

    def compilations(self, recording):
        """The tier 4 compilations of a flight recording: {(method, on-stack replacement): milliseconds}, and the methods that failed."""
        text = subprocess.run(["jfr", "print", "--events", "jdk.Compilation", str(recording)], capture_output=True, text=True, check=True).stdout
        done, failed = {}, []
        for event in text.split("jdk.Compilation {")[1:]:
            value = dict(re.findall(r"(\w+) = (.*)", event))
            if value["compileLevel"] != "4":
                continue
            number, unit = value["duration"].split()
            if value["succeded"] == "true":
                done[value["method"], value["isOsr"]] = float(number) * {"s": 1e3, "ms": 1, "us": 1e-3, "ns": 1e-6}[unit]
            else:
                failed.append(value["method"])
        return done, failed

    def look(self, name):
        """What the compilers did during one more run of each."""
        found = {}
        bundles, report = self.folder / f"bundles-{name}", self.folder / "report.json"
        for variant in ("C2", "farm"):
            recording = self.folder / f"{name}-{variant}.jfr"
            recorder = ["-Xlog:jfr*=off", f"-XX:StartFlightRecording:settings=none,+jdk.Compilation#enabled=true,+jdk.Compilation#threshold=0ms,filename={recording}"]
            self.run(self.command(name, variant, recorder, ["--report", str(report), "--record", str(bundles)], ["2000", "1", "100"]))
            found[variant], failed = self.compilations(recording)
            recording.unlink()
        latest = {}  # by method: the last of its recompilations
        for bundle in sorted(bundles.iterdir(), key=lambda b: b.stat().st_mtime):
            latest[bundle.name.split("-", 2)[2]] = bundle
        own = [b for n, b in latest.items() if n.startswith(name)]
        chosen = (own + [b for b in latest.values() if b not in own])[:BUNDLES_MAX]
        stages = {}
        for bundle in chosen:
            text = subprocess.run([f"{self.build}/bin/jitfarm", "replay", "--times", str(bundle)], capture_output=True, text=True).stdout
            times = {stage: float(ms) for stage, ms in re.findall(r"^(\w+) +([\d.]+) ms$", text, re.M)}
            for stage, ms in [*times.items(), ("together", sum(times.values()))]:
                stages.setdefault(stage, []).append(ms)
        return {"report": json.loads(report.read_text()), "C2": found["C2"], "farm": found["farm"], "failed": failed, "stages": stages}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--program", action="append", choices=PROGRAMS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--turns", type=int, help="runs of each variant; default 1")
    parser.add_argument("--warm-up", type=int, help="milliseconds of CPU time")
    parser.add_argument("--jvm", action="append", default=[], metavar="FLAG", help="a JVM option for all variants")
    parser.add_argument("--json", metavar="FILE", help="write the numbers here, too")
    arguments = parser.parse_args()
    names = arguments.program or PROGRAMS
    speed, looks, problems = {}, {}, []
    with tempfile.TemporaryDirectory(prefix="jitfarm-programs-") as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        if arguments.check:
            for name in names:
                bench.check(name)
            return 0
        print(f"{'program':15} {'C1 ns':>11} {'C2 ns':>11} {'farm ns':>11} {'C1/farm':>8} {'C2/farm':>8}", flush=True)
        for name in names:
            try:
                speed[name] = s = bench.speed(name)
                print(f"{name:15} {s['C1']:11} {s['C2']:11} {s['farm']:11} {s['C1'] / s['farm']:8.2f} {s['C2'] / s['farm']:8.2f}", flush=True)
            except (RuntimeError, subprocess.TimeoutExpired) as problem:
                problems.append(str(problem))
                print(f"{name:15} FAILED", flush=True)
        for title, group in (("all programs", names), ("vectorisable kernels", VECTORISABLE), ("the others", [n for n in names if n not in VECTORISABLE])):
            group = [n for n in group if n in speed]
            if group:
                means = "".join(f"   {other}/farm {mean([speed[n][other] / speed[n]['farm'] for n in group]):.2f}" for other in ("C1", "C2"))
                print(f"geometric mean, {title} ({len(group)}):{means}")
        if not arguments.quick:
            print("\nCompilations at tier 4; ms: the median of the wall time that HotSpot's flight recorder saw, of the methods that both compiled")
            print(f"{'program':15} {'asked':>6} {'inst.':>6} {'inval.':>6} {'both':>6} {'C2 ms':>7} {'farm ms':>8}  not installed", flush=True)
            for name in speed:
                try:
                    looks[name] = look = bench.look(name)
                except (RuntimeError, subprocess.TimeoutExpired) as problem:
                    problems.append(str(problem))
                    print(f"{name:15} FAILED", flush=True)
                    continue
                m, both = look["report"]["methods"], look["C2"].keys() & look["farm"].keys()
                median = {v: statistics.median(look[v][k] for k in both) if both else 0 for v in ("C2", "farm")}
                rest = [f"{reason} {n}" for reason, n in {**m["bailed_out"], **m["failed_by_error"]}.items()]
                rest += sorted({f[:60] for f in look["failed"] if f.startswith(name)})
                print(f"{name:15} {m['requested']:6} {m['installed']:6} {m['invalidated']:6} {len(both):6} {median['C2']:7.2f} {median['farm']:8.2f}  {', '.join(rest)}", flush=True)
            pairs = [(look["C2"][k], look["farm"][k]) for look in looks.values() for k in look["C2"].keys() & look["farm"].keys()]
            if pairs:
                print(f"median over all {len(pairs)}: C2 {statistics.median(p[0] for p in pairs):.2f} ms, farm {statistics.median(p[1] for p in pairs):.2f} ms; "
                      f"median of the ratios farm/C2 {statistics.median(b / max(a, 1e-3) for a, b in pairs):.2f}")
            print("\nCPU time of the compiler's stages, over up to 25 recorded compilations of each program")
            stages = {}
            for look in looks.values():
                for stage, times in look["stages"].items():
                    stages.setdefault(stage, []).extend(times)
            whole = sum(stages.get("together", []))
            for stage, times in stages.items():
                print(f"{stage:15} median {statistics.median(times):8.3f} ms   mean {statistics.mean(times):8.3f} ms   {100 * sum(times) / whole:5.1f} %")
    if arguments.json:
        numbers = {n: {**speed[n], **({"report": looks[n]["report"]} if n in looks else {})} for n in speed}
        pathlib.Path(arguments.json).write_text(json.dumps(numbers, indent=1))
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
