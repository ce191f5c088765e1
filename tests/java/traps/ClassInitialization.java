package traps;

import static traps.Trap.HOT;

/** When static initialisers run: exactly once, at the first use, also from compiled code. */
final class ClassInitialization {
  static StringBuilder log = new StringBuilder();
  static int note(String s, int v) { log.append(s); return v; }
  static String logged() { String s = log.toString(); log.setLength(0); return s; }
  private static final java.util.Set<String> SEEN = new java.util.HashSet<>();
  /** What is logged the first time a test runs in this JVM, and nothing afterwards. */
  static void once(Trap t, String expected) { t.same(SEEN.add(expected) ? expected : "", logged()); }

  static final class ByCall { static { note("call;", 0); } static int f(int x) { return x + 1; } }
  static int byCall(int x, boolean now) { return now ? ByCall.f(x) : x; }
  /** A static call initialises, in the middle of compiled code. */
  static void byCall(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(i, byCall(i, false));
    t.same(6, byCall(5, true));
    once(t, "call;");
    for (int i = 0; i < HOT; i++) t.same(i + 1, byCall(i, true));
    t.same("", logged());
  }

  static final class ByField { static int v = note("field;", 3); }
  static int byField(int x, boolean store) { if (x < 100) return x; if (store) ByField.v = x; return ByField.v; }
  /** A store to a static field initialises before it stores. */
  static void byField(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(i % 100, byField(i % 100, false));
    t.same(200, byField(200, true));
    once(t, "field;");
    t.same(200, byField(100, false));
  }

  static class Parent { static { note("parent;", 0); } static int p = 1; }
  static class Child extends Parent { static { note("child;", 0); } int c = 2; }
  static int byNew(boolean now) { return now ? new Child().c : 0; }
  /** new initialises the superclass first. */
  static void byNew(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(0, byNew(false));
    t.same(2, byNew(true));
    once(t, "parent;child;");
  }

  static class FieldParent { static int inherited = note("fieldparent;", 7); }
  static class FieldChild extends FieldParent { static { note("never;", 0); } }
  static int inheritedField(boolean now) { return now ? FieldChild.inherited : 0; }
  /** A static field named through a subclass initialises only the class that declares it. */
  static void inheritedField(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(0, inheritedField(false));
    t.same(7, inheritedField(true));
    once(t, "fieldparent;");
  }

  interface WithDefault { int K = note("interface;", 1); default int d() { return 5; } }
  interface Without { int K = note("without;", 1); }
  static final class Implements implements WithDefault, Without { static { note("implements;", 0); } }
  static int byInterface(boolean now) { return now ? new Implements().d() : 0; }
  /** An interface is initialised with its implementor only when it has default methods. */
  static void byInterface(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(0, byInterface(false));
    t.same(5, byInterface(true));
    once(t, "interface;implements;");
  }

  static final class Constant { static { note("constant;", 0); } static final int K = 42; static final String S = "s"; static final Integer BOXED = 7; }
  static int constants(boolean boxed) { return Constant.K + Constant.S.length() + (boxed ? Constant.BOXED : 0); }
  /** Compile-time constants do not initialise, a boxed constant does. */
  static void constants(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(43, constants(false));
    t.same("", logged());
    t.same(50, constants(true));
    once(t, "constant;");
  }

  static final class Cyclic { static int a = CyclicB.b + 1; static int late = 5; static int read() { return late; } }
  static final class CyclicB { static int b = Cyclic.read() + 10; }
  static int cycle(boolean now) { return now ? Cyclic.a * 1000 + CyclicB.b * 10 + Cyclic.late : 0; }
  /** Two initialisers need each other: one sees zeros, from the thread that is initialising. */
  static void cycle(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, cycle(false));
    t.same(11 * 1000 + 10 * 10 + 5, cycle(true));
  }

  static final class Hot { static int v = 1; static int sum; static { for (int i = 0; i < 500; i++) sum += hotWhileInitializing(i); v = 2; } static int get(int i) { return v + i; } }
  static int hotWhileInitializing(int i) { return Hot.get(i) + Hot.v; }
  /** The kernel gets hot inside the initialiser of the class that it uses. */
  static void hotWhileInitializing(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(4 + i, hotWhileInitializing(i));
    t.same(500 * 499 / 2 + 1000, Hot.sum);
  }

  /** Apart from Slow, since whoever sets them must not wait for it. */
  static final class Gate { static volatile boolean entered, open; }
  static final class Slow { static int v; static { Gate.entered = true; while (!Gate.open) Thread.yield(); v = 9; } static int get() { return v; } }
  static int otherThreadWaits(boolean now) { return now ? Slow.get() + Slow.v : 0; }
  /** A second thread waits until the first has initialised the class. */
  static void otherThreadWaits(Trap t) throws InterruptedException {
    for (int i = 0; i < HOT; i++) t.same(0, otherThreadWaits(false));
    int[] result = new int[2];
    Thread a = new Thread(() -> result[0] = otherThreadWaits(true));
    a.start();
    while (!Gate.entered) Thread.yield();
    Thread b = new Thread(() -> result[1] = otherThreadWaits(true));
    b.start();
    if (!Gate.open) Thread.sleep(20);
    Gate.open = true;
    a.join();
    b.join();
    t.same(18, result[0]);
    t.same(18, result[1]);
    for (int i = 0; i < HOT; i++) t.same(18, otherThreadWaits(true));
  }

  static final class Fails { static int v = Trap.hidden(1) / Trap.hidden(0); static int f() { return v; } }
  static final class NeverDone { static int value = 1; static { if (value == 1) throw new ArithmeticException(); } }
  static int staysFailed(int k) { int s = k; try { s += NeverDone.value; } catch (NoClassDefFoundError e) { s += 2; } return s * 3; }
  /** A field of a class whose initialiser failed is never resolved, however often code meets it. */
  static void staysFailed(Trap t) {
    try { t.add(staysFailed(0)); } catch (ExceptionInInitializerError e) { t.add(0); }
    for (int i = 0; i < 40 * HOT; i++) t.same((i + 2) * 3, staysFailed(i));
  }

  static int failing(boolean now) { try { return now ? Fails.f() : 0; } catch (ExceptionInInitializerError e) { return e.getCause() instanceof ArithmeticException ? 1 : 2; } catch (NoClassDefFoundError e) { return 3; } }
  /** An initialiser that failed fails every later use, in compiled code too. */
  static void failing(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0, failing(false));
    t.same(SEEN.add("fails") ? 1 : 3, failing(true));
    for (int i = 0; i < HOT; i++) t.same(3, failing(true));
  }

  static final class Holder { static final int[] TABLE = new int[16]; static { for (int i = 0; i < 16; i++) TABLE[i] = i * i; note("holder;", 0); } }
  static int lazyHolder(int i, boolean now) { return now ? Holder.TABLE[i & 15] : i; }
  /** The holder idiom: a table behind an untaken branch. */
  static void lazyHolder(Trap t) {
    logged();
    for (int i = 0; i < HOT; i++) t.same(i, lazyHolder(i, false));
    t.same(25, lazyHolder(5, true));
    once(t, "holder;");
    for (int i = 0; i < HOT; i++) t.same((i & 15) * (i & 15), lazyHolder(i, true));
  }

  static int reflected(String name, boolean initialize) throws ClassNotFoundException { return Class.forName(name, initialize, ClassInitialization.class.getClassLoader()).getSimpleName().length(); }
  static final class Named { static { note("named;", 0); } }
  /** Class.forName with and without initialisation. */
  static void reflected(Trap t) throws ClassNotFoundException {
    logged();
    for (int i = 0; i < HOT; i++) t.same(5, reflected("traps.ClassInitialization$Named", false));
    t.same("", logged());
    t.same(5, reflected("traps.ClassInitialization$Named", true));
    once(t, "named;");
    t.thrown(ClassNotFoundException.class, () -> reflected("traps.Nowhere", true));
  }
}
