package traps;

import static traps.Trap.HOT;

/** Thrown, caught, rethrown, replaced; what handlers see of the state before. */
final class Exceptions {
  static int effects;
  static final class Mine extends Exception { final int value; Mine(int value) { super("mine " + value); this.value = value; } }
  static final class Other extends RuntimeException { Other(String m, Throwable cause) { super(m, cause); } }

  static int finallyOverridesReturn(int k) { try { if (k < 0) throw new Other("lost", null); return k; } finally { if (k % 2 == 0) return -1; } }
  /** return in finally replaces a result, and an exception. */
  static void finallyOverridesReturn(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? -1 : i, finallyOverridesReturn(i));
    t.same(-1, finallyOverridesReturn(-2));
    t.thrown(Other.class, () -> finallyOverridesReturn(-1));
  }

  static int finallyAfterValue(int k) { int x = k; try { return x; } finally { x = 1000; effects += x; } }
  /** The value to return was computed before finally changes the variable. */
  static void finallyAfterValue(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, finallyAfterValue(i));
  }

  static int stateInHandler(int[] a, int i) { int x = 1; try { x = 2; effects++; x += a[i]; x = 3; effects++; x += a[i + 1]; x = 4; } catch (ArrayIndexOutOfBoundsException e) { return x * 10; } return x; }
  /** A handler sees the locals as they were at the instruction that threw, and side effects once. */
  static void stateInHandler(Trap t) {
    int[] a = new int[3];
    for (int i = 0; i < HOT; i++) t.same(4, stateInHandler(a, i % 2));
    int before = effects;
    t.same(30, stateInHandler(a, 2));
    t.same(2, effects - before);
    t.same(20, stateInHandler(a, 3));
    t.same(3, effects - before);
  }

  static void raise(int k) throws Mine { if (k % 3 == 0) throw new Mine(k); }
  static int asControlFlow(int n) { int s = 0; for (int i = 0; i < n; i++) { try { raise(i); s++; } catch (Mine e) { s += e.value * 2; } } return s; }
  /** A loop that throws and catches in every third turn. */
  static void asControlFlow(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(asControlFlow(10));
    t.same(0 + 2 * (3 + 6 + 9) + 6, asControlFlow(10));
  }

  static String nested(int k) { String s = ""; try { try { if (k > 0) raise(k * 3); s += "a"; } catch (Mine e) { s += "b"; if (k > 1) raise(e.value); s += "c"; } finally { s += "d"; if (k > 2) throw new Other("e", null); } } catch (Mine e) { s += "f"; } catch (Other e) { s += e.getMessage(); } return s; }
  /** Handlers in handlers in finally. */
  static void nested(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("ad", nested(0));
    t.same("bcd", nested(1));
    t.same("bdf", nested(2));
    t.same("bde", nested(3));
  }

  static String byClass(int k) { try { switch (k) { case 0: throw new IllegalStateException("0"); case 1: throw new ArithmeticException("1"); case 2: throw new Error("2"); case 3: throw new NumberFormatException("3"); default: return "none"; } } catch (NumberFormatException e) { return "nf" + e.getMessage(); } catch (IllegalStateException | ArithmeticException e) { return "two" + e.getMessage(); } catch (RuntimeException e) { return "rt" + e.getMessage(); } }
  /** The first handler that fits takes it; some pass by all. */
  static void byClass(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("none", byClass(9));
    t.same("two0", byClass(0));
    t.same("two1", byClass(1));
    t.same("nf3", byClass(3));
    t.thrown(Error.class, () -> byClass(2));
    for (int i = 0; i < HOT; i++) t.add(byClass(i % 2 * 3));
  }

  static int throwNull(boolean now) { try { if (now) throw (RuntimeException) Trap.hidden((Object) null); return 1; } catch (NullPointerException e) { return 2; } }
  /** throw null throws a NullPointerException, into a handler in the same method. */
  static void throwNull(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, throwNull(false));
    t.same(2, throwNull(true));
  }

  static final RuntimeException SHARED = new RuntimeException("shared");
  static int preallocated(int k) { try { if (k % 2 == 1) throw SHARED; return k; } catch (RuntimeException e) { return e == SHARED ? -k : 0; } }
  /** The same exception object is thrown again and again. */
  static void preallocated(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 1 ? -i : i, preallocated(i));
  }

  static String chained(int k) { try { raise(k); return "none"; } catch (Mine e) { Throwable x = new Other("outer", e); x.addSuppressed(new Other("suppressed", null)); return x.getCause().getMessage() + x.getSuppressed()[0].getMessage(); } }
  /** Causes and suppressed exceptions are kept. */
  static void chained(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("none", chained(i * 3 + 1));
    t.same("mine 3suppressed", chained(3));
  }

  static final class Resource implements AutoCloseable { final int k; Resource(int k) { this.k = k; effects++; } @Override public void close() throws Mine { effects += 100; if (k < 0) throw new Mine(k); } }
  static String withResources(int a, int b, boolean fail) { try (Resource x = new Resource(a); Resource y = new Resource(b)) { if (fail) throw new Other("body", null); return "ok" + (x.k + y.k); } catch (Mine e) { return e.getMessage() + e.getSuppressed().length; } catch (Other e) { return e.getMessage() + e.getSuppressed().length; } }
  /** try with resources: closing in reverse order, closing that throws, suppression. */
  static void withResources(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("ok" + i, withResources(i, 0, false));
    int before = effects;
    t.same("body0", withResources(1, 1, true));
    t.same(202, effects - before);
    t.same("body2", withResources(-1, -2, true));
    t.same("mine -21", withResources(-1, -2, false));
  }

  static int level(int k, int depth) { if (depth == 0) return 100 / k; return level(k, depth - 1) + depth; }
  static int throughFrames(int k) { try { return level(k, 6); } catch (ArithmeticException e) { int lines = 0; for (StackTraceElement f : e.getStackTrace()) if (f.getMethodName().equals("level")) lines++; return -lines; } }
  /** An implicit exception passes inlined and compiled frames; the stack trace names each. */
  static void throughFrames(Trap t) {
    for (int i = 1; i < HOT; i++) t.same(100 / i + 21, throughFrames(i));
    t.same(-7, throughFrames(0));
    t.same(-7, throughFrames(0));
  }

  static Object lineNumbers(int k, Object o) {
    int a = 10
        / k;
    String s = (String)
        o;
    return s.length()
        + a;
  }
  /** Line numbers of implicit exceptions in compiled code. */
  static void lineNumbers(Trap t) {
    for (int i = 1; i < HOT; i++) lineNumbers(i, "x");
    t.frames(t.thrown(ArithmeticException.class, () -> lineNumbers(0, "x")));
    t.frames(t.thrown(NullPointerException.class, () -> lineNumbers(1, null)));
    t.add(t.thrown(ClassCastException.class, () -> lineNumbers(1, 5)).getStackTrace()[0].getLineNumber());
  }

  static int rethrown(int k) throws Mine { try { raise(k); return 1; } catch (Mine e) { effects++; throw e; } }
  static int outer(int k) { try { return rethrown(k); } catch (Mine e) { return e.value + e.getStackTrace().length * 0; } }
  /** A handler throws the exception on. */
  static void rethrown(Trap t) throws Mine {
    for (int i = 0; i < HOT; i++) { t.same(i % 3 == 0 ? i : 1, outer(i)); t.same(1, rethrown(3 * i + 1)); }
  }

  static long valuesAcross(int k, long l, double d, float f, Object o) { long x = l * 3; double y = d / 3; float z = f + 1; try { raise(k); } catch (Mine e) { x += e.value; } return x + (long) y + (long) z + (o == null ? 0 : o.hashCode()); }
  /** Values of all kinds survive a call that throws into this frame. */
  static void valuesAcross(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(valuesAcross(i, i * 10000000000L, i * 1.5, i, "o"));
    t.same(9 + 1 + 5 + 'o' + 3, valuesAcross(3, 3, 5, 4, "o"));
  }

  static int inLoopHeader(int[] a) { int i = 0; try { while (true) i += a[i] + 1; } catch (ArrayIndexOutOfBoundsException e) { return i; } }
  /** A loop that only an exception ends. */
  static void inLoopHeader(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 30, inLoopHeader(new int[i % 30]));
    t.same(5, inLoopHeader(new int[] {1, 0, 2, 0}));
  }

  static int cleanup(int k) { int held = 0; try { held++; if (k > 0) raise(k); held++; } catch (Mine e) { held += 10; } finally { held *= 2; } return held; }
  /** finally runs once, on every way. */
  static void cleanup(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(4, cleanup(i * 3 + 1));
    t.same(22, cleanup(3));
  }

  Exceptions(int k) throws Mine { raise(k); effects += 7; }
  static int fromConstructor(int k) { Object o = null; try { o = new Exceptions(k); } catch (Mine e) { effects++; } return o == null ? 0 : 1; }
  /** A constructor throws: the variable was not assigned. */
  static void fromConstructor(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 3 == 0 ? 0 : 1, fromConstructor(i));
  }

  static final class Broken { static int value = 5; static { if (Trap.hidden(1) == 1) throw new IllegalStateException("static"); } }
  static int fromInitializer(boolean now) { try { return now ? Broken.value : 0; } catch (ExceptionInInitializerError e) { return 1; } catch (NoClassDefFoundError e) { return 2; } }
  static int brokenSeen;
  /** A class initialiser throws: once as ExceptionInInitializerError, then as NoClassDefFoundError. */
  static void fromInitializer(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, fromInitializer(false));
    t.same(brokenSeen++ == 0 ? 1 : 2, fromInitializer(true));
    t.same(2, fromInitializer(true));
  }

  static int manyHandlers(int k) {
    int s = 0;
    try { if (k == 0) throw new Mine(0); s += 1; } catch (Mine e) { s += 2; }
    try { if (k == 1) throw new Mine(1); s += 4; } catch (Mine e) { s += 8; }
    try { s += 1000 / (k - 2) * 0; s += 16; } catch (ArithmeticException e) { s += 32; }
    try { s += new int[k == 3 ? -1 : 1].length * 64; } catch (NegativeArraySizeException e) { s += 128; }
    try { s += ((Integer) (k == 4 ? (Object) "x" : (Object) 256)); } catch (ClassCastException e) { s += 512; }
    return s;
  }
  /** Many handlers in one method, each taken for the first time in compiled code. */
  static void manyHandlers(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1 + 4 + 16 + 64 + 256, manyHandlers(9));
    for (int k = 0; k < 5; k++) t.add(manyHandlers(k));
    t.same(1 + 4 + 32 + 64 + 256, manyHandlers(2));
    t.same(1 + 4 + 16 + 128 + 256, manyHandlers(3));
  }

  static int outOfMemory(int n) { try { return new long[n].length; } catch (OutOfMemoryError e) { return -1; } }
  /** An array larger than the heap is an OutOfMemoryError, which can be caught. */
  static void outOfMemory(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, outOfMemory(i));
    t.same(-1, outOfMemory(Integer.MAX_VALUE));
    t.same(-1, outOfMemory(Integer.MAX_VALUE - 8));
  }

  static int asyncStack(Throwable e, int depth) throws Throwable { if (depth > 0) return asyncStack(e, depth - 1); if (e != null) throw e; return depth; }
  static int catchAll(Throwable e) { try { return asyncStack(e, 4); } catch (RuntimeException x) { return 1; } catch (Error x) { return 2; } catch (Throwable x) { return 3; } }
  /** Exceptions of all kinds are thrown by a reference of type Throwable. */
  static void asyncStack(Trap t) throws Throwable {
    for (int i = 0; i < HOT; i++) { t.same(0, catchAll(null)); t.add(asyncStack(null, i % 5)); }
    t.same(1, catchAll(SHARED));
    t.same(2, catchAll(new StackOverflowError()));
    t.same(3, catchAll(new Mine(1)));
  }

  static int dropped(int[] a, Object o, int i, int d) {
    try { return a[i] / d + ((Integer) o); }
    catch (ArrayIndexOutOfBoundsException e) { return -1; } catch (ArithmeticException e) { return -2; } catch (ClassCastException | NullPointerException e) { return -3; }
  }
  /** Implicit exceptions that happen all the time, and whose handlers never look at them. */
  static void dropped(Trap t) {
    int[] a = {5, 6, 7};
    for (int i = 0; i < 6 * HOT; i++) {
      t.same(12, dropped(a, 7, 0, 1));
      t.same(-1, dropped(a, 7, i % 2 == 0 ? 3 : -1, 1));
      t.same(-2, dropped(a, 7, 1, 0));
      t.same(-3, dropped(a, i % 2 == 0 ? "no" : null, 1, 1));
      t.same(-3, dropped(null, 7, 1, 1));
    }
  }

  static int droppedStore(Object[] a, Object o) { try { a[0] = o; return 1; } catch (ArrayStoreException e) { return 2; } catch (IndexOutOfBoundsException e) { return 3; } }
  /** The same for a store of a wrong class, and a handler of a class above. */
  static void droppedStore(Trap t) {
    for (int i = 0; i < 6 * HOT; i++) {
      t.same(1, droppedStore(new Integer[1], 1));
      t.same(2, droppedStore(new Integer[1], "x"));
      t.same(3, droppedStore(new Integer[0], 1));
    }
  }

  static int droppedOrder(int[] a, int i) {
    int s = i;
    try {
      try { s += a[i]; } catch (ArithmeticException | IllegalStateException e) { s += 1000; }
      s += 10;
    } catch (IndexOutOfBoundsException e) { s -= 1; } catch (RuntimeException e) { s -= 2; } finally { s *= 2; }
    return s;
  }
  /** Handlers that do not fit lie in front of the one that does; locals are those of the throw. */
  static void droppedOrder(Trap t) {
    int[] a = {1, 2};
    for (int i = 0; i < 6 * HOT; i++) { t.same(26, droppedOrder(a, 1)); t.same(2, droppedOrder(a, 2)); t.same(-2, droppedOrder(null, 1)); }
  }

  static int element(int[] a, int i) { return a[i]; }
  static synchronized int lockedElement(int[] a, int i) { return element(a, i) + 1; }
  static int blockElement(Object lock, int[] a, int i) { synchronized (lock) { return lockedElement(a, i) + 1; } }
  static int droppedByCaller(Object lock, int[] a, int i) { try { return blockElement(lock, a, i); } catch (ArrayIndexOutOfBoundsException e) { return Thread.holdsLock(lock) || Thread.holdsLock(Exceptions.class) ? -100 : -1; } }
  /** Thrown in an inlined method, dropped two callers above, past monitors that are left. */
  static void droppedByCaller(Trap t) {
    Object lock = new Object();
    int[] a = {3};
    for (int i = 0; i < 6 * HOT; i++) { t.same(5, droppedByCaller(lock, a, 0)); t.same(-1, droppedByCaller(lock, a, i + 1)); }
    t.thrown(NullPointerException.class, () -> droppedByCaller(lock, null, 0));
    t.same(false, Thread.holdsLock(lock) || Thread.holdsLock(Exceptions.class));
  }

  static int droppedInLoop(int[] a, int n) { int s = 0; for (int i = 0; i < n; i++) try { s += a[i]; } catch (ArrayIndexOutOfBoundsException e) { s += 100; } return s; }
  static int droppedOutOfLoop(int[] a) { int s = 0; try { for (int i = 0; ; i++) s += a[i]; } catch (ArrayIndexOutOfBoundsException e) { return s; } }
  static int sumToEnd(int[] a) { int s = 0; for (int i = 0; ; i++) { s += a[i]; seen = s; } }
  static int seen;
  static int droppedOutOfCallee(int[] a) { try { return sumToEnd(a); } catch (ArrayIndexOutOfBoundsException e) { return seen; } }
  /** The end of an array ends an iteration, a loop, and the loop of an inlined method. */
  static void droppedInLoop(Trap t) {
    for (int i = 0; i < 6 * HOT; i++) {
      int[] a = new int[i % 7];
      java.util.Arrays.fill(a, 2);
      t.same(a.length * 2 + 300, droppedInLoop(a, a.length + 3));
      t.same(a.length * 2, droppedOutOfLoop(a));
      seen = 0;
      t.same(a.length * 2, droppedOutOfCallee(a));
    }
  }

  static int kept(int[] a, int i) { RuntimeException was = null; try { return a[i]; } catch (ArrayIndexOutOfBoundsException e) { was = e; } return was.getMessage().length() + was.getStackTrace().length * 0; }
  /** The handler keeps the exception for later: it is a real one. */
  static void kept(Trap t) {
    int[] a = {1};
    for (int i = 0; i < 6 * HOT; i++) { t.same(1, kept(a, 0)); t.same("Index 1 out of bounds for length 1".length(), kept(a, 1)); }
  }
}
