"""What the README and the guide say, tried out.

    test_docs.py BUILD

Every block of C compiles against an installed copy of BUILD and runs: a
program by itself, the others of a page one after another as the body of one
function (chapter.c). Surveys are accepted, files and links are there, tables
name everything that the headers name. Prints what failed and the totals.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pages

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build-test")
HERE = os.path.dirname(os.path.realpath(__file__))
OUTDIAL = os.path.join(BUILD, "examples", "cli", "outdial")
CALLEE = os.path.join(BUILD, "examples", "callee", "callee")
DEMO = os.path.join(pages.ROOT, "examples", "demo")

# Where what a page must name is declared.
FIELDS = {
    "docs/guide/engine.md": [("engine.h", "od_engine_options")],
    "docs/guide/contacts.md": [("contact.h", "od_contact"),
                               ("contact.h", "od_import_options"),
                               ("contact.h", "od_import_report")],
    "docs/guide/dnc.md": [("dnc.h", "od_dnc_entry"),
                          ("dnc.h", "od_dnc_report"),
                          ("registry.h", "od_registry_build_options"),
                          ("registry.h", "od_registry_info")],
    "docs/guide/consent.md": [("consent.h", "od_consent"),
                              ("consent.h", "od_consent_report"),
                              ("preflight.h", "od_caller_id")],
    "docs/guide/messages.md": [("message.h", "od_text_options"),
                               ("message.h", "od_text_info"),
                               ("message.h", "od_template_report"),
                               ("message.h", "od_template_field")],
    "docs/guide/texts.md": [("delivery.h", "od_message"),
                            ("delivery.h", "od_reply"),
                            ("delivery.h", "od_reply_filter")],
    "docs/guide/rules.md": [("rules.h", "od_rule"),
                            ("rules.h", "od_override")],
    "docs/guide/campaign.md": [("campaign.h", "od_campaign_options"),
                               ("campaign.h", "od_retry"),
                               ("campaign.h", "od_guards"),
                               ("preflight.h", "od_problem"),
                               ("campaign.h", "od_campaign_stats")],
    "docs/guide/explain.md": [("explain.h", "od_check"),
                              ("explain.h", "od_verdict_count"),
                              ("explain.h", "od_forecast_options"),
                              ("explain.h", "od_forecast")],
    "docs/guide/schedule.md": [("schedule.h", "od_window")],
    "docs/guide/media.md": [("media.h", "od_media")],
    "docs/guide/survey.md": [("survey.h", "od_answer")],
    "docs/guide/calls.md": [("call.h", "od_call"),
                            ("call.h", "od_verdict")],
    "docs/guide/ledger.md": [("ledger.h", "od_ledger_row"),
                             ("ledger.h", "od_ledger_head"),
                             ("ledger.h", "od_ledger_extract_options"),
                             ("ledger.h", "od_erasure")],
    "docs/guide/transport.md": [("transport.h", "od_sip_trunk"),
                                ("transport.h", "od_sip_options"),
                                ("transport.h", "od_sim_model"),
                                ("transport.h", "od_smpp_trunk"),
                                ("transport.h", "od_smpp_options"),
                                ("transport.h", "od_sim_range"),
                                ("transport.h", "od_sim_text_model"),
                                ("transport.h", "od_sim_options")],
    "docs/backends.md": [("backend_storage.h", "od_storage_ops"),
                         ("backend_transport.h", "od_transport_ops"),
                         ("backend_transport.h", "od_report")],
}
VALUES = {
    "docs/guide/engine.md": [("base.h", "od_err"),
                             ("event.h", "od_event_type")],
    "docs/guide/contacts.md": [("contact.h", "od_duplicate"),
                               ("rules.h", "od_line")],
    "docs/guide/dnc.md": [("dnc.h", "od_dnc_scope")],
    "docs/guide/consent.md": [("consent.h", "od_consent_kind")],
    "docs/guide/messages.md": [("message.h", "od_text_encoding"),
                               ("message.h", "od_text_policy"),
                               ("message.h", "od_reply_kind"),
                               ("message.h", "od_reply_flag")],
    "docs/guide/texts.md": [("message.h", "od_delivery"),
                            ("delivery.h", "od_notice")],
    "docs/guide/rules.md": [("rules.h", "od_channel"),
                            ("rules.h", "od_purpose"),
                            ("rules.h", "od_rule_effect")],
    "docs/guide/campaign.md": [("campaign.h", "od_campaign_state"),
                               ("preflight.h", "od_severity")],
    "docs/guide/calls.md": [("call.h", "od_disposition"),
                            ("call.h", "od_reason"),
                            ("call.h", "od_verdict_kind")],
    "docs/guide/ledger.md": [("ledger.h", "od_ledger_kind"),
                             ("ledger.h", "od_ledger_format")],
    "docs/guide/transport.md": [("transport.h", "od_sim_talk"),
                                ("transport.h", "od_smpp_long"),
                                ("transport.h", "od_smpp_alphabet"),
                                ("transport.h", "od_smpp_ids")],
    "docs/backends.md": [("backend_transport.h", "od_report_kind"),
                         ("backend_queue.h", "od_target_state")],
}


class Failure(Exception):
    pass


def expect(good, text):
    if not good:
        raise Failure(text)


def run(*words, cwd, env=None, timeout=60, code=0):
    done = subprocess.run(words, cwd=cwd, env=env, timeout=timeout,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          text=True, errors="replace", check=False)
    expect(done.returncode == code,
           f"{' '.join(words)}: ended with {done.returncode}\n"
           f"{done.stdout}{done.stderr}")
    return done.stdout


class Stage:
    """The library, installed into a folder of its own."""

    def __init__(self, folder):
        self.prefix = os.path.join(folder, "stage")
        with open(os.path.join(BUILD, "CMakeCache.txt"),
                  encoding="utf-8") as file:
            cache = dict(re.findall(r"^(\w+):\w+=(.*)$", file.read(), re.M))
        self.is_whole = all(cache.get("OUTDIAL_" + name) == "ON"
                            for name in ("SQLITE", "SIP", "EXAMPLES"))
        run("cmake", "--install", BUILD, "--prefix", self.prefix, cwd=folder)
        config, library = "", ""
        for where, _, names in os.walk(self.prefix):
            config = where if "outdial.pc" in names else config
            library = where if "liboutdial.so" in names else library
        self.env = dict(os.environ, PKG_CONFIG_PATH=config,
                        LD_LIBRARY_PATH=library)
        self.flags = run("pkg-config", "--cflags", "--libs", "outdial",
                         cwd=folder, env=self.env).split()

    def compile(self, source, out):
        run(os.environ.get("CC", "cc"), "-std=c99", "-D_POSIX_C_SOURCE=200809L",
            "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", source,
            "-o", out, *self.flags, cwd=os.path.dirname(source), env=self.env)


# == what is said ============================================================


def test_map(readme):
    listed = list(pages.map_of(readme))
    named = set(listed)
    twice = sorted(n for n in named if listed.count(n) > 1)
    expect(not twice, f"twice in the map: {twice}")
    there = set(pages.files_of_project())
    missing = sorted(n for n in there if n not in named and
                     n.startswith(("src/", "include/")) and
                     not n.startswith("src/rules/data/"))
    expect(not missing, f"not in the map: {missing}")
    wrong = sorted(n for n in named
                   if not os.path.exists(os.path.join(pages.ROOT, n)))
    expect(not wrong, f"in the map, but not there: {wrong}")
    loose = sorted(n for n in there if n not in named and not
                   any(n.startswith(f) for f in named if f.endswith("/")))
    expect(not loose, f"in no folder of the map: {loose}")


def test_build_options(readme):
    text = pages.read("CMakeLists.txt") + pages.read("cmake/Library.cmake")
    there = set(re.findall(r"(?:option|set)\((OUTDIAL_[A-Z]+) ", text))
    named = set(re.findall(r"^\| `(OUTDIAL_[A-Z]+)`", readme.text, re.M))
    expect(there == named, f"options: {sorted(there ^ named)}")


def test_links(page):
    for path, anchor in page.links():
        expect(os.path.exists(os.path.join(pages.ROOT, path)),
               f"{page.path}: there is no {path}")
        if anchor:
            expect(anchor in pages.Page(path).anchors(),
                   f"{page.path}: {path} has no #{anchor}")


def test_width(page):
    for line in page.prose.splitlines():
        expect(len(line) <= 80 or line.startswith("|"),
               f"{page.path}: {len(line)} columns: {line}")


def test_names(page):
    wanted = [name for header, struct in FIELDS.get(page.path, [])
              for name in pages.fields_of(header, struct)]
    wanted += [name for header, enum in VALUES.get(page.path, [])
               for name in pages.values_of(header, enum)]
    missing = [n for n in wanted if not re.search(r"\b%s\b" % n, page.text)]
    expect(not missing, f"{page.path}: not named: {missing}")
    symbols = set(pages.read("docs/symbols.txt").split())
    unknown = {n for n in re.findall(r"`(od_\w+)\(", page.text)
               if n not in symbols and not n.endswith("_init")}
    unknown -= {"od_lane_of", "od_lane_place", "od_lane_is_retry",
                "od_target_spread_ms", "od_delivery_rank"}
    expect(not unknown, f"{page.path}: no such function: {sorted(unknown)}")


def test_survey_directives(page):
    source = pages.read("src/core/survey_parse.c")
    for word in re.findall(r'\{"(\w+)", (?:true|false), do_', source):
        expect(f"`{word}" in page.text, f"{page.path}: no directive {word}")


def test_survey_errors(page):
    """The table of refusals and the messages of the parser are the same."""
    source = re.sub(r'"\s*\n\s*"', "", pages.read("src/core/survey_parse.c"))
    there = set(re.findall(r'wrong\(p,\s*"((?:[^"\\]|\\.)*)"', source))
    rows = page.text.split("## What is refused", 1)[1]
    named = set(re.findall(r"^\| `([^`]*)` \|", rows, re.M))
    there = {text.replace('\\"', '"') for text in there}
    expect(there == named, f"{page.path}: differ: {sorted(there ^ named)}")


# == what runs ===============================================================


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def chapter_source(page):
    """All fragments of a page as one program."""
    outside, inside = "", ""
    for block in page.of("c"):
        if "int main(" in block.text:
            continue
        text = f'#line {block.line + 1} "{page.path}"\n{block.text}'
        if re.match(r"(/\*.*?\*/\s*)?(static |#include)", block.text,
                    re.S):
            outside += text
        else:
            inside += text
    makes_engine = "od_engine_new(&engine" in inside
    with open(os.path.join(HERE, "chapter.c"), encoding="utf-8") as file:
        frame = file.read()
    frame = frame.replace("/* OUTSIDE */", outside + '#line 1 "chapter.c"')
    if makes_engine:
        frame = frame.replace("    begin();\n", "")
    return frame.replace("    /* INSIDE */", inside + '#line 1 "chapter.c"')


def test_chapter(page, stage, folder):
    """Files first, then the C."""
    for block in page.blocks:
        if block.name:
            write(os.path.join(folder, block.name), block.text)
    shutil.copy(os.path.join(DEMO, "hello.wav"), folder)
    source = os.path.join(folder, "chapter.c")
    write(source, chapter_source(page))
    stage.compile(source, source[:-2])
    run(source[:-2], cwd=folder, env=stage.env)


def test_surveys(page, folder):
    for block in page.of("survey"):
        path = os.path.join(folder, f"line{block.line}.txt")
        write(path, block.text)
        run(OUTDIAL, "--db", path + ".db", "survey", "add", path, cwd=folder)


def test_readme_program(readme, stage, folder):
    """About thirty lines; calls the callee, which answers."""
    block, = readme.of("c")
    lines = block.text.count("\n")
    expect(lines <= 30, f"the program has {lines} lines")
    write(os.path.join(folder, "call.c"), block.text)
    stage.compile(os.path.join(folder, "call.c"), os.path.join(folder, "call"))
    write(os.path.join(folder, "plays"), "* ring 100ms answer wait 1s hangup\n")
    run(os.path.join(DEMO, "make_people.sh"), "people.csv", "ignored",
        cwd=folder)
    with open(os.path.join(folder, "people.csv"), encoding="utf-8") as file:
        phone = file.readlines()[1].split(",")[0]
    # The program knows no port but 5060: an address that nobody else has.
    pid = os.getpid()
    host = f"127.60.{pid // 250 % 250 + 1}.{pid % 250 + 1}"
    with subprocess.Popen([CALLEE, "--listen", host + ":5060", "--plays",
                           "plays"], cwd=folder, stdout=subprocess.PIPE,
                          text=True) as callee:
        try:
            expect("listening" in callee.stdout.readline(), "no callee")
            said = run("./call", host, "+1 212 555 0100",
                       os.path.join(DEMO, "hello.wav"), phone, cwd=folder,
                       env=stage.env)
        finally:
            callee.terminate()
    expect(said == "answered\n", f"call says {said!r}")


def test_readme_cmake(readme, stage, folder):
    """find_package builds; add_subdirectory at least configures."""
    for block in readme.of("cmake"):
        inside = "add_subdirectory(" in block.text
        where = os.path.join(folder, "inside" if inside else "installed")
        os.mkdir(where)
        write(os.path.join(where, "CMakeLists.txt"), block.text)
        write(os.path.join(where, "call.c"), readme.of("c")[0].text)
        os.symlink(pages.ROOT, os.path.join(where, "liboutdial"))
        env = dict(os.environ, CMAKE_PREFIX_PATH=stage.prefix)
        if shutil.which("make") is None:
            env.setdefault("CMAKE_GENERATOR", "Ninja")
        run("cmake", "-S", where, "-B", where + "/build", cwd=where, env=env)
        if not inside:
            run("cmake", "--build", where + "/build", cwd=where, env=env)


PEOPLE = ("phone,first_name\n"
          "212 555 0110,Ada\n"
          "212 555 0111,Ben\n"
          "212 555 0112,Céline\n")

POLL = """survey Poll
question happy
  play hello
  key 1 "Ça va \\o/" -> end
"""


AGREED = """phone,kind,purpose,obtained
+12125550110,express,survey,2026-03-01
+12125550111,express,survey,2026-03-01
+12125550112,express,survey,2026-03-01
+12125550119,express,survey,2026-03-01
"""

RULES = """rule acme.hours
  in US-NY
  purpose survey
  window daily 9:00-20:00
  cite board decision
  verified yes
"""


def make_ledger(folder):
    """A ledger with rows of every kind, from a simulated campaign."""
    def outdial(*words, db="a.db"):
        return run(OUTDIAL, "--db", db, *words, cwd=folder)
    for name, text in (("people.csv", PEOPLE), ("poll.txt", POLL),
                       ("agreed.csv", AGREED), ("acme.rules", RULES),
                       ("listed.txt", "2125550199\n")):
        write(os.path.join(folder, name), text)
    outdial("import", "people.csv", "--group", "all")
    outdial("consent", "import", "agreed.csv")
    outdial("consent", "revoke", "+12125550119")
    outdial("caller-id", "add", "+12125550199", "--evidence", "letter")
    outdial("rules", "add", "acme", "acme.rules")
    outdial("media", "add", "hello", os.path.join(DEMO, "hello.wav"))
    outdial("survey", "add", "poll.txt")
    outdial("campaign", "create", "Say \"hello\"", "--group", "all",
            "--caller-id", "+12125550199", "--survey", "Poll", "--purpose",
            "survey", "--prompt", "hello", "--identity", "hello", "--offer",
            "hello")
    outdial("override", "add", "told", "--rule", "us.optout.exempt", "--reason",
            "a \\ in a \"reason\"", "--who", "Ada")
    outdial("dnc", "add", "2125550113", "--reason", "asked")
    outdial("dnc", "remove", "2125550113")
    outdial("dnc", "build", "--name", "us.national", "--obtained", "2026-11-01",
            "--out", "n.reg", "listed.txt")
    outdial("campaign", "create", "Texts", "--channel", "text", "--group",
            "all", "--caller-id", "+12125550199", "--purpose", "survey",
            "--text", "Hi {{first_name}}", "--opt-out-text", "Reply STOP to "
            "opt out", "--confirm-text", "No more \"texts\".")
    outdial("simulate", "Say \"hello\"", "Texts", "--answer", "100",
            "--text-replies", "60", "--text-opt-outs", "40", "--text-reply",
            "\"\\o/\"", "--registry", "n.reg", "--keep", "b.db")
    outdial("campaign", "callback", "Say \"hello\"", "+12125550110",
            time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + 1e6)),
            db="b.db")
    outdial("erase", "+12125550119", "--reason", "asked", db="b.db")
    outdial("ledger", "export", "ledger.jsonl", db="b.db")
    said = outdial("ledger", "verify", "--json", db="b.db")
    return re.search(r"[0-9a-f]{64}", said).group(0)


def test_ledger(page, folder):
    """The script agrees with the library, and finds every kind of change."""
    script, = page.of("python")
    write(os.path.join(folder, "verify.py"), script.text)
    lines = script.text.count("\n")
    expect(lines <= 20, f"the script has {lines} lines")
    head = make_ledger(folder)
    said = run(sys.executable, "verify.py", "ledger.jsonl", cwd=folder)
    expect(head in said, f"the script says {said!r}, not {head}")
    with open(os.path.join(folder, "ledger.jsonl"), encoding="utf-8") as file:
        rows = file.readlines()
    kinds = {re.search(r'"kind":"(\w+)"', row).group(1) for row in rows}
    all_kinds = {name[len("OD_LEDGER_"):].lower() for name in
                 pages.values_of("ledger.h", "od_ledger_kind")}
    expect(kinds == all_kinds, f"not in it: {sorted(all_kinds - kinds)}")
    first, last = rows[0], rows[-1]
    salt = re.search(r'"salt":"(\w+)"', first).group(1)
    changes = [
        rows[:-1] + [last.replace('"payload":{', '"payload":{ ')],
        [first.replace('"utc_ms":', '"utc_ms":1')] + rows[1:],
        [first.replace(salt, salt[1:] + salt[0])] + rows[1:],
        [first.replace('"consent_add"', '"dnc_add"')] + rows[1:],
        rows[:2] + rows[3:],
        [rows[1], rows[0]] + rows[2:],
    ]
    for changed in changes:
        expect(changed != rows, "nothing was changed")
        write(os.path.join(folder, "changed.jsonl"), "".join(changed))
        run(sys.executable, "verify.py", "changed.jsonl", cwd=folder, code=1)


# == all of it ===============================================================


def tests_of(folder):
    """(name, function without arguments) of every test."""
    everything = pages.all_pages()
    by_path = {page.path: page for page in everything}
    readme = by_path["README.md"]
    survey = by_path["docs/guide/survey.md"]
    stage = Stage(folder)

    def own(name):
        path = os.path.join(folder, name)
        os.mkdir(path)
        return path

    yield "the map of README.md", lambda: test_map(readme)
    yield "build options", lambda: test_build_options(readme)
    yield "directives", lambda: test_survey_directives(survey)
    yield "survey errors", lambda: test_survey_errors(survey)
    for page in everything:
        yield "links of " + page.path, lambda p=page: test_links(p)
        yield "width of " + page.path, lambda p=page: test_width(p)
        yield "names of " + page.path, lambda p=page: test_names(p)
    if not stage.is_whole:
        print("a build without SIP, SQLite or examples: no code is run")
        return
    yield ("the program of README.md",
           lambda: test_readme_program(readme, stage, own("call")))
    yield ("CMake of README.md",
           lambda: test_readme_cmake(readme, stage, own("cmake")))
    for page in everything:
        name = os.path.basename(page.path)
        if page.of("c") and page is not readme:
            yield ("code of " + page.path,
                   lambda p=page, n=name: test_chapter(p, stage, own(n)))
        if page.of("survey"):
            yield ("surveys of " + page.path,
                   lambda p=page, n=name: test_surveys(p, own("s-" + n)))
    yield ("the script of ledger.md",
           lambda: test_ledger(by_path["docs/guide/ledger.md"], own("ledger")))


def main():
    passed = failed = 0
    folder = tempfile.mkdtemp(prefix="outdial-docs-")
    try:
        for name, test in tests_of(folder):
            try:
                test()
                passed += 1
            except (Failure, subprocess.TimeoutExpired) as failure:
                failed += 1
                print(f"failed: {name}\n  {failure}")
    finally:
        shutil.rmtree(folder)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
