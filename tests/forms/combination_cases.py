"""What braces in a prompt make: studio/text/combinations.py and static/js/create/braces.js give the same numbers.

Each case: the prompt as it is typed, and the prompts that are sent, or a part of the sentence that refuses it.
"""

from __future__ import annotations

READ: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("A kite", ("A kite",)),
    ("A {red|green} kite", ("A red kite", "A green kite")),
    ("{a|b} {1|2}", ("a 1", "a 2", "b 1", "b 2")),
    ("{ red | green }", ("red", "green")),
    # No bar, no choice; a backslash makes text.
    ("A {red} kite", ("A {red} kite",)),
    (r"A \{red|green\} kite", ("A {red|green} kite",)),
    (r"{a\|b|c}", ("a|b", "c")),
    (r"{a\}|b}", ("a}", "b")),
    (r"a | b \| c", (r"a | b \| c",)),
    (r"C:\studio {1|2}", (r"C:\studio 1", r"C:\studio 2")),
    ('{"subject": "kite"}', ('{"subject": "kite"}',)),
    ("{a {b|c}}", ("{a b}", "{a c}")),
    ("{a|{b}}", ("a", "{b}")),
    ("} {a|b} {", ("} a {", "} b {")),
    ("{{{", ("{{{",)),
    # An empty one is a choice; the same twice is one.
    ("A {|big} kite", ("A kite", "A big kite")),
    ("A kite {| at night}", ("A kite", "A kite at night")),
    ("{red|red|blue}", ("red", "blue")),
    ("{red|red}", ("red",)),
    ("{a|}{|a}", ("a", "aa", "")),
    ("{|}", ("",)),
    ("{Ü|雨}\n{x|y}", ("Ü\nx", "Ü\ny", "雨\nx", "雨\ny")),
)
REFUSED: tuple[tuple[str, str], ...] = (
    ("{a|{b|c}}", "Braces can't stand inside"),
    ("{{a|b}|c}", "Braces can't stand inside"),
    ("A {red|green kite", "Close the brace of “{red|green kite”"),
    ("{a|b} {c|d", "Close the brace of “{c|d”"),
    ("{a|" + "b" * 90, "Close the brace of “{a|bbb"),
)
