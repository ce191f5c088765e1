package traps;

import static traps.Trap.HOT;

/** Instruction selection, register pressure, frames, tables, odd shapes of control flow. */
final class Codegen {
  static int one = 1;

  static long pressure(long a, long b, long c, long d, long e, long f) {
    long g = a * b + 1, h = b * c + 2, i = c * d + 3, j = d * e + 4, k = e * f + 5, l = f * a + 6, m = a ^ c, n = b ^ d, o = c ^ e, p = d ^ f, q = g - i, r = h - j, s = k - m, u = l - n, v = o * q, w = p * r;
    for (int x = 0; x < 3; x++) { g += h; h ^= i; i -= j; j += k; k ^= l; l -= m; m += n; n ^= o; o -= p; p += q; q ^= r; r -= s; s += u; u ^= v; v -= w; w += g; }
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m + 14 * n + 15 * o + 16 * p + 17 * q + 18 * r + 19 * s + 20 * u + 21 * v + 22 * w;
  }
  /** More live integers than registers. */
  static void pressure(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(pressure(i, i * 3L, -i, i ^ 5, i + 7, 1L << i));
  }

  static double floatPressure(double a, double b, double c, double d) {
    double e = a * b, f = b * c, g = c * d, h = d * a, i = e + f, j = f - g, k = g + h, l = h - e, m = i * 0.5, n = j * 0.25, o = k * 0.125, p = l * 2, q = m - n, r = o - p, s = q + a, u = r + b;
    for (int x = 0; x < 3; x++) { e += f * 0.5; f -= g; g += h * 0.5; h -= i; i += j * 0.5; j -= k; k += l * 0.5; l -= m; m += n * 0.5; n -= o; o += p * 0.5; p -= q; q += r * 0.5; r -= s; s += u * 0.5; u -= e; drop(x); }
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l + 13 * m + 14 * n + 15 * o + 16 * p + 17 * q + 18 * r + 19 * s + 20 * u;
  }
  static void drop(int x) { one = x; }
  /** More live doubles than registers, across calls that save none. */
  static void floatPressure(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(floatPressure(i, i * 0.3, -i * 0.7, 1.0 / (i + 1)));
  }

  static int denseSwitch(int k) { switch (k) { case 0: return 5; case 1: return 7; case 2: return 11; case 3: return 13; case 4: return 17; case 5: return 19; case 6: return 23; case 7: return 29; case 8: return 31; case 10: return 37; default: return -1; } }
  /** A table with a hole; numbers below, above and far away. */
  static void denseSwitch(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(denseSwitch(i % 12));
    t.same(-1, denseSwitch(9));
    t.same(37, denseSwitch(10));
    for (int k : new int[] {-1, 11, Integer.MIN_VALUE, Integer.MAX_VALUE}) t.same(-1, denseSwitch(k));
  }

  static int switchAtLimits(int k) { switch (k) { case Integer.MIN_VALUE: return 1; case Integer.MIN_VALUE + 1: return 2; case -1: return 3; case 0: return 4; case Integer.MAX_VALUE - 1: return 5; case Integer.MAX_VALUE: return 6; default: return 7; } }
  /** Cases at both ends of the range: differences overflow. */
  static void switchAtLimits(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i == 0 ? 4 : 7, switchAtLimits(i));
    int[] k = {Integer.MIN_VALUE, Integer.MIN_VALUE + 1, -1, 0, Integer.MAX_VALUE - 1, Integer.MAX_VALUE};
    for (int i = 0; i < 6; i++) t.same(i + 1, switchAtLimits(k[i]));
  }

  static int tableAtTop(int k) { switch (k) { case 2147483640: return 1; case 2147483641: return 2; case 2147483642: return 3; case 2147483643: return 4; case 2147483644: return 5; case 2147483645: return 6; case 2147483646: return 7; case 2147483647: return 8; default: return 0; } }
  /** A dense table at the top of the range. */
  static void tableAtTop(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(Math.max(0, 8 - i), tableAtTop(Integer.MAX_VALUE - i));
    t.same(0, tableAtTop(Integer.MIN_VALUE));
  }

  static int switchInLoop(byte[] code, int x) { int acc = x; for (int pc = 0; pc < code.length; pc++) switch (code[pc]) { case 0: acc++; break; case 1: acc *= 3; break; case 2: acc = -acc; break; case 3: if (acc > 50) pc++; break; case 4: if (acc < 1000) pc -= 2; else return acc; break; case 5: return acc; default: throw new IllegalArgumentException("op " + code[pc]); } return acc; }
  /** An interpreter: a switch in a loop that jumps. */
  static void switchInLoop(Trap t) {
    byte[] code = {0, 1, 4, 3, 2, 5};
    for (int i = 0; i < HOT; i++) t.add(switchInLoop(code, i));
    t.same(8, switchInLoop(new byte[] {0, 0, 1, 3, 0, 5}, 0) + 1);
    t.thrown(IllegalArgumentException.class, () -> switchInLoop(new byte[] {0, 9}, 1));
  }

  static int conditionalMoves(int a, int b, long c, long d, double e, double f, Object g, Object h) { int i = a < b ? a : b; long j = c >= d ? c : d; double k = e < f ? e : f; Object l = a == b ? g : h; int m = e == f ? 1 : 0; return i + (int) j * 3 + (int) k * 5 + l.hashCode() + m; }
  /** Selections of all kinds by conditions of all kinds. */
  static void conditionalMoves(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(conditionalMoves(i, 60, i * 3L, 150, i, 60.5, "a", "b"));
    t.same(1 + 6 + 5 * 0 + "b".hashCode(), conditionalMoves(1, 2, 1, 2, Double.NaN, 0.5, "a", "b"));
    t.thrown(NullPointerException.class, () -> conditionalMoves(1, 1, 1, 1, 1, 1, null, "b"));
  }

  static int addressing(int[] a, long[] b, byte[] c, short[] d, Object[] e, int i) { return a[i] + a[i + 3] + (int) b[i * 2] + (int) b[i + 1] * 3 + c[i * 3 + 1] + d[i >> 1] * 5 + (e[i] == e[i + 1] ? 7 : 0) + a[a[i] & 3]; }
  /** Every scale and displacement of an address. */
  static void addressing(Trap t) {
    int[] a = new int[20]; long[] b = new long[40]; byte[] c = new byte[60]; short[] d = new short[10]; Object[] e = new Object[20];
    for (int i = 0; i < 60; i++) { a[i % 20] = i; b[i % 40] = i * 3; c[i] = (byte) i; d[i % 10] = (short) -i; e[i % 20] = i % 3 == 0 ? null : "e"; }
    for (int i = 0; i < HOT; i++) t.add(addressing(a, b, c, d, e, i % 17));
    for (int i : new int[] {17, 19, 20, -1}) t.thrown(ArrayIndexOutOfBoundsException.class, () -> addressing(a, b, c, d, e, i));
  }

  static final class Large { int f0, f1, f2, f3, f4, f5, f6, f7; long g0, g1, g2, g3, g4, g5, g6, g7, g8, g9; Object o0, o1; byte b0, b1; double d0; }
  static long largeOffsets(Large l, int k) { l.f7 = k; l.g9 = k * 3L; l.o1 = l; l.b1 = (byte) k; l.d0 = k * 0.5; return l.f7 + l.g9 + (l.o1 == l ? 1 : 0) + l.b1 + (long) l.d0 + l.f0 + l.g0; }
  /** Fields far from the object's start; null is still found. */
  static void largeOffsets(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 4 + 1 + i + i / 2, largeOffsets(new Large(), i));
    t.thrown(NullPointerException.class, () -> largeOffsets(null, 1));
  }

  static int nullAtLargeOffset(int[] a, int i) { return a[i]; }
  /** A null array with an index far beyond the protected page. */
  static void nullAtLargeOffset(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, nullAtLargeOffset(new int[HOT], i));
    for (int i : new int[] {0, 1000, 100_000_000, Integer.MAX_VALUE, -1}) t.thrown(NullPointerException.class, () -> nullAtLargeOffset(null, i));
  }

  static boolean comparisonValues(int a, int b, long c, double d) { boolean x = a < b, y = c > 0, z = d != d; return x ^ y ^ z ^ (a == b) & !z | (c & 1) == 0; }
  /** Comparisons as values. */
  static void comparisonValues(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(comparisonValues(i, 60, i - 60, i % 7 == 0 ? Double.NaN : i));
    t.same(true, comparisonValues(1, 2, -1, 1));
    t.same(false, comparisonValues(1, 2, 1, 1));
  }

  static long multiplications(int x, long y) { return x * 3 + x * 5 + x * 9 + x * 15 + x * 17 + x * -7 + x * 1024 + x * 65535L + y * 10 + y * -8 + y * 1000003 + y * Long.MIN_VALUE; }
  /** Products with constants become shifts, sums and address arithmetic. */
  static void multiplications(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(multiplications(i * 7777777, i * 77777777777L));
    t.same(3 + 5 + 9 + 15 + 17 - 7 + 1024 + 65535 + 10 - 8 + 1000003 + Long.MIN_VALUE, multiplications(1, 1));
  }

  static int manyExits(int[] a) { if (a.length == 0) return 0; if (a[0] < 0) return 1; for (int x : a) { if (x == 7) return 2; if (x == 8) throw new IllegalStateException("8"); if (x == 9) break; } try { if (a.length > 3) return 3; } finally { one++; } return 4; }
  /** A method with many returns. */
  static void manyExits(Trap t) {
    int[][] a = {{}, {-1}, {7}, {9}, {1, 2, 3, 4}, {1, 2, 7}};
    for (int i = 0; i < HOT; i++) t.same(new int[] {0, 1, 2, 4, 3, 2}[i % 6], manyExits(a[i % 6]));
    t.thrown(IllegalStateException.class, () -> manyExits(new int[] {8}));
    t.thrown(NullPointerException.class, () -> manyExits((int[]) null));
  }

  static int constantConditions(int x) { int s = 0; if (x == x) s++; if (x != x) s += 100 / s; while (true) { if (s > 3) break; s += 2; } for (; ; ) { if (x - x == 0) return s; } }
  /** Endless loops with a way out, conditions that are always true. */
  static void constantConditions(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(5, constantConditions(i));
  }

  static int truncatedCompare(int x) { return ((byte) x == -1 ? 1 : 0) + ((short) x < 0 ? 2 : 0) + ((char) x > 0x7fff ? 4 : 0) + ((x & 0xff) == 0xff ? 8 : 0) + ((x & 0x80) != 0 ? 16 : 0); }
  /** Comparisons of truncated values, and tests of single bits. */
  static void truncatedCompare(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(truncatedCompare(i * 0x1ff));
    t.same(31, truncatedCompare(-1));
    t.same(25, truncatedCompare(0x700ff));
    t.same(6 + 16, truncatedCompare(0x8080));
  }

  static long mixedReturn(boolean b, int x) { return b ? x : 0xffffffffL & x; }
  /** An int and an unsigned int meet as longs. */
  static void mixedReturn(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, mixedReturn(i % 2 == 0, i));
    t.same(-1, mixedReturn(true, -1));
    t.same(0xffffffffL, mixedReturn(false, -1));
  }
}
