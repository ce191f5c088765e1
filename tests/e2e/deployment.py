#!/usr/bin/env python3
"""What can be checked of the deployment without a container engine: compose file, image, rules, dashboards.

Every path, program, option, port and environment variable that they name exists; every query of every panel and alert runs
against a real Prometheus that scrapes a real farm under load.
"""

import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import yaml

import farm as e2e

GRAFANA = e2e.ROOT / "dashboards/grafana"
RULES = ["rules.yml", "chattiness.yml"]
SCHEMA = e2e.ROOT / "tests/e2e/grafana"
SKIPPED = 77
GRAFANA_VARIABLES = {"__rate_interval", "__range", "__interval"}
# Debian packages that every Debian image has: apt needs them.
IN_EVERY_IMAGE = {"libc6", "libgcc-s1", "libstdc++6"}


def compose_file(farm):
    """compose.yaml names only what exists."""
    compose = yaml.safe_load((e2e.ROOT / "compose.yaml").read_text())
    services = compose["services"]
    assert {"coordinator", "worker", "prometheus", "grafana", "example"} <= set(services)
    stages = re.findall(r"^FROM \S+ AS (\w+)$", (e2e.ROOT / "Dockerfile").read_text(), re.M)
    listening = {}
    for name, service in services.items():
        if "build" in service:
            assert service["build"]["target"] in stages, name
            program, *arguments = service["command"]
            if program == "jitfarm":
                program, arguments = "jitfarm run", arguments[1:arguments.index("--")]
            usage = subprocess.run([str(farm.build / "bin" / program.split()[0]), *program.split()[1:], "--help"], capture_output=True, text=True).stdout
            options = [a for a in arguments if a.startswith("--")]
            for option in options:
                assert re.search(rf"{option}\b", usage), f"{program} has no {option}:\n{usage}"
            for variable in service.get("environment", {}):
                assert variable in usage, f"{program} does not know {variable}"
            for a in arguments:
                if m := re.fullmatch(r"(?:tcp://)?0\.0\.0\.0:(\d+)", a):
                    listening.setdefault(name, set()).add(int(m[1]))
        for volume in service.get("volumes", []):
            assert (e2e.ROOT / volume.split(":")[0]).exists(), volume
        for network in service["networks"]:
            assert network in compose["networks"], network
        for dependency in service.get("depends_on", []):
            assert dependency in services, dependency
    named = re.findall(r"(coordinator|worker):(\d+)", (e2e.ROOT / "compose.yaml").read_text() + (e2e.ROOT / "dashboards/prometheus/prometheus.yml").read_text())
    for service, port in named:
        assert int(port) in listening[service], f"{service} does not listen on {port}"
    scrape = yaml.safe_load((e2e.ROOT / "dashboards/prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert any(int(d["port"]) in listening["worker"] for s in scrape for d in s.get("dns_sd_configs", []))


def package_of(library):
    """The Debian package of a library, or None. dpkg knows files under the name of before or after the merge of /usr."""
    path = os.path.realpath(library)
    for name in (path, path.removeprefix("/usr"), "/usr" + path.removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return None


def image_packages(farm):
    """The Dockerfile installs the packages of the libraries that the programs and the agent are linked with, and no others."""
    stage = re.search(r"AS farm\n(.*?)(?=^FROM)", (e2e.ROOT / "Dockerfile").read_text(), re.M | re.S)[1]
    listed = set(re.search(r"--no-install-recommends \\\n(.*?)\\\n", stage, re.S)[1].split())
    needed, loaded = {}, set()
    for file in ("bin/jitfarm", "bin/jitfarm-coordinator", "bin/jitfarm-worker", "lib/libjvmcicompiler.so"):
        direct = set(re.findall(r"NEEDED\s+(\S+)", subprocess.run(["objdump", "-p", str(farm.build / file)], capture_output=True, text=True, check=True).stdout))
        resolved = dict(re.findall(r"^\s*(\S+) => (/\S+)", subprocess.run(["ldd", str(farm.build / file)], capture_output=True, text=True, check=True).stdout, re.M))
        loaded |= {os.path.realpath(path) for path in resolved.values()}
        for name in direct & set(resolved):  # the loader itself is named without an arrow
            needed[resolved[name]] = f"{file} needs {name}"
    packages = {library: package_of(library) for library in needed}
    missing = {(packages[library], why) for library, why in needed.items() if packages[library] not in listed | IN_EVERY_IMAGE}
    assert not missing, f"not in the Dockerfile: {sorted(missing, key=str)}"
    surplus = listed - {package_of(library) for library in loaded}
    assert not surplus, f"in the Dockerfile, and nothing is linked with it: {surplus}"


def prometheus_rules(farm):
    """prometheus.yml and the rules pass promtool; every alert has severity, summary, description and runbook."""
    folder = e2e.ROOT / "dashboards/prometheus"
    for command in (["promtool", "check", "config", "prometheus.yml"], ["promtool", "check", "rules", *RULES]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done
    for group in rule_groups():
        for rule in group["rules"]:
            if "record" in rule:
                continue
            assert rule["labels"]["severity"] in ("critical", "warning") and rule["for"], rule
            assert {"summary", "description", "runbook"} <= set(rule["annotations"]), rule


def rule_groups():
    return [group for file in RULES for group in yaml.safe_load((e2e.ROOT / "dashboards/prometheus" / file).read_text())["groups"]]


def dashboards_are_derived(farm):
    """The JSON is what dashboards.py writes; panels do not overlap and say what to do."""
    subprocess.run([str(e2e.ROOT / "dashboards/dashboards.py"), "--check"], check=True)
    for file in (GRAFANA / "dashboards").glob("*.json"):
        dashboard = json.loads(file.read_text())
        places = set()
        for panel in dashboard["panels"]:
            assert len(panel["description"]) > 20 and panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            place = (panel["gridPos"]["x"], panel["gridPos"]["y"])
            assert place not in places, panel["title"]
            places.add(place)
        assert len({p["id"] for p in dashboard["panels"]}) == len(dashboard["panels"])
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/jitfarm.yaml").read_text())["providers"][0]["options"]["path"]
    assert provider in (e2e.ROOT / "compose.yaml").read_text(), "the dashboards are mounted elsewhere"


def dashboards():
    return {file.stem: json.loads(file.read_text()) for file in sorted((GRAFANA / "dashboards").glob("*.json"))}


def schema(farm):
    """The dashboards have the types that Grafana publishes (npm, @grafana/schema); one with a wrong word in it has not."""
    if not shutil.which("npm"):
        print("skipped: there is no npm")
        sys.exit(SKIPPED)
    folder = farm.folder / "schema"
    shutil.copytree(SCHEMA, folder)
    installed = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=300)
    assert installed.returncode == 0, installed.stdout + installed.stderr

    def write(name, dashboard):
        (folder / f"{name}.ts").write_text(f'import type {{ GrafanaDashboard }} from "./schema";\nexport const dashboard: GrafanaDashboard = {json.dumps(dashboard, indent=2)};\n')

    def compiled():
        done = subprocess.run(["node_modules/.bin/tsc", "--project", "."], cwd=folder, capture_output=True, text=True, timeout=300)
        return done.returncode == 0, done.stdout
    for name, dashboard in dashboards().items():
        write(name, dashboard)
    fits, complaints = compiled()
    assert fits, complaints
    for damage in (lambda d: d["panels"][0]["options"]["legend"].update(displayMode="lists"), lambda d: d["panels"][0]["gridPos"].pop("w"),
                   lambda d: d["templating"]["list"][0].update(hidden=True), lambda d: d["panels"][0]["fieldConfig"]["defaults"]["custom"].update(fillOpacity="10")):
        wrong = dashboards()["overview"]
        damage(wrong)
        write("wrong", wrong)
        fits, complaints = compiled()
        assert not fits and "wrong.ts" in complaints, f"not noticed: {damage}"


def references_resolve(farm):
    """Variables of dashboards are defined and have values, their links lead to dashboards, those of runbooks to pages and headings."""
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text())["datasources"]
    tags = {tag for dashboard in dashboards().values() for tag in dashboard["tags"]}
    uids = {dashboard["uid"] for dashboard in dashboards().values()}
    assert len(uids) == len(dashboards())
    for name, dashboard in dashboards().items():
        variables = {v["name"]: v for v in dashboard["templating"]["list"]}
        used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard["panels"])))
        assert used <= set(variables) | GRAFANA_VARIABLES, (name, used)
        assert set(variables) <= used, f"{name}: a variable that nothing uses"
        for variable in variables.values():  # of data sources all: their values are what is provisioned
            assert variable["type"] == "datasource" and any(s["type"] == variable["query"] for s in sources), variable
        for link in dashboard["links"]:
            assert link["type"] == "dashboards" and set(link["tags"]) <= tags, link
        assert set(re.findall(r"/d/([\w-]+)", json.dumps(dashboard))) <= uids, name
    texts = [text for group in rule_groups() for rule in group["rules"] for text in rule.get("annotations", {}).values()]
    pages = {page for text in texts for page in re.findall(r"docs/[\w/.-]+\.md(?:#[\w-]+)?", text)}
    assert pages
    for page in pages:
        file, _, anchor = page.partition("#")
        headings = re.findall(r"^#+ (.*)$", (e2e.ROOT / file).read_text(), re.M)
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}, page


def ask(server, query):
    url = f"http://{server}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return json.loads(error.read())


def queries(farm):
    """Every query of every panel and alert runs on a real Prometheus that scrapes a real farm, and panels have data."""
    worker_metrics = f"127.0.0.1:{e2e.free_port()}"
    farm.start_coordinator()
    farm.start_worker(arguments=["--metrics", worker_metrics])
    farm.wait_for_workers(1)
    server = f"127.0.0.1:{e2e.free_port()}"
    config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
              "rule_files": [str(e2e.ROOT / "dashboards/prometheus" / file) for file in RULES],
              "scrape_configs": [{"job_name": "coordinator", "static_configs": [{"targets": [farm.endpoints["metrics"]]}]},
                                 {"job_name": "worker", "static_configs": [{"targets": [worker_metrics]}]}]}
    (farm.folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    log = open(farm.folder / "prometheus.log", "wb")
    prometheus = subprocess.Popen(["prometheus", f"--config.file={farm.folder}/prometheus.yml", f"--storage.tsdb.path={farm.folder}/tsdb",
                                   f"--web.listen-address={server}"], stdout=log, stderr=log)
    farm.processes.append(prometheus)
    log.close()

    def up():
        try:
            return len([r for r in ask(server, "up == 1")["data"]["result"]]) == 2
        except (OSError, json.JSONDecodeError):  # not listening yet, or still loading ("Service Unavailable")
            return False
    e2e.wait_until(up, 60, "Prometheus scrapes coordinator and worker")
    # Load while it scrapes: two clients, one after the other, so that rates have a slope. Each is idle at its end, which clears
    # its backlog.
    for _ in range(2):
        run = farm.start_run(farm.workload(idle_ms=4000)).finish()
        assert run.process.returncode == 0, run.errors
    time.sleep(3)  # two scrapes after the load

    empty, wrong = [], []
    for file in sorted((GRAFANA / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel["targets"]:
                query = target["expr"].replace("$__rate_interval", "2m").replace("$__range", "10m")
                answer = ask(server, query)
                if answer["status"] != "success":
                    wrong.append((file.name, panel["title"], answer.get("error")))
                elif all(math.isnan(float(r["value"][1])) for r in answer["data"]["result"]):  # 0/0 is no data, either
                    empty.append((file.name, panel["title"], query))
    for group in rule_groups():
        for rule in group["rules"]:
            title = rule.get("alert") or rule["record"]
            answer = ask(server, rule["expr"])
            if answer["status"] != "success":
                wrong.append(("rules", title, answer.get("error")))
            for metric in set(re.findall(r"jitfarm[_:]\w+", rule["expr"])):
                if not ask(server, f"count({metric})")["data"]["result"]:
                    empty.append(("rules", title, metric))
    assert not wrong, wrong
    assert not empty, empty
    # What the farm exports and nobody looks at is a panel that is missing.
    names = ask(server, 'count by (__name__) ({__name__=~"jitfarm_.*"})')["data"]["result"]
    exported = {re.sub(r"_(bucket|sum|count)$", "", r["metric"]["__name__"]) for r in names}
    used = set(re.findall(r"jitfarm_\w+", "".join(f.read_text() for f in (GRAFANA / "dashboards").glob("*.json"))))
    used = {re.sub(r"_bucket$", "", u) for u in used}
    assert exported <= used | {"jitfarm_coordinator_message_bytes_total", "jitfarm_worker_message_bytes_total", "jitfarm_coordinator_bailouts_total", "jitfarm_worker_fact_waves"}, exported - used


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [compose_file, image_packages, prometheus_rules, dashboards_are_derived, schema, references_resolve, queries]})
