"""What may a random expression use where it stands?"""

import dataclasses

PRIMITIVES = ("int", "long", "double", "float", "boolean", "byte", "short", "char")
NUMERIC = ("int", "long", "double", "float")
WEIGHTED = ["int"] * 12 + ["long"] * 8 + ["double"] * 5 + ["float"] * 3 + ["boolean"] * 3 + ["byte"] * 2 + ["short"] * 2 + ["char"] * 2

EDGES = {
    "int": ["0", "1", "(-1)", "2", "3", "7", "10", "31", "32", "33", "63", "64", "100", "(-128)", "127", "255", "256", "(-32768)", "32767", "65535",
            "65536", "0x7fffffff", "0x80000000", "0x7ffffffe", "1000000007", "0x55555555", "0xaaaaaaaa", "(-7)"],
    "long": ["0L", "1L", "(-1L)", "2L", "5L", "31L", "32L", "63L", "64L", "0x7fffffffL", "0x80000000L", "(-0x80000000L)", "0xffffffffL", "0x100000000L",
             "0x7fffffffffffffffL", "0x8000000000000000L", "0x8000000000000001L", "1000000000039L", "(-3L)", "0x5555555555555555L"],
    "float": ["0f", "(-0f)", "1f", "(-1f)", "0.5f", "1e10f", "(-3.75f)", "16777216f", "2147483647f", "Float.NaN", "Float.POSITIVE_INFINITY",
              "Float.NEGATIVE_INFINITY", "Float.MIN_VALUE", "Float.MAX_VALUE", "1e-40f", "9.3e18f", "127.5f"],
    "double": ["0d", "(-0d)", "1d", "(-1d)", "0.5", "1e10", "(-3.75)", "9007199254740993d", "2147483648d", "(-2147483649d)", "9.3e18", "Double.NaN",
               "Double.POSITIVE_INFINITY", "Double.NEGATIVE_INFINITY", "Double.MIN_VALUE", "Double.MAX_VALUE", "1e-310", "0.1", "255.99"],
    "boolean": ["true", "false"],
    "byte": ["(byte) 0", "(byte) 1", "(byte) -1", "(byte) 127", "(byte) -128", "(byte) 65"],
    "short": ["(short) 0", "(short) 1", "(short) -1", "(short) 32767", "(short) -32768", "(short) 300"],
    "char": ["'a'", "'Z'", "'0'", "'\\0'", "'\\uffff'", "'\\u00e9'", "'\\u8000'"],
    "String": ['""', '"a"', '"abc"', '"Zz0"', '"\\u00e9t"', '"\\u4e2d\\u6587"', '"hello world"', '"one"', '"two"', '"AaBB"', '"BBAa"'],
}


@dataclasses.dataclass(frozen=True)
class Var:
    name: str
    type: str
    final: bool
    index: bool = False  # a loop's counter: small, not negative
    counter: bool = False  # changes although we never assign it: no lambda may capture it


@dataclasses.dataclass
class Method:
    """A method that later code may call."""
    name: str
    returns: str
    parameters: list
    cost: int = 20  # operations that one call may take, at most
    owner: str = ""  # the class whose instance it is called on; none: static
    pure: bool = False  # touches nothing but its arguments: may run in any thread


@dataclasses.dataclass
class Meter:
    """How many operations the method under construction takes at most: loops of loops must end soon, in the interpreter too."""
    limit: int
    used: int = 0


@dataclasses.dataclass
class Scope:
    variables: list
    meter: Meter
    times: int = 1  # how often this place runs in one call of the method
    pure: bool = False
    this: object = None  # the class of an instance method
    returns: str = "void"
    labels: list = dataclasses.field(default_factory=list)  # (label, may continue)
    depth: int = 0  # of statements
    handled: int = 0  # try blocks around

    def inner(self, **changes):
        changes.setdefault("variables", list(self.variables))
        return dataclasses.replace(self, **{"labels": list(self.labels), **changes})

    def captured(self):
        """What the body of a lambda sees here."""
        return self.inner(variables=[v for v in self.variables if v.final and not v.counter], labels=[])

    def spend(self, operations=1):
        self.meter.used += operations * self.times

    def affords(self, operations):
        return self.meter.used + operations * self.times <= self.meter.limit
