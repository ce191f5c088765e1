package traps;

import static traps.Trap.HOT;

/** Situations of bugs that were found in C1: linear scan, value numbering, patching, block merging, canonicalisation. */
final class ClientBugs {
  int a = 1, b = 2;
  static int counter;
  static final class Patch { int f = 5; long l = 6; Object o = "p"; static double d = 2.5; }

  static int loadAfterStoreThroughAlias(ClientBugs x, ClientBugs y) { x.a = 5; y.a = 6; int r = x.a; x.b = r; return r * 10 + y.b; }
  /** A load is forwarded from a store, but an alias was stored to in between. */
  static void loadAfterStoreThroughAlias(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(52, loadAfterStoreThroughAlias(new ClientBugs(), new ClientBugs()));
    ClientBugs x = new ClientBugs();
    t.same(66, loadAfterStoreThroughAlias(x, x));
  }

  static int valueNumberOverCall(ClientBugs x) { int r = x.a; change(x); return r * 100 + x.a; }
  static void change(ClientBugs x) { if (counter++ % 2 == 0) x.a++; }
  /** A field is read on both sides of a call that changes it. */
  static void valueNumberOverCall(Trap t) {
    counter = 0;
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 102 : 101, valueNumberOverCall(new ClientBugs()));
    t.thrown(NullPointerException.class, () -> valueNumberOverCall((ClientBugs) null));
  }

  static int arrayValueNumber(int[] x, int i, int j) { int r = x[i]; x[j] = 7; return r * 10 + x[i]; }
  /** An element is read again behind a store to an index that may be the same. */
  static void arrayValueNumber(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(33, arrayValueNumber(new int[] {3, 4}, 0, 1));
    t.same(37, arrayValueNumber(new int[] {3, 4}, 0, 0));
  }

  static double patchedFields(boolean now, Patch p) { if (!now) return 1; return p.f + p.l + p.o.hashCode() + Patch.d; }
  /** Offsets of fields of a class that was not loaded when the code was made. */
  static void patchedFields(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1.0, patchedFields(false, null));
    t.same(5 + 6 + 'p' + 2.5, patchedFields(true, new Patch()));
    t.thrown(NullPointerException.class, () -> patchedFields(true, null));
  }

  static int conditionOnConstants(int x) { int y = 5; if (x > 3) y = 7; boolean c = y == 5; if (c) return x; return c ? 100 : y * x; }
  /** A condition over a merge of constants is folded on each way. */
  static void conditionOnConstants(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i > 3 ? 7 * i : i, conditionOnConstants(i));
  }

  static long longCompareChains(long x, long y) { if (x < y) return x == Long.MIN_VALUE ? -1 : 1; else if (x > y) return y == Long.MIN_VALUE ? -2 : 2; return x ^ y; }
  /** Comparisons of longs at the ends of the range. */
  static void longCompareChains(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(longCompareChains(i, 60));
    t.same(-1, longCompareChains(Long.MIN_VALUE, 0));
    t.same(-2, longCompareChains(Long.MAX_VALUE, Long.MIN_VALUE));
    t.same(0, longCompareChains(1L << 40, 1L << 40));
    t.same(1, longCompareChains(5, 1L << 32));
  }

  static int phiOfExceptions(int[] x, int i) { int y = 0; try { y = x[i]; y = x[y]; y = x[y]; } catch (ArrayIndexOutOfBoundsException e) { y += 1000; } catch (NullPointerException e) { y -= 1000; } return y; }
  /** A handler merges the states of three instructions that may throw. */
  static void phiOfExceptions(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, phiOfExceptions(new int[] {0, 0, 0}, i % 3));
    t.same(1000, phiOfExceptions(new int[] {5}, 1));
    t.same(1005, phiOfExceptions(new int[] {5}, 0));
    t.same(1009, phiOfExceptions(new int[] {1, 9}, 0));
    t.same(-1000, phiOfExceptions(null, 0));
  }

  static int swapInLoop(int n) { int x = 1, y = 2, z = 3, w = 4; do { int v = x; x = w; w = z; z = y; y = v; if (n % 3 == 0) { v = x; x = y; y = v; } } while (--n > 0); return x * 1000 + y * 100 + z * 10 + w; }
  /** The moves at a block's end form cycles. */
  static void swapInLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(swapInLoop(i));
    t.same(4123, swapInLoop(1));
  }

  static double fpuSwap(double x, double y, int n) { for (int i = 0; i < n; i++) { double v = x; x = y; y = v; if (x > y) y += 0.5; } return x * 1000 + y; }
  /** The same with doubles. */
  static void fpuSwap(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(fpuSwap(1.5, 2.5, i % 9));
    t.same(2500 + 2.0, fpuSwap(1.5, 2.5, 1));
  }

  static boolean instanceOfThenNull(Object o) { boolean r = o instanceof String; return r == (o != null && o.getClass() == String.class); }
  /** instanceof and a null check decide the same, in both orders. */
  static void instanceOfThenNull(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, instanceOfThenNull(i % 2 == 0 ? "s" : (Object) i));
    t.same(true, instanceOfThenNull((Object) null));
  }

  static int nullCheckElimination(ClientBugs x, boolean c) { int r = 0; if (c) r = x.a; return r + x.b; }
  /** A null check on one way does not stand for the other. */
  static void nullCheckElimination(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 3 : 2, nullCheckElimination(new ClientBugs(), i % 2 == 0));
    t.thrown(NullPointerException.class, () -> nullCheckElimination(null, true));
    t.thrown(NullPointerException.class, () -> nullCheckElimination(null, false));
  }

  static int unusedResults(int x) { Integer.bitCount(x); new ClientBugs(); Math.sqrt(x); int[] y = new int[x]; "s".concat("t"); return x; }
  /** Results nobody uses, of which one may throw. */
  static void unusedResults(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, unusedResults(i));
    t.thrown(NegativeArraySizeException.class, () -> unusedResults(-1));
  }

  static int multiArrays(int a, int b, int c) { int[][][] x = new int[a][b][c]; Object[][] y = new Object[a][]; int s = y.length; for (int[][] p : x) for (int[] q : p) s += q.length; return s + x.length * 100 + (y.length > 0 && y[0] == null ? 1000 : 0); }
  /** Arrays of arrays, of length 0, negative in any dimension. */
  static void multiArrays(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(multiArrays(i % 4, i % 3, i % 5));
    t.same(0, multiArrays(0, 5, 5));
    t.thrown(NegativeArraySizeException.class, () -> multiArrays(1, 1, -1));
    t.thrown(NegativeArraySizeException.class, () -> multiArrays(1, -2, 1));
    t.thrown(NegativeArraySizeException.class, () -> multiArrays(0, 1, -3));
  }
}
