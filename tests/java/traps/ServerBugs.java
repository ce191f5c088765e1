package traps;

import static traps.Trap.HOT;

import java.util.ArrayList;
import java.util.List;

/** Situations of bugs that were found in C2: memory phis, anti-dependences, dead loops, wrong types, lost control. */
final class ServerBugs {
  int f;
  Object o;
  static int s;
  static int[] array = new int[4];

  static int antiDependence(int[] a, int i) { int x = a[i]; a[i] = x + 1; int y = a[0]; a[0] = y * 2; return x * 100 + y; }
  /** A load must stay before the store that follows it. */
  static void antiDependence(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 3 == 0 ? 506 : (i % 3) * 100 + 5, antiDependence(new int[] {5, 1, 2}, i % 3));
  }

  static int storeInOneBranch(ServerBugs x, boolean c) { x.f = 1; if (c) x.f = 2; else s++; int r = x.f; x.f = 3; return r; }
  /** Memory is merged behind a branch with one store. */
  static void storeInOneBranch(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? 2 : 1, storeInOneBranch(new ServerBugs(), i % 2 == 0));
    t.thrown(NullPointerException.class, () -> storeInOneBranch(null, true));
  }

  static int loopMemory(int n) { s = 0; int r = 0; for (int i = 0; i < n; i++) { r += s; s = i; if (i % 5 == 4) r += read(); } return r * 10 + s; }
  static int read() { return s; }
  /** A static is carried around a loop in a register, and must be in memory for the callee. */
  static void loopMemory(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(loopMemory(i));
    t.same((0 + 0 + 1 + 2 + 3 + 4) * 10 + 4, loopMemory(5));
  }

  static int deadLoop(int x) { int y = x; for (int i = 0; i < 10; i++) { if (y == x) continue; y = y * 0 + x; while (y != x) y++; } return y; }
  /** A loop whose body is dead. */
  static void deadLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, deadLoop(i));
  }

  static int sinkPastTrap(int[] a, int i, int j) { int x = i * 7 + j; int y = a[i]; s = x; int z = a[j]; s = y; return x + y + z; }
  /** A store between two checks has happened when the second fails. */
  static void sinkPastTrap(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(sinkPastTrap(array, i % 4, 0));
    s = -1;
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> sinkPastTrap(array, 4, 0));
    t.same(-1, s);
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> sinkPastTrap(array, 1, 4));
    t.same(11, s);
  }

  static int castInLoop(List<Object> l) { int r = 0; Object p = ""; for (Object x : l) { if (x != p) { r += x instanceof Integer ? (Integer) x : ((String) x).length(); p = x; } } return r; }
  /** The type of a value in a loop is widened, and narrowed by tests. */
  static void castInLoop(Trap t) {
    List<Object> l = new ArrayList<>(List.of("a", "bc", "d"));
    for (int i = 0; i < HOT; i++) t.same(4, castInLoop(l));
    l.add(7);
    t.same(11, castInLoop(l));
    l.add(7L);
    t.thrown(ClassCastException.class, () -> castInLoop(l));
  }

  static int clonedLoopExit(int[] a, int limit) { int i = 0, r = 0; while (true) { if (i >= a.length) break; r += a[i]; if (r > limit) { r = -r; break; } i++; } return r * 100 + i; }
  /** Two exits of a loop, each with its own values. */
  static void clonedLoopExit(Trap t) {
    int[] a = {1, 2, 3, 4};
    for (int i = 0; i < HOT; i++) t.same(1004, clonedLoopExit(a, 1000));
    t.same(-600 + 2, clonedLoopExit(a, 5));
    t.same(-100, clonedLoopExit(a, 0));
  }

  static long convertsInLoop(int n) { long r = 0; for (int i = 0; i < n; i++) { long x = i + 0x7ffffff0; r += x; r ^= (long) (i * 0x10000000); } return r; }
  /** int to long of a sum that overflows must not be moved through the sum. */
  static void convertsInLoop(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(convertsInLoop(i));
    long r = 0;
    for (int i = 0; i < 30; i++) { r += i < 16 ? 0x7ffffff0L + i : 0x7ffffff0L + i - (1L << 32); r ^= (long) (int) (i * 0x10000000L); }
    t.same(r, convertsInLoop(30));
  }

  static int andMaskOfShift(int x, int n) { return (x << n & 0xf0) + (x >>> n & 0xff) + ((x & 0xff) << 24 >> 24) + ((x & ~0xf | 3) & 0xc) + (x >> 31 & 5) + ((x | 1) != 0 ? 1000 : 0); }
  /** Masks of shifts, of which bits are known. */
  static void andMaskOfShift(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(andMaskOfShift(i * 0x01234567, i % 35));
    t.same(0xf0 + 255 - 1 + 0 + 5 + 1000, andMaskOfShift(-1, 0));
  }

  static boolean compareOfSubtraction(int a, int b, int c) { return a - b == 0 && (a ^ c) != 0 || a - 1 == Integer.MAX_VALUE || b + 1 < b; }
  /** Comparisons of differences with zero, and with overflow. */
  static void compareOfSubtraction(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i == 5, compareOfSubtraction(i, 5, 9));
    t.same(true, compareOfSubtraction(Integer.MIN_VALUE, 1, 1));
    t.same(true, compareOfSubtraction(1, Integer.MAX_VALUE, 1));
    t.same(false, compareOfSubtraction(7, 7, 7));
  }

  static int exceptionInLoopWithState(int n) { int done = 0; int[] a = new int[8]; try { for (int i = 0; ; i++) { a[i & 7] += 100 / (n - i); done = i; } } catch (ArithmeticException e) { return done * 1000 + a[done & 7]; } }
  /** A handler outside of a loop sees the last complete turn. */
  static void exceptionInLoopWithState(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(exceptionInLoopWithState(i));
    t.same(2000 + 100, exceptionInLoopWithState(3));
    t.same(0, exceptionInLoopWithState(0));
  }

  static Object nullInPhi(boolean a, boolean b, Object x) { Object y = a ? x : null; Object z = b ? y : "z"; return z == null ? "null" : z.toString(); }
  /** null is one of the values that meet. */
  static void nullInPhi(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 4 == 3 ? "x" : i % 4 == 2 ? "null" : "z", (String) nullInPhi(i % 2 == 1, i % 4 > 1, "x"));
    t.same("null", (String) nullInPhi(true, true, null));
  }

  static int lateInlinedBoxes(int n) { Integer r = 0; Long l = 1L; for (int i = 0; i < n; i++) { r = r + i; l = l * 3 + r; if (r > 300) r = null == l ? 5 : r - 300; } return r + l.intValue(); }
  /** Boxes that live around a loop. */
  static void lateInlinedBoxes(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(lateInlinedBoxes(i));
    t.same(0 + 3, lateInlinedBoxes(1));
  }

  static int uncommonInCatch(Object x) { try { return ((String) x).length(); } catch (ClassCastException e) { try { return ((Integer) x) + 1; } catch (ClassCastException e2) { return x.hashCode() * 0 - 1; } } }
  /** A trap inside a handler that was never run. */
  static void uncommonInCatch(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3, uncommonInCatch("abc"));
    t.same(6, uncommonInCatch(5));
    t.same(-1, uncommonInCatch(5L));
    t.thrown(NullPointerException.class, () -> uncommonInCatch((Object) null));
  }

  static long counted(int from, int to, int[] a) { long r = 0; int i = from; if (i < to) { do { r += a[i]; r <<= 1; i += 2; } while (i < to); } return r + i; }
  /** A loop with its test at the end, and the value of its variable behind it. */
  static void counted(Trap t) {
    int[] a = {1, 2, 3, 4, 5};
    for (int i = 0; i < HOT; i++) t.add(counted(i % 5, 5, a));
    t.same((((1 << 1) + 3 << 1) + 5 << 1) + 6, counted(0, 5, a));
    t.same(7, counted(7, 5, a));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> counted(1, 7, a));
  }

  static int finalizedConstant(int[] x) { int a = x[0], b = x[0]; x[0] = a + 1; int c = x[0]; return (a == b ? 1 : 0) + (c == a + 1 ? 2 : 0) + (c > a ? 4 : 0); }
  /** Equal loads, and an order that overflow breaks. */
  static void finalizedConstant(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(7, finalizedConstant(new int[] {i}));
    t.same(3, finalizedConstant(new int[] {Integer.MAX_VALUE}));
  }

  static int invisibleStores(ServerBugs x, Object y) { x.o = y; x.f = 5; if (y == null) throw new IllegalStateException("f=" + x.f); x.f = 6; x.o = null; return x.f; }
  /** Stores that look dead are seen when an exception leaves in between. */
  static void invisibleStores(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(6, invisibleStores(new ServerBugs(), "y"));
    ServerBugs x = new ServerBugs();
    t.thrown(IllegalStateException.class, () -> invisibleStores(x, null));
    t.same(5, x.f);
  }
}
