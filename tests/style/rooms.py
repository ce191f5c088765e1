#!/usr/bin/env python3
"""Do includes go one way? A file may include headers of its own room and of the rooms that its jf_room() or program depends on.

Also: a library stays in its room, and nothing in the sources names the machine that it was written on.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ("coordinator", "worker", "vmagent")
# Which rooms may see a library's headers.
LIBRARIES = {
    r"<(zmq|zmq_addon)\.h(pp)?>": ("common/net",),
    r"<llvm/": ("worker/compiler",),
    r"<jni\.h>|<jvmti\.h>": ("vmagent",),
    r"<msgpack[./]": ("common/wire",),
    r"<prometheus/": ("common/metrics",),
    r"<microhttpd\.h>": ("common/metrics",),
    r"<CLI/": ("cli", "coordinator", "worker"),
}
# Headers that are a room's face for others: they need nothing of the room but themselves. The worker gets the compiler as a
# function, so that its tests run without LLVM.
FACES = {"worker/compiler/compiler.h"}
FORBIDDEN = re.compile(r"/work/|/tmp/brief|/home/\w+/|deb\.debian\.org|registry\.npmjs|pypi\.org")


def rooms():
    """Room -> rooms it depends on, from the CMakeLists."""
    found = {}
    for file in ROOT.glob("*/**/CMakeLists.txt"):
        text = re.sub(r"#.*", "", file.read_text())
        for name, body in re.findall(r"jf_room\(\s*([\w/]+)([^)]*)\)", text):
            depends = re.search(r"DEPENDS\s+((?:[\w/]+\s*)+?)(?=EXTERNAL|SOURCES|$)", body.strip())
            found[name] = set(depends[1].split()) if depends else set()
    return found


def closure(room, graph, seen=None):
    seen = seen if seen is not None else set()
    for other in graph.get(room, ()):
        if other not in seen:
            seen.add(other)
            closure(other, graph, seen)
    return seen


def room_of(path, graph):
    """The innermost room whose folder holds the file, or None for a program's main.cpp."""
    folder = path.parent.as_posix()
    while folder and folder != ".":
        if folder in graph:
            return folder
        folder = pathlib.PurePosixPath(folder).parent.as_posix()
    return None


def main():
    graph = rooms()
    assert len(graph) > 20, f"only {len(graph)} rooms were found"
    problems = []
    files = 0
    for top in ("common", *PROGRAMS, "cli"):
        for file in (ROOT / top).rglob("*"):
            if file.suffix not in (".h", ".cpp", ".def"):
                continue
            files += 1
            path = file.relative_to(ROOT)
            text = file.read_text()
            room = room_of(path, graph)
            allowed = {room} | closure(room, graph) if room else None
            for include in re.findall(r'^#include "([^"]+)"', text, re.M):
                target = room_of(pathlib.PurePosixPath(include), graph)
                if not (ROOT / include).exists():
                    problems.append(f"{path} includes {include}, which does not exist")
                elif allowed is not None and target not in allowed and include not in FACES:
                    problems.append(f"{path} ({room}) includes {include}: {room} does not depend on {target}")
                there = include.split("/")[0]
                if top in PROGRAMS and there in PROGRAMS and there != top:
                    problems.append(f"{path} includes {include}: programs never include each other")
                if top == "common" and there != "common":
                    problems.append(f"{path} includes {include}: common includes only common")
            for pattern, places in LIBRARIES.items():
                if re.search(r"^#include " + f"(?:{pattern})", text, re.M) and not path.as_posix().startswith(places):
                    problems.append(f"{path}: {pattern} belongs in {', '.join(places)}")
    for file in ROOT.rglob("*"):
        relative = file.relative_to(ROOT).as_posix()
        if file.is_dir() or relative.startswith(("build/", ".git")) or file.suffix in (".pyc", ".jar", ".class") or relative == "tests/style/rooms.py":
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        for match in FORBIDDEN.finditer(text):
            problems.append(f"{relative}: '{match[0]}' does not belong in the repository")
    print("\n".join(problems))
    print(f"{files} files in {len(graph)} rooms, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
