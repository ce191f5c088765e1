/** The bits of a long array, counted with masks and shifts, and the distance of two bit sets. */
final class BitCount implements Program {
  private final long[] a = new long[30_011], b = new long[a.length];

  BitCount() {
    Numbers numbers = new Numbers(3);
    for (int i = 0; i < a.length; i++) {
      a[i] = (long) numbers.next() << 32 ^ numbers.next();
      b[i] = (long) numbers.next() << 32 ^ numbers.next();
    }
  }

  private static long bits(long v) {
    v -= v >>> 1 & 0x5555555555555555L;
    v = (v & 0x3333333333333333L) + (v >>> 2 & 0x3333333333333333L);
    v = v + (v >>> 4) & 0x0f0f0f0f0f0f0f0fL;
    v += v >>> 8;
    v += v >>> 16;
    return v + (v >>> 32) & 0x7f;
  }

  private static long distance(long[] a, long[] b) {
    long sum = 0;
    for (int i = 0; i < a.length; i++) sum += bits(a[i] ^ b[i]);
    return sum;
  }

  @Override
  public long run() {
    long result = 0;
    for (int turn = 0; turn < 20; turn++) result = result * 7 + distance(a, b);
    return result;
  }
}
