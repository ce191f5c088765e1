package traps;

import static traps.Trap.HOT;

/** Objects that could live in registers, until they cannot. */
final class EscapeAnalysis {
  static Object sink;
  static final class P { int x; P next; long l; Object o; P(int x) { this.x = x; } P(int x, P next) { this.x = x; this.next = next; } P plus(P p) { return new P(x + p.x); } }

  static int local(int a, int b) { P p = new P(a).plus(new P(b)).plus(new P(1)); return p.x; }
  /** Temporary objects in a chain of calls. */
  static void local(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + i * 2 + 1, local(i, i * 2));
    t.same(Integer.MIN_VALUE, local(Integer.MAX_VALUE, 0));
  }

  static int rebuiltAtTrap(int a, int[] b, int i) { P p = new P(a); p.l = a * 3L; p.o = b; p.next = new P(a + 1); int r = b[i]; return r + p.x + (int) p.l + (p.o == b ? 1000 : 0) + p.next.x; }
  static int catches(int a, int[] b, int i) { P p = new P(a); try { p.x = 7; int r = b[i]; p.x = 8; return r + p.x; } catch (ArrayIndexOutOfBoundsException e) { return -p.x; } }
  /** A trap needs objects that were never made; the handler sees their fields. */
  static void rebuiltAtTrap(Trap t) {
    int[] b = {1, 2};
    for (int i = 0; i < HOT; i++) t.add(rebuiltAtTrap(i, b, i % 2) + catches(i, b, i % 2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> rebuiltAtTrap(1, b, 2));
    t.same(-7, catches(1, b, 2));
  }

  static int escapesInBranch(int a) { P p = new P(a); if (a == 100000) { sink = p; change(); } return p.x; }
  static void change() { if (sink instanceof P) ((P) sink).x = -1; }
  /** An object escapes on a rare way and is changed by a callee. */
  static void escapesInBranch(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, escapesInBranch(i));
    t.same(-1, escapesInBranch(100000));
    t.same(5, escapesInBranch(5));
  }

  static int mergedObjects(boolean b, int x) { P p = b ? new P(x) : new P(-x); p.l++; P q = b ? p : null; return p.x + (int) p.l + (q == p ? 10 : 0); }
  /** One variable, two allocations. */
  static void mergedObjects(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? i + 11 : -i + 1, mergedObjects(i % 2 == 0, i));
  }

  static int inLoop(int n) { P p = null; int s = 0; for (int i = 0; i < n; i++) { p = new P(i, p); s += p.x + (p.next == null ? 0 : p.next.x); if ((i & 3) == 3) p = null; } return s; }
  /** An object of the turn before is reached from that of this turn. */
  static void inLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(inLoop(i));
    t.same(0 + 1 + 3 + 5 + 4, inLoop(5));
  }

  static boolean identity(int x) { P a = new P(x), b = new P(x); Object c = a; return a != b && c == a && a != null && !a.equals(b) && a.equals(c); }
  /** Two objects with the same fields are two objects. */
  static void identity(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, identity(i));
  }

  static int smallArrays(int a, int b, int k) { int[] x = {a, b, a + b}; int[] y = new int[3]; y[1] = x[k]; x[2] = y[1] * 2; return x[0] + x[1] * 3 + x[2] * 5 + y[1] * 7 + y.length; }
  /** Small arrays with constant and variable indices. */
  static void smallArrays(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(smallArrays(i, 2, i % 3));
    t.same(1 + 6 + 30 + 21 + 3, smallArrays(1, 2, 2));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> smallArrays(1, 2, 3));
  }

  static int boxes(int n) { Integer s = 0; for (Integer i = 0; i < n; i++) s += i; Long l = (long) s; Object o = l; return o.equals((long) s) ? s : -1; }
  /** Boxes of loop variables, below and above the cache. */
  static void boxes(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * (i - 1) / 2, boxes(i));
    t.same(499500, boxes(1000));
  }

  static boolean boxIdentity(int x) { Integer a = x, b = x; return a == b; }
  /** Boxes are the same object within the cache, and must be kept so. */
  static void boxIdentity(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, boxIdentity(i));
    t.same(true, boxIdentity(127) && boxIdentity(-128));
    t.same(false, boxIdentity(128));
    t.same(false, boxIdentity(-129));
  }

  static int iterators(Iterable<Integer> l) { int s = 0; for (int x : l) s = s * 3 + x; return s; }
  /** The iterator of a collection, of one class and then of another. */
  static void iterators(Trap t) {
    java.util.List<Integer> a = new java.util.ArrayList<>(java.util.List.of(1, 2, 3));
    for (int i = 0; i < HOT; i++) t.same(18, iterators(a));
    t.same(18, iterators(new java.util.LinkedList<>(a)));
    t.same(5, iterators(new java.util.TreeSet<>(java.util.List.of(2, 1))));
    a.set(1, null);
    t.thrown(NullPointerException.class, () -> iterators(a));
  }

  static int deoptimizedWithObjects(int k) { P p = new P(k); P q = new P(k + 1, p); synchronized (q) { if (k == 13) Trap.deoptimizeAll(); q.l = q.next.x; } return p.x + q.x * 3 + (int) q.l * 5 + (q.next == p ? 1000 : 0); }
  /** All frames are deoptimised while local objects are live, one of them locked. */
  static void deoptimizedWithObjects(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 13 * 9 + 1003, deoptimizedWithObjects(i % 13));
    t.same(13 * 9 + 1003, deoptimizedWithObjects(13));
  }

  static String builders(int a, String b) { return new StringBuilder().append(a).append(':').append(b).append((Object) null).append(1.5).toString(); }
  /** A builder that never escapes. */
  static void builders(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + ":xnull1.5", builders(i, "x"));
    t.same("-1:nullnull1.5", builders(-1, null));
  }

  static int fieldsZeroed(int n) { int s = 0; for (int i = 0; i < n; i++) { P p = new P(i); s += p.x + (int) p.l + (p.o == null ? 1 : 0) + (p.next == null ? 1 : 0); p.l = 99; p.o = p; p.next = p; } return s; }
  /** Fields of a new object are zero in every turn. */
  static void fieldsZeroed(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * (i - 1) / 2 + 2 * i, fieldsZeroed(i));
  }

  static class WithInit { int a = 5; int b; WithInit() { b = a + seen(this); } static int seen(WithInit w) { return w.a * 10 + w.b; } }
  static final class WithInit2 extends WithInit { final int c; WithInit2(int c) { this.c = c; } }
  static int constructors(int c) { WithInit2 w = new WithInit2(c); return w.a + w.b * 2 + w.c * 3; }
  /** A constructor lets a half-made object be seen. */
  static void constructors(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(5 + 110 + 3 * i, constructors(i));
  }
}
