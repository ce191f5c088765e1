package suite;

/** Compiled code that is entered while a class is not initialised, or is being initialised by this or another thread. */
final class Uninitialized implements Suite.Case {
  static StringBuilder log = new StringBuilder();

  static class Lazy { static int value = note("Lazy", 5); static int bump() { return ++value; } }
  static class LazyParent { static int p = note("LazyParent", 6); }
  static class LazyChild extends LazyParent { static int c = note("LazyChild", 7); int instance = p + c; int get() { return instance; } }
  static class Broken { static int value = note("Broken", 1 / zero()); }
  static class Cyclic { static int a = note("Cyclic", 1); static int b = touch(); static int touch() { return useCyclic() + 10; } static int c = note("Cyclic end", 3); }
  static class Slow { static int value; static { pause(); value = 99; } }

  static int zero() { return 0; }
  static int note(String s, int v) { log.append(s).append(' '); return v; }
  static void pause() { long end = System.nanoTime() + 20_000_000L; while (System.nanoTime() < end) Thread.onSpinWait(); }

  static int useLazy(boolean really) { if (really) { Lazy.value += 2; return Lazy.bump(); } return -1; }
  static int useChild(boolean really) { return really ? LazyChild.c * LazyChild.p : -1; }
  static int useInstance(LazyChild l) { return l.get() + 1; }
  static int useBroken(boolean really) { return really ? Broken.value : -1; }
  static int useCyclic() { return Cyclic.a + Cyclic.c; }
  static int useSlow() { return Slow.value; }

  private static boolean done;
  private static String transcript;

  @Override
  public void run(Suite.Out out) throws Throwable {
    for (int i = 0; i < 200; i++) { useLazy(false); useChild(false); useBroken(false); }
    if (!done) {  // a class is initialised once: the transcript of the first round stands for all
      done = true;
      StringBuilder t = new StringBuilder();
      t.append(useLazy(true)).append(' ').append(useChild(true)).append(' ').append(useInstance(new LazyChild())).append(' ');
      for (int i = 0; i < 3; i++) {
        try { t.append(useBroken(true)); } catch (ExceptionInInitializerError e) { t.append("EIIE ").append(e.getCause().getMessage()).append(' '); } catch (NoClassDefFoundError e) { t.append("NCDFE "); }
      }
      t.append(useCyclic()).append(' ').append(Cyclic.b).append(' ');
      int[] seen = new int[3];
      Thread[] threads = new Thread[3];
      for (int i = 0; i < 3; i++) { int k = i; threads[i] = new Thread(() -> seen[k] = useSlow()); threads[i].start(); }
      for (Thread x : threads) x.join();
      t.append(seen[0] + seen[1] + seen[2]).append(" | ").append(log);
      transcript = t.toString();
    }
    out.line(transcript);
    int before = Lazy.value;
    out.add((long) (useLazy(true) - before));
    out.add((long) useChild(true));
    out.add((long) useCyclic());
    out.add((long) useSlow());
  }
}
