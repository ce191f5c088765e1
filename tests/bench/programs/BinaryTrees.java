/** Trees that live shortly: allocation, recursion, references. */
final class BinaryTrees implements Program {
  private static final class Node {
    final Node left, right;

    Node(Node left, Node right) {
      this.left = left;
      this.right = right;
    }

    int count() {
      return left == null ? 1 : 1 + left.count() + right.count();
    }
  }

  private static Node tree(int depth) {
    return depth == 0 ? new Node(null, null) : new Node(tree(depth - 1), tree(depth - 1));
  }

  @Override
  public long run() {
    Node old = tree(14);
    long sum = 0;
    for (int depth = 4; depth <= 12; depth += 4) {
      for (int i = 1 << 12 - depth; i > 0; i--) sum += tree(depth).count();
    }
    return sum * 31 + old.count();
  }
}
