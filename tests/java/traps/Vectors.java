package traps;

import static traps.Trap.HOT;

import java.util.Arrays;

/** Loops that a vectoriser takes: aliasing, alignment, reductions, narrow types, remainders. */
final class Vectors {
  static void aliased(int[] a, int[] b, int shift, int n) { for (int i = 0; i < n; i++) a[i + shift] = b[i] * 3 + 1; }
  /** Source and target are one array, with every small distance. */
  static void aliased(Trap t) {
    int[] b = new int[100];
    for (int i = 0; i < HOT; i++) { int[] a = new int[100]; aliased(a, b, i % 9, 80); t.add(Arrays.hashCode(a)); }
    for (int shift = 0; shift < 20; shift++) { int[] a = new int[100]; a[0] = 1; a[5] = 7; aliased(a, a, shift, 80); t.add(Arrays.hashCode(a)); }
    int[] a = new int[10];
    aliased(a, a, 1, 3);
    t.same(13, a[3]);
  }

  static int reductions(int[] a) { int s = 0, p = 1, x = 0, o = 0, n = -1, lo = Integer.MAX_VALUE, hi = Integer.MIN_VALUE; for (int v : a) { s += v; p *= v | 1; x ^= v; o |= v; n &= v; lo = Math.min(lo, v); hi = Math.max(hi, v); } return s + p * 3 + x * 5 + o * 7 + n * 11 + lo * 13 + hi * 17; }
  /** Reductions of all kinds over all lengths. */
  static void reductions(Trap t) {
    for (int i = 0; i < HOT; i++) { int[] a = new int[i % 70]; for (int k = 0; k < a.length; k++) a[k] = (k + i) * 0x9e3779b9; t.add(reductions(a)); }
    t.same(3 - 11 + Integer.MAX_VALUE * 13 + Integer.MIN_VALUE * 17, reductions(new int[0]));
    t.same(5 + 15 + 25 + 35 + 55 + 65 + 85, reductions(new int[] {5}));
  }

  static void narrow(byte[] a, byte[] b, short[] s, char[] c) { for (int i = 0; i < a.length; i++) { a[i] = (byte) (b[i] * 3 >> 1); s[i] = (short) (b[i] << 4); c[i] = (char) (b[i] + s[i]); } }
  /** Arithmetic in narrow types is done in int and truncated. */
  static void narrow(Trap t) {
    byte[] b = new byte[67];
    for (int i = 0; i < 67; i++) b[i] = (byte) (i * 37);
    for (int i = 0; i < HOT; i++) { byte[] a = new byte[67]; short[] s = new short[67]; char[] c = new char[67]; narrow(a, b, s, c); t.add(Arrays.hashCode(a) + Arrays.hashCode(s) * 3 + Arrays.hashCode(c) * 5); }
    byte[] a = new byte[1]; short[] s = new short[1]; char[] c = new char[1];
    narrow(a, new byte[] {-128}, s, c);
    t.same(64 - 2048 + 63360, a[0] + s[0] + c[0]);
  }

  static void doubles(double[] a, double[] b, float[] c, int n) { for (int i = 0; i < n; i++) { a[i] = b[i] * 0.1 + a[i] / 3; c[i] = (float) (b[i] - c[i]); } }
  /** Floating-point lanes are rounded as scalars are. */
  static void doubles(Trap t) {
    double[] a = new double[50], b = new double[50];
    float[] c = new float[50];
    for (int i = 0; i < 50; i++) { b[i] = i * 0.7 - 11; c[i] = i * 0.3f; }
    b[7] = Double.NaN; b[8] = Double.POSITIVE_INFINITY; b[9] = -0.0; b[10] = 1e-310;
    for (int i = 0; i < HOT; i++) doubles(a, b, c, 30 + i % 21);
    for (int i = 0; i < 50; i++) { t.add(a[i]); t.add(c[i]); }
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { doubles(a, b, c, 51); return 0; });
  }

  static int dotProduct(byte[] a, byte[] b) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i] * b[i]; return s; }
  /** A product of bytes, summed in ints. */
  static void dotProduct(Trap t) {
    byte[] a = new byte[45], b = new byte[45];
    for (int i = 0; i < HOT; i++) { a[i % 45] = (byte) (i * 91); b[i % 45] = (byte) (i * 57); t.add(dotProduct(a, b)); }
    Arrays.fill(a, (byte) -128);
    t.same(45 * 16384, dotProduct(a, a));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> dotProduct(a, new byte[44]));
  }

  static void conditional(int[] a, int[] b, int limit) { for (int i = 0; i < a.length; i++) { if (a[i] > limit) b[i] = a[i]; else if (a[i] < 0) b[i]++; } }
  /** Stores under a condition: elements that are not meant must not be written. */
  static void conditional(Trap t) {
    int[] a = new int[50];
    for (int i = 0; i < 50; i++) a[i] = i * 7 % 23 - 5;
    int[] b = new int[50];
    for (int i = 0; i < HOT; i++) { conditional(a, b, i % 20); t.add(Arrays.hashCode(b)); }
    conditional(a, new int[50], 100);
    t.same(0, b[0] < 0 ? 1 : 0);
  }

  static void matrix(double[][] a, double[][] b, double[][] c, int n) { for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) { double s = 0; for (int k = 0; k < n; k++) s += a[i][k] * b[k][j]; c[i][j] = s; } }
  /** Matrix product where target and source are the same. */
  static void matrix(Trap t) {
    double[][] a = new double[9][9], c = new double[9][9];
    for (int i = 0; i < 81; i++) a[i / 9][i % 9] = i * 0.1;
    for (int i = 0; i < HOT; i++) { matrix(a, a, c, 9); t.add(c[i % 9][3]); }
    matrix(a, a, a, 9);
    for (double[] r : a) for (double x : r) t.add(x);
  }

  static void strided(int[] a, int stride, int[] b) { for (int i = 0; i < b.length; i++) b[i] = a[i * stride] + a[i * stride + 1]; }
  /** Gathers with a stride, interleaved pairs. */
  static void strided(Trap t) {
    int[] a = new int[100];
    for (int i = 0; i < 100; i++) a[i] = i;
    int[] b = new int[24];
    for (int i = 0; i < HOT; i++) { strided(a, i % 4, b); t.add(Arrays.hashCode(b)); }
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { strided(a, 5, b); return 0; });
    t.same(19 * 5 * 2 + 1, b[19]);
  }

  static void misaligned(byte[] a, int from, int to, byte v) { for (int i = from; i < to; i++) a[i] ^= v; }
  /** Every start and every length: nothing before or behind is touched. */
  static void misaligned(Trap t) {
    for (int i = 0; i < HOT; i++) { byte[] a = new byte[80]; misaligned(a, i % 17, i % 17 + i % 50, (byte) 0x5a); t.add(Arrays.hashCode(a)); }
    byte[] a = new byte[80];
    misaligned(a, 3, 77, (byte) 1);
    t.same(0, a[2] + a[77]);
    t.same(2, a[3] + a[76]);
  }

  static void shifts(int[] a, int n, long[] b) { for (int i = 0; i < a.length; i++) { a[i] = (a[i] << n) + (a[i] >>> 32 - n) ^ (a[i] >> i); b[i] = b[i] >>> n ^ b[i] << i; } }
  /** Shifts by invariant and by varying distances, beyond the width. */
  static void shifts(Trap t) {
    int[] a = new int[70];
    long[] b = new long[70];
    for (int i = 0; i < 70; i++) { a[i] = i * 0x9e3779b9; b[i] = i * 0x9e3779b97f4a7c15L; }
    for (int i = 0; i < HOT; i++) { shifts(a, i, b); t.add(Arrays.hashCode(a) + Arrays.hashCode(b)); }
    int[] one = {1};
    shifts(one, 33, new long[1]);
    t.same(2 + 0 ^ 1, one[0]);
  }

  static int firstIndex(int[] a, int x) { for (int i = 0; i < a.length; i++) if (a[i] == x) return i; return -1; }
  /** A search must not read beyond what it needs to. */
  static void firstIndex(Trap t) {
    int[] a = new int[40];
    for (int i = 0; i < 40; i++) a[i] = i;
    for (int i = 0; i < HOT; i++) t.same(i < 40 ? i : -1, firstIndex(a, i));
    t.same(-1, firstIndex(new int[0], 0));
  }

  static long widening(int[] a, short[] b) { long s = 0; for (int i = 0; i < a.length; i++) s += (long) a[i] * b[i] + (a[i] & 0xffffffffL); return s; }
  /** Lanes are widened with and without sign. */
  static void widening(Trap t) {
    int[] a = new int[35];
    short[] b = new short[35];
    for (int i = 0; i < HOT; i++) { a[i % 35] = i * 0x9e3779b9; b[i % 35] = (short) (i * 777); t.add(widening(a, b)); }
    t.same(1 + 0xffffffffL, widening(new int[] {-1}, new short[] {-1}));
  }
}
