package traps;

import static traps.Trap.HOT;

/** Profiles that lie: polluted, stale, too short, of another caller. */
final class Profiling {
  interface Op { int apply(int x); }
  static final class Plus implements Op { @Override public int apply(int x) { return x + 1; } }
  static final class Minus implements Op { @Override public int apply(int x) { return x - 1; } }
  static final class Twice implements Op { @Override public int apply(int x) { return x * 2; } }
  static final class Half implements Op { @Override public int apply(int x) { return x / 2; } }
  static final Op[] OPS = {new Plus(), new Minus(), new Twice(), new Half()};

  static int bimorphic(Op o, int x) { return o.apply(x); }
  /** Two receivers, then a third, then a fourth. */
  static void bimorphic(Trap t) {
    for (int kinds = 1; kinds <= 4; kinds++) for (int i = 0; i < HOT; i++) t.add(bimorphic(OPS[i % kinds], i));
    t.same(8, bimorphic(OPS[2], 4));
    t.same(2, bimorphic(OPS[3], 4));
  }

  static int apply(Op o, int x) { return o.apply(x) + 1; }
  static int pollutedA(int x) { return apply(OPS[0], x); }
  static int polluted(int x) { return pollutedA(x) + apply(OPS[x & 3], x) + apply(OPS[1], x); }
  /** One profile is shared by callers that pass different types. */
  static void polluted(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(polluted(i));
    t.same(4 + 5 + 2, polluted(2));
  }

  static int phaseChange(int[] a, boolean up) { int s = 0; for (int x : a) { if (up) s += x; else s -= x * 2; } return s; }
  /** A branch goes one way for long and then always the other. */
  static void phaseChange(Trap t) {
    int[] a = {1, 2, 3, 4, 5};
    for (int i = 0; i < HOT; i++) t.same(15, phaseChange(a, true));
    for (int i = 0; i < HOT; i++) t.same(-30, phaseChange(a, false));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 15 : -30, phaseChange(a, i % 2 == 0));
  }

  static int rareReceiver(Op o, int x) { return o.apply(x); }
  /** One call in forty has another receiver: the guard fails, seldom, for ever. */
  static void rareReceiver(Trap t) {
    for (int i = 0; i < 6 * HOT; i++) t.same(i % 40 == 39 ? i * 2 : i + 1, rareReceiver(OPS[i % 40 == 39 ? 2 : 0], i));
  }

  static boolean typeProfileOfTest(Object o) { return o instanceof Comparable; }
  /** A type test that saw two classes sees others, and null. */
  static void typeProfileOfTest(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, typeProfileOfTest(i % 2 == 0 ? "x" : (Object) i));
    t.same(false, typeProfileOfTest(OPS));
    t.same(true, typeProfileOfTest(5L));
    t.same(false, typeProfileOfTest((Object) null));
  }

  interface Sized { int size(); }
  static class Box implements Sized, Comparable<Box> { final int n; Box(int n) { this.n = n; } @Override public int size() { return n; } @Override public int compareTo(Box o) { return n - o.n; } }
  static final class Crate extends Box { Crate(int n) { super(n); } @Override public int size() { return n * 10; } }
  static final class Bag implements Sized { @Override public int size() { return 100; } }
  static final Object[] SIZES = {new Box(3), new Crate(3), new Bag(), "none", null};

  static int exactCast(Object o) { return ((Sized) o).size(); }
  /** A cast to an interface saw one class: then come a subclass, another class, null, and one that fails. */
  static void exactCast(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3, exactCast(SIZES[0]));
    t.same(30, exactCast(SIZES[1]));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 3 : 30, exactCast(SIZES[i % 2]));
    t.same(100, exactCast(SIZES[2]));
    t.thrown(NullPointerException.class, () -> exactCast(SIZES[4]));
    t.thrown(ClassCastException.class, () -> exactCast(SIZES[3]));
    for (int i = 0; i < HOT; i++) t.same(i % 3 == 0 ? 3 : i % 3 == 1 ? 30 : 100, exactCast(SIZES[i % 3]));
  }

  static int castToClass(Object o) { return o == null ? -1 : ((Box) o).n; }
  /** The same with a class that has a display: the subclass is one, though its class is another. */
  static void castToClass(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3, castToClass(SIZES[0]));
    t.same(3, castToClass(SIZES[1]));
    t.same(-1, castToClass(SIZES[4]));
    t.thrown(ClassCastException.class, () -> castToClass(SIZES[2]));
    for (int i = 0; i < HOT; i++) t.same(3, castToClass(SIZES[i % 2]));
  }

  static int testOfTwo(Object o) { return o instanceof Comparable ? o.hashCode() & 1 : o instanceof Sized ? 2 : 3; }
  /** One class passes, one fails; then one fails that has the interface of the other test, then null. */
  static void testOfTwo(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 1 : 3, testOfTwo(i % 2 == 0 ? (Object) 7 : SIZES));
    t.same(2, testOfTwo(SIZES[2]));
    t.same(0, testOfTwo(4L));
    t.same(3, testOfTwo(SIZES[4]));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 2 : 3, testOfTwo(i % 2 == 0 ? SIZES[2] : new int[i]));
  }

  static int alwaysNull(Object o, int k) { Box b = (Box) o; if (o instanceof Sized) k += b.n; return b == null ? k : b.size() + k; }
  /** Nothing but null came; then objects, and one that fails. */
  static void alwaysNull(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, alwaysNull(SIZES[4], i));
    t.same(6, alwaysNull(SIZES[0], 0));
    t.same(33, alwaysNull(SIZES[1], 0));
    t.thrown(ClassCastException.class, () -> alwaysNull(SIZES[2], 0));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? i : i + 6, alwaysNull(i % 2 == 0 ? null : SIZES[0], i));
  }

  static int neverNull(Object o) { return (o instanceof Sized ? 1 : 2) + (((Comparable<?>) o) == null ? 4 : 8); }
  /** Null comes late, to a test and to a cast. */
  static void neverNull(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(9, neverNull(SIZES[0]));
    t.same(6, neverNull(SIZES[4]));
    t.same(10, neverNull("x"));
    t.thrown(ClassCastException.class, () -> neverNull(SIZES[2]));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 6 : 9, neverNull(i % 2 == 0 ? null : SIZES[0]));
  }

  static String testsInLoop(Object[] all) {
    StringBuilder b = new StringBuilder();
    long sum = 0;
    for (int i = 0; i < all.length; i++) {
      Object made = new Box(i);
      if (all[i] instanceof Sized) sum = sum * 31 + ((Sized) all[i]).size() + ((Box) made).n;
      else b.append(i).append(' ').append(all[i]).append(' ');
      if (i % 64 == 63) b.append(sum).append(((Comparable<Box>) made).compareTo(new Box(3)));
    }
    return b.append(sum).toString();
  }
  /** In the middle of a loop that allocates, the guess of a test fails: its frame has live objects. */
  static void testsInLoop(Trap t) {
    Object[] all = new Object[300];
    for (int i = 0; i < HOT; i++) {
      java.util.Arrays.fill(all, SIZES[0]);
      if (i > HOT / 2) all[150] = SIZES[i % 5];
      if (i > HOT / 2 + 20) all[151 + i] = new Crate(i);
      t.add(testsInLoop(all));
    }
  }

  static int tested(Object o, int k) { return o instanceof Sized ? ((Sized) o).size() * k : k; }
  static int testInCallee(Object a, Object b, int k) { int x = tested(a, k); long y = x * 3L; return (int) (tested(b, x) + y); }
  /** The guess fails in an inlined callee, for the second of its calls only. */
  static void testInCallee(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(18 * i, testInCallee(SIZES[0], SIZES[0], i));
    for (int k = 0; k < 5; k++) for (int i = 0; i < HOT; i++) t.add(testInCallee(SIZES[0], SIZES[k], i));
  }

  static int failsOften(Object o) { return o instanceof Sized ? ((Sized) o).size() : o instanceof Comparable ? 7 : 8; }
  /** Guesses that fail are not made again: the code is not thrown away again and again. */
  static void failsOften(Trap t) {
    for (int k = 1; k <= SIZES.length; k++) for (int i = 0; i < 4 * HOT; i++) t.add(failsOften(SIZES[i % k]));
    for (int i = 0; i < 20 * HOT; i++) t.add(failsOften(SIZES[i % SIZES.length]));
    int before = 0;  // without tiers the VM asks for it again after 10,000 calls in the interpreter
    for (int i = 0; i < 20_000 && before == 0; i++) {
      failsOften(SIZES[i % SIZES.length]);
      if (i % 1000 == 999) before = t.compileId(Profiling.class, "failsOften", Object.class);
    }
    for (int i = 0; i < 20 * HOT; i++) t.add(failsOften(SIZES[i % SIZES.length]));
    t.same(true, before == t.compileId(Profiling.class, "failsOften", Object.class));
  }

  static int nullSeenOnce(Object o) { String s = (String) o; return s == null ? 0 : s.length(); }
  /** One null among many strings makes a cast's profile remember it. */
  static void nullSeenOnce(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i == 7 ? 0 : 3, nullSeenOnce(i == 7 ? null : "abc"));
    for (int i = 0; i < HOT; i++) t.same(0, nullSeenOnce((Object) null));
    t.thrown(ClassCastException.class, () -> nullSeenOnce('c'));
  }

  static int counterOverflow(int n) { int s = 0; for (int i = 0; i < n; i++) s += (i & 1023) == 1023 ? 2 : 1; return s; }
  /** A branch with a probability of a thousandth. */
  static void counterOverflow(Trap t) {
    for (int i = 0; i < 40; i++) t.same(3000 + 2, counterOverflow(3000));
    t.same(1023, counterOverflow(1023));
    t.same(1025, counterOverflow(1024));
  }

  static int switchProfile(String s) { switch (s) { case "one": return 1; case "two": return 2; case "Aa": return 3; case "BB": return 4; default: return 0; } }
  /** A switch over strings, whose hashes collide. */
  static void switchProfile(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, switchProfile("one"));
    t.same(3, switchProfile("Aa"));
    t.same(4, switchProfile("BB"));
    t.same(0, switchProfile("C#"));
    t.thrown(NullPointerException.class, () -> switchProfile((String) null));
  }

  static int argumentProfile(Object a, Object b) { return a.hashCode() + consume(a, b); }
  static int consume(Object a, Object b) { return a.equals(b) ? 1 : 0; }
  /** Arguments of calls have type profiles, too. */
  static void argumentProfile(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 1, argumentProfile(i, i));
    t.same("x".hashCode() + 1, argumentProfile("x", "x"));
    t.same("x".hashCode(), argumentProfile("x", 5));
    t.same(7, argumentProfile(7L, null));
  }

  static Object make(int k) { return k == 0 ? "string" : k == 1 ? (Object) 5 : k == 2 ? new int[3] : null; }
  static int returnProfile(int k) { Object o = make(k); return o instanceof String ? ((String) o).length() : o instanceof Integer ? (Integer) o : o == null ? -1 : ((int[]) o).length; }
  /** A method returned one type only, then another. */
  static void returnProfile(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(6, returnProfile(0));
    t.same(5, returnProfile(1));
    t.same(3, returnProfile(2));
    t.same(-1, returnProfile(3));
  }

  static int coldLoop(int[] a, boolean run) { int s = 1; if (run) for (int x : a) s = s * 31 + x; return s; }
  /** A loop that never ran while its method was compiled. */
  static void coldLoop(Trap t) {
    int[] a = new int[1000];
    for (int i = 0; i < HOT; i++) t.same(1, coldLoop(a, false));
    t.same(31 * 31 + 2 * 31 + 3, coldLoop(new int[] {2, 3}, true));
    t.add(coldLoop(a, true));
  }

  abstract static class Template { abstract int step(int x); int run(int n) { int s = 0; for (int i = 0; i < n; i++) s = step(s) + i; return s; } }
  static final class T1 extends Template { @Override int step(int x) { return x + 1; } }
  static final class T2 extends Template { @Override int step(int x) { return x ^ 3; } }
  static final class T3 extends Template { @Override int step(int x) { return 7 / x; } }
  static int templateMethod(Template x, int n) { return x.run(n); }
  /** A template method is shared by receivers: its profile mixes them. */
  static void templateMethod(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(4 + 6, templateMethod(new T1(), 4));
    for (int i = 0; i < HOT; i++) t.add(templateMethod(i % 2 == 0 ? new T1() : new T2(), 9));
    t.thrown(ArithmeticException.class, () -> templateMethod(new T3(), 4));
  }
}
