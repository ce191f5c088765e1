package traps;

import static traps.Trap.HOT;

import java.lang.invoke.CallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.lang.invoke.SwitchPoint;
import java.lang.invoke.VarHandle;
import java.lang.invoke.VolatileCallSite;
import java.lang.invoke.WrongMethodTypeException;
import java.util.function.Function;
import java.util.function.Supplier;

/** jsr292: method handles, call sites whose targets change, lambdas, variable handles. */
final class Jsr292 {
  static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  int field = 5;
  static int statics;

  static int plus(int a, int b) { return a + b; }
  static int minus(int a, int b) { return a - b; }
  static int divide(int a, int b) { return a / b; }
  int times(int x) { return field * x; }

  static MethodHandle find(String name, Class<?>... types) { try { return LOOKUP.findStatic(Jsr292.class, name, MethodType.methodType(int.class, types)); } catch (ReflectiveOperationException e) { throw new AssertionError(e); } }
  static final MethodHandle PLUS = find("plus", int.class, int.class);
  static final MethodHandle DIVIDE = find("divide", int.class, int.class);
  static final MutableCallSite SITE = new MutableCallSite(PLUS);
  static final MethodHandle INVOKER = SITE.dynamicInvoker();

  static int constantHandle(int a, int b) throws Throwable { return (int) PLUS.invokeExact(a, b); }
  /** A handle in a static final. */
  static void constantHandle(Trap t) throws Throwable {
    for (int i = 0; i < HOT; i++) t.same(i + 3, constantHandle(i, 3));
    t.same(Integer.MIN_VALUE, constantHandle(Integer.MAX_VALUE, 1));
  }

  static int variableHandle(MethodHandle h, int a, int b) throws Throwable { return (int) h.invokeExact(a, b); }
  /** The handle changes from call to call; its type is wrong; it is null. */
  static void variableHandle(Trap t) throws Throwable {
    MethodHandle minus = find("minus", int.class, int.class);
    for (int i = 0; i < HOT; i++) t.same(i + 1, variableHandle(PLUS, i, 1));
    for (int i = 0; i < HOT; i++) t.same(i % 2 == 0 ? i + 1 : i - 1, variableHandle(i % 2 == 0 ? PLUS : minus, i, 1));
    t.thrown(ArithmeticException.class, () -> variableHandle(DIVIDE, 1, 0));
    t.thrown(WrongMethodTypeException.class, () -> variableHandle(PLUS.asType(MethodType.methodType(long.class, int.class, int.class)), 1, 0));
    t.thrown(NullPointerException.class, () -> variableHandle(null, 1, 0));
  }

  static int changingTarget(int a, int b) throws Throwable { return (int) INVOKER.invokeExact(a, b); }
  /** The target of a mutable call site changes under compiled code. */
  static void changingTarget(Trap t) throws Throwable {
    SITE.setTarget(PLUS);
    for (int i = 0; i < HOT; i++) t.same(i + 2, changingTarget(i, 2));
    SITE.setTarget(find("minus", int.class, int.class));
    t.same(3, changingTarget(5, 2));
    for (int i = 0; i < HOT; i++) t.same(i - 2, changingTarget(i, 2));
    SITE.setTarget(DIVIDE);
    MutableCallSite.syncAll(new MutableCallSite[] {SITE});
    t.thrown(ArithmeticException.class, () -> changingTarget(1, 0));
  }

  static int volatileTarget(CallSite c, int a) throws Throwable { return (int) c.getTarget().invokeExact(a, 4); }
  /** A volatile call site is read in each call. */
  static void volatileTarget(Trap t) throws Throwable {
    VolatileCallSite c = new VolatileCallSite(PLUS);
    for (int i = 0; i < HOT; i++) t.same(i + 4, volatileTarget(c, i));
    c.setTarget(find("minus", int.class, int.class));
    t.same(1, volatileTarget(c, 5));
  }

  static int switchPoint(MethodHandle h, int a) throws Throwable { return (int) h.invokeExact(a, 2); }
  /** A switch point is invalidated: the fallback is taken from then on. */
  static void switchPoint(Trap t) throws Throwable {
    SwitchPoint p = new SwitchPoint();
    MethodHandle h = p.guardWithTest(PLUS, DIVIDE);
    for (int i = 0; i < HOT; i++) t.same(i + 2, switchPoint(h, i));
    SwitchPoint.invalidateAll(new SwitchPoint[] {p});
    t.same(4, switchPoint(h, 8));
  }

  static final MethodHandle COMBINED = combined();
  static boolean positive(int a, int b) { return b > 0; }
  static MethodHandle combined() {
    try {
      MethodHandle test = LOOKUP.findStatic(Jsr292.class, "positive", MethodType.methodType(boolean.class, int.class, int.class));
      MethodHandle guarded = MethodHandles.guardWithTest(test, PLUS, find("minus", int.class, int.class));
      return MethodHandles.filterReturnValue(MethodHandles.filterArguments(guarded, 0, MethodHandles.insertArguments(PLUS, 0, 10)), MethodHandles.insertArguments(PLUS, 1, 1000));
    } catch (ReflectiveOperationException e) { throw new AssertionError(e); }
  }
  static int combinators(int a, int b) throws Throwable { return (int) COMBINED.invokeExact(a, b); }
  /** guardWithTest, filters and inserted arguments. */
  static void combinators(Trap t) throws Throwable {
    for (int i = 0; i < HOT; i++) t.same(i + 1015, combinators(i, 5));
    t.same(1 + 10 + 5 + 1000, combinators(1, -5));
  }

  static int fallback(ArithmeticException e, int a, int b) { return -a; }
  static final MethodHandle CATCHING = catching();
  static MethodHandle catching() { return MethodHandles.catchException(DIVIDE, ArithmeticException.class, find("fallback", ArithmeticException.class, int.class, int.class)); }
  static int catches(int a, int b) throws Throwable { return (int) CATCHING.invokeExact(a, b); }
  /** catchException: the exception comes for the first time in compiled code. */
  static void catches(Trap t) throws Throwable {
    for (int i = 0; i < HOT; i++) t.same(i / 3, catches(i, 3));
    t.same(-5, catches(5, 0));
    for (int i = 0; i < HOT; i++) t.same(-i, catches(i, 0));
  }

  static Object generic(MethodHandle h, Object a, Object b) throws Throwable { return h.invoke(a, b); }
  /** invoke converts: boxes, unboxes, casts, and refuses. */
  static void generic(Trap t) throws Throwable {
    for (int i = 0; i < HOT; i++) t.same(i + 1, (int) (Integer) generic(PLUS, i, 1));
    t.thrown(ClassCastException.class, () -> generic(PLUS, "a", 1));
    t.thrown(NullPointerException.class, () -> generic(PLUS, null, 1));
    t.thrown(WrongMethodTypeException.class, () -> generic(MethodHandles.identity(int.class), 1, 1));
    t.same(98, (int) (Integer) generic(PLUS, 'a', (byte) 1));
  }

  static int spread(MethodHandle h, Object[] a) throws Throwable { return (int) h.invokeExact(a); }
  /** Arguments from an array: too few, too many. */
  static void spread(Trap t) throws Throwable {
    MethodHandle h = PLUS.asSpreader(Object[].class, 2);
    for (int i = 0; i < HOT; i++) t.same(i + 1, spread(h, new Object[] {i, 1}));
    t.thrown(IllegalArgumentException.class, () -> spread(h, new Object[] {1}));
    t.thrown(ClassCastException.class, () -> spread(h, new Object[] {1, "x"}));
  }

  static int virtualHandle(MethodHandle h, Jsr292 r, int x) throws Throwable { return (int) h.invokeExact(r, x); }
  /** A handle to a virtual method, with a null receiver too. */
  static void virtualHandle(Trap t) throws Throwable {
    MethodHandle h = LOOKUP.findVirtual(Jsr292.class, "times", MethodType.methodType(int.class, int.class));
    Jsr292 r = new Jsr292();
    for (int i = 0; i < HOT; i++) t.same(5 * i, virtualHandle(h, r, i));
    t.thrown(NullPointerException.class, () -> virtualHandle(h, null, 1));
  }

  static int fieldHandles(MethodHandle get, MethodHandle set, Jsr292 r, int x) throws Throwable { set.invokeExact(r, x); return (int) get.invokeExact(r); }
  /** Getters and setters as handles. */
  static void fieldHandles(Trap t) throws Throwable {
    MethodHandle get = LOOKUP.findGetter(Jsr292.class, "field", int.class), set = LOOKUP.findSetter(Jsr292.class, "field", int.class);
    for (int i = 0; i < HOT; i++) t.same(i, fieldHandles(get, set, new Jsr292(), i));
    t.thrown(NullPointerException.class, () -> fieldHandles(get, set, null, 1));
  }

  static int capturing(int a, long b, String c, double d) { Supplier<Integer> s = () -> a + (int) b + c.length() + (int) d; Function<Integer, Function<Integer, Integer>> f = x -> y -> x * y + s.get(); return f.apply(a).apply(2); }
  /** Lambdas that capture values of all kinds, and return lambdas. */
  static void capturing(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i * 2 + i + 5 + 1 + 3, capturing(i, 5, "x", 3.9));
    t.thrown(NullPointerException.class, () -> capturing(1, 1, null, 1));
  }

  static int references(int k) { Function<String, Integer> f = String::length; Supplier<StringBuilder> n = StringBuilder::new; Function<Integer, int[]> a = int[]::new; Function<Object, Integer> b = Object::hashCode; return f.apply("abc") + n.get().append(k).length() + a.apply(k).length + b.apply(k); }
  /** Method references to methods, constructors, arrays. */
  static void references(Trap t) {
    for (int i = 0; i < 10; i++) t.same(3 + 1 + i + i, references(i));
    for (int i = 10; i < HOT; i++) t.add(references(i));
    t.thrown(NegativeArraySizeException.class, () -> references(-1));
  }

  static final VarHandle FIELD = varHandle();
  static final VarHandle ELEMENTS = MethodHandles.arrayElementVarHandle(int[].class);
  static VarHandle varHandle() { try { return LOOKUP.findVarHandle(Jsr292.class, "field", int.class); } catch (ReflectiveOperationException e) { throw new AssertionError(e); } }
  static int varHandles(Jsr292 r, int[] a, int i) { int s = (int) FIELD.getAndAdd(r, 2); s += (int) ELEMENTS.getVolatile(a, i); ELEMENTS.setRelease(a, i, s); s += FIELD.compareAndSet(r, 7, 1) ? 100 : 0; return s + (int) FIELD.getAcquire(r); }
  /** Variable handles: atomic updates, bounds, null. */
  static void varHandles(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(5 + i + 100 + 1, varHandles(new Jsr292(), new int[] {0, i}, 1));
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> varHandles(new Jsr292(), new int[1], 1));
    t.thrown(NullPointerException.class, () -> varHandles(null, new int[1], 0));
    t.thrown(NullPointerException.class, () -> varHandles(new Jsr292(), null, 0));
  }

  static int throughHandle(int n) throws Throwable { return n == 0 ? 0 : 1 + (int) RECURSIVE.invokeExact(n - 1); }
  static final MethodHandle RECURSIVE = find("throughHandle", int.class);
  /** A method calls itself through a handle. */
  static void throughHandle(Trap t) throws Throwable {
    for (int i = 0; i < HOT; i++) t.same(i % 30, throughHandle(i % 30));
    t.same(200, throughHandle(200));
  }

  static int loops(MethodHandle h, int n) throws Throwable { return (int) h.invokeExact(n); }
  /** A loop made of combinators. */
  static void loops(Trap t) throws Throwable {
    MethodHandle body = find("plus", int.class, int.class);
    MethodHandle h = MethodHandles.countedLoop(MethodHandles.identity(int.class), MethodHandles.dropArguments(MethodHandles.constant(int.class, 0), 0, int.class), body);
    for (int i = 0; i < HOT; i++) t.same(i * (i - 1) / 2, loops(h, i));
    t.same(0, loops(h, -1));
  }
}
