"""Which random statement may stand here? (a part of Generator, see generator.py)"""

from expressions import APPLY, UNARY
from scope import NUMERIC, PRIMITIVES, WEIGHTED, Var
from tree import expr, fixed, items, stmt

FAILURES = ("ArithmeticException", "ArrayIndexOutOfBoundsException", "NullPointerException", "ClassCastException", "Failure", "IllegalStateException",
            "NegativeArraySizeException", "ArrayStoreException", "IndexOutOfBoundsException", "RuntimeException", "Throwable")
# Which of them catches which others; a later clause must not be covered by an earlier one.
COVERS = {"RuntimeException": set(FAILURES) - {"Throwable"}, "Throwable": set(FAILURES), "IndexOutOfBoundsException": {"ArrayIndexOutOfBoundsException"}}


class Statements:
    def block(self, scope, count):
        inner = scope.inner(depth=scope.depth + 1)
        return items([self.statement(inner) for _ in range(count)])

    def statement(self, scope):
        scope.spend()
        deep = scope.depth >= 4 or not scope.affords(12)
        table = (
            (14, self.declaration), (14, self.assign), (8, self.store_element), (4, self.called), (3, self.keep),
            *(() if deep else ((10, self.if_else), (11, self.loop), (5, self.attempt), (4, self.switch), (3, self.locked), (2, self.search))),
            (2, self.throw), (3, self.leave), (2, self.disturb), (2, self.function_variable),
        )
        roll = self.random.random() * sum(w for w, _ in table)
        for weight, make in table:
            roll -= weight
            if roll < 0:
                return make(scope) or self.assign(scope)
        return self.assign(scope)

    def declare(self, scope, t, value, final=None):
        final = self.chance(0.35) if final is None else final
        name = self.fresh("x")
        scope.variables.append(Var(name, t, final))
        return stmt(f"{'final ' if final else ''}{t} {name} = ", value, ";\n")

    def declaration(self, scope):
        t = self.any_type()
        if t.endswith("[]"):
            if scope.times > 64:
                return None
            scope.spend(10)
            return self.declare(scope, t, self.array(t, scope))
        return self.declare(scope, t, self.value(t, scope, 3))

    def array(self, t, scope):
        element = t[:-2]
        roll = self.random.random()
        if roll < 0.4 and element in PRIMITIVES:
            parts = []
            for _ in range(self.pick((8, 8, 9, 12))):
                parts += [", ", self.value(element, scope, 1)]
            return expr(t, f"new {t} {{", *parts[1:], "}")
        if roll < 0.6:
            return expr(t, f"new {element}[((", self.value("int", scope, 1), f") & 15) + {self.pick((8, 8, 8, 8, 0, -1))}]")
        found = self.places(t, scope)
        if found and roll < 0.8:
            return expr(t, self.pick(found), self.pick(("", ".clone()")))
        if found and roll < 0.9 and element in NUMERIC:
            return expr(t, "java.util.Arrays.copyOf(", self.pick(found), f", {self.pick((8, 9, 20))})")
        return self.literal(t)

    def assign(self, scope):
        for _ in range(4):
            t = self.pick(WEIGHTED + ["String"] * 2 + [c.name for c in self.classes])
            found = self.places(t, scope, write=True)
            if not found:
                continue
            place = self.pick(found)
            if t in PRIMITIVES and self.chance(0.5):
                return self.bare_assignment(t, place, scope)
            return stmt(f"{place} = ", self.value(t, scope, 3), ";\n")
        return self.declaration(scope) or self.declare(scope, "int", self.value("int", scope, 2))

    def bare_assignment(self, t, place, scope):
        if t == "boolean":
            return stmt(f"{place} {self.pick(('=', '&=', '|=', '^='))} ", self.value(t, scope, 3), ";\n")
        if self.chance(0.3):
            return stmt(f"{place}{self.pick(('++', '--'))};\n")
        if t in ("float", "double") or self.chance(0.6):
            return stmt(f"{place} {self.pick(('+=', '-=', '*=', '+='))} ", self.value(self.pick((t if t in NUMERIC else 'int', 'int', 'double')), scope, 3), ";\n")
        return stmt(f"{place} {self.pick(('&=', '|=', '^=', '<<=', '>>=', '>>>='))} ", self.value(self.pick(("int", "long")), scope, 3), ";\n")

    def store_element(self, scope):
        t = self.pick(WEIGHTED + ["String"] + [c.name for c in self.classes if not c.parent])
        found = self.places(t + "[]", scope)
        if found:
            target = fixed(self.pick(found), "[", self.index(scope, 3), "]")
        else:
            found = self.places(t + "[][]", scope)
            if not found:
                return None
            target = fixed(self.pick(found), "[", self.index(scope, 2), "][", self.index(scope, 2), "]")
        if t in PRIMITIVES and t != "boolean":
            if self.chance(0.2):
                return stmt(target, self.pick(("++", "--")), ";\n")
            if self.chance(0.4):
                whole = t not in ("float", "double")
                operator = self.pick(("+=", "-=", "*=") + (("^=", ">>=", "<<=", "|=") if whole else ()))
                return stmt(target, f" {operator} ", self.value(self.pick(("int", "long")) if operator[0] in "^><|" else self.pick(NUMERIC), scope, 2), ";\n")
        return stmt(target, " = ", self.value(t, scope, 3), ";\n")

    def called(self, scope):
        t = self.pick(["int", "long", "double", "String", "boolean", "float", "void"])
        made = self.call(t, scope, 3)
        return made and stmt(made, ";\n")

    def keep(self, scope):
        """A value goes into the state that the program's lines show."""
        if scope.pure:
            return None
        t = self.pick(NUMERIC)
        return stmt("sum = sum * 31 + (long) (", self.value(t, scope, 3), ");\n")

    def if_else(self, scope):
        test = self.rare(scope) if self.chance(0.3) else self.value("boolean", scope, 3)
        parts = ["if (", test, ") {\n", self.block(scope, self.number(1, 3)), "}"]
        if self.chance(0.5):
            parts += [" else {\n", self.block(scope, self.number(1, 3)), "}"]
        return stmt(*parts, "\n")

    # ---- loops

    def trips(self, scope):
        most = max(2, (scope.meter.limit - scope.meter.used) // (14 * scope.times))
        return min(most, self.pick((3, 5, 8, 8, 12, 20, 33, 64, 100, 300, 1200)))

    def loop(self, scope):
        trips = self.trips(scope)
        if trips < 2:
            return None
        label = self.fresh("loop")
        i = self.fresh("i")
        inner = scope.inner(times=scope.times * trips, depth=scope.depth + 1)
        inner.labels.append((label, True))
        shape = self.random.random()
        body_size = self.number(1, 2) if trips > 60 else self.number(1, 4)
        start = f"{label}: "
        known = [a for t in PRIMITIVES for a in self.places(t + "[]", scope)]
        if shape < 0.35:
            inner.variables.append(Var(i, "int", True, True, True))
            bound = f"{trips}"
            if known and trips >= 8 and self.chance(0.4):
                bound = f"{self.pick(known)}.length" if self.chance(0.7) else f"Math.min({trips}, {self.pick(known)}.length)"
            return stmt(start, f"for (int {i} = {self.pick((0, 0, 0, 1, 2))}; {i} < {bound}; {i}{self.pick(('++', '++', '++', ' += 2', ' += 3'))}) {{\n", self.block(inner, body_size), "}\n")
        if shape < 0.5:
            inner.variables.append(Var(i, "int", True, True, True))
            return stmt(start, f"for (int {i} = {trips}; {i} {self.pick(('>= 0', '> 0', '> 1'))}; {i}{self.pick(('--', '--', ' -= 2', ' -= 5'))}) {{\n", self.block(inner, body_size), "}\n")
        if shape < 0.62:
            inner.variables.append(Var(i, "long", True, True, True))
            if self.chance(0.5):
                return stmt(start, f"for (long {i} = 0; {i} < {trips}L; {i}++) {{\n", self.block(inner, body_size), "}\n")
            base = self.pick(("0x7ffffff0L", "0x100000000L", "-5L", "Long.MAX_VALUE - 5000"))
            return stmt(start, f"for (long {i} = {base}; {i} < {base} + {trips}; {i} += {self.pick((1, 1, 3))}) {{\n", self.block(inner, body_size), "}\n")
        if shape < 0.70:
            inner.variables.append(Var(i, "int", True, False, True))
            edge = self.pick((f"int {i} = Integer.MAX_VALUE - {trips}; {i} > 0; {i} += {self.pick((1, 3))}", f"int {i} = Integer.MIN_VALUE + {trips}; {i} < 0; {i}--",
                              f"int {i} = 1; {i} != 0; {i} <<= 1"))
            return stmt(start, f"for ({edge}) {{\n", self.block(inner, min(2, body_size)), "}\n")
        if shape < 0.85:
            fuel = self.fresh("fuel")
            test = self.value("boolean", scope, 2)
            if self.chance(0.5):
                return stmt(f"int {fuel} = {trips};\n", start, "while (", test, f" && {fuel}-- > 0) {{\n", self.block(inner, body_size), "}\n")
            return stmt(f"int {fuel} = {trips};\n", start, "do {\n", self.block(inner, body_size), "} while (", test, f" && --{fuel} > 0);\n")
        t = self.pick(("int", "long", "double", "byte"))
        arrays = self.places(t + "[]", scope)
        if not arrays:
            return None
        inner = scope.inner(times=scope.times * 16, depth=scope.depth + 1)
        inner.labels.append((label, True))
        inner.variables.append(Var(i, t, True))
        return stmt(start, f"for ({t} {i} : {self.pick(arrays)}) {{\n", self.block(inner, body_size), "}\n") if scope.affords(200) else None

    def leave(self, scope):
        """break, continue or return, under a condition."""
        roll = self.random.random()
        if scope.labels and roll < 0.8:
            label, may_continue = self.pick(scope.labels)
            word = "continue" if may_continue and self.chance(0.5) else "break"
            return stmt("if (", self.value("boolean", scope, 2) if self.chance(0.4) else self.rare(scope), f") {word} {label};\n")
        if scope.returns == "void":
            return None
        return stmt("if (", self.rare(scope), ") return ", self.value(scope.returns, scope, 2), ";\n")

    # ---- the others

    def search(self, scope):
        """A labelled block that is left from its middle."""
        label = self.fresh("found")
        inner = scope.inner(depth=scope.depth + 1)
        inner.labels.append((label, False))
        return stmt(f"{label}: {{\n", self.block(inner, self.number(2, 4)), "}\n")

    def switch(self, scope):
        roll = self.random.random()
        inner = scope.inner(depth=scope.depth + 1)
        label = self.fresh("chosen")
        inner.labels.append((label, False))
        if roll < 0.2:
            head, keys = ["(", self.value("String", scope, 2), ' + "")'], [f'"{k}"' for k in self.random.sample(["one", "two", "AaBB", "BBAa", "", "abc"], 4)]
        elif roll < 0.4 and not scope.pure:
            head, keys = ["Kind.of(", self.value("int", scope, 2), ")"], self.random.sample(["RED", "GREEN", "BLUE"], self.number(1, 3))
        elif roll < 0.7:
            head, keys = ["(", self.value("int", scope, 2), ") & 7"], [str(k) for k in self.random.sample(range(9), self.number(2, 6))]
        else:
            head, keys = ["(", self.value("int", scope, 2), ") % 1000"], [str(k) for k in self.random.sample((-999, -100, -1, 0, 1, 7, 63, 64, 100, 500, 999), self.number(2, 6))]
        cases = []
        at_default = self.number(0, len(keys)) if self.chance(0.8) else -1
        for n, key in enumerate(keys + ["default"]):
            if key == "default" and at_default < 0:
                continue
            body = items([self.statement(inner.inner()) for _ in range(self.number(1, 2))])
            end = f"break {label};\n" if self.chance(0.7) else ""
            cases.append(stmt(f"case {key}: {{\n" if key != "default" else "default: {\n", body, end, "}\n"))
        return stmt(f"{label}: switch (", *head, ") {\n", items(cases), "}\n")

    def attempt(self, scope):
        parts = ["try {\n", self.block(scope.inner(handled=scope.handled + 1), self.number(1, 3)), "}"]
        caught = set()
        for kind in self.random.sample(FAILURES, self.number(0, 2)):
            if kind in caught:
                continue
            caught |= COVERS.get(kind, set()) | {kind}
            name = self.fresh("e")
            inner = scope.inner(depth=scope.depth + 1)
            body = [stmt(f"sum = sum * 31 + {self.number(1, 99)};\n")] if not scope.pure else []
            if kind == "Failure":
                body.append(stmt(f"sum += {name}.code;\n")) if not scope.pure else None
            if self.chance(0.2) and not scope.pure:
                body.append(stmt(f"Out.thrown({name});\n"))
            body += [self.statement(inner) for _ in range(self.number(0, 2))]
            if self.chance(0.15):
                again = self.pick((f"throw {name};\n", f"throw new Failure({self.number(0, 99)}, {name});\n")) if kind != "Throwable" else f"throw new Failure({self.number(0, 99)}, {name});\n"
                body.append(stmt("if (", self.rare(scope), ") ", again))
            parts += [f" catch ({kind} {name}) {{\n", items(body), "}"]
        if len(parts) == 3 or self.chance(0.35):
            # No jump out of a finally: javac would warn, and results would be lost on purpose too often.
            inner = scope.inner(depth=scope.depth + 2, labels=scope.labels if self.chance(0.1) else [], returns="void")
            parts += [" finally {\n", items([self.statement(inner) for _ in range(self.number(1, 2))]), "}"]
        return stmt(*parts, "\n")

    def throw(self, scope):
        what = self.pick((f"new Failure({self.number(0, 99)}, null)", f"new Failure({self.number(0, 99)}, null)", 'new IllegalStateException("state")', "new ArithmeticException()"))
        if not (scope.handled or self.chance(0.3)):
            return None
        return stmt("if (", self.rare(scope), f") throw {what};\n")

    def locked(self, scope):
        if scope.pure or scope.times > 300:
            return None
        scope.spend(20)
        on = ["LOCK", "P_LOCKS[1]", "String.class"] + (["this"] * 3 if scope.this else []) + [f"{c.name.lower()}s[0]" for c in self.classes if not c.parent]
        return stmt(f"synchronized ({self.pick(on)}) {{\n", self.block(scope, self.number(1, 3)), "}\n")

    def disturb(self, scope):
        if scope.pure or scope.times > 100:
            return None
        scope.spend(30)
        return stmt(self.pick(("Out.deopt();\n", f"Out.garbage({self.number(0, 15)});\n")))

    def function_variable(self, scope):
        t = self.pick(("int", "long", "double"))
        if scope.times > 40 or not scope.affords(60):
            return None
        scope.spend(40)
        f, p, r = self.fresh("fn"), self.fresh("p"), self.fresh("x")
        body = scope.captured()
        body.variables.append(Var(p, t, True))
        if self.chance(0.3):
            inner = body.inner(returns=t, depth=scope.depth + 2)
            lambda_body = ["{\n", self.block(inner, 2), "return ", self.value(t, inner, 2), ";\n}"]
        else:
            lambda_body = [self.value(t, body, 3)]
        made = stmt(f"final {UNARY[t]} {f} = {p} -> ", *lambda_body, ";\n", f"{t} {r} = {f}.{APPLY[t]}(", self.value(t, scope, 2), f") + {f}.{APPLY[t]}(", self.value(t, scope, 1), ");\n")
        scope.variables.append(Var(r, t, False))
        return made
