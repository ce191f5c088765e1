package suite;

import java.util.concurrent.atomic.AtomicInteger;

/** new, newarray, anewarray, multianewarray: every size, cleared memory, limits, and a collector that is kept busy. */
final class Allocation implements Suite.Case {
  static class Node {
    int v;
    Node next;
    long w;
    Node(int v, Node next) { this.v = v; this.next = next; }
  }
  static class Empty {}
  static class OneByte { byte b; }
  static class Wide {
    long a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t;
    Object x, y, z;
    int last;
  }
  static class Finalized {
    static final AtomicInteger made = new AtomicInteger();
    int v;
    Finalized(int v) { this.v = v; made.incrementAndGet(); }
    @SuppressWarnings({"removal", "deprecation"})
    @Override protected void finalize() { v = -1; }
  }
  abstract static class Shape { abstract int area(); }
  static final class Square extends Shape { int a; Square(int a) { this.a = a; } int area() { return a * a; } }
  static class Late {
    static int initialized = ++Allocation.lateCount;
    int v = 5;
  }
  static class Failing {
    static final int X = fail();
    static int fail() { throw new IllegalStateException("initialiser"); }
  }
  static int lateCount;
  static Object sink;

  static Node push(int v, Node n) { return new Node(v, n); }
  static Object empty() { return new Empty(); }
  static Node chain(int n) {
    Node head = null;
    for (int i = 0; i < n; i++) head = new Node(i, head);
    return head;
  }
  static long walk(Node n) { long s = 0; for (; n != null; n = n.next) { s = s * 31 + n.v; s += n.w; } return s; }
  static int wide() {
    Wide w = new Wide();
    long zero = w.a | w.b | w.c | w.d | w.e | w.f | w.g | w.h | w.i | w.j | w.k | w.l | w.m | w.n | w.o | w.p | w.q | w.r | w.s | w.t;
    if (w.x != null || w.y != null || w.z != null || w.last != 0) return -1;
    w.last = 7;
    return zero == 0 ? w.last : -2;
  }
  static int late() { return new Late().v; }
  static Object failing() { return new Failing(); }
  static int finalized(int v) { return new Finalized(v).v; }
  static int square(int a) { Shape s = new Square(a); return s.area(); }

  static boolean[] booleans(int n) { return new boolean[n]; }
  static byte[] bytes(int n) { return new byte[n]; }
  static char[] chars(int n) { return new char[n]; }
  static short[] shorts(int n) { return new short[n]; }
  static int[] ints(int n) { return new int[n]; }
  static long[] longs(int n) { return new long[n]; }
  static float[] floats(int n) { return new float[n]; }
  static double[] doubles(int n) { return new double[n]; }
  static Object[] objects(int n) { return new Object[n]; }
  static String[] strings(int n) { return new String[n]; }
  static int[][] rows(int n) { return new int[n][]; }
  static Runnable[][] interfaces(int n) { return new Runnable[n][]; }
  static int[][] grid(int a, int b) { return new int[a][b]; }
  static String[][][] cube(int a, int b, int c) { return new String[a][b][c]; }
  static long[][][][] partly(int a, int b) { return new long[a][b][][]; }

  static int fill(int n) {
    int[] a = new int[n];
    int zero = 0;
    for (int i = 0; i < a.length; i++) { zero |= a[i]; a[i] = i * 3; }
    int s = zero == 0 ? 0 : 1 << 30;
    for (int i = 0; i < n; i++) s += a[i];
    return s + a.length;
  }
  static int booleanBits(int n, int v) { boolean[] b = new boolean[n]; for (int i = 0; i < n; i++) b[i] = (v >> i & 1) != 0; int s = 0; for (int i = 0; i < n; i++) s = s * 2 + (b[i] ? 1 : 0); return s; }
  static int literal(int x) { int[] a = {x, 2, 3, x * x}; return a[0] + a[1] * a[2] - a[3]; }
  static int fixed() { return new int[1000].length + new byte[3].length; }
  static int either(boolean c, int[] other, int n) { int[] a = c ? new int[n] : other; return a.length; }
  static long twoInARow(int v) { Node a = new Node(v, null); Node b = new Node(v + 1, a); Node c = new Node(v + 2, b); return walk(c) * 31 + a.v + b.v * 2 + c.v * 3; }
  static Object[] mixed(int v) { int[] a = new int[3]; Node b = new Node(v, null); long[] c = new long[2]; a[1] = v; c[1] = v * 5L; sink = b; Object[] r = new Object[3]; r[0] = a; r[1] = b; r[2] = c; return r; }
  static int dropped(int n) { int[] a = new int[n]; return n; }
  static int inHandler(int n) { try { return new int[n].length; } catch (NegativeArraySizeException e) { return -n; } }
  static int hugeInHandler(int n) { try { return new long[n].length; } catch (OutOfMemoryError e) { return -3; } }
  static int finallyAround(int n, int[] count) { try { return new long[n].length; } finally { count[0]++; } }
  static int[] compute(int n, long seed) {
    int[] a = new int[n];
    for (int i = 0; i < n; i++) { seed = seed * 6364136223846793005L + 1442695040888963407L; a[i] = (int) (seed >>> 33); }
    return a;
  }

  static boolean isClear(Object array) {
    for (int i = 0; i < java.lang.reflect.Array.getLength(array); i++) {
      Object e = java.lang.reflect.Array.get(array, i);
      boolean clear = e == null || e.equals(0) || e.equals(0L) || e.equals((byte) 0) || e.equals((short) 0) || e.equals((char) 0) || e.equals(0f) || e.equals(0d) || e.equals(false);
      if (!clear) return false;
    }
    return true;
  }

  static Object make(int kind, int n) {
    switch (kind) {
      case 0: return booleans(n);
      case 1: return bytes(n);
      case 2: return chars(n);
      case 3: return shorts(n);
      case 4: return ints(n);
      case 5: return longs(n);
      case 6: return floats(n);
      case 7: return doubles(n);
      case 8: return objects(n);
      case 9: return strings(n);
      case 10: return rows(n);
      default: return interfaces(n);
    }
  }

  private void everyLength(Suite.Out out) {
    int[] lengths = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 100, 1000, 5000, 40_000};
    for (int kind = 0; kind < 12; kind++) {
      for (int n : lengths) {
        if (n > 1000 && kind % 3 != 0) continue;
        Object a = make(kind, n);
        out.add(a.getClass().getName());
        out.add((long) java.lang.reflect.Array.getLength(a));
        out.add(isClear(a));
      }
      for (int n : new int[] {-1, -7, Integer.MIN_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE - 1}) {
        try {
          Object a = make(kind, n);
          // A byte array of that size could exist in a larger heap.
          out.add((long) java.lang.reflect.Array.getLength(a));
        } catch (NegativeArraySizeException e) {
          out.thrown("length " + n + " kind " + kind, e);
        } catch (OutOfMemoryError e) {
          out.add(e.getMessage());  // only the VM's first four have a stack trace
        }
      }
    }
  }

  private void grids(Suite.Out out) {
    for (int a = 0; a < 4; a++)
      for (int b = 0; b < 4; b++) {
        int[][] g = grid(a, b);
        out.add(g.getClass().getName());
        for (int[] row : g) { out.add((long) row.length); out.add(isClear(row)); }
        String[][][] c = cube(a, b, 2);
        out.add((long) c.length);
        for (String[][] plane : c) for (String[] row : plane) out.add((long) row.length);
        long[][][][] p = partly(a, b);
        for (long[][][] plane : p) { out.add((long) plane.length); out.add(isClear(plane)); }
      }
    for (int[] bad : new int[][] {{-1, 2}, {2, -1}, {-3, -4}, {0, -1}}) {
      try {
        out.add((long) grid(bad[0], bad[1]).length);
      } catch (NegativeArraySizeException e) {
        out.thrown("grid " + bad[0] + " " + bad[1], e);
      }
    }
    try {
      grid(3, Integer.MAX_VALUE);
      out.line("a grid of 24 GB");
    } catch (OutOfMemoryError e) {
      out.add(e.getMessage());
    }
  }

  private void threads(Suite.Out out) throws InterruptedException {
    long[] sums = new long[4];
    Thread[] threads = new Thread[sums.length];
    for (int t = 0; t < threads.length; t++) {
      int id = t;
      threads[t] = new Thread(() -> {
        long s = 0;
        for (int i = 0; i < 40; i++) {
          s = s * 17 + walk(chain(200 + id));
          s = s * 17 + fill(50 + i) + literal(i);
          for (int x : compute(30 + i, s)) s ^= x;
          s += grid(3, i % 5).length + cube(2, 2, i % 3)[1][1].length;
          if (i == 20 && id == 0) System.gc();
        }
        sums[id] = s;
      });
      threads[t].start();
    }
    for (Thread t : threads) t.join();
    for (long s : sums) out.add(s);
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    out.add(walk(chain(300)));
    out.add(walk(push(4, push(5, null))));
    out.add(empty() != empty());
    out.add((long) wide());
    out.add((long) late() + lateCount);
    try {
      failing();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      out.add(e instanceof Error);
    }
    for (int i = 0; i < 10; i++) out.add((long) finalized(i));
    out.add((long) square(9));
    everyLength(out);
    grids(out);
    for (int n = 0; n < 70; n += 7) {
      out.add((long) fill(n));
      out.add((long) booleanBits(n % 30, n * 12345));
      out.add((long) literal(n));
      out.add((long) either(n % 2 == 0, new int[n + 1], n));
      out.add(twoInARow(n));
      Object[] m = mixed(n);
      out.add((long) ((int[]) m[0])[1] + ((Node) m[1]).v + ((long[]) m[2])[1]);
      out.add((long) inHandler(n - 20));
    }
    for (int n : new int[] {3, Integer.MAX_VALUE, 4}) out.add((long) hugeInHandler(n));
    out.add((long) fixed());
    out.add((long) dropped(5));
    try {
      out.add((long) dropped(-5));
    } catch (NegativeArraySizeException e) {
      out.thrown("dropped", e);
    }
    int[] count = new int[1];
    for (int n = -3; n < 3; n++) {
      try {
        out.add((long) finallyAround(n, count));
      } catch (NegativeArraySizeException e) {
        out.thrown("finally", e);
      }
    }
    out.add((long) count[0]);
    threads(out);
  }
}
