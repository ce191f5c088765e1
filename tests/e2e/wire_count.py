#!/usr/bin/env python3
"""Do the metrics say what is on the wire? Taps between agent, coordinator and worker count messages by themselves.

A tap passes bytes on and reads the frames of ZMTP 3 (rfc.zeromq.org/spec/23) in them: it knows nothing of our code but that the
first frame of a message is its envelope, an array that begins with version and type.
"""

import collections
import re
import socket
import threading
import time
import urllib.request

import farm as e2e

# Of one compilation: when the JVM has ended and the worker is idle, nothing of these is under way.
OF_COMPILATIONS = ["compile_request", "fact_query", "fact_answer", "compile_result", "compile_failed", "cancel_compile", "install_report"]
PEERS = 2  # a client and a worker
HEARTBEAT_ACK_BYTES_MAX = 32


def message_names():
    text = (e2e.ROOT / "docs/reference/messages.md").read_text()
    return {int(number): name for number, name in re.findall(r"^\| (\d+) \| \[`(\w+)`\]", text, re.M)}


class Frames:
    """The messages of one direction of one connection: calls `message` with the frames of each."""

    def __init__(self, message):
        self.message = message
        self.buffer = bytearray()
        self.greeting = True
        self.frames = []

    def feed(self, data):
        self.buffer += data
        if self.greeting:
            if len(self.buffer) < 64:
                return
            assert self.buffer[0] == 0xFF and self.buffer[10] == 3, "no greeting of ZMTP 3"
            del self.buffer[:64]
            self.greeting = False
        while len(self.buffer) >= 2:
            flags = self.buffer[0]
            head = 9 if flags & 2 else 2
            if len(self.buffer) < head:
                return
            size = int.from_bytes(self.buffer[1:head], "big")
            if len(self.buffer) < head + size:
                return
            body = bytes(self.buffer[head:head + size])
            del self.buffer[:head + size]
            if flags & 4:  # a command: handshake, ping
                continue
            self.frames.append(body)
            if not flags & 1:
                envelope = self.frames[0]
                assert envelope[0] & 0xF0 == 0x90 and envelope[2] < 128, "the envelope is no array of version and type"
                self.message(self.frames)
                self.frames = []


class Tap:
    """Listens on a port of its own and connects every comer with `target`. `seen(name, inwards, frames)` is told of every message."""

    def __init__(self, target, seen=lambda *_: None):
        self.seen = seen
        host, port = target.removeprefix("tcp://").split(":")
        self.target = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        self.messages = collections.Counter()  # (name, to the coordinator)
        self.bytes = collections.Counter()
        self.names = message_names()
        self.broken = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(self.target)
            except OSError:
                near.close()
                continue
            for source, sink, inwards in ((near, far, True), (far, near, False)):
                threading.Thread(target=self.pump, args=(source, sink, inwards), daemon=True).start()

    def pump(self, source, sink, inwards):
        def count(frames):
            name = self.names[frames[0][2]]
            with self.lock:
                self.messages[name, inwards] += 1
                self.bytes[name, inwards] += sum(map(len, frames))
                self.seen(name, inwards, frames)
        frames = Frames(count)
        try:
            while data := source.recv(1 << 16):
                frames.feed(data)
                sink.sendall(data)
        except OSError:
            pass
        except Exception as error:  # the test must see it, not a thread's last words
            self.broken.append(repr(error))
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def scrape(address):
    """{(name, (sorted labels)): value}"""
    text = urllib.request.urlopen(f"http://{address}/metrics", timeout=10).read().decode()
    series = {}
    for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.M):
        series[name.removeprefix("jitfarm_"), tuple(sorted(re.findall(r'(\w+)="([^"]*)"', labels)))] = float(value)
    return series


def value(series, name, **labels):
    return series[name, tuple(sorted(labels.items()))]


def total(series, name):
    return sum(v for (n, _), v in series.items() if n == name)


def metrics_and_wire(farm):
    """Messages and bytes of every type and direction are what taps saw, at coordinator, worker and agent; totals agree with each other."""
    farm.start_coordinator()
    clients, workers = Tap(farm.endpoints["agents"]), Tap(farm.endpoints["workers"])
    worker_metrics = f"127.0.0.1:{e2e.free_port()}"
    worker = farm._start("jitfarm-worker", ["--coordinator", workers.endpoint, "--metrics", worker_metrics])
    coordinator_metrics = farm.endpoints["metrics"]
    e2e.wait_until(lambda: value(scrape(coordinator_metrics), "coordinator_workers") == 1, 20, "a worker")
    run = farm.start_run(farm.workload(60), coordinator=clients.endpoint).finish()
    assert run.process.returncode == 0, run.errors
    e2e.wait_until(lambda: value(scrape(coordinator_metrics), "coordinator_clients") == 0, 20, "the client is gone")
    at_worker = scrape(worker_metrics)
    worker.terminate()  # it drains and says goodbye: nothing moves any more
    worker.wait(30)
    e2e.wait_until(lambda: value(scrape(coordinator_metrics), "coordinator_workers") == 0, 20, "the worker is gone")
    time.sleep(0.2)  # of a tap's threads
    assert not clients.broken + workers.broken, clients.broken + workers.broken
    at_coordinator = scrape(coordinator_metrics)

    names = sorted(message_names().values())
    wrong = []

    def compare(what, seen, said):
        # The answer to a peer's last heartbeat may find it gone: then it is sent, and on no wire.
        lost = PEERS * HEARTBEAT_ACK_BYTES_MAX if what.endswith("bytes of heartbeat_ack out") else PEERS if what.endswith("heartbeat_ack out") else 0
        if not seen <= said <= seen + lost:
            wrong.append(f"{what}: {seen} on the wire, {said} in the metrics")

    for name in names:
        for inwards, direction in ((True, "in"), (False, "out")):
            compare(f"coordinator, {name} {direction}", clients.messages[name, inwards] + workers.messages[name, inwards],
                    value(at_coordinator, "coordinator_messages_total", type=name, direction=direction))
            compare(f"coordinator, bytes of {name} {direction}", clients.bytes[name, inwards] + workers.bytes[name, inwards],
                    value(at_coordinator, "coordinator_message_bytes_total", type=name, direction=direction))
    for name in OF_COMPILATIONS:
        for inwards, direction in ((True, "out"), (False, "in")):  # as worker and agent see it
            compare(f"worker, {name} {direction}", workers.messages[name, inwards], value(at_worker, "worker_messages_total", type=name, direction=direction))
            compare(f"worker, bytes of {name} {direction}", workers.bytes[name, inwards], value(at_worker, "worker_message_bytes_total", type=name, direction=direction))
            compare(f"agent, {name} {direction}", clients.messages[name, inwards], value(at_coordinator, "agent_messages_total", type=name, direction=direction))
            compare(f"agent, bytes of {name} {direction}", clients.bytes[name, inwards], value(at_coordinator, "agent_message_bytes_total", type=name, direction=direction))
    assert not wrong, wrong

    # Metrics agree with each other.
    requests = value(at_coordinator, "coordinator_requests_total")
    results = value(at_coordinator, "coordinator_results_total")
    assert requests == clients.messages["compile_request", True] > 100, requests
    assert results == clients.messages["compile_result", False]
    assert results + total(at_coordinator, "coordinator_failures_total") == requests
    assert total(at_worker, "worker_compilations_total") == requests
    assert total(at_worker, "worker_fact_cache_misses_total") == total(at_coordinator, "coordinator_fact_keys_total")
    assert value(at_coordinator, "coordinator_fact_round_trip_seconds_count") == workers.messages["fact_query", True]
    assert value(at_coordinator, "coordinator_queue_wait_seconds_count") == requests
    assert value(at_coordinator, "agent_installs_total") == value(at_coordinator, "coordinator_installs_total", outcome="installed")
    ended = sum(total(at_coordinator, f"agent_{what}_total") for what in ("installs", "bailouts", "failures", "cancelled"))
    assert value(at_coordinator, "agent_requests_total") == ended
    methods = run.report()["methods"]
    assert value(at_coordinator, "agent_requests_total") == methods["requested"], methods
    assert value(at_coordinator, "agent_installs_total") == methods["installed"], methods
    assert value(at_worker, "worker_stage_seconds_count", stage="link") >= results


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [metrics_and_wire]})
