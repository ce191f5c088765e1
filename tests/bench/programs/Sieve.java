/** Primes by the sieve of Eratosthenes, and the longest Collatz sequence among small numbers. */
final class Sieve implements Program {
  private static int primes(boolean[] composite) {
    int primes = 0;
    for (int i = 2; i < composite.length; i++) {
      if (composite[i]) continue;
      primes++;
      for (int j = i + i; j < composite.length; j += i) composite[j] = true;
    }
    return primes;
  }

  private static int longest(int limit) {
    int best = 0;
    for (int i = 1; i < limit; i++) {
      int steps = 0;
      for (long n = i; n != 1; steps++) n = (n & 1) == 0 ? n >> 1 : 3 * n + 1;
      best = Math.max(best, steps);
    }
    return best;
  }

  @Override
  public long run() {
    return primes(new boolean[200_000]) * 1000L + longest(10_000);
  }
}
