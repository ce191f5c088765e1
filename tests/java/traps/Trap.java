package traps;

import java.util.Objects;

/**
 * What a test is given: how often to run its kernel until it is compiled, where its results go, and checks of what the
 * language defines. Results are compared with the interpreter's; a failed check is printed and fails in the interpreter too.
 */
final class Trap {
  /** Calls after which a kernel is compiled at the highest tier, when thresholds are scaled as traps.py scales them. */
  static final int HOT = 120;

  /** Something that is expected to throw. */
  interface Body { Object run() throws Throwable; }

  private static final class Box { static final sun.hotspot.WhiteBox IT = new sun.hotspot.WhiteBox(); }

  private final StringBuilder failures = new StringBuilder();
  private long sum = 17;
  private int count;

  void add(long v) {
    sum = sum * 1000003 + v;
    count++;
  }

  /** NaNs count as one: their bits are not defined. */
  void add(double v) { add(Double.doubleToLongBits(v)); }
  void add(float v) { add((long) Float.floatToIntBits(v)); }
  void add(boolean v) { add(v ? 1L : 0L); }
  void add(String s) { add((long) Objects.hashCode(s)); }

  void same(long expected, long actual) {
    add(actual);
    if (expected != actual) fail(expected, actual);
  }
  void same(double expected, double actual) {
    add(actual);
    if (Double.doubleToLongBits(expected) != Double.doubleToLongBits(actual)) fail(expected, actual);
  }
  void same(boolean expected, boolean actual) {
    add(actual);
    if (expected != actual) fail(expected, actual);
  }
  void same(String expected, String actual) {
    add(actual);
    if (!Objects.equals(expected, actual)) fail(expected, actual);
  }
  void sameObject(Object expected, Object actual) {
    add(expected == actual);
    if (expected != actual) fail(expected, actual);
  }

  /** Runs what must throw exactly this class; class and message are results. Gives the exception, or null. */
  Throwable thrown(Class<? extends Throwable> expected, Body body) {
    try {
      Object result = body.run();
      add("nothing");
      fail(expected.getName(), result);
      return null;
    } catch (Throwable t) {
      add(t.getClass().getName());
      if (t.getClass() != expected) fail(expected.getName(), t);
      // The words of a StackOverflowError and of an OutOfMemoryError depend on who finds it.
      if (!(t instanceof VirtualMachineError)) add(t.getMessage());
      return t;
    }
  }

  /** The compile id of a kernel's code; 0: it is interpreted. */
  int compileId(Class<?> owner, String name, Class<?>... arguments) {
    try {
      Object[] code = Box.IT.getNMethod0(owner.getDeclaredMethod(name, arguments), false);
      return code == null ? 0 : (Integer) code[3];
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  /** As thrown(), but the message names something that differs from run to run. */
  boolean sameClass(Class<? extends Throwable> expected, Body body) {
    try {
      body.run();
    } catch (Throwable t) {
      return t.getClass() == expected;
    }
    return false;
  }

  /** The frames of this package in a stack trace, with their lines, are results. */
  void frames(Throwable t) {
    if (t == null) return;
    for (StackTraceElement e : t.getStackTrace()) {
      if (e.getClassName().startsWith("traps.") && !e.getClassName().startsWith("traps.Trap")) add(e.getMethodName() + ":" + e.getLineNumber());
    }
  }

  /** All compiled frames of all threads go on in the interpreter, and all compiled code is thrown away. */
  static void deoptimizeAll() { Box.IT.deoptimizeAll(); }

  /** Never compiled, nor inlined: what a kernel's callee must not be seen to do. */
  static <T> T hidden(T value) { return value; }
  static int hidden(int value) { return value; }

  private void fail(Object expected, Object actual) {
    if (failures.length() < 2000) failures.append("  expected ").append(expected).append(", got ").append(actual).append('\n');
  }

  void fail(Throwable t) {
    failures.append("  ended with ").append(t).append('\n');
    for (int i = 0; i < Math.min(5, t.getStackTrace().length); i++) failures.append("    at ").append(t.getStackTrace()[i]).append('\n');
  }

  @Override
  public String toString() { return count + " values, sum " + Long.toHexString(sum) + "\n" + failures; }
}
