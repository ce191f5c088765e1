package suite;

/** Every invoke kind: direct, inline cache mono-, bi- and megamorphic, interfaces, final, private, super, default, recursion. */
final class Calls implements Suite.Case {
  interface Shape { int area(int k); default int twice(int k) { return 2 * area(k); } default String label(int k) { return new StringBuilder().append(area(k)).append('/').append(k).toString(); } static int unit() { return 3; } }
  interface Named { String name(); }
  static class Square implements Shape, Named { public int area(int k) { return k * k; } public String name() { return "square"; } int id() { return 1; } final int fixed(int x) { return x + 1; } private int own(int x) { return x * 3; } int callOwn(int x) { return own(x); } }
  static class Cube extends Square { @Override public int area(int k) { return 6 * super.area(k); } @Override public String name() { return "cube"; } @Override int id() { return 2; } }
  static final class Circle implements Shape, Named { public int area(int k) { return 3 * k * k; } public String name() { return "circle"; } @Override public int twice(int k) { return area(k) + area(k); } }
  static class Line implements Shape { public int area(int k) { return 0; } }
  enum Op { PLUS { @Override int apply(int a, int b) { return a + b; } }, TIMES { @Override int apply(int a, int b) { return a * b; } }; abstract int apply(int a, int b); }

  static int virtualCall(Square s, int k) { return s.area(k) + s.id(); }
  static int interfaceCall(Shape s, int k) { return s.area(k) + s.twice(k) + s.label(k).length(); }
  static int finalCall(Square s, int k) { return s.fixed(k); }
  static int privateCall(Square s, int k) { return s.callOwn(k); }
  static int sumAll(Shape[] all, int k) { int s = 0; for (int i = 0; i < all.length; i++) s = s * 3 + all[i].area(k); return s; }
  static String nameOf(Named n) { return n.name(); }
  static int objectMethods(Object o, Object p) { return (o.equals(p) ? 1 : 0) + (o.equals(o) ? 2 : 0); }
  static int lengthOf(CharSequence s) { return s.length() * 100 + s.charAt(0); }
  static int staticCall(int k) { return Shape.unit() * helper(k, k + 1L, k * 0.5); }
  static int helper(int a, long b, double c) { return (int) (a * 31 + b * 7 + c); }
  static int even(int n) { return n == 0 ? 1 : odd(n - 1); }
  static int odd(int n) { return n == 0 ? 0 : even(n - 1); }
  static int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
  static int ackermann(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
  static int enumCall(Op op, int a, int b) { return op.apply(a, b); }
  static void nothing() {}
  static long manyCalls(int n) { long s = 0; for (int i = 0; i < n; i++) { nothing(); s += helper(i, s, i); s ^= staticCall(i & 7); } return s; }
  static double mathCalls(double x) { return Math.sqrt(x) + Math.abs(-x) + Math.max(x, 2.0) + Math.floor(x) + Math.sin(x) + Math.pow(x, 1.5); }
  static boolean returnsBoolean(int x) { return x > 3; }
  static byte returnsByte(int x) { return (byte) (x * 77); }
  static char returnsChar(int x) { return (char) (x * 7777); }
  static short returnsShort(int x) { return (short) (x * 7777); }
  static float returnsFloat(float x) { return x * 1.5f; }
  static int narrow(int x) { return (returnsBoolean(x) ? 1 : 0) + returnsByte(x) + returnsChar(x) * 3 + returnsShort(x) * 5 + (int) returnsFloat(x); }

  @Override
  public void run(Suite.Out out) {
    Square square = new Square(), cube = new Cube();
    Shape[] two = {square, cube, square, cube}, many = {square, cube, new Circle(), new Line(), new Circle(), square};
    for (int k = 0; k < 30; k++) {
      out.add((long) virtualCall(square, k));
      out.add((long) interfaceCall(square, k));
      out.add((long) finalCall(cube, k));
      out.add((long) privateCall(cube, k));
      out.add((long) staticCall(k));
      out.add((long) narrow(k));
      out.add((long) enumCall((k & 1) == 0 ? Op.PLUS : Op.TIMES, k, 3));
      out.add(mathCalls(k * 0.75));
    }
    for (int k = 0; k < 30; k++) {
      out.add((long) virtualCall((k & 1) == 0 ? square : cube, k));
      out.add((long) interfaceCall(many[k % many.length], k));
      out.add((long) sumAll(two, k));
      out.add((long) sumAll(many, k));
      out.add(nameOf((Named) many[k % 3]));
      out.add((long) objectMethods(k % 3 == 0 ? "a" : k % 3 == 1 ? (Object) 5 : many, k % 2 == 0 ? "a" : (Object) 5));
      out.add((long) lengthOf(k % 3 == 0 ? "abc" : k % 3 == 1 ? new StringBuilder("xyzzy") : java.nio.CharBuffer.wrap("buffer")));
    }
    out.add((long) even(301));
    out.add((long) fibonacci(17));
    out.add((long) ackermann(2, 6));
    out.add(manyCalls(500));
  }
}
