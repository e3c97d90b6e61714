#!/usr/bin/env python3
"""Make rules_data.c, the built-in rule texts, from the files in data/.

Each data/NAME.rules becomes the text of the set NAME. us comes first, as the
holidays of states are built on the federal ones; the others follow by name.
Only names and encoding are checked here: what stands in a text the library's
own parser reads, in a test. Standard library only.

    gen_rules.py > rules_data.c
    gen_rules.py --list     the table of docs/guide/rules.md
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data")
NAME = re.compile(r"[a-z0-9-]{1,31}\.rules\Z")
EFFECTS = ("window", "cap", "consent", "ban", "registry", "require")


def fail(text):
    sys.exit("gen_rules.py: " + text)


def sources():
    """(name, bytes) of every text."""
    out = []
    for file in sorted(os.listdir(DATA), key=lambda n: (n != "us.rules", n)):
        if not NAME.match(file):
            fail(f"data/{file}: not a name such as us-fl.rules")
        with open(os.path.join(DATA, file), "rb") as opened:
            text = opened.read()
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            fail(f"data/{file}: not UTF-8")
        if b"\0" in text or b"\r" in text or not text.endswith(b"\n"):
            fail(f"data/{file}: NUL, CR, or no line end behind the last line")
        out.append((file[:-len(".rules")], text))
    return out


def emit(texts):
    """Arrays of numbers: C99 knows no longer literal than 4095 bytes."""
    out = ["/*",
           " * rules_data.c - the built-in rule texts, made by gen_rules.py "
           "from",
           " * the files in data/. Not to be edited.",
           " */",
           "/* clang-format off */",
           "#include \"rules/rules.h\""]
    for at, (_, text) in enumerate(texts):
        out.append(f"\nstatic const char text_{at}[] = {{")
        for first in range(0, len(text), 16):
            piece = text[first:first + 16]
            out.append("    " + " ".join(
                f"{byte if byte < 128 else byte - 256}," for byte in piece))
        out.append("};")
    out.append("\nconst od__rule_source od__rule_sources[] = {")
    for at, (name, _) in enumerate(texts):
        out.append(f'    {{"{name}", text_{at}, sizeof text_{at}}},')
    out.append("};")
    out.append(f"const size_t od__rule_sources_len = {len(texts)};")
    return out


def rules_of(text):
    """(id, {keyword: [values]}) of each rule. In these files heads of blocks
    stand at the margin."""
    rules = []
    lines = None
    for line in text.decode("utf-8").splitlines():
        word, _, value = line.strip().partition(" ")
        if word == "rule":
            lines = {}
            rules.append((value.strip(), lines))
        elif word == "holidays" and line.startswith("holidays"):
            lines = None
        elif word and not word.startswith("#") and lines is not None:
            lines.setdefault(word, []).append(value.strip())
    return rules


def says(lines):
    effect = next(word for word in EFFECTS if word in lines)
    text = (effect + " " + ", ".join(lines[effect])).strip()
    for word, form in (("holidays", "; holidays {}"), ("unless", " unless {}"),
                       ("from", " from {}"), ("until", " until {}")):
        if word in lines:
            text += form.format(lines[word][0])
    return text


def of_what(lines):
    words = [lines["purpose"][0]]
    channel = lines.get("channel", ["voice text"])[0]
    if channel != "voice":
        words.append(channel)
    if "line" in lines:
        words.append("to " + lines["line"][0])
    return "; ".join(words)


def table(texts):
    yield "| rule | calls | what it says | where it is written | read |"
    yield "| --- | --- | --- | --- | --- |"
    for _, text in texts:
        for rule, lines in rules_of(text):
            yield (f"| `{rule}` | {of_what(lines)} | {says(lines)} | "
                   f"{lines['cite'][0]} | {lines['verified'][0]} |")


def main():
    texts = sources()
    if sys.argv[1:] == ["--list"]:
        print("\n".join(table(texts)))
    elif not sys.argv[1:]:
        print("\n".join(emit(texts)))
    else:
        fail("wrong arguments, try --list or none")


main()
