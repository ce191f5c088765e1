"""A real farm and real JVMs for end-to-end tests: processes of the test, gone with it."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPORTS = ["--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"]
HOT = ["-Xbatch", "-XX:CompileThresholdScaling=0.01", "-Xmx512m"]


def wait_until(condition, seconds, what):
    """Polls; the time is a bound on failure, not a delay."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def find_java(feature):
    """JITFARM_JDK25 (or another release), else a JDK of it under /usr/lib/jvm; without one the test is skipped."""
    home = os.environ.get(f"JITFARM_JDK{feature}")
    homes = [pathlib.Path(home)] if home else sorted(pathlib.Path("/usr/lib/jvm").glob("*"))
    for found in homes:
        if (found / "bin/java").exists() and (home or re.search(rf"(?<!\d){feature}(?!\d)", found.name)):
            return str(found / "bin/java")
    print(f"skipped: no JDK {feature} in JITFARM_JDK{feature} or /usr/lib/jvm")
    sys.exit(77)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Farm:
    """Coordinator and workers as separate processes. Use as a context manager."""

    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jitfarm-e2e-"))
        self.processes = []
        self.endpoints = {}
        self.coordinator = None
        self.classes = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        if kind is None:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"logs and reports are in {self.folder}", file=sys.stderr)

    def _start(self, name, arguments, environment=None):
        log = open(self.folder / f"{name}-{len(self.processes)}.log", "wb")
        process = subprocess.Popen(
            [str(self.build / "bin" / name), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, **(environment or {})})
        log.close()
        self.processes.append(process)
        return process

    def start_coordinator(self, arguments=()):
        """On free ports; a restart takes the ports of the one before."""
        if not self.endpoints:
            self.endpoints = {"agents": f"tcp://127.0.0.1:{free_port()}", "workers": f"tcp://127.0.0.1:{free_port()}",
                              "metrics": f"127.0.0.1:{free_port()}"}
        announce = self.folder / "announce.json"
        announce.unlink(missing_ok=True)
        self.coordinator = self._start("jitfarm-coordinator", [
            "--agents", self.endpoints["agents"], "--workers", self.endpoints["workers"], "--metrics", self.endpoints["metrics"],
            "--announce-file", str(announce), *arguments])
        wait_until(lambda: announce.exists() or self.coordinator.poll() is not None, 10, "the coordinator listens")
        assert self.coordinator.poll() is None, "the coordinator ended"
        return self.coordinator

    def start_worker(self, fault=None, arguments=()):
        environment = {"JITFARM_TEST_FAULT": fault} if fault else None
        return self._start("jitfarm-worker", ["--coordinator", self.endpoints["workers"], *arguments], environment)

    def status(self):
        out = subprocess.run([str(self.build / "bin/jitfarm"), "status", "--json", "--coordinator", self.endpoints["agents"]],
                             capture_output=True, text=True, timeout=20)
        return json.loads(out.stdout) if out.returncode == 0 else None

    def wait_for_workers(self, n):
        return wait_until(lambda: (s := self.status()) and len(s["workers"]) == n and s, 20, f"{n} workers")

    def suite(self):
        """Class folder of tests/java/suite."""
        if not self.classes:
            self.classes = self.folder / "classes"
            sources = sorted(str(p) for folder in ("suite", "support") for p in (ROOT / "tests/java" / folder).glob("*.java"))
            sources.append(str(ROOT / "tests/java/whitebox/sun/hotspot/WhiteBox.java"))  # named, not used here
            subprocess.run(["javac", "-nowarn", *EXPORTS, "-d", str(self.classes), *sources], check=True)
        return self.classes

    def workload(self, rounds=100, idle_ms=0, flags=HOT):
        """Command of programs/Workload.java: the same work and, on one thread, nearly the same compilations every time."""
        classes = self.folder / "workload"
        if not classes.exists():
            subprocess.run(["javac", "-nowarn", "-d", classes, ROOT / "tests/e2e/programs/Workload.java"], check=True)
        return ["java", *flags, "-cp", str(classes), "Workload", str(rounds), str(idle_ms)]

    def java_suite(self, cases, flags=(), rounds=40):
        return ["java", *flags, *EXPORTS, f"-Dsuite.rounds={rounds}", "-cp", str(self.suite()), "suite.Suite", *cases]

    def interpreted(self, cases):
        """What the cases print in the interpreter."""
        return subprocess.run(self.java_suite(cases, ["-Xint"], 2), capture_output=True, text=True, check=True, timeout=300).stdout

    def start_run(self, command, options=(), environment=None, coordinator=None):
        """`jitfarm run` as a process; its report is run.report() afterwards."""
        return Run(self, command, options, environment, coordinator or self.endpoints.get("agents"))


class Run:
    def __init__(self, farm, command, options, environment, coordinator):
        self.file = farm.folder / f"report-{len(farm.processes)}.json"
        arguments = ["run", "--report", str(self.file), "--farm-log", str(farm.folder / "agent.log")]
        if coordinator:
            arguments += ["--coordinator", coordinator]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [str(farm.build / "bin/jitfarm"), *arguments, *options, "--", *command], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        farm.processes.append(self.process)

    def finish(self, timeout=240):
        self.output, self.errors = self.process.communicate(timeout=timeout)
        self.seconds = time.monotonic() - self.started
        return self

    def report(self):
        return json.loads(self.file.read_text())


def main(cases):
    """faults.py --build DIR CASE..: runs functions of the calling module by name."""
    import argparse
    import inspect
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # a time-out of the test runner unwinds the farm
    for name in arguments.case or cases:
        with Farm(arguments.build) as farm:
            cases[name](farm)
        print(f"ok  {name}: {inspect.getdoc(cases[name]).splitlines()[0]}", flush=True)
