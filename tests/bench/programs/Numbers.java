/** Pseudo-random numbers that are the same on every JVM and every day. */
final class Numbers {
  private long state;

  Numbers(long seed) {
    state = seed;
  }

  int next() {
    state = state * 6364136223846793005L + 1442695040888963407L;
    return (int) (state >>> 32);
  }

  int below(int limit) {
    return (int) ((next() & 0xffffffffL) * limit >>> 32);
  }
}
