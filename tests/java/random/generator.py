"""Which Java program belongs to this seed?

A program is one class P<seed> with everything nested in it: class hierarchies, static methods, kernels of random statements, and some
of the situations of situations.py. run() calls the kernels round after round and writes a line with a checksum after
each, so that a difference tells where it began. It ends by itself, for loops have bounds and calls are counted (Meter), and
it prints the same in every run. Two thirds of the way the phase changes: receivers of new classes appear, and branches are taken
that never were.
"""

import random

from expressions import UNARY, Expressions
from scope import EDGES, NUMERIC, PRIMITIVES, WEIGHTED, Meter, Method, Scope, Var
from situations import SITUATIONS, Situations
from statements import Statements
from tree import fixed, items, stmt

ROUNDS = 36
CALLS = 3  # of each kernel in a round


LOCKS = ("static final Object LOCK = new Object();\n", 'static final Object[] P_LOCKS = {"lock", new int[1], new Object()};\n')
FAILURE = """static final class Failure extends RuntimeException {
final int code;
Failure(int code, Throwable cause) { super("failure " + code, cause); this.code = code; }
}
"""


class Field:
    def __init__(self, name, type, final=False, volatile=False):
        self.name, self.type, self.final, self.volatile = name, type, final, volatile

    def modifiers(self):
        return "final " if self.final else "volatile " if self.volatile else ""


class Class:
    def __init__(self, name, parent, abstract, late):
        self.name, self.parent, self.abstract, self.late = name, parent, abstract, late
        self.slot, self.fields = None, []

    def root(self):
        return self.parent.root() if self.parent else self

    def all_fields(self):
        return self.fields + ([f for f in self.parent.all_fields()] if self.parent else [])


class Generator(Expressions, Statements, Situations):
    def __init__(self, seed, canary=False):
        self.seed, self.random = seed, random.Random(seed)
        self.canary = canary
        self.names = 0
        self.statics, self.classes, self.methods = [], [], []
        self.members, self.arrays_of_classes = [], []
        self.kernels = []  # (name, parameter types)

    def fresh(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    # ---- methods

    def parameters(self, most=5):
        count = self.number(7, 13) if self.chance(0.1) else self.number(0, most)
        return [self.any_type() if self.chance(0.9) else "String" for _ in range(count)]

    def body(self, parameters, returns, limit, statements, **scope):
        """The text between a method's parentheses and its end, and its cost."""
        variables = [Var(self.fresh("a"), t, False) for t in parameters]
        meter = Meter(limit)
        inside = Scope(list(variables), meter, returns=returns, **scope)
        parts = [", ".join(f"{v.type} {v.name}" for v in variables), ") {\n"]
        parts.append(items([self.statement(inside) for _ in range(statements)]))
        if returns != "void":
            parts += ["return ", self.value(returns, inside, 3), ";\n"]
        return fixed(*parts, "}\n"), meter.used + 5

    def static_method(self, pure, limit, statements):
        m = Method(self.fresh("pure" if pure else "help"), self.pick(WEIGHTED + ["String"] * 2 + (["void"] * 2 if not pure else [])), self.parameters(), pure=pure)
        if pure:
            m.parameters = [t for t in m.parameters if t in PRIMITIVES or t == "String"]
        body, m.cost = self.body(m.parameters, m.returns, limit, statements, pure=pure)
        locked = "synchronized " if not pure and self.chance(0.1) else ""
        self.members.append(stmt(f"{self.pick(('', 'private ', 'public '))}static {locked}{m.returns} {m.name}(", body))
        self.methods.append(m)
        return m

    def recursive(self):
        """Bounded by its first parameter; sometimes through a second method."""
        t = self.pick(NUMERIC)
        name, other = self.fresh("again"), self.fresh("other")
        meter = Meter(120)
        scope = Scope([Var("depth", "int", True, True), Var("x", t, False)], meter, returns=t)
        calls = self.number(1, 2)
        back = other if self.chance(0.4) else name
        parts = [f"static {'synchronized ' if self.chance(0.15) else ''}{t} {name}(int depth, {t} x) {{\n", "if (depth <= 0) return ", self.value(t, scope, 2), ";\n",
                 items([self.statement(scope) for _ in range(self.number(0, 2))]), f"return ({t}) (", self.value(t, scope, 2), f" + {back}(depth - 1, ", self.value(t, scope, 2), ")"]
        if calls == 2:
            parts += [f" - {name}(depth - 2, x)"]
        self.members.append(stmt(*parts, ");\n}\n"))
        if back == other:
            self.members.append(stmt(f"static {t} {other}(int depth, {t} x) {{\nreturn {name}(depth, ({t}) (x + 1));\n}}\n"))
        depth = 6 if calls == 2 else self.pick((10, 40))
        entry = Method(self.fresh("deep"), t, ["int", t], cost=(meter.used + 10) * (20 if calls == 2 else depth))
        self.members.append(stmt(f"static {t} {entry.name}(int depth, {t} x) {{\nreturn {name}((depth & 0x7fffffff) % {depth}, x);\n}}\n"))
        self.methods.append(entry)

    def kernel(self, statements):
        name, parameters = self.fresh("kernel"), self.parameters(4)
        body, _ = self.body(parameters, "long", 7000, statements)
        self.members.append(stmt(f"static long {name}(", body))
        self.kernels.append((name, parameters))

    # ---- classes

    def hierarchy(self, letter):
        root = Class(letter, None, self.chance(0.5), False)
        family = [root]
        for n in range(self.number(1, 3)):
            family.append(Class(f"{letter}{n + 1}", self.pick([c for c in family if not c.late]), False, False))
        family.append(Class(f"{letter}9", self.pick(family), False, True))
        made = [c for c in family if not c.abstract and not c.late]
        self.mono = self.chance(0.4)
        if not self.mono:
            for n, c in enumerate(made[:4]):
                c.slot = n
        methods = [Method(self.fresh("virt"), self.pick(WEIGHTED), self.parameters(3), cost=90, owner=letter) for _ in range(self.number(1, 3))]
        face = [Method(self.fresh("face"), self.pick(NUMERIC), self.parameters(2), cost=90, owner=letter) for _ in range(self.number(0, 2))]
        self.members.append(self.interface(letter, face))
        generic = self.pick(("Integer", "String", "Long"))
        for c in family:
            self.members.append(self.class_text(c, methods, face, generic))
        self.classes += family
        self.methods += methods + face
        slots = [self.pick(made[:1] if self.mono else made).name if c is None else c.name for c in ((made[:4] if not self.mono else []) + [None] * 4)[:4]]
        self.arrays_of_classes.append((letter, slots, f"{letter}9"))

    def interface(self, letter, face):
        parts = []
        for m in face:
            if self.chance(0.5):
                body, _ = self.body(m.parameters, m.returns, 60, 1, pure=True)
                parts.append(stmt(f"default {m.returns} {m.name}(", body))
                m.abstract = False
            else:
                parts.append(fixed(f"{m.returns} {m.name}({', '.join(f'{t} x{i}' for i, t in enumerate(m.parameters))});\n"))
                m.abstract = True
        return stmt(f"interface I{letter}<T> {{\n", "T turn(T t, int k);\n", items(parts), "}\n")

    def class_text(self, c, methods, face, generic):
        for _ in range(self.number(1, 3)):
            t = self.pick(WEIGHTED + ["String", "int[]"])
            c.fields.append(Field(self.fresh("f"), t, self.chance(0.25), self.chance(0.15)))
        parts = [stmt(f"{f.modifiers()}{f.type} {f.name}{self.default_of(f)};\n") for f in c.fields]
        scope = Scope([Var("k", "int", True)], Meter(40), pure=True)
        made = [f"super({self.pick(('k', 'k + 1', '~k'))});\n"] if c.parent else []
        made += [fixed(f"{f.name} = ", self.value(f.type, scope, 2), ";\n") for f in c.fields if f.final or self.chance(0.6)]
        parts.append(fixed(f"{c.name}(int k) {{\n", *made, "}\n"))
        hashed = " ^ ".join([self.hashed(f) for f in c.fields] + (["super.hash() * 31"] if c.parent else ["7"]))
        parts.append(fixed(f"int hash() {{\nreturn {hashed};\n}}\n"))
        concrete = not c.abstract
        inherited_concrete = c.parent and not c.parent.abstract
        for m in methods + face:
            is_face = m in face
            if c.abstract and self.chance(0.5):
                if not is_face:
                    parts.append(fixed(f"abstract {m.returns} {m.name}({', '.join(f'{t} x{i}' for i, t in enumerate(m.parameters))});\n"))
                continue
            needed = concrete and not inherited_concrete and (not is_face or m.abstract)
            if not needed and not c.abstract and self.chance(0.4):
                continue
            body, _ = self.body(m.parameters, m.returns, 80, self.number(0, 2), this=c)
            lock = "synchronized " if self.chance(0.12) else ""
            text = stmt if not needed else fixed
            parts.append(text(f"public {lock}{m.returns} {m.name}(", body))
        if not c.parent or self.chance(0.4):
            value = {"Integer": "t + k", "Long": "t * k", "String": 'Out.cut(t + k)'}[generic]
            parts.append((stmt if c.parent else fixed)(f"public {generic} turn({generic} t, int k) {{\nreturn {value};\n}}\n"))
        parent = f" extends {c.parent.name}" if c.parent else f" implements I{c.name}<{generic}>"
        final = "final " if c.late and self.chance(0.5) else ""
        return stmt(f"static {'abstract ' if c.abstract else final}class {c.name}{parent} {{\n", items(parts), "}\n")

    def default_of(self, f):
        if f.final:
            return ""
        return f" = {self.literal(f.type).parts[0]}" if f.type in EDGES else f" = new {f.type[:-2]}[8]"

    def hashed(self, f):
        return {"int": f"{f.name}", "long": f"Long.hashCode({f.name})", "float": f"Float.hashCode({f.name})", "double": f"Double.hashCode({f.name})",
                "boolean": f"({f.name} ? 5 : 6)", "String": f'("" + {f.name}).hashCode()', "int[]": f"java.util.Arrays.hashCode({f.name})"}.get(f.type, f"(int) {f.name}")

    # ---- the whole

    def fields(self):
        made = []
        for t in PRIMITIVES + ("String",):
            for _ in range(self.number(1, 2)):
                self.statics.append(Field(self.fresh("s"), t, self.chance(0.2), self.chance(0.12)))
                f = self.statics[-1]
                made.append(stmt(f"static {f.modifiers()}{t} {f.name} = {self.literal(t).parts[0]};\n"))
        for t in ("int[]", "long[]", "double[]", "byte[]", "float[]", "char[]", "short[]", "boolean[]", "String[]", "int[][]", "double[][]", "long[][]"):
            if self.chance(0.75):
                f = Field(self.fresh("s"), t, self.chance(0.5), False)
                self.statics.append(f)
                value = f"new {t[:-4]}[8][{self.pick((8, 10))}]" if t.endswith("[][]") else f"new {t[:-2]}[{self.pick((8, 16, 21))}]"
                made.append(stmt(f"static {f.modifiers()}{t} {f.name} = {value};\n"))
        return made

    def argument(self, t, n):
        at = f"[(round * {self.pick((1, 3, 5, 7))} + call * {self.pick((1, 2))} + {n}) % "
        if t == "int": return "IN_I" + at + "IN_I.length]"
        if t == "long": return "IN_L" + at + "IN_L.length]"
        if t == "double": return "IN_D" + at + "IN_D.length]"
        if t == "float": return "(float) IN_D" + at + "IN_D.length]"
        if t == "boolean": return "(IN_I" + at + "IN_I.length] & 1) == 0"
        if t in PRIMITIVES: return f"({t}) IN_I" + at + "IN_I.length]"
        if t == "String": return "IN_S" + at + "IN_S.length]"
        if t.endswith("[]"):
            known = [f.name for f in self.statics if f.type == t]
            return self.pick(known) if known and self.chance(0.7) else f"new {t[:-2]}[{self.pick((8, 9))}]"
        c = self.class_named(t)
        letter = c.root().name
        if c.parent or not c.abstract:
            return f"{letter.lower()}s[call] instanceof {t} ? ({t}) {letter.lower()}s[call] : null" if c.abstract or c.late else f"new {t}(round)"
        return f"{letter.lower()}s[(round + call) & 3]"

    def inputs(self):
        ints, longs, doubles = [[self.pick(EDGES[t]) for _ in range(self.pick((4, 7, 11)))] for t in ("int", "long", "double")]
        strings = self.random.sample(EDGES["String"], 5)
        return [f"static final int[] IN_I = {{{', '.join(ints + ['3', '12'])}}};\n", f"static final long[] IN_L = {{{', '.join(longs + ['5L'])}}};\n",
                f"static final double[] IN_D = {{{', '.join(doubles + ['1.5'])}}};\n", f"static final String[] IN_S = {{{', '.join(strings)}}};\n"]

    def functions(self):
        made = []
        for t, name in (("int", "INTS_FN"), ("long", "LONGS_FN")):
            bodies = []
            for _ in range(4):
                scope = Scope([Var("y", t, True)], Meter(30), pure=True)
                bodies += [", ", fixed("y -> ", self.value(t, scope, 2))]
            made.append(stmt(f"static final {UNARY[t]}[] {name} = {{", *bodies[1:], "};\n"))
        return made

    def enum(self):
        return stmt("enum Kind {\n", f"RED({self.number(-9, 9)}) {{ @Override int twist(int k) {{ return k * 3; }} }}, GREEN({self.number(-9, 99)}), BLUE({self.number(0, 9)}) ",
                     "{ @Override int twist(int k) { return weight - k; } };\n", "private static final Kind[] ALL = values();\nfinal int weight;\nKind(int weight) { this.weight = weight; }\n",
                     "int twist(int k) { return k + ordinal(); }\nstatic Kind of(int k) { return ALL[(k & 0x7fffffff) % 3]; }\n}\n")

    def state(self):
        lines = []
        for f in self.statics:
            if f.type in PRIMITIVES or f.type == "String":
                lines.append(stmt(f"Out.add({f.name});\n"))
            elif f.type.endswith("[][]"):
                lines.append(stmt(f"Out.add(java.util.Arrays.deepHashCode({f.name}));\n"))
            else:
                lines.append(stmt(f"Out.add(java.util.Arrays.hashCode({f.name}));\n"))
        for letter, _, _ in self.arrays_of_classes:
            lines.append(stmt(f"for ({letter} o : {letter.lower()}s) Out.add(o == null ? 1 : o.hash());\n"))
        return stmt("static void state() {\nOut.add(sum);\n", items(lines), "}\n")

    def run(self):
        setup = [stmt(f"{letter.lower()}s[{n}] = new {name}({n});\n") for letter, slots, _ in self.arrays_of_classes for n, name in enumerate(slots)]
        change = [stmt(f"{letter.lower()}s[3] = new {late}(round);\n") for letter, _, late in self.arrays_of_classes]
        lines = []
        for name, parameters in self.kernels:
            arguments = ", ".join(self.argument(t, n) for n, t in enumerate(parameters))
            lines.append(stmt(f"for (int call = 0; call < {CALLS}; call++) {{\ntry {{\nOut.add({name}({arguments}));\n}} catch (Throwable t) {{\nOut.thrown(t);\n}}\n}}\n", f'Out.line("{name} " + round);\n'))
        return fixed("public static void run() {\n", items(setup), f"for (int round = 0; round < {ROUNDS}; round++) {{\n", f"phase = round < {ROUNDS * 2 // 3} ? 0 : round < {ROUNDS - 5} ? 1 : 2;\n",
                     f"if (round == {ROUNDS * 2 // 3 + 2}) {{\n", items(change), "}\n", items(lines), 'state();\nOut.line("state " + round);\n', "}\n}\n")

    def program(self):
        fields = self.fields()
        for letter in "AB"[:self.pick((1, 1, 2))]:
            for _ in range(self.number(0, 2)):
                self.static_method(True, 60, self.number(0, 2))
            self.hierarchy(letter)
        fields += [fixed(f"static final {letter}[] {letter.lower()}s = new {letter}[4];\n") for letter, _, _ in self.arrays_of_classes]
        for letter, _, _ in self.arrays_of_classes:
            self.statics.append(Field(f"{letter.lower()}s", f"{letter}[]", True))
        for _ in range(self.number(1, 2)):
            self.static_method(False, 250, self.number(1, 4))
        if self.chance(0.4):
            self.recursive()
        for situation in self.random.sample(SITUATIONS, self.number(1, 2)):
            getattr(self, situation)()
        for _ in range(self.number(1, 2)):
            self.kernel(self.number(2, 8))
        self.statics = [f for f in self.statics if not (f.type[:-2] in [letter for letter, _, _ in self.arrays_of_classes])]
        if self.canary:
            self.members.append(stmt("static long spoilt(long x) {\nreturn Out.same(x * 3);\n}\n"))
            self.kernels.insert(0, ("spoilt", ["long"]))
        name = f"P{self.seed}"
        return fixed("import java.util.*;\nimport java.util.concurrent.atomic.*;\nimport java.util.function.*;\nimport java.util.stream.*;\n",
                     f"public final class {name} {{\n", "static long sum;\nstatic int phase;\n",
                     items([*map(stmt, LOCKS), *fields, *map(stmt, self.inputs()), *self.functions(), self.enum(), stmt(FAILURE)]),
                     items(self.members), self.state(), self.run(), "}\n")
