package suite;

/** Volatile fields of every type: values, nulls, and the orders that other threads may see. */
final class VolatileFields implements Suite.Case {
  volatile boolean z; volatile byte b; volatile char c; volatile short s; volatile int i; volatile long j; volatile float f; volatile double d; volatile Object o = "first";
  static volatile int si; static volatile long sj; static volatile double sd; static volatile boolean sz; static volatile Object so = "static";
  int plain; int plain2;

  static int ints(VolatileFields x, int v) { x.i = v; x.i += 3; x.z = (v & 1) != 0; x.b = (byte) v; x.c = (char) v; x.s = (short) v; return x.i + (x.z ? 1 : 0) + x.b + x.c + x.s; }
  static long longs(VolatileFields x, long v) { x.j = v; x.j ^= v << 7; return x.j++ + x.j; }
  static double floats(VolatileFields x, double v) { x.f = (float) v; x.d = v * 3; return x.f + x.d; }
  static double statics(int v) { si = v; sj = v * 100000000003L; sd = v / 7.0; sz = v > 3; return si++ + sj-- + sd + (sz ? 1 : 0) + sj; }
  static boolean references(VolatileFields x) { return x.o == so || x.o == null; }
  static int npe(VolatileFields x, int v) { return v > 2 ? x.i : 0; }
  static void npePut(VolatileFields x, int v) { if (v > 2) x.j = v; }

  // Dekker: both flags up, then look at the other's. Not both may see the other's flag down.
  static volatile int left, right;
  static int seenLeft, seenRight;
  static int raiseLeft() { left = 1; return right; }
  static int raiseRight() { right = 1; return left; }

  // Publication: what was written before the volatile write is there behind the volatile read.
  static void publish(VolatileFields x, int n) { for (int k = 1; k <= n; k++) { x.plain = k; x.plain2 = -k; x.i = k; } }
  static int observe(VolatileFields x, int n) {
    int wrong = 0;
    int seen;
    do { seen = x.i; if (x.plain < seen) wrong++; if (-x.plain2 < seen) wrong++; } while (seen < n);
    return wrong;
  }
  // A loop that waits must see the change.
  static int spin(VolatileFields x) { int n = 0; while (!x.z) n |= 1; return x.plain; }

  @Override
  public void run(Suite.Out out) throws InterruptedException {
    VolatileFields x = new VolatileFields();
    for (int v = -3; v < 40; v++) {
      out.add((long) ints(x, v * 70001));
      out.add(longs(x, v * 0x123456789abL));
      out.add(floats(x, v / 9.0));
      out.add(statics(v));
      out.add(references(x));
    }
    for (int v = 0; v < 5; v++) {
      try { out.add((long) npe(null, v)); } catch (NullPointerException e) { out.thrown("npe", e); }
      try { npePut(null, v); } catch (NullPointerException e) { out.thrown("npePut", e); }
    }
    int both = 0;
    for (int k = 0; k < 200; k++) {
      left = right = 0;
      Thread a = new Thread(() -> seenLeft = raiseLeft());
      Thread b = new Thread(() -> seenRight = raiseRight());
      a.start(); b.start(); a.join(); b.join();
      if (seenLeft == 0 && seenRight == 0) both++;
    }
    out.add((long) both);
    x.i = x.plain = x.plain2 = 0;
    int[] wrong = new int[1];
    Thread reader = new Thread(() -> wrong[0] = observe(x, 20000));
    reader.start();
    publish(x, 20000);
    reader.join();
    out.add((long) wrong[0]);
    x.z = false;
    Thread waiter = new Thread(() -> wrong[0] = spin(x));
    waiter.start();
    x.plain = 5;
    x.z = true;
    waiter.join();
    out.add((long) wrong[0]);
  }
}
