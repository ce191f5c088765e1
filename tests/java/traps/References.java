package traps;

import static traps.Trap.HOT;

import java.lang.ref.Cleaner;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Weak references, finalizers, liveness, interrupts. */
final class References {
  static Object strong;
  static final AtomicInteger FINALIZED = new AtomicInteger();
  static class Finalized { int v = 3; @SuppressWarnings("removal") @Override protected void finalize() { FINALIZED.incrementAndGet(); } }

  static Object weak(WeakReference<Object> r) { Object o = r.get(); return o == null ? "gone" : o; }
  /** get() of a weak reference keeps its object alive from then on, and is null when it died. */
  static void weak(Trap t) {
    for (int i = 0; i < HOT; i++) { Object o = new int[1]; WeakReference<Object> r = new WeakReference<>(o); if (i % 40 == 39) System.gc(); t.sameObject(o, weak(r)); Reference.reachabilityFence(o); }
    WeakReference<Object> r = new WeakReference<>(new int[1]);
    t.same(true, ClassUnloading.dies(r));
    t.same("gone", (String) weak(r));
  }

  static int twice(WeakReference<int[]> r) { int[] a = r.get(); if (a == null) return -1; Traps.sink = new byte[100]; int[] b = r.get(); return a == b ? a[0] : -2; }
  /** Two reads of a weak reference whose object is held in between. */
  static void twice(Trap t) {
    for (int i = 0; i < HOT; i++) { int[] a = {i}; t.same(i, twice(new WeakReference<>(a))); Reference.reachabilityFence(a); }
    t.same(-1, twice(new WeakReference<>(null)));
  }

  static int soft(SoftReference<String> s, ReferenceQueue<Object> q) { PhantomReference<Object> p = new PhantomReference<>(new Object(), q); return (p.get() == null ? 1 : 0) + s.get().length() * 10 + (p.refersTo(null) ? 100 : 0) + (s.refersTo(s.get()) ? 1000 : 0); }
  /** Soft and phantom references, refersTo. */
  static void soft(Trap t) {
    SoftReference<String> s = new SoftReference<>("abc");
    for (int i = 0; i < HOT; i++) t.same(true, soft(s, new ReferenceQueue<>()) % 100 == 31);
    s.clear();
    t.thrown(NullPointerException.class, () -> soft(s, new ReferenceQueue<>()));
  }

  static int finalizers(boolean keep) { Finalized f = new Finalized(); if (keep) strong = f; return f.v; }
  /** An object with a finalizer is registered, also when it never escapes. */
  static void finalizers(Trap t) throws InterruptedException {
    strong = null;
    int before = FINALIZED.get();
    for (int i = 0; i < HOT; i++) t.same(3, finalizers(i % 2 == 0));
    strong = null;
    for (int i = 0; i < 100 && FINALIZED.get() - before < HOT; i++) { System.gc(); System.runFinalization(); Thread.sleep(2); }
    t.same(HOT, FINALIZED.get() - before);
  }

  static int mapped(WeakHashMap<Object, Integer> m, Object k, int v) { m.put(k, v); return m.get(k) + m.size() * 0; }
  /** A map whose keys die between two calls. */
  static void mapped(Trap t) {
    WeakHashMap<Object, Integer> m = new WeakHashMap<>();
    for (int i = 0; i < HOT; i++) { if (i % 40 == 39) System.gc(); t.same(i, mapped(m, new Object(), i)); }
  }

  static int fenced(int[] a, int i) { try { return a[i]; } finally { Reference.reachabilityFence(a); } }
  /** reachabilityFence in finally. */
  static void fenced(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(7, fenced(new int[] {7}, 0));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> fenced(new int[1], 1));
  }

  static int enqueued(Object o, ReferenceQueue<Object> q) throws InterruptedException { WeakReference<Object> r = new WeakReference<>(o, q); r.enqueue(); return q.remove(1000) == r ? 1 : 0; }
  /** A reference is enqueued by the program. */
  static void enqueued(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.same(1, enqueued(new Object(), new ReferenceQueue<>()));
  }

  static int interrupted(int n) { int i = 0; while (!Thread.interrupted()) if (++i == n) return -1; return 1; }
  /** A loop that ends by an interrupt from outside. */
  static void interrupted(Trap t) throws InterruptedException {
    for (int i = 1; i < HOT; i++) t.same(-1, interrupted(i));
    int[] result = new int[1];
    Thread x = new Thread(() -> result[0] = interrupted(Integer.MAX_VALUE));
    x.start();
    x.interrupt();
    x.join();
    t.same(1, result[0]);
  }

  static int sleeps(boolean interrupt) { try { if (interrupt) Thread.currentThread().interrupt(); Thread.sleep(0, 1); return 1; } catch (InterruptedException e) { return Thread.currentThread().isInterrupted() ? 3 : 2; } }
  /** An interrupt arrives in a sleep, as an exception in the same frame. */
  static void sleeps(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, sleeps(false));
    t.same(2, sleeps(true));
    t.same(1, sleeps(false));
  }

  static final ThreadLocal<int[]> LOCAL = ThreadLocal.withInitial(() -> new int[1]);
  static int threadLocals(int k) { int[] a = LOCAL.get(); a[0] += k; return a[0]; }
  /** Thread locals in two threads. */
  static void threadLocals(Trap t) throws InterruptedException {
    LOCAL.remove();
    for (int i = 0; i < HOT; i++) t.same(i + 1, threadLocals(1));
    int[] result = new int[1];
    Thread x = new Thread(() -> result[0] = threadLocals(5));
    x.start();
    x.join();
    t.same(5, result[0]);
    LOCAL.remove();
    t.same(2, threadLocals(2));
  }

  static int cleaned(Cleaner.Cleanable c, int[] log) { c.clean(); c.clean(); return log[0]; }
  /** A cleaner's action runs once. */
  static void cleaned(Trap t) {
    Cleaner cleaner = Cleaner.create();
    for (int i = 0; i < HOT; i++) { int[] log = new int[1]; Object o = new Object(); t.same(1, cleaned(cleaner.register(o, () -> log[0]++), log)); Reference.reachabilityFence(o); }
  }

  static int stopped(int n) { int i = 0; while (i != n) i = i + 1 & 0xffffff; return i; }
  /** Thread.stop ends a loop without calls, through its poll. */
  static void stopped(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.same(i, stopped(i));
    boolean[] dead = new boolean[1];
    boolean[] running = new boolean[1];
    Thread x = new Thread(() -> { try { running[0] = true; stopped(-1); } catch (ThreadDeath d) { dead[0] = true; } });
    x.start();
    while (!running[0]) Thread.sleep(1);
    x.stop();
    x.join();
    t.same(true, dead[0]);
  }
}
