/** Pancakes: every permutation is flipped until its first element is 0. */
final class Fannkuch implements Program {
  private static long fannkuch(int n) {
    int[] permutation = new int[n], flipped = new int[n], count = new int[n];
    for (int i = 0; i < n; i++) permutation[i] = i;
    int most = 0, checksum = 0, index = 0, rest = n;
    while (true) {
      for (; rest != 1; rest--) count[rest - 1] = rest;
      if (permutation[0] != 0) {
        for (int i = 0; i < n; i++) flipped[i] = permutation[i];
        int flips = 0;
        for (int first = flipped[0]; first != 0; first = flipped[0]) {
          for (int low = 0, high = first; low < high; low++, high--) {
            int t = flipped[low];
            flipped[low] = flipped[high];
            flipped[high] = t;
          }
          flips++;
        }
        most = Math.max(most, flips);
        checksum += (index & 1) == 0 ? flips : -flips;
      }
      for (; ; rest++) {
        if (rest == n) return checksum * 100L + most;
        int first = permutation[0];
        for (int i = 0; i < rest; i++) permutation[i] = permutation[i + 1];
        permutation[rest] = first;
        if (--count[rest] > 0) break;
      }
      index++;
    }
  }

  @Override
  public long run() {
    return fannkuch(8);
  }
}
