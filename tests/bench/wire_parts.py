"""What do the bytes that clients send consist of? Reads the messages that a tap (tests/e2e/wire_count.py) has seen, by fact kind."""

import collections
import hashlib
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Fields of messages, by position: common/protocol/messages.h.
FACTS_AND_SHAPES = {"compile_request": (5, 6), "fact_answer": (2, 3)}


def fact_kinds():
    text = (ROOT / "common/facts/facts.def").read_text()
    return {int(number): name for number, name in re.findall(r"^JF_FACT\((\d+), *(\w+)", text, re.M)}


class Reader:
    """MessagePack, as far as the farm uses it (common/wire)."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n, signed=False):
        return int.from_bytes(self.take(n), "big", signed=signed)

    def value(self):
        head = self.number(1)
        if head < 0x80:
            return head
        if head >= 0xE0:
            return head - 256
        if 0x90 <= head < 0xA0:
            return [self.value() for _ in range(head & 15)]
        if 0xA0 <= head < 0xC0:
            return self.take(head & 31)
        if head in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[head]
        if 0xC4 <= head <= 0xC6:
            return self.take(self.number(1 << (head - 0xC4)))
        if 0xCC <= head <= 0xCF:
            return self.number(1 << (head - 0xCC))
        if 0xD0 <= head <= 0xD3:
            return self.number(1 << (head - 0xD0), True)
        if 0xD9 <= head <= 0xDB:
            return self.take(self.number(1 << (head - 0xD9)))
        assert head in (0xDC, 0xDD), hex(head)
        return [self.value() for _ in range(self.number(2 << (head - 0xDC)))]

    def elements(self):
        """Of the array that comes: each value, and its encoded bytes."""
        head = self.number(1)
        count = head & 15 if head < 0xA0 else self.number(2 << (head - 0xDC))
        for _ in range(count):
            begin = self.at
            value = self.value()
            yield value, self.data[begin:self.at]


class Parts:
    """Bytes and numbers by (message, part); fed by a Tap."""

    def __init__(self):
        self.kinds = fact_kinds()
        self.bytes, self.count, self.unknown = collections.Counter(), collections.Counter(), collections.Counter()
        self.shapes = collections.Counter()  # how often each content was sent

    def seen(self, message, inwards, frames):
        if not inwards or message not in FACTS_AND_SHAPES:
            return
        facts_at, shapes_at = FACTS_AND_SHAPES[message]
        fields = [encoded for _, encoded in Reader(frames[1]).elements()]
        rest = sum(map(len, frames))
        for fact, encoded in Reader(fields[facts_at]).elements():
            part = message, self.kinds[fact[0][0]]
            self.bytes[part] += len(encoded)
            self.count[part] += 1
            self.unknown[part] += not fact[1]
            rest -= len(encoded)
        for shape in frames[2:]:
            self.bytes[message, "shape bytes"] += len(shape)
            self.count[message, "shape bytes"] += 1
            self.shapes[hashlib.sha256(shape).digest()] += 1
            rest -= len(shape)
        self.bytes[message, "the rest"] += rest
        self.count[message, "the rest"] += 1

    def sent_again(self):
        """Shapes whose bytes were sent before."""
        return sum(n - 1 for n in self.shapes.values())

    def print(self, compilations):
        print(f"  {'bytes each':>10} {'number each':>11} {'unknown':>7}  per compilation; {self.sent_again()} of {sum(self.shapes.values())} shapes were sent before")
        for part, size in self.bytes.most_common():
            print(f"  {size / compilations:10.1f} {self.count[part] / compilations:11.2f} {self.unknown[part] / compilations:7.2f}  {part[0]}: {part[1]}", flush=True)
