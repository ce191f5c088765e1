package traps;

import static traps.Trap.HOT;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.util.function.IntUnaryOperator;

/** Classes of loaders that die while compiled code knows them. */
final class ClassUnloading {
  /** What each loader defines anew. */
  public static class Plugin implements IntUnaryOperator {
    static int calls;
    @Override public int applyAsInt(int x) { calls++; return x + 3; }
  }
  public static final class SubPlugin extends Plugin { @Override public int applyAsInt(int x) { return x * 2; } }

  static final class Loader extends ClassLoader {
    Loader() { super(ClassUnloading.class.getClassLoader()); }
    @Override protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.contains("Plugin")) return super.loadClass(name, resolve);
      Class<?> known = findLoadedClass(name);
      if (known != null) return known;
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] b = in.readAllBytes();
        return defineClass(name, b, 0, b.length);
      } catch (IOException e) { throw new ClassNotFoundException(name, e); }
    }
  }

  static IntUnaryOperator fresh(String name) { try { return (IntUnaryOperator) new Loader().loadClass("traps.ClassUnloading$" + name).getDeclaredConstructor().newInstance(); } catch (ReflectiveOperationException e) { throw new AssertionError(e); } }
  /** Collects until the reference is cleared. */
  static boolean dies(WeakReference<?> r) { for (int i = 0; i < 20 && r.get() != null; i++) System.gc(); return r.get() == null; }

  static int profiledReceiver(IntUnaryOperator f, int x) { return f.applyAsInt(x) + f.applyAsInt(x + 1); }
  /** The class of the profiled receiver is unloaded; another of the same name comes. */
  static void profiledReceiver(Trap t) {
    for (int turn = 0; turn < 3; turn++) {
      IntUnaryOperator f = fresh("Plugin");
      for (int i = 0; i < HOT; i++) t.same(2 * i + 7, profiledReceiver(f, i));
      WeakReference<Class<?>> c = new WeakReference<>(f.getClass());
      f = null;
      t.same(true, dies(c));
      t.same(9, profiledReceiver(x -> x + 3, 1));
    }
  }

  static int profiledTest(Object o) { return o instanceof IntUnaryOperator ? 1 : o.getClass().getName().length(); }
  /** The class seen by a type test is unloaded. */
  static void profiledTest(Trap t) {
    for (int turn = 0; turn < 2; turn++) {
      Object f = fresh("Plugin");
      for (int i = 0; i < HOT; i++) t.same(1, profiledTest(f));
      WeakReference<Class<?>> c = new WeakReference<>(f.getClass());
      f = null;
      t.same(true, dies(c));
      t.same(16, profiledTest("x"));
      t.same(1, profiledTest(fresh("Plugin")));
    }
  }

  static Object[] arrays(Object proto, int n) { return (Object[]) java.lang.reflect.Array.newInstance(proto.getClass(), n); }
  static int arraysOfUnloaded(Object[] a, Object o) { a[0] = o; Object[] b = a.clone(); return b.length + (b[0] == o ? 10 : 0) + (a instanceof IntUnaryOperator[] ? 100 : 0); }
  /** Arrays of a class that is unloaded. */
  static void arraysOfUnloaded(Trap t) {
    for (int turn = 0; turn < 2; turn++) {
      Object f = fresh("SubPlugin");
      for (int i = 1; i < HOT; i++) t.same(110 + i, arraysOfUnloaded(arrays(f, i), f));
      Object[] of = arrays(f, 1), old = of;
      t.thrown(ArrayStoreException.class, () -> arraysOfUnloaded(old, "x"));
      t.same(111, arraysOfUnloaded(arrays(fresh("SubPlugin"), 1), null) - 0);
    }
  }

  static int hierarchy(IntUnaryOperator f, int x) { return f.applyAsInt(x); }
  /** A subclass is loaded, breaks an assumption, is unloaded; its superclass goes on. */
  static void hierarchy(Trap t) throws ReflectiveOperationException {
    Loader l = new Loader();
    IntUnaryOperator f = (IntUnaryOperator) l.loadClass("traps.ClassUnloading$Plugin").getDeclaredConstructor().newInstance();
    for (int i = 0; i < HOT; i++) t.same(i + 3, hierarchy(f, i));
    IntUnaryOperator g = (IntUnaryOperator) l.loadClass("traps.ClassUnloading$SubPlugin").getDeclaredConstructor().newInstance();
    t.same(10, hierarchy(g, 5));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? i + 3 : i * 2, hierarchy(i % 2 == 0 ? f : g, i));
    WeakReference<Object> r = new WeakReference<>(l);
    f = null;
    g = null;
    l = null;
    t.same(true, dies(r));
  }

  /** Has a kernel of its own, which is unloaded with its code. */
  public static final class KernelPlugin implements IntUnaryOperator { @Override public int applyAsInt(int x) { return ownCode(x) + 1; } static int ownCode(int x) { int s = 0; for (int i = 0; i < x; i++) s += i * x; return s; } }
  static int ownCode(int x) { return x; }
  /** Compiled methods die with their class. */
  static void ownCode(Trap t) {
    for (int turn = 0; turn < 3; turn++) {
      IntUnaryOperator f = fresh("KernelPlugin");
      for (int i = 0; i < HOT; i++) { int s = 1; for (int k = 0; k < i; k++) s += k * i; t.same(s, f.applyAsInt(i)); t.same(i, ownCode(i)); }
      WeakReference<Class<?>> c = new WeakReference<>(f.getClass());
      f = null;
      t.same(true, dies(c));
    }
  }

  static int wrongLoader(Object o) { return ((Plugin) o).applyAsInt(1); }
  /** A class of the same name from another loader is another class. */
  static void wrongLoader(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(4, wrongLoader(new Plugin()));
    t.same(true, t.sameClass(ClassCastException.class, () -> wrongLoader(fresh("Plugin"))));
    t.same(4, wrongLoader(new Plugin()));
  }

  static int hiddenLambdas(int k) { IntUnaryOperator f = x -> x * k; IntUnaryOperator g = f.andThen(x -> x + 1); return g.applyAsInt(k); }
  /** Hidden classes of lambdas come and go. */
  static void hiddenLambdas(Trap t) {
    for (int i = 0; i < HOT; i++) { if (i % 50 == 49) System.gc(); t.same(i * i + 1, hiddenLambdas(i)); }
  }
}
