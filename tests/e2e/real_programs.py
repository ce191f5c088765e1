#!/usr/bin/env python3
"""Real programs give the same output with the farm as without, and nearly every compilation that HotSpot asks for is installed.

Each program runs once without the farm; then with it, in every combination that is asked for, and a row of the table per run. A run
fails when its output differs, when the JVM crashes or hangs, or when less than 99 % of the compilations are installed.

    real_programs.py --build build/release                                    # every program once, as users run it
    real_programs.py --build build/release h2 rhino --mode xcomp --repeat 10
    real_programs.py --build build/release --matrix                           # all modes, collectors and pointers; hours
    real_programs.py --build build/release --matrix ant --collector Serial    # a part of it

A compilation is a method, or one of its loops (on-stack replacement), that HotSpot asked for at tier 4, however often; it counts as installed when
one of its requests was. Requests that the end of the JVM cut off count for nothing.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
JAR = pathlib.Path("/usr/share/java")
INSTALLED_MIN = 99.0  # percent
LEFT_MAX = 1  # in a run of less than a hundred compilations
MODES = {
    "default": [],
    "xcomp": ["-Xcomp"],
    "small": ["-Xmn2m"],  # and a small heap: it is collected all the time
}
COLLECTORS = ["Serial", "Parallel", "G1"]
POINTERS = {
    "unscaled": [],  # a small heap lies below 4 GiB: base 0, shift 0
    "scaled": ["-XX:HeapBaseMinAddress=8g"],  # base 0, shift 3
    "based": ["-XX:HeapBaseMinAddress=40g"],  # base not 0
    "off": ["-XX:-UseCompressedOops"],
}


def java_home():
    return pathlib.Path(shutil.which("java")).resolve().parents[1]


def class_path(*jars):
    files = [f for jar in jars for f in sorted(JAR.glob(jar))]
    assert len(files) >= len(jars), f"{jars} are not all in {JAR}: scripts/setup installs them"
    return ":".join(map(str, files))


def jdk_sources(folder, *packages):
    """Extracts source files of java.base and returns how many."""
    archive = zipfile.ZipFile(java_home() / "lib/src.zip")
    names = [n for n in archive.namelist() if n.startswith(tuple(f"java.base/{p}" for p in packages)) and n.endswith(".java")]
    archive.extractall(folder, names)
    return names


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


class Program:
    """A Java command line, and what of its output counts."""

    heap, small = 512, 64  # MiB; small: the least that it runs in, and a little more

    def __init__(self, folder):
        self.folder = folder

    def java(self, flags, heap):
        return ["java", f"-Xmx{heap}m", *flags]

    def result(self, output):
        raise NotImplementedError

    def compile(self, source, path):
        """Compiles one of ours, and gives the class path to run it."""
        classes = self.folder / "classes"
        subprocess.run(["javac", "-nowarn", "-d", classes, "-cp", path, HERE / f"programs/{source}.java"], check=True)
        return f"{classes}:{path}"


class Javac(Program):
    """The JDK's compiler over packages of java.base: what it prints, and a digest of every class file."""

    heap, small = 1024, 128
    packages = ("java/util/concurrent/", "java/util/stream/")
    least = 300

    def __init__(self, folder):
        super().__init__(folder)
        names = jdk_sources(folder / "source", *self.packages)
        (folder / "files").write_text("".join(f"{folder}/source/{n}\n" for n in names))

    def command(self, flags, heap):
        self.classes = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        return [*self.java(flags, heap), "-m", "jdk.compiler/com.sun.tools.javac.Main", "-nowarn", "-XDignore.symbol.file", "--patch-module",
                f"java.base={self.folder}/source/java.base", "-d", str(self.classes), f"@{self.folder}/files"]

    def result(self, output):
        files = sorted(self.classes.rglob("*.class"))
        assert len(files) > self.least, f"javac wrote {len(files)} classes: {output[-2000:]}"
        text = output + "".join(f"{f.relative_to(self.classes)} {digest(f)}\n" for f in files)
        shutil.rmtree(self.classes)
        return text


class JavacBase(Javac):
    """The same over a large part of java.base."""

    small = 256
    packages = ("java/", "javax/")
    least = 3000


class Rhino(Program):
    """A JavaScript program in Rhino, compiled by Rhino to classes."""

    small = 24

    def command(self, flags, heap):
        return [*self.java(flags, heap), "-cp", class_path("rhino.jar"), "org.mozilla.javascript.tools.shell.Main", "-opt", "1", str(HERE / "programs/script.js")]

    def result(self, output):
        assert "matrix" in output and "tries" in output, output
        return output


class H2(Program):
    """An SQL script in an H2 database in memory."""

    small = 48

    def command(self, flags, heap):
        return [*self.java(flags, heap), "-cp", class_path("h2.jar"), "org.h2.tools.RunScript", "-url", "jdbc:h2:mem:test", "-script", str(HERE / "programs/database.sql"), "-showResults"]

    def result(self, output):
        assert output.count("\n") > 150, output[-2000:]
        return output


class Clojure(Program):
    """A Clojure script, compiled form by form in memory."""

    small = 40

    def command(self, flags, heap):
        return [*self.java(flags, heap), "-cp", class_path("clojure.jar", "spec.alpha.jar", "core.specs.alpha.jar"), "clojure.main", str(HERE / "programs/script.clj")]

    def result(self, output):
        assert "ratio" in output, output[-2000:]
        return output


class Ant(Program):
    """A build by Ant: files filtered, compiled in the same JVM, packed, unpacked, checked; what it prints, and digests of what it makes."""

    small = 64

    def __init__(self, folder):
        super().__init__(folder)
        jdk_sources(folder / "source", "java/util/stream/")

    def command(self, flags, heap):
        self.work = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        return [*self.java(flags, heap), "-cp", class_path("ant.jar", "ant-launcher.jar"), "org.apache.tools.ant.Main", "-q", "-f", str(HERE / "programs/build.xml"),
                f"-Dsource={self.folder}/source/java.base", f"-Dwork={self.work}"]

    def result(self, output):
        assert "BUILD SUCCESSFUL" in output, output[-2000:]
        made = [self.work / "out" / name for name in ("all.jar", "steps.txt", "concatenated.txt")]
        text = re.sub(r"Total time: .*", "", output) + "".join(f"{f.name} {digest(f)}\n" for f in made)
        shutil.rmtree(self.work)
        return text


class Tomcat(Program):
    """An embedded Tomcat that answers thousands of requests of clients in the same JVM."""

    small = 24

    def __init__(self, folder):
        super().__init__(folder)
        self.path = self.compile("WebServer", class_path("tomcat10-embed-core.jar", "jakarta-annotation-api.jar"))
        (folder / "base").mkdir()

    def command(self, flags, heap):
        return [*self.java(flags, heap), "-cp", self.path, "WebServer", "2000", str(self.folder / "base")]

    def result(self, output):
        assert "served 8000" in output, output[-2000:]
        return output


class Xalan(Program):
    """A style sheet that sorts and groups, interpreted by Xalan and compiled by it."""

    small = 24

    def __init__(self, folder):
        super().__init__(folder)
        self.path = self.compile("XmlTransformation", class_path("xalan2.jar", "serializer.jar", "xercesImpl.jar"))

    def command(self, flags, heap):
        return [*self.java(flags, heap), "-cp", self.path, "XmlTransformation", "10"]

    def result(self, output):
        assert output.count("</report>") == 2, output[-2000:]
        return output


class Lucene(Program):
    """A text index in memory, written, merged and searched."""

    small = 40

    def __init__(self, folder):
        super().__init__(folder)
        self.path = self.compile("TextSearch", class_path("lucene-core-8.*.jar", "lucene-analyzers-common-8.*.jar"))

    def command(self, flags, heap):
        return [*self.java(flags, heap), "-cp", self.path, "TextSearch", "3000"]

    def result(self, output):
        assert output.count("\n") == 1201, output[-2000:]
        return output


class Derby(Program):
    """A Derby database in memory, by JDBC."""

    small = 40

    def __init__(self, folder):
        super().__init__(folder)
        self.path = self.compile("Database", class_path("derby.jar"))

    def command(self, flags, heap):
        return [*self.java(flags, heap), f"-Dderby.stream.error.file={self.folder}/derby.log", "-cp", self.path, "Database", "3000"]

    def result(self, output):
        assert "dropped 08006" in output, output[-2000:]
        return output


PROGRAMS = {"javac": Javac, "javac_base": JavacBase, "rhino": Rhino, "h2": H2, "clojure": Clojure, "ant": Ant, "tomcat": Tomcat, "xalan": Xalan,
            "lucene": Lucene, "derby": Derby}


class Coverage:
    """What became of the compilations of one run, from HotSpot's log (who was asked for, at which loop) and the agent's (what came of it)."""

    def __init__(self, jit_log, farm_log):
        asked = {}  # compile id -> bytecode index of the loop, "" for the method
        for line in jit_log:
            match = re.match(r"\[[\d.]+s\]\[debug\]\[jit,compilation\] +(\d+) (.{5}) +4 +\S+(?: @ (\d+))? \(", line)
            if match and "made not" not in line:
                asked[match[1]] = match[3] or ""
        self.installs, refusals, cut_off = collections.Counter(), {}, set()
        for line in farm_log:
            match = re.search(r"debug\] compile (\d+) (\S+): (installed|bails out, (\w+)|failed, (\w+)|cut off)", line)
            if not match:
                continue
            key = match[2] + (f" @ {asked[match[1]]}" if asked.get(match[1]) else "")
            if match[3] == "installed":
                self.installs[key] += 1
            elif match[3] == "cut off":
                cut_off.add(key)
            else:
                refusals[key] = match[4] or match[5]
        self.left = {k: r for k, r in refusals.items() if k not in self.installs}
        self.asked = len(self.installs) + len(self.left)
        self.installed = len(self.installs)

    def percent(self):
        return 100.0 * self.installed / max(1, self.asked)

    def reasons(self):
        return ", ".join(f"{reason} {n}" for reason, n in collections.Counter(self.left.values()).most_common())

    def often(self):
        return ", ".join(f"{name} {n} times" for name, n in self.installs.most_common(5) if n > 5)


def run(arguments, program, flags, heap, expected, folder):
    """One run with the farm: (problem or "", coverage, methods of the report, seconds of the JVM)."""
    report, jit_log, farm_log, crash = (folder / f for f in ("report.json", "jit.log", "farm.log", "hs_err.log"))
    for file in (report, jit_log, farm_log, crash):
        file.unlink(missing_ok=True)
    command = program.command([*flags, f"-Xlog:jit+compilation=debug:file={jit_log}:uptime,level,tags:filecount=0", f"-XX:ErrorFile={crash}", "-XX:-CreateCoredumpOnCrash"], heap)
    problem = ""
    try:
        done = subprocess.run([f"{arguments.build}/bin/jitfarm", "run", "--require", "--report", str(report), "--farm-log", str(farm_log), "--", *command],
                              capture_output=True, text=True, timeout=arguments.timeout, env={**os.environ, "JITFARM_LOG": "debug"})
        if done.returncode != 0:
            problem = f"exit code {done.returncode}: {(done.stdout + done.stderr)[-2000:]}"
        elif (actual := program.result(done.stdout + done.stderr)) != expected:
            problem = "output differs:\n" + "\n".join(x for x in actual.splitlines() if x not in expected.splitlines())[:2000]
    except subprocess.TimeoutExpired:
        problem = f"not done after {arguments.timeout} s"
    except AssertionError as error:
        problem = f"output is not that of the program: {error}"
    if crash.exists():
        problem += "\n" + crash.read_text(errors="replace")[:6000]
    r = json.loads(report.read_text()) if report.exists() else {"methods": {}, "jvm": {}}
    lines = [file.open(errors="replace") if file.exists() else [] for file in (jit_log, farm_log)]
    coverage = Coverage(*lines)
    if r["methods"].get("bailed_out", {}).get("internal_error"):
        problem += f" the compiler broke its own rules: {r['methods']}"
    if coverage.percent() < INSTALLED_MIN and len(coverage.left) > LEFT_MAX:
        problem += f" only {coverage.percent():.1f} % installed"
    return problem, coverage, r["methods"], r["jvm"].get("wall_seconds", 0)


def combinations(arguments):
    """(name of the mode, flags for the JVM)"""
    matrix = arguments.matrix
    for mode in arguments.mode or (MODES if matrix else ["default"]):
        for collector in arguments.collector or (COLLECTORS if matrix else ["G1"]):
            for pointers in arguments.pointers or (POINTERS if matrix else ["unscaled"]):
                flags = [f"-XX:+Use{collector}GC", *POINTERS[pointers], *MODES[mode]]
                yield mode, collector, pointers, flags


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="*", default=list(PROGRAMS), help=", ".join(PROGRAMS))
    parser.add_argument("--build", required=True)
    parser.add_argument("--matrix", action="store_true", help="whatever is not restricted by an option in all its values")
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--collector", action="append", choices=COLLECTORS)
    parser.add_argument("--pointers", action="append", choices=POINTERS)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=900, help="seconds per run")
    parser.add_argument("--details", action="store_true", help="name every compilation that was not installed, and those that were installed more than five times")
    arguments = parser.parse_args()
    failures = 0
    print(f"      {'program':10} {'mode':8} {'collector':9} {'pointers':9} {'s':>6} {'asked':>6} {'inst.':>6} {'%':>6} {'inval.':>6}  not installed")
    for name in arguments.program:
        with tempfile.TemporaryDirectory(prefix=f"jitfarm-{name}-") as folder:
            folder = pathlib.Path(folder)
            program = PROGRAMS[name](folder)
            plain = subprocess.run(program.command([], program.heap), capture_output=True, text=True, timeout=arguments.timeout)
            assert plain.returncode == 0, plain
            expected = program.result(plain.stdout + plain.stderr)
            for mode, collector, pointers, flags in combinations(arguments):
                for _ in range(arguments.repeat):
                    heap = program.small if mode == "small" else program.heap
                    problem, coverage, methods, seconds = run(arguments, program, flags, heap, expected, folder)
                    print(f"{'FAIL' if problem else 'ok  '}  {name:10} {mode:8} {collector:9} {pointers:9} {seconds:6.1f} {coverage.asked:6} {coverage.installed:6} "
                          f"{coverage.percent():6.2f} {methods.get('invalidated', 0):6}  {coverage.reasons()}", flush=True)
                    if arguments.details:
                        for method, reason in coverage.left.items():
                            print(f"        {reason}: {method}")
                        if coverage.often():
                            print(f"        installed {coverage.often()}", flush=True)
                    if problem:
                        failures += 1
                        print("      " + problem, flush=True)
    print(f"{failures} runs failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
