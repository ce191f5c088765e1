#!/usr/bin/env python3
"""Writes the Grafana dashboards of this folder: one list of panels here, JSON derived from it.

    dashboards.py           writes grafana/dashboards/*.json
    dashboards.py --check   fails when the files differ from what it would write

Every panel has a sentence on what to do when it looks bad. The queries are run against a real farm by tests/e2e.
"""

import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "grafana" / "dashboards"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


def rate(metric, by=None, selector=""):
    inner = f"rate(jitfarm_{metric}{selector}[$__rate_interval])"
    return f"sum by ({by}) ({inner})" if by else f"sum({inner})"


def quantile(q, histogram):
    return f"histogram_quantile({q}, sum by (le) (rate(jitfarm_{histogram}_bucket[$__rate_interval])))"


def quantiles(histogram):
    return [(quantile(0.5, histogram), "p50"), (quantile(0.95, histogram), "p95"), (quantile(0.99, histogram), "p99")]


# (title, unit, [(query, legend)], what it shows and what to do when it looks bad)
DASHBOARDS = {
    "overview": ("jitfarm / Overview", [
        ("Workers", "short", [("sum(jitfarm_coordinator_workers)", "workers"), ("sum(jitfarm_coordinator_worker_slots)", "slots")],
         "Registered workers and the compilations they take at once. Zero workers: every request is refused at once and JVMs stay in C1; look at the workers' logs and their --coordinator."),
        ("Clients", "short", [("sum(jitfarm_coordinator_clients)", "clients")],
         "JVMs with a session. Fewer than expected: look for 'breaker open' in the agents' logs (JITFARM_LOG=info) and for refused handshakes below."),
        ("Requests and answers", "reqps", [(rate("coordinator_requests_total"), "requests"), (rate("coordinator_results_total"), "with code"), (rate("coordinator_failures_total"), "without code")],
         "What clients ask for and get. Answers without code are mostly bail-outs; see Compilations for the reasons."),
        ("Queue", "short", [("sum(jitfarm_coordinator_queue_length)", "queued"), ("sum(jitfarm_coordinator_in_flight)", "in flight")],
         "Requests waiting for a worker and at workers. A queue that does not drain: add workers."),
        ("Queue wait", "s", quantiles("coordinator_queue_wait_seconds"),
         "Time in the queue. p95 above a second: add workers, or look for one client that asks much more than the others (jitfarm status)."),
        ("Request to code", "s", quantiles("coordinator_compile_seconds"),
         "Time from the arrival of a request to the answer with code. Compare with the stages on Compilations."),
        ("Worker losses, retries", "short", [("sum(increase(jitfarm_coordinator_worker_losses_total[$__range]))", "workers lost"), ("sum(increase(jitfarm_coordinator_retries_total[$__range]))", "retries"), ("sum(jitfarm_coordinator_quarantined_methods)", "methods in quarantine")],
         "A method in quarantine has cost two workers: the coordinator's log names what lost workers were at. Record it (jitfarm-worker --record) and replay it."),
        ("Refused handshakes", "short", [("sum by (error) (increase(jitfarm_coordinator_handshakes_refused_total[$__range]))", "{{error}}")],
         "version_mismatch: upgrade the older side. The refused peer logs the sentence that it was given."),
    ]),
    "messages": ("jitfarm / Messages", [
        ("Messages by type", "reqps", [(rate("coordinator_messages_total", "type"), "{{type}}")],
         "Which message makes the traffic. fact_query high against compile_request: facts are not foreseen; see the kinds below."),
        ("Bytes by type", "Bps", [(rate("coordinator_message_bytes_total", "type"), "{{type}}")],
         "fact_answer high: shapes are sent again; are sessions moving between workers, or is the shape store too small?"),
        ("Facts asked, by kind", "reqps", [(rate("coordinator_fact_keys_total", "kind"), "{{kind}}")],
         "The chatty-query view: which kind of question makes the round trips."),
        ("Facts asked per request", "short", [(f"sum by (kind) (rate(jitfarm_coordinator_fact_keys_total[$__rate_interval])) / ignoring(kind) group_left sum(rate(jitfarm_coordinator_requests_total[$__rate_interval]))", "{{kind}}")],
         "Normalised by requests: a kind that grows here asks more per compilation than before; compare with the release before."),
        ("Round trips per compilation", "short", [(quantile(0.5, "coordinator_fact_waves"), "p50"), (quantile(0.99, "coordinator_fact_waves"), "p99")],
         "Waves of questions to the client. Above 1 at the median in a warm farm: facts that could be foreseen are asked late."),
        ("Cache hit rate by kind", "percentunit", [("sum by (kind) (rate(jitfarm_worker_fact_cache_hits_total[$__rate_interval])) / (sum by (kind) (rate(jitfarm_worker_fact_cache_hits_total[$__rate_interval])) + sum by (kind) (rate(jitfarm_worker_fact_cache_misses_total[$__rate_interval])))", "{{kind}}")],
         "Low for a session-constant kind: sessions move between workers or facts are evicted; give the workers more memory."),
        ("Dropped packets", "short", [("sum by (error) (increase(jitfarm_coordinator_dropped_packets_total[$__range]))", "{{error}}")],
         "queue_full: a peer does not read; malformed_frame or unexpected_message: a broken or hostile peer: see who is connected with jitfarm status, and close the farm with keys."),
    ]),
    "compilations": ("jitfarm / Compilations", [
        ("Results", "reqps", [(rate("worker_compilations_total", "result"), "{{result}}")],
         "What became of compilations at the workers. 'failed' must stay near zero."),
        ("Bail-outs by reason", "reqps", [(rate("worker_bailouts_total", "reason"), "{{reason}}")],
         "Why methods stay in C1. internal_error is a bug of ours: record and report it."),
        ("Time in the compiler", "s", quantiles("worker_compile_seconds"),
         "Time of one compilation on its thread. A long tail: large methods; see the limits in worker/compiler/compiler.h."),
        ("Wait in the worker", "s", quantiles("worker_queue_wait_seconds"),
         "Arrival to first run of the compiler. High while CPUs are idle: raise --slots."),
        ("Failures by cause", "reqps", [(rate("worker_failures_total", "error"), "{{error}}")],
         "deadline_passed: the farm is too slow for the agents' deadline; facts_missing: clients leave questions unanswered."),
        ("Installs", "reqps", [(rate("coordinator_installs_total", "outcome"), "{{outcome}}")],
         "What JVMs did with the code. invalid_image must be zero; dependencies_failed: classes were loaded meanwhile, harmless when rare."),
        ("As the clients see it", "s", quantiles("coordinator_client_compile_seconds"),
         "From HotSpot's request to installed code. Far above the coordinator's own time: the network to the clients is slow, or their compiler threads starve."),
        ("Code installed", "Bps", [(rate("coordinator_installed_bytes_total"), "all clients")],
         "Fills the clients' code caches. High for hours: code is thrown away and compiled again; see the deoptimisations of the clients."),
    ]),
    "workers": ("jitfarm / Workers", [
        ("In flight per worker", "short", [("sum by (instance) (jitfarm_worker_in_flight)", "{{instance}}"), ("sum by (instance) (jitfarm_worker_slots)", "{{instance}} slots")],
         "Load against slots. One worker full and the others idle: affinity is too strong for few clients; restart one session or add clients."),
        ("Sessions per worker", "short", [("sum by (instance) (jitfarm_worker_sessions)", "{{instance}}")],
         "Clients whose facts a worker holds."),
        ("Class shapes", "bytes", [("sum by (instance) (jitfarm_worker_shape_bytes)", "{{instance}}")],
         "Memory for class shapes, shared between clients by content. At its limit shapes are asked again."),
        ("Compilations per worker", "reqps", [("sum by (instance) (rate(jitfarm_worker_compilations_total[$__rate_interval]))", "{{instance}}")],
         "Throughput. Much lower on one machine: compare its CPU with the others'."),
        ("Messages per worker", "reqps", [("sum by (instance, direction) (rate(jitfarm_worker_messages_total[$__rate_interval]))", "{{instance}} {{direction}}")],
         "Traffic of each worker with the coordinator."),
        ("Dropped at workers", "short", [("sum by (instance, error) (increase(jitfarm_worker_dropped_packets_total[$__range]))", "{{instance}} {{error}}")],
         "Not zero: late or foreign answers, or a stalled coordinator; the worker's log names them."),
    ]),
}


def panel(index, title, unit, targets, description):
    return {
        "id": index + 1, "type": "timeseries", "title": title, "description": description, "datasource": DATASOURCE,
        "gridPos": {"x": 12 * (index % 2), "y": 8 * (index // 2), "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 10, "showPoints": "never"}}, "overrides": []},
        "options": {"legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"refId": chr(ord("A") + i), "expr": query, "legendFormat": legend, "datasource": DATASOURCE} for i, (query, legend) in enumerate(targets)],
    }


def dashboard(uid, title, panels):
    return {
        "uid": f"jitfarm-{uid}", "title": title, "tags": ["jitfarm"], "schemaVersion": 39, "version": 1, "editable": True, "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"}, "timezone": "browser",
        "templating": {"list": [{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0, "refresh": 1, "current": {}, "options": []}]},
        "links": [{"title": "jitfarm", "type": "dashboards", "tags": ["jitfarm"], "asDropdown": False, "includeVars": True, "keepTime": True}],
        "annotations": {"list": []},
        "panels": [panel(i, *p) for i, p in enumerate(panels)],
    }


def main():
    texts = {FOLDER / f"{uid}.json": json.dumps(dashboard(uid, title, panels), indent=2) + "\n" for uid, (title, panels) in DASHBOARDS.items()}
    if "--check" in sys.argv[1:]:
        stale = [str(f.name) for f, text in texts.items() if not f.exists() or f.read_text() != text]
        surplus = [f.name for f in FOLDER.glob("*.json") if f not in texts]
        if stale or surplus:
            sys.exit(f"dashboards/dashboards.py and its JSON differ: {stale + surplus}; run it and commit")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        file.write_text(text)


if __name__ == "__main__":
    main()
