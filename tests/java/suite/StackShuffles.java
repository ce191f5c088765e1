package suite;

import java.lang.invoke.MethodHandles;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** dup .. dup2_x2, swap, pop, pop2, nop and wide forms: those that javac emits, and the others from a class made here. */
final class StackShuffles implements Suite.Case, Opcodes {
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
    void emit(MethodVisitor m);
  }

  /** A class with one static kernel and an instance method that calls it. */
  private static Shuffle make(String name, Body body) {
    try {
      ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
      w.visit(V1_6, ACC_PUBLIC | ACC_FINAL, "suite/Shuffle_" + name, null, "java/lang/Object", new String[] {"suite/StackShuffles$Shuffle"});
      MethodVisitor c = w.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
      c.visitVarInsn(ALOAD, 0);
      c.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
      c.visitInsn(RETURN);
      c.visitMaxs(0, 0);
      MethodVisitor k = w.visitMethod(ACC_STATIC, "kernel", "(IIJD)J", null, null);
      body.emit(k);
      k.visitInsn(LRETURN);
      k.visitMaxs(0, 0);
      MethodVisitor a = w.visitMethod(ACC_PUBLIC, "apply", "(IIJD)J", null, null);
      a.visitVarInsn(ILOAD, 1);
      a.visitVarInsn(ILOAD, 2);
      a.visitVarInsn(LLOAD, 3);
      a.visitVarInsn(DLOAD, 5);
      a.visitMethodInsn(INVOKESTATIC, "suite/Shuffle_" + name, "kernel", "(IIJD)J", false);
      a.visitInsn(LRETURN);
      a.visitMaxs(0, 0);
      w.visitEnd();
      return (Shuffle) MethodHandles.lookup().defineClass(w.toByteArray()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static void ints(MethodVisitor m, int n) { for (int i = 0; i < n; i++) m.visitVarInsn(ILOAD, i & 1); }

  /** Folds n ints on the stack into one with subtraction and multiplication, so that order matters; then to long. */
  private static void fold(MethodVisitor m, int n) {
    for (int i = 1; i < n; i++) {
      m.visitInsn(ISUB);
      m.visitIntInsn(BIPUSH, 7);
      m.visitInsn(IMUL);
    }
    m.visitInsn(I2L);
  }

  private static final Shuffle[] SHUFFLES = {
    make("swap", m -> { ints(m, 2); m.visitInsn(SWAP); fold(m, 2); }),
    make("dup", m -> { ints(m, 2); m.visitInsn(DUP); fold(m, 3); }),
    make("dup_x1", m -> { ints(m, 2); m.visitInsn(DUP_X1); fold(m, 3); }),
    make("dup_x2", m -> { ints(m, 3); m.visitInsn(DUP_X2); fold(m, 4); }),
    make("dup_x2_long", m -> { m.visitVarInsn(LLOAD, 2); m.visitVarInsn(ILOAD, 0); m.visitInsn(DUP_X2); m.visitInsn(I2L); m.visitInsn(LSUB); m.visitInsn(L2I); fold(m, 2); }),
    make("dup2", m -> { ints(m, 2); m.visitInsn(DUP2); fold(m, 4); }),
    make("dup2_long", m -> { m.visitVarInsn(LLOAD, 2); m.visitInsn(DUP2); m.visitInsn(LMUL); }),
    make("dup2_x1", m -> { ints(m, 3); m.visitInsn(DUP2_X1); fold(m, 5); }),
    make("dup2_x1_long", m -> { m.visitVarInsn(ILOAD, 0); m.visitVarInsn(LLOAD, 2); m.visitInsn(DUP2_X1); m.visitInsn(L2I); fold(m, 2); m.visitInsn(LADD); }),
    make("dup2_x2", m -> { ints(m, 4); m.visitInsn(DUP2_X2); fold(m, 6); }),
    make("dup2_x2_long_int", m -> { ints(m, 2); m.visitVarInsn(LLOAD, 2); m.visitInsn(DUP2_X2); m.visitInsn(L2I); fold(m, 3); m.visitInsn(LXOR); }),
    make("dup2_x2_int_long", m -> { m.visitVarInsn(LLOAD, 2); ints(m, 2); m.visitInsn(DUP2_X2); m.visitInsn(ISUB); m.visitInsn(I2L); m.visitInsn(LSUB); m.visitInsn(L2I); fold(m, 3); }),
    make("dup2_x2_long_double", m -> { m.visitVarInsn(LLOAD, 2); m.visitVarInsn(DLOAD, 4); m.visitInsn(DUP2_X2); m.visitInsn(D2L); m.visitInsn(LSUB); m.visitInsn(L2D); m.visitInsn(DADD); m.visitInsn(D2L); }),
    make("pop", m -> { ints(m, 3); m.visitInsn(POP); fold(m, 2); }),
    make("pop2", m -> { ints(m, 4); m.visitInsn(POP2); fold(m, 2); }),
    make("pop2_double", m -> { ints(m, 2); m.visitVarInsn(DLOAD, 4); m.visitInsn(POP2); m.visitInsn(NOP); fold(m, 2); }),
    make("wide", m -> { m.visitVarInsn(ILOAD, 0); m.visitVarInsn(ISTORE, 300); m.visitIincInsn(300, 1234); m.visitIincInsn(300, -30000); m.visitVarInsn(ILOAD, 300); m.visitInsn(I2L); m.visitVarInsn(LSTORE, 400); m.visitVarInsn(LLOAD, 400); }),
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
