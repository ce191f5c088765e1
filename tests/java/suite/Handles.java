package suite;

import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.lang.invoke.SwitchPoint;
import java.lang.invoke.VolatileCallSite;
import java.lang.invoke.WrongMethodTypeException;
import java.util.function.IntUnaryOperator;

/** Method handles: their calls, the JDK's adapters behind them, call sites that change their target, and what happens in their frames. */
final class Handles implements Suite.Case {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private static MethodHandle find(String name, Class<?> result, Class<?>... parameters) {
    try {
      return LOOKUP.findStatic(Handles.class, name, MethodType.methodType(result, parameters));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  // ---- targets
  interface Shape { int area(int k); }
  static class Square implements Shape { final int side; Square(int side) { this.side = side; } public int area(int k) { return side * side + k; } private int hidden(int k) { return side - k; } int plain(int k) { return side + k; } }
  static final class Cube extends Square { Cube(int side) { super(side); } @Override public int area(int k) { return 6 * side * side - k; } @Override int plain(int k) { return -side + k; } }
  static int add(int a, int b) { return a + b; }
  static int negate(int a) { return -a; }
  static boolean isEven(int a) { return a % 2 == 0; }
  static String join(String a, Object b) { return a + b; }
  static double mix(byte b, short s, char c, int i, long j, float f, double d, boolean z) { return b + s * 2.0 + c * 3.0 + i * 5.0 + j * 7.0 + f * 11.0 + d * 13.0 + (z ? 17 : 19); }
  static long nine(long a, Object b, int c, double d, int e, long f, Object g, float h, int i) { return a + b.hashCode() * 3L + c * 5L + (long) (d * 7) + e * 11L + f * 13 + g.hashCode() * 17L + (long) (h * 19) + i * 23L; }
  static boolean flag(int a) { return a > 2; }
  static byte narrow(int a) { return (byte) a; }
  static char letter(int a) { return (char) (a + 'a'); }
  static void nothing(int a) { sink = a; }
  static int sink;
  static int thrower(int a) throws Exception { if (a % 3 == 0) throw new Exception("checked " + a); if (a % 3 == 1) throw new IllegalStateException("unchecked " + a); return a; }
  static int recover(Throwable t, int a) { return -a - t.getMessage().length(); }
  static int collecting(int a) { Object[] keep = new Object[64]; for (int i = 0; i < keep.length; i++) keep[i] = new int[] {a, i}; Suite.disturb(a); return ((int[]) keep[a & 63])[1]; }
  static Object identity(Object o, int k) { Suite.disturb(k); return o; }
  static Object deoptimise(Object o, long j, double d) { Suite.deoptimizeAll(); return o + ":" + j + ":" + d; }

  static final MethodHandle ADD = find("add", int.class, int.class, int.class);
  static final MethodHandle NEGATE = find("negate", int.class, int.class);
  static final MethodHandle JOIN = find("join", String.class, String.class, Object.class);
  static final MethodHandle MIX = find("mix", double.class, byte.class, short.class, char.class, int.class, long.class, float.class, double.class, boolean.class);
  static final MethodHandle NINE = find("nine", long.class, long.class, Object.class, int.class, double.class, int.class, long.class, Object.class, float.class, int.class);
  static final MethodHandle FLAG = find("flag", boolean.class, int.class), NARROW = find("narrow", byte.class, int.class), LETTER = find("letter", char.class, int.class), NOTHING = find("nothing", void.class, int.class);
  static final MethodHandle THROWER = find("thrower", int.class, int.class);
  static final MethodHandle COLLECTING = find("collecting", int.class, int.class);
  static final MethodHandle IDENTITY = find("identity", Object.class, Object.class, int.class);
  static final MethodHandle DEOPTIMISE = find("deoptimise", Object.class, Object.class, long.class, double.class);
  static final MethodHandle VIRTUAL, INTERFACE, SPECIAL, CONSTRUCTOR, GETTER, FINAL_METHOD, ARRAY_GETTER, ARRAY_SETTER;
  static final MethodHandle GUARD = MethodHandles.guardWithTest(find("isEven", boolean.class, int.class), NEGATE, MethodHandles.insertArguments(ADD, 1, 100));
  static final MethodHandle CATCH = MethodHandles.catchException(THROWER, Throwable.class, find("recover", int.class, Throwable.class, int.class));
  static final MethodHandle FILTER = MethodHandles.filterReturnValue(MethodHandles.filterArguments(ADD, 0, NEGATE), NEGATE);
  static final MethodHandle FOLD = MethodHandles.foldArguments(ADD, NEGATE);
  static final MethodHandle PERMUTE = MethodHandles.permuteArguments(ADD, MethodType.methodType(int.class, int.class, String.class, int.class), 2, 0);
  static final MethodHandle SPREAD = ADD.asSpreader(Integer[].class, 2);
  static final MethodHandle COLLECT = MethodHandles.arrayElementGetter(Object[].class).bindTo(new Object[] {"x", "y", "z"});
  static final MethodHandle TRY_FINALLY;
  static final MethodHandle LOOP;
  static int cleanup(Throwable t, int result, int a) { return (t == null ? 0 : 1000) + result + a; }
  static int step(int v, int k) { return v * 31 + k; }
  static int zero(int n) { return n; }

  static {
    try {
      VIRTUAL = LOOKUP.findVirtual(Square.class, "area", MethodType.methodType(int.class, int.class));
      INTERFACE = LOOKUP.findVirtual(Shape.class, "area", MethodType.methodType(int.class, int.class));
      SPECIAL = LOOKUP.findVirtual(Square.class, "hidden", MethodType.methodType(int.class, int.class));
      FINAL_METHOD = LOOKUP.findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class));
      CONSTRUCTOR = LOOKUP.findConstructor(Cube.class, MethodType.methodType(void.class, int.class));
      GETTER = LOOKUP.findGetter(Square.class, "side", int.class);
      ARRAY_GETTER = MethodHandles.arrayElementGetter(long[].class);
      ARRAY_SETTER = MethodHandles.arrayElementSetter(long[].class);
      TRY_FINALLY = MethodHandles.tryFinally(NEGATE, find("cleanup", int.class, Throwable.class, int.class, int.class));
      LOOP = MethodHandles.countedLoop(find("zero", int.class, int.class), null, MethodHandles.dropArguments(find("step", int.class, int.class, int.class), 2, int.class));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  // ---- kernels: one call of a handle each
  static int exactConstant(int a, int b) throws Throwable { return (int) ADD.invokeExact(a, b); }
  static int exact(MethodHandle h, int a, int b) throws Throwable { return (int) h.invokeExact(a, b); }
  static Object generic(MethodHandle h, Object a, Object b) throws Throwable { return h.invoke(a, b); }
  static long converted(MethodHandle h, byte a, short b) throws Throwable { return (long) h.invoke(a, b); }
  static Integer boxed(MethodHandle h, Integer a, int b) throws Throwable { return (Integer) h.invoke(a, b); }
  static String joined(String a, Object b) throws Throwable { return (String) JOIN.invokeExact(a, b); }
  static double mixed(MethodHandle h, int k) throws Throwable { return (double) h.invokeExact((byte) k, (short) -k, (char) (k + 7), k * 3, (long) k << 20, k / 2f, k / 4.0, k % 2 == 0); }
  static long onStack(MethodHandle h, int k) throws Throwable { return (long) h.invokeExact(1L + k, (Object) "b", k, k / 2.0, k + 4, 1L << k, (Object) k, k / 8f, -k); }
  static int small(int a) throws Throwable { return ((boolean) FLAG.invokeExact(a) ? 1 : 2) + (byte) NARROW.invokeExact(a * 100) + (char) LETTER.invokeExact(a); }
  static int toVoid(int a) throws Throwable { NOTHING.invokeExact(a); return sink; }
  static int virtual(Square s, int k) throws Throwable { return (int) VIRTUAL.invokeExact(s, k); }
  static int throughInterface(Shape s, int k) throws Throwable { return (int) INTERFACE.invokeExact(s, k); }
  static int special(Square s, int k) throws Throwable { return (int) SPECIAL.invokeExact(s, k); }
  static String finalMethod(String a, String b) throws Throwable { return (String) FINAL_METHOD.invokeExact(a, b); }
  static Cube construct(int k) throws Throwable { return (Cube) CONSTRUCTOR.invokeExact(k); }
  static int getter(Square s) throws Throwable { return (int) GETTER.invokeExact(s); }
  static long element(long[] a, int k) throws Throwable { ARRAY_SETTER.invokeExact(a, k, a[0] + k); return (long) ARRAY_GETTER.invokeExact(a, k); }
  static int guard(int a) throws Throwable { return (int) GUARD.invokeExact(a); }
  static int catching(int a) throws Throwable { return (int) CATCH.invokeExact(a); }
  static int filter(int a, int b) throws Throwable { return (int) FILTER.invokeExact(a, b); }
  static int fold(int a) throws Throwable { return (int) FOLD.invokeExact(a); }
  static int permute(int a, int b) throws Throwable { return (int) PERMUTE.invokeExact(a, "dropped", b); }
  static int spread(Integer[] a) throws Throwable { return (int) SPREAD.invokeExact(a); }
  static Object collect(int k) throws Throwable { return (Object) COLLECT.invokeExact(k); }
  static int tryFinally(int a) throws Throwable { return (int) TRY_FINALLY.invokeExact(a); }
  static int counted(int n) throws Throwable { return (int) LOOP.invokeExact(n); }
  static int bound(int a) throws Throwable { return (int) ADD.bindTo(a).invoke(a + 1); }
  static Object arguments(MethodHandle h, Object... a) throws Throwable { return h.invokeWithArguments(a); }
  static int throwing(int a) throws Throwable { return (int) THROWER.invokeExact(a) + 1; }
  static int caught(int a) throws Throwable {
    int before = a * 7;
    try { return (int) THROWER.invokeExact(a) + before; } catch (IllegalStateException e) { return before + 1; } catch (Exception e) { return before + e.getMessage().length(); }
  }
  static int collectingIn(Object keep, int a) throws Throwable { String s = "kept " + a; int r = (int) COLLECTING.invokeExact(a); return r + s.length() + keep.hashCode(); }
  static String references(String[] a, int k) throws Throwable { Object x = (Object) IDENTITY.invokeExact((Object) a[k], k); Object y = IDENTITY.invoke(a, k); return x + ":" + (y == a) + a[k]; }
  static String deoptimised(Object o, int k) throws Throwable { String kept = "k" + k; long j = (long) k << 33; double d = k / 3.0; Object r = (Object) DEOPTIMISE.invokeExact(o, j, d); return kept + r + j + d + o; }
  static int nullHandle(MethodHandle h) throws Throwable { return (int) h.invokeExact(1, 2); }
  static long wrongType(MethodHandle h) throws Throwable { return (long) h.invokeExact(1, 2); }
  static Object wrongArgument(MethodHandle h, Object a) throws Throwable { return h.invoke(a, a); }
  static MethodType type(int k) { return k == 0 ? MethodType.methodType(int.class, long.class) : ADD.type().appendParameterTypes(String.class); }

  // ---- call sites that change
  static int callSite(MethodHandle invoker, int a) throws Throwable { return (int) invoker.invokeExact(a); }
  static long retargeted(CallSite site, MethodHandle[] targets, int n) throws Throwable {
    MethodHandle invoker = site.dynamicInvoker();
    long s = 0;
    for (int i = 0; i < n; i++) {
      if (i % 50 == 49) { site.setTarget(targets[i / 50 % targets.length]); if (site instanceof MutableCallSite) MutableCallSite.syncAll(new MutableCallSite[] {(MutableCallSite) site}); }
      s = s * 31 + (int) invoker.invokeExact(i);
    }
    return s;
  }
  static int switchPoint(SwitchPoint p, int n) throws Throwable {
    MethodHandle h = p.guardWithTest(NEGATE, find("zero", int.class, int.class));
    int s = 0;
    for (int i = 0; i < n; i++) { if (i == n / 2) SwitchPoint.invalidateAll(new SwitchPoint[] {p}); s += (int) h.invokeExact(i); }
    return s;
  }
  static int recursive(MethodHandle h, int n) throws Throwable { return n == 0 ? 1 : n + (int) h.invokeExact(h, n - 1); }
  static final MethodHandle RECURSIVE = find("recursive", int.class, MethodHandle.class, int.class);

  @Override
  public int rounds() { return Math.min(8, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) throws Throwable {
    Shape[] shapes = {new Square(3), new Cube(2), k -> k * 77};
    MethodHandle[] targets = {NEGATE, GUARD, find("zero", int.class, int.class), MethodHandles.insertArguments(ADD, 0, 5)};
    for (int i = 0; i < 8; i++) {
      out.add((long) exactConstant(i, 5));
      out.add((long) exact(ADD, i, 6));
      out.add((long) exact(i % 2 == 0 ? ADD : find("step", int.class, int.class, int.class), i, 7));
      out.add(String.valueOf(generic(i % 2 == 0 ? ADD : JOIN, i % 2 == 0 ? (Object) i : "s", i)));
      out.add(converted(ADD, (byte) i, (short) 300));
      out.add((long) boxed(ADD, i, 1));
      out.add(joined("j", i == 3 ? null : i));
      out.add(mixed(MIX, i));
      out.add(onStack(NINE, i));
      out.add((long) small(i));
      out.add((long) toVoid(i));
      Square square = i % 2 == 0 ? new Square(i) : new Cube(i);
      out.add((long) virtual(square, i));
      out.add((long) throughInterface(shapes[i % 3], i));
      out.add((long) special(square, i));
      out.add(finalMethod("a", "b" + i));
      out.add((long) construct(i).side);
      out.add((long) getter(square));
      out.add(element(new long[] {10, 20, 30, 40, 50, 60, 70, 80}, i));
      out.add((long) guard(i));
      out.add((long) catching(i));
      out.add((long) filter(i, 3));
      out.add((long) fold(i));
      out.add((long) permute(i, 9));
      out.add((long) spread(new Integer[] {i, 4}));
      out.add((String) collect(i % 3));
      out.add((long) tryFinally(i));
      out.add((long) counted(i));
      try { out.add((long) bound(i)); } catch (ClassCastException | IllegalArgumentException e) { out.add(e.getClass().getName()); }
      out.add(String.valueOf(arguments(ADD, i, 2)));
      out.add(String.valueOf(arguments(JOIN, "w", i)));
      try { out.add((long) throwing(i)); } catch (Exception e) { out.thrown("throwing " + i, e); }
      out.add((long) caught(i));
      out.add((long) collectingIn("keep", i));
      out.add(references(new String[] {"a", "b", "c", "d", "e", "f", "g", "h"}, i));
      try { out.add((long) nullHandle(i == 3 ? null : ADD)); } catch (NullPointerException e) { out.add("npe"); }  // C1 and C2 find it in the adapter
      try { out.add(wrongType(ADD)); } catch (WrongMethodTypeException e) { out.thrown("wrong type", e); }
      try { out.add(String.valueOf(wrongArgument(ADD, i == 3 ? "text" : i == 4 ? null : (Object) i))); } catch (ClassCastException | NullPointerException e) { out.add(e.getClass().getName()); }
      out.add(type(i % 2).toString());
      out.add((long) callSite(targets[i % targets.length], i));
      out.add((long) recursive(RECURSIVE, i * 10));
      out.add((long) MethodHandleProxies.asInterfaceInstance(IntUnaryOperator.class, NEGATE).applyAsInt(i));
    }
    for (int i = 0; i < 3; i++) out.add(deoptimised("object", i));
    out.add(retargeted(new MutableCallSite(NEGATE), targets, 400));
    out.add(retargeted(new VolatileCallSite(NEGATE), targets, 400));
    out.add((long) callSite(new ConstantCallSite(NEGATE).dynamicInvoker(), 4));
    out.add((long) switchPoint(new SwitchPoint(), 200));
  }
}
