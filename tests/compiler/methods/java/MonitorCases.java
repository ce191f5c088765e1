/** Monitors: nesting, recursion, exceptions and traps while they are held, loops, synchronized methods. */
class MonitorCases {
  static class Thrown extends RuntimeException {}
  int x;
  static int s;
  MonitorCases other;
  static int helperWork(int k) { if ((k & 7) == 3) throw new Thrown(); return k + 1; }
  static int helperLock(Object o, int k) { synchronized (o) { return helperWork(k) * 3; } }
  static int block(Object o, int k) { synchronized (o) { return helperWork(k); } }
  static int leaf(MonitorCases o, int k) { synchronized (o) { o.x += k; } return o.x; }
  static long types(Object o, int i, long l, float f, double d, Object p) { synchronized (o) { l += helperWork(i); f *= 2; d -= f; synchronized (p) { l ^= helperWork(i + 1); } } return l + (long) f + (long) d; }
  static int nested(Object a, Object b, int[] c, int k) { int r = 0; synchronized (a) { synchronized (b) { r = helperWork(k); synchronized (c) { r = r * 5 + helperWork(k + 1); c[0]++; } } synchronized (c) { r ^= helperWork(k + 2); } } return r; }
  static int same(Object a, int k) { synchronized (a) { synchronized (a) { k = helperWork(k); } return helperLock(a, k) + k; } }
  static int through(Object a, int k) { synchronized (a) { return helperLock(a, k) + helperLock(a, k + 1); } }
  static int recursive(Object a, int k) { synchronized (a) { return (k & 15) == 0 ? helperWork(k) : recursive(a, (k & 15) - 1) + 1; } }
  synchronized int method(int k) { x += helperWork(k); return x; }
  static synchronized int staticMethod(int k) { s += helperWork(k); return s; }
  synchronized long wide(long v, double d) { return v * 3 + (long) d; }
  synchronized Object object(Object v) { return v == null ? this : v; }
  synchronized int recursiveMethod(int k) { return (k & 15) == 0 ? helperWork(k) : recursiveMethod((k & 15) - 1) + x; }
  int onOther(int k) { synchronized (this) { return other.method(k) + other.x; } }
  static int handled(Object o, int k) { int r = 1; try { synchronized (o) { r += helperWork(k); } } catch (Thrown e) { r += 100; } finally { r += 5; } return r; }
  static int handledInside(Object o, int k) { synchronized (o) { try { return helperWork(k); } catch (Thrown e) { return 7; } finally { s++; } } }
  synchronized int handledMethod(int k) { try { return helperWork(k); } catch (Thrown e) { return x; } }
  static int thrown(Object o, int k) { synchronized (o) { if (k > 5) throw new Thrown(); return k; } }
  static int trapInside(Object o, int[] a, int i) { synchronized (o) { return a[i] + helperWork(i); } }
  static int trapHandled(Object o, int[] a, int i) { int r = 0; synchronized (o) { try { r = a[i]; } catch (ArrayIndexOutOfBoundsException | NullPointerException e) { r = -5; } r += helperWork(1); } return r; }
  synchronized int trapMethod(int a, int b) { x++; return a / b; }
  static int castInside(Object o, Object p) { synchronized (o) { return ((MonitorCases) p).x; } }
  static int trapTwice(Object o, int[] a, int i) { synchronized (o) { synchronized (o) { a[0] += i; return a[i & 63]; } } }
  static int trapThrough(Object o, int[] a, int i) { synchronized (o) { return trapInside(o, a, i) + i; } }
  static int loopInside(Object o, int[] a) { int r = 0; synchronized (o) { for (int i = 0; i < a.length; i++) r = r * 31 + a[i]; } return r; }
  static int loopOfLocks(MonitorCases[] o) { int r = 0; for (int i = 0; i < o.length; i++) { MonitorCases m = o[i]; synchronized (m) { r += m.x; if ((i & 7) == 3) continue; m.x++; } } return r; }
  static int loopOfTwo(Object a, Object b, int n) { int r = 0; for (int i = 0; i < (n & 31); i++) { Object o = (i & 1) == 0 ? a : b; synchronized (o) { r += i; synchronized (a) { if (r > 100) break; } } } return r; }
  synchronized int loopMethod(int[] a) { for (int i = 0; i < a.length; i++) x += a[i] + helperWork(4); return x; }
  static int allocates(Object o, int n) { synchronized (o) { int[] a = new int[n & 63]; MonitorCases m = new MonitorCases(); synchronized (m) { m.x = a.length; } return m.x; } }
  static int fresh(int n) { MonitorCases m = new MonitorCases(); synchronized (m) { m.x = n; if (n == 7) s++; } return m.x; }
  static int choose(Object a, Object b, boolean which, int k) { synchronized (which ? a : b) { return helperWork(k); } }
  static int early(Object o, int k) { synchronized (o) { if (k < 0) return 1; synchronized (o) { if (k == 0) return 2; } if (k == 1) return helperWork(k); } return 3; }
}
