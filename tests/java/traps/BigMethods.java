package traps;

import static support.Bytecodes.*;
import static traps.Trap.HOT;

import java.lang.invoke.MethodHandles;
import support.ClassFile;
import support.Code;

/** Big frames, huge methods, deep recursion, stack overflows; bytecode that javac does not make. */
final class BigMethods {
  /** A generated kernel. */
  public interface Kernel { int apply(int x, int[] a); }
  private interface Body { void emit(Code m); }
  static int depth;

  /** A class whose method of the given name has this body: locals 1 = x, 2 = a. */
  private static Kernel make(String name, Body body) { return make(name, body, null); }
  /** The same, with a second method "subroutine" of the same descriptor when there is a body for it. */
  private static Kernel make(String name, Body body, Body second) {
    try {
      ClassFile w = new ClassFile(49, ACC_PUBLIC | ACC_FINAL, "traps/BigMethods$" + name, "traps/BigMethods$Kernel");
      w.constructor();
      Code k = w.method(ACC_PUBLIC, "apply", "(I[I)I");
      k.local(ILOAD, 1);
      k.local(ALOAD, 2);
      k.call(INVOKESTATIC, "traps/BigMethods$" + name, name, "(I[I)I", false);
      k.op(IRETURN);
      Code m = w.method(ACC_PUBLIC | ACC_STATIC, name, "(I[I)I");
      body.emit(m);
      if (second != null) {
        Code s = w.method(ACC_PRIVATE | ACC_STATIC, "subroutine", "(I[I)I");
        second.emit(s);
      }
      return (Kernel) MethodHandles.lookup().defineClass(w.bytes()).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Made {
    static final Kernel MANY_LOCALS = make("manyLocals", m -> {
      for (int i = 2; i < 402; i++) { m.local(ILOAD, 0); m.op(SIPUSH, i); m.op(IMUL); m.local(ISTORE, i); }
      m.op(ICONST_0);
      for (int i = 2; i < 402; i++) { m.local(ILOAD, i); m.op(IXOR); m.op(ICONST_3); m.op(IMUL); }
      m.local(ALOAD, 1);
      m.op(ICONST_0);
      m.op(IALOAD);
      m.op(IADD);
      m.op(IRETURN);
    });
    static final Kernel DEEP_STACK = make("deepStack", m -> {
      for (int i = 0; i < 200; i++) { m.local(ILOAD, 0); m.op(SIPUSH, i); m.op(IADD); }
      m.local(ALOAD, 1);
      m.op(ICONST_0);
      m.op(IALOAD);
      for (int i = 0; i < 200; i++) m.op(i % 2 == 0 ? IADD : IXOR);
      m.op(IRETURN);
    });
    static final Kernel LONG_METHOD = make("longMethod", m -> {
      for (int i = 0; i < 500; i++) { m.local(ILOAD, 0); m.op(SIPUSH, i * 7 + 1); m.op(i % 3 == 0 ? IADD : i % 3 == 1 ? IMUL : IXOR); m.local(ISTORE, 0); }
      m.local(ILOAD, 0);
      m.local(ALOAD, 1);
      m.op(ICONST_0);
      m.op(IALOAD);
      m.op(IADD);
      m.op(IRETURN);
    });
    static final Kernel MANY_BRANCHES = make("manyBranches", m -> {
      for (int i = 0; i < 300; i++) {
        Code.Label skip = new Code.Label();
        m.local(ILOAD, 0);
        m.op(SIPUSH, 1 << i % 12);
        m.op(IAND);
        m.jump(IFEQ, skip);
        m.increment(0, i % 100 + 1);
        m.at(skip);
      }
      m.local(ILOAD, 0);
      m.local(ALOAD, 1);
      m.op(ICONST_0);
      m.op(IALOAD);
      m.op(IADD);
      m.op(IRETURN);
    });
    private static final Body ADDS_TEN = m -> {
      Code.Label sub = new Code.Label();
      m.jump(JSR, sub);
      m.jump(JSR, sub);
      m.local(ILOAD, 0);
      m.op(IRETURN);
      m.at(sub);
      m.local(ASTORE, 2);
      m.increment(0, 5);
      m.local(RET, 2);
    };
    static final Kernel SUBROUTINE = make("subroutine", ADDS_TEN);
    static final Kernel BESIDE_SUBROUTINE = make("besideSubroutine", m -> {
      m.local(ILOAD, 0);
      m.local(ALOAD, 1);
      m.call(INVOKESTATIC, "traps/BigMethods$besideSubroutine", "subroutine", "(I[I)I", false);
      m.op(ICONST_3);
      m.op(IMUL);
      m.op(IRETURN);
    }, ADDS_TEN);
    static final Kernel TWO_ENTRIES = make("twoEntries", m -> {
      // A loop with two entries: the first jump goes to its middle when x is odd.
      Code.Label head = new Code.Label(), middle = new Code.Label(), end = new Code.Label();
      m.op(ICONST_0);
      m.local(ISTORE, 2);
      m.local(ILOAD, 0);
      m.op(ICONST_1);
      m.op(IAND);
      m.jump(IFNE, middle);
      m.at(head);
      m.increment(2, 10);
      m.at(middle);
      m.increment(2, 1);
      m.increment(0, -1);
      m.local(ILOAD, 0);
      m.jump(IFLE, end);
      m.jump(GOTO, head);
      m.at(end);
      m.local(ILOAD, 2);
      m.op(IRETURN);
    });
    static final Kernel STACK_OVER_BRANCH = make("stackOverBranch", m -> {
      Code.Label other = new Code.Label(), end = new Code.Label();
      m.local(ILOAD, 0);
      m.op(I2L);
      m.constant(3.5);
      m.local(ILOAD, 0);
      m.jump(IFLT, other);
      m.op(DCONST_1);
      m.jump(GOTO, end);
      m.at(other);
      m.constant(-7.0);
      m.at(end);
      m.op(DMUL);
      m.op(D2L);
      m.op(LADD);
      m.op(L2I);
      m.op(IRETURN);
    });
    static final Kernel HANDLER_OF_ITSELF = make("handlerOfItself", m -> {
      // The handler's range has the handler in it.
      Code.Label start = new Code.Label(), handler = new Code.Label(), end = new Code.Label();
      m.handle(start, end, handler, "java/lang/ArithmeticException");
      m.at(start);
      m.op(BIPUSH, 100);
      m.local(ILOAD, 0);
      m.op(IDIV);
      m.op(IRETURN);
      m.at(handler);
      m.op(POP);
      m.increment(0, 1);
      m.op(BIPUSH, 50);
      m.local(ILOAD, 0);
      m.local(ALOAD, 1);
      m.op(ICONST_0);
      m.op(IALOAD);
      m.op(ISUB);
      m.op(IDIV);
      m.op(IRETURN);
      m.at(end);
      m.op(ICONST_0);
      m.op(IRETURN);
    });
    static final Kernel DEAD_CODE = make("deadCode", m -> {
      Code.Label live = new Code.Label();
      m.local(ILOAD, 0);
      m.jump(GOTO, live);
      for (int i = 0; i < 5; i++) { m.op(ACONST_NULL); m.op(ATHROW); }
      m.at(live);
      m.op(NOP);
      m.op(DUP);
      m.op(IADD);
      m.op(IRETURN);
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
