package suite;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;

/** Headers, classes, references, the current thread. */
final class IntrinsicsObjects implements Suite.Case {
  interface I { default int twice() { return 2; } }
  interface J extends I { default int twice() { return I.super.twice() * 2; } default int more() { return twice() + J.this.hashCode() - hashCode(); } }
  static class P implements I {}
  static final class Q extends P implements J { public int twice() { return J.super.twice() + 1; } }
  static class H { final int n; H(int n) { this.n = n; } @Override public int hashCode() { return n; } int original() { return super.hashCode(); } }
  static abstract class Abstract {}

  static Class<?> classOf(Object o) { return o.getClass(); }
  static boolean sameClass(Object a, Object b) { return a.getClass() == b.getClass(); }
  static boolean isString(Object o) { return o.getClass() == String.class; }
  static int hash(Object o) { return o.hashCode(); }
  static int identity(Object o) { return System.identityHashCode(o); }
  static boolean isInstance(Class<?> c, Object o) { return c.isInstance(o); }
  static boolean isAssignable(Class<?> a, Class<?> b) { return a.isAssignableFrom(b); }
  static int kinds(Class<?> c) { return (c.isInterface() ? 1 : 0) | (c.isArray() ? 2 : 0) | (c.isPrimitive() ? 4 : 0); }
  static int modifiers(Class<?> c) { return c.getModifiers(); }
  static <T> T cast(Class<T> c, Object o) { return c.cast(o); }
  static Thread current() { return Thread.currentThread(); }
  static void spin(int n) { for (int k = 0; k < n; k++) Thread.onSpinWait(); }
  static Object get(WeakReference<Object> r) { return r.get(); }
  static Object get(SoftReference<Object> r) { return r.get(); }
  static Object get(PhantomReference<Object> r) { return r.get(); }
  static boolean refers(java.lang.ref.Reference<Object> r, Object o) { return r.refersTo(o); }
  static boolean inOrder(long a, long b) { return a <= b; }
  static boolean clocks() { long n = System.nanoTime(), m = System.currentTimeMillis(); spin(3); return inOrder(n, System.nanoTime()) && m > 1_600_000_000_000L && m <= System.currentTimeMillis(); }
  static int special(J j) { return j.twice() * 1000 + j.more(); }

  /** Weak references whose objects only this chain keeps, while the collector marks. */
  static int revive(WeakReference<Object>[] refs, Object[] kept, int n) {
    int found = 0;
    for (int k = 0; k < n; k++) {
      Object o = refs[k % refs.length].get();
      if (o != null) { kept[k % kept.length] = o; found += ((int[]) o)[0]; }
    }
    return found;
  }

  @Override
  public int rounds() { return Math.min(12, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) throws Throwable {
    Object[] objects = {"s", 1, new int[2], new String[1], new int[1][1], new P(), new Q(), new H(7), new Object(), Thread.State.NEW, (Runnable & java.io.Serializable) () -> {}};
    Class<?>[] classes = {Object.class, String.class, int.class, void.class, long.class, int[].class, Object[].class, String[].class, int[][].class, Comparable.class, Cloneable.class, I.class, J.class, P.class, Q.class,
      Abstract.class, Integer.class, Runnable.class, Override.class, Thread.State.class, I[].class, Cloneable[].class};
    for (int i = 0; i < objects.length; i++) {
      Object o = objects[i];
      String name = classOf(o).getName();
      out.add(name.contains("Lambda") ? "lambda" : name); out.add(isString(o));
      out.add(identity(o) == identity(o) && identity(o) != 0); out.add(classOf(o) == classOf(o).cast(o).getClass());
      for (Object other : objects) out.add(sameClass(o, other));
      for (Class<?> c : classes) out.add(isInstance(c, o));
      for (Class<?> c : classes) try { out.add(cast(c, o) == o); } catch (ClassCastException e) { out.add("CCE " + (i < 10 ? e.getMessage() : "")); }
    }
    for (Class<?> a : classes) {
      out.add(isInstance(a, null)); out.add((long) kinds(a)); out.add((long) modifiers(a));
      for (Class<?> b : classes) out.add(isAssignable(a, b));
    }
    H h = new H(5);
    out.add((long) hash(h)); out.add((long) hash("text")); out.add(h.original() == identity(h)); out.add((long) identity(null));
    Object locked = new Object();
    int before;
    synchronized (locked) { before = identity(locked); out.add(before == identity(locked)); }
    out.add(before == identity(locked) && before == hash(locked));
    out.add(current() == Thread.currentThread() && current().isAlive());
    Thread[] seen = new Thread[1];
    Thread t = new Thread(() -> seen[0] = current());
    t.start(); t.join();
    out.add(seen[0] == t); out.add(clocks());
    try { classOf(null); } catch (NullPointerException e) { out.thrown("getClass", e); }
    try { hash(null); } catch (NullPointerException e) { out.thrown("hashCode", e); }
    try { isAssignable(Object.class, null); } catch (NullPointerException e) { out.thrown("isAssignableFrom", e); }
    try { isInstance(null, ""); } catch (NullPointerException e) { out.thrown("isInstance", e); }
    Object strong = new Object();
    WeakReference<Object> weak = new WeakReference<>(strong);
    SoftReference<Object> soft = new SoftReference<>(strong);
    PhantomReference<Object> phantom = new PhantomReference<>(strong, new ReferenceQueue<>());
    out.add(get(weak) == strong && get(soft) == strong && get(phantom) == null);
    out.add(refers(weak, strong)); out.add(refers(phantom, strong)); out.add(refers(weak, null)); out.add(refers(soft, ""));
    weak.clear();
    out.add(get(weak) == null); out.add(refers(weak, null));
    try { get((WeakReference<Object>) null); } catch (NullPointerException e) { out.thrown("get", e); }
    out.add((long) special(new Q())); out.add((long) special(new J() {}));

    @SuppressWarnings("unchecked")
    WeakReference<Object>[] refs = new WeakReference[50];
    Object[] kept = new Object[50];
    for (int k = 0; k < 50; k++) { kept[k] = new int[] {k}; refs[k] = new WeakReference<>(kept[k]); }
    Suite.disturb(3);
    out.add((long) revive(refs, kept, 500));
  }
}
