#!/usr/bin/env python3
"""Are the sources formatted as .clang-format says?

format.py: names the files that are not, and fails. format.py --fix: formats them.
"""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORMATTED = ("cli", "common", "coordinator", "tests", "worker")
# Not yet: what many branches change at the moment, and the headers that nearly every file includes, whose change builds
# everything again. Whoever changes one of these anyway formats it and takes it off the list.
WAITING = (
    "common/actor/scheduler.h", "common/base/id.h", "common/base/log.cpp", "common/base/log.h", "common/base/lru.h",
    "common/base/result.h", "common/code", "common/facts", "common/metrics/http_server.h", "common/metrics/labels.h",
    "common/metrics/registry.h", "common/metrics/traffic.h", "common/net/curve.cpp", "common/net/curve.h", "common/protocol",
    "common/wire", "tests/bench", "tests/compiler", "tests/e2e",
    "tests/fuzz/peers_test.cpp", "tests/java", "tests/unit/common", "tests/unit/compiler_front",
    "tests/unit/reference", "tests/unit/vmagent_facts", "tests/unit/vmagent_install", "worker/compiler",
)


def waits(path):
    return any(path == w or path.startswith(w + "/") for w in WAITING)


def main():
    clang_format = shutil.which("clang-format-19")
    if not clang_format:
        sys.exit("clang-format-19 is not installed: scripts/setup does it")
    gone = [w for w in WAITING if not (ROOT / w).exists()]
    files = [p for top in FORMATTED for p in sorted((ROOT / top).rglob("*")) if p.suffix in (".cpp", ".h")]
    files = [p for p in files if not waits(p.relative_to(ROOT).as_posix())]
    if "--fix" in sys.argv[1:]:
        subprocess.run([clang_format, "-i", *files], check=True, cwd=ROOT)
    wrong = []
    for path in files:
        text = path.read_bytes()
        if subprocess.run([clang_format, path], capture_output=True, check=True, cwd=ROOT).stdout != text:
            wrong.append(path.relative_to(ROOT).as_posix())
    for path in wrong:
        print(f"{path}: not formatted, run tests/style/format.py --fix")
    for path in gone:
        print(f"{path}: is on the list of tests/style/format.py and does not exist")
    print(f"{len(files)} files, {len(wrong) + len(gone)} problems")
    return 1 if wrong or gone else 0


if __name__ == "__main__":
    sys.exit(main())
