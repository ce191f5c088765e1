import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * javac that stays: each line on standard input names a class path and a list of jobs, a file with a line {@code folder source..}
 * each. For every job a line "ok" or "no REASON" is answered; classes go into the job's folder.
 */
public final class Compiler {
  private Compiler() {}

  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  private static String compile(StandardJavaFileManager files, String path, String job) throws Exception {
    String[] parts = job.split(" ");
    Files.createDirectories(Path.of(parts[0]));
    StringWriter said = new StringWriter();
    boolean good = JAVAC.getTask(said, files, null, List.of("-nowarn", "-proc:none", "-g", "-cp", path, "-d", parts[0]), null,
        files.getJavaFileObjects(List.of(parts).subList(1, parts.length).toArray(new String[0]))).call();
    return good ? "ok" : "no " + said.toString().replace('\n', '|').strip();
  }

  public static void main(String[] args) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(Integer.getInteger("random.jobs", 1), r -> {
      Thread t = new Thread(null, r, "javac", 64 << 20);
      t.setDaemon(true);
      return t;
    });
    ThreadLocal<StandardJavaFileManager> files = ThreadLocal.withInitial(() -> JAVAC.getStandardFileManager(null, null, null));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String path = line.split(" ")[0];
      List<Future<String>> answers = new ArrayList<>();
      for (String job : Files.readAllLines(Path.of(line.split(" ")[1])))
        answers.add(pool.submit((Callable<String>) () -> compile(files.get(), path, job)));
      for (Future<String> answer : answers) {
        String said;
        try {
          said = answer.get();
        } catch (java.util.concurrent.ExecutionException e) {
          said = "no " + e.getCause();
        }
        System.out.println(said);
      }
      System.out.flush();
    }
  }
}
