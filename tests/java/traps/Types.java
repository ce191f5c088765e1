package traps;

import static traps.Trap.HOT;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/** Casts, instanceof, array classes, exact types: by profile, by hierarchy, by interface. */
final class Types {
  static class A { int k = 1; }
  static class B extends A { int l = 2; }
  static class C extends B { int m = 3; }
  interface I { } interface J extends I { }
  static final class CI extends C implements J { }

  static int castsDown(Object o) { return ((A) o).k + ((B) o).l; }
  /** A cast that always succeeded fails; the message names both classes. */
  static void castsDown(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3, castsDown(new B()));
    t.same(3, castsDown(new C()));
    t.thrown(ClassCastException.class, () -> castsDown(new A()));
    t.thrown(ClassCastException.class, () -> castsDown("string"));
    t.thrown(ClassCastException.class, () -> castsDown(new int[0]));
    t.thrown(NullPointerException.class, () -> castsDown((Object) null));
  }

  static String nullCast(Object o) { return (String) o; }
  /** null passes every cast, also when it was never seen. */
  static void nullCast(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("s", nullCast("s"));
    t.same((String) null, nullCast((Object) null));
    t.thrown(ClassCastException.class, () -> nullCast(1));
  }

  static int instanceChain(Object o) { if (o instanceof C) return 3; if (o instanceof B) return 2; if (o instanceof A) return 1; if (o instanceof I) return 4; return o == null ? -1 : 0; }
  /** Each test in a chain succeeds for the first time in compiled code. */
  static void instanceChain(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(1, instanceChain(new A()));
    t.same(2, instanceChain(new B()));
    t.same(3, instanceChain(new CI()));
    t.same(4, instanceChain(new J() { }));
    t.same(0, instanceChain("x"));
    t.same(-1, instanceChain((Object) null));
  }

  static int interfaces(Object o) { return (o instanceof Serializable ? 1 : 0) + (o instanceof RandomAccess ? 2 : 0) + (o instanceof Comparable ? 4 : 0) + (o instanceof Cloneable ? 8 : 0) + (o instanceof I ? 16 : 0); }
  /** Interfaces are found among the secondary supers, whose cache is overwritten all the time. */
  static void interfaces(Trap t) {
    Object[] o = {"s", 5, new ArrayList<>(), new int[0], new Object[0], new CI(), new A(), new String[0][0]};
    int[] expected = {5, 5, 11, 9, 9, 16, 0, 9};
    for (int i = 0; i < HOT; i++) t.same(expected[i % 8], interfaces(o[i % 8]));
    t.same(0, interfaces((Object) null));
  }

  static int arrayClasses(Object o) { return (o instanceof Object[] ? 1 : 0) + (o instanceof A[] ? 2 : 0) + (o instanceof I[] ? 4 : 0) + (o instanceof Object[][] ? 8 : 0) + (o instanceof int[] ? 16 : 0) + (o instanceof Cloneable[] ? 32 : 0) + (o instanceof String[] ? 64 : 0); }
  /** instanceof of array classes: covariance, interfaces, arrays of arrays of primitives. */
  static void arrayClasses(Trap t) {
    Object[] o = {new A[0], new CI[0], new int[0], new int[0][0], new A[0][0], new String[0], new Object[0], "x"};
    int[] expected = {3, 7, 16, 33, 41, 65, 1, 0};
    for (int i = 0; i < HOT; i++) t.same(expected[i % 8], arrayClasses(o[i % 8]));
  }

  static int castsArrays(Object o) { return ((A[]) o).length; }
  /** A cast to an array class fails for another one. */
  static void castsArrays(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i % 5, castsArrays(new A[i % 5]));
    t.same(2, castsArrays(new CI[2]));
    t.thrown(ClassCastException.class, () -> castsArrays(new Object[2]));
    t.thrown(ClassCastException.class, () -> castsArrays(new int[2]));
    t.thrown(ClassCastException.class, () -> castsArrays(new A[2][2]));
  }

  static void storesInto(Object[] a, Object v) { a[0] = v; }
  /** aastore by static and by dynamic class of the array; null fits always. */
  static void storesInto(Trap t) {
    for (int i = 0; i < HOT; i++) storesInto(new B[1], new C());
    t.thrown(ArrayStoreException.class, () -> { storesInto(new B[1], new A()); return 0; });
    t.thrown(ArrayStoreException.class, () -> { storesInto(new String[1], 5); return 0; });
    t.thrown(ArrayStoreException.class, () -> { storesInto(new Object[1][], "x"); return 0; });
    storesInto(new I[1], new CI());
    storesInto(new int[1][], new int[0]);
    storesInto(new String[1], null);
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> { storesInto(new String[0], 5); return 0; });
  }

  static boolean exactClass(Object o) { return o.getClass() == B.class; }
  /** getClass() == X.class is not instanceof X. */
  static void exactClass(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, exactClass(new B()));
    t.same(false, exactClass(new C()));
    t.same(false, exactClass(new B[0]));
    t.thrown(NullPointerException.class, () -> exactClass((Object) null));
  }

  static boolean reflective(Class<?> c, Object o) { return c.isInstance(o) && c.isAssignableFrom(o.getClass()); }
  /** Class.isInstance with classes, interfaces, arrays and primitives. */
  static void reflective(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, reflective(A.class, new B()));
    t.same(false, reflective(C.class, new B()));
    t.same(true, reflective(I.class, new CI()));
    t.same(false, reflective(int.class, 5));
    t.same(true, reflective(Object[].class, new String[0]));
    t.same(false, reflective(A.class, null));
    t.thrown(NullPointerException.class, () -> reflective(null, 5));
  }

  static <T extends Comparable<T>> T greatest(List<T> l) { T best = null; for (T x : l) if (best == null || x.compareTo(best) > 0) best = x; return best; }
  static String erased(List<?> l) { @SuppressWarnings("unchecked") List<String> s = (List<String>) l; return greatest(s); }
  /** Generic code casts where its caller expects a type: heap pollution is found there. */
  static void erased(Trap t) {
    for (int i = 0; i < HOT; i++) t.same("c", erased(List.of("a", "c", "b")));
    t.thrown(ClassCastException.class, () -> erased(List.of(1, 3, 2)));
    t.thrown(ClassCastException.class, () -> erased(List.of("a", 3)));
    t.same((String) null, erased(List.of()));
  }

  static int mergedTypes(int k, A a, B b) { Object o = k == 0 ? a : k == 1 ? b : k == 2 ? "str" : new int[k]; return o instanceof A ? ((A) o).k + 10 : o instanceof String ? ((String) o).length() : ((int[]) o).length; }
  /** A value of several types is told apart behind their merge. */
  static void mergedTypes(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(11, mergedTypes(i % 2, new A(), new CI()));
    t.same(3, mergedTypes(2, null, null));
    t.same(9, mergedTypes(9, null, null));
    t.thrown(NullPointerException.class, () -> mergedTypes(0, null, null));
  }

  static int loopTypes(Object[] os) { int s = 0; Object last = null; for (Object o : os) { if (last instanceof Integer && o instanceof Integer) s += (Integer) o - (Integer) last; last = o; } return s; }
  /** The type of a loop-carried value changes in the middle of the loop. */
  static void loopTypes(Trap t) {
    Object[] os = {1, 5, 9, 14};
    for (int i = 0; i < HOT; i++) t.same(13, loopTypes(os));
    t.same(4, loopTypes(new Object[] {1, 5, "x", 7, null, 9}));
    t.same(0, loopTypes(new Object[] {1L, 2L}));
  }

  static class Deep0 { } static class Deep1 extends Deep0 { } static class Deep2 extends Deep1 { } static class Deep3 extends Deep2 { } static class Deep4 extends Deep3 { }
  static class Deep5 extends Deep4 { } static class Deep6 extends Deep5 { } static class Deep7 extends Deep6 { } static class Deep8 extends Deep7 { } static class Deep9 extends Deep8 { }
  static int deepHierarchy(Object o) { return (o instanceof Deep9 ? 1 : 0) + (o instanceof Deep8 ? 2 : 0) + (o instanceof Deep7 ? 4 : 0) + (o instanceof Deep6 ? 8 : 0) + (o instanceof Deep0 ? 16 : 0); }
  /** A hierarchy deeper than the display. */
  static void deepHierarchy(Trap t) {
    Object[] o = {new Deep9(), new Deep8(), new Deep7(), new Deep6(), new Deep5(), "x"};
    int[] expected = {31, 30, 28, 24, 16, 0};
    for (int i = 0; i < HOT; i++) t.same(expected[i % 6], deepHierarchy(o[i % 6]));
  }

  enum Color { RED, GREEN { @Override int f() { return 7; } }, BLUE; int f() { return ordinal(); } }
  static int enums(Color c) { switch (c) { case RED: return 10 + c.f(); case GREEN: return 20 + c.f(); default: return 30 + c.f(); } }
  /** Constants of an enum with bodies have classes of their own. */
  static void enums(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(10, enums(Color.RED));
    t.same(27, enums(Color.GREEN));
    t.same(32, enums(Color.BLUE));
    t.thrown(NullPointerException.class, () -> enums((Color) null));
  }

  record Pair(int a, Object b) { }
  static int records(Object o, Object p) { return (o.equals(p) ? 1 : 0) + (o.hashCode() == p.hashCode() ? 2 : 0) + o.toString().length() * 4; }
  /** equals, hashCode and toString of records are call sites. */
  static void records(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(records(new Pair(i, "b"), new Pair(i, "b")));
    t.same(3 + "Pair[a=1, b=x]".length() * 4, records(new Pair(1, "x"), new Pair(1, "x")));
    t.same("Pair[a=1, b=x]".length() * 4, records(new Pair(1, "x"), new Pair(2, null)));
  }

  static int patterns(Object o) { if (o instanceof String s && s.length() > 2) return s.length(); if (!(o instanceof Integer i)) return -1; return i + 1; }
  /** Patterns of instanceof with a condition. */
  static void patterns(Trap t) {
    for (int i = 3; i < HOT; i++) t.same(i, patterns("x".repeat(i)));
    t.same(-1, patterns("ab"));
    t.same(6, patterns(5));
    t.same(-1, patterns((Object) null));
  }
}
