package suite;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs the cases named on the command line, or all. Every line that is printed must be the same in the interpreter and
 * with the farm; nothing printed depends on time, addresses, hash codes or thread order.
 *
 * <p>Each case runs several rounds: the first in the interpreter or in code that still traps at unresolved entries, the
 * last in code compiled with everything resolved. Output of a round is folded into a checksum, and must not differ
 * from the round before.
 */
public final class Suite {
  /** A group of checks. Its kernels are small static methods that contain only what the compiler claims to support. */
  interface Case {
    void run(Out out) throws Throwable;

    /** Fewer for cases that make the JDK generate, and the VM compile, much code. */
    default int rounds() { return ROUNDS; }
  }

  /** Collects lines of one round. */
  static final class Out {
    private final StringBuilder text = new StringBuilder();
    private long sum = 17;
    private int count;

    void line(String s) {
      text.append("  ").append(s).append('\n');
    }

    /** Adds a value to the checksum of the round: for matrices with thousands of results. */
    void add(long v) {
      sum = sum * 1000003 + v;
      count++;
    }

    void add(double v) {
      add(Double.doubleToRawLongBits(v));
    }

    void add(float v) {
      add((long) Float.floatToRawIntBits(v));
    }

    void add(boolean v) {
      add(v ? 1L : 0L);
    }

    void add(String s) {
      for (int i = 0; i < s.length(); i++) add((long) s.charAt(i));
    }

    /** Runs something that throws; class, message and the frames of the suite go into the round. */
    void thrown(String what, Throwable t) {
      StringBuilder b = new StringBuilder(what).append(": ").append(t.getClass().getName()).append(": ").append(t.getMessage());
      for (StackTraceElement e : t.getStackTrace()) {
        if (!e.getClassName().startsWith("suite.")) continue;
        if (e.getClassName().startsWith("suite.Suite")) break;
        b.append(" @").append(e.getMethodName()).append(':').append(e.getLineNumber());
      }
      add(b.toString());
      if (text.length() < 20_000) line(b.toString());
    }

    @Override
    public String toString() {
      return text + "  values=" + count + " sum=" + Long.toHexString(sum) + "\n";
    }
  }

  private static final boolean WHITE_BOX = Boolean.getBoolean("suite.whitebox");
  private static final class Box { static final sun.hotspot.WhiteBox IT = new sun.hotspot.WhiteBox(); }
  private static int disturbances;

  private static int deoptimizations, nextDeoptimization = 7;

  /** Makes all compiled frames go on in the interpreter: ever more seldom, since afterwards everything is compiled again. */
  static void deoptimizeAll() {
    if (!WHITE_BOX || ++deoptimizations != nextDeoptimization) return;
    nextDeoptimization *= 4;
    Box.IT.deoptimizeAll();
  }

  /** Now and then a collection; garbage always. */
  static void disturb(int k) {
    Object[] garbage = new Object[16 + (k & 15)];
    for (int i = 0; i < garbage.length; i++) garbage[i] = new byte[64 + i];
    if (++disturbances % 37 == 0) System.gc();
  }

  private static final int ROUNDS = Integer.getInteger("suite.rounds", 40);

  private static List<Case> cases() {
    return List.of(
        new IntArithmetic(), new LongArithmetic(), new FloatArithmetic(), new Conversions(), new Comparisons(), new Switches(),
        new StackShuffles(), new Arrays(), new Fields(), new Calls(), new ManyArguments(), new ImplicitExceptions(),
        new ThroughFrames(), new Recursion(), new Uninitialized(), new Deoptimization(), new LiveOops(), new Loops(),
        new Constants(), new Threads(), new ClassUnloading(), new TypeTests(), new Handlers(), new VolatileFields(),
        new LoopEntries(), new Allocation(), new ReferenceStores(), new Inlining(), new Monitors(), new Profiles(), new Lambdas(),
        new Handles(), new ConstantHandles(), new VarHandles(), new DynamicConstants(), new IntrinsicsMath(), new IntrinsicsArrays(), new IntrinsicsStubs(), new IntrinsicsStrings(),
        new IntrinsicsObjects(), new IntrinsicsUnsafe(), new InitializerLoops());
  }

  public static void main(String[] args) throws Throwable {
    List<String> wanted = new ArrayList<>(List.of(args));
    for (Case c : cases()) {
      String name = c.getClass().getSimpleName();
      if (!wanted.isEmpty() && !wanted.contains(name)) continue;
      String first = null;
      for (int round = 0; round < c.rounds(); round++) {
        Out out = new Out();
        c.run(out);
        String s = out.toString();
        if (first == null) {
          first = s;
        } else if (!s.equals(first)) {
          System.out.println(name + ": round " + round + " differs from round 0\n" + s);
          break;
        }
      }
      System.out.print(name + "\n" + first);
    }
  }
}
