package suite;

/** checkcast and instanceof: classes near and far from Object, interfaces, arrays of everything, null, classes that are not resolved. */
final class TypeTests implements Suite.Case {
  interface I0 {}
  interface I1 {}
  interface I2 extends I1 {}
  static class A {}
  static class B extends A implements I1 {}
  static class C extends B implements I2 {}
  static final class Leaf extends C {}
  // Deeper than the display of super classes that HotSpot keeps.
  static class D1 {}
  static class D2 extends D1 {}
  static class D3 extends D2 {}
  static class D4 extends D3 {}
  static class D5 extends D4 {}
  static class D6 extends D5 {}
  static class D7 extends D6 {}
  static class D8 extends D7 {}
  static class D9 extends D8 implements I0 {}
  static class D10 extends D9 {}
  static class Many implements I0, I1, I2, Runnable, Comparable<Many>, Cloneable {
    public void run() {}
    public int compareTo(Many o) { return 0; }
  }
  /** Never seen but through null before the last rounds. */
  static class Rare { int v = 3; }
  static class NeverLoaded {}
  static class Runs implements Runnable { public void run() {} }

  static boolean isA(Object o) { return o instanceof A; }
  static boolean isB(Object o) { return o instanceof B; }
  static boolean isLeaf(Object o) { return o instanceof Leaf; }
  static boolean isI0(Object o) { return o instanceof I0; }
  static boolean isI1(Object o) { return o instanceof I1; }
  static boolean isI2(Object o) { return o instanceof I2; }
  static boolean isRunnable(Object o) { return o instanceof Runnable; }
  static boolean isD7(Object o) { return o instanceof D7; }
  static boolean isD8(Object o) { return o instanceof D8; }
  static boolean isD9(Object o) { return o instanceof D9; }
  static boolean isObject(Object o) { return o instanceof Object; }
  static boolean isInts(Object o) { return o instanceof int[]; }
  static boolean isBytes(Object o) { return o instanceof byte[]; }
  static boolean isObjects(Object o) { return o instanceof Object[]; }
  static boolean isBs(Object o) { return o instanceof B[]; }
  static boolean isI1s(Object o) { return o instanceof I1[]; }
  static boolean isIntss(Object o) { return o instanceof int[][]; }
  static boolean isObjectss(Object o) { return o instanceof Object[][]; }
  static boolean isCloneable(Object o) { return o instanceof Cloneable; }
  static boolean isNever(Object o) { return o instanceof NeverLoaded; }

  static Object toA(Object o) { return (A) o; }
  static Object toC(Object o) { return (C) o; }
  static Object toI2(Object o) { return (I2) o; }
  static Object toD9(Object o) { return (D9) o; }
  static Object toInts(Object o) { return (int[]) o; }
  static Object toBs(Object o) { return (B[]) o; }
  static Object toObjectss(Object o) { return (Object[][]) o; }
  static Object toNever(Object o) { return (NeverLoaded) o; }
  static int rare(Object o) { Rare r = (Rare) o; return r == null ? 1 : r.v; }
  static int chain(Object o) {
    if (o instanceof Leaf) return 1;
    if (o instanceof C) return 2;
    if (o instanceof I2) return 3;
    if (o instanceof int[]) return ((int[]) o).length;
    if (o instanceof D1) return o instanceof D5 ? o instanceof D10 ? 10 : 5 : 1;
    return o == null ? -1 : 0;
  }
  static int count(Object[] all) {
    int n = 0;
    for (int i = 0; i < all.length; i++) if (all[i] instanceof I1) n++;
    return n;
  }
  static int sumOfCasts(Object[] all, int from, int to) {
    int s = 0;
    for (int i = from; i < to; i++) s += ((int[]) all[i]).length + i;
    return s;
  }
  static int acrossCalls(Object o) {
    int s = 0;
    boolean before = o instanceof B;
    s += collect(1);
    if (before) s += 10;
    if (o instanceof I2) s += 100;
    return s;
  }
  static int collect(int n) { return n + 1; }

  interface Test { boolean test(Object o); }
  interface Cast { Object cast(Object o); }

  static final Test[] TESTS = {
    TypeTests::isA, TypeTests::isB, TypeTests::isLeaf, TypeTests::isI0, TypeTests::isI1, TypeTests::isI2, TypeTests::isRunnable, TypeTests::isD7, TypeTests::isD8,
    TypeTests::isD9, TypeTests::isObject, TypeTests::isInts, TypeTests::isBytes, TypeTests::isObjects, TypeTests::isBs, TypeTests::isI1s, TypeTests::isIntss,
    TypeTests::isObjectss, TypeTests::isCloneable
  };
  static final Cast[] CASTS = {
    TypeTests::toA, TypeTests::toC, TypeTests::toI2, TypeTests::toD9, TypeTests::toInts, TypeTests::toBs, TypeTests::toObjectss
  };

  private int rounds;

  @Override
  public void run(Suite.Out out) {
    Object[] all = {
      null, new Object(), new A(), new B(), new C(), new Leaf(), new Many(), new D1(), new D7(), new D8(), new D9(), new D10(), new int[3], new byte[2], new A[1], new B[2],
      new C[3], new I1[1], new Object[2], new int[2][3], new Object[2][], new String[1][1], new B[1][1], "s", new I2() {}, new Runs()
    };
    for (int k = 0; k < 4; k++) {
      for (Test t : TESTS) for (Object o : all) out.add(t.test(o));
      for (Cast c : CASTS)
        for (Object o : all) {
          try {
            out.add(c.cast(o) == o);
          } catch (ClassCastException e) {
            out.add(e.getMessage());
            if (k == 0) out.thrown("cast", e);
          }
        }
      for (Object o : all) out.add((long) chain(o));
      for (Object o : all) out.add((long) acrossCalls(o));
      out.add((long) count(all));
      out.add(isNever(null));
      out.add(toNever(null) == null);
      out.add((long) rare(null));
      // With a class that nothing was resolved to before, in the middle of the test.
      if (++rounds > 60) out.add((long) rare(new Rare()) - 3); else out.add(0L);
      try { out.add((long) sumOfCasts(all, 12, 13)); out.add((long) sumOfCasts(all, 12, 15)); } catch (ClassCastException e) { out.add(e.getMessage()); }
    }
  }
}
