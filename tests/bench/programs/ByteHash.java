/** Checksums of byte arrays: a polynomial, the two sums of Adler, a histogram of one value. */
final class ByteHash implements Program {
  private final byte[] bytes = new byte[100_003];

  ByteHash() {
    Numbers numbers = new Numbers(4);
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) numbers.next();
  }

  private static int polynomial(byte[] a) {
    int hash = 0;
    for (int i = 0; i < a.length; i++) hash = 31 * hash + a[i];
    return hash;
  }

  private static long sums(byte[] a) {
    long sum = 0;
    int weighted = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] & 0xff;
      weighted += (a[i] & 0xff) * (i & 0xff);
    }
    return sum << 32 ^ weighted;
  }

  private static int count(byte[] a, byte value) {
    int count = 0;
    for (int i = 0; i < a.length; i++) if (a[i] == value) count++;
    return count;
  }

  @Override
  public long run() {
    long result = 0;
    for (byte turn = 0; turn < 10; turn++) result = result * 31 + polynomial(bytes) + sums(bytes) + count(bytes, turn);
    return result;
  }
}
