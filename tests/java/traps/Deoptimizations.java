package traps;

import static traps.Trap.HOT;

/** All compiled code is thrown away while it runs: values, monitors, loops, handlers go on in the interpreter. */
final class Deoptimizations {
  static int maybe(boolean now, int x) { if (now) Trap.deoptimizeAll(); return x; }
  static <T> T maybe(boolean now, T x) { if (now) Trap.deoptimizeAll(); return x; }

  static long manyValues(boolean now, int a, long b, float c, double d, byte e, char f, short g, boolean h, Object o, int[] p) {
    int i = a * 3; long j = b ^ a; float k = c * 2; double l = d / 3; Object q = h ? o : p;
    int r = maybe(now, a + e);
    return r + i * 3L + j * 5 + (long) k * 7 + (long) l * 11 + e * 13 + f * 17 + g * 19 + (h ? 23 : 0) + (q == o ? 29 : 0) + p[0] * 31 + b;
  }
  /** Values of every kind are live over the call. */
  static void manyValues(Trap t) {
    int[] p = {5};
    for (int i = 0; i < HOT; i++) t.add(manyValues(false, i, i * 10000000000L, i * 0.5f, i * 0.7, (byte) i, (char) i, (short) -i, i % 2 == 0, "o", p));
    long expected = manyValues(false, 7, 1L << 40, 3.5f, 99.9, (byte) -3, 'x', (short) -9, true, "o", p);
    t.same(expected, manyValues(true, 7, 1L << 40, 3.5f, 99.9, (byte) -3, 'x', (short) -9, true, "o", p));
  }

  static int inLoop(int n, int when) { int s = 0; long x = 1; for (int i = 0; i < n; i++) { s += maybe(i == when, i); x = x * 3 + s; } return s + (int) x; }
  /** In the middle of a loop. */
  static void inLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(inLoop(20, -1));
    int expected = inLoop(50, -1);
    t.same(expected, inLoop(50, 25));
    t.same(expected, inLoop(50, 49));
  }

  static int operands(boolean now, int a, int b) { return a * 31 + (b * 17 - (maybe(now, a ^ b) + (a - b) * 3)); }
  /** With operands on the stack. */
  static void operands(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(operands(false, i, i * 7));
    t.same(operands(false, 123, 456), operands(true, 123, 456));
  }

  static int throwing(boolean now, int x) { Trap.hidden(maybe(now, x)); if (x < 0) throw new IllegalStateException("x" + x); return x; }
  static int intoHandler(boolean now, int x) { int y = x * 5; try { y++; return throwing(now, x) + y; } catch (IllegalStateException e) { return y + e.getMessage().length(); } finally { y = 0; } }
  /** The callee throws into a frame that was deoptimised meanwhile. */
  static void intoHandler(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 6 + 1, intoHandler(false, i));
    t.same(-10 + 1 + 3, intoHandler(true, -2));
    t.same(6 * 3 + 1, intoHandler(true, 3));
    for (int i = 0; i < HOT; i++) t.same(-5 + 1 + 3, intoHandler(false, -1));
  }

  static double floatResult(boolean now, double x) { return maybeDouble(now, x) * 3 + x; }
  static double maybeDouble(boolean now, double x) { maybe(now, 0); return x / 7; }
  /** The call returns a double into a deoptimised frame. */
  static void floatResult(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(floatResult(false, i));
    t.same(floatResult(false, 1.1), floatResult(true, 1.1));
  }

  static String objectResult(boolean now, String a) { String b = a + "!"; return maybe(now, b) + a; }
  /** The call returns a reference into a deoptimised frame, and the collector runs. */
  static void objectResult(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("s" + i + "!s" + i, objectResult(false, "s" + i));
    t.same("x!x", objectResult(true, "x"));
    System.gc();
    t.same("y!y", objectResult(true, "y"));
  }

  static boolean truth(boolean now, int x) { maybe(now, 0); return (x & 2) != 0; }
  static int narrowResults(boolean now, int x) { boolean b = truth(now, x); byte c = narrow(now, x); return (b ? 1 : 0) + c * 2; }
  static byte narrow(boolean now, int x) { maybe(now, 0); return (byte) x; }
  /** Narrow results come back to the interpreter with their sign. */
  static void narrowResults(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(narrowResults(false, i * 3));
    t.same(1 - 2, narrowResults(true, -1));
    t.same(0 - 256, narrowResults(true, 128));
  }

  static final class Box { int v; Box(boolean now, int x) { v = x; maybe(now, 0); v++; } }
  static int inConstructor(boolean now, int x) { Box b = new Box(now, x); return b.v * 3 + x; }
  /** Between new and the end of the constructor. */
  static void inConstructor(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((i + 1) * 3 + i, inConstructor(false, i));
    t.same(21 + 6, inConstructor(true, 6));
  }

  static int byOtherThread(int[] cell, int n) { int s = 0; for (int i = 0; cell[0] == 0 || i < n; i++) { s = s * 3 + i; if (i == n) return s; if (i > n) break; } return s; }
  /** Another thread throws the code away while it loops. */
  static void byOtherThread(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.add(byOtherThread(new int[1], 50));
    int[] cell = new int[1];
    Thread other = new Thread(() -> { for (int i = 0; i < 5; i++) Trap.deoptimizeAll(); });
    other.start();
    int expected = 0;
    for (int i = 0; i <= 200_000; i++) expected = expected * 3 + i;
    t.same(expected, byOtherThread(cell, 200_000));
    other.join();
  }

  static int again(boolean now, int x) { return maybe(now, x) + maybe(now, x + 1) + maybe(now, x + 2); }
  /** Several times in one call, then compiled again. */
  static void again(Trap t) {
    for (int turn = 0; turn < 4; turn++) {
      for (int i = 0; i < HOT; i++) t.same(3 * i + 3, again(false, i));
      t.same(18, again(true, 5));
    }
  }

  interface Shape { int area(int x); }
  static int virtualFrames(Shape s, boolean now, int x) { return s.area(x) + maybe(now, x); }
  /** Inlined and virtual frames below the one that asks. */
  static void virtualFrames(Trap t) {
    boolean[] now = new boolean[1];
    Shape s = x -> maybe(now[0], x) * 2;
    for (int i = 0; i < HOT; i++) t.same(3 * i, virtualFrames(s, false, i));
    now[0] = true;
    t.same(15, virtualFrames(s, true, 5));
    t.same(15, virtualFrames(s, false, 5));
  }
}
