package suite;

/** Deep recursion to StackOverflowError in frames of every size; the program goes on afterwards. */
final class Recursion implements Suite.Case {
  static int depth;

  static int down(int n) { depth = n; return down(n + 1) + 1; }
  static long wide(long a, long b, long c, long d, long e, long f, long g, long h, int n) { depth = n; long x = a * b, y = c * d, z = e * f, w = g * h; long r = wide(b, c, d, e, f, g, h, a + 1, n + 1); return r + x + y * z - w; }
  static int limited(int n) { return n == 0 ? 0 : limited(n - 1) + n; }
  int virtualDown(int n) { depth = n; return virtualDown(n + 1) - 1; }

  @Override
  public void run(Suite.Out out) {
    for (int k = 0; k < 4; k++) {
      depth = 0;
      try {
        if (k == 0) down(0); else if (k == 1) wide(1, 2, 3, 4, 5, 6, 7, 8, 0); else if (k == 2) virtualDown(0); else down(5);
        out.line("no StackOverflowError");
      } catch (StackOverflowError e) {
        out.add(depth > 500);
        out.add(e.getStackTrace()[20].getMethodName());
      }
      out.add((long) limited(300));
    }
  }
}
