/** Numbers sorted by a quicksort and a shell sort of our own. */
final class Quicksort implements Program {
  private final int[] numbers = new int[40_000];

  Quicksort() {
    Numbers source = new Numbers(5);
    for (int i = 0; i < numbers.length; i++) numbers[i] = source.next();
  }

  private static void quick(int[] a, int low, int high) {
    while (high - low > 12) {
      int pivot = a[low + high >>> 1], i = low, j = high;
      while (i <= j) {
        while (a[i] < pivot) i++;
        while (a[j] > pivot) j--;
        if (i <= j) {
          int t = a[i];
          a[i++] = a[j];
          a[j--] = t;
        }
      }
      if (j - low < high - i) {
        quick(a, low, j);
        low = i;
      } else {
        quick(a, i, high);
        high = j;
      }
    }
    for (int i = low + 1; i <= high; i++) {
      int value = a[i], j = i;
      for (; j > low && a[j - 1] > value; j--) a[j] = a[j - 1];
      a[j] = value;
    }
  }

  private static void shell(int[] a) {
    for (int gap = a.length / 2; gap > 0; gap = gap == 2 ? 1 : (int) (gap / 2.2)) {
      for (int i = gap; i < a.length; i++) {
        int value = a[i], j = i;
        for (; j >= gap && a[j - gap] > value; j -= gap) a[j] = a[j - gap];
        a[j] = value;
      }
    }
  }

  @Override
  public long run() {
    int[] a = numbers.clone(), b = numbers.clone();
    quick(a, 0, a.length - 1);
    shell(b);
    long hash = 0;
    for (int i = 0; i < a.length; i++) hash = hash * 31 + a[i] * 3L - b[i];
    return hash;
  }
}
