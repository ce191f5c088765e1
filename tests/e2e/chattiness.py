#!/usr/bin/env python3
"""Do compilations ask no more than dashboards/chattiness.toml allows, and is a regression of one kind noticed?

    chattiness.py --build DIR                 the cases
    chattiness.py --build DIR --measure N     N runs of the reference workload, as a table: what the file's numbers are made from
"""

import json
import subprocess
import sys
import tomllib

import yaml

import farm as e2e

FOLDER = e2e.ROOT / "dashboards"
WINDOW_MINUTES = 15  # of the alert rule


def budget():
    return tomllib.loads((FOLDER / "chattiness.toml").read_text())


def measure(farm, fault=None):
    """One run of the reference workload with a farm of its own that knows nothing yet: requests, facts asked and repeated, by kind."""
    farm.endpoints = {}
    farm.start_coordinator()
    worker = farm.start_worker(fault, ["--slots", "1"])
    farm.wait_for_workers(1)
    run = farm.start_run(farm.workload(), ["--jvm-threads", "1"]).finish()
    assert run.process.returncode == 0, run.errors
    worker.terminate()  # its goodbye brings its last figures
    worker.wait(30)
    top = json.loads(subprocess.run([farm.build / "bin/jitfarm", "status", "--json", "--coordinator", farm.endpoints["agents"]],
                                    capture_output=True, text=True, check=True).stdout)
    farm.coordinator.kill()
    farm.coordinator.wait()
    return top["requests"], *({kind: figures[what] for kind, figures in top["kinds"].items()} for what in ("asked", "repeated"))


def over(requests, asked):
    """Kinds that the reference workload asks more often than it may."""
    limits = budget()["workload"]
    return {kind: (count / requests, limits[kind]) for kind, count in asked.items() if count / requests > limits[kind]}


def of_programs(asked):
    """What a farm's clients would ask that use as much of the budget as the workload uses of its own limits."""
    return {kind: round(count * budget()["budget"][kind] / budget()["workload"][kind], 3) for kind, count in asked.items()}


def within_budget(farm):
    """The reference workload asks no kind more often than its limit, every kind has one, and the alert is silent."""
    requests, asked, _ = measure(farm)
    assert requests >= 300, requests
    assert set(asked) == set(budget()["budget"]) == set(budget()["workload"]), "a kind without a budget, or a budget without a kind"
    assert not over(requests, asked), over(requests, asked)
    assert fires(requests, of_programs(asked), farm.folder) == set(), "the alert rule has other numbers than this check"
    for kind, limit in budget()["workload"].items():  # a budget that nobody lowers hides the next regression
        if limit > budget()["smallest"] and asked[kind] / requests < limit / 1.5:
            print(f"    {kind} is asked {asked[kind] / requests:.4f} times; its budget of {limit} may be lowered")


def fires(requests_per_minute, asked_per_minute, folder):
    """Kinds for which the alert rule fires, as Prometheus' own rule engine says, when traffic is as given."""
    minutes = 3 * WINDOW_MINUTES
    series = [{"series": "jitfarm_coordinator_requests_total", "values": f"0+{requests_per_minute}x{minutes}"}]
    series += [{"series": f'jitfarm_coordinator_fact_keys_total{{kind="{kind}"}}', "values": f"0+{count}x{minutes}"} for kind, count in asked_per_minute.items()]
    rules = FOLDER / "prometheus/chattiness.yml"
    expression = next(r["expr"] for g in yaml.safe_load(rules.read_text())["groups"] for r in g["rules"] if r.get("alert") == "JitfarmChattyKind")
    fired = set()
    for kind in asked_per_minute:
        # promtool says whether an expectation holds: that the alert of this kind is there.
        test = {"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": [{
            "interval": "1m", "input_series": series,
            "promql_expr_test": [{"expr": f'count(({expression}) and on (kind) label_replace(vector(1), "kind", "{kind}", "", "")) or vector(0)',
                                  "eval_time": f"{minutes}m", "exp_samples": [{"labels": "{}", "value": 1}]}]}]}
        file = folder / "rule_test.yml"
        file.write_text(yaml.safe_dump(test))
        done = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True)
        if done.returncode == 0:
            fired.add(kind)
        else:
            assert "got: {} 0E+00" in done.stderr + done.stdout, done  # it does not fire; anything else is a mistake of this test
    return fired


def seeded_regression(farm):
    """A worker that asks 30 % more of one kind is over its budget, in this check and in the alert rule, and of no other."""
    kind = max(budget()["workload"], key=budget()["workload"].get)  # the one that is asked most
    requests, asked, repeated = measure(farm, f"ask-more={kind}:30")
    assert set(over(requests, asked)) == {kind}, (kind, over(requests, asked), asked)
    assert fires(requests, of_programs(asked), farm.folder) == {kind}
    # The surplus is what the client was asked before: the defect signal has all of it, and nothing of what is normal.
    assert 0.2 < repeated[kind] / (asked[kind] - repeated[kind]) <= 0.31, (kind, asked, repeated)


def main():
    if "--measure" in sys.argv:
        at = sys.argv.index("--measure")
        runs = []
        for _ in range(int(sys.argv[at + 1])):
            with e2e.Farm(sys.argv[sys.argv.index("--build") + 1]) as farm:
                runs.append(measure(farm))
        print("requests", *(requests for requests, _, _ in runs))
        for kind in sorted(runs[0][1], key=runs[0][1].get, reverse=True):
            print(f"{kind:16}", *(f"{asked[kind] / requests:8.4f}" for requests, asked, _ in runs))
        return
    e2e.main({f.__name__: f for f in [within_budget, seeded_regression]})


if __name__ == "__main__":
    main()
