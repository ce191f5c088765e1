package traps;

import static traps.Trap.HOT;

import java.util.function.IntUnaryOperator;

/** Bodies copied into their callers, and what breaks the reasons for it. */
final class Inlining {
  static class Base { int value(int x) { return x + 1; } int other(int x) { return value(x) * 2; } }
  static class First extends Base { @Override int value(int x) { return x + 10; } }
  static class Second extends Base { @Override int value(int x) { return x + 100; } }
  static class Third extends Base { @Override int value(int x) { return x + 1000; } }

  static int typeChanges(Base b, int x) { return b.value(x) + b.other(x); }
  /** The receiver was always of one class; then others come, one after the other. */
  static void typeChanges(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 1 + (i + 1) * 2, typeChanges(new Base(), i));
    t.same(33, typeChanges(new First(), 1));
    for (int i = 0; i < HOT; i++) t.add(typeChanges(i % 2 == 0 ? new First() : new Base(), i));
    t.same(303, typeChanges(new Second(), 1));
    for (int i = 0; i < HOT; i++) t.add(typeChanges(i % 2 == 0 ? new Second() : new Third(), i));
    t.thrown(NullPointerException.class, () -> typeChanges(null, 1));
  }

  static class Lonely { int f(int x) { return x * 3; } }
  static final class LateChild extends Lonely { @Override int f(int x) { return x * 5; } }
  static int overriddenLater(Lonely l, int x) { return l.f(x) + l.f(x + 1); }
  static Lonely lateChild() { return new LateChild(); }
  /** A class that overrides the inlined method is loaded later. */
  static void overriddenLater(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 6 + 3, overriddenLater(new Lonely(), i));
    t.same(15, overriddenLater(lateChild(), 1));
    for (int i = 0; i < HOT; i++) t.add(overriddenLater(i % 2 == 0 ? new Lonely() : lateChild(), i));
  }

  static class Lonely2 { int g(int x) { return x + 1; } }
  static final class LateChild2 extends Lonely2 { @Override int g(int x) { return -x; } }
  static Lonely2 replacement;
  static void load(int i) { if (i == 90) replacement = new LateChild2(); }
  static int overriddenWhileInside(Lonely2 l, int n) { int s = 0; for (int i = 0; i < n; i++) { load(i); s += (replacement != null && n > 80 ? replacement : l).g(i); } return s; }
  /** The class that breaks the assumption is loaded by a callee, while the code that made it is running. */
  static void overriddenWhileInside(Trap t) {
    replacement = null;
    for (int i = 0; i < HOT; i++) t.add(overriddenWhileInside(new Lonely2(), 50));
    t.same(90 * 91 / 2 - (90 + 91 + 92 + 93 + 94 + 95 + 96 + 97 + 98 + 99), overriddenWhileInside(new Lonely2(), 100));
    t.same(50 * 51 / 2, overriddenWhileInside(new Lonely2(), 50));
  }

  abstract static class Shape { abstract int area(); }
  static final class Square extends Shape { final int a; Square(int a) { this.a = a; } @Override int area() { return a * a; } }
  static int onlyImplementation(Shape s) { return s.area(); }
  static final class Line extends Shape { @Override int area() { return 0; } }
  static Shape line() { return new Line(); }
  /** An abstract method with one implementation gets a second one. */
  static void onlyImplementation(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * i, onlyImplementation(new Square(i)));
    t.same(0, onlyImplementation(line()));
    t.same(9, onlyImplementation(new Square(3)));
  }

  static int d0(int x) { return x == 13 ? d1(x - 1) + 1 : x; }
  static int d1(int x) { return d2(x) + 1; }
  static int d2(int x) { return d3(x) + 1; }
  static int d3(int x) { return d4(x) + 1; }
  static int d4(int x) { return d5(x) + 1; }
  static int d5(int x) { return d6(x) + 1; }
  static int d6(int x) { return d7(x) + 1; }
  static int d7(int x) { return 100 / x + 1; }
  static int deepChain(int x) { return d1(x); }
  /** A chain of small methods, and a trap in the innermost. */
  static void deepChain(Trap t) {
    for (int i = 1; i < HOT; i++) t.same(100 / i + 7, deepChain(i));
    t.frames(t.thrown(ArithmeticException.class, () -> deepChain(0)));
    t.same(107, deepChain(1));
  }

  static int selfRecursive(int n) { return n <= 1 ? 1 : selfRecursive(n - 1) + selfRecursive(n - 2); }
  /** A method that calls itself twice is inlined into itself, but not without end. */
  static void selfRecursive(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(selfRecursive(i % 12));
    t.same(10946, selfRecursive(20));
  }

  static boolean even(int n) { return n == 0 || odd(n - 1); }
  static boolean odd(int n) { return n != 0 && even(n - 1); }
  static boolean mutualRecursion(int n) { return even(n); }
  /** Two methods that call each other. */
  static void mutualRecursion(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0, mutualRecursion(i));
    t.same(false, mutualRecursion(501));
  }

  static int throwing(int x) { if (x < 0) throw new IllegalArgumentException("negative " + x); return x; }
  static int catchesInlined(int a, int b) { try { return throwing(a) + throwing(b); } catch (IllegalArgumentException e) { return -e.getMessage().length(); } }
  /** An inlined callee throws into the caller's handler. */
  static void catchesInlined(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(2 * i, catchesInlined(i, i));
    t.same(-11, catchesInlined(1, -1));
    t.same(-11, catchesInlined(-1, 1));
    for (int i = 0; i < HOT; i++) t.same(-11, catchesInlined(-1, 1));
  }

  static int handles(int[] a, int i) { try { return a[i]; } catch (ArrayIndexOutOfBoundsException e) { return -1; } }
  static int handlerInInlined(int[] a, int i) { int x = i * 3; int r = handles(a, i) + handles(a, i + 1); return r * 31 + x; }
  /** A handler inside the inlined callee; the caller's values are live across it. */
  static void handlerInInlined(Trap t) {
    int[] a = {4, 5, 6, 7};
    for (int i = 0; i < HOT; i++) t.add(handlerInInlined(a, i % 3));
    t.same(6 * 31 + 9, handlerInInlined(a, 3));
    t.same(-2 * 31 + 12, handlerInInlined(a, 4));
    t.same(3 * 31 - 3, handlerInInlined(a, -1));
  }

  int locked;
  synchronized int synchronizedCallee(int x) { locked += x; return 100 / x + (Thread.holdsLock(this) ? 1 : 0); }
  static int synchronizedInlined(Inlining o, int x) { int r = o.synchronizedCallee(x); return r + (Thread.holdsLock(o) ? 1000 : 0); }
  /** A synchronized callee traps with its monitor held. */
  static void synchronizedInlined(Trap t) {
    Inlining o = new Inlining();
    for (int i = 1; i < HOT; i++) t.same(100 / i + 1, synchronizedInlined(o, i));
    t.thrown(ArithmeticException.class, () -> synchronizedInlined(o, 0));
    t.same(false, Thread.holdsLock(o));
    t.thrown(NullPointerException.class, () -> synchronizedInlined(null, 1));
    t.same(101, synchronizedInlined(o, 1));
  }

  static int big(int x) { int s = x; for (int i = 0; i < 5; i++) { s = s * 31 + (s >> 3) - (s << 5) + i * 7 + (s ^ x) - s / 7 + s % 11 + (s | 5) - (s & 77); s ^= s >>> 13; s += i * x - s / 3 + (s * 17) % 1001; } return s; }
  static int bigCallee(int x) { return big(x) + big(x + 1); }
  /** A callee that is too large to be inlined, and one call later it is the caller's whole work. */
  static void bigCallee(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(big(i) + big(i + 1), bigCallee(i));
  }

  static int constantsSpread(int x) { return select(0, x) + select(1, x) + select(2, x) + select(x & 3, x); }
  static int select(int what, int x) { switch (what) { case 0: return x; case 1: return x * x; case 2: return -x; default: return 7 / x; } }
  /** A constant argument removes branches of the callee; a variable one keeps them. */
  static void constantsSpread(Trap t) {
    for (int i = 4; i < HOT; i += 4) t.same(i * i + i, constantsSpread(i));
    t.same(9 + 2, constantsSpread(3));
    t.same(0, constantsSpread(0));
  }

  static int neverCalled(boolean now, int x) { return now ? late(x) : x; }
  static int late(int x) { return throwing(x) * 3; }
  /** A call that was never made while the code was compiled. */
  static void neverCalled(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, neverCalled(false, i));
    t.same(15, neverCalled(true, 5));
    t.frames(t.thrown(IllegalArgumentException.class, () -> neverCalled(true, -5)));
  }

  static int lambdas(IntUnaryOperator f, int x) { return f.applyAsInt(x) + f.applyAsInt(x + 1); }
  /** A functional interface: one lambda, then two, then many. */
  static void lambdas(Trap t) {
    int[] k = {5};
    IntUnaryOperator[] f = {x -> x + 1, x -> x * 2, x -> x - k[0], Math::abs, x -> 100 / x};
    for (int i = 0; i < HOT; i++) t.same(2 * i + 3, lambdas(f[0], i));
    for (int i = 0; i < HOT; i++) t.add(lambdas(f[i % 2], i));
    for (int i = 1; i < HOT; i++) t.add(lambdas(f[i % 5], i));
    t.thrown(ArithmeticException.class, () -> lambdas(f[4], 0));
    t.same(3, lambdas(f[3], -2));
  }

  static long accessors(Box b, int n) { long s = 0; for (int i = 0; i < n; i++) { b.set(b.get() + i); s += b.get(); } return s; }
  static final class Box { private int v; int get() { return v; } void set(int v) { this.v = v; } }
  /** Getters and setters in a loop; then the object is null. */
  static void accessors(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(accessors(new Box(), i % 20));
    t.same(10, accessors(new Box(), 4) + 0);
    t.thrown(NullPointerException.class, () -> accessors(null, 1));
    t.same(0, accessors(null, 0));
  }

  static String whoCalls() { StackTraceElement[] s = new Throwable().getStackTrace(); return s[0].getMethodName() + s[1].getMethodName() + s[2].getMethodName(); }
  static String middle() { return whoCalls(); }
  static String virtualFrames(int i) { return middle() + i; }
  /** Inlined frames are frames to the stack walker. */
  static void virtualFrames(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("whoCallsmiddlevirtualFrames" + i, virtualFrames(i));
  }

  static final class Node { Node next; int v; Node(int v, Node next) { this.v = v; this.next = next; } int sum() { return next == null ? v : v + next.sum(); } }
  static int recursiveVirtual(Node n) { return n.sum(); }
  /** A virtual method that calls itself on another receiver. */
  static void recursiveVirtual(Trap t) {
    Node n = null;
    for (int i = 0; i < 20; i++) n = new Node(i, n);
    for (int i = 0; i < HOT; i++) t.same(190, recursiveVirtual(n));
    t.same(5, recursiveVirtual(new Node(5, null)));
  }

  abstract static class Scale { abstract int of(int x); int twice(int x) { return of(of(x)); } }
  static class Plain extends Scale { final int k; Plain(int k) { this.k = k; } @Override int of(int x) { return x + k; } }
  static final class Steep extends Plain implements Comparable<Steep> { Steep(int k) { super(k); } @Override int of(int x) { return x * k; } @Override public int compareTo(Steep o) { return k - o.k; } }
  static final class Faulty extends Scale { @Override int of(int x) { return 100 / x; } }
  static Scale make(int k) { if (k % 2 == 0) return new Steep(k); if (k % 3 == 0) return new Steep(k + 1); return new Steep(3); }
  static int through(Scale s, int x) { return s.twice(x) + (s instanceof Comparable ? 1 : 0) + (s.getClass() == Plain.class ? 10 : 0); }
  static int exactReceivers(int k) {
    Scale plain = new Plain(k);
    int sum = through(plain, 5) + through(new Steep(2), k) * 3 + through(make(k), 7) * 5;
    Object[] all = new Comparable<?>[] {(Comparable<?>) make(k)};
    all[0] = new Steep(sum & 7);
    return sum + ((Steep) all[0]).k + all.length;
  }
  static int exactReceiverOfAnother(int k) { return through(new Faulty(), k); }
  static Object storesOther(int k) { Object[] all = new Comparable<?>[1]; all[0] = k % 1000 == 999 ? (Object) new Plain(k) : (Object) "s"; return all; }
  /** Callees see objects whose class the caller knows, also one that the callee's profile has never seen. */
  static void exactReceivers(Trap t) {
    for (int i = 0; i < 2 * HOT; i++) t.add(through(i % 2 == 0 ? new Plain(i) : new Steep(i), i));
    for (int i = 0; i < 3 * HOT; i++) { if (i % 100 == 0) System.gc(); t.add(exactReceivers(i)); t.add(exactReceiverOfAnother(1 + i % 9)); storesOther(i % 600); }
    t.same(5 + 4 + 4 + 10 + (2 * 2 * 4 + 1) * 3 + (4 * 4 * 7 + 1) * 5 + (639 & 7) + 1, exactReceivers(4));
    t.thrown(ArithmeticException.class, () -> exactReceiverOfAnother(0));
    t.thrown(ArrayStoreException.class, () -> storesOther(999));
  }
}
