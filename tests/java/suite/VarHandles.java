package suite;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.invoke.WrongMethodTypeException;
import java.nio.ByteOrder;

/** VarHandle accessors on fields, statics, arrays and views: each is an invokevirtual of a signature-polymorphic method. */
final class VarHandles implements Suite.Case {
  int i; long j; byte b; boolean z; double d; String s; volatile int v;
  final int constant = 5;
  static long statics;
  static final VarHandle I, J, B, Z, D, S, V, STATIC, CONSTANT, INTS, STRINGS, VIEW;

  static {
    try {
      MethodHandles.Lookup l = MethodHandles.lookup();
      I = l.findVarHandle(VarHandles.class, "i", int.class);
      J = l.findVarHandle(VarHandles.class, "j", long.class);
      B = l.findVarHandle(VarHandles.class, "b", byte.class);
      Z = l.findVarHandle(VarHandles.class, "z", boolean.class);
      D = l.findVarHandle(VarHandles.class, "d", double.class);
      S = l.findVarHandle(VarHandles.class, "s", String.class);
      V = l.findVarHandle(VarHandles.class, "v", int.class);
      CONSTANT = l.findVarHandle(VarHandles.class, "constant", int.class);
      STATIC = l.findStaticVarHandle(VarHandles.class, "statics", long.class);
      INTS = MethodHandles.arrayElementVarHandle(int[].class);
      STRINGS = MethodHandles.arrayElementVarHandle(String[].class);
      VIEW = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  static int getInt(VarHandles o) { return (int) I.get(o); }
  static void setInt(VarHandles o, int x) { I.set(o, x); }
  static long getLong(VarHandles o) { return (long) J.getVolatile(o); }
  static void setLong(VarHandles o, long x) { J.setRelease(o, x); }
  static byte addByte(VarHandles o, byte x) { return (byte) B.getAndAdd(o, x); }
  static boolean flip(VarHandles o) { boolean old = (boolean) Z.getOpaque(o); Z.setOpaque(o, !old); return old; }
  static double swapDouble(VarHandles o, double x) { return (double) D.getAndSet(o, x); }
  static String swapString(VarHandles o, String x) { return (String) S.getAndSet(o, x); }
  static boolean casInt(VarHandles o, int a, int b) { return I.compareAndSet(o, a, b); }
  static boolean casString(VarHandles o, String a, String b) { return S.compareAndSet(o, a, b); }
  static String exchange(VarHandles o, String a, String b) { return (String) S.compareAndExchange(o, a, b); }
  static int increment(VarHandles o, int n) {
    int failed = 0;
    for (int k = 0; k < n; k++) { int old; do { old = (int) V.getAcquire(o); } while (!V.weakCompareAndSet(o, old, old + 1) && ++failed > 0); }
    return o.v;
  }
  static int bits(VarHandles o, int x) { return (int) I.getAndBitwiseOr(o, x) ^ (int) I.getAndBitwiseAnd(o, ~x) ^ (int) I.getAndBitwiseXor(o, x + 1); }
  static long addStatic(long x) { return (long) STATIC.getAndAdd(x); }
  static int element(int[] a, int k) { return (int) INTS.getVolatile(a, k); }
  static int addElement(int[] a, int k, int x) { return (int) INTS.getAndAdd(a, k, x); }
  static String setElement(Object a, int k, String x) { STRINGS.set(a, k, x); return (String) STRINGS.get(a, k); }
  static long view(byte[] a, int k) { return (long) VIEW.get(a, k); }
  static void setView(byte[] a, int k, long x) { VIEW.set(a, k, x); }
  static int getConstant(VarHandles o) { return (int) CONSTANT.get(o); }
  static void setConstant(VarHandles o) { CONSTANT.set(o, 1); }
  static Object boxed(VarHandles o) { return I.get(o); }
  static void setBoxed(VarHandles o, Object x) { I.set(o, x); }
  static void wrongType(VarHandles o) { I.set(o, "text"); }
  static void wrongCount(VarHandles o) { I.set(o, 1, 2); }
  static long wider(VarHandles o) { return (long) I.get(o); }
  static int through(VarHandle h, Object o) { return (int) h.get(o); }
  static void fences() { VarHandle.fullFence(); VarHandle.acquireFence(); VarHandle.releaseFence(); }

  @Override
  public void run(Suite.Out out) {
    VarHandles o = new VarHandles();
    statics = 7;
    for (int k = 0; k < 12; k++) {
      setInt(o, k * 3); out.add((long) getInt(o));
      setLong(o, (long) k << 35); out.add(getLong(o));
      out.add((long) addByte(o, (byte) 50));
      out.add(flip(o));
      out.add(swapDouble(o, k / 2.0));
      out.add(String.valueOf(swapString(o, k % 4 == 0 ? null : "s" + k % 3)));
      out.add(casInt(o, k * 3, k)); out.add(casInt(o, -1, 9));
      String known = o.s;
      out.add(casString(o, "other", "never")); out.add(casString(o, known, "changed"));
      out.add(exchange(o, "changed", "again")); out.add(exchange(o, "no", "never"));
      out.add((long) increment(o, 10));
      out.add((long) bits(o, k));
      out.add(addStatic(k));
      int[] a = {1, 2, k};
      out.add((long) element(a, k % 3)); out.add((long) addElement(a, 1, k)); out.add((long) a[1]);
      out.add(setElement(new String[4], k % 4, "e" + k));
      byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
      out.add(view(bytes, k % 4)); setView(bytes, 2, 0x1122334455667788L); out.add((long) bytes[2]);
      out.add((long) getConstant(o));
      out.add((long) (Integer) boxed(o));
      setBoxed(o, k); out.add((long) o.i);
      out.add(wider(o));
      out.add((long) through(k % 2 == 0 ? I : V, o));
      fences();
      try { getInt(null); } catch (NullPointerException e) { out.thrown("null object", e); }
      try { out.add((long) element(a, 3)); } catch (IndexOutOfBoundsException e) { out.add(e.getMessage()); }
      try { setElement(new Integer[1], 0, "x"); } catch (ClassCastException e) { out.add("cce"); }
      try { setElement(new Object[1], 0, "x"); } catch (ClassCastException e) { out.add("cce"); }
      try { view(bytes, 5); } catch (IndexOutOfBoundsException e) { out.add("bounds"); }
      try { setConstant(o); } catch (UnsupportedOperationException e) { out.add("unsupported"); }
      try { setBoxed(o, "text"); } catch (ClassCastException e) { out.add("cce"); }
      try { wrongType(o); } catch (WrongMethodTypeException e) { out.thrown("wrong type", e); }
      try { wrongCount(o); } catch (WrongMethodTypeException e) { out.thrown("wrong count", e); }
      try { through(S, o); } catch (ClassCastException | WrongMethodTypeException e) { out.add(e.getClass().getName()); }
      try { through(null, o); } catch (NullPointerException e) { out.add("npe"); }  // C1 and C2 find it in the adapter
    }
  }
}
