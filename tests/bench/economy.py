#!/usr/bin/env python3
"""How much does a farm ask its clients? Round trips, bytes and latency of compilations, against the limits that the project sets itself.

    economy.py --build build/release                    # javac, H2 and Clojure; 1 JVM, the next one, 8 at once; delays of 0, 1 and 8 ms
    economy.py --build build/release --program h2 --jvms 4 --row 1 --row next --parts

With --parts, what the bytes of each row consist of, by message and fact kind.

Every row is a fresh farm (but "next", which comes after another client of the same program). Round trips are counted from the 200th
compilation of a JVM on, bytes (agent to coordinator, requests and answers) over the whole run. A delay lies between agent and
coordinator, half of it in each direction. A row that breaks a limit is marked, and the exit code is 1.
"""

import argparse
import json
import os
import pathlib
import queue
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from farm import Farm  # noqa: E402
import real_programs  # noqa: E402
from wire_count import Tap  # noqa: E402
from wire_parts import Parts  # noqa: E402

WARM = 200  # compilations of a JVM before its round trips count
TRIPS = {"median": 0, "mean": 1.0, "p99": 4}
FIRST_BYTES, NEXT_BYTES = 16 * 1024, 4 * 1024  # per compilation, on average
DELAYS = {1: 2, 8: 4}  # milliseconds -> how many of them the median latency may grow by
# Programs of some seconds compile many hundred methods with the scaling, as those of minutes do without. -Xbatch: a thread waits for the code that it
# asked for, else a loaded machine would end the program before most of its compilations.
FLAGS = ["-XX:CompileThresholdScaling=0.03", "-Xbatch"]


class LongJavac(real_programs.Javac):
    """More packages: some seconds of work, so that the compiler goes on after its first methods."""

    packages = ("java/util/", "java/text/", "java/time/", "java/math/")


class LongH2(real_programs.H2):
    """A database that works for a while: many kinds of statements."""

    def command(self, flags, heap):
        script = self.folder / "all.sql"
        script.write_text("".join((real_programs.HERE / f"programs/{name}.sql").read_text() for name in ("database", "database_more")))
        command = super().command(flags, heap)
        return [str(script) if part.endswith("database.sql") else part for part in command]


class LongClojure(real_programs.Clojure):
    """Two scripts; the second one does many different things, and compiles functions as it goes."""

    def command(self, flags, heap):
        *command, script = super().command(flags, heap)
        return [*command, "-i", script, "-i", str(real_programs.HERE / "programs/script_more.clj")]


PROGRAMS = {"javac": LongJavac, "h2": LongH2, "clojure": LongClojure}


class DelayingProxy:
    """Forwards one TCP port of the loopback to another, every byte half of `milliseconds` later in each direction."""

    def __init__(self, target, milliseconds):
        self.target, self.seconds = target, milliseconds / 2000
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            for a, b in ((client, server), (server, client)):
                a.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                later = queue.SimpleQueue()
                threading.Thread(target=self.read, args=(a, later), daemon=True).start()
                threading.Thread(target=self.write, args=(b, later), daemon=True).start()

    def read(self, source, later):
        data = b"-"
        while data:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            later.put((time.monotonic() + self.seconds, data))

    @staticmethod
    def write(sink, later):
        while True:
            due, data = later.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(data)
            except OSError:
                return

    def close(self):
        self.listener.close()


class Client:
    """One JVM of the program."""

    def __init__(self, farm, program, endpoint):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=program.folder))
        self.report, self.log = self.folder / "report.json", self.folder / "agent.log"
        command = [str(farm.build / "bin/jitfarm"), "run", "--require", "--coordinator", endpoint, "--report", str(self.report), "--farm-log", str(self.log), "--",
                   *program.command(FLAGS, program.heap)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "JITFARM_LOG": "debug"})
        farm.processes.append(self.process)

    def wait(self):
        if self.process.wait() != 0:
            raise SystemExit(f"client: a client ended with {self.process.returncode}: {self.log.read_text(errors='replace')[-3000:]}")
        found = re.findall(r"debug\] compile \d+ \S+: installed, .*?, (\d+) waves, ([\d.]+) ms", self.log.read_text(errors="replace"))
        if not found:
            raise SystemExit(f"no compilation in {self.log}")
        self.trips, self.latencies = [int(n) for n, _ in found], [float(ms) for _, ms in found]
        messages = json.loads(self.report.read_text())["messages"]
        self.sent = sum(messages.get(kind, {}).get("bytes", 0) for kind in ("compile_request", "fact_answer"))


def measure(build, program, jvms, delay=0, before=0, parts=None):
    """Clients of a fresh farm, `before` of them one after the other and not counted. Parts, when given, see the messages of the others."""
    with Farm(build) as farm:
        farm.start_coordinator()
        farm.start_worker()
        endpoint = farm.endpoints["agents"]
        proxy = None
        if delay:
            host, port = endpoint.removeprefix("tcp://").split(":")
            proxy = DelayingProxy((host, int(port)), delay)
            endpoint = f"tcp://127.0.0.1:{proxy.port}"
        for _ in range(before):
            Client(farm, program, endpoint).wait()
        if parts:
            endpoint = Tap(endpoint, parts.seen).endpoint
        clients = [Client(farm, program, endpoint) for _ in range(jvms)]
        for client in clients:
            client.wait()
        if proxy:
            proxy.close()
    return clients


class Table:
    def __init__(self):
        self.broken = 0
        print(f"{'program':9} {'JVMs':>5} {'delay':>6} {'compiled':>9} | round trips: {'median':>6} {'mean':>6} {'p99':>4} | {'bytes each':>10} | {'latency ms, median':>18}  limits broken", flush=True)

    def row(self, name, what, delay, clients, bytes_max=None, latency_max=None):
        warm = sorted(n for c in clients for n in c.trips[WARM:])
        compiled = sum(len(c.trips) for c in clients)
        each = sum(c.sent for c in clients) / compiled
        latency = statistics.median(ms for c in clients for ms in c.latencies)
        broken = []
        if warm:
            trips = {"median": statistics.median(warm), "mean": statistics.fmean(warm), "p99": warm[min(len(warm) - 1, int(0.99 * len(warm)))]}
            broken += [f"{k} of round trips above {TRIPS[k]}" for k, v in trips.items() if v > TRIPS[k]]
        else:
            trips = dict.fromkeys(TRIPS, float("nan"))
            broken.append(f"fewer than {WARM} compilations")
        if bytes_max and each > bytes_max:
            broken.append(f"more than {bytes_max} bytes")
        if latency_max and latency > latency_max:
            broken.append(f"latency above {latency_max:.1f} ms")
        self.broken += len(broken)
        print(f"{name:9} {what:>5} {delay:>4}ms {compiled:9} |              {trips['median']:6.0f} {trips['mean']:6.3f} {trips['p99']:4.0f} | {each:10.0f} | {latency:18.2f}  {', '.join(broken)}", flush=True)
        return latency


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the farm goes with us
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--program", action="append", choices=PROGRAMS, help="default: javac, h2, clojure")
    parser.add_argument("--jvms", type=int, default=8, help="at once")
    parser.add_argument("--row", action="append", choices=["1", "next", "many", "delayed"], help="default: all")
    parser.add_argument("--parts", action="store_true", help="of the bytes that clients send")
    arguments = parser.parse_args()
    table = Table()
    for name in arguments.program or ["javac", "h2", "clojure"]:
        with tempfile.TemporaryDirectory(prefix=f"jitfarm-economy-{name}-") as folder:
            program = PROGRAMS[name](pathlib.Path(folder))
            def row(what, jvms, bytes_max, delay=0, latency_max=None, before=0):
                parts = Parts() if arguments.parts else None
                clients = measure(arguments.build, program, jvms, delay, before, parts)
                median = table.row(name, what, delay, clients, bytes_max, latency_max)
                if parts:
                    parts.print(sum(len(c.trips) for c in clients))
                return median

            rows = arguments.row or ["1", "next", "many", "delayed"]
            if "1" in rows or "delayed" in rows:
                latency = row("1", 1, FIRST_BYTES)
            if "next" in rows:
                row("next", 1, NEXT_BYTES, before=1)
            if "many" in rows:
                row(str(arguments.jvms), arguments.jvms, FIRST_BYTES)
            if "delayed" in rows:
                for delay, growth in DELAYS.items():
                    row("1", 1, FIRST_BYTES, delay, latency + delay * growth)
    print(f"{table.broken} limits broken")
    return 1 if table.broken else 0


if __name__ == "__main__":
    sys.exit(main())
