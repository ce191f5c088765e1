package suite;

/** Exceptions that are thrown below compiled frames and pass through them, or are caught in them: exact stack traces. */
final class ThroughFrames implements Suite.Case {
  static final class Mine extends RuntimeException {
    final int code;
    Mine(int code) { super("mine ".concat(Integer.toString(code))); this.code = code; }
  }

  static int thrower(int i) { if (i % 3 == 0) throw new Mine(i); if (i % 3 == 1) throw new IllegalStateException("ise ".concat(Integer.toString(i))); return i; }
  static int level1(int[] a, int i) { return thrower(i) + a[0]; }
  static int level2(int[] a, int i) { int s = 0; for (int k = 0; k < 2; k++) s += level1(a, i + k * 3) * 2; return s; }
  static int catcher(int[] a, int i) { try { return level2(a, i); } catch (Mine e) { return -a[0] - e.code; } }
  static int finalizer(int[] a, int i) { int r = 1; try { r += level1(a, i); } finally { a[1] += r; } return r; }
  static int nested(int[] a, int i) { try { try { return level1(a, i); } catch (IllegalStateException e) { return thrower(i - 1) + 100; } } catch (Mine e) { return e.code + 1000; } }
  interface Sink { int take(int i); }
  static int throughInterface(Sink s, int i) { return s.take(i) + 1; }
  static synchronized int locked(int i) { return thrower(i); }
  static int throughLocked(int i) { return locked(i) * 2; }

  @Override
  public void run(Suite.Out out) {
    int[] a = {5, 0};
    for (int i = 0; i < 12; i++) {
      try { out.add((long) level2(a, i)); } catch (RuntimeException e) { out.thrown("level2 " + i, e); }
      try { out.add((long) catcher(a, i)); } catch (RuntimeException e) { out.thrown("catcher " + i, e); }
      try { out.add((long) finalizer(a, i)); } catch (RuntimeException e) { out.thrown("finalizer " + i, e); }
      try { out.add((long) nested(a, i)); } catch (RuntimeException e) { out.thrown("nested " + i, e); }
      try { out.add((long) throughInterface(ThroughFrames::thrower, i)); } catch (RuntimeException e) { out.add(e.getMessage()); }
      try { out.add((long) throughLocked(i)); } catch (RuntimeException e) { out.thrown("locked " + i, e); }
      out.add((long) a[1]);
    }
  }
}
