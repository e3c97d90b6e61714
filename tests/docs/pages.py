"""Markdown pages taken apart: blocks of code, links, and names in headers.

Called by test_docs.py. Knows just the Markdown that these pages use.
"""

import os
import re
import shutil
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Block:
    """A fenced block: its language, the line it begins in, its text, and the
    file that a comment before it names: <!-- file: people.csv -->"""

    def __init__(self, language, line, name):
        self.language = language
        self.line = line
        self.name = name
        self.text = ""


class Page:
    def __init__(self, path):
        self.path = path
        self.text = read(path)
        self.blocks = []
        self.prose = ""  # without the blocks
        self._split()

    def _split(self):
        block = None
        name = None
        for number, line in enumerate(self.text.splitlines(True), 1):
            fence = line.startswith("```")
            if block is None and not fence:
                self.prose += line
                comment = re.match(r"<!-- file: (\S+) -->$", line)
                name = comment.group(1) if comment else None
            elif block is None:
                block = Block(line[3:].strip(), number, name)
                self.blocks.append(block)
                name = None
            elif fence:
                block = None
            else:
                block.text += line

    def of(self, *languages):
        return [b for b in self.blocks if b.language in languages]

    def links(self):
        """Targets of links to files: (path from the root, anchor)."""
        for target in re.findall(r"\]\(([^)\s]+)\)", self.prose):
            if "://" not in target:
                path, _, anchor = target.partition("#")
                folder = os.path.dirname(self.path)
                yield (os.path.normpath(os.path.join(folder, path))
                       if path else self.path), anchor

    def anchors(self):
        for heading in re.findall(r"^#+ (.*)$", self.prose, re.M):
            words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
            yield words.replace(" ", "-")


def all_pages():
    guide = os.path.join(ROOT, "docs", "guide")
    paths = ["README.md", "docs/backends.md"]
    paths += ["docs/guide/" + n for n in sorted(os.listdir(guide))
              if n.endswith(".md")]
    return [Page(path) for path in paths]


def files_of_project():
    """What is in the project; where git is not, what lies in src/ and
    include/."""
    if shutil.which("git"):
        done = subprocess.run(["git", "ls-files"], cwd=ROOT, text=True,
                              capture_output=True, check=False)
        if done.returncode == 0 and done.stdout:
            return [n for n in done.stdout.splitlines()
                    if os.path.exists(os.path.join(ROOT, n))]
    return [os.path.relpath(os.path.join(folder, name), ROOT)
            for top in ("src", "include")
            for folder, _, names in os.walk(os.path.join(ROOT, top))
            for name in names]


def map_of(page):
    """Paths that the map under "Where everything is" names. Lines that begin
    with "--" are captions."""
    text = page.text.split("## Where everything is", 1)[1]
    text = next(t for t in text.split("```")[1::2] if "README.md" in t)
    stack = []
    for line in text.splitlines():
        if line.strip() == "" or line.strip().startswith("-- "):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        del stack[depth:]
        yield "".join(stack) + name
        stack.append(name)


def fields_of(header, struct):
    """Names of the fields of a struct, or of the table of slots."""
    text = re.sub(r"/\*.*?\*/", "", read("include/outdial/" + header),
                  flags=re.S)
    body = re.search(r"typedef struct %s \{(.*?)\} %s;" % (struct, struct),
                     text, re.S).group(1)
    slots = re.findall(r"\(\*(\w+)\)\(", body)
    plain = re.findall(r"(\w+)(?:\[[^]]*\])*;", body)
    return slots + [n for n in plain if n != "size" and
                    not n.startswith("reserved")]


def values_of(header, enum):
    """Values of an enumeration."""
    text = re.sub(r"/\*.*?\*/", "", read("include/outdial/" + header),
                  flags=re.S)
    body = re.search(r"typedef enum %s \{(.*?)\} %s;" % (enum, enum), text,
                     re.S).group(1)
    return re.findall(r"^\s*(OD_\w+)", body, re.M)
