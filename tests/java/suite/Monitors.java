package suite;

import static support.Bytecodes.*;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import support.ClassFile;
import support.Code;

/** synchronized blocks and methods: nesting, exceptions, traps and collections while locked, inflation, contention, wait and notify. */
final class Monitors implements Suite.Case {
  int count;
  static int statics;
  static Object sink;
  static final Object GLOBAL = new Object();

  static int block(Object o, int k) { synchronized (o) { return work(o, k); } }
  static int work(Object o, int k) {
    if (k == -1) System.gc();
    if (k == -2) throw new IllegalStateException("in the block");
    if (k == -3) sink = System.identityHashCode(o);
    return Thread.holdsLock(o) ? k + 1 : -1000;
  }
  synchronized int method(int k) { count += k; return work(this, k); }
  static synchronized int staticMethod(int k) { statics += k; return work(Monitors.class, k); }
  static int leaf(Object o, int k) { int s = k; synchronized (o) { s = s * 31 + 7; } return s; }
  static long types(Object o, int i, long l, float f, double d, Object p) {
    synchronized (o) { l += work(o, i); f *= 2; d -= f; synchronized (p) { l ^= work(p, i + 1); } }
    return l + (long) f + (long) d;
  }
  synchronized long returnsLong(long v) { return v * 3; }
  synchronized double returnsDouble(double v) { return v / 3; }
  synchronized Object returnsObject(Object v) { return v == null ? this : v; }

  static int nested(Object a, Object b, Object c, int k) {
    int s = 0;
    synchronized (a) {
      s += work(a, k);
      synchronized (b) { s = s * 3 + work(b, k); synchronized (c) { s = s * 5 + work(c, k); } s += work(b, k); }
      synchronized (c) { s ^= work(c, k); }
      s += work(a, k);
    }
    return s;
  }
  static int recursive(Object o, int depth) { synchronized (o) { return depth == 0 ? work(o, 3) : recursive(o, depth - 1) + 1; } }
  synchronized int recursiveMethod(int depth) { return depth == 0 ? work(this, 3) : recursiveMethod(depth - 1) + 1; }
  static synchronized int recursiveStatic(int depth) { return depth == 0 ? work(Monitors.class, 3) : recursiveStatic(depth - 1) + 1; }
  static int twice(Object o, int k) { synchronized (o) { synchronized (o) { return work(o, k); } } }

  static int handled(Object o, int k) {
    int s = 1;
    try { synchronized (o) { s += work(o, k); } } catch (IllegalStateException e) { s += 100; } finally { s += Thread.holdsLock(o) ? 10000 : 5; }
    return s;
  }
  static int handledInside(Object o, int k) {
    synchronized (o) {
      try { return work(o, k); } catch (IllegalStateException e) { return Thread.holdsLock(o) ? 7 : -7; } finally { statics++; }
    }
  }
  synchronized int handledMethod(int k) { try { return work(this, k); } catch (IllegalStateException e) { return Thread.holdsLock(this) ? 8 : -8; } }
  static int thrown(Object o, RuntimeException e) { synchronized (o) { if (e != null) throw e; return 1; } }
  static int nullLock(Object o) { try { synchronized (o) { return 1; } } catch (NullPointerException e) { return 2; } }

  static int trapInside(Object o, int[] a, int i) { synchronized (o) { return a[i] + work(o, i); } }
  static int trapHandled(Object o, int[] a, int i) {
    int s = 0;
    synchronized (o) { try { s = a[i]; } catch (ArrayIndexOutOfBoundsException | NullPointerException e) { s = Thread.holdsLock(o) ? -5 : -500; } s += work(o, 1); }
    return s;
  }
  synchronized int trapMethod(int a, int b) { count++; return a / b + (Thread.holdsLock(this) ? 1 : 1000); }
  static int castInside(Object o, Object p) { synchronized (o) { return ((String) p).length(); } }

  static class Shape { int area(int x) { return x * 3; } }
  static class Square extends Shape { @Override int area(int x) { return x * x; } }
  static final class Late { static int value = 11; }
  static int dispatch(Object lock, Shape s, int n) { int r = 0; for (int i = 0; i < n; i++) synchronized (lock) { r += s.area(i); } return r; }
  static int unresolvedLater(Object o, boolean now) { synchronized (o) { int s = now ? Late.value : 4; return s + work(o, 1); } }

  static int loopInside(Object o, int[] a, int n) { int s = 0; synchronized (o) { for (int i = 0; i < n; i++) { s = s * 31 + a[i & 3]; } } return s; }
  static int loopOfLocks(Object[] o, int n) { int s = 0; for (int i = 0; i < n; i++) { Object x = o[i % o.length]; synchronized (x) { s += i; if (i % 7 == 3) continue; s ^= 5; } } return s; }
  static int callLoopInside(Object a, Object b, int n) { int s = 0; synchronized (a) { synchronized (b) { for (int i = 0; i < n; i++) s += work(b, i & 3) + work(a, 1); } s += work(a, 1); } return s + (Thread.holdsLock(a) || Thread.holdsLock(b) ? 1 << 20 : 0); }
  synchronized int loopMethod(int n) { int s = 0; for (int i = 0; i < n; i++) s += work(this, i & 3); return s; }
  static synchronized int loopStatic(Object o, int n) { int s = 0; synchronized (o) { for (int i = 0; i < n; i++) s += work(Monitors.class, i & 3) + work(o, 1); } return s; }

  static int overflow(Object o, int[] depth) { synchronized (o) { depth[0]++; return overflow(o, depth) + 1; } }
  synchronized int overflowMethod(int[] depth) { depth[0]++; return overflowMethod(depth) + 1; }

  synchronized void increment() { count++; }
  void incrementBlock() { synchronized (this) { count++; } }
  static synchronized void incrementStatic() { statics++; }
  static void incrementGlobal(int[] cell) { synchronized (GLOBAL) { cell[0]++; } }
  static void fourWays(Monitors m, int[] cell, int n) { for (int i = 0; i < n; i++) { m.increment(); m.incrementBlock(); incrementStatic(); incrementGlobal(cell); } }

  /** One cell that is full or empty. */
  static final class Channel {
    private int value;
    private boolean full;
    synchronized void put(int v) throws InterruptedException { while (full) wait(); value = v; full = true; notifyAll(); }
    int take() throws InterruptedException { synchronized (this) { while (!full) wait(1000); full = false; notifyAll(); return value; } }
  }

  static final class Worker extends Thread {
    final Monitors m; final int[] cell; final Channel in, out; final int n;
    Throwable failed;
    int sum;
    Worker(Monitors m, int[] cell, Channel in, Channel out, int n) { this.m = m; this.cell = cell; this.in = in; this.out = out; this.n = n; }
    @Override public void run() {
      try {
        if (in == null) { fourWays(m, cell, n); return; }
        for (int i = 0; i < n; i++) { int v = in.take(); sum += v; out.put(v + 1); }
      } catch (Throwable t) { failed = t; }
    }
  }

  private static int rounds;

  static void contention(Suite.Out out) throws Throwable {
    int n = rounds <= 3 ? 4000 : 50;
    Monitors m = new Monitors();
    int[] cell = new int[1];
    int before = statics;
    Worker[] workers = new Worker[4];
    for (int t = 0; t < workers.length; t++) { workers[t] = new Worker(m, cell, null, null, n); workers[t].start(); }
    for (int i = 0; i < 3; i++) { sink = m.hashCode(); if (rounds <= 3) System.gc(); }
    for (Worker w : workers) { w.join(); if (w.failed != null) throw w.failed; }
    out.add(m.count == 8 * n);
    out.add(cell[0] == 4 * n);
    out.add(statics - before == 4 * n);
    Channel there = new Channel(), back = new Channel();
    Worker echo = new Worker(null, null, there, back, 300);
    echo.start();
    int sum = 0;
    for (int i = 0; i < 300; i++) { there.put(i); sum += back.take(); }
    echo.join();
    if (echo.failed != null) throw echo.failed;
    out.add((long) sum * 1000 + echo.sum % 1000);
  }

  /** Monitors that do not nest: (a, b, k) -> int. */
  public interface Unstructured { int apply(Object a, Object b, int k); }
  private interface Body { void emit(Code m); }

  private static Unstructured make(String name, Body body) {
    try {
      ClassFile w = new ClassFile(50, ACC_PUBLIC | ACC_FINAL, "suite/Monitors_" + name, "suite/Monitors$Unstructured");
      w.constructor();
      Code k = w.method(ACC_PUBLIC, "apply", "(Ljava/lang/Object;Ljava/lang/Object;I)I");
      body.emit(k);
      return (Unstructured) MethodHandles.lookup().defineClass(w.bytes()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
  private static void on(Code m, int local, int opcode) { m.local(ALOAD, local); m.op(opcode); }
  private static void result(Code m) { m.local(ILOAD, 3); m.op(IRETURN); }

  private static final Unstructured[] UNSTRUCTURED = {
    make("crossed", m -> { on(m, 1, MONITORENTER); on(m, 2, MONITORENTER); on(m, 1, MONITOREXIT); on(m, 2, MONITOREXIT); result(m); }),
    make("never_left", m -> { on(m, 1, MONITORENTER); result(m); }),
    make("never_entered", m -> { on(m, 1, MONITOREXIT); result(m); }),
    make("left_twice", m -> { on(m, 1, MONITORENTER); on(m, 1, MONITOREXIT); on(m, 1, MONITOREXIT); result(m); }),
    make("other", m -> { on(m, 1, MONITORENTER); on(m, 2, MONITOREXIT); result(m); }),
    make("thrown", m -> { on(m, 1, MONITORENTER); m.op(ACONST_NULL); m.op(ATHROW); }),
    make("called", m -> { on(m, 1, MONITORENTER); m.local(ALOAD, 1); m.local(ILOAD, 3); m.call(INVOKESTATIC, "suite/Monitors", "work", "(Ljava/lang/Object;I)I", false); m.op(POP); on(m, 1, MONITOREXIT); result(m); }),
  };

  private static void unstructured(Suite.Out out, Object a, Object b) {
    for (int i = 0; i < UNSTRUCTURED.length; i++)
      for (Object second : new Object[] {b, a})
        for (int k : new int[] {1, -2}) {
          try { out.add((long) UNSTRUCTURED[i].apply(a, second, k)); } catch (RuntimeException e) { out.add(i + e.getClass().getName()); }
          out.add(Thread.holdsLock(a) || Thread.holdsLock(b));
        }
  }

  private static void deep(Suite.Out out, Object o, Monitors m) {
    int[] depth = new int[1];
    try { overflow(o, depth); out.add(false); } catch (StackOverflowError e) { out.add(depth[0] > 50 && !Thread.holdsLock(o)); }
    depth[0] = 0;
    try { m.overflowMethod(depth); out.add(false); } catch (StackOverflowError e) { out.add(depth[0] > 50 && !Thread.holdsLock(m)); }
  }

  private static void one(Suite.Out out, Object o, Object p, Monitors m, int k) {
    try { out.add((long) block(o, k)); } catch (IllegalStateException e) { out.thrown("block", e); }
    try { out.add((long) m.method(k)); } catch (IllegalStateException e) { out.thrown("method", e); }
    try { out.add((long) staticMethod(k)); } catch (IllegalStateException e) { out.thrown("staticMethod", e); }
    try { out.add((long) nested(o, p, m, k)); } catch (IllegalStateException e) { out.thrown("nested", e); }
    try { out.add((long) nested(o, o, p, k)); } catch (IllegalStateException e) { out.thrown("nested2", e); }
    try { out.add((long) twice(o, k)); } catch (IllegalStateException e) { out.thrown("twice", e); }
    try { out.add(types(o, k, 1L << 40, 1.5f, k / 3.0, p)); } catch (IllegalStateException e) { out.thrown("types", e); }
    out.add((long) handled(o, k) * 31 + handledInside(o, k));
    out.add((long) m.handledMethod(k));
    out.add((long) leaf(o, k));
    out.add(Thread.holdsLock(o) || Thread.holdsLock(p) || Thread.holdsLock(m) || Thread.holdsLock(Monitors.class));
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    rounds++;
    Monitors m = new Monitors();
    Object o = new Object(), p = new int[3];
    int[] a = {3, 1, 4, 1};
    for (int k : new int[] {0, 5, -2, 5, -3, 5, -2}) {
      one(out, new Object(), "p" + k, m, k);
      one(out, o, p, m, k);
    }
    if (rounds % 8 == 1) one(new Suite.Out(), o, p, m, -1);  // collections are slow
    out.add((long) m.returnsLong(1L << 50) + (long) m.returnsDouble(1e10));
    out.add(m.returnsObject(null) == m && m.returnsObject(p) == p);
    for (int depth : new int[] {0, 1, 2, 40}) { out.add((long) recursive(o, depth)); out.add((long) m.recursiveMethod(depth)); out.add((long) recursiveStatic(depth)); }
    try { thrown(o, null); thrown(o, new IllegalStateException("given")); } catch (IllegalStateException e) { out.add(e.getMessage() + Thread.holdsLock(o)); }
    out.add((long) nullLock(o) * 10 + nullLock(null));
    try { synchronized (o) { block(null, 1); } } catch (NullPointerException e) { out.add(Thread.holdsLock(o)); }
    for (int i : new int[] {0, 1, 2, 3, 7, -1, 2}) {
      try { out.add((long) trapInside(o, a, i)); } catch (ArrayIndexOutOfBoundsException e) { out.thrown("trapInside", e); }
      out.add((long) trapHandled(o, a, i) + trapHandled(o, i == 3 ? null : a, 1));
      try { out.add((long) m.trapMethod(i, i - 2)); } catch (ArithmeticException e) { out.thrown("trapMethod", e); }
      try { out.add((long) castInside(o, i == 7 ? a : "abc")); } catch (ClassCastException e) { out.add("cast"); }
      out.add(Thread.holdsLock(o) || Thread.holdsLock(m));
    }
    out.add((long) dispatch(o, new Shape(), 300));
    out.add(rounds <= 2 || dispatch(o, new Square(), 300) == 8955050);  // a class that is loaded later
    out.add((long) dispatch(o, new Shape(), 10));
    out.add((long) unresolvedLater(o, false));
    out.add(rounds <= 30 || unresolvedLater(o, true) == 13);
    int n = rounds % 8 == 1 ? 70000 : 100;
    long loops = loopInside(o, a, n) * 31L + loopOfLocks(new Object[] {o, p, m, new Object()}, n);
    loops = loops * 31 + callLoopInside(o, p, n);
    loops = loops * 31 + m.loopMethod(n);
    loops = loops * 31 + loopStatic(p, n);
    if (n == 100) {
      out.add(rounds == 2 || loops == few);
      few = loops;
    } else {
      out.add(rounds == 1 || loops == many);
      many = loops;
    }
    out.add(Thread.holdsLock(o) || Thread.holdsLock(p) || Thread.holdsLock(m) || Thread.holdsLock(Monitors.class));
    unstructured(out, new Object(), new Object());
    if (rounds <= 4 || rounds > 38) deep(out, o, m); else { out.add(true); out.add(true); }
    int hash = System.identityHashCode(o);
    block(o, 1);
    out.add(hash == System.identityHashCode(o));
    contention(out);
    out.add(Arrays.hashCode(a));
  }
  private static long few, many;
}
