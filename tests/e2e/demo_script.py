#!/usr/bin/env python3
"""Does scripts/demo fail when the farm was not used? With a JDK and a jitfarm that only pretend."""

import json
import os
import shutil
import subprocess
import zipfile

import farm as e2e

JITFARM = """#!/bin/sh
# jitfarm run --require --report FILE -- COMMAND..
cp "$DEMO_REPORT" "$4"
shift 5
"$@"
[ "$DEMO_CODE" = 0 ] || exit "$DEMO_CODE"
"""


JAVA = """#!/bin/sh
printf 'sum\\t10\\t7\\n'
while [ $# -gt 0 ]; do
  [ "$1" = -d ] && mkdir -p "$2"
  shift
done
exit 0
"""


def demo(farm, installed, code, java=JAVA):
    """Runs a copy of the script in a tree of stubs."""
    tree = farm.folder / "tree"
    jdk = farm.folder / "jdk"

    def script(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    script(tree / "scripts/build", "#!/bin/sh\n")
    script(tree / "build/release/bin/jitfarm", JITFARM)
    script(jdk / "bin/java", java)
    script(jdk / "bin/javac", "#!/bin/sh\n")
    shutil.copy(e2e.ROOT / "scripts/demo", tree / "scripts/demo")
    (jdk / "lib").mkdir()
    with zipfile.ZipFile(jdk / "lib/src.zip", "w") as sources:
        sources.writestr("java.base/java/util/A.java", "")
    times = {"mean": 0, "p50": 0, "p99": 0}
    report = {"methods": {"requested": 9, "installed": installed, "bailed_out": {"monitor": 3, "osr_entry": 4}, "failed": 2, "failed_by_error": {"worker_lost": 2},
                          "cancelled": 4242, "invalidated": 0},
              "messages": {}, "round_trips": times, "compile_seconds": times, "worker_queue_seconds": times, "compiler_seconds": times,
              "waits": {"longest_seconds": 0.5}, "farm": {"sessions": 1, "available_seconds": 2, "agent": "ready", "problems": ["the moon is full"]},
              "jvm": {"cpu_seconds": 1, "max_rss_bytes": 1 << 20, "exit_code": 0}}
    (farm.folder / "report.json").write_text(json.dumps(report))
    environment = {**os.environ, "PATH": f"{jdk}/bin:{os.environ['PATH']}", "DEMO_REPORT": str(farm.folder / "report.json"), "DEMO_CODE": str(code)}
    return subprocess.run([str(tree / "scripts/demo")], env=environment, capture_output=True, text=True, timeout=60)


def farm_used(farm):
    """With a farm that compiles, the script succeeds."""
    done = demo(farm, installed=5, code=0)
    assert done.returncode == 0 and "installed 5, bailed out 7, failed 2, cancelled 4242," in done.stdout, done
    for line in ("worker_lost", "monitor", "longest wait for the farm: 500.0 ms", "1 sessions", "problem: the moon is full"):
        assert line in done.stdout, (line, done)


def farm_unused(farm):
    """--require's exit code ends the script, with the end of the log."""
    done = demo(farm, installed=5, code=125)
    assert done.returncode != 0 and "javac with the farm failed with exit code 125" in done.stderr, done
    shutil.rmtree(farm.folder / "jdk")
    done = demo(farm, installed=0, code=0)
    assert done.returncode != 0 and "the farm compiled nothing" in done.stderr, done


def jvm_fails(farm):
    """A program that fails without the farm ends the script, too."""
    done = demo(farm, installed=5, code=0, java="#!/bin/sh\necho broken >&2\nexit 3\n")
    assert done.returncode != 0 and "failed with exit code 3" in done.stderr and "broken" in done.stderr, done


if __name__ == "__main__":
    e2e.main({f.__name__: f for f in [farm_used, farm_unused, jvm_fails]})
