#!/usr/bin/env python3
"""Can one compilation be followed through the logs of agent, coordinator and worker?"""

import collections
import json
import re
import subprocess

import farm as e2e

PROGRAMS = {"jitfarm-agent", "jitfarm-coordinator", "jitfarm-worker"}


def run(farm, options=()):
    """Logs of all three programs after a small workload."""
    debug = {"JITFARM_LOG": "debug"}
    farm.start_coordinator(["--log-level", "debug", *options])
    farm.start_worker(arguments=["--log-level", "debug", *options])
    farm.wait_for_workers(1)
    environment = {**debug, "JITFARM_LOG_FORMAT": "json"} if "json" in options else debug
    jvm = farm.start_run(farm.workload(10), environment=environment).finish()
    assert jvm.process.returncode == 0, jvm.errors
    e2e.wait_until(lambda: not farm.status()["clients"], 20, "the client is gone")
    return {path.name: path.read_text() for path in farm.folder.glob("*.log")}, jvm.report()["methods"]["installed"]


def json_lines(farm):
    """Every line is an object; each installed compilation has lines of all three programs under one session and request."""
    logs, installed = run(farm, ["--log-format", "json"])
    followed = {}
    for name, text in logs.items():
        for line in text.splitlines():
            entry = json.loads(line)
            assert {"ts", "level", "program", "message"} <= set(entry), (name, line)
            if "request" in entry:
                assert "session" in entry, (name, line)
                followed.setdefault((entry["session"], entry["request"]), []).append((entry["ts"], entry["program"], entry["message"]))
    whole = {key: sorted(lines) for key, lines in followed.items() if any(": installed, " in message for _, _, message in lines)}
    assert len(whole) == installed > 20, (len(whole), installed)
    assert len({session for session, _ in whole}) == 1
    for key, lines in whole.items():
        assert {program for _, program, _ in lines} == PROGRAMS, (key, lines)
        # One clock here: what the lines say is in the order in which it happens. (What was sent may have arrived before the sender says so.)
        told = " | ".join(f"{program} {message}" for _, program, message in lines)
        for order in (r"agent asks for .*coordinator asks for .*coordinator to worker 1 .*worker 1 has compiled it.*agent compile .*: installed",
                      r"coordinator asks for .*worker takes .*worker stage link.*worker 1 has compiled it"):
            assert re.search(order, told), told


SLACK = 2000  # microseconds; a line is written a moment after what it tells of, and a thread may wait for its turn


def timeline(farm):
    """jitfarm trace makes a timeline of them: spans nest, and those of a compilation add up to it; clocks that are wrong are moved."""
    _, installed = run(farm, ["--log-format", "json"])

    def traced(*logs):
        out = farm.folder / "trace.json"
        subprocess.run([str(farm.build / "bin/jitfarm"), "trace", "--out", str(out), *map(str, logs)], check=True, stdout=subprocess.DEVNULL)
        return rows_of(json.loads(out.read_text())["traceEvents"])

    def rows_of(events):
        rows = collections.defaultdict(dict)
        for e in events:
            if e["ph"] == "X":
                rows[e["tid"]][e["pid"], e["name"] if e["name"] != name_of(events, e["tid"]) else "all"] = (e["ts"], e["ts"] + e["dur"])
        return rows, [e["args"]["name"] for e in events if e["ph"] == "M"]

    def name_of(events, request):
        return next(e["name"] for e in events if e["ph"] == "X" and e["tid"] == request)

    def check(rows, slack=SLACK):
        def inside(inner, outer):
            return outer[0] - slack <= inner[0] and inner[1] <= outer[1] + slack

        whole = [spans for spans in rows.values() if (1, "install") in spans]
        assert len(whole) >= installed, (len(whole), installed)
        waves = stages = 0
        for spans in whole:
            for (pid, name), span in spans.items():
                assert inside(span, spans[pid, "all"]), (name, span, spans)
            farm_part, install, all_of_it = spans[1, "farm"], spans[1, "install"], spans[1, "all"]
            assert abs((farm_part[1] - farm_part[0]) + (install[1] - install[0]) - (all_of_it[1] - all_of_it[0])) < slack, spans
            assert inside(spans[2, "all"], farm_part) and inside(spans[3, "all"], spans[2, "all"]) and inside(spans[2, "queue"], spans[2, "all"]), spans
            asked = [span for (pid, name), span in spans.items() if pid == 1 and name.startswith("answer wave")]
            assert all(inside(span, farm_part) for span in asked)
            waves += sum(name.startswith("wave") for pid, name in spans if pid == 3)
            stages += (3, "link") in spans
        assert waves > 0 and stages >= installed, (waves, stages)

    logs = sorted(farm.folder.glob("*.log"))
    rows, names = traced(*logs)
    assert names == sorted(PROGRAMS), names
    check(rows)

    # A worker whose clock is years behind: moved to the middle of what is possible.
    (log,) = (path for path in logs if "worker" in path.name)
    behind = farm.folder / "behind.json"
    behind.write_text(re.sub(r'"ts":"\d{4}-', '"ts":"2001-', log.read_text()))
    rows, names = traced(*(path for path in logs if path != log), behind)
    assert [name for name in names if "jitfarm-worker, moved by" in name], names
    check(rows, 20 * SLACK)


def run_trace(farm):
    """jitfarm run --trace: one file, of the methods that were asked for, and the program's output is its own."""
    out = farm.folder / "timeline.json"
    run = farm.start_run(farm.workload(10), ["--trace", str(out), "--trace-method", "Workload"]).finish()
    assert run.process.returncode == 0 and not run.errors, run.errors
    spans = [e for e in json.loads(out.read_text())["traceEvents"] if e["ph"] == "X"]
    methods = {e["name"] for e in spans if e["pid"] == 1 and "(" in e["name"]}
    assert methods and all("Workload" in m for m in methods), methods
    assert {e["pid"] for e in spans} == {1, 2, 3}
    assert {"farm", "install", "queue", "link"} <= {e["name"] for e in spans}


def text_lines(farm):
    """As text, one grep finds the same."""
    logs, installed = run(farm)
    programs = {}
    for name, text in logs.items():
        for found in re.findall(r" (session=\w+ request=\d+)$", text, re.M):
            programs.setdefault(found, set()).add(name.split("-")[1] if "-" in name else name)
    assert sum(len(p) == 3 for p in programs.values()) >= installed > 20, (programs, installed)


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [json_lines, timeline, run_trace, text_lines]})
