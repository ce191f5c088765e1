/** The product of two matrices of doubles, by rows. */
final class MatrixMultiply implements Program {
  private static final int SIZE = 120;
  private final double[][] a = new double[SIZE][SIZE], b = new double[SIZE][SIZE], c = new double[SIZE][SIZE];

  MatrixMultiply() {
    for (int i = 0; i < SIZE; i++) {
      for (int j = 0; j < SIZE; j++) {
        a[i][j] = i - j * 0.5;
        b[i][j] = (i ^ j) * 0.25;
      }
    }
  }

  private static void multiply(double[][] a, double[][] b, double[][] c) {
    for (int i = 0; i < a.length; i++) {
      double[] row = c[i];
      for (int j = 0; j < row.length; j++) row[j] = 0;
      for (int k = 0; k < b.length; k++) {
        double factor = a[i][k];
        double[] other = b[k];
        for (int j = 0; j < row.length; j++) row[j] += factor * other[j];
      }
    }
  }

  @Override
  public long run() {
    multiply(a, b, c);
    return Double.doubleToLongBits(c[17][71]) ^ Double.doubleToLongBits(c[SIZE - 1][3]);
  }
}
