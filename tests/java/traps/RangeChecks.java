package traps;

import static traps.Trap.HOT;

/** Bounds of arrays: checks that are removed, combined or hoisted must still fail where and when the language says. */
final class RangeChecks {
  static int sumTo(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }
  /** The limit of the loop passes the array's length. */
  static void sumTo(Trap t) {
    int[] a = {1, 2, 3, 4, 5, 6, 7, 8};
    for (int i = 0; i < HOT; i++) t.add(sumTo(a, i % 9));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> sumTo(a, 9));
    t.same(0, sumTo(a, -5));
    t.same(0, sumTo(null, 0));
  }

  static void writesBefore(int[] a, int n) { for (int i = 0; i < n; i++) a[i] = i + 1; }
  /** All stores before the one that fails have happened: the check must not be hoisted over them. */
  static void writesBefore(Trap t) {
    for (int i = 0; i < HOT; i++) writesBefore(new int[40], 40);
    int[] a = new int[5];
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { writesBefore(a, 40); return 0; });
    t.same(5, a[4]);
  }

  static int offsets(int[] a, int i) { return a[i - 1] + a[i] * 3 + a[i + 1] * 5 + a[i + 2] * 7; }
  /** Several checks around one index become one: each of them can fail. */
  static void offsets(Trap t) {
    int[] a = {1, 2, 3, 4, 5, 6};
    for (int i = 0; i < HOT; i++) t.add(offsets(a, 1 + i % 3));
    for (int i : new int[] {0, 4, 5, 6, 100, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) t.thrown(ArrayIndexOutOfBoundsException.class, () -> offsets(a, i));
  }

  static int downwards(int[] a, int from) { int s = 0; for (int i = from; i >= 0; i--) s = s * 31 + a[i]; return s; }
  /** A loop that counts down starts beyond the array. */
  static void downwards(Trap t) {
    int[] a = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.add(downwards(a, i % 4));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> downwards(a, 4));
    t.same(0, downwards(a, -1));
  }

  static int scaled(int[] a, int n, int k) { int s = 0; for (int i = 0; i < n; i++) s += a[i * k + 1]; return s; }
  /** A scaled index: the product passes the end, becomes negative, overflows. */
  static void scaled(Trap t) {
    int[] a = new int[50];
    for (int i = 0; i < 50; i++) a[i] = i;
    for (int i = 0; i < HOT; i++) t.add(scaled(a, 10, i % 5));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> scaled(a, 10, 6));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> scaled(a, 3, -2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> scaled(a, 3, 1 << 30));
    t.same(1 + 1 + 1, scaled(a, 3, 0));
  }

  static int overflowingIndex(byte[] a, int from, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[from + i]; return s; }
  /** from + i overflows within the loop. */
  static void overflowingIndex(Trap t) {
    byte[] a = new byte[64];
    for (int i = 0; i < 64; i++) a[i] = (byte) i;
    for (int i = 0; i < HOT; i++) t.add(overflowingIndex(a, i % 32, 32));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> overflowingIndex(a, Integer.MAX_VALUE - 3, 10));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> overflowingIndex(a, -3, 10));
    t.same(0, overflowingIndex(a, Integer.MIN_VALUE, 0));
  }

  static int stepped(int[] a, int from, int to, int step) { int s = 0; for (int i = from; i < to; i += step) s += a[i]; return s; }
  /** Large steps: the variable would overflow beyond the limit. */
  static void stepped(Trap t) {
    int[] a = new int[100];
    for (int i = 0; i < 100; i++) a[i] = i;
    for (int i = 0; i < HOT; i++) t.add(stepped(a, i % 10, 100, 1 + i % 7));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> stepped(a, 50, Integer.MAX_VALUE, 1 << 30));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> stepped(a, 99, 200, 1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> stepped(a, 99, 100, Integer.MAX_VALUE));
  }

  static int guarded(int[] a, int i) { if (i >= 0 && i < a.length) return a[i]; return -1; }
  static int guardedWrongly(int[] a, int i) { if (i >= 0 && i <= a.length) return a[i]; return -1; }
  /** The program's own test makes the check redundant; one off by one does not. */
  static void guarded(Trap t) {
    int[] a = {5, 6, 7};
    for (int i = 0; i < HOT; i++) { t.add(guarded(a, i % 5 - 1)); t.add(guardedWrongly(a, i % 4 - 1)); }
    t.same(-1, guarded(a, Integer.MIN_VALUE));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> guardedWrongly(a, 3));
  }

  static int masked(int[] a, int h) { return a[h & a.length - 1] + a[(h >>> 16) % a.length]; }
  /** A masked index is in bounds, except in an empty array. */
  static void masked(Trap t) {
    int[] a = new int[16];
    for (int i = 0; i < 16; i++) a[i] = i;
    for (int i = 0; i < HOT; i++) t.add(masked(a, i * 0x9e3779b9));
    t.same(15 + 65535 % 16, masked(a, -1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> masked(new int[0], 5));
  }

  static int shrinks(int[][] rows, int n) { int s = 0; for (int i = 0; i < n; i++) { int[] a = rows[0]; s += a[i]; if (i == 5) rows[0] = rows[1]; } return s; }
  /** The array changes inside the loop for a shorter one. */
  static void shrinks(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(shrinks(new int[][] {new int[10], new int[10]}, 10));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> shrinks(new int[][] {new int[10], new int[7]}, 10));
    t.same(0, shrinks(new int[][] {new int[10], null}, 6));
    t.thrown(NullPointerException.class, () -> shrinks(new int[][] {new int[10], null}, 7));
  }

  static int nestedLoops(int[][] m, int rows, int columns) { int s = 0; for (int i = 0; i < rows; i++) for (int j = 0; j < columns; j++) s = s * 31 + m[i][j]; return s; }
  /** A ragged matrix: one row is too short. */
  static void nestedLoops(Trap t) {
    int[][] m = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    for (int i = 0; i < HOT; i++) t.add(nestedLoops(m, 3, 3));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> nestedLoops(new int[][] {{1, 2, 3}, {4, 5}, {6, 7, 8}}, 3, 3));
    t.thrown(NullPointerException.class, () -> nestedLoops(new int[][] {{1}, null}, 2, 1));
    t.add(nestedLoops(m, 2, 2));
  }

  static int caughtAndGoesOn(int[] a, int n) { int s = 0; for (int i = -2; i < n; i++) { try { s += a[i]; } catch (ArrayIndexOutOfBoundsException e) { s += 1000; } } return s; }
  /** Out of bounds is caught inside the loop, which goes on. */
  static void caughtAndGoesOn(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(caughtAndGoesOn(new int[] {1, 2, 3}, 3));
    t.same(4006, caughtAndGoesOn(new int[] {1, 2, 3}, 5));
    for (int i = 0; i < HOT; i++) t.add(caughtAndGoesOn(new int[] {1}, 3));
  }

  static int orderOfChecks(int[] a, int i, int[] b, int j) { return b[a[i]] / j; }
  /** Of several exceptions the one that comes first in the program is thrown. */
  static void orderOfChecks(Trap t) {
    int[] a = {0, 1, 9}, b = {3, 4};
    for (int i = 0; i < HOT; i++) t.add(orderOfChecks(a, i % 2, b, 1));
    t.thrown(NullPointerException.class, () -> orderOfChecks(null, 9, null, 0));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> orderOfChecks(a, 3, null, 0));
    t.thrown(NullPointerException.class, () -> orderOfChecks(a, 2, null, 0));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> orderOfChecks(a, 2, b, 0));
    t.thrown(ArithmeticException.class, () -> orderOfChecks(a, 1, b, 0));
  }

  static int storeOrder(int[] a, int i, int[] log) { a[i] = note(log); return a[0]; }
  static int note(int[] log) { return ++log[0]; }
  /** The value is computed before the check of a store fails, and before the array is found to be null. */
  static void storeOrder(Trap t) {
    int[] a = new int[3], log = new int[1];
    for (int i = 0; i < HOT; i++) t.add(storeOrder(a, i % 3, log));
    int before = log[0];
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> storeOrder(a, 3, log));
    t.thrown(NullPointerException.class, () -> storeOrder(null, 0, log));
    t.same(before + 2, log[0]);
  }

  static int lengthAsBound(int[] a, int[] b) { int s = 0; for (int i = 0; i < a.length; i++) s += b[i]; return s; }
  /** One array's length bounds the index of another. */
  static void lengthAsBound(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(lengthAsBound(new int[i % 9], new int[9]));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> lengthAsBound(new int[10], new int[9]));
    t.same(0, lengthAsBound(new int[0], null));
  }

  static int indexFromByte(int[] a, byte i, char c) { return a[i & 0xff] + a[c] + a[i]; }
  /** A signed byte as an index is negative, masked it is not. */
  static void indexFromByte(Trap t) {
    int[] a = new int[256];
    for (int i = 0; i < 256; i++) a[i] = i;
    for (int i = 0; i < HOT; i++) t.same(3 * i, indexFromByte(a, (byte) i, (char) i));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> indexFromByte(a, (byte) -1, (char) 1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> indexFromByte(a, (byte) 1, (char) 256));
  }

  static long longVariable(int[] a, long from, long to) { long s = 0; for (long i = from; i < to; i++) s += a[(int) i]; return s; }
  /** A long variable is truncated to an index. */
  static void longVariable(Trap t) {
    int[] a = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.add(longVariable(a, i % 4, 4));
    t.same(3, longVariable(a, 1L << 32, (1L << 32) + 2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> longVariable(a, 3, 6));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> longVariable(a, -1, 2));
  }

  static int checkIndex(int i, int n) { return java.util.Objects.checkIndex(i, n) * 2; }
  /** Objects.checkIndex: a negative index, the length, a negative length. */
  static void checkIndex(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 2, checkIndex(i, HOT));
    for (int i : new int[] {-1, HOT, Integer.MAX_VALUE}) t.thrown(IndexOutOfBoundsException.class, () -> checkIndex(i, HOT));
    t.thrown(IndexOutOfBoundsException.class, () -> checkIndex(0, -1));
  }

  static char characters(String s, int i) { return s.charAt(i); }
  /** charAt at the ends, in strings of both encodings. */
  static void characters(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(characters("abc", i % 3) + characters("ab\u1234", i % 3));
    t.thrown(StringIndexOutOfBoundsException.class, () -> characters("abc", 3));
    t.thrown(StringIndexOutOfBoundsException.class, () -> characters("ab\u1234", -1));
    t.thrown(StringIndexOutOfBoundsException.class, () -> characters("", 0));
  }

  static int newArrayKnown(int i) { int[] a = new int[8]; a[i] = 5; int s = 0; for (int x : a) s = s * 3 + x; return s + a.length; }
  /** A new array of known length, which never escapes, is indexed out of bounds. */
  static void newArrayKnown(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(newArrayKnown(i % 8));
    t.same(13, newArrayKnown(7));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> newArrayKnown(8));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> newArrayKnown(-1));
  }
}
