package suite;

/** Loops that run so long that their method is replaced while it runs: locals of every type, dead ones, loops in loops, handlers around them. */
final class LoopEntries implements Suite.Case {
  int field = 3;
  static int ticks;

  static long types(int n, long a, float f, double d, byte b, Object o, int[] t) {
    long sum = a;
    int unused = n * 3;
    double other = d / 3;
    char c = 'a';
    for (int i = 0; i < n; i++) {
      sum += i * 31L + b + c + t[i & 3];
      f += 0.5f;
      d -= 0.25;
      c++;
      if ((i & 1023) == 0 && o == null) sum++;
    }
    return sum + (long) f + (long) d + (long) other + (o == null ? 1 : o == t ? 2 : 3) + unused;
  }
  static int nested(int n, int m) {
    int s = 1;
    for (int i = 0; i < n; i++) {
      int k = i * 7;
      for (int j = 0; j < m; j++) { s = s * 31 + j + k; if ((s & 0xff) == 7) k++; }
      for (int j = m; j > 0; j--) s ^= j + k;
      s += k;
    }
    return s;
  }
  static int whileLoop(int[] t, int n) { int i = 0; int s = 0; while (i < n) { s += t[i % t.length]; i++; } return s; }
  static int doLoop(int n) { int i = 0; int s = 0; do { s = s * 17 + i; } while (++i < n); return s; }
  int instance(int n) { int s = 0; for (int i = 0; i < n; i++) { s += field ^ i; if (i == n / 2) field++; } return s; }
  static int inTry(int[] t, int n) {
    int s = 0;
    int i = 0;
    try { for (; ; i++) { s += t[i]; s ^= i; } } catch (ArrayIndexOutOfBoundsException e) { s += i; }
    int caught = 0;
    for (int k = 0; k < n; k++) { try { s += tick(k); } catch (IllegalStateException e) { caught++; } }
    return s + caught;
  }
  static int tick(int k) { ticks++; if (k % 1000 == 999) throw new IllegalStateException("tick"); return k & 3; }
  static long longLoop(long from, long to) { long s = 0; for (long i = from; i != to; i++) s += i ^ (s << 1); return s; }
  static int afterLoop(int n, Object o) { int s = 0; for (int i = 0; i < n; i++) s += i; String text = "x" + s; return text.length() + o.toString().length(); }
  static int calls(int n, Object keep) { int s = 0; Object p = keep; for (int i = 0; i < n; i++) { s += same(p) == keep ? 1 : 100; if ((i & 4095) == 0) p = same(keep); } return s; }
  static Object same(Object o) { return o; }

  @Override
  public void run(Suite.Out out) {
    int[] t = {4, 5, 6, 7};
    ticks = 0;
    for (int n : new int[] {0, 1, 10, 30000}) {
      out.add(types(n, n * 10000000019L, 1.5f, n / 7.0, (byte) n, n == 10 ? null : t, t));
      out.add((long) nested(n / 100, n / 100 + 5));
      out.add((long) whileLoop(t, n));
      out.add((long) doLoop(n));
      LoopEntries x = new LoopEntries();
      out.add((long) x.instance(n) + x.field);
      int[] filled = new int[n];
      for (int i = 0; i < n; i++) filled[i] = i * i;
      out.add((long) inTry(filled, n));
      out.add(longLoop(n, n * 3L));
      out.add((long) afterLoop(n, "object"));
      out.add((long) calls(n, t));
    }
    out.add((long) ticks);
  }
}
