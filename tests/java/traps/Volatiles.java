package traps;

import static traps.Trap.HOT;

/** Volatile fields of every type, static and not, near traps and in expressions. */
final class Volatiles {
  volatile byte b; volatile short s; volatile char c; volatile boolean z; volatile int i; volatile long l; volatile float f; volatile double d; volatile Object o; volatile int[] a;
  static volatile byte sb; static volatile long sl; static volatile double sd; static volatile Object so; static volatile float sf; static volatile boolean sz;

  static long everyType(Volatiles v, int k) {
    v.b = (byte) k; v.s = (short) k; v.c = (char) k; v.z = (k & 1) != 0; v.i = k; v.l = k * 0x100000001L; v.f = k * 0.5f; v.d = k * 0.25; v.o = k % 3 == 0 ? null : "o"; v.a = new int[] {k};
    return v.b + v.s * 3L + v.c * 5L + (v.z ? 7 : 0) + v.i * 11L + v.l * 13 + (long) v.f * 17 + (long) v.d * 19 + (v.o == null ? 23 : 29) + v.a[0] * 31L;
  }
  /** Stores and loads of every type, truncated and extended. */
  static void everyType(Trap t) {
    Volatiles v = new Volatiles();
    for (int i = 0; i < HOT; i++) t.add(everyType(v, i * 777));
    t.same(-1 - 3 + 65535L * 5 + 7 - 11 - 0x100000001L * 13 - 0 - 0 + 29 - 31, everyType(v, -1));
    t.thrown(NullPointerException.class, () -> everyType(null, 1));
  }

  static double everyStatic(int k) { sb = (byte) k; sl = k * 0x100000001L; sd = k; so = "s" + k; sf = k; sz = k > 5; return sb + sl + sd + so.hashCode() + sf + (sz ? 1 : 0); }
  /** Static volatile fields. */
  static void everyStatic(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(everyStatic(i * 777));
    t.same(-1 - 0x100000001L - 1 + "s-1".hashCode() - 1 + 0.0, everyStatic(-1));
  }

  static int increments(Volatiles v, int n) { for (int k = 0; k < n; k++) { v.i++; v.b += 3; v.c--; v.l <<= 1; } return v.i + v.b * 3 + v.c * 5 + (int) v.l; }
  /** Compound assignments: load, operation, store. */
  static void increments(Trap t) {
    for (int i = 0; i < HOT; i++) { Volatiles v = new Volatiles(); v.l = 1; t.add(increments(v, i)); }
    Volatiles v = new Volatiles();
    t.same(1 + 9 + 65535 * 5, increments(v, 1));
  }

  static int order(Volatiles v, int[] x, int k) { v.i = 1; int r = x[k]; v.i = 2; return r + v.i; }
  /** A volatile store before a trap has happened, the one behind has not. */
  static void order(Trap t) {
    int[] x = {5};
    Volatiles v = new Volatiles();
    for (int i = 0; i < HOT; i++) t.same(7, order(v, x, 0));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> order(v, x, 1));
    t.same(1, v.i);
    t.thrown(NullPointerException.class, () -> order(v, null, 1));
    t.same(1, v.i);
  }

  static int unusedLoad(Volatiles v) { int unused = v.i; return 3; }
  /** A volatile load nobody needs still fails for null. */
  static void unusedLoad(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3, unusedLoad(new Volatiles()));
    t.thrown(NullPointerException.class, () -> unusedLoad((Volatiles) null));
  }

  static Object references(Volatiles v, Object x) { Object old = v.o; v.o = x; v.o = v.o; return old; }
  /** Volatile references with barriers, old and young objects, collections. */
  static void references(Trap t) {
    Volatiles v = new Volatiles();
    for (int i = 0; i < HOT; i++) { if (i % 40 == 39) System.gc(); t.same(i == 0 ? null : "r" + (i - 1), (String) references(v, "r" + i)); }
    references(v, null);
    t.same(true, v.o == null);
  }

  static boolean notMerged(Volatiles v) { return v.i == v.i & v.d == v.d & v.o == v.o; }
  /** Two loads are two loads: NaN is not itself. */
  static void notMerged(Trap t) {
    Volatiles v = new Volatiles();
    for (int i = 0; i < HOT; i++) t.same(true, notMerged(v));
    v.d = Double.NaN;
    t.same(false, notMerged(v));
  }

  static class Late { static volatile long v = 77; }
  static long lateVolatile(boolean now) { return now ? Late.v++ * 0 + 5 : 1; }
  /** A volatile field of a class that is loaded late. */
  static void lateVolatile(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, lateVolatile(false));
    t.same(5, lateVolatile(true));
  }

  static final class Spread { byte b0; volatile long l; byte b1; volatile double d; short s; volatile int i; Object o; long sum() { return b0 + l + b1 + (long) d + s + i + (o == null ? 0 : 1); } }
  static long neighbours(Spread x, int k) { x.b0 = (byte) k; x.l = -1; x.b1 = (byte) -k; x.d = 2.5; x.s = (short) k; x.i = k; x.o = x; return x.sum(); }
  /** Volatile fields do not overwrite their neighbours. */
  static void neighbours(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((byte) i - 1 + (byte) -i + 2 + i + i + 1, neighbours(new Spread(), i));
  }
}
