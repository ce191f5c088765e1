#!/usr/bin/env python3
"""Does a build know its commit, and does it do without git?"""

import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build_string(source, *definitions):
    script = source.parent / "ask.cmake"
    script.write_text(f'include("{ROOT}/cmake/build_string.cmake")\njf_build_string(found "{source}" 1.2.3)\nmessage(NOTICE "${{found}}")\n')
    done = subprocess.run(["cmake", *definitions, "-P", script], capture_output=True, text=True, check=True)
    return done.stderr.strip()


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def expect(what, found, wanted):
    assert found == wanted, f"{what}: {found!r}, not {wanted!r}"


def main():
    with tempfile.TemporaryDirectory() as scratch:
        source = pathlib.Path(scratch).resolve() / "source"
        below = source / "vendor"
        below.mkdir(parents=True)
        expect("no repository", build_string(source), "1.2.3")
        if shutil.which("git"):
            git(source, "init", "-q")
            expect("no commit yet", build_string(source), "1.2.3")
            git(source, "commit", "-q", "--allow-empty", "-m", "first")
            first = git(source, "rev-parse", "HEAD")[:10]
            expect("a clone", build_string(source), f"1.2.3+{first}")
            expect("inside of another repository", build_string(below), "1.2.3")
            git(source, "commit", "-q", "--allow-empty", "-m", "second")
            assert first not in build_string(source), "an old commit"
            expect("no git", build_string(source, "-DJITFARM_GIT="), "1.2.3")


if __name__ == "__main__":
    main()
