"""How are random programs compiled, and run in the interpreter and with the farm?"""

import collections
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from differential import COLLECTORS, POINTERS  # noqa: E402

# Small heaps, so that they collect all the time.
HEAP = ["-Xmx64m", "-Xmn3m", "-Xss512k"]
ONLY_PROGRAMS = ["-XX:CompileCommand=quiet", "-XX:CompileCommand=compileonly,P*::*"]
MODES = {
    # Compiled after a few dozen calls, the caller waits. The JDK's methods are left to the interpreter: they would be most of the work.
    "hot": ["-Xbatch", "-XX:CompileThresholdScaling=0.01", *ONLY_PROGRAMS],
    # The same while the program runs on; after each round it waits for the compilers, or it would be done before its first code is there.
    "behind": ["-XX:CompileThresholdScaling=0.01", "-Drandom.rest=true", *ONLY_PROGRAMS],
    # Before the first call: nothing is resolved, every method traps its way to a second compilation.
    "xcomp": ["-Xcomp", "-XX:-TieredCompilation", *ONLY_PROGRAMS],
}
# Of no program's fault: cancelled by the end of the JVM, late on a machine with much else to do, refused since a class was loaded meanwhile.
HARMLESS = ("cancelled", "deadline_passed", "install_refused")


def combination_of(batch):
    """The collector, pointers and mode of a batch: all 54 within 54 batches, every part of one within 18."""
    return "-".join((list(COLLECTORS)[batch % 3], list(POINTERS)[batch // 3 % 6], list(MODES)[(batch + batch // 18) % 3]))


def flags_of(combination):
    collector, pointers, mode = combination.split("-")
    return COLLECTORS[collector] + POINTERS[pointers] + MODES[mode]


@dataclasses.dataclass(frozen=True)
class Program:
    id: str
    folder: str  # of its classes
    name: str  # of its class


@dataclasses.dataclass
class Failure:
    kind: str  # differs, crash, hang
    detail: str


@dataclasses.dataclass
class Run:
    """One or more JVMs over a list of programs."""
    text: dict = dataclasses.field(default_factory=dict)  # id -> what it printed, of those that ended
    failures: dict = dataclasses.field(default_factory=dict)  # id -> Failure: crash, hang
    problems: list = dataclasses.field(default_factory=list)  # of no single program
    installed: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # methods by class of the program
    left: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # bail-outs of the programs' methods
    examples: dict = dataclasses.field(default_factory=dict)  # a method for each of these reasons
    requested: int = 0
    invalidated: int = 0


class Machine:
    """Compiles and runs in a scratch folder. Ends its javac with close()."""

    def __init__(self, build, scratch, patience, jobs):
        self.build, self.scratch, self.patience, self.runs = build, pathlib.Path(scratch), patience, 0
        self.classes = self.scratch / "runner"
        box = self.classes / "whitebox"
        subprocess.run(["javac", "-nowarn", "-d", box, HERE.parent / "whitebox/sun/hotspot/WhiteBox.java"], check=True)
        subprocess.run(["javac", "-nowarn", "-cp", box, "-d", self.classes, *sorted((HERE / "runner").glob("*.java"))], check=True)
        self.javac = subprocess.Popen(["java", "-Xmx700m", "-XX:+UseSerialGC", f"-Drandom.jobs={jobs}", "-cp", self.classes, "Compiler"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.javac.stdin.close()
        self.javac.wait()

    def compile(self, jobs):
        """jobs: (folder, source files); an error message or nothing for each."""
        file = self.scratch / "jobs"
        file.write_text("".join(f"{folder} {' '.join(map(str, sources))}\n" for folder, sources in jobs))
        self.javac.stdin.write(f"{self.classes} {file}\n")
        self.javac.stdin.flush()
        answers = [self.javac.stdout.readline().strip() for _ in jobs]
        return [None if a == "ok" else a.replace("|", "\n") for a in answers]

    def interpret(self, programs):
        return self.run_all(programs, None, ["-Xint", "-XX:+UseSerialGC"], False)

    def farm(self, programs, combination, wrong=False):
        return self.run_all(programs, self.build, flags_of(combination), wrong)

    def run_all(self, programs, build, flags, wrong):
        run, rest = Run(), list(programs)
        while rest:
            culprit, failure = self.run_one(rest, build, flags, wrong, run)
            if failure is None:
                break
            if culprit is None:
                run.problems.append(f"{failure.kind}: {failure.detail}")
                break
            run.failures[culprit] = failure
            rest = rest[[p.id for p in rest].index(culprit) + 1:]
        return run

    def run_one(self, programs, build, flags, wrong, run):
        """One JVM. Returns the program that broke it, and how."""
        self.runs += 1
        base = self.scratch / f"run{self.runs}"
        listed, out, report, log, crash = (base.with_suffix(s) for s in (".list", ".out", ".json", ".log", ".hs_err"))
        listed.write_text("".join(f"{p.id} {p.folder} {p.name}\n" for p in programs))
        box = [f"-Xbootclasspath/a:{self.classes}/whitebox", "-XX:+UnlockDiagnosticVMOptions", "-XX:+WhiteBoxAPI", "-XX:+DisplayVMOutputToStderr", "-Drandom.whitebox=true"]
        command = ["java", *HEAP, *flags, *box, f"-XX:ErrorFile={crash}", "-XX:-CreateCoredumpOnCrash", f"-Drandom.wrong={str(wrong).lower()}", "-cp", str(self.classes), "Programs", str(listed)]
        if build:
            command = [f"{build}/bin/jitfarm", "run", "--report", str(report), "--farm-log", str(log), "--", *command]
        with open(out, "w") as sink, open(f"{out}.err", "w") as errors:
            process = subprocess.Popen(command, stdout=sink, stderr=errors, stdin=subprocess.DEVNULL, process_group=0, env={**os.environ, "JITFARM_LOG": "debug"})
            try:
                hung = not self.watch(process, out)
            finally:
                if process.poll() is None:  # we are ended ourselves
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        failure = None
        done = self.read(out, run)
        code = process.returncode
        if hung:
            failure = Failure("hang", f"no output for {self.patience} s\n{tail(pathlib.Path(f'{out}.err'))}")
        elif code != 0 or not done[0]:
            failure = Failure("crash", f"exit code {code}\n{tail(pathlib.Path(f'{out}.err'))}\n{head(crash)}")
        if build:
            self.read_log(log, report, run)
        if failure is None:
            for file in (listed, out, report, log, pathlib.Path(f"{out}.err")):
                file.unlink(missing_ok=True)
        else:
            failure.detail += f"\nfiles: {base}.*"
        return done[1], failure

    def watch(self, process, out):
        """Waits for the end; false when it printed nothing for too long, then it is ended."""
        size, since = -1, time.monotonic()
        while True:
            try:
                process.wait(0.5)
                return True
            except subprocess.TimeoutExpired:
                pass
            if out.stat().st_size != size:
                size, since = out.stat().st_size, time.monotonic()
            if time.monotonic() - since > self.patience:
                for pid in members(process.pid):  # a JVM prints its threads' stacks
                    if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "java":
                        os.kill(pid, signal.SIGQUIT)
                time.sleep(5)
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return False

    def read(self, out, run):
        """Fills in what each program printed. Returns whether all ended, and the one that had begun last and did not."""
        current, lines, done = None, [], False
        for line in out.read_text(errors="replace").splitlines():
            if line.startswith("#begin "):
                current, lines = line[7:], []
            elif line.startswith("#end "):
                run.text[current] = "\n".join(lines)
                current = None
            elif line == "#done":
                done = True
            else:
                lines.append(line)
        return done, current

    def read_log(self, log, report, run):
        if log.exists():
            for line in log.read_text(errors="replace").splitlines():
                match = re.search(r"compile \d+ ((P\d+)(?:\$\S+?)?\.\S+): (installed|bails out, (.*?), \d+ waves)", line)
                if match and match[3] == "installed":
                    run.installed[match[2]] += 1
                elif match:
                    reason = re.sub(r"\d+", "N", match[4])
                    run.left[reason] += 1
                    run.examples.setdefault(reason, match[1])
        methods = json.loads(report.read_text())["methods"] if report.exists() else {}
        run.requested += methods.get("requested", 0)
        run.invalidated += methods.get("invalidated", 0)
        errors = {e: n for e, n in methods.get("failed_by_error", {}).items() if e not in HARMLESS}
        if errors or methods.get("bailed_out", {}).get("internal_error"):
            run.problems.append(f"methods failed: {json.dumps(methods)}")


def members(group):
    """Processes of a process group."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            found.append(int(stat.parent.name))
    return found


def tail(file, size=6000):
    return file.read_text(errors="replace")[-size:] if file.exists() else ""


def head(file, size=5000):
    return file.read_text(errors="replace")[:size] if file.exists() else ""


def first_difference(expected, actual):
    a, b = expected.splitlines(), actual.splitlines()
    for x, y in zip(a, b):
        if x != y:
            return f"interpreter: {x[:1200]}\nfarm:        {y[:1200]}"
    return f"{len(a)} lines against {len(b)}"
