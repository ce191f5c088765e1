package suite;

import static support.Bytecodes.*;

import java.util.function.IntUnaryOperator;
import support.ClassFile;
import support.Code;

/** What a profile promises and does not keep: receivers and branches that come late, in roots, loops and inlined callees. */
final class Profiles implements Suite.Case {
  interface Shape {
    int area(int k);

    private int hidden(int k) {
      return area(k) * 3 + 1;
    }

    default int shown(int k) {
      return hidden(k) - 1;
    }
  }

  static class Square implements Shape {
    public int area(int k) {
      return k * k;
    }
  }

  static class Thin extends Square {
    @Override
    public int area(int k) {
      return k;
    }
  }

  static class Sometimes implements Shape {
    public int area(int k) {
      if (k == 77) throw new IllegalStateException("no area of " + k);
      return k * 5;
    }
  }

  static class Round implements Shape {
    int calls;

    public int area(int k) {
      calls++;
      return 3 * k * k;
    }
  }

  static final class Odd implements Shape {
    public int area(int k) {
      return ~k;
    }
  }

  // One call of each kind; its receivers come in the order of the phases.
  static int throughInterface(Shape s, int k) {
    return s.area(k) + 1;
  }

  static int throughClass(Square s, int k) {
    return s.area(k) + 2;
  }

  static int throughPrivate(Shape s, int k) {
    return s.shown(k);
  }

  static int inLoop(Shape[] all, int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) sum = sum * 31 + all[i % all.length].area(i);
    return sum;
  }

  static int nested(Shape s, int k) {
    int a = throughInterface(s, k);
    int b = throughInterface(s, a);
    return a * 7 + b;
  }

  static int caught(Shape s, int k) {
    int before = k * 3;
    try {
      return throughInterface(s, k) + before;
    } catch (IllegalStateException e) {
      return before - e.getMessage().length();
    }
  }

  // Branches whose other way needs much code, so that it is a trap at first.
  static String rare(int k, long j, double d, Object o) {
    String text = "common";
    if (k > 1_000) text = "rare " + k + " " + j + " " + d + " " + o;
    return text;
  }

  static int rareInCallee(int k) {
    return weigh(k, "a") + weigh(k + 1, "bb");
  }

  private static int weigh(int k, String s) {
    if ((k & 0xff) == 0xaa) {
      StringBuilder b = new StringBuilder(s);
      b.append(k).append(s);
      return b.toString().hashCode();
    }
    return k + s.length();
  }

  static int rareInLoop(int n, int when) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
      if (i == when) {
        Object[] made = {i, "at " + i};
        sum += made[1].hashCode();
      }
      sum += i ^ sum >>> 3;
    }
    return sum;
  }

  /** More than 35 bytes: stands for its call only because that runs often. */
  static int large(int a, int b, int c, int[] log) {
    int x = a * 31 + b;
    x ^= x >>> 7;
    x = x * 17 + c;
    x ^= x << 3;
    log[x & 7] += a;
    if (log[x & 7] == 12_345) log[0] = -1;
    for (int i = 0; i < 3; i++) x = x * 5 + log[i];
    return x / (c & 15);
  }

  static int callsLarge(int n, int last) {
    int[] log = new int[8];
    int sum = 0;
    for (int i = 1; i < n; i++) {
      try {
        sum += large(i, sum, i == last ? 16 : i | 1, log);
      } catch (ArithmeticException e) {
        sum -= e.getStackTrace().length > 0 ? i : 0;
      }
    }
    return sum;
  }

  static int chain(int depth, int k) {
    IntUnaryOperator all = i -> i + 1;
    for (int d = 0; d < depth; d++) {
      int step = d;
      all = all.andThen(i -> i * 3 + step);
    }
    return all.applyAsInt(k);
  }

  /** An interface whose static method calls its private method on any object: verifiers let that pass. */
  private static Class<?> trusting() throws Exception {
    ClassFile w = new ClassFile(55, ACC_PUBLIC | ACC_INTERFACE | ACC_ABSTRACT, "suite/Profiles_Trusting");
    Code own = w.method(ACC_PRIVATE, "own", "(I)I");
    own.local(ILOAD, 1);
    own.op(INEG);
    own.op(IRETURN);
    Code call = w.method(ACC_PUBLIC | ACC_STATIC, "call", "(Ljava/lang/Object;I)I");
    call.local(ALOAD, 0);
    call.local(ILOAD, 1);
    call.call(INVOKEINTERFACE, "suite/Profiles_Trusting", "own", "(I)I", true);
    call.op(IRETURN);
    return java.lang.invoke.MethodHandles.lookup().defineClass(w.bytes());
  }

  private java.lang.invoke.MethodHandle trusted;
  private Object believer;

  private int trust(Object o, int k) throws Throwable {
    if (trusted == null) {
      Class<?> trusting = trusting();
      trusted = java.lang.invoke.MethodHandles.lookup().findStatic(trusting, "call", java.lang.invoke.MethodType.methodType(int.class, Object.class, int.class));
      believer = java.lang.reflect.Proxy.newProxyInstance(trusting.getClassLoader(), new Class<?>[] {trusting}, (p, m, a) -> null);
    }
    return (int) trusted.invokeExact(o == null ? believer : o, k);
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    Shape[][] phases = {{new Square()}, {new Square(), new Thin()}, {new Square(), new Round(), new Thin()}, {new Odd(), new Sometimes(), new Thin(), new Square()}};
    for (Shape[] phase : phases) {
      for (int k = 0; k < 300; k++) {
        Shape s = phase[k % phase.length];
        if (k != 77) out.add((long) throughPrivate(s, k));
        out.add((long) caught(s, k));
        out.add((long) (k == 77 ? 0 : nested(s, k)));
        if (s instanceof Square) out.add((long) throughClass((Square) s, k));
      }
      out.add((long) inLoop(phase, 60));
    }
    for (int k = 0; k < 400; k++) {
      out.add(rare(k, k * 3L, k / 2.0, "o" + k % 3));
      out.add((long) rareInCallee(k % 100));
      out.add((long) rareInLoop(50, -1));
      out.add((long) chain(4, k));
      out.add((long) trust(null, k));
    }
    out.add((long) callsLarge(500, -1));
    out.add(rare(2_000, 5, 1.5, "late"));
    out.add((long) rareInCallee(0xaa));
    out.add((long) rareInLoop(2_000, 1_999));
    out.add((long) callsLarge(500, 499));
    for (Object o : new Object[] {"no believer", new int[2]}) {
      try {
        out.add((long) trust(o, 1));
      } catch (IncompatibleClassChangeError e) {
        out.add(e.getMessage());
      }
    }
  }
}
