package traps;

import static traps.Trap.HOT;

/** More arguments than registers: their slots, references among them, traps and deoptimisations with them live. */
final class StackArguments {
  static int seed = 1;

  static long twentyInts(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, int m, int n, int o, int p, int q, int r, int s, int t) {
    return a + 2L * b + 3L * c + 5L * d + 7L * e + 11L * f + 13L * g + 17L * h + 19L * i + 23L * j + 29L * k + 31L * l + 37L * m + 41L * n + 43L * o + 47L * p + 53L * q + 59L * r + 61L * s + 67L * t;
  }
  /** Twenty ints: those behind the sixth are on the stack. */
  static void twentyInts(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(twentyInts(i, 1, 2, 3, 4, 5, 6, -7, 8, 9, 10, i, 12, 13, 14, 15, 16, 17, 18, i));
    t.same(569, twentyInts(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
  }

  static double twelveDoubles(double a, double b, double c, double d, double e, double f, double g, double h, double i, double j, float k, double l) { return a - b + c - d + e - f + g - h + i * 10 + j * 100 + k * 1000 + l * 10000; }
  /** Floating-point arguments behind the eighth. */
  static void twelveDoubles(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(twelveDoubles(i, 2, 3, 4, 5, 6, 7, 8, i, i * 0.5, i * 0.25f, i));
    t.same(-4 + 43210.0 / 43210 * (90 + 1000 + 11000 + 120000), twelveDoubles(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  }

  static long narrowOnStack(long a, long b, long c, long d, long e, long f, byte g, short h, char i, boolean j, int k) { return a + b + c + d + e + f + g * 3 + h * 5 + i * 7 + (j ? 11 : 0) + k * 13L; }
  static long callsNarrowOnStack(int x) { return narrowOnStack(1, 1, 1, 1, 1, 1, (byte) x, (short) x, (char) x, (x & 1) != 0, x); }
  /** Narrow arguments in stack slots: the rest of a slot is undefined. */
  static void narrowOnStack(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(callsNarrowOnStack(i * 7777) + narrowOnStack(i, 0, 0, 0, 0, 0, (byte) i, (short) i, (char) i, false, -i));
    t.same(6 - 3 - 5 + 65535 * 7 + 11 - 13, callsNarrowOnStack(-1));
  }

  static Object collects(int k, Object o) { if (k % 60 == 59) System.gc(); return o; }
  static String referencesOnStack(int k, long b, long c, long d, long e, long f, Object g, String h, int[] i, double x, Object[] j) { Object o = collects(k, g); return "" + (o == g) + g + h + i[0] + j[0] + (long) x; }
  /** References in the caller's argument area, which the collector visits for the callee. */
  static void referencesOnStack(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("true" + i + "h" + i + "j7", referencesOnStack(i, 1, 2, 3, 4, 5, "" + i, "h", new int[] {i}, 7.5, new Object[] {"j"}));
  }

  static int trapWithStackArguments(int a, int b, int c, int d, int e, int f, int g, int h, int[] i, int j) { int s = a + b * 3 + c * 5 + d * 7 + e * 11 + f * 13; s += i[j]; return s + g * 17 + h * 19; }
  static int callsTrap(int[] i, int j, int k) { int before = k * 3; int s = trapWithStackArguments(k, 2, 3, 4, 5, 6, 7, k, i, j); return s ^ before; }
  /** A callee with arguments on the stack is deoptimised; the caller's rsp is as before. */
  static void trapWithStackArguments(Trap t) {
    int[] a = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.add(callsTrap(a, i % 3, i));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> callsTrap(a, 3, 5));
    t.thrown(NullPointerException.class, () -> callsTrap(null, 0, 5));
    for (int i = 0; i < HOT; i++) t.add(callsTrap(a, i % 3, i));
  }

  static int overwrittenOnStack(int a, int b, int c, int d, int e, int f, int g, int h, int n) { for (int i = 0; i < n; i++) { int x = g; g = h; h = x + i; n -= (g & 1); } return a + b + c + d + e + f + g * 31 + h * 961 + n; }
  /** Arguments on the stack are assigned to in a loop. */
  static void overwrittenOnStack(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(overwrittenOnStack(1, 2, 3, 4, 5, 6, i, i * 3, 20));
    t.same(21 + 31 * 7 + 961 * 8, overwrittenOnStack(1, 2, 3, 4, 5, 6, 7, 8, 0));
  }

  static long recursionOnStack(int depth, long a, long b, long c, long d, long e, long f, double x, Object o, long g) { return depth == 0 ? a + b * 3 + c * 5 + d * 7 + e * 11 + f * 13 + (long) x + g * 17 + (o == null ? 1000000 : 0) : recursionOnStack(depth - 1, g, a, b, c, d, e, x + 1, depth == 3 ? null : o, f) + depth; }
  /** A recursion shuffles arguments between registers and stack. */
  static void recursionOnStack(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(recursionOnStack(i % 9, i, 1, 2, 3, 4, 5, 6.5, t, 7));
    t.same(2 + 9 + 20 + 35 + 66 + 91 + 1 + 17, recursionOnStack(1, 2, 3, 4, 5, 6, 7, 0, t, 1) - 1 + (2 + 9 + 20 + 35 + 66 + 91 + 1 + 17) - (1 + 6 + 15 + 28 + 55 + 78 + 1 + 17 * 7));
  }

  interface Wide { long wide(int a, long b, int c, long d, int e, long f, int g, double h, Object i); }
  static final class WideA implements Wide { @Override public long wide(int a, long b, int c, long d, int e, long f, int g, double h, Object i) { return a + b + c + d + e + f + g + (long) h + i.hashCode(); } }
  static final class WideB implements Wide { @Override public long wide(int a, long b, int c, long d, int e, long f, int g, double h, Object i) { return a - b + c - d + e - f + g - (long) h + i.hashCode(); } }
  static final class WideC implements Wide { @Override public long wide(int a, long b, int c, long d, int e, long f, int g, double h, Object i) { return g; } }
  static long interfaceWithStack(Wide w, int k) { return w.wide(k, 2, 3, 4, 5, 6, 7, 8.5, "s"); }
  /** An interface call with stack arguments goes through the megamorphic stub. */
  static void interfaceWithStack(Trap t) {
    Wide[] w = {new WideA(), new WideB(), new WideC()};
    for (int i = 0; i < HOT; i++) t.add(interfaceWithStack(w[i < 60 ? 0 : i % 3], i));
    t.same(7, interfaceWithStack(w[2], 1));
    t.same(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 's', interfaceWithStack(w[0], 1));
    t.thrown(NullPointerException.class, () -> interfaceWithStack(null, 1));
  }

  static int throwsWithStack(int a, int b, int c, int d, int e, int f, int g, String h, int depth) { if (depth == 0) { if (g == 7) throw new IllegalStateException(h); return g; } return throwsWithStack(b, c, d, e, f, a, g, h, depth - 1) + 1; }
  static int catchesWithStack(int g, int k) { try { return throwsWithStack(1, 2, 3, 4, 5, 6, g, "thrown", 3) + k; } catch (IllegalStateException e) { return -k - e.getMessage().length(); } }
  /** An exception leaves frames that have argument areas. */
  static void throwsWithStack(Trap t) {
    for (int i = 10; i < HOT; i++) t.same(i * 2 + 3, catchesWithStack(i, i));
    for (int i = 0; i < HOT; i++) t.same(-i - 6, catchesWithStack(7, i));
  }

  static int nestedCalls(int x) { return eight(x, eight(x + 1, 1, 1, 1, 1, 1, 1, eight(x + 2, 2, 2, 2, 2, 2, 2, x)), 3, 4, 5, 6, 7, eight(1, 2, 3, 4, 5, 6, 7, 8)); }
  static int eight(int a, int b, int c, int d, int e, int f, int g, int h) { return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + (a == seed * 1000 ? eight(1, 1, 1, 1, 1, 1, 1, 1) : 0); }
  /** Stack arguments are computed by calls that need the argument area themselves. */
  static void nestedCalls(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(nestedCalls(i));
    t.same(36, eight(1, 1, 1, 1, 1, 1, 1, 1));
    t.add(nestedCalls(1000) + nestedCalls(999) + nestedCalls(998));
  }
}
