package suite;

/** iadd .. ixor, ineg, shifts, iinc at the edges of int. */
final class IntArithmetic implements Suite.Case {
  static final int[] EDGES = {
    0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 63, 64, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, 65535, 65536,
    Integer.MAX_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE, Integer.MIN_VALUE + 1, 0x55555555, 0xaaaaaaaa, 1000003
  };

  static int add(int a, int b) { return a + b; }
  static int sub(int a, int b) { return a - b; }
  static int mul(int a, int b) { return a * b; }
  static int div(int a, int b) { return a / b; }
  static int rem(int a, int b) { return a % b; }
  static int and(int a, int b) { return a & b; }
  static int or(int a, int b) { return a | b; }
  static int xor(int a, int b) { return a ^ b; }
  static int shl(int a, int b) { return a << b; }
  static int shr(int a, int b) { return a >> b; }
  static int ushr(int a, int b) { return a >>> b; }
  static int neg(int a) { return -a; }
  static int not(int a) { return ~a; }
  static int divBy7(int a) { return a / 7; }
  static int divByMinus1(int a) { return a / -1; }
  static int remBy8(int a) { return a % 8; }
  static int remByMinus1(int a) { return a % -1; }
  static int shlBy33(int a) { return a << 33; }
  static int inc(int a) { a += 1; a += -128; a += 127; a += 1000; a -= 20000; return a; }
  static int mixed(int a, int b) { int c = a * 31 + b; c ^= c >>> 15; c *= 0x85ebca6b; c -= b << 3; return c / ((b & 15) + 1) - c % ((a & 7) + 3); }

  @Override
  public void run(Suite.Out out) {
    for (int a : EDGES) {
      out.add((long) neg(a));
      out.add((long) not(a));
      out.add((long) divBy7(a));
      out.add((long) divByMinus1(a));
      out.add((long) remBy8(a));
      out.add((long) remByMinus1(a));
      out.add((long) shlBy33(a));
      out.add((long) inc(a));
      for (int b : EDGES) {
        out.add((long) add(a, b));
        out.add((long) sub(a, b));
        out.add((long) mul(a, b));
        if (b != 0) {
          out.add((long) div(a, b));
          out.add((long) rem(a, b));
        }
        out.add((long) and(a, b));
        out.add((long) or(a, b));
        out.add((long) xor(a, b));
        out.add((long) shl(a, b));
        out.add((long) shr(a, b));
        out.add((long) ushr(a, b));
        out.add((long) mixed(a, b));
      }
    }
  }
}
