package traps;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the tests named on the command line as Category.test; "list" prints all tests of the categories named.
 *
 * <p>A test is a static method of a category's class that takes a Trap. Its kernels are methods of the same name: the
 * test runs them until they are compiled, and then springs its trap. Every test runs twice, the second time with the
 * code that was compiled after the trap.
 */
public final class Traps {
  private static final int ROUNDS = 2;
  private static final long PATIENCE_MS = 120_000;
  private static volatile long started;
  static volatile Object sink;

  private static Method[] tests(String category) throws ClassNotFoundException {
    Method[] all = Class.forName("traps." + category).getDeclaredMethods();
    return Arrays.stream(all)
        .filter(m -> Modifier.isStatic(m.getModifiers()) && Arrays.equals(m.getParameterTypes(), new Class<?>[] {Trap.class}))
        .sorted((a, b) -> a.getName().compareTo(b.getName()))
        .toArray(Method[]::new);
  }

  private static void run(String category, Method test) throws IllegalAccessException {
    System.out.print(category + "." + test.getName() + ": ");
    System.out.flush();
    Trap t = new Trap();
    try {
      for (int round = 0; round < ROUNDS; round++) {
        started = System.nanoTime();
        test.invoke(null, t);
      }
    } catch (InvocationTargetException e) {
      t.fail(e.getCause());
    }
    System.out.print(t);
  }

  private static void daemon(String name, Runnable body) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Ends the JVM when a test hangs. */
  private static void watch() {
    try {
      while (true) {
        Thread.sleep(500);
        if (System.nanoTime() - started < PATIENCE_MS * 1_000_000) continue;
        System.out.println("hangs");
        Thread.getAllStackTraces().forEach((thread, frames) -> System.out.println("  " + thread + " " + Arrays.toString(frames)));
        System.out.flush();
        Runtime.getRuntime().halt(3);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Garbage of all sizes, some of it old, as fast as one thread can make it; now and then everything is collected. */
  private static void collectAlways() {
    Object[] old = new Object[64];
    for (int i = 0; ; i++) {
      old[i & 63] = new Object[] {new byte[(i & 1023) * 4], old[i * 7 & 63] == null ? null : new int[i & 31]};
      sink = new byte[1 << (i % 17)];
      if (i % 20_000 == 0) System.gc();
      if (i % 256 == 0) Thread.yield();
    }
  }

  public static void main(String[] args) throws Throwable {
    if (args[0].equals("list")) {
      for (int i = 1; i < args.length; i++) {
        for (Method m : tests(args[i])) System.out.println(args[i] + "." + m.getName());
      }
      return;
    }
    started = System.nanoTime();
    daemon("watch", Traps::watch);
    if (Boolean.getBoolean("traps.collect")) daemon("collect", Traps::collectAlways);
    List<String> unknown = new ArrayList<>(List.of(args));
    for (String name : args) {
      int dot = name.indexOf('.');
      for (Method m : tests(name.substring(0, dot))) {
        if (!m.getName().equals(name.substring(dot + 1))) continue;
        m.setAccessible(true);
        run(name.substring(0, dot), m);
        unknown.remove(name);
      }
    }
    if (!unknown.isEmpty()) throw new IllegalArgumentException("no such test: " + unknown);
  }
}
