import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs programs one after the other, each in a loader of its own, and says on standard output where each begins and ends.
 *
 * <p>The argument names a file with a line {@code id folder class} for each program.
 */
public final class Programs {
  private Programs() {}

  private static final class Loader extends ClassLoader {
    private final String folder, name;

    Loader(String folder, String name) {
      super("program", Programs.class.getClassLoader());
      this.folder = folder;
      this.name = name;
    }

    @Override
    protected Class<?> findClass(String wanted) throws ClassNotFoundException {
      if (!wanted.startsWith(name)) throw new ClassNotFoundException(wanted);
      try (InputStream in = new FileInputStream(folder + "/" + wanted + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(wanted, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(wanted, e);
      }
    }

    @Override
    public InputStream getResourceAsStream(String wanted) {
      try {
        return new FileInputStream(folder + "/" + wanted);
      } catch (FileNotFoundException e) {
        return null;
      }
    }
  }

  public static void main(String[] args) throws Throwable {
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] parts = line.split(" ");
      System.out.println("#begin " + parts[0]);
      System.out.flush();
      Out.begin();
      try {
        Class<?> program = new Loader(parts[1], parts[2]).loadClass(parts[2]);
        MethodHandle run = MethodHandles.publicLookup().findStatic(program, "run", MethodType.methodType(void.class));
        run.invoke();
      } catch (Throwable t) {
        Out.thrown(t);
        Out.line("ended by");
      }
      System.out.println("#end " + parts[0]);
      System.out.flush();
    }
    System.out.println("#done");
  }
}
