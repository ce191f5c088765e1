/** Points of the Mandelbrot set: double arithmetic in a loop without a known number of turns. */
final class Mandelbrot implements Program {
  private static int inside(int size, int limit) {
    int inside = 0;
    for (int py = 0; py < size; py++) {
      for (int px = 0; px < size; px++) {
        double re = px * 3.0 / size - 2, im = py * 2.0 / size - 1, x = 0, y = 0;
        int i = 0;
        while (i < limit && x * x + y * y < 4) {
          double t = x * x - y * y + re;
          y = 2 * x * y + im;
          x = t;
          i++;
        }
        if (i == limit) inside++;
      }
    }
    return inside;
  }

  @Override
  public long run() {
    return inside(160, 200);
  }
}
