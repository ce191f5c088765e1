package traps;

import static traps.Trap.HOT;

import java.util.Arrays;

/** System.arraycopy, copies and clones of arrays. */
final class ArrayCopies {
  static Object keep;

  static void overlapping(int[] a, int from, int to, int n) { System.arraycopy(a, from, a, to, n); }
  /** Source and destination overlap, in both directions. */
  static void overlapping(Trap t) {
    int[] a = new int[32];
    for (int i = 0; i < HOT; i++) { for (int k = 0; k < 32; k++) a[k] = k; overlapping(a, i % 8, i % 5, 20); t.add(Arrays.hashCode(a)); }
    for (int k = 0; k < 32; k++) a[k] = k;
    overlapping(a, 0, 1, 31);
    t.same(30, a[31]);
    overlapping(a, 1, 0, 31);
    t.same(30, a[30]);
    t.same(0, a[0]);
  }

  static void copyLoopOverlapping(byte[] a, int from, int to, int n) { for (int i = 0; i < n; i++) a[to + i] = a[from + i]; }
  /** A copy loop is not an arraycopy when it overlaps: the first element spreads. */
  static void copyLoopOverlapping(Trap t) {
    byte[] a = new byte[64];
    for (int i = 0; i < HOT; i++) { for (int k = 0; k < 64; k++) a[k] = (byte) k; copyLoopOverlapping(a, 0, 32, 32); t.add(Arrays.hashCode(a)); }
    a[0] = 9;
    copyLoopOverlapping(a, 0, 1, 63);
    t.same(9, a[63]);
    for (int k = 0; k < 64; k++) a[k] = (byte) k;
    copyLoopOverlapping(a, 0, 3, 61);
    t.same(0, a[63]);
    t.same(2, a[62]);
  }

  static int negativeLength(int[] a, int[] b, int from, int to, int n) { System.arraycopy(a, from, b, to, n); return b[0]; }
  /** Negative lengths and positions, ends beyond the array, their messages. */
  static void negativeLength(Trap t) {
    int[] a = {1, 2, 3, 4}, b = new int[4];
    for (int i = 0; i < HOT; i++) t.add(negativeLength(a, b, i % 3, 0, 2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> negativeLength(a, b, 0, 0, -1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> negativeLength(a, b, -1, 0, 1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> negativeLength(a, b, 0, 3, 2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> negativeLength(a, b, 1, 0, Integer.MAX_VALUE));
    t.thrown(NullPointerException.class, () -> negativeLength(null, b, 0, 0, 0));
    t.same(3, negativeLength(a, b, 4, 4, 0));
  }

  static void storeCheckInMiddle(Object[] a, Object[] b) { System.arraycopy(a, 0, b, 0, a.length); }
  /** An element of the wrong class: those before it have been copied. */
  static void storeCheckInMiddle(Trap t) {
    Object[] a = {"a", "b", "c", "d"};
    for (int i = 0; i < HOT; i++) storeCheckInMiddle(a, new String[4]);
    Object[] mixed = {"x", "y", 7, "z"};
    String[] b = new String[4];
    t.thrown(ArrayStoreException.class, () -> { storeCheckInMiddle(mixed, b); return 0; });
    t.same("[x, y, null, null]", Arrays.toString(b));
    t.thrown(ArrayStoreException.class, () -> { storeCheckInMiddle(a, new Integer[4]); return 0; });
  }

  static void notArrays(Object a, Object b) { System.arraycopy(a, 0, b, 0, 1); }
  /** Arguments that are no arrays, or arrays of different primitives. */
  static void notArrays(Trap t) {
    for (int i = 0; i < HOT; i++) notArrays(new long[1], new long[2]);
    t.thrown(ArrayStoreException.class, () -> { notArrays("no", new int[1]); return 0; });
    t.thrown(ArrayStoreException.class, () -> { notArrays(new int[1], new long[1]); return 0; });
    t.thrown(ArrayStoreException.class, () -> { notArrays(new int[1], new Object[1]); return 0; });
    t.thrown(NullPointerException.class, () -> { notArrays(new int[1], null); return 0; });
  }

  static Object[] references(Object[] a, int n) { Object[] b = new Object[n]; System.arraycopy(a, 0, b, n - a.length, a.length); keep = b; return b; }
  /** References copied into a new and into an old array, with collections in between. */
  static void references(Trap t) {
    Object[] old = new Object[50];
    for (int i = 0; i < HOT; i++) {
      Object[] b = references(new Object[] {"a" + i, new int[i], null}, 10);
      System.arraycopy(b, 7, old, i % 47, 3);
      if (i % 50 == 49) System.gc();
      t.same("a" + i, (String) b[7]);
      t.same(i, ((int[]) old[i % 47 + 1]).length);
    }
  }

  static int copyOfRange(int[] a, int from, int to) { int[] b = Arrays.copyOfRange(a, from, to); return b.length * 1000 + (b.length > 0 ? b[0] + b[b.length - 1] : 0); }
  /** copyOfRange pads, and refuses what it must. */
  static void copyOfRange(Trap t) {
    int[] a = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.add(copyOfRange(a, i % 4, 4));
    t.same(6002, copyOfRange(a, 1, 7));
    t.same(0, copyOfRange(a, 4, 4));
    t.thrown(IllegalArgumentException.class, () -> copyOfRange(a, 3, 2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> copyOfRange(a, 5, 6));
  }

  static String copyOfOtherType(Object[] a, Class<? extends Object[]> c) { Object[] b = Arrays.copyOf(a, a.length + 1, c); return b.getClass().getSimpleName() + Arrays.toString(b); }
  /** copyOf into another array class, with the store check that this needs. */
  static void copyOfOtherType(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("Object[][a, null]", copyOfOtherType(new String[] {"a"}, Object[].class));
    t.same("String[][a, null]", copyOfOtherType(new Object[] {"a"}, String[].class));
    t.thrown(ArrayStoreException.class, () -> copyOfOtherType(new Object[] {"a", 1}, String[].class));
    t.thrown(NegativeArraySizeException.class, () -> Arrays.copyOf(new int[1], Trap.hidden(-1)));
  }

  static int clonedArrays(int[] a, Object[] b, long[][] c) { int[] x = a.clone(); Object[] y = b.clone(); long[][] z = c.clone(); x[0]++; y[0] = null; z[0][0]++; return x[0] * 31 + a[0] + (b[0] == null ? 1000 : 0) + (z[0] == c[0] ? 10000 : 0) + (int) c[0][0] * 100000; }
  /** clone of arrays is shallow. */
  static void clonedArrays(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(clonedArrays(new int[] {i}, new Object[] {"x"}, new long[][] {{i}}));
    t.same(2 * 31 + 1 + 10000 + 100000, clonedArrays(new int[] {1}, new Object[] {"x"}, new long[][] {{0}}));
    t.thrown(NullPointerException.class, () -> clonedArrays(null, null, null));
  }

  static final class Point implements Cloneable { int x; Object o; double d; Point copy() throws CloneNotSupportedException { return (Point) clone(); } }
  static final class NotCloneable { Object copy() throws CloneNotSupportedException { return super.clone(); } }
  static int clonedObjects(Point p) throws CloneNotSupportedException { Point q = p.copy(); q.x++; return q.x * 31 + p.x + (q.o == p.o ? 1000 : 0) + (int) q.d; }
  /** clone of objects; the class that does not allow it. */
  static void clonedObjects(Trap t) throws CloneNotSupportedException {
    for (int i = 0; i < HOT; i++) { Point p = new Point(); p.x = i; p.o = "o" + i; p.d = 5; t.same((i + 1) * 31 + i + 1005, clonedObjects(p)); }
    t.thrown(CloneNotSupportedException.class, () -> new NotCloneable().copy());
  }

  static int fillThenRead(int n, byte v) { byte[] b = new byte[n]; Arrays.fill(b, v); int s = 0; for (byte x : b) s += x; return s; }
  /** A new array that is filled completely is not cleared before; partly filled it is. */
  static void fillThenRead(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 3, fillThenRead(i, (byte) 3));
    t.same(-128 * 1000, fillThenRead(1000, (byte) -128));
    t.same(0, fillThenRead(0, (byte) 1));
  }

  static int partlyCopied(int[] a, int n) { int[] b = new int[40]; System.arraycopy(a, 0, b, 5, n); int s = 0; for (int i = 0; i < 40; i++) s = s * 31 + b[i]; return s; }
  /** What a copy leaves of a new array is zero, whatever lay there. */
  static void partlyCopied(Trap t) {
    int[] a = new int[35];
    Arrays.fill(a, 1);
    for (int i = 0; i < HOT; i++) { keep = new long[30 + i % 7]; t.add(partlyCopied(a, i % 36)); }
    t.same(0, partlyCopied(a, 0));
  }

  static int allWidths(int n) {
    boolean[] z = new boolean[n + 3]; byte[] b = new byte[n + 3]; char[] c = new char[n + 3]; short[] s = new short[n + 3]; float[] f = new float[n + 3]; double[] d = new double[n + 3]; long[] l = new long[n + 3];
    for (int i = 0; i < n; i++) { z[i] = (i & 1) == 0; b[i] = (byte) i; c[i] = (char) (i * 3); s[i] = (short) -i; f[i] = i; d[i] = i * 2; l[i] = i * 5L; }
    System.arraycopy(z, 0, z, 3, n); System.arraycopy(b, 0, b, 3, n); System.arraycopy(c, 0, c, 1, n); System.arraycopy(s, 1, s, 0, n); System.arraycopy(f, 0, f, 2, n); System.arraycopy(d, 0, d, 3, n); System.arraycopy(l, 0, l, 1, n);
    return Arrays.hashCode(z) + Arrays.hashCode(b) * 3 + Arrays.hashCode(c) * 5 + Arrays.hashCode(s) * 7 + Arrays.hashCode(f) * 11 + Arrays.hashCode(d) * 13 + Arrays.hashCode(l) * 17;
  }
  /** Every element width, at odd positions and lengths. */
  static void allWidths(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(allWidths(i % 70));
  }

  static int multiDimensional(int[][][] a) { int s = 0; int[][] saved = a[0]; System.arraycopy(a, 0, a, 1, a.length - 1); a[1][0][0] = 7; for (int[][] x : a) s = s * 31 + x[0][0] + (x == saved ? 1 : 0); return s; }
  /** Rows of a matrix are references: a copy shares them. */
  static void multiDimensional(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(multiDimensional(new int[2 + i % 3][2][1]));
    t.same(8 * 31 + 8, multiDimensional(new int[2][1][1]));
  }

  static boolean equalArrays(byte[] a, byte[] b) { return Arrays.equals(a, b) && Arrays.mismatch(a, b) < 0; }
  /** Comparison of arrays: difference in the last byte, in the length, null. */
  static void equalArrays(Trap t) {
    byte[] a = new byte[67], b = new byte[67];
    for (int i = 0; i < HOT; i++) { a[i % 67]++; b[i % 67]++; t.same(true, equalArrays(a, b)); }
    b[66]++;
    t.same(false, equalArrays(a, b));
    b[66]--; b[0]++;
    t.same(false, equalArrays(a, b));
    t.same(false, equalArrays(a, new byte[66]));
    t.same(false, equalArrays(null, a));
    t.thrown(NullPointerException.class, () -> equalArrays(null, null));
  }

  static int copiedBehindHandler(int[] a, Object b) { int[] x = new int[2]; try { x[0] = 5; System.arraycopy(a, 0, b, 0, 2); return x[0]; } catch (ArrayStoreException e) { return -x[0]; } catch (ArrayIndexOutOfBoundsException e) { return -100 - x[0]; } }
  /** arraycopy throws into a handler of the same frame, which sees the state before it. */
  static void copiedBehindHandler(Trap t) {
    int[] a = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.same(5, copiedBehindHandler(a, new int[2]));
    t.same(-5, copiedBehindHandler(a, new byte[2]));
    t.same(-105, copiedBehindHandler(a, new int[1]));
    t.same(-5, copiedBehindHandler(a, "x"));
  }
}
