package suite;

/** Loads and stores of every array type, arraylength, sign extension and truncation, aliasing, bulk loops. */
final class Arrays implements Suite.Case {
  static byte getB(byte[] a, int i) { return a[i]; }
  static boolean getZ(boolean[] a, int i) { return a[i]; }
  static char getC(char[] a, int i) { return a[i]; }
  static short getS(short[] a, int i) { return a[i]; }
  static int getI(int[] a, int i) { return a[i]; }
  static long getJ(long[] a, int i) { return a[i]; }
  static float getF(float[] a, int i) { return a[i]; }
  static double getD(double[] a, int i) { return a[i]; }
  static Object getA(Object[] a, int i) { return a[i]; }
  static void setB(byte[] a, int i, int v) { a[i] = (byte) v; }
  static void setZ(boolean[] a, int i, boolean v) { a[i] = v; }
  static void setC(char[] a, int i, int v) { a[i] = (char) v; }
  static void setS(short[] a, int i, int v) { a[i] = (short) v; }
  static void setI(int[] a, int i, int v) { a[i] = v; }
  static void setJ(long[] a, int i, long v) { a[i] = v; }
  static void setF(float[] a, int i, float v) { a[i] = v; }
  static void setD(double[] a, int i, double v) { a[i] = v; }
  static int length(Object[] a) { return a.length; }
  static int lengths(byte[] b, boolean[] z, char[] c, short[] s, int[] i, long[] j, float[] f, double[] d) { return b.length + 2 * z.length + 3 * c.length + 5 * s.length + 7 * i.length + 11 * j.length + 13 * f.length + 17 * d.length; }
  static int nested(int[][] m) { int s = 0; for (int i = 0; i < m.length; i++) for (int j = 0; j < m[i].length; j++) s = s * 31 + m[i][j]; return s; }
  static void fill(int[] a, int v) { for (int i = 0; i < a.length; i++) a[i] = v + i; }
  static void copy(int[] from, int f, int[] to, int t, int n) { for (int i = 0; i < n; i++) to[t + i] = from[f + i]; }
  static int count(byte[] a, int v) { int n = 0; for (int i = 0; i < a.length; i++) if (a[i] == v) n++; return n; }
  static int max(int[] a) { int m = Integer.MIN_VALUE; for (int i = 0; i < a.length; i++) if (a[i] > m) m = a[i]; return m; }
  static long sum(int[] a) { long s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static int hash(char[] a) { int h = 0; for (int i = 0; i < a.length; i++) h = 31 * h + a[i]; return h; }
  static void reverse(short[] a) { for (int i = 0, j = a.length - 1; i < j; i++, j--) { short t = a[i]; a[i] = a[j]; a[j] = t; } }
  static int sieve(boolean[] composite) {
    int primes = 0;
    for (int i = 2; i < composite.length; i++) {
      if (composite[i]) continue;
      primes++;
      for (int j = i + i; j < composite.length; j += i) composite[j] = true;
    }
    return primes;
  }
  static void multiply(double[][] a, double[][] b, double[][] c) {
    for (int i = 0; i < a.length; i++)
      for (int j = 0; j < b[0].length; j++) {
        double s = 0;
        for (int k = 0; k < b.length; k++) s += a[i][k] * b[k][j];
        c[i][j] = s;
      }
  }
  static void shellSort(int[] a) {
    for (int gap = a.length / 2; gap > 0; gap /= 2)
      for (int i = gap; i < a.length; i++) {
        int v = a[i], j = i;
        for (; j >= gap && a[j - gap] > v; j -= gap) a[j] = a[j - gap];
        a[j] = v;
      }
  }

  @Override
  public void run(Suite.Out out) {
    byte[] b = new byte[5];
    boolean[] z = new boolean[5];
    char[] c = new char[5];
    short[] s = new short[5];
    int[] n = new int[5];
    long[] j = new long[5];
    float[] f = new float[5];
    double[] d = new double[5];
    for (int i = 0; i < 5; i++) {
      int v = IntArithmetic.EDGES[i * 5 + 3];
      setB(b, i, v);
      setZ(z, i, (v & 1) != 0);
      setC(c, i, v);
      setS(s, i, v);
      setI(n, i, v);
      setJ(j, i, v * 0x100000001L);
      setF(f, i, v * 1.5f);
      setD(d, i, v * 2.5);
      out.add((long) getB(b, i));
      out.add(getZ(z, i));
      out.add((long) getC(c, i));
      out.add((long) getS(s, i));
      out.add((long) getI(n, i));
      out.add(getJ(j, i));
      out.add(getF(f, i));
      out.add(getD(d, i));
    }
    out.add((long) lengths(b, new boolean[1], new char[2], new short[3], new int[0], new long[4], new float[6], new double[7]));
    Object[] objects = {"x", null, new int[3], new String[] {"y"}};
    for (int i = 0; i < objects.length; i++) out.add(getA(objects, i) == objects[i]);
    out.add((String) getA(new String[] {"covariant"}, 0));
    out.add((long) length(objects));
    out.add((long) nested(new int[][] {{1, 2, 3}, {}, {4}, {5, 6}}));
    for (int size : new int[] {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 999, 1000, 1001, 2047, 5000}) {
      int[] a = new int[size];
      fill(a, -3);
      out.add(sum(a));
      out.add((long) max(a));
      int[] t = new int[size + 5];
      copy(a, 0, t, 5, size);
      copy(t, 0, t, 1, size);  // overlapping
      out.add(sum(t));
      byte[] bytes = new byte[size];
      for (int i = 0; i < size; i++) bytes[i] = (byte) (i * 7);
      out.add((long) count(bytes, -1));
      char[] chars = new char[size];
      for (int i = 0; i < size; i++) chars[i] = (char) (i * 31);
      out.add((long) hash(chars));
      short[] shorts = new short[size];
      for (int i = 0; i < size; i++) shorts[i] = (short) (i * 1001);
      reverse(shorts);
      for (int i = 0; i < size; i += 97) out.add((long) shorts[i]);
      out.add((long) sieve(new boolean[size]));
      int[] r = new int[size];
      for (int i = 0; i < size; i++) r[i] = (i * 7919) % 1009 - 500;
      shellSort(r);
      for (int i = 0; i < size; i += 13) out.add((long) r[i]);
    }
    double[][] x = new double[9][11], y = new double[11][5], p = new double[9][5];
    for (int i = 0; i < 9; i++) for (int k = 0; k < 11; k++) x[i][k] = i - k * 0.25;
    for (int i = 0; i < 11; i++) for (int k = 0; k < 5; k++) y[i][k] = i * k + 0.125;
    multiply(x, y, p);
    for (double[] row : p) for (double v : row) out.add(v);
  }
}
