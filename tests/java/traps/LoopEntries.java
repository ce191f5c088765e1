package traps;

import static traps.Trap.HOT;

/** On-stack replacement: kernels that are entered in the middle of their first long loop. */
final class LoopEntries {
  static final int LONG = 200_000;
  static final Object LOCK = new Object();

  static long liveOfEveryKind(int n) {
    int i1 = 1; long l1 = 2; float f1 = 3; double d1 = 4; byte b1 = 5; char c1 = 'c'; short s1 = 6; boolean z1 = false; Object o1 = "o"; int[] a1 = {1, 2, 3};
    for (int i = 0; i < n; i++) { i1 += i; l1 ^= i1; f1 += 0.5f; d1 -= 0.25; b1++; c1 += 2; s1--; z1 = !z1; o1 = z1 ? "x" : o1; a1[i % 3] += i; }
    return i1 + l1 * 3 + (long) f1 * 5 + (long) d1 * 7 + b1 * 11 + c1 * 13 + s1 * 17 + (z1 ? 1 : 0) + o1.hashCode() + a1[0] + a1[2];
  }
  /** Locals of every kind are handed over. */
  static void liveOfEveryKind(Trap t) {
    t.add(liveOfEveryKind(LONG));
    t.add(liveOfEveryKind(3));
    for (int i = 0; i < HOT; i++) t.add(liveOfEveryKind(i));
  }

  static int throwing(int x) { if ((x & 1023) == 7) throw new IllegalStateException(); return x; }
  static int finallyInTry(int[] a, int n) {
    int s = 0;
    for (int i = 0; i < n; i++) {
      try {
        try { s += throwing(a[i % 5] * i); } finally { for (int j = 0; j < 3_000; j++) s = s * 31 + throwing(j * 2); }
      } catch (IllegalStateException e) { s -= 3; }
    }
    return s;
  }
  /** Replaced in one copy of a finally block, whose handlers lead back into the loop around it. */
  static void finallyInTry(Trap t) {
    t.add(finallyInTry(new int[] {1, 2, 3, 4, 7}, 60));
    t.add(finallyInTry(new int[] {1, 2, 3, 4, 7}, 90));
  }

  static int innerLoop(int n) { int s = 0; for (int i = 0; i < 3; i++) { for (int j = 0; j < n; j++) s += i ^ j; s *= 3; } return s; }
  /** The loop that is replaced is an inner one: the outer goes on behind it. */
  static void innerLoop(Trap t) {
    t.add(innerLoop(LONG));
    t.add(innerLoop(5));
  }

  static int outerLoop(int n) { int s = 0; for (int i = 0; i < n; i++) { int j = 0; while (j < 3) s += j++ ^ i; } return s; }
  /** The loop that is replaced has a small one inside. */
  static void outerLoop(Trap t) {
    t.add(outerLoop(LONG / 3));
    t.add(outerLoop(5));
  }

  static int twoLoops(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; int u = s; for (int i = n; i > 0; i--) u ^= i + s; return s + u; }
  /** Two long loops one after the other: two replacements of one call. */
  static void twoLoops(Trap t) {
    t.add(twoLoops(LONG));
    t.add(twoLoops(4));
  }

  static int trapInReplaced(int[] a, int n, int bad) { int s = 0; for (int i = 0; i < n; i++) { try { s += a[i == bad ? a.length : i & 3]; } catch (ArrayIndexOutOfBoundsException e) { s += 1000000; } } return s; }
  /** A trap deep in the replaced loop, then another replacement. */
  static void trapInReplaced(Trap t) {
    int[] a = {1, 2, 3, 4};
    t.same(LONG / 4 * 10, trapInReplaced(a, LONG, -1));
    t.same(LONG / 4 * 10 - 1 - (LONG - 5) % 4 + 1000000, trapInReplaced(a, LONG, LONG - 5));
    t.same(10, trapInReplaced(a, 4, -1));
  }

  static int returnsFromLoop(int n, int stop) { for (int i = 0; ; i++) { if (i == stop) return i * 2; if (i > n) throw new IllegalStateException("no " + stop); } }
  /** The replaced loop ends by return, or by an exception that leaves the method. */
  static void returnsFromLoop(Trap t) {
    t.same(LONG * 2, returnsFromLoop(LONG + 1, LONG));
    t.thrown(IllegalStateException.class, () -> returnsFromLoop(LONG, -1));
    t.same(6, returnsFromLoop(10, 3));
  }

  static int typeChangesInLoop(Object[] os, int n) { int s = 0; for (int i = 0; i < n; i++) { Object o = os[i * 3 / n]; s += o instanceof String ? ((String) o).length() : (Integer) o; } return s; }
  /** The type of what the loop sees changes in its middle. */
  static void typeChangesInLoop(Trap t) {
    t.same(LONG / 4 * 4, typeChangesInLoop(new Object[] {"a", 1, "c"}, LONG));
    t.thrown(ClassCastException.class, () -> typeChangesInLoop(new Object[] {"a", 2, 3L}, LONG));
    t.same(3, typeChangesInLoop(new Object[] {"a", 1, "c"}, 3));
  }

  static final class Late { static int value = 5; static int bump() { return value++; } }
  static int lateClassInLoop(int n, int when) { int s = 0; for (int i = 0; i < n; i++) { s += i & 3; if (i >= when) s += Late.bump() * 0 + 7; } return s; }
  /** A class is initialised in the middle of the replaced loop. */
  static void lateClassInLoop(Trap t) {
    t.same(LONG / 4 * 6 + 35, lateClassInLoop(LONG, LONG - 5));
    t.same(7, lateClassInLoop(1, 0));
  }

  static int lockedLoop(int n) { int s = 0; synchronized (LOCK) { for (int i = 0; i < n; i++) s += i & 7; if (!Thread.holdsLock(LOCK)) s = -1; } return Thread.holdsLock(LOCK) ? -2 : s; }
  /** A loop inside a synchronized block: the monitor is handed over. */
  static void lockedLoop(Trap t) {
    t.same(LONG / 8 * 28, lockedLoop(LONG));
    t.same(0, lockedLoop(1));
  }

  static synchronized int lockedMethod(int n) { int s = 0; for (int i = 0; i < n; i++) { synchronized (LOCK) { s += i & 7; } } return s; }
  /** A loop of locks inside a synchronized method. */
  static void lockedMethod(Trap t) {
    t.same(LONG / 8 * 28, lockedMethod(LONG));
    t.same(false, Thread.holdsLock(LoopEntries.class));
  }

  static int argumentsInLoop(int a, long b, double c, Object d, int e, int f, int g, int h, int i, int n) { for (int k = 0; k < n; k++) { a += e; b -= f; c += g; if (d == null) h++; i ^= k; } return a + (int) b * 3 + (int) c * 5 + h * 7 + i; }
  /** Arguments, some from the stack, are live in the replaced loop. */
  static void argumentsInLoop(Trap t) {
    t.add(argumentsInLoop(1, 2, 3, null, 5, 6, 7, 8, 9, LONG));
    t.add(argumentsInLoop(1, 2, 3, t, 5, 6, 7, 8, 9, 3));
  }

  static int handlerLoop(int n) { int s = 0, i = 0; while (true) { try { if (i == n) throw new IllegalStateException(); if (i % 50_000 == 49_999) throw new ArithmeticException(); s += i & 1; i++; } catch (ArithmeticException e) { s += 100000; i++; } catch (IllegalStateException e) { return s; } } }
  /** The loop runs through handlers, and its end is an exception. */
  static void handlerLoop(Trap t) {
    t.same(LONG / 2 - 4 + 400000, handlerLoop(LONG));
    t.same(0, handlerLoop(1));
  }

  static int expressionStack(int n, int a) { return a * 3 + (a > 0 ? loop(n) : 1) - a; }
  static int loop(int n) { int s = 0; for (int i = 0; i < n; i++) s ^= i * 3; return s; }
  /** The loop's caller has operands on its stack while the callee is replaced. */
  static void expressionStack(Trap t) {
    int s = 0;
    for (int i = 0; i < LONG; i++) s ^= i * 3;
    t.same(s + 10, expressionStack(LONG, 5));
    for (int i = 0; i < HOT; i++) t.add(expressionStack(5, i));
  }

  static long referencesChange(int n) { Object a = "a", b = null; StringBuilder c = new StringBuilder(); long s = 0; for (int i = 0; i < n; i++) { Object x = a; a = b == null ? i : b; b = (i & 1023) == 0 ? x : null; if ((i & 16383) == 0) c.append(a); } return s + c.toString().hashCode() + (a == null ? 0 : a.hashCode()); }
  /** References that change in every turn and are null now and then. */
  static void referencesChange(Trap t) {
    t.add(referencesChange(LONG));
    t.add(referencesChange(2));
  }

  static int neverEnds(int[] cell, int n) { int i = 0; while (cell[0] == 0) { if (++i == n) cell[0] = i; } return i; }
  /** A loop whose only end is a value in memory. */
  static void neverEnds(Trap t) {
    t.same(LONG, neverEnds(new int[1], LONG));
    t.same(0, neverEnds(new int[] {1}, 5));
    for (int i = 1; i < HOT; i++) t.same(i, neverEnds(new int[1], i));
  }

  static int deadAfterLoop(int n) { int x = n * 7; Object o = new Object(); for (int i = 0; i < n; i++) { x = i; o = null; } return x + (o == null ? 0 : 1); }
  /** Locals that are dead at the loop's head: nothing may be read from their slots. */
  static void deadAfterLoop(Trap t) {
    t.same(LONG - 1, deadAfterLoop(LONG));
    t.same(1, deadAfterLoop(0));
  }
}
