import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.locks.LockSupport;

/**
 * What a random program may call: it adds values to the checksum of its current line, and disturbs the VM.
 *
 * <p>Only the thread that runs the programs comes here. Nothing that ends up in a line depends on time, addresses, identity
 * hash codes or thread order.
 */
public final class Out {
  private Out() {}

  private static long sum;
  private static StringBuilder notes = new StringBuilder();
  private static int noted, deoptimizations, nextDeoptimization, collections;

  private static final boolean WHITE_BOX = Boolean.getBoolean("random.whitebox");
  private static final boolean WRONG = Boolean.getBoolean("random.wrong");

  private static final boolean REST = Boolean.getBoolean("random.rest");
  private static int rests;

  private static final class Box { static final sun.hotspot.WhiteBox IT = new sun.hotspot.WhiteBox(); }

  static void begin() {
    sum = 17;
    notes = new StringBuilder();
    noted = deoptimizations = collections = rests = 0;
    nextDeoptimization = 5;
  }

  public static void add(long v) { sum = sum * 1000003 + v; }
  public static void add(int v) { add((long) v); }
  public static void add(double v) { add(Double.doubleToLongBits(v)); }
  public static void add(float v) { add((long) Float.floatToIntBits(v)); }
  public static void add(boolean v) { add(v ? 1L : 2L); }
  public static void add(String s) { add(s == null ? 3L : s.hashCode() * 31L + s.length()); }

  /** Ends a line: its name and the checksum of everything so far. */
  public static void line(String name) {
    System.out.println(name + " " + Long.toHexString(sum) + notes);
    notes = new StringBuilder();
    if (REST && name.startsWith("state")) rest();
  }

  /** Until the compilers have little to do, but no longer than a few seconds in one program. */
  private static void rest() {
    while (WHITE_BOX && rests < 2000 && Box.IT.getCompileQueueSize(4) > 0) {
      rests++;
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Class, message and the program's frames go into the checksum, and the first few are written out. */
  public static void thrown(Throwable t) {
    StringBuilder b = new StringBuilder();
    for (int depth = 0; t != null && depth < 4; t = t.getCause(), depth++) {
      String message = t.getMessage();
      b.append(' ').append(t.getClass().getName()).append(": ").append(message == null ? "-" : stable(message));
      int frames = 0;
      for (StackTraceElement e : t.getStackTrace()) {
        if (e.getClassName().startsWith("Programs")) break;
        if (!e.getClassName().startsWith("P") || ++frames > 40) continue;
        b.append(" @").append(stable(e.getMethodName())).append(':').append(e.getLineNumber());
      }
      for (Throwable s : t.getSuppressed()) b.append(" +").append(s.getClass().getName());
    }
    add(b.toString());
    if (++noted <= 12) notes.append(b);
  }

  /** Without hash codes of loaders and without the numbers of classes that the JDK makes. */
  public static String stable(String s) {
    return s.indexOf('@') < 0 && s.indexOf("Lambda") < 0 && s.indexOf("/0x") < 0 ? s : s.replaceAll("@[0-9a-f]+|Lambda\\$\\d+|/0x[0-9a-f]+", "#");
  }

  /** Strings that are made of themselves stay short. */
  public static String cut(String s) { return s == null || s.length() <= 48 ? s : s.substring(s.length() - 40); }

  /**
   * All compiled frames go on in the interpreter: ever more seldom, and much more seldom with all code thrown away, since everything is
   * compiled again afterwards.
   */
  public static void deopt() {
    if (!WHITE_BOX || ++deoptimizations != nextDeoptimization) return;
    nextDeoptimization = nextDeoptimization * 5 + 3;
    if (deoptimizations > 700) Box.IT.deoptimizeAll(); else Box.IT.deoptimizeFrames((deoptimizations & 1) == 1);
  }

  /** Now and then a collection; garbage always. */
  public static void garbage(int k) {
    Object[] garbage = new Object[8 + (k & 15)];
    for (int i = 0; i < garbage.length; i++) garbage[i] = new byte[48 + i];
    if (++collections % 97 == 0) System.gc();
  }

  /** The same number; wrong now and then in a run that shall be found wrong: the test of the test. */
  public static long same(long v) { return WRONG && (v & 7) == 3 ? v + 1 : v; }

  /** An object of a copy of the class: defined by a loader of its own, or hidden. */
  public static Object copy(MethodHandles.Lookup lookup, Class<?> of, boolean hidden) {
    try (InputStream in = of.getResourceAsStream(of.getName() + ".class")) {
      byte[] bytes = in.readAllBytes();
      Class<?> c = hidden ? lookup.defineHiddenClass(bytes, true).lookupClass() : new Copy(of, bytes).loadClass(of.getName());
      return c.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException | java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Copy extends ClassLoader {
    private final String name;
    private final byte[] bytes;

    Copy(Class<?> of, byte[] bytes) {
      super("copy", of.getClassLoader());
      name = of.getName();
      this.bytes = bytes;
    }

    @Override
    protected Class<?> loadClass(String wanted, boolean resolve) throws ClassNotFoundException {
      if (!wanted.equals(name)) return super.loadClass(wanted, resolve);
      Class<?> known = findLoadedClass(name);
      return known != null ? known : defineClass(name, bytes, 0, bytes.length);
    }
  }
}
