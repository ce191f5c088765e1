#!/usr/bin/env python3
"""Real programs give the same output with the farm as without.

javac over a part of the JDK, Rhino, and H2 run once without the farm and then with it, under default flags and under -Xcomp.

    real_programs.py --build build/release javac rhino h2 --repeat 10
    real_programs.py --build build/release h2 --mode default
"""

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
JAR = pathlib.Path("/usr/share/java")
MODES = {
    "default": [],
    # -Xcomp compiles every method before its first call; BackgroundCompilation would hide a wait.
    "xcomp": ["-Xcomp"],
}


def java_home():
    import shutil
    return pathlib.Path(shutil.which("java")).resolve().parents[1]


class Javac:
    """The JDK's compiler over java/util/concurrent: what it prints, and a digest of every class file."""

    packages = ("java.base/java/util/concurrent/", "java.base/java/util/stream/")

    def __init__(self, folder):
        self.folder = folder
        archive = zipfile.ZipFile(java_home() / "lib/src.zip")
        names = [n for n in archive.namelist() if n.startswith(self.packages) and n.endswith(".java")]
        archive.extractall(folder / "source", names)
        (folder / "files").write_text("".join(f"{folder}/source/{n}\n" for n in names))

    def command(self, flags):
        self.classes = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        return ["java", "-Xmx1g", *flags, "-m", "jdk.compiler/com.sun.tools.javac.Main", "-nowarn", "-XDignore.symbol.file", "--patch-module",
                f"java.base={self.folder}/source/java.base", "-d", str(self.classes), f"@{self.folder}/files"]

    def result(self, output):
        files = sorted(self.classes.rglob("*.class"))
        assert len(files) > 300, f"javac wrote {len(files)} classes: {output[-2000:]}"
        return output + "".join(f"{f.relative_to(self.classes)} {hashlib.sha256(f.read_bytes()).hexdigest()}\n" for f in files)


class Rhino:
    """A JavaScript program in Rhino, compiled by Rhino to classes."""

    def __init__(self, folder):
        pass

    def command(self, flags):
        return ["java", "-Xmx512m", *flags, "-cp", str(JAR / "rhino.jar"), "org.mozilla.javascript.tools.shell.Main", "-opt", "1", str(HERE / "programs/script.js")]

    def result(self, output):
        assert "matrix" in output and "tries" in output, output
        return output


class H2:
    """An SQL script in an H2 database in memory."""

    def __init__(self, folder):
        pass

    def command(self, flags):
        return ["java", "-Xmx512m", *flags, "-cp", str(JAR / "h2.jar"), "org.h2.tools.RunScript", "-url", "jdbc:h2:mem:test", "-script", str(HERE / "programs/database.sql"), "-showResults"]

    def result(self, output):
        assert output.count("\n") > 150, output[-2000:]
        return output


PROGRAMS = {"javac": Javac, "rhino": Rhino, "h2": H2}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="*", default=list(PROGRAMS), help=", ".join(PROGRAMS))
    parser.add_argument("--build", required=True)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=900, help="seconds per run")
    arguments = parser.parse_args()
    failures = 0
    for name in arguments.program:
        with tempfile.TemporaryDirectory(prefix=f"jitfarm-{name}-") as folder:
            folder = pathlib.Path(folder)
            program = PROGRAMS[name](folder)
            plain = subprocess.run(program.command([]), capture_output=True, text=True, timeout=arguments.timeout)
            assert plain.returncode == 0, plain
            expected = program.result(plain.stdout + plain.stderr)
            for mode in arguments.mode or MODES:
                for turn in range(arguments.repeat):
                    file = folder / "report.json"
                    command = program.command([*MODES[mode], f"-XX:ErrorFile={folder}/hs_err.log", "-XX:-CreateCoredumpOnCrash"])
                    problem = ""
                    try:
                        done = subprocess.run([f"{arguments.build}/bin/jitfarm", "run", "--require", "--report", str(file), "--", *command],
                                              capture_output=True, text=True, timeout=arguments.timeout)
                        if done.returncode != 0:
                            problem = f"exit code {done.returncode}: {(done.stdout + done.stderr)[-2000:]}"
                        elif (actual := program.result(done.stdout + done.stderr)) != expected:
                            problem = "output differs:\n" + "\n".join(x for x in actual.splitlines() if x not in expected.splitlines())[:2000]
                    except subprocess.TimeoutExpired:
                        problem = f"not done after {arguments.timeout} s"
                    m = json.loads(file.read_text())["methods"] if file.exists() else {}
                    errors = {e: n for e, n in m.get("failed_by_error", {}).items() if e != "cancelled"}  # by the end of the JVM
                    if errors or m.get("bailed_out", {}).get("internal_error"):
                        problem += f" failures: {m}"
                    print(f"{'FAIL' if problem else 'ok  '}  {name:6} {mode:8} {turn + 1:3}  requested {m.get('requested', 0):6}  installed {m.get('installed', 0):6}  invalidated {m.get('invalidated', 0):6}", flush=True)
                    if problem:
                        failures += 1
                        print("      " + problem, flush=True)
                        if (folder / "hs_err.log").exists():
                            print((folder / "hs_err.log").read_text()[:6000], flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
