import java.util.Arrays;

/** A compressor of the Lempel-Ziv kind with a hash table of places, and its decompressor. */
final class LzCompression implements Program {
  private static final int LEAST = 4, MOST = 255 + LEAST, WINDOW = 1 << 16;

  private final byte[] text = new byte[120_000];

  LzCompression() {
    String[] words = new String[300];
    Numbers numbers = new Numbers(12);
    for (int i = 0; i < words.length; i++) words[i] = Integer.toString(numbers.next(), 36) + " ";
    for (int at = 0; at < text.length; ) {
      String word = words[numbers.below(1 + numbers.below(words.length))];
      for (int i = 0; i < word.length() && at < text.length; i++) text[at++] = (byte) word.charAt(i);
    }
  }

  private static int hash(byte[] in, int at) {
    int four = in[at] & 0xff | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff) << 16 | in[at + 3] << 24;
    return four * -1640531535 >>> 19;
  }

  private static int compress(byte[] in, byte[] out) {
    int[] places = new int[1 << 13];
    Arrays.fill(places, -1);
    int to = 0, at = 0;
    while (at < in.length) {
      int length = 0, distance = 0;
      if (at + LEAST <= in.length) {
        int slot = hash(in, at), candidate = places[slot];
        places[slot] = at;
        if (candidate >= 0 && at - candidate < WINDOW) {
          int limit = Math.min(MOST, in.length - at);
          while (length < limit && in[candidate + length] == in[at + length]) length++;
          distance = at - candidate;
        }
      }
      if (length >= LEAST) {
        out[to++] = 1;
        out[to++] = (byte) (length - LEAST);
        out[to++] = (byte) distance;
        out[to++] = (byte) (distance >> 8);
        at += length;
      } else {
        out[to++] = 0;
        out[to++] = in[at++];
      }
    }
    return to;
  }

  private static int expand(byte[] in, int size, byte[] out) {
    int to = 0;
    for (int at = 0; at < size; ) {
      if (in[at++] == 0) {
        out[to++] = in[at++];
      } else {
        int length = (in[at] & 0xff) + LEAST, from = to - (in[at + 1] & 0xff | (in[at + 2] & 0xff) << 8);
        at += 3;
        for (int i = 0; i < length; i++) out[to++] = out[from++];
      }
    }
    return to;
  }

  @Override
  public long run() {
    byte[] packed = new byte[text.length * 2], back = new byte[text.length];
    int size = compress(text, packed);
    if (expand(packed, size, back) != text.length || !Arrays.equals(text, back)) throw new AssertionError();
    return size * 1_000_003L + Arrays.hashCode(packed);
  }
}
