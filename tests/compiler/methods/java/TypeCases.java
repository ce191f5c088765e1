/** checkcast and instanceof: near and far classes, interfaces, null, arrays, classes that are not resolved. */
class TypeCases {
  interface I0 {}
  interface I1 extends I0 {}
  interface I2 {}
  static class A { int v; }
  static class B extends A implements I1 {}
  static class C extends B implements I2 {}
  static class D extends C {}
  static class E extends D { int w; }
  static class F extends E {}
  volatile int vi; volatile long vj; volatile double vd; volatile boolean vz; static volatile long sj; int plain;
  static boolean isA(Object o) { return o instanceof A; }
  static boolean isC(Object o) { return o instanceof C; }
  static boolean isE(A o) { return o instanceof E; }
  static boolean isF(A o) { return o instanceof F; }
  static boolean isI0(A o) { return o instanceof I0; }
  static boolean isI2(A o) { return o instanceof I2; }
  static boolean isInts(Object o) { return o instanceof int[]; }
  static boolean bothInterfaces(A o, A p) { return o instanceof I1 && p instanceof I2 && !(o instanceof I2); }
  static int castB(A o) { return ((B) o).v; }
  static int castE(A o, int k) { return ((E) o).w + k; }
  static Object castI2(Object o) { return (I2) o; }
  static Object castF(Object o, Object p) { Object q = (F) o; return q == null ? p : q; }
  static int chain(A o) { if (o instanceof F) return 6; if (o instanceof E) return ((E) o).w; if (o instanceof I2) return 3; if (o instanceof I0) return 2; return o == null ? 0 : o.v; }
  static int ofArray(A[] a) { int n = 0; for (int i = 0; i < a.length; i++) if (a[i] instanceof I2) n += i; else if (a[i] instanceof A) n ^= i; return n; }
  static int castsInLoop(A[] a) { int n = 0; for (int i = 0; i < a.length; i++) n += ((B) a[i]).v + i; return n; }
  static Object helperSame(Object o) { return o; }
  static int acrossCall(Object o) { boolean b = o instanceof B; Object p = helperSame(o); return (b ? 1 : 0) + (p instanceof C ? 2 : 0) + (p == o ? 4 : 0); }
  static long volatiles(TypeCases x, int n, long j) { x.vi = n; x.vj += j; x.vz = n > 3; x.vd = n * 0.5; sj ^= j; x.plain = x.vi++; return x.vi + x.vj + (x.vz ? 1 : 2) + (long) x.vd + sj; }
  static int volatileInLoop(TypeCases x, int n) { int s = 0; for (int i = 0; i < (n & 63); i++) { s += x.plain + x.vi; x.vi = i; } return s; }
}
