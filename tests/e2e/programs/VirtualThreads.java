import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Virtual threads that park inside compiled frames, in callees that are inlined, below handlers and holding monitors,
 * while garbage is collected. Prints sums that depend on nothing but the arguments.
 */
public final class VirtualThreads {
  static final class Node {
    final int value;
    final Node next;
    Node(int value, Node next) { this.value = value; this.next = next; }
  }

  static final class Cell {
    long sum;
    int inside;
    int worst;
  }

  static final AtomicLong total = new AtomicLong();
  static final Cell[] cells = new Cell[16];

  static void pause(int k) {
    if ((k & 3) == 0) LockSupport.parkNanos(1000);
    else Thread.yield();
  }

  /** References, numbers and new objects live over a call that may come back on another carrier. */
  static long chain(int seed, int n) {
    Node list = null;
    long mix = seed;
    double d = seed;
    for (int i = 0; i < n; i++) {
      list = new Node(seed + i, list);
      if ((i & 7) == 3) pause(i >> 3);
      Object[] garbage = new Object[4 + (i & 3)];
      garbage[i & 3] = list;
      mix = mix * 31 + ((Node) garbage[i & 3]).value;
      d += list.value * 0.5;
    }
    for (Node at = list; at != null; at = at.next) mix += at.value;
    return mix + (long) d;
  }

  /** The exception comes from a callee that parked; the handler goes on with what was there before. */
  static long throwing(int seed, int n) {
    long s = 0;
    for (int i = 0; i < n; i++) {
      Node kept = new Node(seed ^ i, null);
      try {
        s += fails(seed + i);
      } catch (IllegalStateException e) {
        pause(i);
        s += kept.value + e.getMessage().length();
        s += new Node(i, kept).next.value;
      } finally {
        s++;
      }
    }
    return s;
  }

  static int fails(int k) {
    pause(k >> 1);
    if (k % 3 == 0) throw new IllegalStateException("k" + k % 10);
    return k;
  }

  /** Parks while it holds a monitor that others wait for. */
  static long guarded(int seed, int n) {
    long s = 0;
    for (int i = 0; i < n; i++) {
      Cell cell = cells[(seed + i) & 15];
      Node kept = new Node(seed + i, null);
      synchronized (cell) {
        if (++cell.inside != 1) cell.worst = cell.inside;
        if ((i & 3) == 1) pause(seed + i);
        cell.sum += kept.value;
        s += nested(cell, i);
        cell.inside--;
      }
      s += kept.value;
    }
    return s;
  }

  static int nested(Cell cell, int i) {
    synchronized (cell) {
      if ((i & 7) == 5) pause(i);
      return i & 1;
    }
  }

  static synchronized int method(int k) {
    pause(k);
    return k & 15;
  }

  static void body(int seed, int n) {
    long s = chain(seed, n) + throwing(seed, n) + guarded(seed, n);
    s += method(seed);
    total.addAndGet(s);
  }

  static void batch(int threads, int n) throws Exception {
    List<Thread> started = new ArrayList<>();
    CountDownLatch all = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      int seed = t;
      started.add(Thread.ofVirtual().start(() -> { all.countDown(); body(seed, n); }));
    }
    all.await();
    for (int i = 0; i < 5; i++) System.gc();
    for (Thread t : started) t.join();
  }

  public static void main(String[] args) throws Exception {
    int threads = Integer.parseInt(args[0]), n = Integer.parseInt(args[1]), rounds = Integer.parseInt(args[2]);
    for (int i = 0; i < cells.length; i++) cells[i] = new Cell();
    for (int r = 0; r < rounds; r++) batch(threads / 10, n);
    batch(threads, n);
    long sum = 0;
    int worst = 0;
    for (Cell c : cells) { sum += c.sum; worst = Math.max(worst, c.worst); }
    System.out.println("total " + total.get() + " guarded " + sum + " together " + worst);
  }
}
