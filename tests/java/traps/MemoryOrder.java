package traps;

import static traps.Trap.HOT;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Barriers: publication, Dekker's and its like, loops that wait for another thread. */
final class MemoryOrder {
  static volatile int x, y, turn;
  static int plain;
  static volatile boolean flag;
  static int r1, r2;

  static int dekker(int me) { if (me == 0) { x = 1; return y; } else { y = 1; return x; } }
  /** Store, then load of another volatile: not both threads may read 0. */
  static void dekker(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) { x = 0; y = 0; t.same(0, dekker(i & 1)); }
    int bad = 0;
    for (int i = 0; i < 60; i++) {
      x = 0; y = 0; turn = 0;
      Thread a = new Thread(() -> { turn++; while (turn == 0) Thread.yield(); r1 = dekker(0); });
      a.start();
      while (turn == 0) Thread.yield();
      r2 = dekker(1);
      a.join();
      if (r1 == 0 && r2 == 0) bad++;
    }
    t.same(0, bad);
  }

  static void publish(int v) { plain = v; flag = true; }
  static int consume() { return flag ? plain : -1; }
  static int publication(int v) { publish(v); return consume(); }
  /** What was written before a volatile store is seen behind the load that sees it. */
  static void publication(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) { flag = false; t.same(-1, consume()); t.same(i, publication(i)); }
    int bad = 0;
    for (int i = 1; i < 60; i++) {
      flag = false;
      int v = i;
      Thread a = new Thread(() -> publish(v));
      a.start();
      int seen;
      while ((seen = consume()) == -1) Thread.yield();
      if (seen != i) bad++;
      a.join();
    }
    t.same(0, bad);
  }

  static int waitsForFlag(int patience) { int n = 0; while (!flag) { n++; if (patience > 0 && n > patience) return -1; } return 1; }
  /** A loop that waits for a volatile flag ends when it is set, and lets collections happen. */
  static void waitsForFlag(Trap t) throws InterruptedException {
    flag = false;
    for (int i = 0; i < HOT; i++) t.same(-1, waitsForFlag(20));
    Thread a = new Thread(() -> { System.gc(); flag = true; });
    a.start();
    t.same(1, waitsForFlag(0));
    a.join();
  }

  static final class Final { final int a; final int[] b; Final(int a) { this.a = a; b = new int[] {a, a}; } }
  static Final shared;
  static void makeFinal(int i) { shared = new Final(i); }
  static int finalFields(boolean make, int i) { if (make) { makeFinal(i); return i; } Final f = shared; return f == null ? 0 : f.a == f.b[1] ? 1 : 2; }
  /** Final fields are complete for whoever sees the object, without synchronisation. */
  static void finalFields(Trap t) throws InterruptedException {
    shared = null;
    for (int i = 0; i < HOT; i++) { t.same(i, finalFields(true, i)); t.same(1, finalFields(false, 0)); }
    Thread a = new Thread(() -> { for (int i = 0; i < 20_000; i++) finalFields(true, i); });
    a.start();
    int bad = 0;
    while (a.isAlive()) if (finalFields(false, 0) == 2) bad++;
    a.join();
    t.same(0, bad);
  }

  static volatile long volatileWide;
  static int tearing(long v) { volatileWide = v; long r = volatileWide; return (int) r == (int) (r >>> 32) ? 1 : 0; }
  /** Volatile longs are not torn. */
  static void tearing(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.same(1, tearing(i * 0x100000001L));
    Thread a = new Thread(() -> { for (int i = 0; i < 20_000; i++) tearing(i * 0x100000001L); });
    a.start();
    int bad = 0;
    while (a.isAlive()) bad += 1 - tearing(-1L);
    a.join();
    t.same(0, bad);
  }

  static boolean lockFree(AtomicReference<Object[]> head, Object o) { Object[] old; do { old = head.get(); } while (!head.compareAndSet(old, new Object[] {o, old})); return true; }
  /** A stack of compare-and-set, from three threads, over collections. */
  static void lockFree(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.same(true, lockFree(new AtomicReference<>(), i));
    AtomicReference<Object[]> head = new AtomicReference<>();
    Thread[] threads = new Thread[3];
    for (int k = 0; k < 3; k++) (threads[k] = new Thread(() -> { for (int i = 0; i < 1000; i++) lockFree(head, i); })).start();
    for (Thread a : threads) a.join();
    long sum = 0;
    int n = 0;
    for (Object[] p = head.get(); p != null; p = (Object[]) p[1], n++) sum += (Integer) p[0];
    t.same(3000, n);
    t.same(3 * 999 * 500, sum);
  }

  static long counters(AtomicLong a, int n) { for (int i = 0; i < n; i++) { a.incrementAndGet(); a.addAndGet(2); a.getAndUpdate(v -> v + 1); } return a.get(); }
  /** Atomic adds from several threads. */
  static void counters(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.same(4 * i, counters(new AtomicLong(), i));
    AtomicLong a = new AtomicLong();
    Thread[] threads = new Thread[3];
    for (int k = 0; k < 3; k++) (threads[k] = new Thread(() -> counters(a, 2000))).start();
    for (Thread b : threads) b.join();
    t.same(24000, a.get());
  }

  static int redundantLoads() { int a = plain; r1 = plain; int b = plain; plain = a + 1; int c = plain; turn = 5; int d = plain; return a + b * 3 + c * 5 + d * 7 + turn; }
  /** Plain loads may be merged, but not over the program's own stores. */
  static void redundantLoads(Trap t) {
    for (int i = 0; i < HOT; i++) { plain = i; t.same(i + i * 3 + (i + 1) * 12 + 5, redundantLoads()); }
  }
}
