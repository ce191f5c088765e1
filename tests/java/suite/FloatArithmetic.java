package suite;

/** float and double arithmetic: NaN, signed zeros, infinities, subnormals, remainder, no contraction. */
final class FloatArithmetic implements Suite.Case {
  static final double[] D = {
    0.0, -0.0, 1.0, -1.0, 0.1, -0.1, 2.5, 3.0, 1e300, -1e300, 1e-300, Double.MIN_VALUE, -Double.MIN_VALUE, Double.MIN_NORMAL,
    Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, Math.PI, 1.0 / 3, 4503599627370497.5, 9007199254740993.0
  };
  static final float[] F = {
    0f, -0f, 1f, -1f, 0.1f, 2.5f, 3f, 1e30f, -1e30f, 1e-30f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE,
    Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, (float) Math.PI, 1f / 3, 16777217f
  };

  static double add(double a, double b) { return a + b; }
  static double sub(double a, double b) { return a - b; }
  static double mul(double a, double b) { return a * b; }
  static double div(double a, double b) { return a / b; }
  static double rem(double a, double b) { return a % b; }
  static double neg(double a) { return -a; }
  static double multiplyAdd(double a, double b, double c) { return a * b + c; }
  static double sum(double[] a) { double s = 0; for (int i = 0; i < a.length; i++) s += a[i]; return s; }
  static double dot(double[] a, double[] b) { double s = 0; for (int i = 0; i < a.length; i++) s += a[i] * b[i]; return s; }
  static float add(float a, float b) { return a + b; }
  static float sub(float a, float b) { return a - b; }
  static float mul(float a, float b) { return a * b; }
  static float div(float a, float b) { return a / b; }
  static float rem(float a, float b) { return a % b; }
  static float neg(float a) { return -a; }
  static float multiplyAdd(float a, float b, float c) { return a * b + c; }
  static void saxpy(float a, float[] x, float[] y) { for (int i = 0; i < x.length; i++) y[i] = a * x[i] + y[i]; }
  static double polynomial(double x) { return ((2.0 * x - 3.5) * x + 0.25) * x - 1.0; }
  static double constants(int i) { return i == 0 ? 0.0 : i == 1 ? 1.0 : i == 2 ? -0.0 : i == 3 ? 3.14 : Double.NaN; }
  static float constantsF(int i) { return i == 0 ? 0f : i == 1 ? 1f : i == 2 ? 2f : i == 3 ? -0f : 1.5e-40f; }

  /** NaN payloads are not specified; fold them. */
  static double canonical(double d) { return d != d ? Double.NaN : d; }
  static float canonical(float f) { return f != f ? Float.NaN : f; }

  @Override
  public void run(Suite.Out out) {
    for (double a : D) {
      out.add(canonical(neg(a)));
      out.add(canonical(polynomial(a)));
      for (double b : D) {
        out.add(canonical(add(a, b)));
        out.add(canonical(sub(a, b)));
        out.add(canonical(mul(a, b)));
        out.add(canonical(div(a, b)));
        out.add(canonical(rem(a, b)));
        out.add(canonical(multiplyAdd(a, b, 1e-17)));
        out.add(canonical(multiplyAdd(a, b, -a * b)));
      }
    }
    for (float a : F) {
      out.add(canonical(neg(a)));
      for (float b : F) {
        out.add(canonical(add(a, b)));
        out.add(canonical(sub(a, b)));
        out.add(canonical(mul(a, b)));
        out.add(canonical(div(a, b)));
        out.add(canonical(rem(a, b)));
        out.add(canonical(multiplyAdd(a, b, -a * b)));
      }
    }
    double[] x = new double[257], y = new double[257];
    float[] u = new float[1003], v = new float[1003];
    for (int i = 0; i < x.length; i++) { x[i] = 1.0 / (i + 1); y[i] = i * 0.1 - 7; }
    for (int i = 0; i < u.length; i++) { u[i] = i * 0.37f; v[i] = 1f / (i + 1); }
    out.add(sum(x));
    out.add(dot(x, y));
    saxpy(1.1f, u, v);
    float s = 0;
    for (float f : v) s += f;
    out.add(s);
    for (int i = 0; i < 5; i++) { out.add(canonical(constants(i))); out.add(constantsF(i)); }
  }
}
