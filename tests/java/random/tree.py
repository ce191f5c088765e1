"""How is a random program kept, printed, and cut down?

A program is a tree. A node's parts are pieces of Java text and nodes; its kind says what may be done to it while shrinking:

    expr   an expression of a type: may become any expression of the same type below it, or the type's simplest value
    stmt   may become the statements of a block below it
    list   each item, a stmt or a member, may go
    fixed  only holds others

Nodes never change: an edit makes a new tree that shares what it does not touch.
"""

import re

SIMPLEST = {
    "int": "1", "long": "1L", "float": "1f", "double": "1d", "boolean": "true", "byte": "(byte) 1", "short": "(short) 1", "char": "'a'",
    "String": '"a"',
}


class Node:
    __slots__ = ("kind", "type", "parts")

    def __init__(self, kind, type, parts):
        self.kind, self.type, self.parts = kind, type, tuple(parts)


def expr(type, *parts):
    return Node("expr", type, parts)


def stmt(*parts):
    return Node("stmt", None, parts)


def items(nodes):
    return Node("list", None, nodes)


def fixed(*parts):
    return Node("fixed", None, parts)


def pieces(node, out):
    for part in node.parts:
        if isinstance(part, str):
            out.append(part)
        else:
            pieces(part, out)


def text(node):
    """The tree as Java, each line indented by the braces before it (none of our strings has a brace)."""
    out = []
    pieces(node, out)
    lines, depth = [], 0
    for line in "".join(out).split("\n"):
        line = line.strip()
        if not line:
            continue
        first = line.startswith("}")
        lines.append("  " * (depth - first) + line)
        depth += line.count("{") - line.count("}")
    return "\n".join(lines) + "\n"


def size(node):
    return sum(len(p) if isinstance(p, str) else size(p) for p in node.parts)


def replaced(node, path, new):
    """The tree with the node at the path replaced; None: removed from its list."""
    at, rest = path[0], path[1:]
    parts = list(node.parts)
    if rest:
        parts[at] = replaced(parts[at], rest, new)
    elif new is None:
        del parts[at]
    else:
        parts[at] = new
    return Node(node.kind, node.type, parts)


def below(node, kind, type, limit=6):
    """The nearest nodes of that kind and type under this one."""
    found, level = [], [p for p in node.parts if not isinstance(p, str)]
    while level and len(found) < limit:
        found += [n for n in level if n.kind == kind and n.type == type]
        level = [p for n in level for p in n.parts if not isinstance(p, str)]
    return found[:limit]


def edits(root):
    """All single edits as (bytes saved, path, new node or None), the largest first. Runs of items count as one edit."""
    found = []

    def visit(node, path):
        for i, part in enumerate(node.parts):
            if isinstance(part, str):
                continue
            here, bytes = path + (i,), size(part)
            if node.kind == "list":
                found.append((bytes, here, None))
            elif part.kind == "list" and len(part.parts) > 3:
                half = len(part.parts) // 2
                for kept in (part.parts[:half], part.parts[half:]):
                    found.append((bytes - sum(map(size, kept)), here, items(kept)))
            if part.kind == "stmt":
                for block in below(part, "list", None, 3):
                    if block.parts:
                        found.append((bytes - size(block), here, stmt(block)))
            if part.kind == "expr":
                simplest = SIMPLEST.get(part.type, f"(({part.type}) null)")
                if bytes > len(simplest) + 2:
                    found.append((bytes - len(simplest), here, expr(part.type, simplest)))
                for smaller in below(part, "expr", part.type, 4):
                    found.append((bytes - size(smaller), here, smaller))
            visit(part, here)

    visit(root, ())
    found.sort(key=lambda e: -e[0])
    return found


def apply_all(root, chosen):
    """Applies edits that do not overlap; those inside or beside an earlier one of the same list are left out."""
    done = []
    for _, path, new in sorted(chosen, key=lambda e: -e[0]):
        if not any(path[:len(p)] == p or p[:len(path)] == path for p, _ in done):
            done.append((path, new))
    # From the back, so that a removal does not move the places of those still to come.
    for path, new in sorted(done, reverse=True):
        root = replaced(root, path, new)
    return root


DECLARED = re.compile(r"\b(?:class|interface|enum|record) (\w+)|\b(\w+)\s*\(|\b(\w+)(?: =|;)")


def without_unused(root):
    """The tree without the members that nothing names."""
    while True:
        words = {}
        for word in re.findall(r"\w+", text(root)):
            words[word] = words.get(word, 0) + 1
        found = []

        def visit(node, path):
            for i, part in enumerate(node.parts):
                if isinstance(part, str):
                    continue
                if node.kind == "list" and part.kind == "stmt":
                    own = text(part)
                    name = DECLARED.search(own)
                    name = name and next(g for g in name.groups() if g)
                    if name and own.startswith(("static ", "private ", "public ", "final ", "enum ", "record ", "interface ", "sealed ")) and words[name] == len(re.findall(rf"\b{name}\b", own)):
                        found.append((size(part), path + (i,), None))
                        continue
                visit(part, path + (i,))

        visit(root, ())
        if not found:
            return root
        root = apply_all(root, found)
