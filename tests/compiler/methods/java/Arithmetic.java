/** Every arithmetic bytecode, every conversion and comparison; arguments are edge values. */
class Arithmetic {
  static int iadd(int a, int b) { return a + b; }
  static int isub(int a, int b) { return a - b; }
  static int imul(int a, int b) { return a * b; }
  static int idiv(int a, int b) { return a / b; }
  static int irem(int a, int b) { return a % b; }
  static int idivBy7(int a) { return a / 7 + a % 10 - a / -8; }
  static int ineg(int a) { return -a; }
  static int ishl(int a, int b) { return a << b; }
  static int ishr(int a, int b) { return a >> b; }
  static int iushr(int a, int b) { return a >>> b; }
  static int logic(int a, int b, int c) { return (a & b) | (b ^ ~c); }
  static int iinc(int a) { a += 5; a -= 127; a += 30000; a -= 30001; return a; }
  static long ladd(long a, long b) { return a + b; }
  static long lsub(long a, long b) { return a - b; }
  static long lmul(long a, long b) { return a * b; }
  static long ldiv(long a, long b) { return a / b; }
  static long lrem(long a, long b) { return a % b; }
  static long lneg(long a) { return -a; }
  static long lshl(long a, int b) { return a << b; }
  static long lshr(long a, int b) { return a >> b; }
  static long lushr(long a, int b) { return a >>> b; }
  static long llogic(long a, long b, long c) { return (a & b) | (b ^ ~c); }
  static float fadd(float a, float b) { return a + b; }
  static float fsub(float a, float b) { return a - b; }
  static float fmul(float a, float b) { return a * b; }
  static float fdiv(float a, float b) { return a / b; }
  static float frem(float a, float b) { return a % b; }
  static float fneg(float a) { return -a; }
  static float fmuladd(float a, float b, float c) { return a * b + c; }
  static double dadd(double a, double b) { return a + b; }
  static double dsub(double a, double b) { return a - b; }
  static double dmul(double a, double b) { return a * b; }
  static double ddiv(double a, double b) { return a / b; }
  static double drem(double a, double b) { return a % b; }
  static double dneg(double a) { return -a; }
  static double dmuladd(double a, double b, double c) { return a * b + c; }
  static double identities(double a) { return (a + 0.0) - (a - 0.0) + (0.0 - a) + a * 1.0 + a / 2.0; }
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
  static boolean odd(int a) { return (a & 1) != 0; }
  static int lcmp(long a, long b) { return a < b ? -1 : a > b ? 1 : a == b ? 0 : 7; }
  static int fless(float a, float b) { return (a < b ? 1 : 0) | (a <= b ? 2 : 0) | (a > b ? 4 : 0) | (a >= b ? 8 : 0) | (a == b ? 16 : 0) | (a != b ? 32 : 0); }
  static int dless(double a, double b) { return (a < b ? 1 : 0) | (a <= b ? 2 : 0) | (a > b ? 4 : 0) | (a >= b ? 8 : 0) | (a == b ? 16 : 0) | (a != b ? 32 : 0); }
  static int notLess(double a, double b) { if (!(a < b)) return 1; if (!(a >= b)) return 2; return 3; }
  static int compare(int a, int b) { return (a < b ? 1 : 0) | (a <= b ? 2 : 0) | (a > b ? 4 : 0) | (a >= b ? 8 : 0) | (a == b ? 16 : 0) | (a != b ? 32 : 0); }
  static int zero(int a) { return (a < 0 ? 1 : 0) | (a <= 0 ? 2 : 0) | (a > 0 ? 4 : 0) | (a >= 0 ? 8 : 0) | (a == 0 ? 16 : 0) | (a != 0 ? 32 : 0); }
  static long mixed(int a, long b, float c, double d) { return a + b + (long) c + (long) d; }
  static double manyFloats(double a, float b, double c, float d, double e, float f, double g, float h, double i, float j) { return a + b - c + d - e + f - g + h - i + j; }
  static long manyInts(int a, long b, int c, long d, int e, long f, int g, long h, int i) { return a + 3 * b + 5 * c + 7 * d + 11 * e + 13 * f + 17 * g + 19 * h + 23 * i; }
  static float constants(float a) { return a * 3.25f + 1.5f - 0.0f; }
  static double dconstants(double a) { return a * 1e300 + 0.1 - Double.MIN_VALUE; }
  static long lconstants(long a) { return a * 0x123456789abcdefL + 0x7fffffffffffffffL; }
}
