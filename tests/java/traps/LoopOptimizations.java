package traps;

import static traps.Trap.HOT;

/** Unrolling, peeling, unswitching, strip mining, splitting, counted loops that are none. */
final class LoopOptimizations {
  static int count;
  static volatile int polled;

  static int unrolled(int n) { int s = 0; for (int i = 0; i < n; i++) s = s * 3 + i; return s; }
  /** All small trip counts: before, in and behind an unrolled body. */
  static void unrolled(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(unrolled(i % 40));
    t.same(0, unrolled(Integer.MIN_VALUE));
    t.same(0 * 9 + 1 * 3 + 2, unrolled(3));
  }

  static int upToMaximum(int from) { int n = 0; for (int i = from; i <= Integer.MAX_VALUE - 1; i++) n++; return n; }
  /** The limit is the greatest int but one, by <=. */
  static void upToMaximum(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, upToMaximum(Integer.MAX_VALUE - i));
  }

  static int neverEndingLimit(int from, int limit) { int n = 0; for (int i = from; i <= limit; i++) { if (++n == 500) break; } return n; }
  /** i <= MAX_VALUE is always true: the loop ends only by its break. */
  static void neverEndingLimit(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 50 + 1, neverEndingLimit(0, i % 50));
    t.same(500, neverEndingLimit(Integer.MAX_VALUE - 100, Integer.MAX_VALUE));
    t.same(0, neverEndingLimit(1, 0));
  }

  static int byNotEqual(int from, int to) { int n = 0; for (int i = from; i != to; i++) n += i & 3; return n; }
  /** i != limit with a start above the limit wraps around: here from the top to the bottom. */
  static void byNotEqual(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(byNotEqual(0, i));
    t.same(2 + 3 + 0 + 1, byNotEqual(Integer.MAX_VALUE - 1, Integer.MIN_VALUE + 2));
  }

  static int strides(int n, int step) { int s = 0; for (int i = 0; i < n; i += 7) s += i; for (int i = n; i > 0; i -= 3) s ^= i; for (int i = 1; i < n && i > 0; i *= 2) s += i; for (int i = 0; i < n; i += step) s += 3; return s; }
  /** Strides of constants, negative, multiplied and variable. */
  static void strides(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(strides(i, 1 + i % 5));
    t.same(0, strides(0, 1));
    t.add(strides(30000, 1000));
  }

  static int unswitched(int[] a, boolean x, Object y) { int s = 0; for (int i = 0; i < a.length; i++) { if (x) s += a[i]; else s -= a[i]; if (y != null) s ^= y.hashCode(); } return s; }
  /** Invariant conditions inside a loop; the other side was never run. */
  static void unswitched(Trap t) {
    int[] a = {1, 2, 3, 4, 5};
    for (int i = 0; i < HOT; i++) t.same(15, unswitched(a, true, null));
    t.same(-15, unswitched(a, false, null));
    t.add(unswitched(a, true, 5));
    t.thrown(NullPointerException.class, () -> unswitched(null, true, null));
  }

  static int peeled(int[] a, Object o) { int s = 0; for (int x : a) s += x + o.hashCode(); return s; }
  /** An invariant null check fails in the first turn only if there is one. */
  static void peeled(Trap t) {
    int[] a = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.same(6 + 3 * i, peeled(a, i));
    t.same(0, peeled(new int[0], null));
    t.thrown(NullPointerException.class, () -> peeled(a, null));
  }

  static int invariantLoads(int[] a, int[] n) { int s = 0; for (int i = 0; i < n[0]; i++) { s += i; a[0]++; } return s; }
  /** The limit is loaded in each turn, from an array that the loop may change. */
  static void invariantLoads(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(45, invariantLoads(new int[1], new int[] {10}));
    int[] both = {-5};
    t.same(0, invariantLoads(both, both));
    int[] wraps = {3};
    int[] one = {1};
    t.same(0, invariantLoads(wraps, one));
    t.same(4, wraps[0]);
  }

  static int emptyLoop(int n) { int i = 0; while (i < n) i++; for (int j = 0; j < n; j++) { } return i; }
  /** Loops without an effect give the final value of their variable. */
  static void emptyLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, emptyLoop(i));
    t.same(1_000_000, emptyLoop(1_000_000));
    t.same(0, emptyLoop(-5));
  }

  static int deadStoreInLoop(int n) { int[] a = new int[1]; int s = 0; for (int i = 0; i < n; i++) { a[0] = i; if ((i & 7) == 3) s += a[0]; } return s + (n > 0 ? a[0] : 0); }
  /** Only the last of many stores is seen, or one in eight. */
  static void deadStoreInLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(deadStoreInLoop(i));
    t.same(3 + 11 + 15, deadStoreInLoop(16));
  }

  static int nest(int n) { int s = 0; for (int i = 0; i < n; i++) for (int j = i; j < n; j++) for (int k = j; k > i; k--) { if (k == 5) continue; s += i * j - k; } return s; }
  /** Three loops whose limits depend on each other. */
  static void nest(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(nest(i % 15));
    t.same(-1, nest(2));
  }

  static int labels(int n) { int s = 0; outer: for (int i = 0; i < n; i++) { inner: for (int j = 0; ; j++) { if (j == i) continue outer; if (j == 7) break inner; if (i * j == 50) break outer; s += j; } s += 1000; } return s; }
  /** break and continue over two loops. */
  static void labels(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(labels(i % 20));
    t.same(0 + 1, labels(3));
  }

  static long longCounted(long from, long to, long step) { long s = 0; for (long i = from; i < to; i += step) s += i ^ 5; return s; }
  /** A loop over longs, beyond the range of int and near the top of long. */
  static void longCounted(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(longCounted(i, i + 50L, 1 + i % 3));
    t.add(longCounted((1L << 31) - 5, (1L << 31) + 5, 1));
    t.add(longCounted((1L << 32) - 5, (1L << 32) + 5, 3));
    t.same(Long.MAX_VALUE - 2 ^ 5, longCounted(Long.MAX_VALUE - 2, Long.MAX_VALUE - 1, 1));
  }

  static long longIndices(int[] a, long from, long to) { long s = 0; for (long i = from; i < to; i++) { int k = (int) java.util.Objects.checkIndex(i, (long) a.length); s += a[k]; } return s; }
  /** checkIndex of longs in a long loop. */
  static void longIndices(Trap t) {
    int[] a = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.same(10, longIndices(a, 0, 4));
    t.thrown(IndexOutOfBoundsException.class, () -> longIndices(a, 0, 5));
    t.thrown(IndexOutOfBoundsException.class, () -> longIndices(a, 1L << 32, (1L << 32) + 1));
  }

  static int stripMined(int n, int[] a) { int s = 0; for (int i = 0; i < n; i++) { s += a[i & 15]; a[i & 15] = s; } return s; }
  /** A long counted loop with many safepoints, while another thread collects. */
  static void stripMined(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.add(stripMined(100, new int[16]));
    Thread gc = new Thread(() -> { for (int i = 0; i < 5; i++) { System.gc(); Thread.yield(); } });
    gc.start();
    int[] a = new int[16];
    a[3] = 1;
    t.add(stripMined(300_000, a));
    gc.join();
  }

  static int reversed(int[] a) { for (int i = 0, j = a.length - 1; i < j; i++, j--) { int x = a[i]; a[i] = a[j]; a[j] = x; } int s = 0; for (int x : a) s = s * 31 + x; return s; }
  /** Two variables run towards each other. */
  static void reversed(Trap t) {
    for (int i = 0; i < HOT; i++) { int[] a = new int[i % 20]; for (int k = 0; k < a.length; k++) a[k] = k; t.add(reversed(a)); }
    t.same(3 * 961 + 2 * 31 + 1, reversed(new int[] {1, 2, 3}));
  }

  static int variableOfOuter(int n) { int i; int s = 0; for (i = 0; i < n; i++) { if (s > 100) break; s += i; } return i * 1000 + s; }
  /** The variable's value behind the loop, by its end and by a break. */
  static void variableOfOuter(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(variableOfOuter(i));
    t.same(10045, variableOfOuter(10));
    t.same(15105, variableOfOuter(1000));
  }

  static int phiSwap(int n) { int a = 1, b = 2, c = 3; for (int i = 0; i < n; i++) { int x = a; a = b; b = c; c = x; } return a * 100 + b * 10 + c; }
  /** Values that are swapped around the back edge. */
  static void phiSwap(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(new int[] {123, 231, 312}[i % 3], phiSwap(i));
  }

  static int modifiedInside(int n) { int s = 0; for (int i = 0; i < n; i++) { s += i; if ((i & 3) == 2) i += 2; if (s > 1000) i = n; } return s; }
  /** The variable is changed inside the loop. */
  static void modifiedInside(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(modifiedInside(i));
    t.same(0 + 1 + 2 + 5 + 6, modifiedInside(8));
  }

  static int splitIf(int n, int k) { int s = 0; for (int i = 0; i < n; i++) { boolean b = i < k; if (b) s += 1; else s += 100; if (b && i > 2) s += 10; s += b ? 1000 : 0; } return s; }
  /** The same condition decides thrice in one turn. */
  static void splitIf(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(splitIf(10, i % 12));
    t.same(10 * 1001 + 70, splitIf(10, 10));
    t.same(1000, splitIf(10, -1));
  }

  static int sideEffectsInCondition(int n) { int s = 0; int i = 0; while (bump(i) < n && (s += i) < 500) i++; return s + i; }
  static int bump(int i) { count++; return i; }
  /** The condition calls and assigns. */
  static void sideEffectsInCondition(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(sideEffectsInCondition(i));
    int before = count;
    t.same(45 + 10, sideEffectsInCondition(10));
    t.same(11, count - before);
  }

  static int doWhile(int n) { int s = 0; do { s += n; n /= 2; } while (n > 0); return s; }
  /** A loop that runs at least once. */
  static void doWhile(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(doWhile(i));
    t.same(-5, doWhile(-5));
    t.same(0, doWhile(0));
  }

  static int volatileInLoop(int n) { int s = 0; for (int i = 0; i < n; i++) { polled = i; s += polled + polled; } return s; }
  /** Volatile accesses are not moved out of a loop, nor merged. */
  static void volatileInLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * (i - 1), volatileInLoop(i));
  }

  static int searchLoop(byte[] a, byte x) { int i = 0; while (a[i] != x) i++; return i; }
  /** A search without a limit: found, or out of bounds. */
  static void searchLoop(Trap t) {
    byte[] a = new byte[50];
    a[33] = 7;
    for (int i = 0; i < HOT; i++) t.same(33, searchLoop(a, (byte) 7));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> searchLoop(a, (byte) 8));
    t.same(0, searchLoop(a, (byte) 0));
  }

  static int fused(int[] a, int[] b) { int s = 0; for (int i = 0; i < a.length; i++) a[i] += 3; for (int i = 0; i < a.length; i++) b[i] = a[i] * 2; for (int i = 0; i < a.length; i++) s += b[i]; return s; }
  /** Three loops over the same arrays, which may be one array. */
  static void fused(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(5 * 6, fused(new int[5], new int[5]));
    int[] one = {1, 2};
    t.same(8 + 10, fused(one, one));
    int[] a = {1, 1, 1};
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> fused(a, new int[2]));
    t.same(4, a[2]);
  }

  static int polynomial(int n) { int s = 0; for (int i = 0; i < n; i++) s += i * i; int u = 0; for (int i = 0; i < n; i++) u += i; return s * 31 + u; }
  /** Sums that have a closed form, which overflows. */
  static void polynomial(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(polynomial(i));
    int s = 0, u = 0;
    for (int i = 0; i < 20000; i++) { s += i * i; u += i; }
    t.same(s * 31 + u, polynomial(20000));
    t.same(0, polynomial(-1));
  }

  static int bitLoops(long x) { int n = 0; while (x != 0) { x &= x - 1; n++; } int z = 0; for (int v = n; (v & 1) == 0 && z < 40; v >>= 1) z++; return n * 100 + z; }
  /** Loops that count bits become instructions; 0 is their special case. */
  static void bitLoops(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(bitLoops(i * 0x9e3779b97f4a7c15L));
    t.same(40, bitLoops(0));
    t.same(6406, bitLoops(-1));
  }
}
