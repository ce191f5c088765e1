/** SHA-256 in Java: rotations, a table, unrolled by nobody. */
final class Sha256 implements Program {
  private static final int[] K = new int[64], START = new int[8];

  static {
    // The fractional parts of the square and cube roots of the first primes.
    for (int n = 2, i = 0; i < 64; n++) {
      boolean prime = true;
      for (int d = 2; d * d <= n; d++) prime &= n % d != 0;
      if (!prime) continue;
      K[i] = (int) (long) ((StrictMath.cbrt(n) - Math.floor(StrictMath.cbrt(n))) * 4294967296.0);
      if (i < 8) START[i] = (int) (long) ((Math.sqrt(n) - Math.floor(Math.sqrt(n))) * 4294967296.0);
      i++;
    }
  }

  private final byte[] message = new byte[64 * 1024];

  Sha256() {
    Numbers numbers = new Numbers(8);
    for (int i = 0; i < message.length; i++) message[i] = (byte) numbers.next();
  }

  private static void block(byte[] bytes, int offset, int[] h, int[] w) {
    for (int i = 0; i < 16; i++) {
      int at = offset + i * 4;
      w[i] = bytes[at] << 24 | (bytes[at + 1] & 0xff) << 16 | (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
    }
    for (int i = 16; i < 64; i++) {
      int s0 = Integer.rotateRight(w[i - 15], 7) ^ Integer.rotateRight(w[i - 15], 18) ^ w[i - 15] >>> 3;
      int s1 = Integer.rotateRight(w[i - 2], 17) ^ Integer.rotateRight(w[i - 2], 19) ^ w[i - 2] >>> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    int a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], x = h[7];
    for (int i = 0; i < 64; i++) {
      int s1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
      int t1 = x + s1 + (e & f ^ ~e & g) + K[i] + w[i];
      int s0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
      int t2 = s0 + (a & b ^ a & c ^ b & c);
      x = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
    h[5] += f;
    h[6] += g;
    h[7] += x;
  }

  @Override
  public long run() {
    int[] h = START.clone(), w = new int[64];
    for (int offset = 0; offset < message.length; offset += 64) block(message, offset, h, w);
    return (long) h[0] << 32 ^ h[7];
  }
}
