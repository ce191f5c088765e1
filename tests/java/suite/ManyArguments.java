package suite;

/** More arguments than registers, in and out, mixed types, with references and collections among them. */
final class ManyArguments implements Suite.Case {
  static long ints(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) { return a + 2L * b + 3L * c + 5L * d + 7L * e + 11L * f + 13L * g + 17L * h + 19L * i + 23L * j; }
  static long longs(long a, int b, long c, int d, long e, int f, long g, int h, long i, int j) { return a + 2 * b + 3 * c + 5 * d + 7 * e + 11 * f + 13 * g + 17 * h + 19 * i + 23 * j; }
  static double doubles(double a, double b, double c, double d, double e, double f, double g, double h, double i, double j, double k) { return a + 2 * b + 3 * c + 5 * d + 7 * e + 11 * f + 13 * g + 17 * h + 19 * i + 23 * j + 29 * k; }
  static float floats(float a, float b, float c, float d, float e, float f, float g, float h, float i, float j, float k) { return a + 2 * b + 3 * c + 5 * d + 7 * e + 11 * f + 13 * g + 17 * h + 19 * i + 23 * j + 29 * k; }
  static double mixed(int a, double b, long c, float d, byte e, short f, char g, boolean h, int i, long j, double k, float l, int m, long n, double o, double p, double q, double r, double s, float t) {
    return a + b * 2 + c * 3 + d * 5 + e * 7 + f * 11 + g * 13 + (h ? 17 : 0) + i * 19 + j * 23 + k * 29 + l * 31 + m * 37 + n * 41 + o * 43 + p * 47 + q * 53 + r * 59 + s * 61 + t * 67;
  }
  static int references(Object a, int[] b, Object c, int[] d, Object e, int[] f, Object g, int[] h, int i) { collect(i); return (a == c ? 1 : 0) + b[0] + d[0] * 2 + (e == null ? 4 : 0) + f[0] * 3 + (g == a ? 8 : 0) + h[0] * 5; }
  int receiver(long a, double b, int[] c, long d, double e, int[] f, long g, int[] h) { return (int) (a + b + c[0] + d + e + f[0] + g + h[0] + bias); }
  int bias;

  static void collect(int i) { if ((i & 15) == 7) System.gc(); }
  static long forwardInts(int x) { return ints(x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8, x + 9) - ints(9, 8, 7, 6, 5, 4, 3, 2, 1, x); }
  static long forwardLongs(long x) { return longs(x, 1, x * 3, 2, x * 5, 3, x * 7, 4, x * 11, 5); }
  static double forwardDoubles(double x) { return doubles(x, x * 2, x * 3, x * 4, x * 5, x * 6, x * 7, x * 8, x * 9, x * 10, x * 11); }
  static float forwardFloats(float x) { return floats(x, x * 2, x * 3, x * 4, x * 5, x * 6, x * 7, x * 8, x * 9, x * 10, x * 11); }
  static double forwardMixed(int x) { return mixed(x, x * 0.5, x * 3L, x * 0.25f, (byte) x, (short) x, (char) x, (x & 1) == 1, x - 1, x * 5L, x * 0.125, x * 2f, ~x, -x, 1, 2, 3, 4, x, 5.5f); }
  static int forwardReferences(Object o, int[] a, int[] b, int i) { return references(o, a, o, b, null, a, o, b, i) * 31 + references(a, b, o, a, o, b, a, a, i) + a[0]; }
  static int forwardReceiver(ManyArguments m, int[] a, int x) { return m.receiver(x, x * 2.0, a, x * 3L, x * 4.0, a, x * 5L, a) + m.bias; }
  static long deep(int n, long a, long b, long c, long d, long e, long f, long g, long h) { return n == 0 ? a + b * 3 + c * 5 + d * 7 + e * 11 + f * 13 + g * 17 + h * 19 : deep(n - 1, h, a, b, c, d, e, f, g + n) + 1; }

  @Override
  public void run(Suite.Out out) {
    ManyArguments m = new ManyArguments();
    for (int x = -3; x < 12; x++) {
      m.bias = x * 1000;
      out.add(forwardInts(x));
      out.add(forwardLongs(x));
      out.add(forwardDoubles(x * 0.3));
      out.add(forwardFloats(x * 0.3f));
      out.add(forwardMixed(x));
      out.add((long) forwardReferences("o", new int[] {x}, new int[] {x * 3}, x));
      out.add((long) forwardReceiver(m, new int[] {x}, x));
      out.add(deep(x + 4, 1, 2, 3, 4, 5, 6, 7, 8));
    }
  }
}
