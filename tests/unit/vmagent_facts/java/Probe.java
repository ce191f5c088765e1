import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;

/** Uses much of the JDK, then has the agent look at it: hot methods named probe... make the agent act. */
public class Probe {
  public interface Hot { int run(int x); }

  static int probeShapes(int x) { int s = 0; for (int i = 0; i < 100; i++) s += x ^ i; return s; }
  static int probeTotals(int x) { int s = 0; for (int i = 0; i < 100; i++) s += x ^ i; return s; }
  static int probeHold(int x) { int s = 0; for (int i = 0; i < 100; i++) s += x ^ i; return s; }
  static int probeRetransform(int x) { int s = 0; for (int i = 0; i < 100; i++) s += x ^ i; return s; }

  static Path report;

  static void heat(String name, Hot hot) throws Exception {
    for (int i = 0; i < 60000; i++) hot.run(i);
    for (int i = 0; i < 600; i++) {
      for (String line : Files.readAllLines(report, java.nio.charset.StandardCharsets.ISO_8859_1))
        if (line.equals("done " + name) || line.startsWith("refusal")) return;
      for (int j = 0; j < 1000; j++) hot.run(j);
      Thread.sleep(10);
    }
    throw new Exception(name + " was never compiled");
  }

  static long work(int n) throws Exception {
    long a = 0;
    Map<String, Integer> m = new HashMap<>(), tm = new TreeMap<>();
    for (int i = 0; i < n; i++) { m.merge("k" + (i % 97), i, Integer::sum); tm.put("z" + i % 31, i); }
    a += m.values().stream().mapToInt(Integer::intValue).filter(v -> v % 2 == 0).sum();
    a += IntStream.range(0, n).boxed().collect(Collectors.groupingBy(i -> i % 7, Collectors.counting())).size();
    a += String.format("%d %s %5.2f", n, "x", 1.5).length();
    a += java.util.regex.Pattern.compile("(a|b)+c").matcher("ababc").replaceAll("q").length();
    a += new java.math.BigInteger("123456789012345678901234567890").pow(20).hashCode();
    a += java.time.LocalDate.of(2020, 1, 1).plusDays(n).toString().length();
    PriorityQueue<Integer> pq = new PriorityQueue<>();
    for (int i = 0; i < n; i++) pq.add(i * 7919 % n);
    while (!pq.isEmpty()) a += pq.poll();
    ArrayDeque<Object> dq = new ArrayDeque<>();
    for (int i = 0; i < n; i++) dq.add(i);
    for (Object o : dq) a += o.hashCode();
    var ch = new java.util.concurrent.ConcurrentHashMap<Integer, String>();
    for (int i = 0; i < n; i++) ch.put(i, "v");
    StringBuilder sb = new StringBuilder();
    for (int i = 0; i < n; i++) sb.append(i);
    a += sb.toString().hashCode() + ch.size();
    Object[] os = {1, "s", 2.0, 'c', 3L};
    for (int i = 0; i < n; i++) a += os[i % 5].hashCode();
    return a;
  }

  /** Defines a class of its own anew in each instance. */
  static class Loader extends ClassLoader {
    Loader() { super(Probe.class.getClassLoader()); }
    Class<?> victim() throws Exception {
      try (InputStream in = Probe.class.getResourceAsStream("Victim.class")) {
        byte[] b = in.readAllBytes();
        return defineClass("Victim", b, 0, b.length);
      }
    }
  }

  static Hot victim() throws Exception { return (Hot) new Loader().victim().getDeclaredConstructor().newInstance(); }

  static void unloading() throws Exception {
    Hot hot = victim();
    heat("probeVictim", hot);
    heat("probeHold", Probe::probeHold);
    hot = null;
    // Then others, at addresses that become free, while classes come and go.
    for (int i = 0; i < 30; i++) {
      Hot other = victim();
      for (int j = 0; j < 15000; j++) other.run(j);
      if (i % 3 == 0) System.gc();
    }
    System.gc();
    for (int i = 0; i < 20; i++) { work(300); }
  }

  static long count(String word) throws Exception {
    return Files.readAllLines(report, java.nio.charset.StandardCharsets.ISO_8859_1).stream().filter(l -> l.startsWith(word)).distinct().count();
  }

  static void redefinition() throws Exception {
    Redefined r = new Redefined();
    heat("probeRedefined", r::probeRedefined);
    heat("probeRetransform", Probe::probeRetransform);
    for (int i = 0; i < 500 && count("redefined_root") < 2; i++) {
      for (int j = 0; j < 20000; j++) r.probeRedefined(j);
      Thread.sleep(10);
    }
  }

  public static void main(String[] args) throws Exception {
    Path dir = Path.of(System.getenv("JITFARM_PROBE_DIR"));
    report = dir.resolve("report");
    int rounds = Integer.parseInt(args[0]);
    long a = 0;
    for (int i = 0; i < rounds; i++) a += work(500);
    if (args.length > 1 && args[1].equals("unload")) unloading();
    if (args.length > 1 && args[1].equals("redefine")) redefinition();
    heat("probeShapes", Probe::probeShapes);
    heat("probeTotals", Probe::probeTotals);
    // The class files of what the agent saw, to be judged without a JVM.
    Files.createDirectories(dir.resolve("classes"));
    for (String line : Files.readAllLines(report, java.nio.charset.StandardCharsets.ISO_8859_1)) {
      String[] word = line.split(" ");
      if (!word[0].equals("shape")) continue;
      // An image of the run time's modules; a class made at run time has no file.
      String name = word[1];
      InputStream in = ClassLoader.getSystemResourceAsStream(name + ".class");
      if (in == null) {
        for (Module module : ModuleLayer.boot().modules()) {
          in = module.getResourceAsStream(name + ".class");
          if (in != null) break;
        }
      }
      if (in == null) continue;
      Files.write(dir.resolve("classes").resolve(word[3]), in.readAllBytes());
      in.close();
    }
    System.out.println("end " + (a != 42));
  }
}
