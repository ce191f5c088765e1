#!/usr/bin/env python3
"""Whatever happens to the farm, the JVM ends with the right output, and waits no longer than its deadline."""

import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.request

import farm as e2e

# The agent's own deadline is 10 s where a case sets no other; the rest is for a machine that is slow to wake the thread.
LONGEST_WAIT = 13
CASES = ["IntArithmetic", "Arrays", "Calls", "ImplicitExceptions", "LiveOops", "Loops"]


def check_output(run, expected):
    assert run.process.returncode == 0, f"exit code {run.process.returncode}: {run.errors[-3000:]}"
    assert run.output == expected, "the output differs from the interpreter's"
    assert run.report()["waits"]["longest_seconds"] <= LONGEST_WAIT, run.report()["waits"]


def metric(farm, name):
    """Sum over all labels of a metric of the coordinator."""
    with urllib.request.urlopen(f"http://{farm.endpoints['metrics']}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    values = re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M)
    assert values, f"no {name} in the metrics"
    return sum(map(float, values))


def run_with_fault(farm, fault, installed=False):
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    farm.start_worker(fault)
    farm.wait_for_workers(1)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 12), environment={"JITFARM_DEADLINE_MS": "1500"}).finish()
    check_output(run, expected)
    # The deadline is 1.5 s; the rest is for a machine that is slow to wake the thread.
    assert run.report()["waits"]["longest_seconds"] < 4, run.report()["waits"]
    methods = run.report()["methods"]
    assert methods["requested"] > 20, methods
    assert installed == (methods["installed"] > 0), methods
    if not installed:
        one_trouble(run, "gave no code")
    return methods


def garbage_result(farm):
    """A worker that answers with bytes that are no CodeImage: nothing is installed."""
    methods = run_with_fault(farm, "garbage-result")
    assert methods["failed"] > 0, methods


def out_of_range_sites(farm):
    """A worker whose CodeImages have sites outside their code: every one is refused."""
    methods = run_with_fault(farm, "out-of-range-sites")
    assert methods["failed_by_error"].get("invalid_code_image", 0) > 0, methods


def duplicate_result(farm):
    """A worker that answers twice: the second answer is dropped."""
    run_with_fault(farm, "duplicate-result", installed=True)
    assert metric(farm, "jitfarm_coordinator_dropped_packets_total") > 20, "no second answers came"


def late_result(farm):
    """A worker that answers after the deadline: the answer is dropped, the breaker opens, the JVM goes on in C1."""
    methods = run_with_fault(farm, "late-result=4000")
    assert methods["failed_by_error"].get("deadline_passed", 0) > 0, methods


def told(run):
    """What `jitfarm run` itself said to the user."""
    return [line for line in run.errors.splitlines() if line.startswith("jitfarm:")]


def one_trouble(run, sentence):
    """The user was told one sentence that has `sentence` in it, and it is in the report."""
    lines = told(run)
    assert len(lines) == 1 and sentence in lines[0], (sentence, lines)
    assert run.report()["farm"]["problems"] == [lines[0].removeprefix("jitfarm: ")], run.report()["farm"]


def other_version(farm):
    """A worker and a client of another version are refused with a reason on both sides; the JVM goes on in C1."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    coordinator_log = next(farm.folder.glob("jitfarm-coordinator-*.log"))
    ours, theirs = r"speaks? protocol version (\d+), this coordinator version (\d+): update the coordinator", r"we speak protocol version (\d+), the coordinator version (\d+);"

    def versions(pattern, text):
        found = re.search(pattern, text)
        assert found and int(found[1]) == int(found[2]) + 1, (pattern, text)
    worker = farm.start_worker("other-version")
    worker_log = next(farm.folder.glob("jitfarm-worker-*.log"))
    e2e.wait_until(lambda: "refuses this worker" in worker_log.read_text(), 20, "the worker is refused")
    versions(theirs, worker_log.read_text())
    versions(ours, coordinator_log.read_text())
    assert worker.poll() is None and farm.status()["workers"] == [], farm.status()
    # A worker that could compile: only the client's version is in the way.
    farm.start_worker()
    farm.wait_for_workers(1)
    before = metric(farm, "jitfarm_coordinator_handshakes_refused_total")
    refusals = coordinator_log.read_text().count("a peer was refused")
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 12), environment={"JITFARM_TEST_AGENT_FAULT": "other-version"}).finish()
    check_output(run, expected)
    report = run.report()
    assert report["farm"]["sessions"] == 0 and report["methods"]["installed"] == 0, report
    one_trouble(run, "no session with the farm")
    versions(theirs, told(run)[0])
    versions(theirs, (farm.folder / "agent.log").read_text())
    lines = [line for line in coordinator_log.read_text().splitlines() if "a peer was refused" in line]
    assert len(lines) > refusals and metric(farm, "jitfarm_coordinator_handshakes_refused_total") > before, lines
    versions(ours, lines[-1])


def no_worker(farm):
    """A coordinator without workers: the JVM goes on in C1, and the user is told."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 12), environment={"JITFARM_DEADLINE_MS": "1000"}).finish()
    check_output(run, expected)
    one_trouble(run, "gave no code")


def coordinator_lost(farm):
    """The coordinator is killed and does not come back: the user is told when the JVM has ended."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 60), environment={"JITFARM_DEADLINE_MS": "2000"})
    e2e.wait_until(lambda: (s := farm.status()) and s["clients"] and s["clients"][0]["installed"] > 10, 60, "ten methods are installed")
    farm.coordinator.kill()
    run.finish()
    check_output(run, expected)
    one_trouble(run, " s before the JVM ended, later methods stayed in C1: ")


def never_answer(farm):
    """A worker that never answers: no request waits longer than the deadline."""
    methods = run_with_fault(farm, "never-answer")
    assert methods["failed_by_error"].get("deadline_passed", 0) > 0, methods


def crashing_worker(farm):
    """A method that crashes workers costs two of them, then it is in quarantine; everything else is compiled."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    workers = [farm.start_worker("crash-on-method=suite/Calls.fibonacci(", ["--slots", "2", "--record", str(farm.folder)]) for _ in range(4)]
    farm.wait_for_workers(4)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 20)).finish()
    check_output(run, expected)
    dead = [w for w in workers if w.poll() is not None]
    assert len(dead) == 2, f"{len(dead)} workers died"
    assert farm.status()["quarantined"] == 1, farm.status()
    log = next(farm.folder.glob("jitfarm-coordinator-*.log")).read_text()
    # At least the first: of a request whose deadline passed before its worker was lost, the name is gone.
    assert re.search(r"the worker was lost with suite/Calls\.fibonacci\(I\)I session=\w+ request=\d+", log), log
    methods = run.report()["methods"]
    assert methods["installed"] > 50, methods
    # What the workers died in can be repeated.
    bundles = list(farm.folder.glob("*suite.Calls.fibonacci.jfreplay"))
    assert bundles, sorted(farm.folder.iterdir())
    replay = subprocess.run([farm.build / "bin/jitfarm", "replay", bundles[0]], capture_output=True, text=True)
    assert replay.returncode == 0 and "did not end" in replay.stdout, replay


def worker_killed(farm):
    """Workers are killed at random moments and replaced; requests are retried on another one."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    workers = [farm.start_worker(), farm.start_worker()]
    farm.wait_for_workers(2)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 40))
    kills = 0
    while run.process.poll() is None and kills < 12:
        time.sleep(0.4)
        victim = workers.pop(0)
        victim.kill()
        victim.wait()
        workers.append(farm.start_worker())
        kills += 1
    run.finish()
    check_output(run, expected)
    assert kills >= 2, "the program was over before two workers were killed"
    assert metric(farm, "jitfarm_coordinator_worker_losses_total") >= 2
    assert metric(farm, "jitfarm_coordinator_retries_total") > 0, "no worker was killed while it compiled"
    assert run.report()["methods"]["installed"] > 0, run.report()["methods"]


def worker_stopped(farm):
    """A worker that hangs (SIGSTOP) is given up after its lease; its requests go to another one."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    stopped, _ = farm.start_worker(), farm.start_worker()
    farm.wait_for_workers(2)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 20))
    e2e.wait_until(lambda: (s := farm.status()) and sum(w["completed"] for w in s["workers"]) > 10, 60, "ten methods are compiled")
    before = sum(w["completed"] for w in farm.status()["workers"])
    os.kill(stopped.pid, signal.SIGSTOP)
    run.finish()
    check_output(run, expected)
    e2e.wait_until(lambda: metric(farm, "jitfarm_coordinator_worker_losses_total") == 1, 30, "the hung worker is given up")
    assert run.report()["methods"]["installed"] > before, "nothing was compiled after one worker hung"


def coordinator_restarted(farm):
    """The coordinator is killed and comes back: agent and worker find it again, and methods refused meanwhile are compiled."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 60), environment={"JITFARM_DEADLINE_MS": "2000"})
    e2e.wait_until(lambda: (s := farm.status()) and s["clients"] and s["clients"][0]["installed"] > 10, 60, "ten methods are installed")
    farm.coordinator.kill()
    farm.coordinator.wait()
    time.sleep(0.5)
    farm.start_coordinator()
    farm.wait_for_workers(1)
    run.finish()
    check_output(run, expected)
    report = run.report()
    assert report["farm"]["sessions"] >= 2, report["farm"]
    assert report["methods"]["deferred_installed"] > 0, report["methods"]


def workers_of(run):
    """Process ids of the embedded workers."""
    found = []
    for line in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = line.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name == "jitfarm-worker" and int(rest.split()[1]) == run.process.pid and rest.split()[0] != "Z":
            found.append(int(line.parent.name))
    return found


def embedded_worker_killed(farm):
    """The only worker of the embedded farm is killed: another one takes its place and compiles, and the user is told."""
    expected = farm.interpreted(CASES)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 60), ["--require"], {"JITFARM_LOG": "debug"})
    log = farm.folder / "agent.log"

    def installed():
        return log.read_text().count(": installed") if log.exists() else 0
    e2e.wait_until(lambda: installed() > 10, 60, "ten methods are installed")
    first = workers_of(run)
    assert len(first) == 1, first
    os.kill(first[0], signal.SIGKILL)
    second = e2e.wait_until(lambda: [w for w in workers_of(run) if w not in first], 30, "another worker")
    before = installed()
    e2e.wait_until(lambda: installed() > before + 5 or run.process.poll() is not None, 120, "code from the other worker")
    run.finish()
    check_output(run, expected)
    assert len(second) == 1 and installed() > before, (second, before, installed())
    one_trouble(run, "the embedded worker ended early with signal 9 (Killed) and is started again")


def embedded_workers_hopeless(farm):
    """Workers of the embedded farm that die again and again are given up, one clear line each; the JVM goes on in C1."""
    expected = farm.interpreted(CASES)
    environment = {"JITFARM_TEST_FAULT": "no-such-fault", "JITFARM_DEADLINE_MS": "500"}
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 60), ["--workers", "2"], environment).finish()
    check_output(run, expected)
    again = [line for line in told(run) if line.endswith("ended early with exit code 64 and is started again")]
    end = [line.split(", the 5th time within 60 s, and is not started again: ")[1] for line in told(run) if "5th time" in line]
    assert end == ["1 of 2 workers is left", "methods stay in C1"], told(run)
    assert len(again) == 8 and {line.split()[4] for line in again} == {"1", "2"}, told(run)
    assert workers_of(run) == [] and run.report()["methods"]["installed"] == 0, run.report()["methods"]


def farm_absent(farm):
    """No farm at all: the program runs in C1 as if nothing had happened, without delay."""
    expected = farm.interpreted(CASES)
    port = e2e.free_port()
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 20), coordinator=f"tcp://127.0.0.1:{port}").finish()
    check_output(run, expected)
    report = run.report()
    assert report["methods"]["installed"] == 0 and report["farm"]["sessions"] == 0, report
    assert report["methods"]["remembered"] > 20, report["methods"]
    assert report["waits"]["longest_seconds"] < 2, report["waits"]
    one_trouble(run, "no session with the farm")


def farm_comes_later(farm):
    """The farm starts after the JVM: methods that were refused are compiled without HotSpot asking again."""
    farm.endpoints = {}
    farm.start_coordinator()
    farm.coordinator.kill()
    farm.coordinator.wait()
    classes = farm.folder / "kernels"
    subprocess.run(["javac", "-d", str(classes), str(e2e.ROOT / "examples/Kernels.java")], check=True)
    run = farm.start_run(["java", "-cp", str(classes), "Kernels", "4000", "sum", "max", "dot", "count"])
    time.sleep(3)
    farm.start_coordinator()
    farm.start_worker()
    run.finish()
    assert run.process.returncode == 0, run.errors
    report = run.report()
    assert report["methods"]["deferred_installed"] > 0, report["methods"]


def exit_in_mid_wait(farm):
    """System.exit while compiler threads wait for a farm that does not answer: the JVM ends at once."""
    farm.start_coordinator()
    farm.start_worker("never-answer")
    farm.wait_for_workers(1)
    source = farm.folder / "Quit.java"
    source.write_text("""
        public class Quit {
          static int work(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
          public static void main(String[] x) {
            int[] a = new int[1000];
            int s = 0;
            for (int i = 0; i < 100_000; i++) s += work(a);
            System.out.println(s);
            System.exit(3);
          }
        }""")
    run = farm.start_run(["java", str(source)], environment={"JITFARM_DEADLINE_MS": "60000"}).finish(60)
    assert run.process.returncode == 3, (run.process.returncode, run.errors)
    assert run.output == "0\n", run.output
    assert run.seconds < 30, run.seconds
    assert run.report()["methods"]["cancelled"] > 0, run.report()["methods"]


def drained_worker(farm):
    """SIGTERM drains a worker: it finishes what it has and ends with code 0; the other one takes over."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    first, _ = farm.start_worker(), farm.start_worker()
    farm.wait_for_workers(2)
    run = farm.start_run(farm.java_suite(CASES, e2e.HOT, 20))
    e2e.wait_until(lambda: (s := farm.status()) and sum(w["completed"] for w in s["workers"]) > 10, 60, "ten methods are compiled")
    first.terminate()
    assert first.wait(timeout=20) == 0
    run.finish()
    check_output(run, expected)
    assert run.report()["methods"]["failed"] == 0, run.report()["methods"]


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [
        garbage_result, out_of_range_sites, duplicate_result, late_result, never_answer, crashing_worker, worker_killed, worker_stopped,
        coordinator_restarted, embedded_worker_killed, embedded_workers_hopeless, farm_absent, farm_comes_later, exit_in_mid_wait, drained_worker, other_version, no_worker, coordinator_lost]})
