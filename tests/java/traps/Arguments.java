package traps;

import static traps.Trap.HOT;

/** Arguments in registers: kinds mixed, narrow values, references across collections, receivers. */
final class Arguments {
  int field = 3;

  static long mixedKinds(int a, double b, long c, float d, byte e, double f, short g, char h) { return a + (long) b * 3 + c * 5 + (long) d * 7 + e * 11 + (long) f * 13 + g * 17 + h * 19; }
  /** Integer and floating-point arguments count their registers apart. */
  static void mixedKinds(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(mixedKinds(i, i * 2, i * 3L, i * 4f, (byte) i, i * 5.5, (short) -i, (char) -i));
    t.same(1 + 6 + 15 + 28 + 55 + 78 + 119 + 152, mixedKinds(1, 2, 3, 4, (byte) 5, 6, (short) 7, (char) 8));
  }

  static int narrowUpperHalves(byte a, short b, char c, boolean d) { return (a == -1 ? 1 : 0) + (b < 0 ? 2 : 0) + (c > 65000 ? 4 : 0) + (d ? 8 : 0); }
  static int callsNarrow(int x) { return narrowUpperHalves((byte) x, (short) x, (char) x, (x & 1) != 0); }
  /** Narrow arguments are truncated by the caller; the upper half of a register is undefined. */
  static void narrowUpperHalves(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(callsNarrow(i * 0x10101) + narrowUpperHalves((byte) i, (short) i, (char) i, true));
    t.same(15, callsNarrow(-1));
    t.same(0, callsNarrow(0x7f000000));
    t.same(2 + 4, callsNarrow(0x12fff0));
  }

  static int longIndex(int[] a, long i) { return a[(int) i]; }
  static int indexFromArgument(int[] a, int i) { return a[i] + longIndex(a, i); }
  /** An int argument used as an index needs its upper half cleared or extended. */
  static void indexFromArgument(Trap t) {
    int[] a = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.same((i % 4 + 1) * 2, indexFromArgument(a, i % 4));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> indexFromArgument(a, -1));
  }

  static boolean sameReceiver(Arguments a, Object b) { return a == b; }
  int receiverAndNulls(Object a, Object b, Object c, Object d, Object e) { return field + (a == null ? 1 : 0) + (b == null ? 2 : 0) + (c == null ? 4 : 0) + (d == null ? 8 : 0) + (e == null ? 16 : 0) + (sameReceiver(this, a) ? 32 : 0); }
  /** Null in every register of an instance method. */
  static void receiverAndNulls(Trap t) {
    Arguments x = new Arguments();
    for (int i = 0; i < HOT; i++) t.add(x.receiverAndNulls(x, i, (i & 1) == 0 ? null : t, t, t));
    t.same(3 + 31, x.receiverAndNulls(null, null, null, null, null));
    t.same(3 + 32, x.receiverAndNulls(x, x, x, x, x));
    t.thrown(NullPointerException.class, () -> ((Arguments) Trap.hidden((Object) null)).receiverAndNulls(null, null, null, null, null));
  }

  static int collects(int k) { if (k % 60 == 59) System.gc(); return k; }
  static String referencesOverCollection(Object a, String b, int[] c, Object[] d, int k) { int s = collects(k) + c[1]; return a + b + s + d[0] + d.length; }
  /** Reference arguments move while they wait for the body to use them. */
  static void referencesOverCollection(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("x" + i + "y" + (i + 7) + "z2", referencesOverCollection("x" + i, "y", new int[] {5, 7}, new Object[] {"z", null}, i));
  }

  static int overwritten(int a, int b, int c) { for (int i = 0; i < 3; i++) { int x = a; a = b; b = c; c = x + 1; } a *= b; return a - c; }
  /** Arguments are rotated and overwritten in a loop. */
  static void overwritten(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(overwritten(i, i * 3, -i));
    t.same(2 * 3 - 4, overwritten(1, 2, 3));
  }

  static double permuted(double a, double b, double c, long d, long e, long f, int depth) { return depth == 0 ? a + 2 * b + 4 * c + d + 16 * e + 256 * f : permuted(c, a, b, f, d, e, depth - 1); }
  /** A recursive call permutes its own argument registers. */
  static void permuted(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(permuted(i, 1, 2, 3, 4, 5, i % 7));
    t.same(1 + 4 + 12 + 4 + 5 * 16 + 6 * 256.0, permuted(1, 2, 3, 4, 5, 6, 3));
    t.same(3 + 2 + 8 + 6 + 4 * 16 + 5 * 256.0, permuted(1, 2, 3, 4, 5, 6, 1));
  }

  static int pass(int x) { return x + 1; }
  static int evaluationOrder(int[] log, int a) { return three(note(log, 1, a), note(log, 2, a + 1), note(log, 3, pass(a))); }
  static int note(int[] log, int what, int v) { log[0] = log[0] * 10 + what; if (v == 1000) throw new IllegalStateException("at " + what); return v; }
  static int three(int a, int b, int c) { return a + b * 31 + c * 961; }
  /** Arguments are evaluated from left to right, also when one throws. */
  static void evaluationOrder(Trap t) {
    int[] log = new int[1];
    for (int i = 0; i < HOT; i++) { log[0] = 0; t.add(evaluationOrder(log, i)); t.same(123, log[0]); }
    log[0] = 0;
    t.thrown(IllegalStateException.class, () -> evaluationOrder(log, 999));
    t.same(12, log[0]);
  }

  static int unused(Object a, long b, double c, int d) { return d; }
  /** Arguments that nobody needs must not keep anything from working, not even garbage. */
  static void unused(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, unused(new byte[1000], i, Double.NaN, i));
    t.same(-1, unused(null, Long.MIN_VALUE, 0, -1));
  }

  static int varargs(int first, Object... rest) { int s = first; for (Object o : rest) s = s * 31 + (o == null ? 0 : o.hashCode()); return s; }
  static int callsVarargs(int k) { return k == 0 ? varargs(1) : k == 1 ? varargs(1, (Object) null) : varargs(1, k, "s", 'c'); }
  /** Arguments gathered in an array: none, one null, several boxed. */
  static void varargs(Trap t) {
    for (int i = 2; i < HOT; i++) t.add(callsVarargs(i) + varargs(i, i));
    t.same(1, callsVarargs(0));
    t.same(31, callsVarargs(1));
  }
}
