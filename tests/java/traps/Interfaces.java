package traps;

import static traps.Trap.HOT;

/** Default, private and static methods of interfaces, diamonds, calls that find no method. */
final class Interfaces {
  interface Base { int one(int x); default int two(int x) { return one(x) * 2 + hidden(x); } private int hidden(int x) { return x + 100; } static int three(int x) { return x * 3; } }
  static final class Plain implements Base { @Override public int one(int x) { return x + 1; } }
  static final class Overrides implements Base { @Override public int one(int x) { return x + 2; } @Override public int two(int x) { return Base.super.two(x) + 1; } }
  static int defaults(Base b, int x) { return b.two(x) + Base.three(x); }
  /** A default method calls an abstract and a private one; a class overrides it and calls super. */
  static void defaults(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((i + 1) * 2 + i + 100 + i * 3, defaults(new Plain(), i));
    t.same(3 * 2 + 101 + 1 + 3, defaults(new Overrides(), 1));
    for (int i = 0; i < HOT; i++) t.add(defaults(i % 2 == 0 ? new Plain() : new Overrides(), i));
    t.same(1 + 1 + 6, defaults(x -> x, 1) - 101 + 3);
    t.thrown(NullPointerException.class, () -> defaults(null, 1));
  }

  interface L { default int f() { return 1; } }
  interface R extends L { @Override default int f() { return 2; } }
  static class D1 implements L, R { }
  static final class D2 extends D1 implements L { }
  static final class D3 extends D1 { @Override public int f() { return L3.K + 3; } interface L3 { int K = 10; } }
  static int diamond(L l) { return l.f(); }
  /** The most specific default wins; a class wins over all. */
  static void diamond(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(2, diamond(new D1()));
    t.same(2, diamond(new D2()));
    t.same(13, diamond(new D3()));
    t.same(1, diamond(new L() { }));
  }

  interface Wide0 { int w(); } interface Wide1 { int v(); }
  static final class Many implements Wide0, Wide1, Comparable<Many>, Cloneable, java.io.Serializable { @Override public int w() { return 1; } @Override public int v() { return 2; } @Override public int compareTo(Many o) { return 3; } }
  static final class Few implements Wide1 { @Override public int v() { return 4; } }
  static final class Fewer implements Wide1 { @Override public int v() { return 5; } }
  static int manyTables(Wide1 w) { return w.v(); }
  /** The interface's table is at another place in each class: megamorphic. */
  static void manyTables(Trap t) {
    Wide1[] w = {new Many(), new Few(), new Fewer(), () -> 6};
    for (int i = 0; i < HOT; i++) t.same(new int[] {2, 4, 5, 6}[i % 4], manyTables(w[i % 4]));
  }

  static int objectMethods(Base b, Object o) { return (b.equals(o) ? 1 : 0) + (b.hashCode() == b.hashCode() ? 2 : 0) + (b.getClass() == Plain.class ? 4 : 0) + (b.toString().startsWith("traps") ? 8 : 0); }
  /** Methods of Object are called on an interface type. */
  static void objectMethods(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(14, objectMethods(new Plain(), "x"));
    Base b = new Overrides();
    t.same(11, objectMethods(b, b));
  }

  interface G<T> { T get(T x); default T twice(T x) { return get(get(x)); } }
  static final class GI implements G<Integer> { @Override public Integer get(Integer x) { return x + 1; } }
  static final class GS implements G<String> { @Override public String get(String x) { return x + "!"; } }
  @SuppressWarnings({"unchecked", "rawtypes"}) static Object bridges(G g, Object x) { return g.twice(x); }
  /** Bridge methods cast their arguments: a wrong one fails there. */
  static void bridges(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 2, (int) (Integer) bridges(new GI(), i));
    t.same("a!!", (String) bridges(new GS(), "a"));
    t.thrown(ClassCastException.class, () -> bridges(new GI(), "a"));
    t.thrown(ClassCastException.class, () -> bridges(new GS(), 1));
  }

  static class NotAnInterface { public int one(int x) { return 50; } }
  @SuppressWarnings("unchecked") static <T> T unchecked(Object o) { return (T) o; }
  static int notImplemented(Object o, int x) { Base b = (Base) o; return b.one(x); }
  /** An object that does not implement the interface, though it has the method. */
  static void notImplemented(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i + 1, notImplemented(new Plain(), i));
    t.thrown(ClassCastException.class, () -> notImplemented(new NotAnInterface(), 1));
    t.thrown(ClassCastException.class, () -> notImplemented(Interfaces.<Object>unchecked(new int[0]), 1));
  }

  interface Only { int f(int x); }
  static final class OnlyOne implements Only { @Override public int f(int x) { return x; } }
  static int soleImplementor(Only o, int x) { return o.f(x); }
  static Only second() { return new Only() { @Override public int f(int x) { return -x; } }; }
  /** The only implementor of an interface gets company. */
  static void soleImplementor(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, soleImplementor(new OnlyOne(), i));
    t.same(-5, soleImplementor(second(), 5));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? -i : i, soleImplementor(i % 2 == 0 ? second() : new OnlyOne(), i));
  }

  abstract static class Partial implements Base { int viaAbstract(int x) { return one(x) + two(x); } }
  static final class Whole extends Partial { @Override public int one(int x) { return x * 7; } }
  static int miranda(Partial p, int x) { return p.viaAbstract(x) + p.one(x); }
  /** An abstract class calls interface methods that it does not declare. */
  static void miranda(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 7 * 4 + i + 100, miranda(new Whole(), i));
  }

  static int privateCalls(Nest n, int x) { return n.secret(x) + Nest.hiddenStatic(x) + n.inner().peek(); }
  static final class Nest { private int v = 3; private int secret(int x) { return v + x; } private static int hiddenStatic(int x) { return x * 2; } Inner inner() { return new Inner(); } final class Inner { private int peek() { return v + secret(1); } } }
  /** Private methods of nest mates are called by invokevirtual. */
  static void privateCalls(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(3 + i + 2 * i + 3 + 4, privateCalls(new Nest(), i));
    t.thrown(NullPointerException.class, () -> privateCalls(null, 1));
  }

  static class S0 { int f(int x) { return x; } } static class S1 extends S0 { @Override int f(int x) { return super.f(x) + 1; } } static class S2 extends S1 { @Override int f(int x) { return super.f(x) * 2; } } static final class S3 extends S2 { }
  static int superChain(S0 s, int x) { return s.f(x); }
  /** super calls through three classes, one of which does not override. */
  static void superChain(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((i + 1) * 2, superChain(new S3(), i));
    t.same(5, superChain(new S0(), 5));
    t.same(6, superChain(new S1(), 5));
  }
}
