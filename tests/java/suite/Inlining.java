package suite;

/**
 * Small methods that stand in place of their calls: traps, exceptions, collections and class loading inside them, with
 * the frames of all callers as the interpreter has them.
 */
final class Inlining implements Suite.Case {
  static class Point {
    private int x;
    private long y;
    private double z;
    Point next;

    Point(int x, long y, double z) { this.x = x; this.y = y; this.z = z; }

    int x() { return x; }
    long y() { return y; }
    double z() { return z; }
    void move(int by) { x += by; y -= by; z *= 0.5; }
    Point next() { return next; }
    final int sum() { return x() + (int) y(); }
    int scale(int by) { return x * by; }
    boolean isOdd() { return (x & 1) != 0; }
    byte low() { return (byte) (x * 77); }
    char asChar() { return (char) y; }
    short asShort() { return (short) (y + x); }
    float asFloat() { return (float) z; }
  }

  static class Base {
    final int a;
    Base(int a) { this.a = a; }
  }

  static class Derived extends Base {
    final Point p;
    final long b;
    Derived(int a, Point p) { super(a + 1); this.p = p; this.b = p.y() * a; }
    long total() { return a + b + p.x(); }
  }

  static class Counted {
    static volatile int finalized;
    final int[] ballast = new int[3];
    @Override protected void finalize() { synchronized (Counted.class) { finalized++; } }
  }

  static final class CountedToo extends Counted {
    final int more;
    CountedToo(int more) { this.more = more; }
  }

  // Accessors in loops.
  static long accessors(Point p, int n) {
    long s = 0;
    for (int i = 0; i < n; i++) {
      s = s * 31 + p.x() + p.y() + (long) p.z() + p.sum() + p.scale(i) + (p.isOdd() ? 3 : 5) + p.low() + p.asChar() + p.asShort() + (long) p.asFloat();
      p.move(i & 7);
    }
    return s;
  }

  // A trap three frames down, with live values of every kind in every frame.
  static int element(int[] a, int i) { return a[i]; }
  static int half(int[] a, int i, int d) { return element(a, i) / d; }
  static long mixed(long l, int[] a, int i, int d, double x) { return l * 3 + half(a, i, d) + (long) (x * l); }
  static double deep(int[] a, int n, int badIndex, int badDivisor) {
    long l = 7; double x = 0.25; float f = 1.5f; byte b = 3; Object o = a;
    for (int i = 0; i < n; i++) {
      try {
        l = mixed(l, a, i == badIndex ? a.length + i : i % a.length, i == badDivisor ? 0 : 3, x);
      } catch (ArrayIndexOutOfBoundsException e) {
        l -= e.getStackTrace()[0].getLineNumber() + b;
      } catch (ArithmeticException e) {
        l += e.getStackTrace().length > 0 ? f > 0 && o == a ? 5 : 6 : 7;
      }
      x = x * 0.75 + l % 5; f += 0.25f; b += 5;
    }
    return l % 100003 + x + f + b;
  }

  static int chase(Point p) { return p.next().next().x() + p.next().sum(); }

  // Handlers in the callee, in its caller, in both.
  static int thrower(int i) {
    if (i % 4 == 0) throw new IllegalStateException("a " + i + " of more than a few bytes of code");
    if (i % 4 == 1) throw new IllegalArgumentException("b " + i + " of more than a few bytes of code");
    return i * 3 + (i % 5 == 0 ? 11 : 13) - (i > 1000 ? i / 7 : i / 9);
  }
  static int guarded(int i) { try { return thrower(i); } catch (IllegalStateException e) { return -i; } }
  static int passes(int i) { return thrower(i) + 1; }
  static int rethrows(int i) { try { return passes(i); } finally { count++; } }
  static int count;
  static int outer(int i) { try { return guarded(i) + rethrows(i + 2); } catch (IllegalArgumentException e) { return -2 * i; } }
  static int uncaught(int i) { return passes(i) + guarded(i + 1); }
  static void check(boolean ok, int i) { if (!ok) throw new IndexOutOfBoundsException(i); }
  static int checked(int i, int n) { check(i < n, i); return i; }

  // Recursion, direct and through another; depth is not exact, the result is.
  static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
  static boolean even(int n) { return n == 0 || odd(n - 1); }
  static boolean odd(int n) { return n != 0 && even(n - 1); }
  static int endless(Point p, int n) { return step(p, n) + 1; }
  static int step(Point p, int n) { return p.x() < 0 ? n : endless(p, n + 1); }

  // The only implementation, until another class is loaded while the loop runs.
  abstract static class Shape {
    abstract int area(int side);
    int twice(int side) { return 2 * area(side); }
  }
  static final class Square extends Shape {
    @Override int area(int side) { return side * side; }
  }
  static final class Late extends Shape {
    @Override int area(int side) { return side + 1; }
    @Override int twice(int side) { return area(side) - 1; }
  }
  static long shapes(Shape[] shapes, int n, int when) {
    long s = 0;
    for (int i = 0; i < n; i++) {
      if (i == when) shapes[1] = new Late();
      s = s * 7 + shapes[i & 1].twice(i);
    }
    return s;
  }

  // Collections while objects live in the frames of several inlined methods only.
  static Point collected(int i) { if ((i & 63) == 0) System.gc(); return new Point(i, i + 1, i * 0.5); }
  static Point linked(int i) { Point p = collected(i); p.next = collected(i + 1); return p; }
  static long chain(int n) {
    long s = 0;
    for (int i = 0; i < n; i++) { Point p = linked(i); p.next.next = linked(i + 64); s = s * 3 + chase(p) + p.next().next().sum(); }
    return s;
  }

  static long build(int n) {
    long s = 0;
    Point p = new Point(1, 2, 3);
    for (int i = 0; i < n; i++) { Derived d = new Derived(i, p); p.move(1); s += d.total() ^ i; }
    return s;
  }
  static int makeFinalized(int n) { int s = 0; for (int i = 0; i < n; i++) s += new Counted().ballast.length + new CountedToo(i).more; return s; }

  static int initialised(int n, boolean touch) { int s = n; if (touch) s += Lazy.twice(n); return s; }
  static final class Lazy {
    static int factor = 2;
    static { factor += order++; }
    static int twice(int n) { return n * factor; }
  }
  static int order = 1;

  @Override
  public void run(Suite.Out out) throws Throwable {
    out.add(accessors(new Point(3, 1L << 40, 1e9), 3000));
    int[] a = {3, 1, 4, 1, 5, 9, 2, 6};
    for (int bad : new int[] {-1, -1, 700, -1, 3}) out.add(deep(a, 1200, bad, bad + 20));
    try { out.add(mixed(1, a, 8, 1, 2)); } catch (ArrayIndexOutOfBoundsException e) { out.thrown("mixed", e); }
    try { out.add(mixed(1, null, 8, 1, 2)); } catch (NullPointerException e) { out.thrown("mixed null", e); }
    try { out.add(mixed(1, a, 2, 0, 2)); } catch (ArithmeticException e) { out.thrown("mixed zero", e); }
    Point p = new Point(1, 2, 3);
    p.next = new Point(4, 5, 6);
    for (int i = 0; i < 300; i++) {
      p.next.next = i % 50 == 49 ? null : p;
      try { out.add((long) chase(p)); } catch (NullPointerException e) { out.thrown("chase", e); }
    }
    for (int i = 0; i < 300; i++) {
      try { out.add((long) outer(i)); } catch (RuntimeException e) { out.thrown("outer " + i, e); }
      try { out.add((long) uncaught(i)); } catch (RuntimeException e) { out.thrown("uncaught " + i, e); }
      try { out.add((long) checked(i, 250)); } catch (RuntimeException e) { out.thrown("checked " + i, e); }
    }
    count = 0;
    out.add((long) fib(15));
    out.add(even(500) && !odd(500));
    try { out.add((long) endless(p, 0)); } catch (StackOverflowError e) { out.add("overflow"); }
    out.add(shapes(new Shape[] {new Square(), new Square()}, 2000, -1));
    out.add(shapes(new Shape[] {new Square(), new Square()}, 2000, 1500));
    out.add(chain(200));
    out.add(build(2000));
    Counted.finalized = 0;
    out.add((long) makeFinalized(300));
    for (int i = 0; i < 200 && Counted.finalized < 600; i++) { System.gc(); System.runFinalization(); }
    out.add((long) Counted.finalized);
    for (int i = 0; i < 400; i++) out.add((long) initialised(i, i > 390));
  }
}
