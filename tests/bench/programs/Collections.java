import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeMap;

/** Lists, queues, heaps and trees of the library with boxed numbers. */
final class Collections implements Program {
  @Override
  public long run() {
    Numbers numbers = new Numbers(15);
    List<Integer> list = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) list.add(numbers.below(1 << 20));
    long sum = 0;
    for (int value : list) sum = sum * 31 + value;
    list.removeIf(value -> (value & 3) == 0);
    java.util.Collections.sort(list);
    sum = sum * 31 + list.size() + list.get(list.size() / 2);
    PriorityQueue<Long> heap = new PriorityQueue<>();
    for (int i = 0; i < 4_000; i++) heap.add((long) numbers.below(100_000));
    for (int i = 0; i < 2_000; i++) {
      heap.add(heap.poll() + 77);
      sum += heap.peek();
    }
    TreeMap<Integer, Integer> tree = new TreeMap<>();
    for (int i = 0; i < 5_000; i++) tree.put(numbers.below(8_000), i);
    for (int i = 0; i < 8_000; i += 5) {
      Integer key = tree.ceilingKey(i);
      if (key != null) sum = sum * 31 + tree.remove(key);
    }
    for (var entry : tree.entrySet()) sum += entry.getKey() ^ entry.getValue();
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    LinkedList<Integer> chain = new LinkedList<>();
    for (int i = 0; i < 10_000; i++) {
      queue.addLast(i);
      chain.addFirst(i);
      if (i % 3 == 0) sum += queue.pollFirst() - chain.removeLast();
    }
    return sum * 31 + queue.size() + chain.size();
  }
}
