"""How is a Java program run with the farm, and compared with the interpreter?

Shared by differential.py and traps.py: collectors, pointer modes, the command line, and what log and report tell.
"""

import dataclasses
import json
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
EXPORTS = ["--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"]

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


def compile_java(folder, package, *flags):
    """javac of HERE/package, what it stands on, and the white box, into folder."""
    # What forces deoptimisations; the VM wants it in the boot loader.
    box = pathlib.Path(folder) / "whitebox"
    subprocess.run(["javac", "-nowarn", "-d", box, HERE / "whitebox/sun/hotspot/WhiteBox.java"], check=True)
    sources = sorted(str(p) for source in (package, "support") for p in (HERE / source).glob("*.java"))
    subprocess.run(["javac", "-nowarn", *EXPORTS, *flags, "-cp", box, "-d", folder, *sources], check=True)


def java(classes, flags, main, arguments):
    """The command line of a JVM that runs main from the folder classes."""
    box = [f"-Xbootclasspath/a:{classes}/whitebox", "-XX:+UnlockDiagnosticVMOptions", "-XX:+WhiteBoxAPI", "-XX:+DisplayVMOutputToStderr"]
    return ["java", *flags, *EXPORTS, *box, "-cp", classes, main, *arguments]


def first_difference(expected, actual):
    a, b = expected.splitlines(), actual.splitlines()
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return f"line {i + 1}:\n  interpreter: {x[:400]}\n  farm:        {y[:400]}"
    return f"lengths differ: {len(a)} and {len(b)} lines; last: {(a or ['-'])[-1][:200]} / {(b or ['-'])[-1][:200]}"


@dataclasses.dataclass
class FarmRun:
    """One run with an embedded farm. Files are in the folder that was given: NAME.json, NAME.log, NAME-hs_err.log."""

    returncode: int  # None: it hung and was ended
    stdout: str
    stderr: str
    log: pathlib.Path
    crash_file: pathlib.Path
    methods: dict  # of the report: requested, installed, bailed_out..

    def problems(self):
        """What a run must never show, whatever it ran."""
        found = []
        if self.returncode is None:
            found.append(f"hangs: {self.stdout[-300:]}")
        elif self.returncode != 0:
            found.append(f"exit code {self.returncode}: {self.stderr[-2000:]}" + (f" (see {self.crash_file})" if self.crash_file.exists() else ""))
        if {e for e in self.methods.get("failed_by_error", {}) if e != "cancelled"}:  # cancelled: by the end of the JVM
            found.append(f"methods failed: {json.dumps(self.methods)}")
        if self.methods.get("bailed_out", {}).get("internal_error"):
            found.append(f"internal errors of the compiler: {json.dumps(self.methods['bailed_out'])}")
        return found

    def outcomes(self):
        """(class with slashes, method, descriptor, outcome) of each compilation in the log; outcome "installed" or the reason why not."""
        for line in self.log.read_text(errors="replace").splitlines():
            match = re.search(r"compile \d+ (\S+)\.([^.(\s]+)(\([^:\s]*): (?:(installed)|bails out, (\S+))", line)
            if match:
                owner, method, descriptor, installed, reason = match.groups()
                yield owner, method, descriptor, installed or reason


def _text(output):
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""


def run_with_farm(build, keep, name, command, flags, timeout):
    """Runs command (java, then its arguments) with flags of ours and the farm of a build folder."""
    keep = pathlib.Path(keep)
    report, log, crash_file = keep / f"{name}.json", keep / f"{name}.log", keep / f"{name}-hs_err.log"
    for old in (report, log, crash_file):  # programs of the farm append to a log
        old.unlink(missing_ok=True)
    crash = [f"-XX:ErrorFile={crash_file}", "-XX:-CreateCoredumpOnCrash"]
    whole = [f"{build}/bin/jitfarm", "run", "--report", str(report), "--farm-log", str(log), "--", command[0], *flags, *crash, *command[1:]]
    try:
        done = subprocess.run(whole, capture_output=True, text=True, timeout=timeout, env={**os.environ, "JITFARM_LOG": "debug"})
        returncode, stdout, stderr = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as e:
        returncode, stdout, stderr = None, _text(e.stdout), _text(e.stderr)
    methods = json.loads(report.read_text()).get("methods", {}) if report.exists() else {}
    return FarmRun(returncode, stdout, stderr, log, crash_file, methods)
