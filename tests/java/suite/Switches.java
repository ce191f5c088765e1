package suite;

/** tableswitch and lookupswitch: edges, gaps, default, negative keys, fall through, inside loops. */
final class Switches implements Suite.Case {
  static int table(int k) {
    switch (k) {
      case -2: return 100;
      case -1: return 101;
      case 0: return 102;
      case 1: return 103;
      case 3: return 105;
      default: return -k;
    }
  }

  static int lookup(int k) {
    switch (k) {
      case Integer.MIN_VALUE: return 1;
      case -1000: return 2;
      case 0: return 3;
      case 77: return 4;
      case 1000000: return 5;
      case Integer.MAX_VALUE: return 6;
      default: return 7;
    }
  }

  static int atTheEdge(int k) {
    switch (k) {
      case Integer.MAX_VALUE - 1: return 1;
      case Integer.MAX_VALUE: return 2;
      default: return 3;
    }
  }

  static int atTheOtherEdge(int k) {
    switch (k) {
      case Integer.MIN_VALUE: return 1;
      case Integer.MIN_VALUE + 1: return 2;
      case Integer.MIN_VALUE + 2: return 4;
      default: return 3;
    }
  }

  static int fallThrough(int k) {
    int r = 0;
    switch (k) {
      case 1: r += 1;
      case 2: r += 2;
      case 3: r += 3; break;
      case 4: r += 4;
      default: r += 10;
    }
    return r;
  }

  static int onlyDefault(int k) { switch (k) { default: return k + 1; } }

  // The code ends two bytes, or one, behind a lookupswitch without pairs.
  static int defaultAtTheEnd(int k) { switch (k) { default: return 5; } }
  static void nothingAtTheEnd(int k) { switch (k) { default: } }

  static int machine(int[] program) {
    int acc = 0, pc = 0, steps = 0;
    while (steps++ < 5000) {
      switch (program[pc]) {
        case 0: acc += program[pc + 1]; pc += 2; break;
        case 1: acc *= program[pc + 1]; pc += 2; break;
        case 2: acc ^= acc >>> 3; pc += 1; break;
        case 3: if ((acc & 1) == 0) pc += 2; else pc = program[pc + 1]; break;
        case 4: pc = 0; break;
        case 9: return acc;
        default: return -1;
      }
    }
    return acc;
  }

  @Override
  public void run(Suite.Out out) {
    int[] keys = {Integer.MIN_VALUE, Integer.MIN_VALUE + 1, Integer.MIN_VALUE + 2, Integer.MIN_VALUE + 3, -1001, -1000, -999, -3, -2, -1, 0, 1, 2, 3, 4, 5, 76, 77, 78, 999999, 1000000, Integer.MAX_VALUE - 2, Integer.MAX_VALUE - 1, Integer.MAX_VALUE};
    for (int k : keys) {
      out.add((long) table(k));
      out.add((long) lookup(k));
      out.add((long) defaultAtTheEnd(k));
      nothingAtTheEnd(k);
      out.add((long) atTheEdge(k));
      out.add((long) atTheOtherEdge(k));
      out.add((long) fallThrough(k));
      out.add((long) onlyDefault(k));
    }
    out.add((long) machine(new int[] {0, 5, 1, 3, 2, 3, 0, 0, 7, 4, 9}));
    out.add((long) machine(new int[] {0, 5, 1, 3, 2, 9}));
    out.add((long) machine(new int[] {8}));
  }
}
