package suite;

import static support.Bytecodes.*;

import java.lang.invoke.CallSite;
import java.lang.invoke.ConstantCallSite;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.util.function.Supplier;
import support.ClassFile;
import support.Code;

/** What javac does not write: dynamic constants of every type, MethodHandle and MethodType constants, bootstrap methods of our own, some of which throw. */
public final class DynamicConstants implements Suite.Case {
  private static final String SELF = "suite/DynamicConstants";
  private static final String CONSTANT = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/Object;";
  private static final String SITE = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/CallSite;";

  // ---- bootstrap methods
  static int made;
  public static Object constant(MethodHandles.Lookup l, String name, Class<?> type) {
    made++;
    switch (name) {
      case "null": return null;
      case "z": return true;
      case "b": return (byte) -5;
      case "s": return (short) -300;
      case "c": return '\u20ac';
      case "i": return Integer.MIN_VALUE + 1;
      case "j": return Long.MIN_VALUE + 2;
      case "f": return -1.5f;
      case "d": return Double.longBitsToDouble(0x7ff8000000000001L);
      case "text": return "text " + type.getSimpleName();
      case "array": return new int[] {1, 2, 3};
      default: throw new IllegalArgumentException(name);
    }
  }
  public static CallSite site(MethodHandles.Lookup l, String name, MethodType type) throws ReflectiveOperationException {
    if (name.equals("fails")) throw new IllegalStateException("bootstrap");
    if (name.equals("null")) return null;
    if (name.equals("wrong")) return new ConstantCallSite(MethodHandles.constant(String.class, "x"));
    MethodHandle target = l.findStatic(DynamicConstants.class, name, type);
    if (name.equals("changing")) return changingSite = new MutableCallSite(target);
    return new ConstantCallSite(target);
  }
  public static MutableCallSite changingSite;
  public static int sum(int a, long b, double c) { return (int) (a + b + c); }
  public static int changing(int a) { return a + 1; }
  public static int changed(int a) { return a * 1000; }
  public static Object object(Object a, Object b) { return a + "," + b; }
  public static int target(int a) { return a ^ 0x55; }

  public interface Kernels {
    boolean z(); byte b(); short s(); char c(); int i(); long j(); float f(); double d();
    String text(); int[] array(); Object nothing(); Object fails();
    Object handle(); Object type();
    int sum(int a); int changing(int a); Object object(Object a, Object b); int siteFails(int a); int siteNull(int a); int siteWrong(int a);
    long twoSites(int a);
  }

  private static final Kernels KERNELS = make();

  private static void method(ClassFile w, String name, String descriptor, java.util.function.Consumer<Code> body, int result) {
    // A static kernel, and the instance method that calls it.
    Code k = w.method(ACC_STATIC, "kernel_" + name, descriptor);
    body.accept(k);
    k.op(result);
    Code m = w.method(ACC_PUBLIC, name, descriptor);
    int local = 1;
    for (Class<?> t : MethodType.fromMethodDescriptorString(descriptor, null).parameterArray()) { m.local(of(ILOAD, t.descriptorString()), local); local += t == long.class || t == double.class ? 2 : 1; }
    m.call(INVOKESTATIC, "suite/DynamicConstants_Kernels", "kernel_" + name, descriptor, false);
    m.op(result);
  }

  private static Kernels make() {
    try {
      ClassFile w = new ClassFile(55, ACC_PUBLIC | ACC_FINAL, "suite/DynamicConstants_Kernels", SELF + "$Kernels");
      w.constructor();
      ClassFile.Handle constant = new ClassFile.Handle(SELF, "constant", CONSTANT), site = new ClassFile.Handle(SELF, "site", SITE);
      String[][] types = {{"z", "Z"}, {"b", "B"}, {"s", "S"}, {"c", "C"}, {"i", "I"}, {"j", "J"}, {"f", "F"}, {"d", "D"}, {"text", "Ljava/lang/String;"}, {"array", "[I"}};
      for (String[] t : types)
        method(w, t[0], "()" + t[1], m -> m.constant(new ClassFile.Dynamic(t[0], t[1], constant)), of(IRETURN, t[1]));
      method(w, "nothing", "()Ljava/lang/Object;", m -> m.constant(new ClassFile.Dynamic("null", "Ljava/lang/Object;", constant)), ARETURN);
      method(w, "fails", "()Ljava/lang/Object;", m -> m.constant(new ClassFile.Dynamic("unknown", "Ljava/lang/Object;", constant)), ARETURN);
      method(w, "handle", "()Ljava/lang/Object;", m -> m.constant(new ClassFile.Handle(SELF, "target", "(I)I")), ARETURN);
      method(w, "type", "()Ljava/lang/Object;", m -> m.constant(new ClassFile.Signature("(JLjava/lang/String;)V")), ARETURN);
      method(w, "sum", "(I)I", m -> { m.local(ILOAD, 0); m.constant(40L); m.constant(2.5); m.dynamic("sum", "(IJD)I", site); }, IRETURN);
      String[][] sites = {{"changing", "changing"}, {"siteFails", "fails"}, {"siteNull", "null"}, {"siteWrong", "wrong"}};
      for (String[] s : sites)
        method(w, s[0], "(I)I", m -> { m.local(ILOAD, 0); m.dynamic(s[1], "(I)I", site); }, IRETURN);
      method(w, "object", "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;", m -> { m.local(ALOAD, 0); m.local(ALOAD, 1); m.dynamic("object", "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;", site); }, ARETURN);
      // Two sites of one constant, linked one by one.
      method(w, "twoSites", "(I)J", m -> {
        for (int k = 0; k < 2; k++) { m.local(ILOAD, 0); m.dynamic("target", "(I)I", site); m.op(I2L); }
        m.op(LADD);
      }, LRETURN);
      return (Kernels) MethodHandles.lookup().defineClass(w.bytes()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void failing(Suite.Out out, Supplier<Object> s) {
    try {
      out.add(String.valueOf(s.get()));
    } catch (BootstrapMethodError e) {
      out.add("bootstrap method error");  // its cause is there only the first time
    } catch (RuntimeException e) {
      out.add(e.getClass().getName());
    }
  }

  static int changingTwice(Kernels k, int n) {
    int s = 0;
    for (int i = 0; i < n; i++) s = s * 31 + k.changing(i);
    return s;
  }
  static int target(MethodHandle h, int a) throws Throwable { return (int) h.invokeExact(a); }

  @Override
  public int rounds() { return Math.min(8, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) throws Throwable {
    Kernels k = KERNELS;
    for (int i = 0; i < 6; i++) {
      out.add(k.z()); out.add((long) k.b()); out.add((long) k.s()); out.add((long) k.c()); out.add((long) k.i()); out.add(k.j()); out.add(k.f()); out.add(k.d());
      out.add(k.text()); out.add((long) k.array()[1]); out.add(k.array() == k.array()); out.add(k.nothing() == null);
      failing(out, k::fails);
      out.add(k.type().toString()); out.add((long) target((MethodHandle) k.handle(), i)); out.add(k.handle() == k.handle());
      out.add((long) k.sum(i)); out.add((String) k.object("a", i)); out.add(k.twoSites(i));
      int n = i;
      failing(out, () -> k.siteFails(n)); failing(out, () -> k.siteNull(n)); failing(out, () -> k.siteWrong(n));
      if (changingSite != null) changingSite.setTarget(MethodHandles.lookup().findStatic(DynamicConstants.class, "changing", MethodType.methodType(int.class, int.class)));
      out.add((long) changingTwice(k, 20));
      changingSite.setTarget(MethodHandles.lookup().findStatic(DynamicConstants.class, "changed", MethodType.methodType(int.class, int.class)));
      out.add((long) changingTwice(k, 20));
    }
    out.add((long) made);
  }
}
