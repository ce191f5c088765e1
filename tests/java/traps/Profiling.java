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
