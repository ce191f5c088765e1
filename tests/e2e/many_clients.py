#!/usr/bin/env python3
"""What does one coordinator do with 10,000 clients? A real session is recorded, and repeated by simulated clients.

bench_clients (tests/bench/clients) is the clients and a worker that compiles nothing; the coordinator between them is the real
one. Figures are ratios to a limit: sizes and counts are held to it, times to a multiple, since the machine is shared.
"""

import json
import os
import pathlib
import resource
import struct
import subprocess
import sys
import time
import urllib.request

import farm as e2e
import wire_count

CLIENTS = 10_000
IN_FLIGHT = 256
SCRAPE_BYTES = 5_000_000
SCRAPE_SECONDS = 0.1
SCRAPE_SLACK = 20  # a scraper in Python that waits for its turn beside three busy programs
CLIENT_BYTES = 64 * 1024  # of the coordinator's memory; 26.9 KB of it is ZeroMQ's for a connection (docs/adr/0005)
DESCRIPTORS = CLIENTS + 512
# On a machine that does much else, peers are silent for longer than a real one would be.
PATIENT = ["--client-lease-seconds", "60", "--worker-lease-seconds", "60", "--log-level", "warn"]
SKIPPED = 77


def record(farm):
    """A file of what an agent and the farm said in a session (tests/bench/clients/recording.h)."""
    file = farm.folder / "session.rec"
    with open(file, "wb") as out:
        def write(_, inwards, frames):
            out.write(struct.pack("<BI", inwards, len(frames)))
            for frame in frames:
                out.write(struct.pack("<I", len(frame)) + frame)
        farm.start_coordinator()
        worker = farm.start_worker()
        farm.wait_for_workers(1)
        tap = wire_count.Tap(farm.endpoints["agents"], write)
        run = farm.start_run(farm.workload(30), coordinator=tap.endpoint).finish()
        assert run.process.returncode == 0, run.errors
        e2e.wait_until(lambda: not farm.status()["clients"], 20, "the client is gone")
        for process in (worker, farm.coordinator):
            process.terminate()
            process.wait(30)
        with tap.lock:  # nothing is being written
            tap.seen = lambda *_: None
        assert not tap.broken, tap.broken
    return file


class Crowd:
    """Simulated clients and their worker."""

    def __init__(self, farm, recording, clients, in_flight):
        self.process = subprocess.Popen(
            [str(farm.build / "bench/bench_clients"), farm.endpoints["agents"], farm.endpoints["workers"], str(recording), str(clients), str(in_flight)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        farm.processes.append(self.process)
        self.first = self.figures()

    def figures(self):
        """Of now: the next line that it prints."""
        line = self.process.stdout.readline()
        assert line, f"bench_clients ended: {self.process.wait()}"
        return json.loads(line)

    def watch(self, seconds):
        """(compilations, messages through the coordinator, seconds) from now on."""
        before = self.figures()
        while (after := self.figures())["seconds"] < before["seconds"] + seconds:
            pass
        assert after["failed"] <= after["lost"] and after["not_sent"] == 0, after
        return after["compiled"] - before["compiled"], after["forwarded"] - before["forwarded"], after["seconds"] - before["seconds"]

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        assert self.process.wait(30) == 0


def memory(process):
    """Resident bytes."""
    return int(next(line for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("VmRSS")).split()[1]) * 1024


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def scrape(farm):
    """(seconds, bytes) of one GET /metrics."""
    began = time.monotonic()
    with urllib.request.urlopen(f"http://{farm.endpoints['metrics']}/metrics", timeout=30) as answer:
        size = len(answer.read())
    return time.monotonic() - began, size


def ten_thousand(farm):
    """10,000 clients: all are served, the metrics stay small and come in time, memory per client is bounded."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < DESCRIPTORS:
        print(f"skipped: a process may have {most} descriptors here, {DESCRIPTORS} are needed")
        sys.exit(SKIPPED)
    recording = record(farm)
    farm.start_coordinator(PATIENT)
    empty = memory(farm.coordinator)
    crowd = Crowd(farm, recording, CLIENTS, IN_FLIGHT)
    assert crowd.first["clients"] == CLIENTS, crowd.first
    joined = memory(farm.coordinator)
    crowd.watch(2)
    cpu = processor_seconds(farm.coordinator)
    # Scrapes more often than any Prometheus, while the traffic goes on.
    scraper = subprocess.Popen([sys.executable, __file__, "--scrape", farm.endpoints["metrics"]], stdout=subprocess.PIPE, text=True)
    farm.processes.append(scraper)
    compiled, messages, seconds = crowd.watch(15)
    scraper.terminate()
    lines = scraper.communicate()[0].splitlines()
    cpu = processor_seconds(farm.coordinator) - cpu
    scrapes = [json.loads(line) for line in lines]
    served = wire_count.scrape(farm.endpoints["metrics"])
    began = time.monotonic()
    farm.status()
    status_seconds = time.monotonic() - began
    full = memory(farm.coordinator)
    last = crowd.figures()
    crowd.end()

    times = sorted(t for t, _ in scrapes)
    size = max(n for _, n in scrapes)
    median, worst = times[len(times) // 2], times[-1]
    print(f"clients                      {CLIENTS}, {IN_FLIGHT} compilations at once, {crowd.first['bytes_per_compilation'] / 1024:.1f} KiB of messages each")
    print(f"messages through it          {messages / seconds:.0f}/s, {compiled / seconds:.0f} compilations/s, {cpu / messages * 1e6:.1f} us of processor each")
    print(f"size of /metrics             {size} bytes, {size / SCRAPE_BYTES:.3f} of the limit")
    print(f"time of /metrics             median {median / SCRAPE_SECONDS:.2f}, worst {worst / SCRAPE_SECONDS:.2f} of the limit, {len(times)} scrapes under load")
    print(f"jitfarm status, all clients  {status_seconds * 1000:.0f} ms")
    print(f"memory per client            {(joined - empty) / CLIENTS / 1024:.1f} KiB when joined, {(full - empty) / CLIENTS / 1024:.1f} KiB under load, "
          f"{(full - empty) / CLIENTS / CLIENT_BYTES:.2f} of the limit")
    print(f"connections that ended       {last['lost']}, while the machine had no time for them; the clients came back")
    assert abs(wire_count.value(served, "coordinator_clients") - CLIENTS) < CLIENTS / 100, "clients were lost"
    assert compiled > CLIENTS / 10, compiled
    assert len(times) > 5 and size < SCRAPE_BYTES
    assert median < SCRAPE_SECONDS * SCRAPE_SLACK, median
    assert (full - empty) / CLIENTS < CLIENT_BYTES


if __name__ == "__main__":
    if sys.argv[1] == "--scrape":  # a process of its own: its times are not those of the test's other work
        class Where:
            endpoints = {"metrics": sys.argv[2]}
        while True:
            print(json.dumps(scrape(Where)), flush=True)
            time.sleep(0.2)
    e2e.main({f.__name__: f for f in [ten_thousand]})
