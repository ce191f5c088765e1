package suite;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntUnaryOperator;

/** Classes that come, get compiled and go: the same class of ever new loaders, with collections that unload the old ones. */
final class ClassUnloading implements Suite.Case {
  /** What each loader defines anew; it calls itself and another class of its loader. */
  public static final class Plugin implements IntUnaryOperator {
    private int field = 3;
    private static int total = 5;

    @Override
    public int applyAsInt(int x) {
      total = total * 31 + Helper.mix(x, field);
      return sum(x) ^ total ^ caught(x) * kind(x % 3 == 0 ? this : Helper.TABLE);
    }

    private int caught(int x) {
      try {
        return Helper.mayFail(x);
      } catch (Failure e) {
        return e.field + field;
      }
    }

    private static int kind(Object o) {
      return o instanceof Failure ? 1 : o instanceof Plugin ? ((Plugin) o).field : o instanceof int[] ? 7 : 0;
    }

    private int sum(int x) {
      int s = field;
      for (int i = 0; i < 40; i++) s += x ^ i;
      return s;
    }
  }

  public static final class Failure extends RuntimeException {
    final int field;

    Failure(int field) {
      this.field = field;
    }
  }

  public static final class Helper {
    static final int[] TABLE = {1, 2, 4, 8, 16, 32, 64, 128};

    static int mix(int a, int b) {
      return a * 7 + b + TABLE[a & 7];
    }

    static int mayFail(int x) {
      if ((x & 15) == 9) throw new Failure(x);
      return x;
    }
  }

  private static final class Loader extends ClassLoader {
    Loader() {
      super(ClassUnloading.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(ClassUnloading.class.getName() + "$")) return super.loadClass(name, resolve);
      Class<?> known = findLoadedClass(name);
      if (known != null) return known;
      try (InputStream in = ClassUnloading.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /** Never of this class: the objects are of classes of the same name. */
  static boolean isOurs(Object o) {
    return o instanceof Plugin || o instanceof Comparable;
  }

  static int drive(IntUnaryOperator plugin, int n) {
    int s = 0;
    for (int i = 0; i < n; i++) {
      s = s * 17 + plugin.applyAsInt(i);
      if (isOurs(plugin)) s++;
    }
    return s;
  }

  @Override
  public void run(Suite.Out out) throws Throwable {
    for (int i = 0; i < 3; i++) {
      Class<?> plugin = new Loader().loadClass(Plugin.class.getName());
      out.add(plugin != Plugin.class);
      out.add(drive((IntUnaryOperator) plugin.getDeclaredConstructor().newInstance(), 1500));
    }
    System.gc();
    out.add(drive(x -> x + 1, 500));
  }
}
