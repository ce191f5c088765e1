package suite;

import static support.Bytecodes.*;

import java.lang.invoke.MethodHandles;
import support.ClassFile;
import support.Code;

/** dup .. dup2_x2, swap, pop, pop2, nop and wide forms: those that javac emits, and the others from a class made here. */
final class StackShuffles implements Suite.Case {
  int field;
  long wide;
  static int statics;

  static int compound(int[] a, int i) { return a[i] += 3; }
  static long compoundLong(long[] a, int i) { return a[i] *= 3; }
  static int postIncrement(int[] a, int i) { return a[i]++ + ++a[i]; }
  static long postIncrementLong(long[] a, int i) { return a[i]++ - --a[i]; }
  int fieldIncrement() { return field++ + ++field; }
  long wideIncrement() { return wide++ + ++wide; }
  static int chained(int x) { int a, b, c; a = b = c = x + 1; return a + b * c; }
  static long chainedLong(long x) { long a, b; a = b = x * 3; return a + b; }
  static double chainedDouble(double[] d, int i) { double a = d[i] = d[i + 1] = 2.5 * i; return a; }

  /** Methods of (int, int, long, double) -> long, one per shuffle. */
  public interface Shuffle {
    long apply(int a, int b, long c, double d);
  }

  private interface Body {
    void emit(Code m);
  }

  /** A class with one static kernel and an instance method that calls it. */
  private static Shuffle make(String name, Body body) {
    try {
      ClassFile w = new ClassFile(50, ACC_PUBLIC | ACC_FINAL, "suite/Shuffle_" + name, "suite/StackShuffles$Shuffle");
      w.constructor();
      Code k = w.method(ACC_STATIC, "kernel", "(IIJD)J");
      body.emit(k);
      k.op(LRETURN);
      Code a = w.method(ACC_PUBLIC, "apply", "(IIJD)J");
      a.local(ILOAD, 1);
      a.local(ILOAD, 2);
      a.local(LLOAD, 3);
      a.local(DLOAD, 5);
      a.call(INVOKESTATIC, "suite/Shuffle_" + name, "kernel", "(IIJD)J", false);
      a.op(LRETURN);
      return (Shuffle) MethodHandles.lookup().defineClass(w.bytes()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void ints(Code m, int n) { for (int i = 0; i < n; i++) m.local(ILOAD, i & 1); }

  /** Folds n ints on the stack into one with subtraction and multiplication, so that order matters; then to long. */
  private static void fold(Code m, int n) {
    for (int i = 1; i < n; i++) {
      m.op(ISUB);
      m.op(BIPUSH, 7);
      m.op(IMUL);
    }
    m.op(I2L);
  }

  private static final Shuffle[] SHUFFLES = {
    make("swap", m -> { ints(m, 2); m.op(SWAP); fold(m, 2); }),
    make("dup", m -> { ints(m, 2); m.op(DUP); fold(m, 3); }),
    make("dup_x1", m -> { ints(m, 2); m.op(DUP_X1); fold(m, 3); }),
    make("dup_x2", m -> { ints(m, 3); m.op(DUP_X2); fold(m, 4); }),
    make("dup_x2_long", m -> { m.local(LLOAD, 2); m.local(ILOAD, 0); m.op(DUP_X2); m.op(I2L); m.op(LSUB); m.op(L2I); fold(m, 2); }),
    make("dup2", m -> { ints(m, 2); m.op(DUP2); fold(m, 4); }),
    make("dup2_long", m -> { m.local(LLOAD, 2); m.op(DUP2); m.op(LMUL); }),
    make("dup2_x1", m -> { ints(m, 3); m.op(DUP2_X1); fold(m, 5); }),
    make("dup2_x1_long", m -> { m.local(ILOAD, 0); m.local(LLOAD, 2); m.op(DUP2_X1); m.op(L2I); fold(m, 2); m.op(LADD); }),
    make("dup2_x2", m -> { ints(m, 4); m.op(DUP2_X2); fold(m, 6); }),
    make("dup2_x2_long_int", m -> { ints(m, 2); m.local(LLOAD, 2); m.op(DUP2_X2); m.op(L2I); fold(m, 3); m.op(LXOR); }),
    make("dup2_x2_int_long", m -> { m.local(LLOAD, 2); ints(m, 2); m.op(DUP2_X2); m.op(ISUB); m.op(I2L); m.op(LSUB); m.op(L2I); fold(m, 3); }),
    make("dup2_x2_long_double", m -> { m.local(LLOAD, 2); m.local(DLOAD, 4); m.op(DUP2_X2); m.op(D2L); m.op(LSUB); m.op(L2D); m.op(DADD); m.op(D2L); }),
    make("pop", m -> { ints(m, 3); m.op(POP); fold(m, 2); }),
    make("pop2", m -> { ints(m, 4); m.op(POP2); fold(m, 2); }),
    make("pop2_double", m -> { ints(m, 2); m.local(DLOAD, 4); m.op(POP2); m.op(NOP); fold(m, 2); }),
    make("wide", m -> { m.local(ILOAD, 0); m.local(ISTORE, 300); m.increment(300, 1234); m.increment(300, -30000); m.local(ILOAD, 300); m.op(I2L); m.local(LSTORE, 400); m.local(LLOAD, 400); }),
  };

  @Override
  public void run(Suite.Out out) {
    int[] a = {1, 2, 3};
    long[] l = {10, 20, 30};
    double[] d = new double[4];
    for (int i = 0; i < 3; i++) {
      out.add((long) compound(a, i));
      out.add(compoundLong(l, i));
      out.add((long) postIncrement(a, i));
      out.add(postIncrementLong(l, i));
      out.add(chainedDouble(d, i));
      out.add((long) a[i]);
      out.add(l[i]);
      out.add(d[i]);
    }
    field = 5;
    wide = 1L << 40;
    out.add((long) fieldIncrement());
    out.add(wideIncrement());
    out.add((long) chained(12));
    out.add(chainedLong(-7));
    for (Shuffle s : SHUFFLES)
      for (int x : new int[] {0, 1, -1, 12345, Integer.MIN_VALUE}) out.add(s.apply(x, 3 - x, 0x123456789abcL + x, x * 0.5));
  }
}
