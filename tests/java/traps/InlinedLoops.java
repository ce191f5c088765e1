package traps;

import static traps.Trap.HOT;

/** Counted loops with calls in them that are inlined or become instructions: what a callee does counts as the loop's. */
final class InlinedLoops {
  static final class Cell {
    int limit = 40, n;
    int[] data = new int[64];

    void step(int i) { n += i; if ((i & 7) == 7) limit--; }
    int get(int i) { return data[i]; }
    void put(int i, int v) { data[i] = v; }
    void grow(int i) { if (i >= data.length) data = java.util.Arrays.copyOf(data, i * 2); data[i] = i; }
    Cell self() { return this; }
  }

  static int fieldOfCallee(Cell c) { int turns = 0; for (int i = 0; i < c.limit; i++) { c.step(i); turns++; } return turns; }
  /** The callee writes the field that bounds the loop. */
  static void fieldOfCallee(Trap t) {
    for (int i = 0; i < HOT; i++) { Cell c = new Cell(); c.limit = i % 50; t.add(fieldOfCallee(c)); }
    Cell c = new Cell();
    c.limit = 8000;
    t.same(countedSlowly(8000), fieldOfCallee(c));
    t.add(c.n);
  }
  private static int countedSlowly(int limit) { int i = 0; while (i < limit) { if ((i & 7) == 7) limit--; i++; } return i; }

  static int total;
  static void addTo(int v) { total += v; }
  static int staticOfCallee(int n) { int s = 0; for (int i = 0; i < n; i++) { addTo(i); s += total; } return s; }
  /** The callee writes the static field that the loop reads. */
  static void staticOfCallee(Trap t) {
    for (int i = 0; i < HOT; i++) { total = 0; t.add(staticOfCallee(i)); }
    total = 5;
    t.same(5 + 6 + 8 + 11, staticOfCallee(4));
  }

  static int arrayOfCallee(Cell c, int n) { int s = 0; for (int i = 0; i < n; i++) { c.grow(i); s += c.data[i] + c.data.length; } return s; }
  /** The callee replaces the array that the loop indexes. */
  static void arrayOfCallee(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(arrayOfCallee(new Cell(), i % 60));
    t.add(arrayOfCallee(new Cell(), 500));
    Cell c = new Cell();
    t.add(arrayOfCallee(c, 5000));
    t.same(4999, c.data[4999]);
  }

  static int reached;
  static int indexInCallee(Cell c, int from, int to) { int s = 0; for (int i = from; i < to; i++) { s += c.get(i); reached = i; } return s; }
  /** The index check of the callee fails in the middle of the loop. */
  static void indexInCallee(Trap t) {
    Cell c = new Cell();
    for (int i = 0; i < 64; i++) c.data[i] = i * i;
    for (int i = 0; i < HOT; i++) t.add(indexInCallee(c, i % 5, 60));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> indexInCallee(c, 10, 100));
    t.same(63, reached);
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> indexInCallee(c, -1, 10));
    t.same(63, reached);
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> indexInCallee(c, Integer.MAX_VALUE - 2, Integer.MAX_VALUE));
    c.data = null;
    t.thrown(NullPointerException.class, () -> indexInCallee(c, 0, 10));
    t.same(0, indexInCallee(c, 10, 10));
  }

  static int twice(Cell c, int n) { int s = 0; for (int i = 0; i < n; i++) s += c.get(i) * 3 - c.get(i + 5); return s; }
  /** One callee at two places of the loop, with two indices. */
  static void twice(Trap t) {
    Cell c = new Cell();
    for (int i = 0; i < 64; i++) c.data[i] = i * 7;
    for (int i = 0; i < HOT; i++) t.add(twice(c, i % 59));
    t.add(twice(c, 59));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> twice(c, 60));
  }

  static int inner(int[] a, int i) { return a[i] + 1; }
  static int outer(int[] a, int i, int k) { return inner(a, i) * inner(a, i + k); }
  static int nested(int[] a, int k) { int s = 0; for (int i = 0; i < a.length - k; i++) s += outer(a, i, k); return s; }
  /** Callees of callees, with an offset that comes from outside. */
  static void nested(Trap t) {
    int[] a = new int[100];
    for (int i = 0; i < a.length; i++) a[i] = i ^ 21;
    for (int i = 0; i < HOT; i++) t.add(nested(a, i % 30));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> nested(a, -1));
    t.thrown(NullPointerException.class, () -> nested(null, 1));
    t.same(0, nested(new int[3], 3));
  }

  static int rare;
  static int unseen(int v) { if (v == 70_000) rare++; return v & 15; }
  static int neverSeen(int n) { int s = 0; for (int i = 0; i < n; i++) s += unseen(i); return s; }
  /** A branch of the callee that was never taken, on the counter itself, happens late in the loop. */
  static void neverSeen(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(neverSeen(i));
    rare = 0;
    t.add(neverSeen(100_000));
    t.same(1, rare);
    t.add(neverSeen(70_001));
    t.same(2, rare);
  }

  static int bounded(int i, int length) { if (i < 0 || i >= length) throw new IllegalArgumentException("index " + i + " of " + length); return i; }
  static int boundsOfCallee(byte[] a, int from, int to) { int s = 0; for (int i = from; i < to; i++) s += a[bounded(i, a.length)]; return s; }
  /** Checks of the callee's own, as String.charAt has them. */
  static void boundsOfCallee(Trap t) {
    byte[] a = new byte[90];
    for (int i = 0; i < a.length; i++) a[i] = (byte) (i * 3);
    for (int i = 0; i < HOT; i++) t.add(boundsOfCallee(a, i % 9, 80));
    t.thrown(IllegalArgumentException.class, () -> boundsOfCallee(a, 3, 91));
    t.thrown(IllegalArgumentException.class, () -> boundsOfCallee(a, -1, 9));
    t.thrown(NullPointerException.class, () -> boundsOfCallee(null, 1, 9));
    t.add(boundsOfCallee(a, 0, 90));
  }

  static int letters(String s, int from, int to) { int h = 0; for (int i = from; i < to; i++) h = h * 31 + s.charAt(i); return h; }
  /** Characters of strings of both encodings, and behind their ends. */
  static void letters(Trap t) {
    String latin = "the quick brown fox jumps over the lazy dog", wide = "\u0416" + latin;
    for (int i = 0; i < HOT; i++) t.add(letters(latin, i % 7, 40));
    for (int i = 0; i < HOT; i++) t.add(letters(wide, i % 7, 40));
    t.thrown(StringIndexOutOfBoundsException.class, () -> letters(latin, 0, 60));
    t.thrown(StringIndexOutOfBoundsException.class, () -> letters(wide, -2, 60));
    t.thrown(NullPointerException.class, () -> letters(null, 0, 1));
    t.same(latin.hashCode(), letters(latin, 0, latin.length()));
  }

  static double roots(double[] x, double[] y) { double s = 0; for (int i = 0; i < x.length; i++) { y[i] = Math.sqrt(Math.abs(x[i])) / (1 + y[i] * y[i]); s += Math.max(x[i], y[i]); } return s; }
  /** Intrinsics that are instructions: roots of negative numbers, zeros, what is no number. */
  static void roots(Trap t) {
    double[] odd = {0.0, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.MIN_VALUE, -4, 9, 1e300, -1e-300};
    for (int i = 0; i < HOT; i++) {
      double[] x = new double[i % 40], y = new double[x.length];
      for (int k = 0; k < x.length; k++) { x[k] = odd[(k + i) % odd.length] + k * 0.5; y[k] = k - 3; }
      t.add(roots(x, y));
      for (double v : y) t.add(v);
    }
    t.same(Double.NaN, roots(odd, new double[odd.length]));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> roots(odd, new double[4]));
  }

  static int bits(int[] a, long[] b) { int s = 0; for (int i = 0; i < a.length; i++) s += Integer.bitCount(a[i]) * Long.numberOfTrailingZeros(b[i]) + Integer.numberOfLeadingZeros(a[i]) - Integer.reverseBytes(a[i]); return s; }
  /** Integer intrinsics in lanes. */
  static void bits(Trap t) {
    for (int i = 0; i < HOT; i++) {
      int[] a = new int[i % 50];
      long[] b = new long[a.length];
      for (int k = 0; k < a.length; k++) { a[k] = (k * 0x9e3779b9) >> k; b[k] = (long) a[k] << k; }
      t.add(bits(a, b));
    }
    t.same(32, bits(new int[] {0}, new long[] {0}));
  }

  interface Shape { int area(int i); }
  record Square(int side) implements Shape { public int area(int i) { return side * side + i; } }
  record Strip(int[] widths) implements Shape { public int area(int i) { return widths[i]; } }
  record Late(int x) implements Shape { public int area(int i) { rare++; return x; } }
  static int receivers(Shape[] shapes, int n) { int s = 0; for (int i = 0; i < n; i++) s += shapes[i % shapes.length].area(i % 5); return s; }
  /** Two classes of receivers, then a third, then null. */
  static void receivers(Trap t) {
    Shape[] shapes = {new Square(3), new Strip(new int[] {1, 2, 3, 4, 5}), new Square(4)};
    for (int i = 0; i < HOT; i++) t.add(receivers(shapes, i));
    rare = 0;
    shapes[1] = new Late(7);
    t.add(receivers(shapes, 90));
    t.same(30, rare);
    shapes[1] = null;
    t.thrown(NullPointerException.class, () -> receivers(shapes, 90));
    shapes[1] = new Strip(new int[2]);
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> receivers(shapes, 90));
  }

  static int oneReceiver(Cell[] cells, int k) { int s = 0; for (int i = 0; i < cells.length; i++) s += cells[i].self().get(k); return s; }
  /** A null among the receivers, late. */
  static void oneReceiver(Trap t) {
    Cell[] cells = new Cell[50];
    java.util.Arrays.setAll(cells, i -> new Cell());
    for (int i = 0; i < 50; i++) cells[i].put(i % 64, i);
    for (int i = 0; i < HOT; i++) t.add(oneReceiver(cells, i % 64));
    cells[37] = null;
    t.thrown(NullPointerException.class, () -> oneReceiver(cells, 3));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> oneReceiver(new Cell[] {new Cell()}, 64));
  }

  static void narrowing(byte[] a, Cell c) { for (int i = 0; i < a.length; i++) { c.put(i, a[i]); a[i] = (byte) mixed(a[i], c.n); } }
  private static int mixed(int a, int b) { return a * 31 ^ b >> 3; }
  /** Narrow types through a callee; its array may be too short. */
  static void narrowing(Trap t) {
    Cell c = new Cell();
    for (int i = 0; i < HOT; i++) { byte[] a = new byte[i % 64]; c.n = i; for (int k = 0; k < a.length; k++) a[k] = (byte) (k * 11); narrowing(a, c); t.add(java.util.Arrays.hashCode(a)); t.add(java.util.Arrays.hashCode(c.data)); }
    byte[] a = new byte[80];
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { narrowing(a, c); return 0; });
    t.add(java.util.Arrays.hashCode(a));
  }

  static volatile int seen;
  static int published(int i) { seen = i; return seen; }
  static int volatileOfCallee(int[] a) { int s = 0; for (int i = 0; i < a.length; i++) s += a[i] + published(i); return s; }
  /** A volatile field in the callee: nothing moves out of such a loop. */
  static void volatileOfCallee(Trap t) {
    int[] a = {3, 1, 4, 1, 5};
    for (int i = 0; i < HOT; i++) t.same(24, volatileOfCallee(a));
    t.same(4, seen);
  }

  static int caught(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) s += checked(a, i); return s; }
  private static int checked(int[] a, int i) { try { return a[i]; } catch (ArrayIndexOutOfBoundsException e) { return -1; } }
  /** The callee catches its own exception. */
  static void caught(Trap t) {
    int[] a = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.same(i <= 3 ? i * (i + 1) / 2 : 9 - i, caught(a, i));
    t.thrown(NullPointerException.class, () -> caught(null, 1));
  }
}
