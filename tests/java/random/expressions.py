"""Which random expression has this type here? (a part of Generator, see generator.py)"""

from scope import EDGES, NUMERIC, PRIMITIVES, WEIGHTED, Var
from tree import expr

WIDER = {"int": ("byte", "short", "char"), "long": ("int",), "float": ("int", "long"), "double": ("float", "int", "long")}
BOXES = {"int": "Integer", "long": "Long", "float": "Float", "double": "Double", "boolean": "Boolean", "byte": "Byte", "short": "Short", "char": "Character"}
UNARY = {"int": "IntUnaryOperator", "long": "LongUnaryOperator", "double": "DoubleUnaryOperator"}
APPLY = {"int": "applyAsInt", "long": "applyAsLong", "double": "applyAsDouble"}


# Math's own may see the sign of what is not a number, which the language leaves open.
SIGN_OF = "StrictMath.copySign"

class Expressions:
    def chance(self, p):
        return self.random.random() < p

    def pick(self, sequence):
        return sequence[int(self.random.random() * len(sequence))]

    def number(self, low, high):
        return low + int(self.random.random() * (high - low + 1))

    def any_type(self):
        return self.pick(WEIGHTED) if self.chance(0.85) else self.pick(["String"] + [c.name for c in self.classes] + ["int[]", "long[]", "double[]", "byte[]"])

    # ---- the smallest

    def literal(self, t):
        if t in EDGES:
            if t in ("int", "long") and self.chance(0.3):
                return expr(t, f"{self.number(2, 99)}" + ("L" if t == "long" else ""))
            return expr(t, self.pick(EDGES[t]))
        if t.endswith("[]"):
            if not t.endswith("[][]"):
                return expr(t, f"new {t[:-2]}[{self.pick((8, 9, 16, 17))}]")
            return expr(t, f"new {t[:-4]}[8][{self.pick((8, 9, 11))}]")
        if t == "Object":
            return expr(t, "((Object) ", self.literal(self.pick(("String", "int[]", "int", "long", "double"))), ")")
        if t in UNARY:
            return expr(t, f"(u -> u + {self.number(1, 9)})")
        return expr(t, f"new {t}({self.number(-3, 9)})") if self.class_named(t) and not self.class_named(t).abstract else expr(t, f"(({t}) null)")

    def class_named(self, name):
        return next((c for c in self.classes if c.name == name), None)

    def places(self, t, scope, write=False):
        """Names of variables and fields of the type."""
        found = [v.name for v in scope.variables if v.type == t and not (write and v.final)] * 3
        if not scope.pure:
            found += [f.name for f in self.statics if f.type == t and not (write and f.final)]
            if scope.this:
                found += [f.name for f in scope.this.all_fields() if f.type == t and not (write and f.final)] * 2
        return found

    def leaf(self, t, scope):
        if t in ("int", "long"):
            counters = [v.name for v in scope.variables if v.index and v.type == t]
            if counters and self.chance(0.3):
                return expr(t, self.pick(counters))
        found = self.places(t, scope)
        if found and self.chance(0.8):
            return expr(t, self.pick(found))
        if t in WIDER and self.chance(0.3):
            found = self.places(self.pick(WIDER[t]), scope)
            if found:
                return expr(t, f"({t}) ", self.pick(found)) if self.chance(0.5) and t != "int" else expr(t, self.pick(found))
        c = self.class_named(t)
        if c and c.abstract and not scope.pure:
            return expr(t, f"{t.lower()}s[{self.number(0, 3)}]")
        return self.literal(t)

    # ---- of a type

    def value(self, t, scope, depth=3):
        """An expression of the type; any operand of it may be put into parentheses."""
        scope.spend()
        if depth <= 0 or self.chance(0.1) or not scope.affords(4):
            return self.leaf(t, scope)
        roll = self.random.random()
        if roll < 0.06:
            return expr(t, "(", self.value("boolean", scope, depth - 1), " ? ", self.value(t, scope, depth - 1), " : ", self.value(t, scope, depth - 1), ")")
        if roll < 0.14:
            called = self.call(t, scope, depth)
            if called:
                return called
        if roll < 0.19:
            found = self.places(t, scope, write=True)
            if found and t in PRIMITIVES:
                return self.assignment(t, self.pick(found), scope, depth)
        if roll < 0.22:
            held = self.field_of_object(t, scope, depth)
            if held:
                return held
        if roll < 0.30 and (t in PRIMITIVES or t == "String"):
            return self.element(t, scope, depth)
        if t in NUMERIC:
            return self.numeric(t, scope, depth)
        if t == "boolean":
            return self.condition(scope, depth)
        if t in ("byte", "short", "char"):
            return expr(t, f"({t}) ", self.value(self.pick(("int", "int", "int", "long", "double", "float")), scope, depth - 1))
        if t == "String":
            return self.string(scope, depth)
        return self.reference(t, scope, depth)

    def values(self, types, scope, depth):
        """Arguments, between commas."""
        parts = []
        for t in types:
            parts += [", ", self.value(t, scope, depth)]
        return parts[1:]

    def call(self, t, scope, depth):
        known = [m for m in self.methods if m.returns == t and scope.affords(m.cost) and (m.pure or not scope.pure)]
        if not known:
            return None
        m = self.pick(known)
        scope.spend(m.cost)
        on = [self.receiver(m.owner, scope, depth), "."] if m.owner else []
        return expr(t, *on, f"{m.name}(", *self.values(m.parameters, scope, depth - 2 if len(m.parameters) > 5 else depth - 1), ")")

    def receiver(self, owner, scope, depth):
        """Something of the class, null once in a while."""
        if self.chance(0.02):
            # The cast: javac 17 fails on a member of a conditional whose type it takes for that of null.
            return expr(owner, f"(({owner}) (", self.rare(scope), " ? null : ", self.value(owner, scope, 0), "))")
        return self.value(owner, scope, min(depth - 1, 1))

    def rare(self, scope):
        """True once in a while, or late, or never."""
        x = self.leaf("int", scope)
        if not scope.pure and self.chance(0.35):
            return expr("boolean", f"(phase {self.pick(('== 1', '> 1', '!= 0'))} && (", x, f" & {self.pick((1, 3, 7))}) == {self.number(0, 1)})")
        return expr("boolean", "((", x, f" & {self.pick((15, 31, 63, 255))}) == {self.number(0, 15)})")

    def index(self, scope, depth, below=7):
        """Mostly inside of any array here."""
        counters = [v for v in scope.variables if v.index and v.type == "int"]
        roll = self.random.random()
        if counters and roll < 0.4:
            v = self.pick(counters)
            return expr("int", v.name) if self.chance(0.15) else expr("int", f"{v.name} & {below}")
        if roll < 0.97:
            return expr("int", "(", self.value("int", scope, depth - 1), f") & {below}")
        return expr("int", "(", self.value("int", scope, depth - 1), f") {self.pick(('& 15', '% 9', '>> 28', '| 7'))}")

    def element(self, t, scope, depth):
        found = self.places(t + "[]", scope)
        if found and self.chance(0.7):
            return expr(t, self.pick(found), "[", self.index(scope, depth), "]")
        rows = self.places(t + "[][]", scope)
        if rows:
            return expr(t, self.pick(rows), "[", self.index(scope, depth), "][", self.index(scope, depth), "]")
        return self.leaf(t, scope)

    def field_of_object(self, t, scope, depth):
        if scope.pure:
            return None
        owners = [(c, f) for c in self.classes for f in c.fields if f.type == t]
        if not owners:
            return None
        c, f = self.pick(owners)
        return expr(t, "(", self.receiver(c.name, scope, depth), f").{f.name}")

    def assignment(self, t, place, scope, depth):
        roll = self.random.random()
        if t == "boolean":
            return expr(t, f"({place} {self.pick(('=', '&=', '|=', '^='))} ", self.value(t, scope, depth - 1), ")")
        if roll < 0.3:
            return expr(t, self.pick((f"({place}++)", f"({place}--)", f"(++{place})", f"(--{place})")))
        if roll < 0.5:
            return expr(t, f"({place} = ", self.value(t, scope, depth - 1), ")")
        operators = ["+=", "-=", "*="] + (["&=", "|=", "^=", "<<=", ">>=", ">>>="] if t not in ("float", "double") else ["/=", "%="])
        other = t if t in NUMERIC and self.chance(0.5) else self.pick(("int", "int", "long", "double", "float"))
        operator = self.pick(operators)
        if operator in ("&=", "|=", "^=", "<<=", ">>=", ">>>="):
            other = self.pick(("int", "long"))
        return expr(t, f"({place} {operator} ", self.value(other, scope, depth - 1), ")")

    # ---- numbers

    def numeric(self, t, scope, depth):
        roll = self.random.random()
        d = depth - 1
        whole = t in ("int", "long")
        if roll < 0.34:
            operator = self.pick(("+", "-", "*", "&", "|", "^") if whole else ("+", "-", "*", "/"))
            return expr(t, "(", self.value(t, scope, d), f" {operator} ", self.value(t, scope, d), ")")
        if roll < 0.44 and whole:
            return expr(t, "(", self.value(t, scope, d), f" {self.pick(('<<', '>>', '>>>'))} ", self.value(self.pick(("int", "int", "long", "byte")), scope, d), ")")
        if roll < 0.54:
            divisor = self.value(t, scope, d)
            if whole and self.chance(0.92):
                divisor = expr(t, "(", divisor, f" | {self.pick((1, 2, 4))})")
            elif whole and self.chance(0.5):
                divisor = expr(t, self.pick(("7", "(-1)", "16", "3", "1000")))
            return expr(t, "(", self.value(t, scope, d), f" {self.pick('/%')} ", divisor, ")")
        if roll < 0.60:
            return expr(t, f"({self.pick('-~') if whole else '-'}", self.operand(t, scope, d), ")")
        if roll < 0.74:
            source = self.pick([p for p in PRIMITIVES if p not in ("boolean", t)])
            return expr(t, f"({t}) ", self.operand(source, scope, d))
        if roll < 0.84:
            return self.library(t, scope, d)
        if roll < 0.88:
            return self.switched(t, scope, d)
        if roll < 0.91 and t in BOXES:
            return expr(t, f"(({BOXES[t]}) ({t}) ", self.operand(t, scope, d), f").{t}Value()")
        if roll < 0.94 and t in UNARY:
            return self.applied(t, scope, d)
        if t == "int":
            return self.int_of_object(scope, d)
        return expr(t, "(", self.value(t, scope, d), " + ", self.value("int", scope, d), ")")

    def operand(self, t, scope, depth):
        return expr(t, "(", self.value(t, scope, depth), ")")

    def library(self, t, scope, d):
        v = lambda of=t: self.value(of, scope, d)
        if t == "int":
            return self.pick((
                lambda: expr(t, "Math.abs(", v(), ")"), lambda: expr(t, f"Math.{self.pick(('min', 'max'))}(", v(), ", ", v(), ")"),
                lambda: expr(t, f"Integer.{self.pick(('bitCount', 'numberOfLeadingZeros', 'numberOfTrailingZeros', 'reverse', 'reverseBytes', 'signum', 'highestOneBit', 'lowestOneBit'))}(", v(), ")"),
                lambda: expr(t, f"Long.{self.pick(('bitCount', 'numberOfLeadingZeros', 'numberOfTrailingZeros', 'hashCode', 'signum'))}(", v("long"), ")"),
                lambda: expr(t, f"{self.pick(('Long.compare', 'Long.compareUnsigned'))}(", v("long"), ", ", v("long"), ")"),
                lambda: expr(t, f"Integer.{self.pick(('compare', 'compareUnsigned', 'rotateLeft', 'rotateRight', 'sum'))}(", v(), ", ", v(), ")"),
                lambda: expr(t, f"{self.pick(('Double', 'Float'))}.compare(", v("float"), ", ", v("float"), ")"),
                lambda: expr(t, "Float.floatToIntBits(", v("float"), ")"),
                lambda: expr(t, f"Integer.{self.pick(('divideUnsigned', 'remainderUnsigned'))}(", v(), ", ", v(), " | 1)"),
                lambda: expr(t, f"Math.{self.pick(('floorMod', 'floorDiv'))}(", v(), ", ", v(), " | 1)"),
                lambda: expr(t, "(", self.rare(scope), f" ? Math.{self.pick(('addExact', 'multiplyExact', 'subtractExact'))}(", v(), ", ", v(), ") : ", v(), ")"),
                lambda: expr(t, "Math.round(", v("float"), ")"), lambda: expr(t, "Character.getNumericValue(", v("char"), ")")))()
        if t == "long":
            return self.pick((
                lambda: expr(t, "Math.abs(", v(), ")"), lambda: expr(t, f"Math.{self.pick(('min', 'max', 'multiplyHigh'))}(", v(), ", ", v(), ")"),
                lambda: expr(t, f"Long.{self.pick(('reverse', 'reverseBytes', 'highestOneBit', 'lowestOneBit'))}(", v(), ")"),
                lambda: expr(t, f"Long.{self.pick(('rotateLeft', 'rotateRight'))}(", v(), ", ", v("int"), ")"),
                lambda: expr(t, "Double.doubleToLongBits(", v("double"), ")"), lambda: expr(t, "Math.round(", v("double"), ")"),
                lambda: expr(t, f"Long.{self.pick(('divideUnsigned', 'remainderUnsigned'))}(", v(), ", ", v(), " | 1L)"),
                lambda: expr(t, f"Math.{self.pick(('floorMod', 'floorDiv'))}(", v(), ", ", v(), " | 1L)"), lambda: expr(t, "Integer.toUnsignedLong(", v("int"), ")"),
                lambda: expr(t, "(", self.rare(scope), f" ? Math.{self.pick(('addExact', 'multiplyExact', 'subtractExact'))}(", v(), ", ", v(), ") : ", v(), ")")))()
        if t == "float":
            return self.pick((
                lambda: expr(t, f"Math.{self.pick(('abs', 'signum', 'ulp'))}(", v(), ")"), lambda: expr(t, f"{self.pick(('Math.min', 'Math.max', SIGN_OF))}(", v(), ", ", v(), ")"),
                lambda: expr(t, "(float) Math.sqrt(", v("float"), ")"), lambda: expr(t, "Float.intBitsToFloat(", v("int"), " & 0xff7fffff)"),
                lambda: expr(t, "Math.fma(", v(), ", ", v(), ", ", v(), ")")))()
        return self.pick((
            lambda: expr(t, f"Math.{self.pick(('abs', 'sqrt', 'floor', 'ceil', 'rint', 'signum', 'ulp', 'sqrt'))}(", v(), ")"),
            lambda: expr(t, f"{self.pick(('Math.min', 'Math.max', SIGN_OF))}(", v(), ", ", v(), ")"),
            lambda: expr(t, f"StrictMath.{self.pick(('sin', 'cos', 'exp', 'log', 'sqrt'))}(", v(), ")"),
            lambda: expr(t, f"Math.{self.pick(('sin', 'cos', 'tan', 'exp', 'log', 'log10'))}(", v(), ")"),
            lambda: expr(t, "Math.pow(", v(), ", ", v(), ")"), lambda: expr(t, "Math.fma(", v(), ", ", v(), ", ", v(), ")"),
            lambda: expr(t, "Double.longBitsToDouble(", v("long"), " & 0xffeffffffffffffL)")))()

    def switched(self, t, scope, d):
        if self.chance(0.3):
            keys = self.random.sample(["one", "two", "AaBB", "BBAa", "", "abc", "hello world"], 3)
            parts = ["(switch (", self.value("String", scope, d), " + \"\") { "]
            labels = [f'"{k}"' for k in keys]
        else:
            start, step = self.pick((0, -2, 1, 1000)), self.pick((1, 1, 3, 1000))
            mask = 7 if step < 1000 else 0xfff
            parts = ["(switch ((", self.value("int", scope, d), f") {self.pick(('&', '%'))} {mask}) {{ "]
            labels = [str(start + i * step) for i in range(self.number(2, 6))]
        for label in labels:
            parts += [f"case {label} -> ", self.value(t, scope, d - 1), "; "]
        return expr(t, *parts, "default -> ", self.value(t, scope, d - 1), "; })")

    def applied(self, t, scope, d):
        """A lambda, made here, or held by a field, is applied."""
        if scope.times > 64:
            return self.leaf(t, scope)
        if self.chance(0.5) and not scope.pure and t != "double":
            return expr(t, f"{'INTS' if t == 'int' else 'LONGS'}_FN[", self.index(scope, d, 3), f"].{APPLY[t]}(", self.value(t, scope, d), ")")
        scope.spend(8)
        name = self.fresh("p")
        body = scope.captured()
        body.variables.append(Var(name, t, True))
        return expr(t, f"(({UNARY[t]}) {name} -> ", self.value(t, body, d), f").{APPLY[t]}(", self.value(t, scope, d), ")")

    def int_of_object(self, scope, d):
        roll = self.random.random()
        if roll < 0.3:
            asked = self.pick((' + "").length()', ' + "").hashCode()', ' + "xyz").charAt(1)', " + \"\").indexOf('a')", ' + "").compareTo("ab")'))
            return expr("int", "(", self.value("String", scope, d), asked)
        if roll < 0.4:
            arrays = self.places("int[]", scope) + self.places("long[]", scope)
            if arrays:
                return expr("int", self.pick(arrays), ".length")
        if roll < 0.7 and not scope.pure and self.classes:
            c, to = self.pick(self.classes), self.pick(self.classes)
            if self.chance(0.5):
                return expr("int", "(((Object) ", self.receiver(c.name, scope, d), f") instanceof {to.name} ? ", self.leaf("int", scope), " : ", self.leaf("int", scope), ")")
            name = self.fresh("q")
            held = [f for f in to.fields if f.type == "int"]
            found = f"{name}.{self.pick(held).name}" if held else f"{name}.hash()"
            return expr("int", "(((Object) ", self.receiver(c.name, scope, d), f") instanceof {to.name} {name} ? {found} : ", self.leaf("int", scope), ")")
        if roll < 0.85 and not scope.pure:
            return expr("int", "Kind.of(", self.value("int", scope, d), f"){self.pick(('.ordinal()', '.twist(3)', '.weight'))}")
        return expr("int", "(", self.value("boolean", scope, d), " ? 1 : 0)")

    # ---- the others

    def condition(self, scope, depth):
        d = depth - 1
        roll = self.random.random()
        if roll < 0.55:
            t = self.pick(WEIGHTED)
            if t == "boolean":
                return expr("boolean", "(", self.value(t, scope, d), f" {self.pick(('==', '!=', '^', '&', '|'))} ", self.value(t, scope, d), ")")
            return expr("boolean", "(", self.operand(t, scope, d), f" {self.pick(('<', '<=', '>', '>=', '==', '!='))} ", self.operand(t, scope, d), ")")
        if roll < 0.75:
            return expr("boolean", "(", self.value("boolean", scope, d), f" {self.pick(('&&', '||'))} ", self.value("boolean", scope, d), ")")
        if roll < 0.82:
            return expr("boolean", "(!", self.operand("boolean", scope, d), ")")
        if roll < 0.88:
            return expr("boolean", self.pick(("Double.isNaN", "Double.isInfinite")), "(", self.value("double", scope, d), ")")
        if roll < 0.93:
            return expr("boolean", "(", self.value("String", scope, d), self.pick((' + "")', ' + "a")')), self.pick((".equals(", ".startsWith(", ".contains(")), self.value("String", scope, d), ' + "")')
        if self.classes and not scope.pure:
            a, b = self.pick(self.classes), self.pick(self.classes)
            roll = self.random.random()
            if roll < 0.3:
                return expr("boolean", "(((Object) ", self.receiver(a.name, scope, d), ") == ((Object) ", self.receiver(b.name, scope, d), "))")
            if roll < 0.6:
                return expr("boolean", "((", self.receiver(a.name, scope, d), ") == null)")
            return expr("boolean", "(((Object) ", self.receiver(a.name, scope, d), f") instanceof {b.name})")
        return self.rare(scope)

    def string(self, scope, depth):
        d = depth - 1
        if scope.times > 200:
            return self.leaf("String", scope)
        scope.spend(20)
        roll = self.random.random()
        if roll < 0.6:
            parts = ['Out.cut(""']
            for _ in range(self.number(1, 4)):
                parts += [" + ", self.operand(self.pick(WEIGHTED + ["String"] * 6), scope, d)] if self.chance(0.8) else [' + "-"']
            return expr("String", *parts, ")")
        if roll < 0.75:
            return expr("String", "String.valueOf(", self.value(self.pick(("int", "long", "char", "boolean", "double")), scope, d), ")")
        if roll < 0.85:
            return expr("String", "(", self.value("String", scope, d), f' + "abcd").substring({self.number(0, 3)})')
        if roll < 0.92:
            return expr("String", "new StringBuilder().append(", self.value("int", scope, d), ").append('x').append(", self.value("char", scope, d), f"){self.pick(('', '.reverse()'))}.toString()")
        return expr("String", f"{self.pick(('Integer.toHexString(', 'Integer.toString('))}", self.value("int", scope, d), ")")

    def reference(self, t, scope, depth):
        c = self.class_named(t)
        if c is None:
            return self.leaf(t, scope)
        d = depth - 1
        roll = self.random.random()
        if scope.pure:
            return self.leaf(t, scope)
        if roll < 0.35:
            if not c.parent:
                return expr(t, f"{t.lower()}s[", self.index(scope, d, 3), "]")
            return expr(t, f"(({t}) {c.root().name.lower()}s[{c.slot}])") if c.slot is not None else self.leaf(t, scope)
        if roll < 0.75 and not c.abstract and scope.times <= 256:
            scope.spend(6)
            return expr(t, f"new {t}(", self.value("int", scope, d), ")")
        children = [x for x in self.classes if x.parent is c and not x.late]
        if children:
            child = self.pick(children).name
            return expr(t, "((" + t + ") ", self.value(child, scope, d), ")")
        return self.leaf(t, scope)
