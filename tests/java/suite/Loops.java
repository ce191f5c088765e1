package suite;

/** Loop shapes: nested, several exits, continue, downward, strides, overflowing bounds, long counters, polls under collections. */
final class Loops implements Suite.Case {
  static int nested(int n) { int s = 0; for (int i = 0; i < n; i++) for (int j = i; j < n; j++) for (int k = j; k < n; k += 3) s += i ^ j ^ k; return s; }
  static int down(int[] a) { int s = 0; for (int i = a.length - 1; i >= 0; i--) s = s * 7 + a[i]; return s; }
  static int stride(int[] a, int k) { int s = 0; for (int i = 0; i < a.length; i += k) s += a[i]; return s; }
  static int exits(int[] a, int stop, int skip) { int s = 0; for (int i = 0; i < a.length; i++) { if (a[i] == stop) break; if (a[i] == skip) continue; s += a[i]; if (s > 100000) return -s; } return s; }
  static int inclusive(int from, int to) { int n = 0; for (int i = from; i <= to; i++) { n += i & 3; if (n > 5000) break; } return n; }
  static int overflow(int from) { int n = 0; for (int i = from; i > 0; i += 1000) n++; return n; }
  static long counter(long from, long to) { long s = 0; for (long i = from; i < to; i++) s = s * 3 + i; return s; }
  static int doWhile(int n) { int steps = 0; do { n = (n & 1) == 0 ? n >> 1 : 3 * n + 1; steps++; } while (n > 1); return steps; }
  static int gcd(int a, int b) { while (b != 0) { int t = a % b; a = b; b = t; } return a; }
  static int labelled(int n) { int c = 0; outer: for (int i = 0; i < n; i++) { for (int j = 0; j < n; j++) { if ((i * j & 15) == 15) continue outer; if (i + j > 40) break outer; c += j; } } return c; }
  static double mandelbrot(double re, double im, int max) { double x = 0, y = 0; int i = 0; while (i < max && x * x + y * y < 4) { double t = x * x - y * y + re; y = 2 * x * y + im; x = t; i++; } return i + x; }
  static int bits(int[] a) { int n = 0; for (int i = 0; i < a.length; i++) { int v = a[i]; while (v != 0) { v &= v - 1; n++; } } return n; }
  static int twoArrays(int[] a, int[] b, int n) { int s = 0; for (int i = 0; i < n; i++) { a[i] = a[i] + b[i]; s += a[i] * b[n - 1 - i]; } return s; }
  static int long_(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) { s = s * 31 + a[i & 1]; } return s; }
  static void transpose(int[][] m) { for (int i = 0; i < m.length; i++) for (int j = 0; j < i; j++) { int t = m[i][j]; m[i][j] = m[j][i]; m[j][i] = t; } }

  private static boolean tested;
  private static int longResult;

  @Override
  public void run(Suite.Out out) throws Throwable {
    int[] a = new int[999];
    for (int i = 0; i < a.length; i++) a[i] = (i * 2654435) >> 7 & 1023;
    out.add((long) nested(23));
    out.add((long) down(a));
    for (int k : new int[] {1, 2, 3, 5, 64, 998, 999, 5000}) out.add((long) stride(a, k));
    out.add((long) exits(a, 777, 3));
    out.add((long) exits(a, -1, -1));
    out.add((long) inclusive(0, 3000));
    out.add((long) inclusive(Integer.MAX_VALUE - 3, Integer.MAX_VALUE - 1));
    out.add((long) inclusive(Integer.MAX_VALUE - 10, Integer.MAX_VALUE));
    out.add((long) overflow(Integer.MAX_VALUE - 1_000_000));
    out.add(counter(-500, 1500));
    out.add(counter(Long.MAX_VALUE - 100, Long.MAX_VALUE));
    for (int n : new int[] {1, 7, 27, 97}) out.add((long) doWhile(n));
    out.add((long) gcd(1071, 462) + gcd(0, 5) + gcd(17, 0) + gcd(-12, 18));
    out.add((long) labelled(30));
    for (int i = 0; i < 20; i++) out.add(mandelbrot(-2 + i * 0.13, i * 0.05, 300));
    out.add((long) bits(a));
    int[] b = a.clone();
    out.add((long) twoArrays(b, a, 999));
    out.add((long) twoArrays(b, b, 999));
    int[][] m = new int[20][20];
    for (int i = 0; i < 400; i++) m[i / 20][i % 20] = i;
    transpose(m);
    for (int i = 0; i < 20; i += 3) out.add((long) m[i][19 - i]);
    if (!tested) {
      // One long loop while another thread collects: the collector waits for the loop's poll.
      for (int i = 0; i < 30; i++) long_(new int[] {3, 5}, 20000);
      Thread t = new Thread(() -> longResult = long_(new int[] {3, 5}, 100_000_000));
      t.start();
      int collections = 0;
      while (t.isAlive()) { System.gc(); collections++; Thread.sleep(5); }
      t.join();
      tested = collections > 0;
    }
    out.add((long) longResult);
    out.add(tested);
  }
}
