/** Objects that methods make, and references that they store. */
class HeapCases {
  int number; HeapCases next, other; Object any; long wide; int[] array; HeapCases[] friends;
  static HeapCases last; static Object kept; static int made;
  static final class FromVm { int a; long b; }
  static class Large { long a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t; Object z; int end; }

  HeapCases() {}
  HeapCases(int n, HeapCases x) { number = n; next = x; }

  static HeapCases one(int n) { HeapCases x = new HeapCases(); x.number = n; return x; }
  static int clear() { HeapCases x = new HeapCases(); return x.number + (int) x.wide + (x.next == null ? 1 : 0) + (x.any == null ? 2 : 0) + (x.array == null ? 4 : 0); }
  static HeapCases chain(int n) { HeapCases x = null; n &= 15; for (int i = 0; i < n; i++) x = new HeapCases(i, x); return x; }
  static Object fromVm(int n) { FromVm x = new FromVm(); x.a = n; x.b = n * 3L; kept = x; return x; }
  static int large(int v) { Large x = new Large(); int zero = (int) (x.a | x.b | x.c | x.t) | x.end | (x.z == null ? 0 : 1); x.end = v; x.z = x; return zero + x.end; }
  static boolean distinct() { return new HeapCases() != new HeapCases() && new Object() != new Object(); }
  static int[] ints(int n) { return new int[n & 63]; }
  static long[] longs(int n) { return new long[n % 20]; }
  static byte[] bytes(int n) { return n < 200 ? new byte[n] : null; }
  static boolean[] booleans(int n, int v) { boolean[] b = new boolean[n & 31]; for (int i = 0; i < b.length; i++) b[i] = (v >> i & 1) != 0; return b; }
  static char[] chars(int n) { char[] c = new char[n & 7]; for (int i = 0; i < c.length; i++) c[i] += i * n; return c; }
  static double[] doubles(int n, double d) { double[] a = new double[n & 15]; for (int i = 0; i < a.length; i++) a[i] += d * i; return a; }
  static HeapCases[] objects(int n) { return new HeapCases[n & 31]; }
  static Object[] pair(Object a, Object b) { return new Object[] {a, b, null}; }
  static int sum(int n) { int[] a = new int[n & 127]; int s = 0; for (int i = 0; i < a.length; i++) { s += a[i]; a[i] = i; } for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static int either(boolean c, int[] other, int n) { int[] a = c ? new int[n & 7] : other; return a.length; }
  static int negative(int n) { try { return new int[n & 3 | n & 0x80000000].length; } catch (NegativeArraySizeException e) { return -1; } }
  static int many(int n) { int s = 0; n &= 63; for (int i = 0; i < n; i++) { int[] a = new int[i & 3]; HeapCases x = new HeapCases(i, last); last = x; x.array = a; s += x.next == null ? 1 : x.next.number; } return s; }
  static HeapCases afterCalls(int n) { HeapCases a = helperMake(n), b = helperMake(n + 1); a.next = b; b.other = a; b.any = n < 0 ? null : a; return a; }
  static HeapCases helperMake(int n) { made++; return new HeapCases(n, last); }

  static void store(HeapCases x, HeapCases y) { x.next = y; x.any = y; x.other = x; }
  static void clearAll(HeapCases x) { x.next = null; x.other = null; x.any = null; x.array = null; }
  static Object swap(HeapCases x, Object o) { Object old = x.any; x.any = o; return old; }
  static void twice(HeapCases x, Object a, Object b) { x.any = a; x.any = b; }
  static int between(HeapCases x, HeapCases y) { x.next = y; int n = helperMake(1).number; x.next = last; x.other = y; return n; }
  static void statics(HeapCases x, Object o) { last = x; kept = o; kept = null; kept = x; }
  static void element(HeapCases[] a, int i, HeapCases x) { a[i] = x; }
  static void erase(HeapCases[] a, int i) { a[i] = null; }
  static void fill(HeapCases[] a, HeapCases x) { for (int i = 0; i < a.length; i++) a[i] = x; }
  static void copy(HeapCases[] a, HeapCases[] b) { for (int i = 0; i < a.length; i++) b[i] = a[i]; }
  static void reverse(HeapCases[] a) { for (int i = 0, j = a.length - 1; i < j; i++, j--) { HeapCases t = a[i]; a[i] = a[j]; a[j] = t; } }
  static HeapCases reverseList(HeapCases x, int n) { HeapCases r = null; n &= 15; while (x != null && n-- > 0) { HeapCases t = x.next; x.next = r; r = x; x = t; } return r; }
  static int gather(HeapCases[] a, int n) { int s = 0; for (int i = 0; i < a.length; i++) { HeapCases x = a[i]; if (x == null) { a[i] = new HeapCases(i, null); s++; } else { x.other = x.next; s += x.number; } } return s; }
}
