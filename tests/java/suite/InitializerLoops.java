package suite;

/** Initialisers that are the hot code: their class's own static methods and fields, objects of it, other threads that wait, and failure. */
final class InitializerLoops implements Suite.Case {
  static class Table {
    static final int N = 6000;
    static int[] squares = new int[N];
    static long sum;
    static int calls;
    static Object last;
    static volatile int seen;
    static final Table FIRST;
    final int n;
    Table(int n) { this.n = n; calls += 2; }
    int twice() { return n * 2 + calls - calls; }
    static int square(int k) { calls++; return k * k + seen; }
    static void add(int k) {
      int s = square(k);
      squares[k] = s;
      sum += s;
      if (k % 500 == 0) { last = new Table(k); Suite.disturb(k); }
      sum += ((Table) last).twice();
      seen = k & 1;
    }
    static synchronized long total() { return sum; }
    static {
      for (int k = 0; k < N; k++) add(k);
      FIRST = new Table(7);
      for (int r = 0; r < 3; r++) for (int k = 0; k < N; k++) { sum ^= square(k) + FIRST.twice(); sum += total() >> 9; }
    }
  }

  enum Kind {
    A(1), B(2), C(3);
    static final Kind[] BY_CODE = new Kind[64];
    static int filled;
    final int code;
    Kind(int code) { this.code = code; }
    static Kind find(int code) { for (Kind k : values()) if (k.code == code % 3 + 1) return k; return null; }
    static { for (int r = 0; r < 200; r++) for (int k = 0; k < BY_CODE.length; k++) { BY_CODE[k] = find(k); filled++; } }
  }

  /** The code that its initialising thread compiled and linked is entered by another thread. */
  static class Shared {
    static int steps, finished;
    static int step(int k) { steps += k & 3; return finished; }
    static {
      for (int k = 0; k < 20_000; k++) Caller.call(k);
      waiter = new Waiter();
      waiter.start();
      long end = System.nanoTime() + 40_000_000L;
      while (System.nanoTime() < end) Caller.call(0);
      finished = 1;
    }
  }
  static class Caller { static int call(int k) { return Shared.step(k) + 1; } }
  static class Waiter extends Thread { volatile int result; @Override public void run() { result = Caller.call(1); } }
  static Waiter waiter;

  static class Failing {
    static int n;
    static int work(int k) { n += k; return n; }
    static { for (int k = 0; k < 20_000; k++) FailingCaller.call(k); if (n != 0) throw new IllegalStateException("after " + n); }
  }
  static class FailingCaller { static int call(int k) { return Failing.work(k) ^ 1; } }

  static long useTable() { return Table.sum + Table.squares[99] + Table.FIRST.twice() + Table.calls; }
  static int useKind(int k) { return Kind.BY_CODE[k].code + Kind.filled; }

  private static String transcript;

  @Override
  public void run(Suite.Out out) throws Throwable {
    if (transcript == null) {  // a class is initialised once: the transcript of the first round stands for all
      StringBuilder t = new StringBuilder();
      t.append(useTable()).append(' ').append(useKind(5)).append(' ');
      t.append(Shared.finished).append(' ').append(Shared.steps - (Shared.steps & 1)).append(' ');
      waiter.join();
      t.append(waiter.result).append(' ');
      for (int i = 0; i < 3; i++)
        try { t.append(FailingCaller.call(i)); } catch (ExceptionInInitializerError e) { t.append("EIIE ").append(e.getCause().getMessage()).append(' '); } catch (NoClassDefFoundError e) { t.append("NCDFE "); }
      transcript = t.toString();
    }
    out.line(transcript);
    out.add(useTable());
    for (int k = 0; k < 64; k++) out.add((long) useKind(k));
    int before = Shared.steps;
    for (int k = 0; k < 100; k++) out.add((long) Caller.call(k));
    out.add((long) (Shared.steps - before));
    try { FailingCaller.call(1); } catch (NoClassDefFoundError e) { out.add(e.getMessage()); }
  }
}
