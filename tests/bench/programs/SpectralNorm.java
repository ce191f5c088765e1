/** The largest eigenvalue of an endless matrix that is given by a function. */
final class SpectralNorm implements Program {
  private static double element(int i, int j) {
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
  }

  private static void times(double[] v, double[] out) {
    for (int i = 0; i < v.length; i++) {
      double sum = 0;
      for (int j = 0; j < v.length; j++) sum += element(i, j) * v[j];
      out[i] = sum;
    }
  }

  private static void timesTransposed(double[] v, double[] out) {
    for (int i = 0; i < v.length; i++) {
      double sum = 0;
      for (int j = 0; j < v.length; j++) sum += element(j, i) * v[j];
      out[i] = sum;
    }
  }

  @Override
  public long run() {
    double[] u = new double[200], v = new double[u.length], t = new double[u.length];
    for (int i = 0; i < u.length; i++) u[i] = 1;
    for (int i = 0; i < 5; i++) {
      times(u, t);
      timesTransposed(t, v);
      times(v, t);
      timesTransposed(t, u);
    }
    double product = 0, square = 0;
    for (int i = 0; i < u.length; i++) {
      product += u[i] * v[i];
      square += v[i] * v[i];
    }
    return Double.doubleToLongBits(Math.sqrt(product / square));
  }
}
