package suite;

/** Numbers: Math, bit counting, conversions of bits, with every edge that a processor's instruction may treat otherwise. */
final class IntrinsicsMath implements Suite.Case {
  static final int[] INTS = {0, 1, -1, 2, -2, 31, 32, 33, 255, 256, -256, 65535, 65536, 0x12345678, 0x80000000, 0x7fffffff, 0x55555555, 0xaaaaaaaa, 46340, 46341, -46341};
  static final long[] LONGS = {0, 1, -1, 2, -2, 63, 64, 65, 1L << 31, 1L << 32, -(1L << 31), 0x123456789abcdef0L, Long.MIN_VALUE, Long.MAX_VALUE, 3037000499L, 3037000500L, -3037000500L, 0x5555555555555555L};
  static final float[] FLOATS = {0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, Float.intBitsToFloat(0x7fc12345), Float.intBitsToFloat(0xffc00001), 8388607.5f, -8388608.5f, 3.1415927f};
  static final double[] DOUBLES = {0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994, 4503599627370495.5, -4503599627370496.5, 9007199254740993.0,
    Double.MIN_VALUE, -Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE, -Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN,
    Double.longBitsToDouble(0x7ff8000000012345L), Double.longBitsToDouble(0xfff8000000000001L), Math.PI, Math.E, 1e10, 1e-10, 1e300, 710.0, -745.2, 0.7853981633974483, 123456.789};

  static int abs(int x) { return Math.abs(x); }
  static long abs(long x) { return Math.abs(x); }
  static float abs(float x) { return Math.abs(x); }
  static double abs(double x) { return Math.abs(x); }
  static int min(int a, int b) { return Math.min(a, b); }
  static int max(int a, int b) { return Math.max(a, b); }
  static long minMax(long a, long b) { return Math.min(a, b) * 31 + Math.max(a, b); }
  static float min(float a, float b) { return Math.min(a, b); }
  static float max(float a, float b) { return Math.max(a, b); }
  static double min(double a, double b) { return Math.min(a, b); }
  static double max(double a, double b) { return Math.max(a, b); }
  static double sqrt(double x) { return Math.sqrt(x); }
  static double floor(double x) { return Math.floor(x); }
  static double ceil(double x) { return Math.ceil(x); }
  static double rint(double x) { return Math.rint(x); }
  static double fma(double a, double b, double c) { return Math.fma(a, b, c); }
  static float fma(float a, float b, float c) { return Math.fma(a, b, c); }
  static double sin(double x) { return Math.sin(x); }
  static double cos(double x) { return Math.cos(x); }
  static double tan(double x) { return Math.tan(x); }
  static double exp(double x) { return Math.exp(x); }
  static double log(double x) { return Math.log(x); }
  static double log10(double x) { return Math.log10(x); }
  static double pow(double x, double y) { return Math.pow(x, y); }
  static double copySign(double x, double y) { return Math.copySign(x, y) + Math.signum(x); }
  static long multiplyHigh(long a, long b) { return Math.multiplyHigh(a, b); }
  static int addExact(int a, int b) { return Math.addExact(a, b); }
  static int subtractExact(int a, int b) { return Math.subtractExact(a, b); }
  static int multiplyExact(int a, int b) { return Math.multiplyExact(a, b); }
  static int unaryExact(int a) { return Math.incrementExact(a) ^ Math.decrementExact(a) ^ Math.negateExact(a); }
  static long addExact(long a, long b) { return Math.addExact(a, b); }
  static long subtractExact(long a, long b) { return Math.subtractExact(a, b); }
  static long multiplyExact(long a, long b) { return Math.multiplyExact(a, b); }
  static long unaryExact(long a) { return Math.incrementExact(a) ^ Math.decrementExact(a) ^ Math.negateExact(a); }
  static int bits(int x) { return Integer.bitCount(x) | Integer.numberOfLeadingZeros(x) << 8 | Integer.numberOfTrailingZeros(x) << 16; }
  static int bits(long x) { return Long.bitCount(x) | Long.numberOfLeadingZeros(x) << 8 | Long.numberOfTrailingZeros(x) << 16; }
  static int reversed(int x) { return Integer.reverseBytes(x) ^ Character.reverseBytes((char) x) * 3 ^ Short.reverseBytes((short) x) * 5 ^ Integer.reverse(x); }
  static long reversed(long x) { return Long.reverseBytes(x) ^ Long.reverse(x); }
  static int turned(int x, int by) { return Integer.rotateLeft(x, by) ^ Integer.rotateRight(x, by >> 1) ^ Integer.compareUnsigned(x, by); }
  static long turned(long x, int by) { return Long.rotateLeft(x, by) ^ Long.rotateRight(x, by >> 1) ^ Long.compareUnsigned(x, by); }
  static int unsigned(int a, int b) { return Integer.divideUnsigned(a, b) ^ Integer.remainderUnsigned(a, b); }
  static long unsigned(long a, long b) { return Long.divideUnsigned(a, b) ^ Long.remainderUnsigned(a, b); }
  static int raw(float x) { return Float.floatToRawIntBits(x); }
  static int canonical(float x) { return Float.floatToIntBits(x); }
  static long raw(double x) { return Double.doubleToRawLongBits(x); }
  static long canonical(double x) { return Double.doubleToLongBits(x); }
  static float toFloat(int x) { return Float.intBitsToFloat(x); }
  static double toDouble(long x) { return Double.longBitsToDouble(x); }

  /** Overflows inside a loop with a handler: the throwing call is not the end of the compiled code. */
  static int sumExact(int[] a) {
    int sum = 0, overflows = 0;
    for (int x : a) {
      try { sum = Math.addExact(sum, x); } catch (ArithmeticException e) { overflows++; sum = x; }
    }
    return sum * 31 + overflows;
  }
  static int largest(int[] a) { int m = Integer.MIN_VALUE; for (int i = 0; i < a.length; i++) m = Math.max(m, a[i]); return m; }
  static double smallest(double[] a) { double m = Double.POSITIVE_INFINITY; for (double x : a) m = Math.min(m, x); return m; }
  static double norm(double[] a) { double s = 0; for (double x : a) s += Math.sqrt(Math.abs(x)); return s; }

  interface Throwing { long get(); }
  static void exact(Suite.Out out, String what, Throwing t) {
    try { out.add(t.get()); } catch (ArithmeticException e) { out.add(what); out.add(e.getMessage()); }
  }

  @Override
  public int rounds() { return Math.min(12, Suite.Case.super.rounds()); }

  @Override
  public void run(Suite.Out out) {
    for (int a : INTS) {
      out.add((long) abs(a)); out.add((long) bits(a)); out.add((long) reversed(a)); out.add((long) raw(toFloat(a)));
      exact(out, "unary", () -> unaryExact(a));
      for (int b : INTS) {
        out.add((long) min(a, b)); out.add((long) max(a, b)); out.add((long) turned(a, b));
        if (b != 0) out.add((long) unsigned(a, b));
        exact(out, "+", () -> addExact(a, b)); exact(out, "-", () -> subtractExact(a, b)); exact(out, "*", () -> multiplyExact(a, b));
      }
    }
    for (long a : LONGS) {
      out.add(abs(a)); out.add((long) bits(a)); out.add(reversed(a)); out.add(raw(toDouble(a)));
      exact(out, "unary", () -> unaryExact(a));
      for (long b : LONGS) {
        out.add(minMax(a, b)); out.add(turned(a, (int) b)); out.add(multiplyHigh(a, b));
        if (b != 0) out.add(unsigned(a, b));
        exact(out, "+", () -> addExact(a, b)); exact(out, "-", () -> subtractExact(a, b)); exact(out, "*", () -> multiplyExact(a, b));
      }
    }
    for (float a : FLOATS) {
      out.add((long) raw(abs(a))); out.add((long) raw(a)); out.add((long) canonical(a));
      for (float b : FLOATS) { out.add((long) raw(min(a, b))); out.add((long) raw(max(a, b))); out.add((long) canonical(fma(a, b, 0.1f))); }
    }
    for (double a : DOUBLES) {
      out.add(abs(a)); out.add(raw(a)); out.add(canonical(a)); out.add(canonical(sqrt(a)));
      out.add(raw(abs(a))); out.add(raw(floor(a))); out.add(raw(ceil(a))); out.add(raw(rint(a)));
      out.add(canonical(sin(a))); out.add(canonical(cos(a))); out.add(canonical(tan(a)));
      out.add(canonical(exp(a))); out.add(canonical(log(a))); out.add(canonical(log10(a)));
      for (double b : DOUBLES) {
        out.add(raw(min(a, b))); out.add(raw(max(a, b))); out.add(canonical(pow(a, b))); out.add(canonical(fma(a, b, 0.1))); out.add(raw(copySign(a, b)));
      }
    }
    out.add((long) sumExact(INTS)); out.add((long) largest(INTS)); out.add(smallest(new double[] {3, 1, 2})); out.add(canonical(smallest(DOUBLES))); out.add(canonical(norm(DOUBLES)));
    try { unsigned(1, 0); } catch (ArithmeticException e) { out.thrown("by zero", e); }
    try { addExact(Integer.MAX_VALUE, 1); } catch (ArithmeticException e) { out.thrown("add", e); }
    try { multiplyExact(Long.MIN_VALUE, -1L); } catch (ArithmeticException e) { out.thrown("multiply", e); }
  }
}
