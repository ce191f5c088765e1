package traps;

import static traps.Trap.HOT;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** Monitors: elided, coarsened, inflated, held over traps and exceptions. */
final class Locks {
  int count;
  static Object shared = new Object();

  static int escapesNowhere(int x) { Object o = new Object(); synchronized (o) { synchronized (o) { return 100 / x; } } }
  /** The lock of an object that nobody else sees may be removed; a trap inside must still balance. */
  static void escapesNowhere(Trap t) {
    for (int i = 1; i < HOT; i++) t.same(100 / i, escapesNowhere(i));
    t.thrown(ArithmeticException.class, () -> escapesNowhere(0));
    t.same(100, escapesNowhere(1));
  }

  static int escapesLate(int x, Object[] out) { Object o = new Object(); synchronized (o) { if (x > 1000) { out[0] = o; return Thread.holdsLock(o) ? 1 : 2; } return x; } }
  /** The locked object escapes on a way that was never taken. */
  static void escapesLate(Trap t) {
    Object[] out = new Object[1];
    for (int i = 0; i < HOT; i++) t.same(i, escapesLate(i, out));
    t.same(1, escapesLate(1001, out));
    t.same(false, Thread.holdsLock(out[0]));
  }

  synchronized void add(int x) { count += x; }
  static int coarsened(Locks l, int n) { for (int i = 0; i < n; i++) { l.add(i); l.add(1); l.add(-1); } synchronized (l) { return l.count; } }
  /** One lock is taken and left in every line. */
  static void coarsened(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * (i - 1) / 2, coarsened(new Locks(), i));
    t.thrown(NullPointerException.class, () -> coarsened(null, 1));
  }

  static int trapBetween(Object a, int[] b, int i) { int s = 0; synchronized (a) { s += b[0]; } synchronized (a) { s += b[i]; synchronized (b) { s += b[i + 1]; } } return s; }
  /** Traps with none, one and two monitors held: all are left. */
  static void trapBetween(Trap t) {
    Object a = new Object();
    int[] b = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.add(trapBetween(a, b, i % 2));
    for (int i : new int[] {2, 3, -1}) { t.thrown(ArrayIndexOutOfBoundsException.class, () -> trapBetween(a, b, i)); t.same(false, Thread.holdsLock(a) || Thread.holdsLock(b)); }
    t.thrown(NullPointerException.class, () -> trapBetween(a, null, 0));
    t.thrown(NullPointerException.class, () -> trapBetween(null, b, 0));
    t.same(false, Thread.holdsLock(a));
  }

  static int collectsInside(Object o, int k) { synchronized (o) { if (k % 40 == 39) System.gc(); return Thread.holdsLock(o) ? k : -1; } }
  /** A collection moves the object while its mark points into our stack. */
  static void collectsInside(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, collectsInside(new int[i], i));
    t.same(5, collectsInside(Locks.class, 5));
  }

  static int hashWhileLocked(Object o) { synchronized (o) { int h = System.identityHashCode(o); return h == System.identityHashCode(o) ? 1 : 0; } }
  /** The identity hash of a locked object inflates its monitor, which stays locked. */
  static void hashWhileLocked(Trap t) {
    for (int i = 0; i < HOT; i++) { Object o = new Object(); t.same(1, hashWhileLocked(o)); t.same(false, Thread.holdsLock(o)); }
    Object o = new Object();
    int h = o.hashCode();
    for (int i = 0; i < HOT; i++) t.same(1, hashWhileLocked(o));
    t.same(true, h == o.hashCode());
  }

  static int lockOfClass(int k) { synchronized (Locks.class) { synchronized (String.class) { return k + (Thread.holdsLock(Locks.class) ? 1 : 0); } } }
  /** Class objects and constants as locks. */
  static void lockOfClass(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 1, lockOfClass(i));
    t.same(false, Thread.holdsLock(Locks.class) || Thread.holdsLock(String.class));
  }

  static int changesLock(Object[] o, int k) { synchronized (o[0]) { Object old = o[0]; o[0] = new Object(); return (Thread.holdsLock(old) ? 1 : 0) + (Thread.holdsLock(o[0]) ? 2 : 0) + k * 4; } }
  /** The variable that held the lock is overwritten inside: the old object is unlocked. */
  static void changesLock(Trap t) {
    Object[] o = {new Object()};
    for (int i = 0; i < HOT; i++) { Object old = o[0]; t.same(1 + i * 4, changesLock(o, i)); t.same(false, Thread.holdsLock(old)); }
  }

  static int deep(Object o, int n) { synchronized (o) { return n == 0 ? 0 : 1 + deep(o, n - 1); } }
  static int recursive(Object o, int n) { return deep(o, n) + (Thread.holdsLock(o) ? 1000 : 0); }
  /** One object locked hundreds of times by one thread, also when it is inflated. */
  static void recursive(Trap t) {
    Object o = new Object();
    for (int i = 0; i < HOT; i++) t.same(i, recursive(o, i));
    synchronized (o) { try { o.wait(1); } catch (InterruptedException e) { t.fail(e); } }
    t.same(300, recursive(o, 300));
  }

  static void contended(Locks l, Object lock, int n) { for (int i = 0; i < n; i++) synchronized (lock) { l.count++; } }
  /** Three threads and one counter. */
  static void contended(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) contended(new Locks(), new Object(), 3);
    Locks l = new Locks();
    Object lock = new Object();
    Thread[] threads = new Thread[3];
    for (int i = 0; i < 3; i++) (threads[i] = new Thread(() -> contended(l, lock, 3000))).start();
    for (Thread x : threads) x.join();
    t.same(9000, l.count);
  }

  static int waits(Object lock, int[] cell) throws InterruptedException { synchronized (lock) { while (cell[0] == 0) lock.wait(10_000); return cell[0]; } }
  /** wait gives the monitor up, and has it again afterwards. */
  static void waits(Trap t) throws InterruptedException {
    for (int i = 1; i < HOT; i++) t.same(i, waits(new Object(), new int[] {i}));
    Object lock = new Object();
    int[] cell = new int[1];
    Thread other = new Thread(() -> { synchronized (lock) { cell[0] = 5; lock.notifyAll(); } });
    other.start();
    t.same(5, waits(lock, cell));
    other.join();
    t.thrown(IllegalMonitorStateException.class, () -> { lock.notify(); return 0; });
  }

  static int throwsInside(Object o, int k) { synchronized (o) { if (k < 0) throw new IllegalStateException("inside"); return k; } }
  static int caught(Object o, int k) { try { return throwsInside(o, k); } catch (IllegalStateException e) { return Thread.holdsLock(o) ? -1 : -2; } }
  /** An exception leaves the block: the monitor is free in the caller's handler. */
  static void throwsInside(Trap t) {
    Object o = new Object();
    for (int i = 0; i < HOT; i++) { t.same(i, caught(o, i)); t.same(i, throwsInside(o, i)); }
    for (int i = 0; i < HOT; i++) t.same(-2, caught(o, -1));
  }

  static int reentrant(ReentrantLock l, int k) { l.lock(); try { l.lock(); try { return 100 / k + l.getHoldCount(); } finally { l.unlock(); } } finally { l.unlock(); } }
  /** The library's lock, twice, and an exception inside. */
  static void reentrant(Trap t) {
    ReentrantLock l = new ReentrantLock();
    for (int i = 1; i < HOT; i++) t.same(100 / i + 2, reentrant(l, i));
    t.thrown(ArithmeticException.class, () -> reentrant(l, 0));
    t.same(false, l.isLocked());
  }

  static int boxedLock(Object o, int k) { synchronized (o) { return k; } }
  /** Boxes, strings, arrays and null as locks. */
  static void boxedLock(Trap t) {
    Object[] locks = {"string", new int[1], new Object[0], t, Thread.currentThread()};
    for (int i = 0; i < HOT; i++) t.same(i, boxedLock(locks[i % 5], i));
    t.thrown(NullPointerException.class, () -> boxedLock(null, 1));
  }

  static int deoptimizedInside(Object a, Object b, int k) { synchronized (a) { synchronized (b) { if (k == 7) Trap.deoptimizeAll(); int r = (Thread.holdsLock(a) ? 1 : 0) + (Thread.holdsLock(b) ? 2 : 0); synchronized (a) { return r + k * 4; } } } }
  /** All frames are deoptimised while two monitors are held. */
  static void deoptimizedInside(Trap t) {
    Object a = new Object(), b = new Object();
    for (int i = 0; i < HOT; i++) t.same(3 + i % 7 * 4, deoptimizedInside(a, b, i % 7));
    t.same(3 + 28, deoptimizedInside(a, b, 7));
    t.same(false, Thread.holdsLock(a) || Thread.holdsLock(b));
    t.same(3 + 28, deoptimizedInside(a, a, 7));
    t.same(false, Thread.holdsLock(a));
  }

  static int sharedField() { synchronized (shared) { return Thread.holdsLock(shared) ? 1 : 0; } }
  /** The lock is read from a static field that changes. */
  static void sharedField(Trap t) {
    for (int i = 0; i < HOT; i++) { if (i % 10 == 0) shared = new Object(); t.same(1, sharedField()); }
    Object old = shared;
    shared = null;
    t.thrown(NullPointerException.class, Locks::sharedField);
    shared = old;
  }

  static int atomics(AtomicInteger a, int k) { return a.getAndAdd(k) + a.incrementAndGet() + (a.compareAndSet(k, 5) ? 1000 : 0) + a.get(); }
  /** Atomic operations between locks. */
  static void atomics(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(atomics(new AtomicInteger(i % 3), i));
    t.same(-1 + 1 + 1000 + 5, atomics(new AtomicInteger(-1), 1));
  }

  static int throwsLocked(Object lock, int[] a, int i) { synchronized (lock) { int s = a[i]; synchronized (a) { return s / (i - 1); } } }
  static int throwsLockedHandled(Object lock, int[] a, int i) {
    try { return throwsLocked(lock, a, i); } catch (ArithmeticException e) { return Thread.holdsLock(lock) || Thread.holdsLock(a) ? -1 : e.getMessage().length(); } catch (RuntimeException e) { return -3; }
  }
  /** Implicit exceptions with one and two monitors held, all the time. */
  static void throwsLocked(Trap t) {
    Object lock = new Object();
    int[] a = {4, 5, 6};
    for (int i = 0; i < 6 * HOT; i++) {
      t.same(6, throwsLockedHandled(lock, a, 2));
      t.same("/ by zero".length(), throwsLockedHandled(lock, a, 1));
      t.same(-3, throwsLockedHandled(lock, a, 3));
      t.same(-3, throwsLockedHandled(lock, null, 0));
      t.same(-3, throwsLockedHandled(null, a, 0));
    }
    t.same(false, Thread.holdsLock(lock) || Thread.holdsLock(a));
  }

  synchronized int inner(int k) { if (k == -1) System.gc(); if (k == -2) throw new IllegalStateException("inner"); count += k; return Thread.holdsLock(this) ? count : -1000; }
  synchronized int middle(Locks other, int k) { int s = inner(1) * 2; synchronized (other) { s += other.inner(k) + inner(0); } return s; }
  static synchronized int outer(Locks a, Locks b, int k) { return a.middle(b, k) + (Thread.holdsLock(a) || Thread.holdsLock(b) || !Thread.holdsLock(Locks.class) ? 1 << 20 : 0); }
  static int inlinedLocks(Locks a, Locks b, int k) { int s = outer(a, b, k); return s + (Thread.holdsLock(Locks.class) ? 1 << 21 : 0); }
  /** Inlined synchronized methods and blocks: a collection, an exception, and a deoptimisation in the innermost. */
  static void inlinedLocks(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(2 + 5 + 1, inlinedLocks(new Locks(), new Locks(), 5));
    Locks a = new Locks();
    Locks b = new Locks();
    t.same(2 - 1 + 1, inlinedLocks(a, b, -1));
    t.thrown(IllegalStateException.class, () -> inlinedLocks(a, b, -2));
    t.same(false, Thread.holdsLock(a) || Thread.holdsLock(b) || Thread.holdsLock(Locks.class));
    t.thrown(NullPointerException.class, () -> inlinedLocks(a, null, 1));
    t.same(false, Thread.holdsLock(a) || Thread.holdsLock(Locks.class));
    for (int i = 0; i < HOT; i++) t.add(inlinedLocks(a, a, 1));
    t.same(false, Thread.holdsLock(a));
  }

  static class Shape { synchronized int area(int[] sizes, int i) { return sizes[i] * 2; } }
  static final class Late extends Shape { @Override synchronized int area(int[] sizes, int i) { return -sizes[i] + (Thread.holdsLock(this) ? 1 : 1000); } }
  static int deoptimizedInlined(Object lock, Shape s, int[] sizes, int i) { synchronized (lock) { int r = s.area(sizes, i); return r + (Thread.holdsLock(lock) ? 1 : 1000); } }
  static int deoptimizedCaller(Shape s, int[] sizes, int i) { synchronized (s) { return deoptimizedInlined(sizes, s, sizes, i) + s.area(sizes, 0) + (Thread.holdsLock(s) && !Thread.holdsLock(sizes) ? 1 : 1000); } }
  /** A trap and a class that was never seen, with monitors of three inlined frames held, one of them twice. */
  static void deoptimizedInlined(Trap t) {
    int[] sizes = {1, 2, 3};
    for (int i = 0; i < HOT; i++) t.same(2 * sizes[i % 3] + 1 + 2 + 1, deoptimizedCaller(new Shape(), sizes, i % 3));
    Shape shape = new Shape();
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> deoptimizedCaller(shape, sizes, 3));
    t.same(false, Thread.holdsLock(shape) || Thread.holdsLock(sizes));
    Shape late = new Late();
    t.same(-2 + 1 + 1 - 1 + 1 + 1, deoptimizedCaller(late, sizes, 1));
    t.same(false, Thread.holdsLock(late) || Thread.holdsLock(sizes));
    for (int i = 0; i < HOT; i++) t.add(deoptimizedCaller(i % 2 == 0 ? shape : late, sizes, i % 3));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> deoptimizedCaller(late, sizes, -1));
    t.same(false, Thread.holdsLock(late) || Thread.holdsLock(sizes));
  }

  static int throwsFromInlined(Locks l, int k, RuntimeException e) { try { return l.thrower(k, e) + l.thrower(k + 1, null); } catch (IllegalStateException x) { return Thread.holdsLock(l) ? -1 : -2; } }
  synchronized int thrower(int k, RuntimeException e) { count += k; synchronized (Locks.class) { if (e != null) throw e; } return count; }
  /** An athrow out of an inlined synchronized method into a handler of its caller, or past it. */
  static void throwsFromInlined(Trap t) {
    RuntimeException e = new IllegalStateException();
    RuntimeException f = new IllegalArgumentException("past");
    for (int i = 0; i < HOT; i++) { t.add(throwsFromInlined(new Locks(), i, null)); t.same(-2, throwsFromInlined(new Locks(), i, e)); }
    Locks l = new Locks();
    for (int i = 0; i < HOT; i++) t.thrown(IllegalArgumentException.class, () -> throwsFromInlined(l, 1, f));
    t.same(false, Thread.holdsLock(l) || Thread.holdsLock(Locks.class));
  }

  static int contendedInlined(Locks l, int n) { int s = 0; for (int i = 0; i < n; i++) { l.add(1); synchronized (l) { l.add(-1); s += l.count & 1; } } return s; }
  /** Two threads in the same inlined monitors. */
  static void contendedInlined(Trap t) throws Exception {
    Locks l = new Locks();
    for (int i = 0; i < HOT; i++) contendedInlined(l, 10);
    Thread other = new Thread(() -> { for (int i = 0; i < 50; i++) contendedInlined(l, 200); });
    other.start();
    for (int i = 0; i < 50; i++) contendedInlined(l, 200);
    other.join();
    t.same(0, l.count);
  }
}
