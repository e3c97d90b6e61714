#!/usr/bin/env python3
"""Deliberate faults, each of which a test must catch.

    run.py [--keep DIR] [--only WORD]

Copies the tree into a scratch folder, builds it once, and then for each fault
of faults.txt puts it in, builds the tests that are named with it and runs them:
one of them must fail. A fault that no test catches, or whose text is not found
(the code has moved on), fails the run. The tree itself is never touched.
--keep names the scratch folder, so that a second run builds less.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SECONDS = 300  # one test, at most


def read_faults(path):
    """Blocks of lines: a name, then `file`, `tests`, `-` and `+` lines."""
    faults = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        if line.startswith("fault "):
            faults.append({"name": line[6:], "line": number, "old": [],
                           "new": []})
        elif line.startswith("file "):
            faults[-1]["file"] = line[5:]
        elif line.startswith("tests "):
            faults[-1]["tests"] = line[6:].split()
        elif line[0] in "-+":
            faults[-1]["old" if line[0] == "-" else "new"].append(line[1:])
        else:
            sys.exit(f"{path}:{number}: {line!r} is no line of a fault")
    return faults


def drop_others(tree, names):
    """Files of an earlier run that the tree has no more."""
    for folder, _, files in os.walk(os.path.join(tree)):
        if os.path.relpath(folder, tree).split(os.sep)[0] == "build":
            continue
        for file in files:
            path = os.path.join(folder, file)
            if os.path.relpath(path, tree) not in names:
                os.remove(path)


def copy_tree(to):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True,
                            capture_output=True).stdout.decode().split("\0")
    names = set(filter(None, listed))
    drop_others(to, names)
    for name in sorted(names):
        source, target = os.path.join(ROOT, name), os.path.join(to, name)
        if not os.path.exists(source):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target) or \
                open(source, "rb").read() != open(target, "rb").read():
            shutil.copy2(source, target)


def run(command, where, seconds):
    try:
        return subprocess.run(command, cwd=where, timeout=seconds,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode
    except subprocess.TimeoutExpired:
        return -1


def build(tree, tests):
    return run(["ninja", "-C", "build", *tests], tree, 1800)


def configure(tree):
    status = run(["cmake", "-G", "Ninja", "-S", ".", "-B", "build",
                  "-DOUTDIAL_PYTHON=OFF", "-DCMAKE_BUILD_TYPE=Debug",
                  "-DCMAKE_C_FLAGS=-O1"], tree, 300)
    if status != 0:
        sys.exit("the copy cannot be configured")


def catch(tree, tests):
    """Which test fails, or None."""
    for test in tests:
        if run([f"build/tests/{test}"], tree, SECONDS) != 0:
            return test
    return None


def try_fault(tree, fault):
    """How it went, and whether that is well."""
    path = os.path.join(tree, fault["file"])
    text = open(path, encoding="utf-8").read()
    old, new = "\n".join(fault["old"]), "\n".join(fault["new"])
    if text.count(old) != 1:
        return f"its text stands {text.count(old)} times in {fault['file']}", \
            False
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        if build(tree, fault["tests"]) != 0:
            return "it does not compile", False
        test = catch(tree, fault["tests"])
        return (f"caught by {test}", True) if test else ("NOT CAUGHT", False)
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    faults = [fault for fault in read_faults(os.path.join(HERE, "faults.txt"))
              if options.only in fault["name"]]
    tree = options.keep or tempfile.mkdtemp()
    os.makedirs(tree, exist_ok=True)
    try:
        copy_tree(tree)
        configure(tree)
        every = sorted({test for fault in faults for test in fault["tests"]})
        if build(tree, every) != 0:
            sys.exit("the tests do not build as they are")
        for test in every:
            if run([f"build/tests/{test}"], tree, SECONDS) != 0:
                sys.exit(f"{test} fails without any fault")
        passed = 0
        for fault in faults:
            how, well = try_fault(tree, fault)
            passed += well
            print(f"{'ok  ' if well else 'FAIL'} {fault['name']}: {how}",
                  flush=True)
        print(f"{passed} passed, {len(faults) - passed} failed")
        return 0 if passed == len(faults) else 1
    finally:
        if not options.keep:
            shutil.rmtree(tree)


if __name__ == "__main__":
    sys.exit(main())
