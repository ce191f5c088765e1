#!/usr/bin/env python3
"""Writes a Java class of random methods: loops, branches, switches, arrays, fields, calls, divisions that may trap.

    random_java.py SEED CLASS_NAME METHODS > CLASS_NAME.java

The same seed gives the same class. Every loop is bounded; nothing is allocated.
"""

import random
import sys

PRIMITIVES = ["int", "long", "float", "double"]
ARRAYS = ["int[]", "long[]", "double[]", "byte[]", "char[]"]


class Method:
    def __init__(self, rng, holder, index, helpers):
        self.rng, self.holder, self.index, self.helpers = rng, holder, index, helpers
        self.lines, self.depth, self.loops, self.counter = [], 2, 0, 0
        self.locals = {t: [] for t in PRIMITIVES}
        self.arrays, self.objects = {t: [] for t in ARRAYS}, []

    def emit(self, text):
        self.lines.append("  " * self.depth + text)

    def pick(self, options):
        return self.rng.choice(options)

    def literal(self, type_):
        if type_ == "int":
            return str(self.pick([0, 1, -1, 2, 3, 7, 31, 100, -128, 65535, 0x7fffffff, self.rng.randint(-1000, 1000)]))
        if type_ == "long":
            return f"{self.pick([0, 1, -1, 63, 1 << 31, 1 << 40, self.rng.randint(-10**12, 10**12)])}L"
        if type_ == "float":
            return self.pick(["0f", "-0f", "1f", "1.5f", "3e30f", "Float.NaN", "-2.25f"])
        return self.pick(["0.0", "-0.0", "1.0", "0.1", "1e300", "Double.NaN", "-7.75"])

    def variable(self, type_):
        return self.pick(self.locals[type_]) if self.locals[type_] else self.literal(type_)

    def expression(self, type_, depth=0):
        roll = self.rng.random()
        if depth > 3 or roll < 0.25:
            return self.variable(type_) if self.rng.random() < 0.8 else self.literal(type_)
        if roll < 0.32:
            other = self.pick([t for t in PRIMITIVES if t != type_])
            return f"(({type_}) {self.expression(other, depth + 1)})"
        if roll < 0.42 and type_ in ("int", "long", "double"):
            access = self.element(type_, depth)
            if access:
                return access
        if roll < 0.5 and self.objects:
            return f"{self.pick(self.objects)}.{type_[0]}"
        if roll < 0.56:
            return f"s{type_[0]}"
        if roll < 0.62:
            return self.call(type_, depth)
        if roll < 0.7:
            return f"({self.condition(depth + 1)} ? {self.expression(type_, depth + 1)} : {self.expression(type_, depth + 1)})"
        if type_ in ("int", "long") and roll < 0.8:
            operator = self.pick(["<<", ">>", ">>>"])
            return f"({self.expression(type_, depth + 1)} {operator} {self.expression('int', depth + 1)})"
        operators = ["+", "-", "*", "/", "%"] + (["&", "|", "^"] if type_ in ("int", "long") else [])
        weights = [5, 5, 4, 1, 1] + ([2, 2, 2] if type_ in ("int", "long") else [])
        operator = self.rng.choices(operators, weights)[0]
        return f"({self.expression(type_, depth + 1)} {operator} {self.expression(type_, depth + 1)})"

    def index_expression(self, depth):
        roll = self.rng.random()
        if roll < 0.75:
            return f"{self.variable('int')} & {self.pick([0, 1, 3, 7])}"
        return self.expression("int", depth + 2)

    def element(self, type_, depth):
        kinds = {"int": ["int[]", "byte[]", "char[]"], "long": ["long[]"], "double": ["double[]"]}[type_]
        names = [n for kind in kinds for n in self.arrays[kind]]
        return f"{self.pick(names)}[{self.index_expression(depth)}]" if names else None

    def call(self, type_, depth):
        fitting = [h for h in self.helpers if h[1] == type_]
        if not fitting:
            return self.variable(type_)
        name, _, parameters = self.pick(fitting)
        return f"{name}({', '.join(self.argument(p, depth + 1) for p in parameters)})"

    def argument(self, type_, depth):
        if type_ in PRIMITIVES:
            return self.expression(type_, depth)
        if type_ in ARRAYS:
            return self.pick(self.arrays[type_] or ["null"])
        return self.pick(self.objects or ["null"])

    def condition(self, depth=0):
        if self.objects and self.rng.random() < 0.15:
            return f"{self.pick(self.objects)} {self.pick(['==', '!='])} {self.pick(self.objects + ['null'])}"
        type_ = self.pick(PRIMITIVES)
        return f"{self.expression(type_, depth + 1)} {self.pick(['<', '<=', '>', '>=', '==', '!='])} {self.expression(type_, depth + 1)}"

    def assignment(self):
        type_ = self.pick(PRIMITIVES)
        roll = self.rng.random()
        if roll < 0.2:
            kind = self.pick(ARRAYS)
            if self.arrays[kind]:
                element = {"byte[]": "byte", "char[]": "char"}.get(kind, kind[:-2])
                value = "int" if element in ("byte", "char") else element
                target = f"{self.pick(self.arrays[kind])}[{self.index_expression(0)}]"
                operator = self.pick(["=", "+=", "-=", "*="])
                cast = f"({element}) " if operator == "=" and element != value else ""
                return self.emit(f"{target} {operator} {cast}{self.expression(value, 1)};")
        if roll < 0.3 and self.objects:
            return self.emit(f"{self.pick(self.objects)}.{type_[0]} {self.pick(['=', '+=', '*='])} {self.expression(type_, 1)};")
        if roll < 0.36:
            return self.emit(f"s{type_[0]} = {self.expression(type_, 1)};")
        if roll < 0.42 and self.objects:
            return self.emit(f"{self.pick(self.objects)} = {self.pick(self.objects)}.next;")
        targets = [n for n in self.locals[type_] if not n.startswith("i_")]
        if targets:
            self.emit(f"{self.pick(targets)} {self.pick(['=', '=', '+=', '-=', '*='])} {self.expression(type_, 1)};")

    def block(self, size):
        saved = {t: list(v) for t, v in self.locals.items()}
        self.depth += 1
        for _ in range(size):
            self.statement()
        self.depth -= 1
        self.locals = saved

    def statement(self):
        roll = self.rng.random()
        nested = self.depth < 6
        if roll < 0.15:
            type_ = self.pick(PRIMITIVES)
            self.counter += 1
            name = f"v{self.counter}"
            self.emit(f"{type_} {name} = {self.expression(type_)};")
            self.locals[type_].append(name)
        elif roll < 0.3 and nested:
            self.emit(f"if ({self.condition()}) {{")
            self.block(self.rng.randint(1, 3))
            if self.rng.random() < 0.5:
                self.emit("} else {")
                self.block(self.rng.randint(1, 3))
            self.emit("}")
        elif roll < 0.45 and nested and self.loops < 3:
            self.loop()
        elif roll < 0.52 and nested:
            self.switch()
        elif roll < 0.57 and nested and self.objects:
            self.emit(f"synchronized ({self.pick(self.objects)}) {{")
            self.block(self.rng.randint(1, 3))
            self.emit("}")
        else:
            self.assignment()

    def loop(self):
        self.loops += 1
        self.counter += 1
        name = f"i_{self.counter}"
        arrays = [n for v in self.arrays.values() for n in v]
        lengths = [f"{a}.length" for a in arrays] if self.loops == 1 else []
        bound = self.pick([str(self.rng.randint(1, 12)), f"({self.variable('int')} & 15)"] + lengths)
        step = self.pick(["++", "++", "++", " += 2", " += 3"])
        if self.rng.random() < 0.75:
            self.emit(f"for (int {name} = {self.pick(['0', '0', '1'])}; {name} < {bound}; {name}{step}) {{")
        else:
            self.emit(f"for (int {name} = {bound}; {name} >= 0; {name}--) {{")
        self.locals["int"].append(name)
        self.depth += 1
        if arrays and self.rng.random() < 0.6:
            kind = self.pick([k for k in ARRAYS if self.arrays[k]])
            value = {"byte[]": "int", "char[]": "int"}.get(kind, kind[:-2])
            target = self.pick([n for n in self.locals[value] if not n.startswith("i_")] or ["s" + value[0]])
            self.emit(f"{target} += {self.pick(self.arrays[kind])}[{name}];")
        self.depth -= 1
        self.block(self.rng.randint(1, 3))
        if self.rng.random() < 0.2:
            self.depth += 1
            self.emit(f"if ({self.condition(2)}) {self.pick(['break', 'continue'])};")
            self.depth -= 1
        self.emit("}")
        self.locals["int"].remove(name)
        self.loops -= 1

    def switch(self):
        self.emit(f"switch ((int) ({self.expression('int', 2)}){self.pick([' & 7', ''])}) {{")
        keys = self.rng.sample([0, 1, 2, 3, 4, 5, -1, 100, 65535, -2147483648], self.rng.randint(1, 5))
        self.depth += 1
        for key in keys:
            self.emit(f"case {key}: {{")
            self.block(1)
            self.emit("}" + (" break;" if self.rng.random() < 0.7 else ""))
        self.emit("default: {")
        self.block(1)
        self.emit("}")
        self.depth -= 1
        self.emit("}")

    def write(self, name, result, parameters):
        texts = []
        for number, type_ in enumerate(parameters):
            texts.append(f"{type_} a{number}")
            where = self.locals[type_] if type_ in PRIMITIVES else self.arrays[type_] if type_ in ARRAYS else self.objects
            where.append(f"a{number}")
        for type_ in PRIMITIVES:
            self.emit(f"{type_} r{type_[0]} = {self.literal(type_)};")
            self.locals[type_].append("r" + type_[0])
        for _ in range(self.rng.randint(3, 9)):
            self.statement()
        self.emit(f"return ({result}) ((int) ri + (long) rl + (float) rf + (double) rd) == 7 ? {self.expression(result)} : {self.variable(result)};"
                  if result in ("float", "double") else f"return {self.expression(result)};")
        modifiers = self.pick(["static", "static", "static", "static synchronized"])
        return [f"  {modifiers} {result} {name}({', '.join(texts)}) {{", *self.lines, "  }"]


def main():
    seed, name, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    rng = random.Random(seed)
    out = [f"/** Written by random_java.py {seed} {name} {count}. */", f"class {name} {{",
           f"  int i; long l; float f; double d; {name} next;", "  static int si; static long sl; static float sf; static double sd;"]
    helpers = []
    for index in range(count):
        result = rng.choice(PRIMITIVES)
        parameters = [rng.choice(PRIMITIVES * 2 + ARRAYS + [name]) for _ in range(rng.randint(1, rng.choice([4, 4, 11])))]
        method = "m" + str(index)
        # Calls go to earlier methods that have no loop around them: no exponential run times.
        out += Method(rng, name, index, helpers[-2:] if index % 3 else []).write(method, result, parameters)
        if index % 3 == 0:
            helpers.append((method, result, parameters))
    out.append("}")
    print("\n".join(out))


if __name__ == "__main__":
    main()
