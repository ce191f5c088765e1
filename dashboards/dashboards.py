#!/usr/bin/env python3
"""Writes the Grafana dashboards of this folder, one list of panels here, and the alert rule of the chattiness budget.

    dashboards.py           writes grafana/dashboards/*.json and prometheus/chattiness.yml
    dashboards.py --check   fails when the files differ from what it would write

Every panel has a sentence on what to do when it looks bad. The queries are run against a real farm by tests/e2e.
"""

import json
import pathlib
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "grafana" / "dashboards"
BUDGET = HERE / "chattiness.toml"
CHATTINESS_RULES = HERE / "prometheus" / "chattiness.yml"
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
        ("Clients", "short", [("sum(jitfarm_coordinator_clients)", "clients"), ("sum(jitfarm_agent_backlogged)", "with a backlog")],
         "JVMs with a session, and those whose first backlog of compilations is not cleared. Fewer than expected: look for 'breaker open' in the agents' logs (JITFARM_LOG=info) and for refused handshakes below."),
        ("Start to cleared backlog", "s", quantiles("agent_backlog_seconds"),
         "Time from the start of a JVM until it had no compilation left for two seconds: what the farm is there for. Longer than before the farm: look at the queue wait below, then at the stages on Compilations."),
        ("Time saved", "short", [("sum(rate(jitfarm_worker_compile_seconds_sum[$__rate_interval]))", "of compiling"), (rate("coordinator_message_wait_seconds_total", selector='{type="fact_query"}'), "less: of answering")],
         "Processors that the JVMs keep for their applications: seconds of compiling per second, done by workers; and what the JVMs spend on workers' questions at most (as long as these wait). Falling while requests do not: see the outcomes on Compilations."),
        ("Installs and deoptimisations", "reqps", [(rate("coordinator_installs_total", selector='{outcome="installed"}'), "installed"), (rate("agent_invalidated_total"), "thrown away"), (rate("agent_recompilations_total"), "compiled again")],
         "Code that reached its JVM, and what HotSpot deoptimised or unloaded of it. Thrown away near installed after warm-up: a guess fails again and again; see Clients, and jitfarm top, key c."),
        ("Silence", "s", [("max by (peer) (jitfarm_coordinator_silence_seconds)", "{{peer}}")],
         "Longest time since any peer was heard; heartbeats keep it near two seconds. Rising towards the lease (clients 10 s, workers 6 s): the network or the peer's machine is stalled."),
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
        ("Waiting, by type", "short", [(rate("coordinator_message_wait_seconds_total", "type"), "{{type}}")],
         "Seconds of waiting per second: of workers for clients (fact_query), of clients for code (compile_request). fact_query near the number of slots: workers do little but wait; cure the kinds below."),
        ("Bytes by type", "Bps", [(rate("coordinator_message_bytes_total", "type"), "{{type}}")],
         "fact_answer high: shapes are sent again; are sessions moving between workers, or is the shape store too small?"),
        ("Facts asked, by kind", "reqps", [(rate("coordinator_fact_keys_total", "kind"), "{{kind}}")],
         "The chatty-query view: which kind of question makes the round trips. jitfarm top, key k, ranks them; Enter shows the clients that are asked most."),
        ("Waiting, by kind", "short", [(rate("coordinator_fact_wait_seconds_total", "kind"), "{{kind}}")],
         "What each kind costs: seconds of waiting for clients per second. The kind at the top is the one to foresee first."),
        ("Round trip to the clients", "s", quantiles("coordinator_fact_round_trip_seconds"),
         "Question to answer. High with few facts: the network is slow, or the clients' compiler threads starve; high with many: split by kind."),
        ("Repeated questions", "short", [("sum by (kind) (increase(jitfarm_worker_repeat_questions_total[$__range]))", "{{kind}}")],
         "Lasting facts that a worker asked one client a second time. Near zero but for what was unknown at first (resolved_*, class_state); rising for class_info or method_info: facts are evicted (below), or two compilations ask at once."),
        ("Evicted facts", "short", [("sum by (kind) (increase(jitfarm_worker_fact_cache_evictions_total[$__range]))", "{{kind}}"), ("sum(increase(jitfarm_worker_shape_evictions_total[$__range]))", "class shapes, workers"), ("sum by (cause) (increase(jitfarm_coordinator_shape_evictions_total[$__range]))", "class shapes, coordinator: {{cause}}")],
         "Forgotten for want of room, to be asked again. Not zero: give the workers more memory, or start more of them; for class shapes at the coordinator, raise --shape-bytes. Cause size: a class above 1 MiB, passed on and not kept."),
        ("Who brings class shapes", "reqps", [(rate("coordinator_shape_queries_total", "source"), "{{source}}")],
         "client: the first who has a class brings it; it falls to nothing once a program has run here before. Still high with known programs: shapes are evicted (above), or their classes differ from run to run (generated ones do). awaited: clients of one program that start together."),
        ("Class shapes at the coordinator", "short", [("sum(jitfarm_coordinator_shapes)", "shapes")],
         "Kept for all clients, named by content. Steps down: the memory for them is full, see the evictions above."),
        ("Negative hits", "reqps", [(rate("worker_fact_cache_negative_hits_total", "kind"), "{{kind}}")],
         "Questions that were not asked because 'unknown' had come with the request. Falling to zero while round trips rise: the agents foresee less than before."),
        ("Facts asked per request", "short", [(f"sum by (kind) (rate(jitfarm_coordinator_fact_keys_total[$__rate_interval])) / ignoring(kind) group_left sum(rate(jitfarm_coordinator_requests_total[$__rate_interval]))", "{{kind}}")],
         "Normalised by requests: a kind that grows here asks more per compilation than before; compare with the release before."),
        ("Share of the chattiness budget", "percentunit", [("jitfarm:facts_asked_per_request / on (kind) jitfarm:chattiness_budget", "{{kind}}")],
         "Above 100 %: the kind is asked more often than dashboards/chattiness.toml expects of a compilation, and JitfarmChattyKind fires. docs/how-to/find-a-chatty-kind.md goes on from here."),
        ("Round trips per compilation", "short", [(quantile(0.5, "coordinator_fact_waves"), "p50"), (quantile(0.99, "coordinator_fact_waves"), "p99")],
         "Waves of questions to the client. Above 1 at the median in a warm farm: facts that could be foreseen are asked late."),
        ("Waiting per compilation", "s", quantiles("worker_fact_wait_seconds"),
         "Time that one compilation waited for its client, all waves together. Far above a round trip: several waves; see the panel above."),
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
        ("Stages of the compiler, p95", "s", [("histogram_quantile(0.95, sum by (le, stage) (rate(jitfarm_worker_stage_seconds_bucket[$__rate_interval])))", "{{stage}}")],
         "Which stage takes the time. translate runs once per wave; optimise and generate grow with inlining. Record a slow one and look with jitfarm replay --times."),
        ("Stages of the compiler, share", "short", [("sum by (stage) (rate(jitfarm_worker_stage_seconds_sum[$__rate_interval]))", "{{stage}}")],
         "Seconds per second in each stage. One that grew since the last release is where to look."),
        ("Wait in the worker", "s", quantiles("worker_queue_wait_seconds"),
         "Arrival to first run of the compiler. High while CPUs are idle: raise --slots."),
        ("Failures by cause", "reqps", [(rate("worker_failures_total", "error"), "{{error}}")],
         "deadline_passed: the farm is too slow for the agents' deadline; facts_missing: clients leave questions unanswered."),
        ("Installs", "reqps", [(rate("coordinator_installs_total", "outcome"), "{{outcome}}")],
         "What JVMs did with the code. invalid_image must be zero; dependencies_failed: classes were loaded meanwhile, harmless when rare."),
        ("As the clients see it", "s", quantiles("coordinator_client_compile_seconds"),
         "From HotSpot's request to installed code. Far above the coordinator's own time: the network to the clients is slow, or their compiler threads starve."),
        ("Code installed", "Bps", [(rate("coordinator_installed_bytes_total"), "all clients")],
         "Fills the clients' code caches. High for hours: code is thrown away and compiled again; see Clients, Thrown away."),
    ]),
    "clients": ("jitfarm / Clients", [
        ("Requests and what became of them", "reqps", [(rate("agent_requests_total"), "requests"), (rate("agent_installs_total"), "installed"), (rate("agent_bailouts_total"), "declined"), (rate("agent_failures_total"), "failed"), (rate("agent_cancelled_total"), "cut off")],
         "As the agents count, also what never reached the coordinator. failed high: JVMs stay in C1; see the causes."),
        ("Fallbacks by cause", "reqps", [(rate("agent_failures_total", "error"), "{{error}}")],
         "Why compilations failed at the agents. peer_unreachable: no session or an open breaker; deadline_passed: the farm is too slow; install_refused: classes changed meanwhile."),
        ("Declined by reason", "reqps", [(rate("agent_bailouts_total", "reason"), "{{reason}}")],
         "Why methods stay in C1. excluded and class_not_initialized are decided in the agent and never reach a worker."),
        ("Circuit breakers", "short", [("sum by (breaker) (jitfarm_agent_breakers)", "{{breaker}}")],
         "Clients by the state of their breaker. open: those JVMs do not ask; their logs (JITFARM_LOG=info) say what failed."),
        ("Breaker changes, sessions", "short", [("sum by (breaker) (increase(jitfarm_agent_breaker_changes_total[$__range]))", "to {{breaker}}"), ("sum(increase(jitfarm_agent_sessions_total[$__range]))", "handshakes"), ("sum by (peer) (increase(jitfarm_coordinator_sessions_total[$__range]))", "sessions of a {{peer}}"), ("sum(increase(jitfarm_coordinator_client_losses_total[$__range]))", "clients lost")],
         "Handshakes far above new JVMs: connections break; compare with Silence on Overview. Lost clients were killed or cut off."),
        ("Thrown away, compiled again", "reqps", [(rate("agent_invalidated_total"), "thrown away"), (rate("agent_recompilations_total"), "compiled again")],
         "Code of ours that HotSpot deoptimised or unloaded. Steady after warm-up: a guess fails again and again; jitfarm top, key c, names the client (deopts, again)."),
        ("Waiting for the farm", "short", [(rate("agent_wait_seconds_total"), "threads")],
         "Compiler threads that wait, on average, all JVMs together. Near their number: the farm is the bottleneck; add workers."),
        ("To be asked later", "short", [("sum(jitfarm_agent_remembered_methods)", "methods"), ("sum(increase(jitfarm_agent_remembered_total[$__range]))", "put on the list")],
         "Methods that agents will ask for again. Growing: the farm fails them; see the causes above."),
        ("Clients that ask most", "reqps", [("max by (rank) (jitfarm_coordinator_top_client_requests_per_second)", "{{rank}}")],
         "Requests a second of the ten busiest clients. One far above the others takes its share of the queue only, but names itself in jitfarm top, key c."),
        ("Clients asked most", "reqps", [("max by (rank) (jitfarm_coordinator_top_client_questions_per_second)", "{{rank}}")],
         "Facts a second asked from the ten clients that are asked most. One far above the others: Enter on it in jitfarm top shows the kinds."),
        ("Clients with most traffic", "Bps", [("max by (rank) (jitfarm_coordinator_top_client_bytes_per_second)", "{{rank}}")],
         "Bytes a second, both directions. One far above the others for long: it loads classes all the time, or its session moves."),
        ("Clients waited for", "short", [("max by (rank) (jitfarm_coordinator_top_client_wait_per_second)", "{{rank}}")],
         "Seconds of waiting for each client's answers per second. One far above the others: its machine or network is slow."),
        ("Messages at the agents", "reqps", [(rate("agent_messages_total", "type"), "{{type}}")],
         "As the agents count them; compare with Messages: what is missing there was lost on the way."),
        ("Bytes at the agents", "Bps", [("sum by (direction) (rate(jitfarm_agent_message_bytes_total[$__rate_interval]))", "{{direction}}")],
         "What JVMs send and receive. out high after warm-up: facts are sent again and again."),
    ]),
    "workers": ("jitfarm / Workers", [
        ("In flight per worker", "short", [("sum by (instance) (jitfarm_worker_in_flight)", "{{instance}}"), ("sum by (instance) (jitfarm_worker_slots)", "{{instance}} slots")],
         "Load against slots. One worker full and the others idle: affinity is too strong for few clients; restart one session or add clients."),
        ("Sessions per worker", "short", [("sum by (instance) (jitfarm_worker_sessions)", "{{instance}}")],
         "Clients whose facts a worker holds."),
        ("Class shapes", "bytes", [("sum by (instance) (jitfarm_worker_shape_bytes)", "{{instance}}"), ("sum(jitfarm_coordinator_shape_bytes)", "coordinator")],
         "Memory for class shapes, shared between clients by content. At its limit shapes are asked again: of the coordinator, which keeps those of the whole farm; when that is at its own limit (--shape-bytes), of clients."),
        ("Facts", "bytes", [("sum by (instance) (jitfarm_worker_fact_bytes)", "{{instance}}")],
         "Memory for facts of all sessions. At its limit the least recently used sessions are forgotten and asked again."),
        ("Memory", "bytes", [("sum by (instance) (jitfarm_worker_memory_bytes)", "{{instance}}")],
         "Resident memory. Growing without end while facts and shapes do not: a leak; restart the worker (SIGTERM drains it) and report it."),
        ("Stuck runs", "short", [("sum by (instance) (increase(jitfarm_worker_stuck_runs_total[$__range]))", "{{instance}}")],
         "Runs of the compiler over the hard limit. Each costs a thread until the worker restarts itself: its log names the method; record and replay it."),
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
        "templating": {"list": [{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0, "refresh": 1, "options": []}]},
        "links": [{"title": "jitfarm", "type": "dashboards", "icon": "external link", "tooltip": "", "tags": ["jitfarm"], "asDropdown": False,
                   "targetBlank": False, "includeVars": True, "keepTime": True}],
        "annotations": {"list": []},
        "panels": [panel(i, *p) for i, p in enumerate(panels)],
    }


def chattiness_rules(budget):
    """Recording rules for budget and use, and the alert that compares them. YAML by hand: it needs no library."""
    window = budget["window"]
    lines = ["# Derived from chattiness.toml by dashboards.py.", "groups:", "  - name: jitfarm_chattiness", "    rules:"]
    for kind, limit in sorted(budget["budget"].items()):
        lines += ["      - record: jitfarm:chattiness_budget", f"        expr: vector({limit})", f"        labels: {{kind: {kind}}}"]
    lines += [
        "      - record: jitfarm:facts_asked_per_request",
        f"        expr: sum by (kind) (increase(jitfarm_coordinator_fact_keys_total[{window}])) / ignoring (kind) group_left sum(increase(jitfarm_coordinator_requests_total[{window}]))",
        "      - alert: JitfarmChattyKind",
        f"        expr: jitfarm:facts_asked_per_request > on (kind) jitfarm:chattiness_budget and on () sum(increase(jitfarm_coordinator_requests_total[{window}])) > {budget['requests_min']}",
        "        for: 5m",
        "        labels: {severity: warning}",
        "        annotations:",
        "          summary: Compilations ask more than their budget",
        '          description: "{{ $labels.kind }} is asked {{ $value | humanize }} times per compilation."',
        "          runbook: docs/how-to/find-a-chatty-kind.md. In short - jitfarm top, key k, Enter on the kind - tells which client; Evicted facts and Repeated questions on the dashboard Messages tell forgotten facts from new questions; a new release that asks more is a bug, report it with a recorded bundle.",
    ]
    return "\n".join(lines) + "\n"


def main():
    texts = {FOLDER / f"{uid}.json": json.dumps(dashboard(uid, title, panels), indent=2) + "\n" for uid, (title, panels) in DASHBOARDS.items()}
    rules = chattiness_rules(tomllib.loads(BUDGET.read_text()))
    if "--check" in sys.argv[1:]:
        stale = [str(f.name) for f, text in texts.items() if not f.exists() or f.read_text() != text]
        stale += [CHATTINESS_RULES.name] if not CHATTINESS_RULES.exists() or CHATTINESS_RULES.read_text() != rules else []
        surplus = [f.name for f in FOLDER.glob("*.json") if f not in texts]
        if stale or surplus:
            sys.exit(f"dashboards/dashboards.py and its JSON differ: {stale + surplus}; run it and commit")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        file.write_text(text)
    CHATTINESS_RULES.write_text(rules)


if __name__ == "__main__":
    main()
