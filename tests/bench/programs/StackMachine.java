/** An interpreter: a loop around a switch over the instructions of a small stack machine. */
final class StackMachine implements Program {
  private static final int PUSH = 0, LOAD = 1, STORE = 2, ADD = 3, SUB = 4, MUL = 5, LESS = 6, JUMP = 7, JUMP_IF_ZERO = 8, CALL = 9, RETURN = 10, HALT = 11, XOR = 12;

  // fib(n): n < 2 ? n : fib(n - 1) + fib(n - 2); n is the top of the stack at the call, and local 0.
  private static final int[] FIBONACCI = {
    PUSH, 19, CALL, 5, HALT,
    STORE, 0, LOAD, 0, PUSH, 2, LESS, JUMP_IF_ZERO, 17, LOAD, 0, RETURN,
    LOAD, 0, PUSH, 1, SUB, CALL, 5, LOAD, 0, PUSH, 2, SUB, CALL, 5, ADD, RETURN};

  // for (i = 0; i < 60000; i++) s = (s * 31 + i) ^ (s - i)
  private static final int[] LOOP = {
    PUSH, 0, STORE, 0, PUSH, 1, STORE, 1,
    LOAD, 0, PUSH, 60_000, LESS, JUMP_IF_ZERO, 37,
    LOAD, 1, PUSH, 31, MUL, LOAD, 0, ADD, LOAD, 1, LOAD, 0, SUB, XOR, STORE, 1,
    LOAD, 0, PUSH, 1, JUMP, 40,
    LOAD, 1, HALT,
    ADD, STORE, 0, JUMP, 8};

  private static int interpret(int[] code) {
    int[] stack = new int[256], locals = new int[128], returns = new int[64];
    int pc = 0, top = 0, frame = 0, depth = 0;
    while (true) {
      switch (code[pc++]) {
        case PUSH: stack[top++] = code[pc++]; break;
        case LOAD: stack[top++] = locals[frame + code[pc++]]; break;
        case STORE: locals[frame + code[pc++]] = stack[--top]; break;
        case ADD: top--; stack[top - 1] += stack[top]; break;
        case SUB: top--; stack[top - 1] -= stack[top]; break;
        case MUL: top--; stack[top - 1] *= stack[top]; break;
        case XOR: top--; stack[top - 1] ^= stack[top]; break;
        case LESS: top--; stack[top - 1] = stack[top - 1] < stack[top] ? 1 : 0; break;
        case JUMP: pc = code[pc]; break;
        case JUMP_IF_ZERO: pc = stack[--top] == 0 ? code[pc] : pc + 1; break;
        case CALL: returns[depth++] = pc + 1; frame += 2; pc = code[pc]; break;
        case RETURN: pc = returns[--depth]; frame -= 2; break;
        case HALT: return stack[--top];
        default: throw new IllegalStateException("no instruction at " + (pc - 1));
      }
    }
  }

  @Override
  public long run() {
    return interpret(FIBONACCI) * 1_000_003L + interpret(LOOP);
  }
}
