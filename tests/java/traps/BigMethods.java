package traps;

import static traps.Trap.HOT;

import java.lang.invoke.MethodHandles;
import jdk.internal.org.objectweb.asm.ClassWriter;
import jdk.internal.org.objectweb.asm.Label;
import jdk.internal.org.objectweb.asm.MethodVisitor;
import jdk.internal.org.objectweb.asm.Opcodes;

/** Big frames, huge methods, deep recursion, stack overflows; bytecode that javac does not make. */
final class BigMethods implements Opcodes {
  /** A generated kernel. */
  public interface Kernel { int apply(int x, int[] a); }
  private interface Body { void emit(MethodVisitor m); }
  static int depth;

  /** A class whose method of the given name has this body: locals 1 = x, 2 = a. */
  private static Kernel make(String name, Body body) { return make(name, body, null); }
  /** The same, with a second method "subroutine" of the same descriptor when there is a body for it. */
  private static Kernel make(String name, Body body, Body second) {
    try {
      ClassWriter w = new ClassWriter(ClassWriter.COMPUTE_MAXS);
      w.visit(V1_5, ACC_PUBLIC | ACC_FINAL, "traps/BigMethods$" + name, null, "java/lang/Object", new String[] {"traps/BigMethods$Kernel"});
      MethodVisitor c = w.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
      c.visitVarInsn(ALOAD, 0);
      c.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
      c.visitInsn(RETURN);
      c.visitMaxs(0, 0);
      MethodVisitor k = w.visitMethod(ACC_PUBLIC, "apply", "(I[I)I", null, null);
      k.visitVarInsn(ILOAD, 1);
      k.visitVarInsn(ALOAD, 2);
      k.visitMethodInsn(INVOKESTATIC, "traps/BigMethods$" + name, name, "(I[I)I", false);
      k.visitInsn(IRETURN);
      k.visitMaxs(0, 0);
      MethodVisitor m = w.visitMethod(ACC_PUBLIC | ACC_STATIC, name, "(I[I)I", null, null);
      body.emit(m);
      m.visitMaxs(0, 0);
      if (second != null) {
        MethodVisitor s = w.visitMethod(ACC_PRIVATE | ACC_STATIC, "subroutine", "(I[I)I", null, null);
        second.emit(s);
        s.visitMaxs(0, 0);
      }
      w.visitEnd();
      return (Kernel) MethodHandles.lookup().defineClass(w.toByteArray()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Made {
    static final Kernel MANY_LOCALS = make("manyLocals", m -> {
      for (int i = 2; i < 402; i++) { m.visitVarInsn(ILOAD, 0); m.visitIntInsn(SIPUSH, i); m.visitInsn(IMUL); m.visitVarInsn(ISTORE, i); }
      m.visitInsn(ICONST_0);
      for (int i = 2; i < 402; i++) { m.visitVarInsn(ILOAD, i); m.visitInsn(IXOR); m.visitInsn(ICONST_3); m.visitInsn(IMUL); }
      m.visitVarInsn(ALOAD, 1);
      m.visitInsn(ICONST_0);
      m.visitInsn(IALOAD);
      m.visitInsn(IADD);
      m.visitInsn(IRETURN);
    });
    static final Kernel DEEP_STACK = make("deepStack", m -> {
      for (int i = 0; i < 200; i++) { m.visitVarInsn(ILOAD, 0); m.visitIntInsn(SIPUSH, i); m.visitInsn(IADD); }
      m.visitVarInsn(ALOAD, 1);
      m.visitInsn(ICONST_0);
      m.visitInsn(IALOAD);
      for (int i = 0; i < 200; i++) m.visitInsn(i % 2 == 0 ? IADD : IXOR);
      m.visitInsn(IRETURN);
    });
    static final Kernel LONG_METHOD = make("longMethod", m -> {
      for (int i = 0; i < 500; i++) { m.visitVarInsn(ILOAD, 0); m.visitIntInsn(SIPUSH, i * 7 + 1); m.visitInsn(i % 3 == 0 ? IADD : i % 3 == 1 ? IMUL : IXOR); m.visitVarInsn(ISTORE, 0); }
      m.visitVarInsn(ILOAD, 0);
      m.visitVarInsn(ALOAD, 1);
      m.visitInsn(ICONST_0);
      m.visitInsn(IALOAD);
      m.visitInsn(IADD);
      m.visitInsn(IRETURN);
    });
    static final Kernel MANY_BRANCHES = make("manyBranches", m -> {
      for (int i = 0; i < 300; i++) {
        Label skip = new Label();
        m.visitVarInsn(ILOAD, 0);
        m.visitIntInsn(SIPUSH, 1 << i % 12);
        m.visitInsn(IAND);
        m.visitJumpInsn(IFEQ, skip);
        m.visitIincInsn(0, i % 100 + 1);
        m.visitLabel(skip);
      }
      m.visitVarInsn(ILOAD, 0);
      m.visitVarInsn(ALOAD, 1);
      m.visitInsn(ICONST_0);
      m.visitInsn(IALOAD);
      m.visitInsn(IADD);
      m.visitInsn(IRETURN);
    });
    private static final Body ADDS_TEN = m -> {
      Label sub = new Label();
      m.visitJumpInsn(JSR, sub);
      m.visitJumpInsn(JSR, sub);
      m.visitVarInsn(ILOAD, 0);
      m.visitInsn(IRETURN);
      m.visitLabel(sub);
      m.visitVarInsn(ASTORE, 2);
      m.visitIincInsn(0, 5);
      m.visitVarInsn(RET, 2);
    };
    static final Kernel SUBROUTINE = make("subroutine", ADDS_TEN);
    static final Kernel BESIDE_SUBROUTINE = make("besideSubroutine", m -> {
      m.visitVarInsn(ILOAD, 0);
      m.visitVarInsn(ALOAD, 1);
      m.visitMethodInsn(INVOKESTATIC, "traps/BigMethods$besideSubroutine", "subroutine", "(I[I)I", false);
      m.visitInsn(ICONST_3);
      m.visitInsn(IMUL);
      m.visitInsn(IRETURN);
    }, ADDS_TEN);
    static final Kernel TWO_ENTRIES = make("twoEntries", m -> {
      // A loop with two entries: the first jump goes to its middle when x is odd.
      Label head = new Label(), middle = new Label(), end = new Label();
      m.visitInsn(ICONST_0);
      m.visitVarInsn(ISTORE, 2);
      m.visitVarInsn(ILOAD, 0);
      m.visitInsn(ICONST_1);
      m.visitInsn(IAND);
      m.visitJumpInsn(IFNE, middle);
      m.visitLabel(head);
      m.visitIincInsn(2, 10);
      m.visitLabel(middle);
      m.visitIincInsn(2, 1);
      m.visitIincInsn(0, -1);
      m.visitVarInsn(ILOAD, 0);
      m.visitJumpInsn(IFLE, end);
      m.visitJumpInsn(GOTO, head);
      m.visitLabel(end);
      m.visitVarInsn(ILOAD, 2);
      m.visitInsn(IRETURN);
    });
    static final Kernel STACK_OVER_BRANCH = make("stackOverBranch", m -> {
      Label other = new Label(), end = new Label();
      m.visitVarInsn(ILOAD, 0);
      m.visitInsn(I2L);
      m.visitLdcInsn(3.5);
      m.visitVarInsn(ILOAD, 0);
      m.visitJumpInsn(IFLT, other);
      m.visitInsn(DCONST_1);
      m.visitJumpInsn(GOTO, end);
      m.visitLabel(other);
      m.visitLdcInsn(-7.0);
      m.visitLabel(end);
      m.visitInsn(DMUL);
      m.visitInsn(D2L);
      m.visitInsn(LADD);
      m.visitInsn(L2I);
      m.visitInsn(IRETURN);
    });
    static final Kernel HANDLER_OF_ITSELF = make("handlerOfItself", m -> {
      // The handler's range has the handler in it.
      Label start = new Label(), handler = new Label(), end = new Label();
      m.visitTryCatchBlock(start, end, handler, "java/lang/ArithmeticException");
      m.visitLabel(start);
      m.visitIntInsn(BIPUSH, 100);
      m.visitVarInsn(ILOAD, 0);
      m.visitInsn(IDIV);
      m.visitInsn(IRETURN);
      m.visitLabel(handler);
      m.visitInsn(POP);
      m.visitIincInsn(0, 1);
      m.visitIntInsn(BIPUSH, 50);
      m.visitVarInsn(ILOAD, 0);
      m.visitVarInsn(ALOAD, 1);
      m.visitInsn(ICONST_0);
      m.visitInsn(IALOAD);
      m.visitInsn(ISUB);
      m.visitInsn(IDIV);
      m.visitInsn(IRETURN);
      m.visitLabel(end);
      m.visitInsn(ICONST_0);
      m.visitInsn(IRETURN);
    });
    static final Kernel DEAD_CODE = make("deadCode", m -> {
      Label live = new Label();
      m.visitVarInsn(ILOAD, 0);
      m.visitJumpInsn(GOTO, live);
      for (int i = 0; i < 5; i++) { m.visitInsn(ACONST_NULL); m.visitInsn(ATHROW); }
      m.visitLabel(live);
      m.visitInsn(NOP);
      m.visitInsn(DUP);
      m.visitInsn(IADD);
      m.visitInsn(IRETURN);
    });
  }

  private static void kernel(Trap t, Kernel k) {
    int[] a = {5};
    for (int i = 0; i < HOT; i++) t.add(k.apply(i, a));
    t.add(k.apply(Integer.MIN_VALUE, a));
    t.add(k.apply(-1, a));
  }

  /** Four hundred locals: a frame of several hundred slots, and a trap with all of them in its state. */
  static void manyLocals(Trap t) {
    kernel(t, Made.MANY_LOCALS);
    t.thrown(ArrayIndexOutOfBoundsException.class, () -> Made.MANY_LOCALS.apply(1, new int[0]));
    t.add(Made.MANY_LOCALS.apply(7, new int[1]));
  }
  /** Two hundred operands on the stack, and a trap above them. */
  static void deepStack(Trap t) {
    kernel(t, Made.DEEP_STACK);
    t.thrown(NullPointerException.class, () -> Made.DEEP_STACK.apply(1, null));
  }
  /** Straight-line code of thousands of bytes. */
  static void longMethod(Trap t) { kernel(t, Made.LONG_METHOD); }
  /** Three hundred branches in a row. */
  static void manyBranches(Trap t) { kernel(t, Made.MANY_BRANCHES); }
  /** jsr and ret stay with the interpreter. */
  static void subroutine(Trap t) {
    kernel(t, Made.SUBROUTINE);
    t.same(11, Made.SUBROUTINE.apply(1, null));
  }
  /** Other methods of a class with a subroutine are compiled, also those that call it. */
  static void besideSubroutine(Trap t) {
    kernel(t, Made.BESIDE_SUBROUTINE);
    t.same(33, Made.BESIDE_SUBROUTINE.apply(1, null));
  }
  /** A loop that is entered in two places. */
  static void twoEntries(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(Made.TWO_ENTRIES.apply(i, null));
    t.same(22, Made.TWO_ENTRIES.apply(2, null));
    t.same(23, Made.TWO_ENTRIES.apply(3, null));
  }
  /** Operands lie below a branch. */
  static void stackOverBranch(Trap t) {
    kernel(t, Made.STACK_OVER_BRANCH);
    t.same(2 + 3, Made.STACK_OVER_BRANCH.apply(2, null));
    t.same(-2 - 24, Made.STACK_OVER_BRANCH.apply(-2, null));
  }
  /** A handler that handles its own exceptions. */
  static void handlerOfItself(Trap t) {
    for (int i = 1; i < HOT; i++) t.same(100 / i, Made.HANDLER_OF_ITSELF.apply(i, new int[1]));
    t.same(50, Made.HANDLER_OF_ITSELF.apply(0, new int[1]));
    t.same(25, Made.HANDLER_OF_ITSELF.apply(0, new int[] {-1}));
    t.same(50, Made.HANDLER_OF_ITSELF.apply(0, new int[] {1}));
  }
  /** Code that no way leads to. */
  static void deadCode(Trap t) { kernel(t, Made.DEAD_CODE); }

  static int overflows(int x) { depth++; return overflows(x + 1) + 1; }
  static int caught(int x) { depth = 0; try { return overflows(x); } catch (StackOverflowError e) { return depth > 100 ? -1 : depth; } }
  /** Endless recursion of compiled code ends in a StackOverflowError, again and again. */
  static void overflows(Trap t) { for (int i = 0; i < 5; i++) t.same(-1, caught(i)); }

  static long overflowsWide(long a, double b, Object c, long d, long e, long f, long g, double h) { depth++; return overflowsWide(a + 1, b * 2, c, e, f, g, d, h) + (c == null ? 1 : 2); }
  static int caughtWide() { depth = 0; try { return (int) overflowsWide(1, 2, "c", 4, 5, 6, 7, 8); } catch (StackOverflowError e) { return depth > 50 ? -1 : depth; } }
  /** The same with arguments on the stack. */
  static void overflowsWide(Trap t) { for (int i = 0; i < 5; i++) t.same(-1, caughtWide()); }

  static int handledDeep(int n, int[] log) { try { return handledDeep(n + 1, log) + 1; } catch (StackOverflowError e) { if (log[0] == 0) log[0] = 1; throw e; } finally { log[1]++; } }
  static int handlers(int[] log) { try { return handledDeep(0, log); } catch (StackOverflowError e) { return log[0]; } }
  /** Each frame has handlers that rethrow the overflow. */
  static void handledDeep(Trap t) { for (int i = 0; i < 5; i++) { int[] log = new int[2]; t.same(true, handlers(log) <= 1 && log[1] > 0); } }

  static int deepButFinite(int n, int x) { return n == 0 ? 100 / x : deepButFinite(n - 1, x) + 1; }
  /** A thousand frames that a trap in the innermost unwinds. */
  static void deepButFinite(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(100 + i, deepButFinite(i, 1));
    t.same(1100, deepButFinite(1000, 1));
    t.same(true, t.sameClass(ArithmeticException.class, () -> deepButFinite(1000, 0)));
  }

  static int deepDeoptimized(int n) { if (n == 0) { Trap.deoptimizeAll(); return 0; } int x = n * 3; long y = n * 5L; Object o = x % 2 == 0 ? "even" : null; int r = deepDeoptimized(n - 1); return r + x + (int) y + (o == null ? 0 : 1); }
  static int shallow(int n) { int s = 0; for (int i = 1; i <= n; i++) s += i * 8 + (i % 2 == 0 ? 1 : 0); return s; }
  /** Hundreds of frames are deoptimised at once, and each goes on with its own values. */
  static void deepDeoptimized(Trap t) {
    for (int i = 1; i < 40; i++) t.same(shallow(i), deepDeoptimized(i));
    t.same(shallow(300), deepDeoptimized(300));
  }

  static int overflowsInLock(java.util.concurrent.locks.ReentrantLock l, int n) { l.lock(); depth++; return n == 0 ? 0 : overflowsInLock(l, n - 1) + 1; }
  static boolean caughtInLock(java.util.concurrent.locks.ReentrantLock l) { try { overflowsInLock(l, -1); return false; } catch (StackOverflowError e) { return true; } }
  /** The stack ends inside methods that have reserved stack: the JVM goes on, and so do deep calls. */
  static void overflowsInLock(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, overflowsInLock(new java.util.concurrent.locks.ReentrantLock(), i));
    for (int i = 0; i < 5; i++) {
      boolean overflowed;
      try {
        overflowed = caughtInLock(new java.util.concurrent.locks.ReentrantLock());
      } catch (StackOverflowError e) {
        overflowed = true;  // delayed until the reserved zone was left
      }
      t.same(true, overflowed);
      t.same(200, overflowsInLock(new java.util.concurrent.locks.ReentrantLock(), 200));
    }
  }

  /** The annotation counts only with -XX:-RestrictReservedStack. */
  @jdk.internal.vm.annotation.ReservedStackAccess
  static int reserved(int[] log, int k) { log[0]++; int r = leaf(k); log[1]++; return r; }
  static int leaf(int k) { return depth++ ^ k; }
  static int reservedStack(int[] log, int n) { reserved(log, n); return n == 0 ? 0 : reservedStack(log, n - 1) + 1; }
  static boolean caughtReserved(int[] log) { try { reservedStack(log, -1); return false; } catch (StackOverflowError e) { return true; } }
  /** The same with a compiled method of ours that has reserved stack. */
  static void reservedStack(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(i, reservedStack(new int[2], i));
    for (int i = 0; i < 5; i++) {
      int[] log = new int[2];
      boolean overflowed;
      try {
        overflowed = caughtReserved(log);
      } catch (StackOverflowError e) {
        overflowed = true;
      }
      t.same(true, overflowed && log[0] > 50);
      t.same(200, reservedStack(new int[2], 200));
    }
  }
}
