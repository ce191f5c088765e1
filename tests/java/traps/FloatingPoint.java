package traps;

import static traps.Trap.HOT;

/** Zeros with signs, NaNs, infinities, denormals, and the algebra that they break. */
final class FloatingPoint {
  static double zeroPlus(double x) { return x + 0.0; }
  /** x + 0.0 is not x: it makes -0.0 positive. */
  static void zeroPlus(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((double) i, zeroPlus(i));
    t.same(0.0, zeroPlus(-0.0));
  }

  static double zeroMinus(double x) { return 0.0 - x; }
  /** 0.0 - x is not -x for x = 0.0. */
  static void zeroMinus(Trap t) {
    for (int i = 1; i < HOT; i++) t.same((double) -i, zeroMinus(i));
    t.same(0.0, zeroMinus(0.0));
    t.same(0.0, zeroMinus(-0.0));
  }

  static double negated(double x, float y) { return -x + -y; }
  /** Negation flips the sign of zeros and of infinities. */
  static void negated(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(negated(i, i));
    t.same(-0.0, negated(0.0, 0.0f));
    t.same(Double.NaN, negated(Double.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
  }

  static double timesZero(double x) { return x * 0.0; }
  /** x * 0.0 is not 0.0: signs, infinities and NaN. */
  static void timesZero(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0.0, timesZero(i));
    t.same(-0.0, timesZero(-1));
    t.same(Double.NaN, timesZero(Double.NEGATIVE_INFINITY));
    t.same(Double.NaN, timesZero(Double.NaN));
  }

  static boolean equalsItself(double x, float y) { return x == x && y == y; }
  /** x == x is false for NaN. */
  static void equalsItself(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(true, equalsItself(i, i));
    t.same(false, equalsItself(Double.NaN, 1));
    t.same(false, equalsItself(1, Float.NaN));
  }

  static double minusItself(double x) { return x - x; }
  /** x - x is not 0 for infinities and NaN. */
  static void minusItself(Trap t) {
    for (int i = 0; i < HOT; i++) t.same(0.0, minusItself(i * 0.1));
    t.same(Double.NaN, minusItself(Double.POSITIVE_INFINITY));
    t.same(Double.NaN, minusItself(Double.NaN));
  }

  static int negatedComparisons(double a, double b) { return (a < b ? 1 : 0) + (!(a < b) ? 2 : 0) + (a >= b ? 4 : 0) + (!(a >= b) ? 8 : 0) + (a == b ? 16 : 0) + (a != b ? 32 : 0) + (!(a > b) ? 64 : 0) + (!(a <= b) ? 128 : 0); }
  /** !(a < b) is not a >= b when one is NaN. */
  static void negatedComparisons(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(negatedComparisons(i, 60));
    t.same(2 + 8 + 32 + 64 + 128, negatedComparisons(Double.NaN, 1));
    t.same(2 + 8 + 32 + 64 + 128, negatedComparisons(1, Double.NaN));
    t.same(2 + 4 + 16 + 64, negatedComparisons(-0.0, 0.0));
  }

  static int floatComparisons(float a, float b) { int s = 0; if (a < b) s |= 1; else if (a > b) s |= 2; else if (a == b) s |= 4; else s |= 8; return s; }
  /** A chain of float comparisons falls through for NaN. */
  static void floatComparisons(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(floatComparisons(i, 60));
    t.same(8, floatComparisons(Float.NaN, 0));
    t.same(4, floatComparisons(-0.0f, 0.0f));
  }

  static double minMaxOfZeros(double a, double b) { return Math.min(a, b) * 3 + 1 / Math.max(a, b); }
  /** min and max order the zeros, and hand NaN on. */
  static void minMaxOfZeros(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(minMaxOfZeros(i, 60));
    t.same(Double.POSITIVE_INFINITY, minMaxOfZeros(-0.0, 0.0));
    t.same(Double.NEGATIVE_INFINITY, minMaxOfZeros(-0.0, -0.0));
    t.same(Double.NaN, minMaxOfZeros(1, Double.NaN));
  }

  static float floatMinMax(float[] a) { float lo = Float.POSITIVE_INFINITY, hi = Float.NEGATIVE_INFINITY; for (float x : a) { lo = Math.min(lo, x); hi = Math.max(hi, x); } return lo + hi * 3; }
  /** A reduction by min and max meets NaN and -0.0. */
  static void floatMinMax(Trap t) {
    float[] a = new float[33];
    for (int i = 0; i < HOT; i++) { a[i % 33] = i * 0.5f - 20; t.add(floatMinMax(a)); }
    a[17] = Float.NaN;
    t.same(Float.NaN, floatMinMax(a));
    t.same(1 / -0.0f, 1 / floatMinMax(new float[] {-0.0f, -0.0f}));
  }

  static double ternaryMin(double a, double b) { return a < b ? a : b; }
  /** a < b ? a : b is not Math.min. */
  static void ternaryMin(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(ternaryMin(i, 60));
    t.same(1.0, ternaryMin(Double.NaN, 1));
    t.same(Double.NaN, ternaryMin(1, Double.NaN));
    t.same(-0.0, ternaryMin(0.0, -0.0));
  }

  static double sumInOrder(double[] a) { double s = 0; for (double x : a) s += x; return s; }
  /** A sum must not be reassociated. */
  static void sumInOrder(Trap t) {
    double[] a = new double[40];
    for (int i = 0; i < 40; i++) a[i] = 1e16 / (i * 3 + 1) * ((i & 1) == 0 ? 1 : -1.5);
    for (int i = 0; i < HOT; i++) t.add(sumInOrder(a));
    t.same(0.0, sumInOrder(new double[] {1e20, 1, -1e20}));
    t.same(1.0, sumInOrder(new double[] {1e20, -1e20, 1}));
  }

  static double productThenSum(double a, double b, double c) { return a * b + c; }
  /** a * b + c is rounded twice: no fused operation. */
  static void productThenSum(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(productThenSum(i, 0.1, -i));
    double x = 1 + Math.ulp(1.0);
    t.same(0.0, productThenSum(x, x, -(x * x)));
  }

  static double fused(double a, double b, double c) { return Math.fma(a, b, c) + Math.fma((float) a, (float) b, (float) c); }
  /** Math.fma is rounded once. */
  static void fused(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(fused(i, 0.1, -i));
    double x = 1 + Math.ulp(1.0);
    t.same(Math.ulp(1.0) * Math.ulp(1.0), fused(x, x, -(x * x)));
  }

  static double remainders(double a, double b) { return a % b + (float) a % (float) b; }
  /** The remainder of floating-point numbers has its own rules for signs, infinities and zero. */
  static void remainders(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(remainders(i * 1.7, 3.1));
    t.same(-3.0, remainders(-5.5, 2) * 1);
    t.same(Double.NaN, remainders(1, 0));
    t.same(Double.NaN, remainders(Double.POSITIVE_INFINITY, 2));
    t.same(6.0, remainders(3, Double.POSITIVE_INFINITY));
    t.same(-0.0, remainders(-4, 2));
  }

  static double byConstant(double x) { return x / 3.0 + x / 8.0 + x / 1e-310; }
  /** Division by a constant is a multiplication only for powers of two. */
  static void byConstant(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(byConstant(i * 0.37));
    t.same(Double.POSITIVE_INFINITY, byConstant(10));
    t.same(5e-324 / 8.0 + 5e-324 / 1e-310, byConstant(5e-324));
  }

  static double denormals(double x) { double y = x; for (int i = 0; i < 60; i++) y = y * 0.5; return y * 0x1p60; }
  /** Denormals are neither flushed to zero nor rounded twice. */
  static void denormals(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(denormals(i * 1e-300 * 1e-10));
    t.same(0x1p-1014, denormals(0x1p-1014 + 0x1p-1066));
    t.same(0.0, denormals(Double.MIN_VALUE));
  }

  static float floatRounding(float a, float b) { return a * b / b; }
  /** Every float operation is rounded to float. */
  static void floatRounding(Trap t) {
    for (int i = 1; i < HOT; i++) t.add(floatRounding(0.1f * i, 0.3f));
    t.same(Float.POSITIVE_INFINITY, floatRounding(1e30f, 1e30f));
    t.same(50331648f, floatRounding(16777217, 3) * 3);
  }

  static double viaFloat(double x) { return (float) x; }
  /** double to float and back loses bits, overflows to infinity, and keeps NaN. */
  static void viaFloat(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(viaFloat(i * 0.1));
    t.same(Double.POSITIVE_INFINITY, viaFloat(1e39));
    t.same(-0.0, viaFloat(-1e-60));
    t.same(Double.NaN, viaFloat(Double.NaN));
  }

  static double squareRoots(double x) { return Math.sqrt(x) + (float) Math.sqrt((float) x); }
  /** The root of a negative number is NaN, of -0.0 it is -0.0. */
  static void squareRoots(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(squareRoots(i));
    t.same(Double.NaN, squareRoots(-1));
    t.same(-0.0, squareRoots(-0.0));
    t.same(Double.POSITIVE_INFINITY, squareRoots(Double.POSITIVE_INFINITY));
  }

  static double roundingFunctions(double x) { return Math.floor(x) + 10 * Math.ceil(x) + 100 * Math.rint(x); }
  /** floor, ceil and rint: halves to even, signs of zeros, large numbers. */
  static void roundingFunctions(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(roundingFunctions(i * 0.25 - 15));
    t.same(2 + 30 + 200.0, roundingFunctions(2.5));
    t.same(-0.0, Math.ceil(-0.5) + roundingFunctions(-0.0));
    t.same(111e300, roundingFunctions(1e300));
  }

  static long rounded(double x, float y) { return Math.round(x) * 1000 + Math.round(y); }
  /** Math.round of halves, of NaN, beyond the range. */
  static void rounded(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(rounded(i * 0.25 - 15, i * 0.3f));
    t.same(3000 - 2, rounded(2.5, -2.5f));
    t.same(0, rounded(Double.NaN, Float.NaN));
    t.same(Long.MAX_VALUE * 1000 + Integer.MIN_VALUE, rounded(1e30, -1e30f));
    t.same(0, rounded(0.49999999999999994, 0.49999997f));
  }

  static double absolutes(double x, float y) { return Math.abs(x) + Math.abs(y); }
  /** abs clears the sign of zeros. */
  static void absolutes(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(absolutes(-i, i - 60));
    t.same(Double.POSITIVE_INFINITY, 1 / absolutes(-0.0, -0.0f));
  }

  static double copiedSigns(double a, double b) { return Math.copySign(a, b) + Math.signum(b) * 100 + Math.ulp(a) + Math.getExponent(a); }
  /** copySign, signum, ulp and getExponent at their special values. */
  static void copiedSigns(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(copiedSigns(i, 60 - i));
    t.same(-3 - 0.0 + Math.ulp(3.0) + 1, copiedSigns(3, -0.0));
    t.add(copiedSigns(Double.NaN, 1));
    t.add(copiedSigns(0, -5));
  }

  static long bitsOfNaN(double x, float y) { return Double.doubleToLongBits(x) ^ Float.floatToIntBits(y); }
  /** doubleToLongBits collapses all NaNs, doubleToRawLongBits keeps them. */
  static void bitsOfNaN(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(bitsOfNaN(i, i * 0.1f));
    t.same(0x7ff8000000000000L ^ 0x7fc00000, bitsOfNaN(Double.longBitsToDouble(0xfff1234567890abcL), Float.intBitsToFloat(0xffc12345)));
  }

  static long rawBits(long x, int y) { return Double.doubleToRawLongBits(Double.longBitsToDouble(x)) ^ Float.floatToRawIntBits(Float.intBitsToFloat(y)); }
  /** Quiet NaNs keep their bits when they are only moved. */
  static void rawBits(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(rawBits(i * 1000000007L, i));
    t.same(0x7ff8000000000123L ^ 0x7fc00123, rawBits(0x7ff8000000000123L, 0x7fc00123));
  }

  static double infinitePower(double x, double y) { return Math.pow(x, y); }
  /** pow at its corners: 0, 1, infinities, squares, NaN. */
  static void infinitePower(Trap t) {
    for (int i = 0; i < HOT; i++) t.same((double) i * i, infinitePower(i, 2));
    t.same(1.0, infinitePower(Double.NaN, 0));
    t.same(Double.NaN, infinitePower(1, Double.POSITIVE_INFINITY));
    t.same(Double.NEGATIVE_INFINITY, infinitePower(-0.0, -1));
    t.same(Double.NaN, infinitePower(-8, 1.0 / 3));
  }

  static double loopCountedByDouble(double step) { double s = 0; int n = 0; for (double x = 0; x != 1 && n < 1000; x += step) { s += x; n++; } return s + n; }
  /** A loop over doubles stops by != only where sums are exact. */
  static void loopCountedByDouble(Trap t) {
    for (int i = 0; i < HOT; i++) t.add(loopCountedByDouble(0.125));
    t.same(1.5 + 4, loopCountedByDouble(0.25));
    t.add(loopCountedByDouble(0.1));
    t.add(loopCountedByDouble(Double.NaN));
  }
}
