/** Loops over float and double arrays whose elements do not depend on each other. */
final class FloatKernels implements Program {
  private final float[] x = new float[20_011], y = new float[x.length];
  private final double[] u = new double[20_011], v = new double[u.length];

  private static void axpy(float factor, float[] x, float[] y) {
    for (int i = 0; i < x.length; i++) y[i] = factor * x[i] + y[i];
  }

  private static void polynomial(double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) y[i] = ((0.25 * x[i] - 1.5) * x[i] + 0.75) * x[i] + 2;
  }

  private static void roots(double[] x, double[] y) {
    for (int i = 0; i < x.length; i++) y[i] = Math.sqrt(Math.abs(x[i])) / (1 + y[i] * y[i]);
  }

  @Override
  public long run() {
    for (int i = 0; i < x.length; i++) {
      x[i] = (i & 255) * 0.25f;
      y[i] = 1;
      u[i] = i * 0.001 - 3;
    }
    for (int turn = 0; turn < 10; turn++) {
      axpy(0.5f, x, y);
      polynomial(u, v);
      roots(v, u);
    }
    return Float.floatToIntBits(y[1234]) * 31L + Double.doubleToLongBits(u[4321]);
  }
}
