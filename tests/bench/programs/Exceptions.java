/** Exceptions as control flow: thrown near and far, made new and kept, finally, the VM's own. */
final class Exceptions implements Program {
  private static final class NotFound extends RuntimeException {
    private static final long serialVersionUID = 1;
    final int code;

    NotFound(int code) {
      super(null, null, false, false);
      this.code = code;
    }
  }

  private static final NotFound KEPT = new NotFound(5);
  private int finals;

  private int find(int depth, int key) {
    if (depth == 0) {
      if (key % 4 == 0) throw new NotFound(key);
      if (key % 4 == 1) throw KEPT;
      return key;
    }
    try {
      return find(depth - 1, key) + 1;
    } finally {
      finals += depth;
    }
  }

  private static int parse(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -text.length();
    }
  }

  private static int implicit(int[] a, Object o, int i) {
    try {
      return a[i] / (i & 7) + ((Integer) o);
    } catch (ArrayIndexOutOfBoundsException e) {
      return 1;
    } catch (ArithmeticException e) {
      return 2;
    } catch (ClassCastException | NullPointerException e) {
      return 3;
    }
  }

  @Override
  public long run() {
    finals = 0;
    long sum = 0;
    for (int i = 0; i < 4_000; i++) {
      try {
        sum = sum * 31 + find(i % 6, i);
      } catch (NotFound e) {
        sum = sum * 31 + e.code;
      }
    }
    String[] texts = {"12", "x1", "-7", "", "99999999999", "55"};
    for (int i = 0; i < 600; i++) sum = sum * 31 + parse(texts[i % texts.length]);
    int[] a = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    Object[] objects = {1, "no", null, 4};
    for (int i = 0; i < 6_000; i++) sum = sum * 31 + implicit(a, objects[i & 3], i % 12);
    return sum * 31 + finals;
  }
}
