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
    "common/base/id.h", "common/base/log.h", "common/base/lru.h", "common/base/result.h", "common/code/code_image.h",
    "common/code/compile_task.h", "common/code/image_codec.h", "common/code/replay_bundle.h", "common/facts/fact.h",
    "common/facts/fact_codec.h", "common/facts/values.h", "common/facts/vm_config.h", "common/protocol/catalogue.h",
    "common/protocol/envelope.h", "common/protocol/handshake.h", "common/protocol/message.h", "common/protocol/messages.h",
    "common/protocol/packet.h", "common/wire/codec.h", "common/wire/describe.h", "common/wire/limits.h",
    "tests/compiler", "tests/e2e", "tests/java", "tests/unit/compiler_front", "worker/compiler",
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
