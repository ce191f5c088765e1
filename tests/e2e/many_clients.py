#!/usr/bin/env python3
"""What does one coordinator do with 10,000 clients? A real session is recorded, and repeated by simulated clients.

bench_clients (tests/bench/clients) is the clients and a worker that compiles nothing; the coordinator between them is the real
one. Figures are ratios to a limit: sizes and counts are held to it, times to a multiple, since the machine is shared.
"""

import json
import os
import pathlib
import pty
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

import farm as e2e
import wire_count

CLIENTS = 10_000
IN_FLIGHT = 256
SCRAPE_BYTES = 5_000_000
SCRAPE_SECONDS = 0.1
SCRAPE_SLACK = 20  # a scraper in Python that waits for its turn beside three busy programs
CLIENT_BYTES = 96 * 1024  # of the coordinator's memory: 27 KB are ZeroMQ's for a connection (docs/adr/0005), 16 KB its buffers once it is used
DESCRIPTORS = CLIENTS + 512
# On a machine that does much else, peers are silent for longer than a real one would be.
PATIENT = ["--client-lease-seconds", "60", "--worker-lease-seconds", "60", "--log-level", "warn"]
SKIPPED = 77
WARM = ["-Xbatch", "-XX:CompileThresholdScaling=0.1", "-Xmx512m"]  # some hundred compilations, in a few seconds
SLOW, SCRAPES = 60, 300
SIEGE_BYTES = 128 << 20  # a peer that does not read is sent 64 MiB (net::ZmqOptions::queue_bytes)
GET = b"GET /metrics HTTP/1.1\r\nHost: farm\r\nX-Filler: " + b"x" * 900 + b"\r\n\r\n"


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
        run = farm.start_run(farm.workload(10, flags=WARM), coordinator=tap.endpoint).finish()
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


class Siege:
    """Peers that ask for metrics and status and do not take the answers, until the end of the with statement."""

    def __init__(self, farm):
        self.farm = farm
        host, port = farm.endpoints["metrics"].split(":")
        self.metrics = (host, int(port))
        self.sockets, self.over, self.asked = [], threading.Event(), 0

    def __enter__(self):
        slow = [self.connect() for _ in range(SLOW)]
        for s in (self.connect() for _ in range(SCRAPES)):
            s.setblocking(False)
            s.send(GET)
        for s in slow[:SLOW // 2]:
            s.send(GET)
        threading.Thread(target=self.one_byte_a_second, args=(slow[:SLOW // 2], slow[SLOW // 2:]), daemon=True).start()
        self.top = self.stopped_top()
        threading.Thread(target=self.ask_and_not_read, args=(self.frames_of_status(),), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for s in self.sockets:
            s.close()
        self.top.kill()  # also when stopped

    def connect(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # else the kernel takes the answer for us
        s.settimeout(10)
        s.connect(self.metrics)
        self.sockets.append(s)
        return s

    def one_byte_a_second(self, readers, writers):
        """Slow ones: half of them read an answer so, the others write the question."""
        for second in range(1000):
            for s in readers + writers:
                try:
                    s.setblocking(False)
                    if s in writers:
                        s.send(GET[second:second + 1])
                    else:
                        s.recv(1)
                except OSError:
                    pass  # nothing there, or cut off
            if self.over.wait(1):
                return

    def stopped_top(self):
        """`jitfarm top` that asks all the time and is stopped by the terminal's user."""
        near, far = pty.openpty()
        os.set_blocking(near, False)
        top = subprocess.Popen([str(self.farm.build / "bin/jitfarm"), "top", "--coordinator", self.farm.endpoints["agents"], "--interval", "0.1"],
                               stdin=far, stdout=far, stderr=far, env={**os.environ, "TERM": "xterm"})
        self.farm.processes.append(top)
        os.close(far)

        def shown():
            try:
                return len(os.read(near, 1 << 16)) > 0
            except BlockingIOError:
                assert top.poll() is None, "jitfarm top ended"
                return False
        e2e.wait_until(shown, 20, "jitfarm top shows something")
        top.send_signal(signal.SIGSTOP)
        return top

    def frames_of_status(self):
        """What `jitfarm status` says: [frames of a hello, frames of a status_request]."""
        said = {}
        tap = wire_count.Tap(self.farm.endpoints["agents"], lambda name, inwards, frames: said.update({name: frames}))
        subprocess.run([str(self.farm.build / "bin/jitfarm"), "status", "--coordinator", tap.endpoint], check=True, capture_output=True, timeout=60)
        # Session 0: of the connection. Else it were the session that is over.
        return [said["hello"], [bytes([0x95, said["status_request"][0][1], said["status_request"][0][2], 0, 0, 0]), *said["status_request"][1:]]]

    def ask_and_not_read(self, packets):
        host, port = self.farm.endpoints["agents"].removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as s:
            s.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(48) + b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER")
            got = b""
            while b"READY" not in got:
                got += s.recv(256)

            def message(frames):
                return b"".join(bytes([i + 1 < len(frames), len(f)]) + f for i, f in enumerate(frames))
            s.sendall(message(packets[0]))
            while not self.over.wait(0.002):
                try:
                    s.sendall(message(packets[1]))
                    self.asked += 1
                except OSError:
                    return


def blocked_readers(farm):
    """Slow and stopped readers of metrics and status, hundreds at once, hold up no compilation and take bounded memory."""
    recording = record(farm)
    farm.start_coordinator(PATIENT)
    crowd = Crowd(farm, recording, 500, 64)
    crowd.watch(2)
    _, messages, seconds = crowd.watch(4)
    free = messages / seconds
    before = most = memory(farm.coordinator)
    slowest = free
    with Siege(farm) as siege:
        for _ in range(10):
            compiled, messages, seconds = crowd.watch(1)
            assert compiled > 0
            slowest = min(slowest, messages / seconds)
            most = max(most, memory(farm.coordinator))
        asked = siege.asked
    e2e.wait_until(lambda: scrape(farm)[1] > 10_000, 30, "the metrics are there again")
    assert wire_count.value(wire_count.scrape(farm.endpoints["metrics"]), "coordinator_workers") == 1
    crowd.end()
    print(f"messages under siege         {slowest / free:.2f} of {free:.0f}/s in the worst second, {asked} times status asked and not read")
    print(f"memory under siege           {(most - before) / SIEGE_BYTES:.2f} of the limit")
    assert asked > 500, asked
    assert slowest > free / 20, (slowest, free)
    assert most - before < SIEGE_BYTES, (before, most)


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
    compiled, messages, seconds = crowd.watch(10)
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
    e2e.main({f.__name__: f for f in [ten_thousand, blocked_readers]})
