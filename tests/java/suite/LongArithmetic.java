package suite;

/** ladd .. lxor, lneg, shifts by int at the edges of long. */
final class LongArithmetic implements Suite.Case {
  static final long[] EDGES = {
    0, 1, -1, 2, -2, 63, 64, 65, 127, -128, 32768, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L, -0x80000000L,
    Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, Long.MIN_VALUE + 1, 0x5555555555555555L, 0xaaaaaaaaaaaaaaaaL, 1000000007L
  };

  static long add(long a, long b) { return a + b; }
  static long sub(long a, long b) { return a - b; }
  static long mul(long a, long b) { return a * b; }
  static long div(long a, long b) { return a / b; }
  static long rem(long a, long b) { return a % b; }
  static long and(long a, long b) { return a & b; }
  static long or(long a, long b) { return a | b; }
  static long xor(long a, long b) { return a ^ b; }
  static long shl(long a, int b) { return a << b; }
  static long shr(long a, int b) { return a >> b; }
  static long ushr(long a, int b) { return a >>> b; }
  static long neg(long a) { return -a; }
  static int compare(long a, long b) { return a < b ? -1 : a > b ? 1 : 0; }
  static long divByMinus1(long a) { return a / -1L; }
  static long remBy10(long a) { return a % 10; }
  static long hash(long a, int n) { long h = a; for (int i = 0; i < n; i++) { h ^= h << 13; h ^= h >>> 7; h ^= h << 17; h += i; } return h; }

  @Override
  public void run(Suite.Out out) {
    for (long a : EDGES) {
      out.add(neg(a));
      out.add(divByMinus1(a));
      out.add(remBy10(a));
      out.add(hash(a, 50));
      for (int s : IntArithmetic.EDGES) {
        out.add(shl(a, s));
        out.add(shr(a, s));
        out.add(ushr(a, s));
      }
      for (long b : EDGES) {
        out.add(add(a, b));
        out.add(sub(a, b));
        out.add(mul(a, b));
        if (b != 0) {
          out.add(div(a, b));
          out.add(rem(a, b));
        }
        out.add(and(a, b));
        out.add(or(a, b));
        out.add(xor(a, b));
        out.add((long) compare(a, b));
      }
    }
  }
}
