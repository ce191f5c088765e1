/** Array loads, stores and lengths of every type, in and out of range, null; loops over arrays. */
class ArrayCases {
  static int iload(int[] a, int i) { return a[i]; }
  static long lload(long[] a, int i) { return a[i]; }
  static float fload(float[] a, int i) { return a[i]; }
  static double dload(double[] a, int i) { return a[i]; }
  static byte bload(byte[] a, int i) { return a[i]; }
  static boolean zload(boolean[] a, int i) { return a[i]; }
  static char cload(char[] a, int i) { return a[i]; }
  static short sload(short[] a, int i) { return a[i]; }
  static Object aload(Object[] a, int i) { return a[i]; }
  static int length(int[] a) { return a.length; }
  static void istore(int[] a, int i, int v) { a[i] = v; }
  static void lstore(long[] a, int i, long v) { a[i] = v; }
  static void fstore(float[] a, int i, float v) { a[i] = v; }
  static void dstore(double[] a, int i, double v) { a[i] = v; }
  static void bstore(byte[] a, int i, int v) { a[i] = (byte) v; }
  static void zstore(boolean[] a, int i, boolean v) { a[i] = v; }
  static void cstore(char[] a, int i, int v) { a[i] = (char) v; }
  static void sstore(short[] a, int i, int v) { a[i] = (short) v; }
  static int sum(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static int sumEach(int[] a) { int s = 0; for (int v : a) s += v; return s; }
  static int sumTo(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) s += a[i]; return s; }
  static int sumFrom(int[] a, int from, int to) { int s = 0; for (int i = from; i < to; i++) s = s * 3 + a[i]; return s; }
  static int sumBack(int[] a) { int s = 0; for (int i = a.length - 1; i >= 0; i--) s = s * 31 + a[i]; return s; }
  static int max(int[] a) { int m = Integer.MIN_VALUE; for (int i = 0; i < a.length; i++) if (a[i] > m) m = a[i]; return m; }
  static int count(byte[] a, int v) { int n = 0; for (int i = 0; i < a.length; i++) if (a[i] == (byte) v) n++; return n; }
  static int hash(byte[] a) { int h = 0; for (int i = 0; i < a.length; i++) h = 31 * h + a[i]; return h; }
  static double dot(double[] a, double[] b) { double s = 0; for (int i = 0; i < a.length; i++) s += a[i] * b[i]; return s; }
  static void axpy(double[] y, double[] x, double a) { for (int i = 0; i < y.length; i++) y[i] = a * x[i] + y[i]; }
  static int halved(int v) { return v >> 1 ^ v; }
  static void callees(int[] a) { for (int i = 0; i < a.length; i++) a[i] = halved(a[i]) + halved(3); }
  static int crowded(int[] a) {
    int s0 = 0, s1 = 1, s2 = 2, s3 = 3, s4 = 4, s5 = 5, s6 = 6, s7 = 7, s8 = 8, s9 = 9, s10 = 10, s11 = 11, s12 = 12, s13 = 13, s14 = 14;
    for (int i = 0; i < a.length; i++) {
      int v = a[i];
      s0 += v * 7 > 0 ? v ^ 3 : v + 11;
      s1 += v * 9 > 0 ? v ^ 8 : v + 14;
      s2 += v * 11 > 0 ? v ^ 13 : v + 17;
      s3 += v * 13 > 0 ? v ^ 18 : v + 20;
      s4 += v * 15 > 0 ? v ^ 23 : v + 23;
      s5 += v * 17 > 0 ? v ^ 28 : v + 26;
      s6 += v * 19 > 0 ? v ^ 33 : v + 29;
      s7 += v * 21 > 0 ? v ^ 38 : v + 32;
      s8 += v * 23 > 0 ? v ^ 43 : v + 35;
      s9 += v * 25 > 0 ? v ^ 48 : v + 38;
      s10 += v * 27 > 0 ? v ^ 53 : v + 41;
      s11 += v * 29 > 0 ? v ^ 58 : v + 44;
      s12 += v * 31 > 0 ? v ^ 63 : v + 47;
      s13 += v * 33 > 0 ? v ^ 68 : v + 50;
      s14 += v * 35 > 0 ? v ^ 73 : v + 53;
    }
    return s0 ^ s1 ^ s2 ^ s3 ^ s4 ^ s5 ^ s6 ^ s7 ^ s8 ^ s9 ^ s10 ^ s11 ^ s12 ^ s13 ^ s14;
  }
  static int at(int[] a, int i) { return a[i]; }
  static int accessors(int[] a, int from, int to) { int s = 0; for (int i = from; i < to; i++) s += at(a, i) - at(a, i + 1); return s; }
  static void fill(int[] a, int v) { for (int i = 0; i < a.length; i++) a[i] = v; }
  static void copy(int[] a, int[] b, int n) { for (int i = 0; i < n; i++) a[i] = b[i]; }
  static void shift(int[] a) { for (int i = 1; i < a.length; i++) a[i] = a[i - 1] + 1; }
  static void reverse(char[] a) { for (int i = 0, j = a.length - 1; i < j; i++, j--) { char t = a[i]; a[i] = a[j]; a[j] = t; } }
  static long strided(long[] a, int step) { step = step & 7 | 1; long s = 0; for (int i = 0; i < a.length; i += step) s += a[i]; return s; }
  static int find(int[] a, int v) { for (int i = 0; i < a.length; i++) if (a[i] == v) return i; return -1; }
  static void histogram(int[] a, byte[] b) { for (int i = 0; i < b.length; i++) a[b[i] & 31]++; }
  static int overflowIndex(int[] a, int i) { return a[i + 1] + a[i - 1]; }
  static int twoArrays(int[] a, short[] b) { int s = 0; for (int i = 0; i < a.length && i < b.length; i++) s += a[i] * b[i]; return s; }
  static int references(Object[] a, Object v) { int n = 0; for (Object o : a) if (o == v) n++; else if (o == null) n += 100; return n; }
  static void sieve(boolean[] a) { for (int i = 0; i < a.length; i++) a[i] = true; for (int i = 2; i < a.length; i++) if (a[i]) for (int j = i + i; j < a.length; j += i) a[j] = false; }
  static long prefix(long[] a) { for (int i = 1; i < a.length; i++) a[i] += a[i - 1]; return a[a.length - 1]; }
  static float smooth(float[] a) { float s = 0; for (int i = 1; i < a.length - 1; i++) s += (a[i - 1] + a[i] + a[i + 1]) / 3; return s; }
}
