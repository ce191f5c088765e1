"""What is the smallest program that still fails?

Edits are tried by the dozen: all candidates of a round are compiled, run in one JVM in the interpreter and in one with the farm. The
next round begins with all edits that kept the failure, together; else with the one that saved most.
"""

import time

from machine import Failure, Program, first_difference
from tree import apply_all, edits, replaced, size, text, without_unused

CANDIDATES = 24



def failures_of(machine, trees, name, combination, wrong):
    """The failure of each tree, or nothing. Trees that do not compile do not fail."""
    jobs, programs = [], []
    for n, tree in enumerate(trees):
        folder = machine.scratch / "shrink" / str(n)
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.class"):
            old.unlink()
        (folder / f"{name}.java").write_text(text(tree))
        jobs.append((folder, [folder / f"{name}.java"]))
        programs.append(Program(str(n), str(folder), name))
    good = [p for p, error in zip(programs, machine.compile(jobs)) if error is None]
    found = [None] * len(trees)
    if not good:
        return found
    expected = machine.interpret(good).text
    good = [p for p in good if p.id in expected]  # an edit may have taken an end condition away
    actual = machine.farm(good, combination, wrong)
    for p in good:
        if p.id in actual.failures:
            found[int(p.id)] = actual.failures[p.id]
        elif actual.text.get(p.id, expected[p.id]) != expected[p.id]:
            found[int(p.id)] = Failure("differs", first_difference(expected[p.id], actual.text[p.id]))
    return found


def shrink(machine, tree, name, combination, kind, seconds, wrong=False, say=print):
    """The smallest tree found in time, and its failure."""
    end, failure, start = time.monotonic() + seconds, None, 0
    patience, machine.patience = machine.patience, min(machine.patience, 30)

    def tried(trees):
        return [f if f and f.kind == kind else None for f in failures_of(machine, trees, name, combination, wrong)]

    try:
        first = without_unused(tree)
        found = tried([first])[0]
        if found:
            tree, failure = first, found
        while time.monotonic() < end:
            possible = edits(tree)
            if start >= len(possible):
                break
            chosen = possible[start:start + CANDIDATES]
            kept = [(e, f) for e, f in zip(chosen, tried([replaced(tree, path, new) for _, path, new in chosen])) if f]
            if not kept:
                start += CANDIDATES
                continue
            one = replaced(tree, kept[0][0][1], kept[0][0][2])
            together = apply_all(tree, [e for e, _ in kept])
            results = [(one, kept[0][1])] + [(t, f) for t, f in zip((together, without_unused(together)), tried([together, without_unused(together)])) if f]
            tree, failure = min(results, key=lambda r: size(r[0]))
            # What was refused before would mostly be refused again: go on from about there.
            start = max(0, start - CANDIDATES)
            say(f"      shrunk to {size(tree)} characters", flush=True)
    finally:
        machine.patience = patience
    return tree, failure
