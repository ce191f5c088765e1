import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * How fast is one program in its steady state? Iterates until the warm-up time is over and the JIT compilers have nothing more
 * to do, then through the rounds, and prints the best round: name, nanoseconds of one iteration, checksum.
 *
 * <p>Nanoseconds are CPU time of the program's thread: other work of the machine takes processors away, and the collector's
 * threads are the same for every compiler.
 *
 * <p>java Harness NAME WARM_UP_MILLISECONDS ROUNDS ROUND_MILLISECONDS
 */
final class Harness {
  private static final long QUIET_NS = 1_500_000_000;  // without a finished compilation: the compilers are done
  private static final int PATIENCE = 6;  // warm-up times until that is no longer waited for: some methods never come to rest

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final CompilationMXBean COMPILERS = ManagementFactory.getCompilationMXBean();

  public static void main(String[] arguments) throws Exception {
    Program program = (Program) Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
    long checksum = program.run();
    warmUp(program, checksum, Long.parseLong(arguments[1]) * 1_000_000);
    long best = Long.MAX_VALUE;
    for (int round = 0; round < Integer.parseInt(arguments[2]); round++) {
      best = Math.min(best, iterate(program, checksum, Long.parseLong(arguments[3]) * 1_000_000));
    }
    System.out.println(arguments[0] + "\t" + best + "\t" + Long.toHexString(checksum));
  }

  /** In CPU time, too: where the program gets little of it, the compilers get as little. */
  private static void warmUp(Program program, long checksum, long least) {
    long start = THREADS.getCurrentThreadCpuTime(), compiled = 0, since = start, now;
    do {
      iterate(program, checksum, 50_000_000);
      now = THREADS.getCurrentThreadCpuTime();
      long time = COMPILERS.getTotalCompilationTime();
      if (time != compiled) {
        compiled = time;
        since = now;
      }
    } while (now - start < least || now - since < QUIET_NS && now - start < PATIENCE * least);
  }

  /** Nanoseconds of one iteration, as the mean over at least `least` nanoseconds. */
  private static long iterate(Program program, long expected, long least) {
    long start = THREADS.getCurrentThreadCpuTime(), now;
    int count = 0;
    do {
      long checksum = program.run();
      if (checksum != expected) throw new AssertionError(Long.toHexString(checksum) + " is not " + Long.toHexString(expected));
      count++;
      now = THREADS.getCurrentThreadCpuTime();
    } while (now - start < least);
    return (now - start) / count;
  }
}
