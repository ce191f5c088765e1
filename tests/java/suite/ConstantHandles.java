package suite;

import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.util.function.Function;
import java.util.function.IntBinaryOperator;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Method handles, lambdas and string concatenations that code names: what they call stands in place of the call. */
final class ConstantHandles implements Suite.Case {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  static class Base {
    int field = 3;
    static int counter;
    final String name;
    Base(String name, int field) { this.name = name; this.field = field; if (field == 13) throw new IllegalArgumentException("field " + field); }
    int twice(int k) { return k * 2 + field; }
    final int thrice(int k) { return k * 3 + field; }
    private long secret(byte b, long j, double d) { return b + j * 2 + (long) d + field; }
    static int plus(int a, int b) { return a + b; }
    static String text(Object o) { return "<" + o + ">"; }
    static boolean isOdd(int k) { return (k & 1) != 0; }
    static short small(byte b, char c, short s, boolean z) { return (short) (b * c + s + (z ? 1 : 0)); }
    static int failing(int k) { if (k % 4 == 1) throw new IllegalStateException("failing " + k); return k * 5; }
    static int recovered(IllegalStateException e, int k) { return e.getMessage().length() * 1000 + k; }
    static Object leaving(Object o, int k) { if (k == 2) Suite.deoptimizeAll(); else Suite.disturb(k); return o; }
    static int sum(int a, int b, int c, long d) { return a + b * 3 + c * 5 + (int) (d * 7); }
    static int down(MethodHandle self, int k) throws Throwable { return k <= 0 ? 1 : k + (int) self.invokeExact(self, k - 1); }
    static int itself(int k) throws Throwable { return k <= 0 ? 2 : k * 3 + (int) ITSELF.invokeExact(k - 1); }
  }
  static final class Derived extends Base {
    Derived(String name) { super(name, 5); }
    @Override int twice(int k) { return -super.twice(k); }
    static MethodHandle superTwice() throws ReflectiveOperationException {
      return MethodHandles.lookup().findSpecial(Base.class, "twice", MethodType.methodType(int.class, int.class), Derived.class);
    }
  }
  interface Greeting { default String greet(int k) { return "hello " + k; } private int hidden(int k) { return k + 1; } static int fixed(int k) { return k + 40; }
    static MethodHandle hidden() throws ReflectiveOperationException { return MethodHandles.lookup().findVirtual(Greeting.class, "hidden", MethodType.methodType(int.class, int.class)); } }

  private static MethodType type(Class<?> result, Class<?>... parameters) { return MethodType.methodType(result, parameters); }

  static final MethodHandle PLUS, TEXT, TWICE, THRICE, SUPER, SECRET, MAKE, GET, SET, STATIC_GET, STATIC_SET, SMALL, FAILING, SUM, DOWN, ITSELF, HIDDEN, FIXED, LENGTH, LEAVING, MAX;
  static final MethodHandle BOUND, CONVERTED, BOXED, FILTERED, DEEP, GUARDED, CAUGHT, SPREAD, COLLECTED, VARIADIC, DROPPED, FOLDED, CONSTANT, SHUFFLED, EXPLICIT, THROWER;
  static final MutableCallSite SITE;
  static final MethodHandle INVOKER;

  static {
    try {
      PLUS = LOOKUP.findStatic(Base.class, "plus", type(int.class, int.class, int.class));
      TEXT = LOOKUP.findStatic(Base.class, "text", type(String.class, Object.class));
      TWICE = LOOKUP.findVirtual(Base.class, "twice", type(int.class, int.class));
      THRICE = LOOKUP.findVirtual(Base.class, "thrice", type(int.class, int.class));
      SUPER = Derived.superTwice();
      SECRET = LOOKUP.findVirtual(Base.class, "secret", type(long.class, byte.class, long.class, double.class));
      MAKE = LOOKUP.findConstructor(Base.class, type(void.class, String.class, int.class));
      GET = LOOKUP.findGetter(Base.class, "field", int.class);
      SET = LOOKUP.findSetter(Base.class, "field", int.class);
      STATIC_GET = LOOKUP.findStaticGetter(Base.class, "counter", int.class);
      STATIC_SET = LOOKUP.findStaticSetter(Base.class, "counter", int.class);
      SMALL = LOOKUP.findStatic(Base.class, "small", type(short.class, byte.class, char.class, short.class, boolean.class));
      FAILING = LOOKUP.findStatic(Base.class, "failing", type(int.class, int.class));
      SUM = LOOKUP.findStatic(Base.class, "sum", type(int.class, int.class, int.class, int.class, long.class));
      DOWN = LOOKUP.findStatic(Base.class, "down", type(int.class, MethodHandle.class, int.class));
      ITSELF = LOOKUP.findStatic(Base.class, "itself", type(int.class, int.class));
      HIDDEN = Greeting.hidden();
      FIXED = LOOKUP.findStatic(Greeting.class, "fixed", type(int.class, int.class));
      LENGTH = LOOKUP.findVirtual(String.class, "length", type(int.class));
      LEAVING = LOOKUP.findStatic(Base.class, "leaving", type(Object.class, Object.class, int.class));
      MAX = LOOKUP.findStatic(Math.class, "max", type(int.class, int.class, int.class));
      BOUND = THRICE.bindTo(new Base("bound", 7));
      CONVERTED = PLUS.asType(type(long.class, byte.class, short.class));
      BOXED = PLUS.asType(type(Object.class, Object.class, Integer.class));
      FILTERED = MethodHandles.filterReturnValue(MethodHandles.filterArguments(PLUS, 1, LENGTH), TEXT.asType(type(String.class, int.class)));
      MethodHandle deep = PLUS;
      for (int i = 0; i < 6; i++) deep = MethodHandles.filterArguments(deep, 0, MethodHandles.insertArguments(PLUS, 0, i * 10 + 1));
      DEEP = deep;
      GUARDED = MethodHandles.guardWithTest(LOOKUP.findStatic(Base.class, "isOdd", type(boolean.class, int.class)), MethodHandles.insertArguments(PLUS, 1, 1000), MethodHandles.insertArguments(PLUS, 1, 2000));
      CAUGHT = MethodHandles.catchException(FAILING, IllegalStateException.class, LOOKUP.findStatic(Base.class, "recovered", type(int.class, IllegalStateException.class, int.class)));
      SPREAD = PLUS.asSpreader(int[].class, 2);
      COLLECTED = LOOKUP.findStatic(String.class, "format", type(String.class, String.class, Object[].class)).asCollector(Object[].class, 2);
      VARIADIC = LOOKUP.findStatic(java.util.Arrays.class, "asList", type(java.util.List.class, Object[].class)).asVarargsCollector(Object[].class);
      DROPPED = MethodHandles.dropArguments(PLUS, 1, long.class, String.class);
      FOLDED = MethodHandles.foldArguments(MethodHandles.dropArguments(PLUS, 2, int.class), PLUS);
      CONSTANT = MethodHandles.dropArguments(MethodHandles.constant(String.class, "constant"), 0, int.class);
      SHUFFLED = MethodHandles.permuteArguments(SUM, type(int.class, long.class, int.class), 1, 1, 1, 0);
      EXPLICIT = MethodHandles.explicitCastArguments(PLUS, type(byte.class, double.class, boolean.class));
      THROWER = MethodHandles.filterArguments(MethodHandles.throwException(int.class, IllegalArgumentException.class), 0, LOOKUP.findConstructor(IllegalArgumentException.class, type(void.class, String.class)));
      SITE = new MutableCallSite(MethodHandles.insertArguments(PLUS, 0, 1));
      INVOKER = SITE.dynamicInvoker();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  static int direct(int a) throws Throwable { return (int) PLUS.invokeExact(a, 4) + (int) MAX.invokeExact(a, 3); }
  static String text(Object o) throws Throwable { return (String) TEXT.invokeExact(o); }
  static int receivers(Base b, int k) throws Throwable { return (int) TWICE.invokeExact(b, k) + (int) THRICE.invokeExact(b, k) * 7; }
  static int superCall(Derived d, int k) throws Throwable { return (int) SUPER.invokeExact(d, k) - (int) TWICE.invokeExact((Base) d, k); }
  static long secret(Base b, int k) throws Throwable { return (long) SECRET.invokeExact(b, (byte) k, 1L << k, k * 1.5); }
  static String made(String s, int k) throws Throwable { Base b = (Base) MAKE.invokeExact(s, k); return b.name + b.field; }
  static int fields(Base b, int k) throws Throwable { SET.invokeExact(b, k); STATIC_SET.invokeExact(k * 3); return (int) GET.invokeExact(b) + (int) STATIC_GET.invokeExact(); }
  static int narrow(int k) throws Throwable { return (short) SMALL.invokeExact((byte) (k * 100), (char) (k * 30_000), (short) -k, k % 2 == 0); }
  static int interfaces(Greeting g, int k) throws Throwable { return (int) HIDDEN.invokeExact(g, k) + (int) FIXED.invokeExact(k); }
  static int bound(int k) throws Throwable { return (int) BOUND.invokeExact(k); }
  static long converted(byte a, short b) throws Throwable { return (long) CONVERTED.invokeExact(a, b); }
  static Object boxed(Object a, Integer b) throws Throwable { return (Object) BOXED.invokeExact(a, b); }
  static String filtered(int a, String s) throws Throwable { return (String) FILTERED.invokeExact(a, s); }
  static int deep(int a) throws Throwable { return (int) DEEP.invokeExact(a, 1); }
  static int guarded(int a) throws Throwable { return (int) GUARDED.invokeExact(a); }
  static int caught(int a) throws Throwable { return (int) CAUGHT.invokeExact(a); }
  static int spread(int[] a) throws Throwable { return (int) SPREAD.invokeExact(a); }
  static String collected(int a) throws Throwable { return (String) COLLECTED.invokeExact("%s-%s", (Object) a, (Object) "b"); }
  static String variadic(int a) throws Throwable { return "" + VARIADIC.invoke(a, "x", a + 1L); }
  static int dropped(int a) throws Throwable { return (int) DROPPED.invokeExact(a, 5L, "dropped", a); }
  static int folded(int a) throws Throwable { return (int) FOLDED.invokeExact(a, a + 2); }
  static String constant(int a) throws Throwable { return (String) CONSTANT.invokeExact(a); }
  static int shuffled(long a, int b) throws Throwable { return (int) SHUFFLED.invokeExact(a, b); }
  static int explicit(double d, boolean z) throws Throwable { return (byte) EXPLICIT.invokeExact(d, z); }
  static int thrower(int k) throws Throwable { return k % 2 == 0 ? k : (int) THROWER.invokeExact("thrown " + k); }
  static int failing(int k) throws Throwable { int kept = k * 11; return (int) FAILING.invokeExact(k) + kept; }
  static int handled(int k) throws Throwable { int kept = k * 11; try { return (int) FAILING.invokeExact(k) + kept; } catch (IllegalStateException e) { return -kept - e.getMessage().length(); } }
  static int down(int k) throws Throwable { return (int) DOWN.invokeExact(DOWN, k); }
  static int itself(int k) throws Throwable { return (int) ITSELF.invokeExact(k); }
  static String leaving(Object o, int k) throws Throwable { String kept = "k" + k; Object r = (Object) LEAVING.invokeExact(o, k); return kept + r + o; }
  static int site(int k) throws Throwable { return (int) INVOKER.invokeExact(k); }
  static int looped(int n) throws Throwable { int s = 0; for (int i = 0; i < n; i++) s = (int) PLUS.invokeExact(s * 3, i) + (int) GUARDED.invokeExact(i); return s; }

  // ---- invokedynamic
  static String all(boolean z, byte b, char c, short s, int i, long j, float f, double d, Object o, String t) { return "z" + z + "b" + b + c + "s" + s + ":" + i + ":" + j + f + " " + d + o + t + "\u20ac"; }
  static String two(Object a, String b) { return a + b; }
  static String one(Object a) { return "" + a; }
  static String numbers(int i, long j) { return i + "," + j; }
  static String nested(int k) { return "(" + (k <= 0 ? "" : nested(k - 1) + k) + ")"; }
  static String fails(Object o) { try { return "a" + o + "b"; } catch (IllegalStateException e) { return e.getMessage() + "!"; } }
  static int captures(int i, long j, double d, float f, Object o, byte b) {
    IntSupplier s = () -> i + (int) j + (int) d + (int) f + o.hashCode() + b;
    LongSupplier t = () -> j * i;
    Supplier<Object> u = () -> o;
    return s.getAsInt() + (int) t.getAsLong() + u.get().hashCode();
  }
  static int apply(IntBinaryOperator f, int a, int b) { return f.applyAsInt(a, b); }
  static int plain(int k) { return apply((a, b) -> a * b + 1, k, 3) + apply(Base::plus, k, 4) + apply(Math::max, k, 5); }
  static String references(Base b, String s) {
    Function<String, Base> make = ConstantHandles::base;
    Supplier<Object> text = b::toString;
    Function<String, Integer> length = String::length;
    Function<Integer, int[]> array = int[]::new;
    return make.apply(s).name + (text.get() != null) + length.apply(s) + array.apply(s.length()).length;
  }
  static Base base(String s) { return new Base(s, s.length()); }

  @Override
  public int rounds() { return Math.min(8, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) throws Throwable {
    Object failing = new Object() { @Override public String toString() { throw new IllegalStateException("no text"); } };
    SITE.setTarget(MethodHandles.insertArguments(PLUS, 0, 1));
    for (int i = 0; i < 24; i++) {
      Base base = i % 3 == 0 ? new Derived("d" + i) : new Base("b" + i, i == 13 ? 12 : i);
      out.add((long) direct(i));
      out.add(text(i == 5 ? null : i));
      out.add((long) receivers(base, i));
      out.add((long) superCall(new Derived("s"), i));
      out.add(secret(base, i));
      try { out.add(made("m", i)); } catch (IllegalArgumentException e) { out.thrown("made", e); }
      out.add((long) fields(base, i));
      out.add((long) narrow(i));
      out.add((long) interfaces(new Greeting() {}, i));
      out.add((long) bound(i));
      out.add(converted((byte) i, (short) (i * 2000)));
      out.add(String.valueOf(boxed(i, i)));
      out.add(filtered(i, "f" + i));
      out.add((long) deep(i));
      out.add((long) guarded(i < 12 ? i * 2 : i));
      out.add((long) caught(i < 12 ? 4 : i));
      out.add((long) spread(new int[] {i, 6}));
      out.add(collected(i));
      out.add(variadic(i));
      out.add((long) dropped(i));
      out.add((long) folded(i));
      out.add(constant(i));
      out.add((long) shuffled(i, i + 1));
      out.add((long) explicit(i * 50.5, i % 2 == 0));
      try { out.add((long) thrower(i)); } catch (IllegalArgumentException e) { out.thrown("thrower", e); }
      try { out.add((long) failing(i)); } catch (IllegalStateException e) { out.thrown("failing", e); }
      out.add((long) handled(i));
      out.add((long) down(i));
      out.add((long) itself(i));
      out.add((long) looped(i * 4));
      if (i == 16) { SITE.setTarget(MethodHandles.insertArguments(MAX, 0, 18)); MutableCallSite.syncAll(new MutableCallSite[] {SITE}); }
      out.add((long) site(i));
      out.add((long) (int) new ConstantCallSite(BOUND).dynamicInvoker().invokeExact(i));
      out.add(all(i % 2 == 0, (byte) i, (char) ('a' + i), (short) -i, i * 1000, (long) i << 40, i / 3f, i / 7.0, i == 4 ? null : (Object) i, i == 6 ? null : "t" + i));
      out.add(two(i == 3 ? null : (Object) i, i == 8 ? null : "\u0416" + i));
      out.add(one(i == 7 ? null : (Object) (i + "x")));
      out.add(numbers(-i, Long.MIN_VALUE + i));
      out.add(nested(i % 5));
      out.add(fails(i % 6 == 5 ? failing : (Object) i));
      out.add((long) captures(i, i * 3L, i / 2.0, i, "o" + i, (byte) i));
      out.add((long) plain(i));
      out.add(references(base, "r" + i % 10));
      try { out.add((long) receivers(i % 8 == 7 ? null : base, i)); } catch (NullPointerException e) { out.add("npe"); }
      try { out.add(secret(i % 8 == 6 ? null : base, i)); } catch (NullPointerException e) { out.add("npe"); }
      try { out.add(String.valueOf(boxed(i % 8 == 5 ? "text" : (Object) i, i % 8 == 4 ? null : i))); } catch (ClassCastException | NullPointerException e) { out.add(e.getClass().getName()); }
      try { out.add((long) spread(i % 8 == 3 ? new int[3] : new int[] {i, i})); } catch (IllegalArgumentException e) { out.add(e.getMessage()); }
    }
    for (int i = 0; i < 4; i++) out.add(leaving("object", i));
  }
}
