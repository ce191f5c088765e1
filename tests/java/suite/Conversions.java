package suite;

/** i2l .. d2f, i2b, i2c, i2s: saturation, NaN, rounding, narrowing. */
final class Conversions implements Suite.Case {
  static long i2l(int a) { return a; }
  static float i2f(int a) { return a; }
  static double i2d(int a) { return a; }
  static int l2i(long a) { return (int) a; }
  static float l2f(long a) { return a; }
  static double l2d(long a) { return a; }
  static int f2i(float a) { return (int) a; }
  static long f2l(float a) { return (long) a; }
  static double f2d(float a) { return a; }
  static int d2i(double a) { return (int) a; }
  static long d2l(double a) { return (long) a; }
  static float d2f(double a) { return (float) a; }
  static byte i2b(int a) { return (byte) a; }
  static char i2c(int a) { return (char) a; }
  static short i2s(int a) { return (short) a; }
  static byte d2b(double a) { return (byte) a; }
  static boolean odd(int a) { return (a & 1) != 0; }
  static int chain(double d) { return (short) (char) (byte) (long) (float) d; }

  static final double[] EDGES = {
    0.5, -0.5, 0.9999999, 1.5, 2.5, -1.5, 2147483647.0, 2147483647.5, 2147483648.0, -2147483648.0, -2147483648.9, -2147483649.0, 4294967296.0,
    9.223372036854775E18, 9.223372036854776E18, -9.223372036854776E18, -9.3E18, 1e19, 1e40, -1e40, 3.4028235677973366E38, 1.401298464324817E-45, 7e-46
  };

  @Override
  public void run(Suite.Out out) {
    for (int a : IntArithmetic.EDGES) {
      out.add(i2l(a));
      out.add(i2f(a));
      out.add(i2d(a));
      out.add((long) i2b(a));
      out.add((long) i2c(a));
      out.add((long) i2s(a));
      out.add(odd(a));
    }
    for (long a : LongArithmetic.EDGES) {
      out.add((long) l2i(a));
      out.add(l2f(a));
      out.add(l2d(a));
    }
    for (double[] set : new double[][] {EDGES, FloatArithmetic.D}) {
      for (double d : set) {
        out.add((long) d2i(d));
        out.add(d2l(d));
        out.add(FloatArithmetic.canonical(d2f(d)));
        out.add((long) d2b(d));
        out.add((long) chain(d));
        float f = (float) d;
        out.add((long) f2i(f));
        out.add(f2l(f));
        out.add(FloatArithmetic.canonical(f2d(f)));
      }
    }
  }
}
