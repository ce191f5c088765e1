/** Calls of every kind, with any argument list, objects live across them, exceptions through them. */
class CallCases {
  static class Boom extends RuntimeException {}
  interface Shape { int area(int k); }
  static class Square implements Shape { int side; public int area(int k) { return side * side + k; } int plain(int k) { return side - k; } }
  static class Cube extends Square { public int area(int k) { return 6 * side * side - k; } int plain(int k) { return side + k; } }
  static int fib(int n) { n &= 15; return n < 2 ? n : fib(n - 1) + fib(n - 2); }
  static int helperThrow(int a) { if ((a & 7) == 0) throw new Boom(); return a / (a & 3); }
  static int through(int[] a, int v) { return helperThrow(v) + a[0]; }
  static int twice(int[] a, int v) { int x = helperThrow(v); int y = helperThrow(v + 1); return x + y * 3 + a.length; }
  static int catcher(int[] a, int v) { try { return through(a, v); } catch (Boom e) { return -a[0]; } catch (ArithmeticException e) { return a.length; } }
  static int catchInLoop(int[] a, int v) { int s = 0; for (int i = 0; i < 5; i++) { try { s += through(a, v + i); } catch (RuntimeException e) { s += 1000; } } return s; }
  static int virtual(Square x, int k) { return x.area(k) + x.plain(k); }
  static int iface(Shape x, int k) { return x.area(k) * 2; }
  static long helperMany(int a, long b, Object o, float c, double d, int e, Object p, long f, int g, int[] h, double i, float j) { return a + b + (o == p ? 1 : 2) + (long) c + (long) d + e + f + g + h[0] + (long) i + (long) j; }
  static long many(Object o, int[] h, int a, double d) { return helperMany(a, 2, o, 3.5f, d, 5, h, 7, 8, h, 9.5, 10.5f) + h[1]; }
  static double helperMix(double a, float b, long c, int d) { return a * b - c + d; }
  static double mix(double a, float b, long c, int d) { return helperMix(b, (float) a, d, (int) c) + helperMix(a, b, c, d); }
  static float helperFloat(float a) { return a + 1; }
  static float floats(float a) { return helperFloat(a) * helperFloat(a + 1); }
  static boolean helperBoolean(int a) { return a > 3; }
  static byte helperByte(int a) { return (byte) a; }
  static char helperChar(int a) { return (char) a; }
  static int narrow(int a) { return (helperBoolean(a) ? 1 : 0) + helperByte(a) + helperChar(a); }
  static Object helperSame(Object a) { return a; }
  static Object liveAcross(Object a, Object b, int n) { Object c = helperSame(a); for (int i = 0; i < (n & 7); i++) { Object t = helperSame(b); b = c; c = t; } return c; }
  static int interior(int[] a, int n) { int s = 0; for (int i = 0; i < a.length; i++) { s += a[i]; if ((i & 3) == n) s += helperByte(i); a[i] = s; } return s; }
  static int nestedArrays(int[][] a, int n) { int s = 0; for (int[] row : a) { for (int v : row) s += v; s += helperByte(n); } return s; }
  static void helperVoid(int[] a) { a[0]++; }
  static int voids(int[] a) { helperVoid(a); helperVoid(a); return a[0]; }
  static int deep(int n, int[] a) { if (n <= 0) return a[0]; return deep((n & 31) - 1, a) + 1; }
  static int unresolvedCall(int a) { if (a > 100) return helperUnresolved(a); return a; }
  static int helperUnresolved(int a) { return a * 2; }
}
