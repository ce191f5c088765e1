/** A fast Fourier transform in place, there and back. */
final class Fourier implements Program {
  private static final int SIZE = 1 << 12;
  private final double[] cosines = new double[SIZE / 2], sines = new double[SIZE / 2];

  Fourier() {
    for (int i = 0; i < SIZE / 2; i++) {
      cosines[i] = StrictMath.cos(2 * Math.PI * i / SIZE);
      sines[i] = StrictMath.sin(2 * Math.PI * i / SIZE);
    }
  }

  private void transform(double[] re, double[] im, double direction) {
    for (int i = 1, j = 0; i < SIZE; i++) {
      int bit = SIZE >> 1;
      for (; (j & bit) != 0; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        double t = re[i];
        re[i] = re[j];
        re[j] = t;
        t = im[i];
        im[i] = im[j];
        im[j] = t;
      }
    }
    for (int length = 2; length <= SIZE; length <<= 1) {
      int half = length >> 1, step = SIZE / length;
      for (int start = 0; start < SIZE; start += length) {
        for (int k = 0; k < half; k++) {
          double c = cosines[k * step], s = direction * sines[k * step];
          int even = start + k, odd = even + half;
          double x = re[odd] * c - im[odd] * s, y = re[odd] * s + im[odd] * c;
          re[odd] = re[even] - x;
          im[odd] = im[even] - y;
          re[even] += x;
          im[even] += y;
        }
      }
    }
  }

  @Override
  public long run() {
    double[] re = new double[SIZE], im = new double[SIZE];
    for (int i = 0; i < SIZE; i++) re[i] = (i * i * 37 & 1023) - 100 + (i >> 5);
    transform(re, im, -1);
    long hash = Double.doubleToLongBits(re[5] + im[77]);
    transform(re, im, 1);
    return hash * 31 + Math.round(re[99] / SIZE);
  }
}
