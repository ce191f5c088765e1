"""Which situations does random code seldom make by itself? (a part of Generator, see generator.py)

Each makes a kernel around random expressions.
"""

from scope import NUMERIC, PRIMITIVES, Meter, Scope, Var
from tree import items, stmt

SITUATIONS = ("strings", "threads", "functions", "streams", "late_class", "copied_class", "records", "boxes", "failures", "arrays", "locks", "vectors",
              "dispatch", "inner_classes", "collections", "many_arguments", "atomics", "nested_handlers", "growing_types", "resources", "initialisers", "references")


class Situations:
    def around(self, names, limit=400, returns="long", **more):
        return Scope([Var(n, t, True, counter=n in ("i", "j", "k", "h")) for n, t in names], Meter(limit), returns=returns, **more)

    def member(self, *parts):
        self.members.append(stmt(*parts))

    def entry(self, parameters, *parts):
        """A kernel whose parameters are written p0, p1 .."""
        name = self.fresh("case")
        head = ", ".join(f"{t} p{n}" for n, t in enumerate(parameters))
        self.members.append(stmt(f"static long {name}({head}) {{\n", *parts, "}\n"))
        self.kernels.append((name, parameters))
        return name

    def pures(self, t="int"):
        return [m for m in self.methods if m.pure and m.returns == t]

    def strings(self):
        s = self.around([("p0", "int"), ("p1", "String"), ("i", "int")])
        self.entry(["int", "String"], "StringBuilder b = new StringBuilder(p1);\n", f"for (int i = 0; i < {self.pick((6, 20))}; i++) {{\n",
                   items([stmt("b.append(", self.value(t, s, 2), ");\n") for t in self.random.sample(PRIMITIVES + ("String",), 4)]),
                   "if (b.length() > 300) b.setLength(50);\n}\n", "String text = b.toString();\nlong h = text.hashCode();\n",
                   "for (int i = 0; i < text.length(); i++) {\n", f"char c = text.charAt(i);\nh = h * {self.pick((31, 33))} + (c > 'a' ? c : -c);\n", "}\n",
                   items([stmt("h += text.indexOf(p1) + text.lastIndexOf('1');\n"), stmt("h ^= text.substring(text.length() / 2).compareTo(p1);\n"),
                          stmt("h += text.replace('1', 'x').equals(text) ? 1 : 2;\n"), stmt("h += text.toUpperCase(Locale.ROOT).hashCode() + text.trim().length() + text.split(\"-\").length;\n"),
                          stmt("h += new String(text.getBytes(java.nio.charset.StandardCharsets.UTF_8), java.nio.charset.StandardCharsets.ISO_8859_1).hashCode();\n"),
                          stmt("h += text.isEmpty() || text.charAt((p0 & 0x7f)) == 'q' ? 5 : 6;\n")]),
                   "switch (text.substring(0, Math.min(3, text.length()))) {\n", 'case "one": h++; break;\ncase "two": h += 2;\ncase "abc": h += 3; break;\ndefault: h--;\n}\n', "return h;\n")

    def threads(self):
        s = self.around([("k", "int"), ("p0", "int"), ("seed", "long"), ("h", "long")], pure=True)
        name = self.fresh("Work")
        n = self.pick((2, 3))
        self.member(f"static final class {name} extends Thread {{\n", "final int p0;\nfinal AtomicLong total;\nlong h;\nstatic int counted;\n", f"{name}(int p0, AtomicLong total) {{ this.p0 = p0; this.total = total; }}\n",
                    f"static synchronized void count(int k) {{ counted += k; }}\n", "@Override public void run() {\n", "final long seed = p0 * 31L;\n",
                    f"for (int k = 0; k < {self.pick((20, 100, 400))}; k++) {{\n", items([stmt("h = h * 31 + (long) (", self.value(self.pick(NUMERIC), s, 3), ");\n") for _ in range(2)]),
                    "if ((k & 3) == 0) count(k);\nif ((k & 7) == 1) total.addAndGet(h & 0xffff);\n}\n}\n}\n")
        self.entry(["int"], "AtomicLong total = new AtomicLong();\n", f"if (phase == 0 && (p0 & 3) != 1) {{\n{name} alone = new {name}(p0, total);\nalone.run();\nreturn alone.h + total.get();\n}}\n",
                   f"{name}[] all = new {name}[{n}];\n", f"for (int i = 0; i < {n}; i++) {{\nall[i] = new {name}(p0 + i, total);\nall[i].start();\n}}\n",
                   "long h = 0;\ntry {\n", f"for ({name} w : all) {{\nw.join();\nh = h * 31 + w.h;\n}}\n}} catch (InterruptedException e) {{\nreturn -1;\n}}\n",
                   f"synchronized ({name}.class) {{ h += {name}.counted; }}\n", "return h * 31 + total.get();\n")

    def functions(self):
        s = self.around([("p0", "int"), ("p1", "long"), ("x", "int")])
        fn = self.pures("int")
        chosen = [m for m in fn if m.parameters == ["int"]]
        reference = f"P{self.seed}::{self.pick(chosen).name}" if chosen else "Integer::bitCount"
        self.entry(["int", "long"], "IntUnaryOperator[] f = {x -> ", self.value("int", s, 2), f", {reference}, Math::abs, x -> x - p0, new IntUnaryOperator() {{ int n = p0; public int applyAsInt(int x) {{ return n += x; }} }}}};\n",
                   "Supplier<String> made = () -> \"s\" + p1;\nFunction<String, Integer> bound = \"abc\"::compareTo;\nToIntFunction<String> unbound = String::length;\nFunction<Integer, int[]> maker = int[]::new;\n",
                   "BiFunction<Long, Integer, Long> two = (a, b) -> a * b + p0;\n",
                   "int h = p0;\n", f"int used = phase == 0 ? {self.pick((1, 2, 3))} : f.length;\n", f"for (int i = 0; i < {self.pick((10, 40))}; i++) {{\n", "h = f[i % used].applyAsInt(h + i);\n",
                   items([stmt("h += f[i % used].andThen(f[0]).applyAsInt(i);\n"), stmt("h ^= made.get().length() + bound.apply(\"ab\");\n"), stmt("h += unbound.applyAsInt(made.get());\n"),
                          stmt("h += maker.apply(i & 7).length;\n"), stmt("h += (int) (long) two.apply((long) h, i);\n")]), "}\n", "return h;\n")

    def streams(self):
        s = self.around([("p0", "int"), ("x", "int")], limit=60)
        n = self.pick((5, 17, 60))
        self.entry(["int"], f"long h = IntStream.range(0, {n}).map(x -> ", self.value("int", s, 2), ").filter(x -> (x & 1) == (p0 & 1)).asLongStream().sum();\n",
                   items([stmt(f"h += IntStream.rangeClosed(-3, {n}).mapToObj(x -> \"v\" + x).collect(Collectors.joining(\",\")).hashCode();\n"),
                          stmt("h += Stream.of(IN_S).map(String::length).sorted(Comparator.reverseOrder()).limit(3).reduce(p0, Integer::sum);\n"),
                          stmt("h += (long) Arrays.stream(IN_D).filter(d -> d < 100).limit(3).sum();\n"),
                          stmt("h ^= Stream.iterate(1L, l -> l * 3 + p0).limit(9).mapToLong(Long::longValue).max().getAsLong();\n"),
                          stmt("h += Stream.of(IN_S).collect(Collectors.groupingBy(String::length, TreeMap::new, Collectors.counting())).toString().hashCode();\n")]), "return h;\n")

    def late_class(self):
        s = self.around([("k", "int")], limit=40)
        name = self.fresh("Late")
        self.member(f"static class {name} {{\n", f"static int made = {self.number(1, 99)};\nstatic long[] table = new long[8];\n", "int own = made++;\n",
                    "static {\nsum = sum * 31 + made;\nfor (int i = 0; i < 8; i++) table[i] = i * sum;\n}\n", "static int twist(int k) {\nreturn (int) table[k & 7] + ", self.value("int", s, 2), ";\n}\n", "int step(int k) {\nreturn own += k;\n}\n", "}\n")
        s = self.around([("p0", "int"), ("i", "int")])
        broken = self.fresh("Broken")
        self.member(f"static class {broken} {{\nstatic int value = 1 / (phase - phase);\n}}\n")
        self.entry(["int", "Object"][:1], "long h = 0;\n", f"for (int i = 0; i < {self.pick((5, 50))}; i++) {{\n", "h += ", self.value("long", s, 2), ";\n", f"if (phase >= {self.pick((0, 1, 1, 2))} && (i & 3) == 2) {{\n",
                   items([stmt(f"h += {name}.twist(i);\n"), stmt(f"h += new {name}().step(p0);\n"), stmt(f"h ^= {name}.made++;\n"), stmt(f"h += ((Object) LOCK) instanceof {name} ? 1 : 2;\n"),
                          stmt(f"{name}[] many = new {name}[2];\nmany[0] = new {name}();\nh += many[0].own;\n")]), "}\n}\n",
                   items([stmt(f"if (phase == 2) try {{\nh += {broken}.value;\n}} catch (ExceptionInInitializerError | NoClassDefFoundError e) {{\nh += 77;\n}}\n")]), "return h;\n")

    def copied_class(self):
        s = self.around([("k", "int")], limit=40, pure=True)
        name = self.fresh("Plugin")
        self.member(f"public static final class {name} implements IntUnaryOperator {{\n", f"public {name}() {{ }}\n", "static int calls;\nint state = 3;\n", "@Override public int applyAsInt(int k) {\n", "calls++;\nstate = state * 31 + ",
                    self.value("int", s, 3), ";\nint h = 0;\nfor (int i = 0; i < 20; i++) h += twist(i);\n", "return state ^ calls ^ h;\n}\n", "private int twist(int k) {\nreturn ", self.value("int", s, 2), " + state;\n}\n}\n")
        holder = self.fresh("copies")
        self.member(f"static final List<IntUnaryOperator> {holder} = new ArrayList<>(List.of(new {name}()));\n")
        self.entry(["int"], f"if ((phase == 1 || (p0 & 31) == 3) && {holder}.size() < 6) {holder}.add((IntUnaryOperator) Out.copy(java.lang.invoke.MethodHandles.lookup(), {name}.class, (p0 & 1) == 0));\n",
                   f"if (phase == 2 && {holder}.size() > 3) {holder}.remove(1);\n", "int h = p0;\n", f"for (int i = 0; i < {self.pick((10, 40))}; i++) {{\n", f"IntUnaryOperator o = {holder}.get(i % {holder}.size());\n",
                   f"h = h * 7 + o.applyAsInt(i) + (o instanceof {name} ? 1 : 0);\n", "}\n", "return h;\n")

    def records(self):
        s = self.around([("a", "int"), ("b", "long")], limit=40, pure=True)
        face, one, two, three = (self.fresh(x) for x in ("Sealed", "Circle", "Pair", "Empty"))
        self.member(f"sealed interface {face} permits {one}, {two}, {three} {{ }}\n")
        self.member(f"record {one}(int a, double r) implements {face} {{ }}\n")
        self.member(f"record {two}(long b, int a, {face} rest) implements {face} {{\n{two} {{ if (a == 77) throw new IllegalArgumentException(\"77\"); }}\nlong mix() {{\nreturn ", self.value("long", s, 2), ";\n}\n}\n")
        self.member(f"enum {three} implements {face} {{ X, Y }}\n")
        look = self.fresh("look")
        self.member(f"static long {look}({face} f) {{\n", f"if (f instanceof {one} c) return c.a() * 31L + (long) c.r();\n", f"if (f instanceof {two} p && p.b() != 5) return p.mix() + (p.rest() == null ? 1 : {look}(p.rest()));\n",
                    f"return f == {three}.X ? 1 : f instanceof {three} e ? 2 + e.ordinal() : -1;\n}}\n")
        t = self.around([("p0", "int"), ("i", "int")])
        self.entry(["int"], "long h = 0;\n", f"for (int i = 0; i < {self.pick((8, 30))}; i++) {{\n",
                   f"{face} f = phase == 0 || (i & 3) != 0 ? new {one}(i, ", self.value("double", t, 2), f") : new {two}(", self.value("long", t, 2), f", i + p0, (i & 4) == 0 ? {three}.X : new {two}(i, 3, null));\n", f"h = h * 31 + {look}(f) + {look}((i & 7) == 1 && phase > 0 ? {three}.Y : new {one}(p0, 2.5));\n",
                   items([stmt(f"h += f.equals(new {one}(i, 1.0)) ? 1 : 0;\n"), stmt("h += f.toString().length();\n")]), "}\n", "return h;\n")

    def boxes(self):
        s = self.around([("p0", "int"), ("p1", "long"), ("i", "int")])
        self.entry(["int", "long"], "Integer a = p0;\nLong b = p1;\nCharacter c = (char) p0;\nObject o = null;\nlong h = 0;\nList<Object> kept = new ArrayList<>();\n", f"for (int i = 0; i < {self.pick((10, 60))}; i++) {{\n",
                   items([stmt("a += i;\n"), stmt("a = (int) (", self.value("int", s, 2), ");\n"), stmt("b = b * 3 + a;\n"), stmt("c++;\n"), stmt("o = (i & 1) == 0 ? (Object) a : (Object) b;\n"),
                          stmt("h += a == Integer.valueOf(i & 127) ? 1 : 0;\n"), stmt("h += a.equals(i) ? 1 : b.equals(a) ? 2 : 3;\n"), stmt("h += o instanceof Integer n ? n + 1 : o instanceof Long m ? m.intValue() : 0;\n"),
                          stmt("h += c.compareTo('x') + a.compareTo(7) + Boolean.hashCode(b > 5);\n"), stmt("if ((i & 3) == 1) kept.add(i > 5 ? (Object) (double) i : (Object) (byte) i);\n"), stmt("h += (Byte) (byte) (i & 127) == (Byte) (byte) (i & 127) ? 1 : 0;\n")]),
                   "}\n", "return h + kept.hashCode() + a + b + c + Objects.hash(a, b, c) + String.format(\"%d\", a).length();\n" if self.chance(0.1) else "return h + kept.hashCode() + a + b + c + sumOf(a, p0) + sumOf() + sumOf(p0, 1, 2, 3);\n")
        self.member("static int sumOf(int... all) {\nint s = all.length;\nfor (int x : all) s = s * 3 + x;\nreturn s;\n}\n")

    def failures(self):
        s = self.around([("k", "int"), ("depth", "int")], limit=40)
        name, error = self.fresh("sink"), self.fresh("Checked")
        self.member(f"static final class {error} extends Exception {{\nfinal long kept;\n{error}(long kept) {{ super(\"kept \" + kept); this.kept = kept; }}\n}}\n")
        lock = self.pick(("", "synchronized "))
        self.member(f"static {lock}long {name}(int k, int depth) throws {error} {{\n", "if (depth == 0) {\nswitch (k & 15) {\n", f"case 1: throw new {error}(k);\ncase 2: throw new Failure(k, new {error}(3));\ncase 3: return k / (k & 4);\n",
                    "case 5: return ((int[]) null).length;\ncase 6: return (int) (Integer) (Object) IN_S[0].concat(\"x\").substring(k & 0).getClass().getName().length();\ncase 7: return IN_I[-k];\ncase 9: return ((String) (Object) IN_I).length();\ncase 10: return new int[-k | 0x80000000].length;\n",
                    "case 11: { Object[] as = IN_S.clone(); as[0] = k; return 5; }\ncase 12: return IN_S[1].charAt(100 + k);\ndefault: return ", self.value("long", s, 2), ";\n}\n}\n",
                    "try {\n", f"return {name}(k, depth - 1) + 1;\n", f"}} catch ({self.pick(('ArithmeticException', 'NullPointerException', 'IllegalStateException'))} e) {{\nif ((depth & 3) == 2) throw new IllegalStateException(\"wrapped\", e);\nreturn e.getStackTrace().length > 0 ? 5 : 6;\n",
                    "}" + (" finally {\nsum = sum * 7 + depth;\n}\n" if self.chance(0.6) else "\n"), "}\n")
        self.entry(["int"], "long h = 0;\n", f"for (int i = 0; i < 8; i++) {{\n", "try {\n", f"h += {name}((phase == 0 ? i & 1 : i) + p0, {self.pick((0, 1, 3, 5))});\n", f"}} catch ({error} e) {{\nh = h * 31 + e.kept;\n", "} catch (RuntimeException e) {\nh++;\nif (i == 3) throw e;\nOut.thrown(e);\n}\n}\n", "return h;\n")

    def arrays(self):
        s = self.around([("p0", "int"), ("i", "int"), ("j", "int")])
        t = self.pick(("int", "long", "double", "byte", "short", "char", "float"))
        self.entry(["int", "int"], f"{t}[][] m = new {t}[{self.pick((3, 8))}][(p1 & 15)];\n", f"{t}[] row = m[p0 & 1];\nm[2] = row;\nlong h = m.length;\n",
                   f"for (int i = 0; i < m.length; i++) {{\nfor (int j = 0; j < m[i].length; j++) {{\n", f"m[i][j] += ({t}) (", self.value(t, s, 2), ");\n", "row[j] = m[(i + 1) % m.length][j];\n}\n}\n",
                   items([stmt("m[1] = m[0].clone();\n"), stmt("System.arraycopy(row, 0, m[1], 1, row.length / 2);\n"), stmt("System.arraycopy(row, 1, row, 0, row.length - 1);\n"), stmt("System.arraycopy(row, p1 & 3, row, 2, p0 & 7);\n"),
                          stmt(f"Arrays.fill(row, ({t}) p0);\n"), stmt("h += Arrays.equals(row, m[0]) ? 1 : 2;\n"), stmt("Object[] alias = m;\nif ((p0 & 31) == 7) alias[0] = \"no\";\n"), stmt("h += row[p0 & 15] > 3 ? 1 : 0;\n"),
                          stmt("Object[] objects = (p1 & 3) == 1 && phase > 0 ? new String[4] : new Object[4];\nobjects[p0 & 3] = p0;\nobjects[1] = \"s\";\nh += Arrays.hashCode(objects);\n"),
                          stmt("int[][][] cube = new int[2][3][];\ncube[1][p0 & 3] = new int[] {p0, p1};\nh += Arrays.deepHashCode(cube);\n"),
                          stmt("Arrays.sort(row);\n"), stmt("h += Arrays.hashCode(Arrays.copyOfRange(row, row.length / 3, row.length + (p1 & 1)));\n")]),
                   "for (int i = 0; i < m.length; i++) h = h * 31 + Arrays.hashCode(m[i]);\n", "return h;\n")

    def locks(self):
        s = self.around([("k", "int")], limit=60)
        name = self.fresh("Account")
        self.member(f"static class {name} {{\n", "long held;\nfinal Object inner = new Object();\n", "synchronized long add(int k) {\nheld += ", self.value("long", s, 2), ";\nreturn k > 0 ? add(k >> 2) : held;\n}\n",
                    f"long move({name} to, int k) {{\nsynchronized (this) {{\nsynchronized (to) {{\nif ((k & 31) == 9) throw new Failure(k, null);\nheld -= k;\nto.held += k;\nsynchronized (inner) {{\nreturn k / (k & 15 | (phase == 1 ? 0 : 1)) + (Thread.holdsLock(to) ? 1 : 0);\n}}\n}}\n}}\n}}\n",
                    "static synchronized int both(Object o) {\nsynchronized (o) {\nOut.deopt();\nreturn o.hashCode() == o.hashCode() ? 1 : 2;\n}\n}\n}\n")
        self.entry(["int"], f"{name} a = new {name}(), b = (p0 & 7) == 3 ? a : new {name}();\nlong h = 0;\n", f"for (int i = 0; i < {self.pick((6, 30))}; i++) {{\ntry {{\n", "h += a.move(i % 5 == 4 ? a : b, p0 + i);\n", "} catch (Failure | ArithmeticException e) {\nh = h * 31 + (Thread.holdsLock(a) ? 1000 : 3);\n}\n",
                   items([stmt(f"if (i == 2) h += {name}.both(phase == 0 ? a : a.inner);\n"), stmt("h ^= b.add(p0 + i);\n"), stmt("synchronized (a) {\nif ((i & 3) == 2) continue;\nh += a.held;\n}\n"), stmt("synchronized (a) {\nfor (int j = 0; j < 9; j++) synchronized (b) {\nh += j ^ b.held;\n}\n}\n")]), "}\n", "return h + a.held;\n")

    def vectors(self):
        t = self.pick(("int", "long", "double", "float", "byte", "short", "char"))
        wide = "long" if t in ("int", "long", "byte", "short", "char") else t
        n = self.pick((33, 100, 257, 1000))
        s = self.around([("i", "int"), ("p0", "int")], limit=40, pure=True)
        start, end, step = self.pick(("0", "1", "p0 & 3")), self.pick(("a.length", "b.length", f"{n}", "a.length - 1", "Math.min(a.length, b.length)")), self.pick(("i++", "i++", "i++", "i += 2", "i += 3"))
        up = f"for (int i = {start}; i < {end}; {step})"
        down = f"for (int i = {end} - 1; i >= ({start}); i{self.pick(('--', '--', ' -= 2'))})"
        loop = lambda: self.pick((up, up, down))
        body = [stmt(loop(), f" a[i] = ({t}) (b[i] {self.pick('+-*')} ({t}) p0);\n"), stmt(loop(), f" h += a[i];\n"), stmt(loop(), f" a[i] {self.pick(('+=', '-=', '*='))} b[i];\n"), stmt(loop(), f" if (a[i] {self.pick('<>')} b[i]) h {self.pick(('+=', '-='))} {self.pick(('1', 'b[i]'))};\n"),
                stmt(loop(), f" h = Math.{self.pick(('max', 'min'))}(h, a[i]);\n"), stmt(f"for (int i = 1; i < {end}; i++) a[i] = ({t}) (a[i - 1] + b[i]);\n"), stmt(f"for (int i = 0; i + 4 < {end}; i++) a[i] = ({t}) (a[i + 4] * 3);\n"),
                stmt(loop(), f" a[i] = ({t}) (", self.value(t, s, 3), ");\n"), stmt(loop(), " h = h * 31 + b[i];\n"), stmt(loop(), f" c[i] = (byte) b[i];\n"), stmt(loop(), " h += c[i] * 3;\n"), stmt(loop(), f" {{\nif ((i & 63) == p0) break;\na[i] = b[i];\n}}\n"),
                stmt(f"for (int i = 0; i < {n}; i++) b[i] = ({t}) (a[i] {self.pick('+-*')} c[i]);\n")]
        self.entry(["int"], f"{t}[] a = new {t}[{n}], b = (p0 & 15) == 5 ? a : new {t}[{n} + (p0 & 1) * {self.pick((0, 0, -3, 5))}];\nbyte[] c = new byte[{n}];\n{wide} h = 1;\n", f"for (int i = 0; i < b.length && i < {n}; i++) {{\nb[i] = ({t}) (i * {self.number(3, 99)} - p0);\nc[i] = (byte) (i * 7);\n}}\n",
                   "try {\n", items(self.random.sample(body, self.number(2, 5))), "} catch (ArrayIndexOutOfBoundsException e) {\nh += 11;\nif (phase > 0) Out.thrown(e);\n}\n", "return (long) h * 31 + Arrays.hashCode(a) + Arrays.hashCode(c);\n")

    def dispatch(self):
        letter, _, _ = self.pick(self.arrays_of_classes)
        own = [m for m in self.methods if m.owner == letter and m.returns in NUMERIC]
        s = self.around([("p0", "int"), ("i", "int"), ("o", letter)], limit=2500)
        s.times = 20
        parts = [stmt("h = h * 31 + (long) o.", m.name, "(", *self.values(m.parameters, s, 1), ");\n") for m in own] or [stmt("h += o.hash();\n")]
        self.entry(["int"], "long h = 0;\n", f"for (int i = 0; i < 20; i++) {{\n", f"{letter} o = {letter.lower()}s[i & {self.pick((1, 3))}];\n", items(parts + [stmt("h += o.hash();\n"), stmt(f"if (o.getClass() == {letter}9.class) h++;\n"),
                   stmt(f"I{letter} raw = o;\ntry {{\nh += raw.turn({self.pick(('3', '5L', 'IN_S[1]'))}, i).hashCode();\n}} catch (ClassCastException e) {{\nh += 9;\n}}\n")]), "}\n", "return h;\n")




    def inner_classes(self):
        s = self.around([("k", "int")], limit=40)
        outer, inner = self.fresh("Outer"), self.fresh("Inner")
        self.member(f"static class {outer} {{\n", "private int hidden = 3;\nprivate static long shared = 5;\n", f"class {inner} {{\nprivate long own = hidden++;\nlong step(int k) {{\nhidden += k;\nreturn own += ", self.value("long", s, 2), f" + {outer}.this.hidden + shared++;\n}}\n}}\n", f"private int secret(int k) {{ return hidden ^ k; }}\n}}\n")
        self.entry(["int", "long"], f"{outer} o = new {outer}();\n{outer}.{inner} in = o.new {inner}();\nlong h = 0;\n", "class Local {\nlong kept = p1;\nlong see(int i) { return kept++ * p0 + i; }\n}\n", f"for (int i = 0; i < {self.pick((5, 30))}; i++) {{\n",
                   items([stmt("h += in.step(i);\n"), stmt("h ^= o.secret(i) + o.hidden;\n"), stmt("h += new Local().see(i);\n"), stmt("final int j = i;\nComparator<Integer> by = new Comparator<>() {\n@Override public int compare(Integer x, Integer y) { return Integer.compare(x ^ j, y ^ p0); }\n};\nh += by.compare(i, p0) * 3 + by.reversed().compare(1, i);\n"),
                          stmt(f"in = (i & 7) == 3 ? new {outer}().new {inner}() : in;\n")]), "}\n", "return h;\n")

    def collections(self):
        s = self.around([("p0", "int"), ("i", "int")])
        self.entry(["int"], "Map<Integer, String> m = new HashMap<>();\nList<Long> l = new ArrayList<>();\nDeque<Integer> d = new ArrayDeque<>();\nTreeMap<String, Integer> t = new TreeMap<>();\nlong h = 0;\n", f"for (int i = 0; i < {self.pick((12, 40))}; i++) {{\n",
                   items([stmt("m.put(", self.value("int", s, 2), " % 17, \"v\" + i);\n"), stmt("l.add((long) (", self.value("long", s, 2), "));\n"), stmt("d.addFirst(i);\nif (d.size() > 5) h += d.removeLast();\n"), stmt("t.merge(\"k\" + i % 5, i, Integer::sum);\n"), stmt("h += m.getOrDefault(i, \"\").length();\n"), stmt("if (i % 7 == 6) l.removeIf(x -> (x & 3) == 1);\n")]), "}\n",
                   items([stmt("for (Map.Entry<Integer, String> e : m.entrySet()) h = h * 31 + e.getKey() + e.getValue().hashCode();\n"), stmt("for (long x : l) h = h * 31 + x;\n"), stmt("Collections.sort(l);\n"), stmt("h += t.hashCode() + d.size() + l.hashCode();\n"), stmt("h += l.get(p0 & 15);\n"), stmt("Iterator<Integer> it = d.iterator();\nif (phase > 0) {\nd.add(3);\nh += it.next();\n}\n")]), "return h;\n")

    def many_arguments(self):
        types = [self.pick(PRIMITIVES + ("String", "long", "double")) for _ in range(self.number(9, 16))]
        s = self.around([(f"q{n}", t) for n, t in enumerate(types)], limit=80)
        name = self.fresh("wide")
        locked = self.pick(("", "", "synchronized "))
        self.member(f"static {locked}long {name}({', '.join(f'{t} q{n}' for n, t in enumerate(types))}) {{\n", "long h = 0;\n", *[f"h = h * 31 + {self.as_long(t, f'q{n}')};\n" for n, t in enumerate(types)], "return h + ", self.value("long", s, 2), ";\n}\n")
        s = self.around([("p0", "int"), ("i", "int"), ("p1", "double")])
        self.entry(["int", "double"], "long h = 0;\n", "for (int i = 0; i < 10; i++) {\n", f"h ^= {name}(", *self.values(types, s, 1), ");\n", "}\n", "return h;\n")

    def as_long(self, t, name):
        return f'("" + {name}).hashCode()' if t == "String" else f"({name} ? 1 : 2)" if t == "boolean" else f"(long) {name}"

    def atomics(self):
        name = self.fresh("Cell")
        s = self.around([("p0", "int"), ("i", "int")])
        self.member(f"static final class {name} {{\nvolatile int v;\nvolatile long w = 3;\nvolatile Object ref = \"r\";\nstatic final AtomicIntegerFieldUpdater<{name}> V = AtomicIntegerFieldUpdater.newUpdater({name}.class, \"v\");\nstatic final java.lang.invoke.VarHandle W, REF, LONGS = java.lang.invoke.MethodHandles.arrayElementVarHandle(long[].class);\n",
                    f"static {{\ntry {{\nW = java.lang.invoke.MethodHandles.lookup().findVarHandle({name}.class, \"w\", long.class);\nREF = java.lang.invoke.MethodHandles.lookup().findVarHandle({name}.class, \"ref\", Object.class);\n}} catch (ReflectiveOperationException e) {{ throw new ExceptionInInitializerError(e); }}\n}}\n}}\n")
        self.entry(["int"], f"{name} c = new {name}();\nAtomicInteger n = new AtomicInteger(p0);\nAtomicReference<String> r = new AtomicReference<>(\"a\");\nAtomicIntegerArray all = new AtomicIntegerArray(4);\nlong[] longs = new long[6];\nlong h = 0;\n", f"for (int i = 0; i < {self.pick((8, 40))}; i++) {{\n",
                   items([stmt(f"h += {name}.V.addAndGet(c, ", self.value("int", s, 2), ");\n"), stmt(f"h += (long) {name}.W.getAndAdd(c, (long) (", self.value("long", s, 2), "));\n"), stmt(f"h += {name}.W.compareAndSet(c, 3L, (long) i) ? 1 : 0;\n"), stmt("h ^= n.incrementAndGet() + n.getAndUpdate(x -> x * 3);\n"),
                          stmt("h += r.compareAndSet(\"a\", \"b\") ? 7 : r.getAndSet(\"a\").length();\n"), stmt("all.accumulateAndGet(i & 3, p0, Math::max);\n"), stmt(f"h += (long) {name}.LONGS.getAndBitwiseXor(longs, i % 6, (long) p0 * i);\n"), stmt(f"h += {name}.REF.getAndSet(c, (Object) (\"q\" + i)).hashCode();\n"),
                          stmt(f"if ((p0 & 15) == 7) {name}.LONGS.setVolatile(longs, i, 5L);\n"), stmt("c.v = i;\nc.w += c.v;\nh += c.w;\n")]), "}\n", "return h + all.get(2) + Arrays.hashCode(longs);\n")

    def nested_handlers(self):
        s = self.around([("p0", "int"), ("p1", "int"), ("i", "int")], handled=1)
        a, b, c = (self.value(t, s, 3) for t in ("int", "long", "int"))
        more = [self.statement(s.inner(depth=2)) for _ in range(3)]
        self.entry(["int", "int"], "long h = 1;\n", f"for (int i = {self.pick((-3, 0))}; i < {self.pick((6, 20))}; i++) {{\n", "try {\nh += p0 / i;\n", "try {\n", items([stmt("h += IN_I[i + (int) (h & 1)];\n"), more[0], stmt("h ^= ", a, ";\n")]),
                   "} catch (ArithmeticException e) {\nh += IN_I[i & 15];\n} finally {\n", items([stmt("h = h * 3 + ", b, ";\n"), more[1], stmt("if ((i & 7) == 5) continue;\n"), stmt("if ((p1 & 63) == 33) break;\n")]), "}\n",
                   "} catch (IndexOutOfBoundsException | ArithmeticException e) {\nh = h * 31 + (e instanceof ArithmeticException ? 1 : 2);\n", items([stmt("try {\nh /= (i & 3);\n} catch (ArithmeticException f) {\nh++;\n}\n"), more[2]]), "} finally {\n", items([stmt("h += ", c, ";\n")]), "}\n}\n", "return h;\n")

    def growing_types(self):
        """One call site that sees one type, then two, then many; a cast and an instanceof too."""
        s = self.around([("k", "int")], limit=20, pure=True)
        face = self.fresh("Op")
        n = self.pick((3, 4, 5))
        self.member(f"interface {face} {{\nint op(int k);\ndefault {face} next() {{ return this; }}\n}}\n")
        names = [self.fresh("Kind") for _ in range(n)]
        for i, x in enumerate(names):
            parent = f" extends {names[i - 1]}" if i and self.chance(0.3) else ""
            self.member(f"static class {x}{parent} implements {face} {{\n", f"int kept = {i};\n", "public int op(int k) {\nreturn ", self.value("int", s, 2), f" + kept++;\n}}\n", *([f"public {face} next() {{ return new {names[0]}(); }}\n"] if self.chance(0.3) else []), "}\n")
        made = " : ".join(f"i % {n} == {i} ? new {x}()" for i, x in enumerate(names[1:], 1)) + f" : new {names[0]}()"
        call = self.fresh("site")
        self.member(f"static int {call}({face} o, Object p, int k) {{\n", items([stmt("k += o.op(k);\n"), stmt("k ^= o.next().op(3);\n"), stmt(f"k += p instanceof {names[-1]} x ? x.kept : 5;\n"), stmt(f"if (k % 5 == 0) k += (({self.pick(names)}) p).kept;\n"), stmt(f"k += p.hashCode() == p.hashCode() && p.getClass() == {names[0]}.class ? 1 : 2;\n")]), "return k;\n}\n")
        self.entry(["int"], "int h = p0;\n", f"int most = phase == 0 ? {self.pick((1, 1, 2))} : phase == 1 ? 2 : {n};\n", "for (int j = 0; j < 25; j++) {\nint i = j % most;\n", f"{face} o = {made};\n", f"try {{\nh = h * 3 + {call}(o, o, j);\n}} catch (ClassCastException e) {{\nh++;\n}}\n", "}\n", "return h;\n")

    def resources(self):
        s = self.around([("p0", "int"), ("k", "int")], limit=60)
        name = self.fresh("Open")
        self.member(f"static final class {name} implements AutoCloseable {{\nfinal int k;\n{name}(int k) {{\nthis.k = k;\nif ((k & 31) == 30) throw new Failure(k, null);\n}}\nlong use() {{\nif ((k & 7) == 5) throw new IllegalStateException(\"used\");\nreturn ", self.value("long", self.around([("k", "int")], limit=30, pure=True), 2), f";\n}}\n@Override public void close() {{\nsum = sum * 31 + k;\nif ((k & 15) == 13) throw new Failure(k, null);\n}}\n}}\n")
        self.entry(["int"], "long h = 0;\n", "for (int k = 0; k < 10; k++) {\n", f"try ({name} a = new {name}(k + p0); {name} b = phase == 0 ? null : new {name}(k)) {{\n", "h += a.use() + (b == null ? 1 : b.use());\n", items([stmt("h ^= ", self.value("long", s, 3), ";\n")]), "} catch (Failure | IllegalStateException e) {\nh = h * 31 + e.getSuppressed().length;\nif (phase == 2) Out.thrown(e);\n}\n}\n", "return h;\n")

    def initialisers(self):
        """Methods that get hot while their class is being initialised, by that thread and wanted by another one."""
        s = self.around([("k", "int")], limit=30, pure=True)
        name = self.fresh("Init")
        below = self.fresh("Below")
        self.member(f"static class {name} {{\nstatic final int[] table = new int[8];\nstatic volatile long seen;\nstatic int plain = {self.number(1, 99)};\nstatic final Thread other;\n",
                    "static {\nThread t = new Thread(() -> seen = twice(3));\n", *(["t.start();\n"] if self.chance(0.5) else []), f"for (int i = 0; i < {self.pick((100, 300))}; i++) table[i & 7] += step(i);\nother = t;\n}}\n",
                    "static int step(int k) {\nplain += k & 3;\nreturn ", self.value("int", s, 2), f" + plain + (other == null ? 1 : 2) + new {name}().own(k);\n}}\n", "int own(int k) { return k ^ table[k & 7]; }\n", "static long twice(int k) { return table[k] * 2L; }\n}\n")
        self.member(f"static class {below} extends {name} {{\nstatic int more = plain * 2;\nstatic int go(int k) {{ return step(k) + more++; }}\n}}\n")
        self.entry(["int"], "long h = 0;\nboolean late = phase > 0;\n", "for (int i = 0; i < 12; i++) {\nif (late || i > 20) {\n", items([stmt(f"h += {below}.go(i + p0);\n"), stmt(f"h ^= {name}.plain++;\n"), stmt(f"h += {name}.table[i & 7];\n"), stmt(f"h += {below}.more + {name}.step(i);\n")]), "}\n}\n",
                   items([stmt(f"if (phase == 2) {{\ntry {{\nif ({name}.other.getState() == Thread.State.NEW) {name}.other.start();\n{name}.other.join();\n}} catch (InterruptedException e) {{\nreturn 1;\n}}\nif (round3++ == 0) h += {name}.seen;\n}}\n")]), "return h;\n")
        self.member("static int round3;\n")

    def references(self):
        """Arrays of references, and what asks classes."""
        s = self.around([("p0", "int"), ("i", "int")])
        first = self.pick(self.arrays_of_classes)[0]
        self.entry(["int", "String"], "Object[] o = new Object[9];\nString[] t = {p1, \"b\", null, \"d\"};\n", f"{first}[] a = {first.lower()}s.clone();\nlong h = 0;\n", f"for (int i = 0; i < {self.pick((8, 25))}; i++) {{\n",
                   items([stmt("o[i % 9] = (i & 3) == 0 ? (Object) p1 : (i & 3) == 1 ? (Object) i : a[i & 3];\n"), stmt("System.arraycopy(o, i & 3, o, 2, 5);\n"), stmt("System.arraycopy(t, 0, o, i % 7, 3);\n"),
                          stmt("try {\nSystem.arraycopy(o, 1, t, 0, phase == 0 ? 1 : 4);\n} catch (ArrayStoreException e) {\nh = h * 31 + 5;\n}\n"), stmt("Object[] copy = Arrays.copyOf(o, 3 + (i & 7), Object[].class);\nh += copy.length + (copy[2] == null ? 1 : 2);\n"),
                          stmt("h += t.clone()[i & 3] == t[i & 3] ? 1 : 2;\n"), stmt(f"{first} x = a[i & 3];\na[(i + 1) & 3] = x;\nh += x == null ? 3 : x.getClass().getName().length() + x.hash();\n"), stmt("Object p = o[", self.value("int", s, 2), " & 7];\nh += String.class.isInstance(p) ? 1 : p == null ? 2 : p.getClass().isArray() ? 3 : 4;\n"),
                          stmt(f"h += {first}.class.isInstance(o[i % 9]) ? 1 : 0;\n"), stmt("java.lang.ref.WeakReference<String> w = new java.lang.ref.WeakReference<>(p1);\nh += w.get() == p1 ? 1 : 9;\n"), stmt("h += Thread.currentThread() == Thread.currentThread() ? 1 : 9;\n"),
                          stmt("try {\nh += String.class.cast(o[i % 9]) == null ? 1 : 2;\n} catch (ClassCastException e) {\nh += 7;\n}\n"), stmt("Object made = java.lang.reflect.Array.newInstance(i % 2 == 0 ? int.class : String.class, i & 3);\nh += java.lang.reflect.Array.getLength(made) + made.getClass().getComponentType().getName().length();\n"),
                          stmt("h += Objects.equals(o[i % 9], t[i & 3]) ? 1 : 2;\n"), stmt("Arrays.fill(o, 1, 4, (i & 1) == 0 ? p1 : null);\n"), stmt("h += Objects.requireNonNullElse(o[i % 9], \"none\") instanceof Number ? 1 : 2;\n"), stmt("Object[][] rows = {o, t, a};\nrows[i % 3][1] = p1;\n")]),
                   "}\n", "return h + (t[0] == null ? 1 : t[0].hashCode()) + (o[3] instanceof String q ? q.hashCode() : 2);\n")
