/** A 3 x 3 filter over a grey picture, in integers. */
final class Convolution implements Program {
  private static final int WIDTH = 400, HEIGHT = 300;
  private final int[] picture = new int[WIDTH * HEIGHT], filtered = new int[picture.length];

  Convolution() {
    Numbers numbers = new Numbers(2);
    for (int i = 0; i < picture.length; i++) picture[i] = numbers.below(256);
  }

  private static void filter(int[] from, int[] to) {
    for (int y = 1; y < HEIGHT - 1; y++) {
      int row = y * WIDTH;
      for (int x = 1; x < WIDTH - 1; x++) {
        int i = row + x;
        to[i] = (from[i - WIDTH - 1] + 2 * from[i - WIDTH] + from[i - WIDTH + 1]
            + 2 * from[i - 1] + 4 * from[i] + 2 * from[i + 1]
            + from[i + WIDTH - 1] + 2 * from[i + WIDTH] + from[i + WIDTH + 1]) >> 4;
      }
    }
  }

  @Override
  public long run() {
    filter(picture, filtered);
    long sum = 0;
    for (int value : filtered) sum += value;
    return sum;
  }
}
