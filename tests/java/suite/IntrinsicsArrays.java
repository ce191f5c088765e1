package suite;

import java.util.Objects;

/** Copies and comparisons of arrays and strings: overlaps, bounds, classes that fit, fit in part, or do not. */
final class IntrinsicsArrays implements Suite.Case {
  static class A { final int n; A(int n) { this.n = n; } public String toString() { return "A" + n; } }
  static class B extends A { B(int n) { super(n); } }
  static class Cloned implements Cloneable {
    int x = 5; int[] a = {1};
    Cloned copy() throws CloneNotSupportedException { return (Cloned) clone(); }
  }
  static class NotCloneable { Object copy() throws CloneNotSupportedException { return clone(); } }

  static void copy(Object a, int i, Object b, int j, int n) { System.arraycopy(a, i, b, j, n); }
  static void copyBytes(byte[] a, int i, byte[] b, int j, int n) { System.arraycopy(a, i, b, j, n); }
  static void copyObjects(Object[] a, int i, Object[] b, int j, int n) { System.arraycopy(a, i, b, j, n); }
  static Object cloned(int[] a) { return a.clone(); }
  static long[] cloned(long[] a) { return a.clone(); }
  static byte[] cloned(byte[] a) { return a.clone(); }
  static Object[] cloned(Object[] a) { return a.clone(); }
  static int[][] cloned(int[][] a) { return a.clone(); }
  static byte[] resized(byte[] a, int n) { return java.util.Arrays.copyOf(a, n); }
  static int[] resized(int[] a, int n) { return java.util.Arrays.copyOf(a, n); }
  static Object[] resized(Object[] a, int n) { return java.util.Arrays.copyOf(a, n); }
  static <T> T[] resized(Object[] a, int n, Class<? extends T[]> c) { return java.util.Arrays.copyOf(a, n, c); }
  static Object[] range(Object[] a, int i, int j) { return java.util.Arrays.copyOfRange(a, i, j); }
  static byte[] range(byte[] a, int i, int j) { return java.util.Arrays.copyOfRange(a, i, j); }
  static boolean equal(byte[] a, byte[] b) { return java.util.Arrays.equals(a, b); }
  static boolean equal(char[] a, char[] b) { return java.util.Arrays.equals(a, b); }
  static boolean equal(int[] a, int[] b) { return java.util.Arrays.equals(a, b); }
  static int hash(byte[] a) { return java.util.Arrays.hashCode(a); }
  static int mismatch(byte[] a, byte[] b) { return java.util.Arrays.mismatch(a, b); }
  static void fill(short[] a, int i, int j, short x) { java.util.Arrays.fill(a, i, j, x); }
  static int index(int i, int n) { return Objects.checkIndex(i, n); }
  static boolean same(String a, String b) { return a.equals(b); }
  static int order(String a, String b) { return a.compareTo(b); }
  static int find(String a, String b) { return a.indexOf(b) * 1000 + a.indexOf(b.isEmpty() ? 'x' : b.charAt(0)); }
  static String text(byte[] a, int i, int n) { return new String(a, i, n, java.nio.charset.StandardCharsets.UTF_8); }
  static byte[] bytes(String s) { return s.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1); }
  static byte[] utf8(String s) { return s.getBytes(java.nio.charset.StandardCharsets.UTF_8); }
  static String joined(String a, char c, String b) { return new StringBuilder().append(a).append(c).append(b).reverse().toString(); }
  static int reflected(Object a) { return java.lang.reflect.Array.getLength(a); }
  /** Grows as ArrayList does; old and new objects meet collections in between. */
  static A[] grown(A[] a, int n) { for (int k = 0; k < n; k++) { a = java.util.Arrays.copyOf(a, a.length + 1); a[a.length - 1] = new A(k); } return a; }
  static int shifted(int[] a, int n) { for (int k = 0; k < n; k++) { System.arraycopy(a, 0, a, 1, a.length - 1); a[0] = k; } return hashOf(a); }
  static int hashOf(int[] a) { int h = 1; for (int x : a) h = 31 * h + x; return h; }

  private interface Action { Object run() throws Throwable; }
  private static void attempt(Suite.Out out, String what, Action action) {
    try { out.add(what); out.add(shown(action.run())); } catch (Throwable t) { out.thrown(what, t); }
  }
  static String shown(Object o) {
    if (o == null) return "null";
    if (o instanceof Object[]) return o.getClass().getName() + java.util.Arrays.deepToString((Object[]) o);
    if (o instanceof byte[]) return java.util.Arrays.toString((byte[]) o);
    if (o instanceof char[]) return java.util.Arrays.toString((char[]) o);
    if (o instanceof short[]) return java.util.Arrays.toString((short[]) o);
    if (o instanceof int[]) return java.util.Arrays.toString((int[]) o);
    if (o instanceof long[]) return java.util.Arrays.toString((long[]) o);
    if (o instanceof double[]) return java.util.Arrays.toString((double[]) o);
    if (o instanceof boolean[]) return java.util.Arrays.toString((boolean[]) o);
    return o.toString();
  }

  static Object make(int kind, int n) {
    switch (kind) {
      case 0: { byte[] a = new byte[n]; for (int i = 0; i < n; i++) a[i] = (byte) (i * 7); return a; }
      case 1: { char[] a = new char[n]; for (int i = 0; i < n; i++) a[i] = (char) (i * 7777); return a; }
      case 2: { int[] a = new int[n]; for (int i = 0; i < n; i++) a[i] = i * 777777; return a; }
      case 3: { long[] a = new long[n]; for (int i = 0; i < n; i++) a[i] = i * 77777777777L; return a; }
      case 4: { double[] a = new double[n]; for (int i = 0; i < n; i++) a[i] = i / 7.0; return a; }
      case 5: { boolean[] a = new boolean[n]; for (int i = 0; i < n; i++) a[i] = i % 3 == 0; return a; }
      case 6: { Object[] a = new Object[n]; for (int i = 0; i < n; i++) a[i] = i % 4 == 3 ? null : i % 2 == 0 ? new A(i) : "s" + i; return a; }
      case 7: { A[] a = new A[n]; for (int i = 0; i < n; i++) a[i] = i % 2 == 0 ? new A(i) : new B(i); return a; }
      case 8: { B[] a = new B[n]; for (int i = 0; i < n; i++) a[i] = new B(i); return a; }
      case 9: { int[][] a = new int[n][]; for (int i = 0; i < n; i++) a[i] = new int[] {i}; return a; }
      case 10: return null;
      default: return "no array";
    }
  }

  @Override
  public int rounds() { return Math.min(12, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) throws Throwable {
    int[][] places = {{0, 0, 0}, {0, 0, 1}, {1, 2, 3}, {2, 1, 3}, {0, 0, 40}, {0, 5, 35}, {5, 0, 35}, {40, 40, 0}, {41, 0, 0}, {0, 41, 0}, {-1, 0, 1}, {0, -1, 1}, {0, 0, -1},
      {0, 0, 41}, {Integer.MAX_VALUE, 0, 1}, {1, 0, Integer.MAX_VALUE}, {Integer.MIN_VALUE, 0, 1}};
    for (int from = 0; from < 12; from++)
      for (int to = 0; to < 12; to++)
        for (int[] p : places) {
          Object a = make(from, 40);
          Object b = from == to && p[2] > 3 ? a : make(to, 40);
          try { copy(a, p[0], b, p[1], p[2]); } catch (RuntimeException e) { out.add(e.getClass().getName()); out.add(String.valueOf(e.getMessage())); }
          out.add(shown(a)); out.add(shown(b));
        }
    Suite.disturb(1);
    for (int n : new int[] {0, 1, 7, 8, 31, 32, 33, 63, 64, 65, 100, 1000}) {
      byte[] a = (byte[]) make(0, n), b = new byte[n + 3];
      copyBytes(a, 0, b, 3, n);
      out.add((long) hash(b));
      copyBytes(b, 3, b, 0, n);
      out.add((long) hash(b));
      copyBytes(b, 0, b, 2, n);
      out.add((long) hash(b));
      out.add(equal(a, cloned(a))); out.add(equal(a, b)); out.add((long) mismatch(a, resized(b, n)));
      for (int k = 0; k < n; k += 1 + n / 9) { byte[] c = cloned(a); c[k]++; out.add(equal(a, c)); out.add((long) mismatch(a, c)); }
      char[] c = (char[]) make(1, n);
      char[] d = c.clone();
      out.add(equal(c, d));
      if (n > 0) { d[n - 1]++; out.add(equal(c, d)); }
      int[] i = (int[]) make(2, n);
      out.add((long) hashOf((int[]) cloned(i))); out.add((long) hashOf(resized(i, n + 2))); out.add((long) hashOf(resized(i, n / 2))); out.add(equal(i, resized(i, n)));
      out.add(shown(cloned((long[]) make(3, n))).hashCode());
      for (int kind = 6; kind < 9; kind++) {
        Object[] o = (Object[]) make(kind, n);
        out.add(shown(cloned(o))); out.add(shown(resized(o, n + 1))); out.add(shown(resized(o, n / 2))); out.add(shown(range(o, n / 3, n + 2)));
        out.add(cloned(o) != o && (n == 0 || cloned(o)[0] == o[0]));
      }
      out.add(shown(cloned((int[][]) make(9, n))));
      short[] s = new short[n];
      fill(s, n / 4, n / 2, (short) -3);
      out.add(shown(s));
    }
    out.add(equal((byte[]) null, null)); out.add(equal(new byte[0], (byte[]) null)); out.add(equal((byte[]) null, new byte[0])); out.add(equal((char[]) null, new char[1]));
    attempt(out, "copyOf negative", () -> resized(new Object[2], -1));
    attempt(out, "copyOf null", () -> resized((Object[]) null, 1));
    attempt(out, "copyOf class", () -> resized(new Object[] {new B(1), new B(2)}, 3, B[].class));
    attempt(out, "copyOf other class", () -> resized(new Object[] {new B(1), "x"}, 3, B[].class));
    attempt(out, "copyOf wider", () -> resized(new B[] {new B(1)}, 2, Object[].class));
    attempt(out, "copyOf no class", () -> resized(new B[1], 1, null));
    attempt(out, "copyOfRange", () -> range(new byte[3], 2, 1));
    attempt(out, "clone null", () -> cloned((int[]) null));
    attempt(out, "clone", () -> { Cloned c = new Cloned(); Cloned d = c.copy(); return "" + (c != d && c.a == d.a && d.x == 5); });
    attempt(out, "not cloneable", () -> new NotCloneable().copy());
    attempt(out, "copy null", () -> { copyBytes(null, 0, new byte[1], 0, 1); return ""; });
    attempt(out, "copy in part", () -> { A[] to = new A[4]; try { copyObjects(new Object[] {new A(1), new B(2), "x", new A(3)}, 0, to, 0, 4); } catch (ArrayStoreException e) { out.add(e.getMessage()); } return to; });
    attempt(out, "index", () -> index(3, 4) + index(0, 1));
    attempt(out, "index high", () -> index(4, 4));
    attempt(out, "index negative", () -> index(-1, 4));
    attempt(out, "index of nothing", () -> index(0, -5));
    for (int kind = 0; kind < 12; kind++) { int k = kind; attempt(out, "length", () -> reflected(make(k, 13))); }
    String[] texts = {"", "a", "abc", "abd", "\u00e4\u00f6", "\u4e2d\u6587", "abc\u4e2d", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy", "\ud83d\ude00!"};
    for (String a : texts) {
      byte[] u = utf8(a);
      out.add(text(u, 0, u.length)); out.add(shown(bytes(a)));
      attempt(out, "text", () -> text(u, 1, u.length));
      for (String b : texts) { out.add(same(a, new String(b))); out.add((long) order(a, b)); out.add((long) find(a + b, b)); out.add(joined(a, '-', b)); }
    }
    attempt(out, "null text", () -> text(null, 0, 1));
    A[] grown = grown(new A[0], 100);
    out.add(shown(grown));
    Suite.disturb(2);
    out.add(shown(grown)); out.add((long) shifted(new int[50], 60));
  }
}
