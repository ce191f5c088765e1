// Does code that was made by hand run as the code of a method? Each check calls a method until its code is installed, then
// compares with the interpreter's answer. The probe library (probe_library.cpp) knows the methods by name.
public class InstallProbe {
  static class Base {
    int f = 5;
    int m(int k) { return f + k; }
  }
  static class Sub extends Base {
    int m(int k) { return f + k + 1; }
  }
  static class Sub2 extends Base implements Shape {
    int m(int k) { return f + k + 2; }
    public int area(int k) { return f * k; }
  }
  interface Shape { int area(int k); }
  static class Square implements Shape {
    public int area(int k) { return k * k; }
  }
  static class Line implements Shape {
    public int area(int k) { return -k; }
  }

  static int answer(int i) { return i + i + i + i; }  // the installed code says 42
  static int spin(int[] a, int n) {
    int s = 0;
    for (int i = 0; i < n; i++) s = s * 31 + a[i & 1];
    return s;
  }
  static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
  static int helper(int i) {
    if ((i & 0x3fff) == 0) System.gc();
    return i * 3;
  }
  static int work(int[] a, int[] b, int i) {
    int r = helper(i);
    if (i < 0) r += 1000;
    return r + a[0] + b[0] * a[1];
  }
  static int derived(int[] a, int i) { return helper(i) + a[0]; }
  static String mixed(int i, long l, float f, double d, Object o, Object n) {
    return i + " " + l + " " + f + " " + d + " " + o + " " + n;
  }
  static String constant(int i, long l, float f, double d, Object o, Object n) {
    return i + " " + l + " " + f + " " + d + " " + o + " " + n;
  }
  static int callVirtual(Base b, int k) { return b.m(k) + 1; }
  static int callInterface(Shape s, int k) { return s.area(k) + 1; }
  static int thrower(int i) {
    if (i < 0) throw new IllegalStateException("i=" + i);
    return i;
  }
  static int padded(int i) { return thrower(i) + 1; }
  static int unpadded(int i) { return thrower(i) + 2; }
  static int tail(int a, long b, int c, long d, int e, long f, int g, long h, Object o) {
    if (o == null) throw new NullPointerException();
    return g + (int) h;
  }
  static int passTail(Object o, int g, long h) { return tail(1, 2, 3, 4, 5, 6, g, h, o) + 1; }

  static int failures;
  static void check(String what, boolean ok) {
    System.out.println((ok ? "ok     " : "FAILED ") + what);
    if (!ok) failures++;
  }

  public static void main(String[] args) throws Exception {
    int[] pair = {3, 5};
    int expectedSpin = spin(pair, 1000);
    String expectedMixed = mixed(-3, 1L << 40, 1.5f, -0.0, "s", null);
    for (int i = 0; i < 200_000; i++) {
      answer(1);
      spin(pair, 3);
      work(pair, new int[] {i, 1}, i | 1);
      derived(pair, i | 1);
      padded(i);
      unpadded(i);
      passTail("o", i, i);
      fib(2);
    }
    Base[] bases = {new Base(), new Sub(), new Sub2()};
    Shape[] shapes = {new Square(), new Line(), new Sub2()};
    for (int i = 0; i < 60_000; i++) { callVirtual(bases[0], i); callInterface(shapes[0], i); }
    for (int i = 0; i < 60_000; i++) { mixed(i, i, i, i, "a", null); constant(-3, 1L << 40, 1.5f, -0.0, "s", null); }
    for (int wait = 0; wait < 100 && answer(1) != 42; wait++) Thread.sleep(50);

    check("constant", answer(1) == 42);
    check("loop", spin(pair, 1000) == expectedSpin);
    int long0 = spin(pair, 1 << 28);
    int[] result = new int[1];
    Thread t = new Thread(() -> result[0] = spin(new int[] {3, 5}, 1 << 28));
    t.start();
    int collections = 0;
    while (t.isAlive()) { System.gc(); collections++; Thread.sleep(5); }
    check("loop under " + (collections > 2 ? "collections" : "too few collections"), result[0] == long0 && collections > 2);

    boolean right = true;
    for (int i = 0; i < 200_000; i++) {
      int[] a = {i, 2}, b = {7};
      right &= work(a, b, i) == i * 3 + i + 14;
    }
    check("oops across a collection in a callee", right);
    for (int i = 0; i < 200_000; i++) right &= derived(new int[] {i}, i) == i * 4;
    check("a derived pointer across a collection in a callee", right);
    check("trap", work(new int[] {1, 2}, new int[] {3}, -5) == -15 + 1000 + 7);
    for (int i = 0; i < 1000; i++) right &= work(new int[] {1, 2}, new int[] {3}, -5) == -15 + 1000 + 7;
    check("traps", right);
    check("frame state in slots " + mixed(-3, 1L << 40, 1.5f, -0.0, "s", null), mixed(-3, 1L << 40, 1.5f, -0.0, "s", null).equals(expectedMixed));
    check("frame state of constants " + constant(-3, 1L << 40, 1.5f, -0.0, "s", null), constant(-3, 1L << 40, 1.5f, -0.0, "s", null).equals(expectedMixed));

    for (int kinds = 1; kinds <= 3; kinds++) {
      right = true;
      for (int i = 0; i < 30_000; i++) {
        int w = i % kinds;
        right &= callVirtual(bases[w], i) == 5 + i + w + 1;
        right &= callInterface(shapes[w], i) == (w == 0 ? i * i : w == 1 ? -i : 5 * i) + 1;
      }
      check("virtual and interface calls, receivers " + kinds, right);
    }
    right = true;
    for (int i = 0; i < 30_000; i++) right &= passTail("o", i, 2 * i) == 3 * i + 1;
    check("arguments on the stack", right);

    for (int round = 0; round < 3; round++)
      for (int which = 0; which < 2; which++) {
        String trace = "";
        try {
          if (which == 0) padded(-1); else unpadded(-1);
        } catch (IllegalStateException e) {
          StackTraceElement[] s = e.getStackTrace();
          trace = e.getMessage() + " " + s[0].getMethodName() + " " + s[1].getMethodName() + " " + s[2].getMethodName();
        }
        check("exception through the frame: " + trace, trace.equals("i=-1 thrower " + (which == 0 ? "padded" : "unpadded") + " main"));
      }
    check("still right", padded(5) == 6 && unpadded(5) == 7);

    check("recursion", fib(25) == 75025);
    boolean overflow = false;
    try { fib(1_000_000_000); } catch (StackOverflowError e) { overflow = e.getStackTrace().length == 1024 && e.getStackTrace()[500].getMethodName().equals("fib"); }
    check("stack overflow", overflow);
    check("recursion after it", fib(25) == 75025);
    System.out.println(failures == 0 ? "all ok" : failures + " failures");
    System.exit(failures == 0 ? 0 : 1);
  }
}
