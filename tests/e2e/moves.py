#!/usr/bin/env python3
"""A client whose worker goes away notices nothing: the next worker gets the shapes from the farm, and asks the client only for what is its own."""

import sys

import farm as e2e
from wire_count import Tap

sys.path.insert(0, str(e2e.ROOT / "tests/bench"))
from wire_parts import Parts  # noqa: E402

CASES = ["Arrays", "Calls"]
HOT = [flag for flag in e2e.HOT if flag != "-Xbatch"]  # the program goes on while it waits for its code


def workers(farm):
    return {w["name"]: w for w in (farm.status() or {"workers": []})["workers"]}


def moved(farm, leave):
    """`leave` ends the first worker in mid-run; the second has never seen the client. What the client sent, before and after."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    first = farm.start_worker()
    farm.wait_for_workers(1)
    parts = Parts()
    run = farm.start_run(farm.java_suite(CASES, HOT, 1200), coordinator=Tap(farm.endpoints["agents"], parts.seen).endpoint)
    e2e.wait_until(lambda: any(w["completed"] > 10 for w in workers(farm).values()), 120, "ten methods are compiled")
    farm.start_worker()
    farm.wait_for_workers(2)
    leave(first)
    first.wait(30)
    shapes_before = sum(parts.shapes.values())
    run.finish()
    assert run.process.returncode == 0, run.errors[-3000:]
    assert run.output == expected, "the output differs from the interpreter's"
    second = [w for w in workers(farm).values()]
    assert len(second) == 1 and second[0]["completed"] > 0, second  # as of its last heartbeat
    assert shapes_before > 10, "the client had sent hardly a shape"
    assert parts.sent_again() == 0, f"{parts.sent_again()} of {sum(parts.shapes.values())} shapes were sent again"
    return run.report()["methods"]


def drained(farm):
    """A worker is drained while a program runs: nothing fails, and no shape is sent again."""
    methods = moved(farm, lambda worker: worker.terminate())
    assert methods["failed"] == 0, methods


def killed(farm):
    """A worker is killed while a program runs: its output is the same, compilations go on, and no shape is sent again."""
    methods = moved(farm, lambda worker: worker.kill())
    assert methods["installed"] > 15, methods  # ten were before


def next_client(farm):
    """The second client of a program sends no shape that the first one sent: it announces them, and is not asked."""
    expected = farm.interpreted(CASES)
    farm.start_coordinator()
    farm.start_worker()
    farm.wait_for_workers(1)
    both = Parts()
    for _ in range(2):
        second = Parts()

        def seen(*message, own=second):
            own.seen(*message)
            both.seen(*message)
        run = farm.start_run(farm.java_suite(CASES, HOT, 400), coordinator=Tap(farm.endpoints["agents"], seen).endpoint).finish()
        assert run.process.returncode == 0 and run.output == expected, run.errors[-3000:]
    assert both.sent_again() == 0, f"{both.sent_again()} of {sum(both.shapes.values())} shapes were sent again"
    # Two runs do not compile all the same methods.
    announced, sent = second.count["compile_request", "class_shape"], sum(second.shapes.values())
    assert sent < announced * 2 / 3, (sent, announced)


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [drained, killed, next_client]})
