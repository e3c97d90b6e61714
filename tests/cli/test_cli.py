"""The command line and the examples, as a user meets them.

    test_cli.py BUILD [-v] [TestClass.test_name]...

Everything runs as a process of its own on files in a temporary folder; calls
go over the simulated carrier, in virtual time.
"""

import csv
import hashlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

BUILD = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build-test"
OUTDIAL = os.path.join(BUILD, "examples", "cli", "outdial")
HERE = os.path.dirname(os.path.abspath(__file__))
PROMPT = os.path.join(HERE, "..", "..", "examples", "demo", "hello.wav")

CALLEE = os.path.join(BUILD, "examples", "callee", "callee")
MAKE_PEOPLE = os.path.join(HERE, "..", "..", "examples", "demo",
                           "make_people.sh")

OK, FAILURE, USAGE, REFUSED, NOT_FOUND, NO = range(6)
INTERRUPTED = 130

PEOPLE = """\
Phone,First_Name,Last_Name,Timezone,Pet
(212) 555-0110,Ada,Abel,,cat
+1 212 555 0111,Ben,"Brook, Jr.",America/New_York,dog
2125550112,Cleo,=1+1,,
2125550110,Ada,Again,,
nonsense,Zoe,Zimmer,,
"""

CONSENT = """\
phone,kind,purpose,obtained
+12125550110,express,survey,2026-03-01
+12125550111,express,survey,2026-03-01
+12125550112,express,survey,2026-03-01
"""

SURVEY = """\
survey Poll
question happy
  play hello
  key 1 Yes -> end
  key 2 No -> end
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="outdial-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def run_program(self, *words, code=OK):
        done = subprocess.run(words, cwd=self.folder, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=60,
                              encoding="utf-8", check=False)
        self.assertEqual(done.returncode, code,
                         f"{words}\n{done.stdout}\n{done.stderr}")
        return done

    def outdial(self, *words, code=OK):
        return self.run_program(OUTDIAL, *words, code=code)

    def rows(self, *words, code=OK):
        text = self.outdial(*words, "--json", code=code).stdout
        return [json.loads(line) for line in text.splitlines()]

    # What the rules ask of a campaign to unknown lines in the United States.
    LAWFUL = ["--purpose", "survey", "--identity", "hello", "--offer", "hello"]

    def campaign(self, *options):
        """Three people who agreed, a prompt, a survey, the campaign "Poll"."""
        self.outdial("import", self.path("p.csv", PEOPLE), "--group", "all")
        self.outdial("consent", "import", self.path("c.csv", CONSENT))
        self.outdial("media", "add", "hello", PROMPT)
        self.outdial("survey", "add", self.path("s.txt", SURVEY))
        self.outdial("campaign", "create", "Poll", "--group", "all",
                     "--caller-id", "+12125550199", "--prompt", "hello",
                     "--survey", "Poll", *self.LAWFUL, *options)


class Usage(Case):
    def test_every_command_has_help(self):
        listed = self.outdial("--help").stdout
        names = [line[2:24].strip() for line in listed.splitlines()
                 if line.startswith("  ") and line[2:3].islower()]
        self.assertIn("campaign create", names)
        for name in names:
            text = self.outdial(*name.split(), "--help").stdout
            self.assertTrue(text.startswith("Usage: outdial " + name), name)
            self.assertIn("--db FILE", text)

    def test_help_fits_a_terminal(self):
        for words in (["--help"], ["run", "--help"],
                      ["campaign", "create", "--help"], ["simulate", "-h"]):
            for line in self.outdial(*words).stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_wrong_command_lines(self):
        for words in ([], ["nonsense"], ["campaign", "nonsense"], ["dnc"],
                      ["import"], ["import", "x"], ["dnc", "add"],
                      ["group", "add", "a", "b"], ["--db"],
                      ["group", "list", "--nonsense"],
                      ["group", "list", "--json=yes"],
                      ["campaign", "create", "c", "--attempts", "many"],
                      ["campaign", "create", "c", "--attempts", "21"],
                      ["campaign", "create", "c", "--recall", "perhaps"],
                      ["campaign", "create", "c", "--ring-timeout", "3s"],
                      ["campaign", "create", "c", "--start-at", "soon"],
                      ["campaign", "create", "c", "--window", "mon 25-26"],
                      ["campaign", "create", "c", "--purpose", "fun"],
                      ["campaign", "create", "c", "--retry", "busy"],
                      ["campaign", "create", "c", "--retry", "busy="],
                      ["campaign", "create", "c", "--retry", "busy=10m/0"],
                      ["campaign", "create", "c", "--retry", "busy=1s"],
                      ["campaign", "create", "c", "--retry", "answered=1h"],
                      ["campaign", "create", "c", "--guard", "abandon"],
                      ["campaign", "create", "c", "--guard", "abandon=0"],
                      ["campaign", "create", "c", "--guard", "abandon=1001"],
                      ["campaign", "create", "c", "--guard", "colour=3"],
                      ["campaign", "create", "c", "--quota", "happy=Yes"],
                      ["campaign", "create", "c", "--quota", "happy=Yes:0"],
                      ["campaign", "create", "c", "--quota", "=Yes:3"],
                      ["campaign", "create", "c", "--priority", "10"],
                      ["campaign", "callback", "c", "+12125550110", "soon"],
                      ["run"]):
            done = self.outdial(*words, code=USAGE)
            self.assertEqual(done.stdout, "", words)
            self.assertNotEqual(done.stderr, "", words)

    def test_trunks(self):
        self.outdial("group", "add", "g")
        for spec in ("nonsense", "name=a", "host=a,port=0", "host=a,port=x",
                     "host=a,protocol=pigeon", "host=a,colour=red",
                     "host=a,password-file=missing"):
            self.outdial("run", "--trunk", spec, code=USAGE)

    def test_no_database(self):
        self.outdial("group", "list", code=NOT_FOUND)
        self.outdial("override", "list", code=NOT_FOUND)
        self.assertFalse(os.path.exists(self.path("outdial.db")))


class Contacts(Case):
    def test_import(self):
        report, = self.rows("import", self.path("p.csv", PEOPLE), "--group",
                            "all", "--reject", "bad.csv")
        self.assertEqual((report["rows"], report["added"],
                          report["duplicate_in_file"], report["rejected"]),
                         (5, 3, 1, 1))
        with open(self.path("bad.csv"), encoding="utf-8") as file:
            self.assertIn("nonsense", file.read())
        self.assertEqual(self.rows("group", "list")[0]["members"], 3)
        people = self.rows("contact", "list", "--group", "all")
        self.assertEqual(people[0]["phone"], "+12125550110")
        self.assertEqual(people[0]["fields"], {"Pet": "cat"})
        self.assertEqual(people[1]["last_name"], "Brook, Jr.")

    def test_export_comes_back(self):
        self.outdial("import", self.path("p.csv", PEOPLE), "--group", "all")
        self.outdial("group", "export", "all", "out.csv")
        self.outdial("--db", "other.db", "import", "out.csv", "--group", "all")
        before = self.rows("contact", "list")
        after = self.rows("--db", "other.db", "contact", "list")
        self.assertEqual(sorted(p["phone"] for p in before),
                         sorted(p["phone"] for p in after))
        self.assertIn("=1+1", [p["last_name"] for p in after])

    def test_terminal_is_not_obeyed(self):
        self.outdial("contact", "add", "+12125550113", "--group", "g",
                     "--first-name", "\x1b[2Jx\u202ey\u009b")
        text = self.outdial("contact", "list").stdout
        for harmful in ("\x1b", "\u202e", "\u009b"):
            self.assertNotIn(harmful, text)
        self.assertIn("\\x1b[2Jx", text)
        self.assertIn("\x1b", self.rows("contact", "list")[0]["first_name"])

    def test_groups(self):
        self.outdial("group", "add", "g")
        self.outdial("group", "add", "g", code=REFUSED)
        self.outdial("group", "rename", "g", "h")
        self.outdial("group", "remove", "g", code=NOT_FOUND)
        self.outdial("group", "remove", "h")
        self.assertEqual(self.rows("group", "list"), [])


    def test_validate(self):
        self.outdial("group", "add", "g")
        self.assertEqual(self.rows("group", "list")[0]["fresh"], None)
        self.outdial("group", "validate", "g", "--at", "2026-03-01T14:00Z")
        self.assertEqual(self.rows("group", "list")[0]["fresh"],
                         "2026-03-01T14:00:00.000Z")
        self.outdial("group", "validate", "g")
        self.assertGreater(self.rows("group", "list")[0]["fresh"],
                           "2026-03-01T14:00:00.000Z")
        self.outdial("group", "validate", "h", code=NOT_FOUND)
        self.outdial("group", "validate", "g", "--at", "2999-01-01",
                     code=USAGE)

    def test_places_lines_and_phones(self):
        self.outdial("contact", "add", "+12125550113", "--group", "g",
                     "--zip", "10001", "--phone2", "212-555-0114", "--phone3",
                     "+442079460012", "--line", "mobile")
        self.outdial("contact", "add", "+12125550115", "--group", "g",
                     "--phone2", "nobody", code=USAGE)
        self.outdial("contact", "add", "+12125550115", "--group", "g",
                     "--line", "pager", code=USAGE)
        person, = self.rows("contact", "list")
        self.assertEqual((person["zip"], person["phone2"], person["phone3"],
                          person["line"]),
                         ("10001", "+12125550114", "+442079460012", "mobile"))
        self.outdial("group", "export", "g", "out.csv")
        self.outdial("--db", "other.db", "import", "out.csv", "--group", "g")
        again, = self.rows("--db", "other.db", "contact", "list")
        self.assertEqual(person, again)


class Consent(Case):
    def test_one_by_one(self):
        self.outdial("consent", "add", "212 555 0110", "--kind", "written",
                     "--purpose", "marketing", "--obtained",
                     "2026-03-01T14:00Z", "--seller", "Acme", "--how", "form",
                     "--text", "I agree", "--reference", "r1", "--who", "Ada",
                     "--sha256", "Ab" * 32)
        self.outdial("consent", "add", "+12125550110", "--kind", "purchase",
                     "--obtained", "2026-03-01T14:00Z")
        self.outdial("consent", "add", "+12125550111", "--kind", "inquiry",
                     "--obtained", "2026-03-01T14:00Z")
        row, bought = self.rows("consent", "list", "(212) 555-0110")
        del row["id"], row["added"]
        self.assertEqual(row, {
            "phone": "+12125550110", "kind": "written", "purpose": "marketing",
            "obtained": "2026-03-01T14:00:00.000Z", "revoked": None,
            "how": "form", "text": "I agree", "reference": "r1", "who": "Ada",
            "sha256": "ab" * 32, "seller": "Acme"})
        self.assertEqual((bought["purpose"], bought["sha256"]), ("", ""))
        self.assertIn("+12125550111", self.outdial("consent", "list").stdout)
        self.outdial("consent", "revoke", "+12125550110", "--seller", "Acme",
                     "--reason", "by mail")
        self.assertEqual([row["revoked"] is not None for row in
                          self.rows("consent", "list")], [True, False, False])
        self.outdial("dnc", "add", "+12125550110")
        self.outdial("consent", "revoke", "+12125550110", code=NOT_FOUND)

    def test_refused(self):
        good = ["consent", "add", "+12125550110", "--kind", "express",
                "--purpose", "survey", "--obtained", "2026-03-01"]
        for change in (["--kind", "oral"], ["--purpose", "sales"],
                       ["--obtained", "2999-01-01"], ["--obtained", "never"],
                       ["--sha256", "ab"], ["--sha256", "xy" * 32],
                       ["--seller", "x" * 128]):
            self.outdial(*good, *change, code=USAGE)
        self.outdial("consent", "add", "+12125550110", "--kind", "written",
                     "--obtained", "2026-03-01", code=USAGE)
        self.outdial("consent", "add", "nobody", *good[3:], code=USAGE)
        self.assertEqual(self.rows("consent", "list"), [])

    def test_files(self):
        report, = self.rows("consent", "import", self.path("c.csv", """\
phone,kind,purpose,obtained
+12125550110,written,marketing,2026-03-01
+12125550111,inquiry,,2026-02-30
"""), "--reject", "bad.csv")
        self.assertEqual((report["rows"], report["added"], report["rejected"]),
                         (2, 1, 1))
        with open(self.path("bad.csv"), encoding="utf-8") as file:
            self.assertIn("2026-02-30", file.read())
        self.outdial("consent", "export", "out.csv")
        report, = self.rows("consent", "import", "out.csv")
        self.assertEqual((report["added"], report["present"]), (0, 1))
        self.outdial("consent", "import", self.path("d.csv", "phone\n"),
                     code=FAILURE)

    def test_caller_ids(self):
        self.outdial("caller-id", "add", "212 555 0199", "--evidence",
                     "contract 7")
        self.outdial("caller-id", "add", "212 555 0199", "--evidence",
                     "contract 7")
        self.outdial("caller-id", "add", "212 555 0199", "--evidence",
                     "contract 8", code=REFUSED)
        self.outdial("caller-id", "add", "anonymous", "--evidence", "x",
                     code=USAGE)
        self.outdial("caller-id", "add", "+12125550198", code=USAGE)
        self.outdial("caller-id", "add", "+12125550198", "+12125550197",
                     "--evidence", "letter")
        self.assertEqual(
            [(row["phone"], row["evidence"])
             for row in self.rows("caller-id", "list")],
            [("+12125550199", "contract 7"), ("+12125550198", "letter"),
             ("+12125550197", "letter")])
        self.outdial("caller-id", "remove", "+12125550198")
        self.outdial("caller-id", "remove", "+12125550198", code=NOT_FOUND)
        self.assertEqual(len(self.rows("caller-id", "list")), 2)


class DoNotCall(Case):
    def test_prefixes_and_terms(self):
        self.outdial("dnc", "add", "+1900*")
        self.outdial("dnc", "add", "+12125550110", "--expires",
                     "2999-01-01T00:00Z")
        self.outdial("dnc", "add", "+12125550111", "--expires", "2020-01-01",
                     code=USAGE)
        self.outdial("dnc", "remove", "+12125550110", "--expires",
                     "2999-01-01", code=USAGE)
        self.assertEqual(
            [(row["phone"], row["expires"])
             for row in self.rows("dnc", "list")],
            [("+1900*", None), ("+12125550110", "2999-01-01T00:00:00.000Z")])
        self.outdial("dnc", "check", "+12125550110", code=NO)
        self.outdial("dnc", "export", "dnc.csv")
        report, = self.rows("--db", "other.db", "dnc", "import", "dnc.csv")
        self.assertEqual((report["added"], report["rejected"]), (2, 0))

    def test_list(self):
        self.outdial("dnc", "add", "212 555 0110", "--reason", "by mail")
        self.outdial("dnc", "check", "+12125550110", code=NO)
        self.outdial("dnc", "check", "+12125550111")
        entry, = self.rows("dnc", "list")
        self.assertEqual(entry["reason"], "by mail")
        self.outdial("dnc", "export", "dnc.csv")
        self.outdial("dnc", "remove", "+12125550110")
        self.outdial("dnc", "remove", "+12125550110", code=NOT_FOUND)
        report, = self.rows("dnc", "import", "dnc.csv")
        self.assertEqual(report["added"], 1)
        self.outdial("dnc", "add", "nonsense", code=USAGE)
        self.outdial("dnc", "add", "+12125550110", "--scope", "campaign",
                     code=USAGE)


class Registry(Case):
    """Files of national lists; no database is needed or made."""

    LIST = "212,5550110\n2125550111\n+19075550100\nnonsense\n"

    def build(self, *words, code=OK):
        return self.outdial("dnc", "build", *words, code=code)

    def test_build_and_read(self):
        built, = self.rows("dnc", "build", "--name", "us.national",
                           "--obtained", "2026-11-20T00:00Z", "--out", "n.reg",
                           "--reject", "bad.csv",
                           self.path("n.txt", self.LIST))
        self.assertEqual((built["name"], built["numbers"], built["areas"],
                          built["whole"], built["rejected"],
                          built["first_rejected_line"]),
                         ("us.national", 3, 2, False, 1, 4))
        self.assertEqual(built["obtained"], "2026-11-20T00:00:00.000Z")
        self.assertEqual(built["base_sha256"], "")
        self.assertEqual(built["bytes"],
                         os.path.getsize(self.path("n.reg")))
        with open(self.path("n.txt"), "rb") as file:
            self.assertEqual(built["source_sha256"],
                             hashlib.sha256(file.read()).hexdigest())
        with open(self.path("bad.csv"), encoding="utf-8") as file:
            self.assertIn("4,has letters,nonsense", file.read())
        self.assertEqual(self.rows("dnc", "registry", "n.reg"), [built])
        self.assertEqual(self.rows("dnc", "registry", "n.reg", "--verify"),
                         [built])
        self.assertFalse(os.path.exists(self.path("outdial.db")))

    def test_for_people(self):
        said = self.build("--name", "us.national", "--obtained", "2026-11-20",
                          "--out", "n.reg", "--whole",
                          self.path("n.txt", self.LIST))
        self.assertIn("4 lines: 3 added, 0 present, 0 removed, 0 absent, "
                      "1 rejected", said.stdout)
        self.assertIn("n.txt: line 4 has letters; 1 rejected in all",
                      said.stderr)
        for line in self.outdial("dnc", "registry", "n.reg").stdout.split("\n"):
            self.assertLessEqual(len(line), 80, line)

    def test_change_list(self):
        self.build("--name", "us.national", "--obtained", "2026-11-20",
                   "--out", "n.reg", self.path("n.txt", self.LIST))
        old, = self.rows("dnc", "registry", "n.reg")
        change = self.path("c.txt", "A,212,5550112\nD,2125550110\n")
        new, = self.rows("dnc", "build", "--base", "n.reg", "--out", "n.reg",
                         "--obtained", "2026-11-21", "--number-column", "2",
                         "--action-column", "1", change)
        self.assertEqual((new["name"], new["numbers"], new["added"],
                          new["removed"], new["base_sha256"]),
                         ("us.national", 3, 1, 1, old["sha256"]))
        self.build("--base", "n.reg", "--out", "n.reg", "--obtained",
                   "2026-11-20", change, code=USAGE)
        more, = self.rows("dnc", "build", "--base", "n.reg", "--out", "n.reg",
                          "--obtained", "2026-11-22", "--action-column", "0",
                          self.path("m.txt", "3055550100\n"))
        self.assertEqual((more["numbers"], more["areas"]), (4, 3))

    def test_failures(self):
        text = self.path("n.txt", self.LIST)
        good = ("--obtained", "2026-11-20", "--out", "n.reg")
        self.build("--name", "us.national", "--out", "n.reg", text, code=USAGE)
        self.build("--name", "US", *good, text, code=USAGE)
        self.build(*good, text, code=USAGE)
        self.build("--name", "us.national", *good, code=USAGE)
        self.build("--name", "us.national", *good, "missing", code=FAILURE)
        self.build("--name", "us.national", *good,
                   self.path("x.xml", "<list/>\n"), code=FAILURE)
        self.assertFalse(os.path.exists(self.path("n.reg")))
        self.outdial("dnc", "registry", code=USAGE)
        self.outdial("dnc", "registry", "missing", code=FAILURE)
        self.outdial("dnc", "registry", "n.txt", code=FAILURE)
        self.build("--name", "us.national", *good, text)
        with open(self.path("n.reg"), "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\xff")
        self.outdial("dnc", "registry", "n.reg")
        said = self.outdial("dnc", "registry", "n.reg", "--verify",
                            code=FAILURE)
        self.assertIn("damaged", said.stderr)


class Campaigns(Case):
    def test_life(self):
        self.campaign()
        self.outdial("campaign", "create", "Poll", code=REFUSED)
        self.outdial("campaign", "pause", "Poll", code=REFUSED)
        self.outdial("campaign", "start", "Nobody", code=NOT_FOUND)
        self.outdial("campaign", "start", "Poll")
        for word, state in (("pause", "paused"), ("resume", "running"),
                            ("stop", "idle")):
            row, = self.rows("campaign", word, "Poll")
            self.assertEqual(row["state"], state)

    def test_preflight(self):
        self.outdial("campaign", "create", "Empty")
        stopped = self.rows("campaign", "start", "Empty", code=REFUSED)
        self.assertGreaterEqual(len(stopped), 4)
        self.assertTrue(all(p["what"] and p["cure"] for p in stopped))
        self.assertEqual({p["severity"] for p in stopped}, {"error"})
        self.assertEqual(stopped, self.rows("campaign", "problems", "Empty",
                                            code=REFUSED))
        said = self.outdial("campaign", "problems", "Empty", code=REFUSED)
        self.assertIn("no purpose is stated", said.stdout)
        self.assertIn("-> set purpose", said.stdout)
        self.outdial("campaign", "problems", "Nobody", code=NOT_FOUND)

    def test_problems_of_rules(self):
        self.campaign("--identity", "none", "--offer", "none")
        rules = {p["rule"]: p for p in self.rows("campaign", "problems",
                                                 "Poll", code=REFUSED)}
        for rule in ("us.id.start", "us.optout.exempt"):
            self.assertEqual((rules[rule]["severity"], rules[rule]["count"]),
                             ("error", 3))
        self.outdial("campaign", "update", "Poll", *self.LAWFUL)
        warning, = self.rows("campaign", "problems", "Poll")
        self.assertEqual(warning["severity"], "warning")
        self.assertIn("caller ID", warning["what"])
        self.outdial("caller-id", "add", "+12125550199", "--evidence", "letter")
        self.assertEqual(self.rows("campaign", "problems", "Poll"), [])
        self.outdial("campaign", "start", "Poll")

    def test_show(self):
        self.campaign("--seller", "Acme, Inc.", "--end", "2027-06-01T00:00Z",
                      "--retry", "busy=10m/2", "--retry", "no-answer=none",
                      "--guard", "abandon=20", "--guard", "brief=500",
                      "--guard", "prefix=none", "--retry-unfinished", "yes",
                      "--spread-dayparts", "yes", "--priority", "7",
                      "--weight", "20", "--quota", "happy=Yes:100",
                      "--window", "mon,tue,fri-sun 9:30-17:00")
        poll, = self.rows("campaign", "show", "Poll")
        for name, value in {
                "purpose": "survey", "seller": "Acme, Inc.",
                "caller_id": "+12125550199", "groups": ["all"],
                "prompts": ["hello"],
                "windows": ["mon-tue,fri-sun 09:30-17:00"],
                "survey": "Poll", "identity": "hello", "offer": "hello",
                "end": "2027-06-01T00:00:00.000Z", "start_at": None,
                "retry": "busy=600s/2 no_answer=none",
                "retry_unfinished": True, "spread_dayparts": True,
                "priority": 7, "weight": 20, "quota": "happy=Yes:100",
                "guard": "sample=50 short=300 prefix=none unheard=none "
                         "abandon=20 brief=500"}.items():
            self.assertEqual(poll[name], value, name)
        text = self.outdial("campaign", "show", "Poll").stdout
        self.assertRegex(text, r"(?m)^purpose +survey$")
        self.assertRegex(text, r"(?m)^windows +mon-tue,fri-sun 09:30-17:00$")

        # What it says can be said again, and an update keeps the rest.
        self.outdial("campaign", "update", "Poll", "--retry", "busy=default",
                     "--retry", "declined=2h", "--guard", "brief=default",
                     "--quota", "none", "--window", poll["windows"][0])
        again, = self.rows("campaign", "show", "Poll")
        self.assertEqual(again, {**poll, "quota": "",
                                 "retry": "no_answer=none declined=7200s",
                                 "guard": poll["guard"].replace("500", "none")})
        row, = self.rows("campaign", "list")
        self.assertEqual((row["purpose"], row["priority"], row["seller"]),
                         ("survey", 7, "Acme, Inc."))

    def test_update(self):
        self.campaign("--attempts", "2", "--window", "mon-fri 9-17")
        self.outdial("campaign", "update", "Poll", "--rename", "Vote",
                     "--window", "none", "--survey", "none")
        self.outdial("campaign", "start", "Vote")
        self.outdial("campaign", "update", "Vote", "--caller-id",
                     "+12125550198", code=REFUSED)
        self.outdial("campaign", "update", "Vote", "--attempts", "5")

    def test_explain(self):
        self.campaign()
        self.outdial("dnc", "add", "+12125550110")
        self.outdial("campaign", "start", "Poll")
        verdict, = self.rows("campaign", "explain", "Poll", "+12125550110",
                             code=NO)
        self.assertEqual((verdict["verdict"], verdict["reason"]),
                         ("block", "dnc"))

    def test_status(self):
        self.campaign()
        self.outdial("campaign", "start", "Poll")
        status, = self.rows("campaign", "status", "Poll")
        self.assertEqual(status["state"], "running")
        self.assertIn("running", self.outdial("campaign", "status",
                                              "Poll").stdout)
        row, = self.rows("campaign", "list")
        self.assertEqual(row["name"], "Poll")


class Rules(Case):
    OWN = """\
rule acme.hours
  in US-NY
  purpose any-but-emergency
  window mon-fri 10:00-16:00
  cite board decision
  verified yes
"""

    def test_list(self):
        rules = {row["id"]: row for row in self.rows("rules", "list")}
        self.assertEqual(rules["us.hours"]["text"], "window daily 8:00-21:00")
        self.assertIn("47 CFR 64.1200", rules["us.hours"]["citation"])
        florida = self.rows("rules", "list", "--jurisdiction", "US-FL")
        self.assertEqual({row["jurisdiction"] for row in florida},
                         {"US", "US-FL", "*"})
        self.assertGreater(len(rules), len(florida))
        self.assertEqual([row for row in self.rows("rules", "list",
                                                   "--jurisdiction", "GB")
                          if row["jurisdiction"] == "US"], [])

    def test_own(self):
        before, = self.rows("rules", "hash")
        self.outdial("rules", "add", "acme", self.path("acme.rules", self.OWN))
        self.outdial("rules", "add", "acme", "acme.rules", code=REFUSED)
        self.outdial("rules", "add", "other", "missing", code=NOT_FOUND)
        said = self.outdial("rules", "add", "other", code=FAILURE,
                            *[self.path("bad.rules", "rule x\n  in Mars\n")])
        self.assertIn("line 2", said.stderr)
        own, = [row for row in self.rows("rules", "list") if row["host"]]
        self.assertEqual((own["id"], own["set"], own["effect"]),
                         ("acme.hours", "acme", "window"))
        after, = self.rows("rules", "hash")
        self.assertNotEqual(before, after)

        self.campaign()
        self.outdial("campaign", "start", "Poll")
        self.outdial("rules", "remove", "acme")
        self.outdial("rules", "remove", "acme", code=NOT_FOUND)
        self.outdial("rules", "remove", "us", code=NOT_FOUND)
        self.assertEqual(self.rows("rules", "hash"), [before])

    def test_overrides(self):
        self.campaign()
        good = ["--rule", "us.consent.other", "--reason", "they are staff",
                "--who", "Ada"]
        self.outdial("override", "add", "staff", *good[2:], code=USAGE)
        self.outdial("override", "add", "staff", "--rule", "no.such", *good[2:],
                     code=NOT_FOUND)
        self.outdial("override", "add", "staff", "--campaign", "Nobody", *good,
                     code=NOT_FOUND)
        self.outdial("override", "add", "staff", *good)
        self.outdial("override", "add", "staff", *good, code=REFUSED)
        self.outdial("override", "add", "poll", "--campaign", "Poll", *good)
        everybody, poll = self.rows("override", "list")
        self.assertEqual(everybody, {
            "name": "staff", "rule": "us.consent.other", "campaign": 0,
            "who": "Ada", "reason": "they are staff"})
        self.assertEqual(poll["campaign"], 1)
        lifted = [row["id"] for row in self.rows("rules", "list")
                  if row["lifted"]]
        self.assertEqual(lifted, ["us.consent.other"])
        self.outdial("override", "remove", "staff")
        self.outdial("override", "remove", "staff", code=NOT_FOUND)
        self.assertEqual([row["name"] for row in self.rows("override", "list")],
                         ["poll"])


class Explain(Case):
    def setUp(self):
        super().setUp()
        self.campaign()
        self.outdial("dnc", "add", "+12125550110")

    def test_one_verdict(self):
        verdict, = self.rows("campaign", "explain", "Poll", "+12125550110",
                             code=NO)
        self.assertEqual((verdict["verdict"], verdict["reason"]),
                         ("block", "dnc"))
        self.assertIn("do-not-call", self.outdial(
            "campaign", "explain", "Poll", "+12125550110", code=NO).stdout)
        self.outdial("campaign", "explain", "Nobody", "+12125550110",
                     code=NOT_FOUND)

    def test_every_check(self):
        checks = self.rows("campaign", "explain", "Poll", "+12125550110",
                           "--all", code=NO)
        by_name = {check["check"]: check for check in checks}
        self.assertEqual(checks[0]["check"], "number")
        self.assertEqual(by_name["dnc"]["verdict"], "block")
        self.assertEqual(by_name["dnc"]["evidence"], "on the list")
        self.assertEqual(by_name["attempts"]["evidence"], "0 of 3")
        self.assertEqual(by_name["campaign"]["evidence"], "idle")
        lines = self.outdial("campaign", "explain", "Poll", "+12125550110",
                             "--all", code=NO).stdout.splitlines()
        self.assertEqual(len(lines), len(checks) + 1)
        self.assertTrue(lines[0].startswith("check"))
        check, = self.rows("campaign", "explain", "Poll", "nonsense", "--all",
                           code=NO)
        self.assertEqual(check["reason"], "number_invalid")

    def test_histogram(self):
        self.assertEqual(self.rows("campaign", "histogram", "Poll"), [])
        title, = self.outdial("campaign", "histogram",
                              "Poll").stdout.splitlines()
        self.assertEqual(title.split(),
                         ["count", "verdict", "reason", "until", "rule"])
        self.outdial("campaign", "histogram", "Nobody", code=NOT_FOUND)

    def test_forecast(self):
        words = ("campaign", "forecast", "Poll", "--answer", "100%", "--talk",
                 "60s", "--price", "0.015")
        forecast, = self.rows(*words)
        self.assertEqual(forecast["contacts"], 3)
        self.assertEqual(forecast["answered"] + forecast["unreached"] +
                         forecast["never"], 3)
        self.assertEqual(forecast["never_by"]["dnc"], 1)
        self.assertEqual(forecast["calls"], forecast["answered"])
        self.assertEqual(forecast["cost_micros"], 15000 * forecast["calls"])
        self.assertEqual(sum(forecast["hours"]), forecast["calls"])
        self.assertFalse(forecast["learned"])
        text = self.outdial(*words).stdout
        self.assertIn("3 numbers: ", text)
        self.assertIn("1 never: dnc", text)
        ledger, = self.rows("ledger", "verify")
        self.outdial(*words)
        self.assertEqual(self.rows("ledger", "verify"), [ledger])

    def test_forecast_refuses(self):
        self.outdial("campaign", "forecast", "Poll", "--learned", "--busy",
                     "12.5", "--seed", "7", "--calls", "5", "--end",
                     "2099-01-01", code=USAGE)
        for share in ("101%", "1.25%", "%", "x", "-1", "3 %"):
            self.outdial("campaign", "forecast", "Poll", "--busy", share,
                         code=USAGE)
        for price in ("", ".", "1.0000001", "101", "1e3"):
            self.outdial("campaign", "forecast", "Poll", "--price", price,
                         code=USAGE)
        self.outdial("campaign", "forecast", "Poll", "--answer", "60%",
                     "--busy", "50%", code=USAGE)


class Simulation(Case):
    def simulate(self, *options, code=OK):
        result, = self.rows("simulate", "Poll", "--at", "2027-03-10T17:00Z",
                            *options, code=code)
        return result

    def test_results(self):
        self.campaign()
        result = self.simulate(
            "--play", "+12125550110=ring 2s answer wait 9s press 1",
            "--play", "+12125550111=ring 2s answer wait 9s press 2",
            "--play", "+12125550112=status 486")
        self.assertEqual(result["state"], "completed")
        self.assertEqual(result["finished_by"], {"answered": 2, "busy": 1})
        self.assertEqual(result["attempts"], 5)
        self.assertEqual(
            [(a["question"], a["choice"], a["count"])
             for a in result["answers"]],
            [("happy", "Yes", 1), ("happy", "No", 1)])

    def test_changes_nothing(self):
        self.campaign()
        folder = self.path("tmp")
        os.mkdir(folder)
        with unittest.mock.patch.dict(os.environ, TMPDIR=folder):
            self.simulate()
        self.assertEqual(os.listdir(folder), [])
        row, = self.rows("campaign", "list")
        self.assertEqual((row["state"], row["finished"]), ("idle", 0))

    def test_repeats(self):
        self.campaign()
        self.assertEqual(self.simulate("--seed", "5"),
                         self.simulate("--seed", "5"))

    def test_copy_can_be_read(self):
        self.campaign()
        self.simulate("--answer", "100", "--keep", "copy.db")
        calls = self.rows("--db", "copy.db", "campaign", "calls", "Poll")
        self.assertEqual(len(calls), 3)
        self.assertEqual({c["disposition"] for c in calls}, {"answered"})
        self.assertEqual(self.rows("--db", "copy.db", "campaign", "calls",
                                   "Poll", "--disposition", "busy"), [])
        self.outdial("--db", "copy.db", "campaign", "export", "Poll",
                     "--calls", "calls.csv", "--answers", "answers.csv")
        with open(self.path("calls.csv"), encoding="utf-8-sig") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 3)
        self.assertIn("answered", self.outdial("--db", "copy.db", "campaign",
                                               "results", "Poll").stdout)
        ledger, = self.rows("--db", "copy.db", "ledger", "verify")
        self.assertGreater(ledger["rows"], 6)
        self.outdial("--db", "copy.db", "ledger", "export", "ledger.jsonl")
        with open(self.path("ledger.jsonl"), encoding="utf-8") as file:
            self.assertEqual(len([json.loads(line) for line in file]),
                             ledger["rows"])

    def test_consent_decides(self):
        self.campaign()
        self.outdial("consent", "revoke", "+12125550111")
        result = self.simulate("--answer", "100")
        self.assertEqual((result["finished_by"], result["blocked_by"]),
                         ({"answered": 2}, {"consent": 1}))
        self.outdial("override", "add", "x", "--rule", "us.consent.other",
                     "--reason", "a test", "--who", "Ada")
        result = self.simulate("--answer", "100")
        self.assertEqual(result["finished_by"], {"answered": 3})

    def test_own_hours_decide(self):
        self.campaign()
        self.outdial("rules", "add", "acme", self.path("acme.rules", Rules.OWN))
        self.outdial("simulate", "Poll", "--at", "2027-03-10T11:00Z",
                     "--answer", "100", "--keep", "copy.db")
        calls = self.rows("--db", "copy.db", "campaign", "calls", "Poll")
        self.assertEqual(len(calls), 3)
        for call in calls:  # 10:00 in New York
            self.assertTrue(call["begun"].startswith("2027-03-10T15:00"))

    def test_crowd(self):
        self.campaign("--attempts", "1")
        busy = self.simulate("--busy", "100", "--range",
                             "+1212555011:answer=100")
        self.assertEqual(busy["finished_by"], {"answered": 3})
        none = self.simulate("--answer", "100", "--range",
                             "12125550110:busy=100,ring-min=1s")
        self.assertEqual(none["finished_by"], {"answered": 2, "busy": 1})
        out = self.simulate("--answer", "100", "--opt-out", "100")
        self.assertEqual(out["opted_out"], 3)
        machines = self.simulate("--voicemail", "100", "--machine-after", "1s",
                                 "--talk-min", "20s", "--talk-max", "20s")
        self.assertEqual(machines["surveys_done"], 0)
        failed = self.simulate("--failed", "100")
        self.assertEqual(failed["finished_by"], {"failed": 3})
        full = self.simulate("--answer", "100", "--congestion-calls", "1",
                             "--retry-after", "30s", "--trunks", "2")
        self.assertEqual(full["finished_by"], {"answered": 3})
        self.assertGreater(full["attempts_by"]["congestion"], 0)
        for wrong in ("answer=100", "+1212:answer", "+1212:colour=1",
                      "+1212:answer=101", "+1212:answer=90,busy=20",
                      "x:answer=1"):
            self.outdial("simulate", "Poll", "--range", wrong, code=USAGE)

    def test_registry_decides(self):
        self.campaign("--purpose", "marketing", "--seller", "Acme",
                      "--guard", "abandon=30")
        self.outdial("caller-id", "add", "+12125550199", "--evidence", "letter")
        self.outdial("override", "add", "x", "--rule", "us.consent.marketing",
                     "--reason", "a test", "--who", "Ada")
        self.outdial("dnc", "build", "--name", "us.national", "--obtained",
                     "2027-03-01T00:00Z", "--out", "n.reg",
                     self.path("n.txt", "2125550110\n"))
        missing = self.rows("simulate", "Poll", "--at", "2027-03-10T17:00Z",
                            code=REFUSED)
        self.assertIn("us.registry", [p["rule"] for p in missing])
        result = self.simulate("--answer", "100", "--registry", "n.reg")
        self.assertEqual((result["finished_by"], result["blocked_by"]),
                         ({"answered": 2}, {"registry": 1}))
        self.outdial("simulate", "Poll", "--registry", "missing", code=FAILURE)

    def test_callback(self):
        self.campaign()
        self.simulate("--answer", "100", "--keep", "copy.db")
        db = ("--db", "copy.db")
        self.outdial(*db, "campaign", "callback", "Poll", "+12125550119",
                     "2027-03-12T17:00Z", code=NOT_FOUND)
        self.outdial(*db, "campaign", "callback", "Poll", "+12125550110",
                     "2020-03-12T17:00Z", code=USAGE)
        self.outdial(*db, "campaign", "callback", "Poll", "+12125550110",
                     "2027-03-12T17:00Z")
        self.outdial(*db, "simulate", "Poll", "--at", "2027-03-11T17:00Z",
                     "--answer", "100", "--keep", "later.db")
        calls = self.rows("--db", "later.db", "campaign", "calls", "Poll")
        self.assertEqual(len(calls), 4)
        self.assertEqual(calls[3]["phone"], "+12125550110")
        self.assertTrue(calls[3]["begun"].startswith("2027-03-12T17:00"))

    def test_refuses_what_cannot_start(self):
        self.outdial("campaign", "create", "Empty")
        self.outdial("simulate", "Empty", code=REFUSED)


class Texts(Case):
    """Three people, one with an emoji in the name, one without a name."""

    AT = ("--at", "2027-03-10T17:00Z")
    PEOPLE = ("phone,first_name\n+12125550110,Ada\n"
              "+12125550111,Ben \N{PARTY POPPER}\n+12125550112,\n")

    def setUp(self):
        super().setUp()
        self.outdial("import", self.path("p.csv", self.PEOPLE), "--group",
                     "all")
        self.outdial("consent", "import", self.path("c.csv", CONSENT))
        self.outdial("survey", "add", self.path("s.txt", SURVEY))

    def create(self, *options, code=OK):
        return self.outdial(
            "campaign", "create", "Tables", "--channel", "text", "--group",
            "all", "--caller-id", "+12125550199", "--purpose", "survey",
            "--text", "Hi {{first_name|there}}, your table is ready.",
            "--opt-out-text", "Reply STOP to opt out", "--confirm-text",
            "No more texts.", "--help-text", "Call us.", "--attempts", "1",
            *options, code=code)

    def simulate(self, *options):
        """The copy that is left, as options."""
        self.outdial("simulate", "Tables", *self.AT, "--keep", "copy.db",
                     *options)
        return ("--db", "copy.db")

    def test_create_show_update(self):
        self.create("--segments", "2", "--validity", "2h",
                    "--texts-per-minute", "60", "--transliterate", "yes",
                    "--retry", "undelivered=2h/2")
        shown, = self.rows("campaign", "show", "Tables")
        self.assertEqual(
            [shown[key] for key in ("channel", "opt_out_text", "confirm_text",
                                    "help_text", "too_long", "segments",
                                    "transliterate", "validity_s",
                                    "texts_per_minute", "retry")],
            ["text", "Reply STOP to opt out", "No more texts.", "Call us.",
             "split", 2, True, 7200, 60, "undelivered=7200s/2"])
        self.outdial("campaign", "update", "Tables", "--too-long", "refuse",
                     "--help-text", "none", "--text", "Hello")
        shown, = self.rows("campaign", "show", "Tables")
        self.assertEqual((shown["too_long"], shown["segments"],
                          shown["help_text"], shown["text"]),
                         ("refuse", 1, "", "Hello"))
        text = self.outdial("campaign", "show", "Tables").stdout
        self.assertIn("confirm text      No more texts.", text)

    def test_refused(self):
        for options in (["--segments", "11"], ["--too-long", "shrink"],
                        ["--validity", "1s"], ["--channel", "pigeon"],
                        ["--transliterate", "perhaps"], ["--caller-id", "12"],
                        ["--texts-per-minute", "600001"],
                        ["--retry", "sent=1h"], ["--colour", "red"]):
            self.create(*options, code=USAGE)
        done = self.create("--text", "Hi {{first_name", code=FAILURE)
        self.assertIn("}}", done.stderr)
        for words in (["message"], ["message", "list"], ["reply", "opt-out"],
                      ["message", "list", "Tables", "--colour", "red"],
                      ["message", "preview", "Tables", "--longest", "11"],
                      ["reply", "list", "--since", "soon"],
                      ["reply", "opt-out", "one"]):
            self.outdial(*words, code=USAGE)
        self.create()
        self.outdial("message", "list", "Tables", "--disposition", "lost",
                     code=USAGE)
        self.outdial("reply", "list", "--phone", "nobody", code=USAGE)
        self.outdial("reply", "opt-out", "7", code=NOT_FOUND)
        for command in "list", "check", "preview":
            self.outdial("message", command, "Nothing", code=NOT_FOUND)
        self.outdial("reply", "list", "--campaign", "Nothing", code=NOT_FOUND)
        self.outdial("campaign", "create", "Calls")
        self.outdial("message", "check", "Calls", code=REFUSED)

    def test_check_and_preview(self):
        self.create()
        report, = self.rows("message", "check", "Tables")
        self.assertEqual((report["contacts"], report["segments"],
                          report["ucs2"], report["ucs2_contact"]),
                         (3, 3, 1, 2))
        self.assertIn("need UCS-2", self.outdial("message", "check",
                                                 "Tables").stdout)
        first = self.rows("message", "preview", "Tables", "--longest", "1")
        self.assertEqual([(row["contact"], row["encoding"], row["ucs2_at"])
                          for row in first], [(2, "ucs2", 8)])
        row, = self.rows("message", "preview", "Tables", "--contact", "3")
        self.assertEqual(row["text"], "Hi there, your table is ready. "
                         "Reply STOP to opt out")
        self.assertEqual(len(self.rows("message", "preview", "Tables")), 3)
        self.outdial("message", "preview", "Tables", "--contact", "9",
                     code=NOT_FOUND)

    def test_problems_and_forecast(self):
        self.create()
        said = " ".join(row["what"] for row in
                        self.rows("campaign", "problems", "Tables"))
        self.assertIn("\N{PARTY POPPER}", said)
        row, = self.rows("campaign", "forecast", "Tables", "--segment-price",
                         "0.01")
        self.assertEqual((row["calls"], row["segments"], row["texts_ucs2"],
                          row["segments_ucs2"], row["cost_micros"]),
                         (3, 3, 1, 1, 30000))
        text = self.outdial("campaign", "forecast", "Tables").stdout
        self.assertIn("3 would get a text", text)
        self.outdial("campaign", "forecast", "Tables", "--segment-price",
                     "dear", code=USAGE)

    def test_what_becomes_of_texts(self):
        self.create()
        db = self.simulate(
            "--text-play", "+12125550110=accept wait 2s delivered",
            "--text-play", "+12125550111=accept wait 1s code 034 failed",
            "--text-play", "+12125550112=reject 11")
        texts = self.rows(*db, "message", "list", "Tables")
        self.assertEqual(
            {row["phone"]: (row["disposition"], row["delivery"],
                            row["network_code"], row["encoding"])
             for row in texts},
            {"+12125550110": ("sent", "delivered", "", "gsm"),
             "+12125550111": ("undelivered", "failed", "034", "ucs2"),
             "+12125550112": ("not_found", "none", "", "gsm")})
        for disposition, count in (("sent", 1), ("undelivered", 1),
                                   ("not_found", 1), ("unknown", 0)):
            found = self.rows(*db, "message", "list", "Tables",
                              "--disposition", disposition)
            self.assertEqual(len(found), count, disposition)
        found = self.rows(*db, "message", "list", "Tables", "--phone",
                          "(212) 555-0110")
        self.assertEqual(found[0]["text"], "Hi Ada, your table is ready. "
                         "Reply STOP to opt out")
        self.assertEqual(self.rows(*db, "message", "list", "Tables", "--until",
                                   "2027-03-10T17:00Z"), [])
        self.outdial(*db, "message", "export", "Tables", "texts.csv")
        with open(self.path("texts.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(sorted(row["delivery"] for row in rows),
                         ["delivered", "failed", "none"])
        stats, = self.rows(*db, "campaign", "status", "Tables")
        self.assertEqual((stats["delivery_by"], stats["segments"]),
                         ({"none": 1, "delivered": 1, "failed": 1}, 2))
        text = self.outdial(*db, "campaign", "status", "Tables").stdout
        self.assertIn("0 replies, 2 segments; 1 delivered, 1 failed", text)

    def test_not_delivered_is_sent_again(self):
        self.create("--attempts", "2", "--retry", "undelivered=10m")
        db = self.simulate(
            "--text-play", "+12125550110=accept wait 1s expired each accept "
            "wait 1s delivered", "--text-play", "+12125550111=accept wait 1s "
            "failed")
        texts = self.rows(*db, "message", "list", "Tables")
        self.assertEqual(
            [(row["begun"][11:16], row["delivery"]) for row in texts
             if row["phone"] == "+12125550110"],
            [("17:00", "expired"), ("17:10", "delivered")])
        stats, = self.rows(*db, "campaign", "status", "Tables")
        self.assertEqual((stats["state"], stats["finished_by"],
                          stats["attempts"]),
                         ("completed", {"sent": 2, "undelivered": 1}, 5))

    def test_shares_of_texts(self):
        self.create()
        shares = (("--text-undelivered", "failed"),
                  ("--text-expired", "expired"), ("--text-silent", "unknown"))
        for option, delivery in shares:
            row, = self.rows("simulate", "Tables", *self.AT, option, "100")
            self.assertEqual(row["delivery_by"], {delivery: 3}, option)
        row, = self.rows("simulate", "Tables", *self.AT, "--text-silent",
                         "100", "--range", "+12125550110:text-replies=100,"
                         "text-receipt-max=2s", "--range", "+12125550111:"
                         "text-not-found=100", "--range", "+12125550112:"
                         "answer=100")
        self.assertEqual(row["delivery_by"],
                         {"none": 1, "delivered": 1, "unknown": 1})
        self.assertEqual((row["replies"], row["finished_by"]),
                         (1, {"sent": 2, "not_found": 1}))
        text = self.outdial("simulate", "Tables", *self.AT,
                            "--text-opt-outs", "100").stdout
        self.assertRegex(text, r"asked not to text +3\n")
        self.assertRegex(text, r"delivered +3 ")
        for options in (["--text-silent", "101"], ["--text-play", "x"],
                        ["--text-play", "+12125550110=dance"],
                        ["--text-reply", "x" * 24],
                        ["--range", "+1:text-colour=3"],
                        ["--text-silent", "60", "--text-expired", "60"]):
            self.outdial("simulate", "Tables", *options, code=USAGE)

    def test_replies(self):
        self.create("--survey", "Poll")
        db = self.simulate(
            "--text-play", "+12125550110=accept delivered wait 9s reply Stop. "
            "each accept delivered",
            "--text-play", "+12125550111=accept delivered reply yes!",
            "--text-play", "+12125550112=accept delivered "
            "reply please+leave+me+alone")
        replies = self.rows(*db, "reply", "list")
        self.assertEqual(
            {row["phone"]: (row["kind"], row["answered"], row["text"])
             for row in replies},
            {"+12125550110": ("opt_out", "confirm", "Stop."),
             "+12125550111": ("other", "none", "yes!"),
             "+12125550112": ("other", "none", "please leave me alone")})
        # The answer is counted, the opt-out is on the list and confirmed.
        self.assertEqual(
            self.rows(*db, "campaign", "results", "Tables")[0]["answers"],
            [{"question": "happy", "choice": "Yes", "count": 1}])
        self.outdial(*db, "dnc", "check", "+12125550110", code=NO)
        self.outdial(*db, "dnc", "check", "+12125550112")
        confirmed = [row for row in self.rows(*db, "message", "list", "Tables")
                     if row["notice"] == "confirm"]
        self.assertEqual([(row["phone"], row["text"]) for row in confirmed],
                         [("+12125550110", "No more texts.")])
        # Somebody has to read the rest.
        asked, = [row["id"] for row in replies if "alone" in row["text"]]
        self.outdial(*db, "reply", "opt-out", str(asked))
        self.outdial(*db, "reply", "opt-out", str(asked))
        self.outdial(*db, "dnc", "check", "+12125550112", code=NO)
        entries = self.rows(*db, "dnc", "list")
        self.assertEqual([row["source"] for row in entries], ["reply"] * 2)
        self.outdial(*db, "reply", "export", "replies.csv")
        with open(self.path("replies.csv"), encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(sorted(row["kind"] for row in rows),
                         ["opt_out", "opt_out", "other"])
        self.assertEqual(
            [row["text"] for row in
             self.rows(*db, "reply", "list", "--phone", "+12125550111",
                       "--campaign", "Tables")], ["yes!"])

    def test_smpp_accounts(self):
        for spec in ("nonsense", "host=a", "user=a", "host=a,user=b,port=0",
                     "host=a,user=b,tls=perhaps", "host=a,user=b,colour=red",
                     "host=a,user=b,long=short", "host=a,user=b,window=1001",
                     "host=a,user=b,password-file=missing"):
            self.outdial("run", "--smpp", spec, "--until-done", code=USAGE)
        self.outdial("run", "--address", "127.0.0.1", code=USAGE)
        with open(os.path.join(BUILD, "CMakeCache.txt"),
                  encoding="utf-8") as file:
            if "OUTDIAL_SMPP:BOOL=ON" not in file.read():
                self.skipTest("built without SMPP")
        self.path("secret", "pass\n")
        account = "host=127.0.0.1,port=9,user=me,password-file=secret"
        self.outdial("run", "--until-done", "--smpp", account)
        self.outdial("run", "--until-done", "--address", "127.0.0.1",
                     "--trunk", "host=127.0.0.1,port=9", "--smpp", account)
        self.outdial("run", "--until-done", "--address", "127.0.0.1",
                     "--trunk", "host=127.0.0.1,port=9,name=smpp", "--smpp",
                     account, code=USAGE)


class Ledger(Case):
    def setUp(self):
        """A campaign that was played: person 0 opted out in the call."""
        super().setUp()
        self.campaign()
        self.outdial("dnc", "add", "2125550199", "--reason", "by mail")
        self.outdial("simulate", "Poll", "--at", "2027-03-10T17:00Z",
                     "--answer", "100", "--keep", "copy.db", "--play",
                     "+12125550110=ring 2s answer wait 3s press 9")
        self.before, = self.rows("ledger", "head")

    def copy(self, *words, code=OK):
        return self.rows("--db", "copy.db", *words, code=code)

    def test_head(self):
        head, = self.copy("ledger", "head")
        self.assertRegex(head["head"], r"^\d+:[0-9a-f]{64}$")
        self.assertEqual(head["head"].split(":")[0], str(head["seq"]))
        self.assertTrue(head["time"].startswith("2027-03-10T17:"))
        verified, = self.copy("ledger", "verify")
        self.assertEqual(verified, {"rows": head["seq"],
                                    "head": head["head"]})
        text = self.outdial("--db", "copy.db", "ledger", "head").stdout
        self.assertIn(head["head"], text)

    def test_head_of_nothing(self):
        self.outdial("--db", "new.db", "dnc", "add", "2125550199")
        self.outdial("--db", "other.db", "group", "add", "g")
        head, = self.rows("--db", "other.db", "ledger", "head")
        self.assertEqual((head["seq"], head["head"]), (0, "0:" + "0" * 64))
        verified, = self.rows("--db", "other.db", "ledger", "verify",
                              "--from", head["head"], "--to", head["head"])
        self.assertEqual(verified["rows"], 0)

    def test_verify_range(self):
        kept = self.before["head"]
        end, = self.copy("ledger", "head")
        row, = self.copy("ledger", "verify", "--from", kept)
        self.assertEqual(row["rows"], end["seq"] - self.before["seq"])
        row, = self.copy("ledger", "verify", "--to", kept)
        self.assertEqual(row, {"rows": self.before["seq"], "head": kept})
        row, = self.copy("ledger", "verify", "--from", kept,
                         "--to", end["head"])
        self.assertEqual(row["head"], end["head"])
        changed = kept[:-1] + ("0" if kept[-1] != "0" else "1")
        for option in "--from", "--to":
            done = self.outdial("--db", "copy.db", "ledger", "verify", option,
                                changed, code=FAILURE)
            self.assertIn("has another hash", done.stderr)
            # The database of before ends before this head.
            done = self.outdial("ledger", "verify", option, end["head"],
                                code=NOT_FOUND)
            self.assertIn("does not reach row", done.stderr)
        for bad in ("7", "7:", ":" + "0" * 64, "7:" + "0" * 63, "x:y",
                    "7:" + "0" * 65, "7:" + "g" * 64, "-1:" + "0" * 64):
            self.outdial("ledger", "verify", "--from=" + bad, code=USAGE)

    def export(self, *options, code=OK):
        done = self.outdial("--db", "copy.db", "ledger", "export", *options,
                            "out", code=code)
        if code != OK:
            return done
        with open(self.path("out"), encoding="utf-8", newline="") as file:
            return file.read()

    def test_export_lines(self):
        def kinds(text):
            return [json.loads(line)["kind"] for line in text.splitlines()]
        self.assertEqual(len(kinds(self.export())),
                         self.copy("ledger", "head")[0]["seq"])
        of_ada = kinds(self.export("--phone", "212-555-0110"))
        self.assertEqual(sorted(set(of_ada) - {"consent_add"}),
                         ["attempt", "dnc_add", "outcome"])
        self.assertEqual(kinds(self.export("--phone", "2125550199")),
                         ["dnc_add"])
        of_poll = kinds(self.export("--campaign", "Poll"))
        self.assertEqual(of_poll.count("attempt"), 3)
        self.assertEqual(of_poll.count("outcome"), 3)
        self.assertEqual(of_poll.count("dnc_add"), 1)  # that in the call
        self.assertEqual(kinds(self.export("--since", "2028-01-01Z")), [])
        self.assertEqual(
            set(kinds(self.export("--since", "2027-03-10T17:00Z"))) &
            {"attempt", "outcome"}, {"attempt", "outcome"})
        self.export("--campaign", "Nobody", code=NOT_FOUND)
        self.export("--phone", "nonsense", code=USAGE)
        self.export("--format", "xml", code=USAGE)

    def test_export_calls(self):
        text = self.export("--format", "calls-csv", "--campaign", "Poll")
        calls = list(csv.DictReader(text.splitlines()))
        self.assertEqual(len(calls), 3)
        of_phone = {call["called_number"]: call for call in calls}
        call = of_phone["'+12125550110"]
        self.assertEqual(call["opted_out"], "yes")
        self.assertEqual(call["robocall"], "yes")
        self.assertEqual(call["campaign_name"], "Poll")
        self.assertEqual(call["disposition"], "answered")
        self.assertEqual(call["date"], "2027-03-10")
        self.assertTrue(call["local"].endswith("America/New_York"))
        self.assertRegex(call["prompts"] + call["survey"],
                         r"^[0-9a-f]{64} ")
        self.assertEqual(of_phone["'+12125550111"]["opted_out"], "no")
        text = self.export("--format", "calls-csv", "--phone", "2125550112")
        self.assertEqual(len(text.splitlines()), 2)

    def test_erase(self):
        about = self.export("--phone", "2125550110").splitlines()
        row, = self.copy("erase", "2125550110", "--reason", "asked by mail")
        self.assertEqual((row["contacts"], row["rows_erased"]), (1, 0))
        self.assertEqual((row["rows_kept"], row["calls_erased"]),
                         (len(about), 0))
        self.assertTrue(row["kept_until"].startswith("2032-03-1"))
        self.assertEqual(len(self.copy("contact", "list")), 2)
        last = json.loads(self.export().splitlines()[-1])
        self.assertEqual(last["kind"], "erase")
        self.assertEqual(last["payload"]["reason"], "asked by mail")
        self.copy("ledger", "verify", "--to", self.before["head"])
        self.copy("dnc", "check", "2125550110", code=NO)
        self.outdial("erase", "2125550110", code=USAGE)
        self.outdial("erase", "--reason", "x", code=USAGE)
        done = self.outdial("erase", "2125550110", "--reason",
                            "call of 555-0110", code=USAGE)
        self.assertIn("names the number", done.stderr)


class Safety(Case):
    def test_backup(self):
        self.campaign()
        self.outdial("backup", "copy.db")
        self.outdial("backup", "copy.db", code=REFUSED)
        self.assertEqual(len(self.rows("--db", "copy.db", "contact", "list")),
                         3)

    def test_not_a_database(self):
        self.path("outdial.db", "this is no database, whatever its name is\n")
        self.outdial("group", "list", code=FAILURE)


class Run(Case):
    def test_registry(self):
        self.outdial("group", "add", "g")
        self.outdial("dnc", "build", "--name", "us.national", "--obtained",
                     "2026-11-01", "--out", "n.reg",
                     self.path("n.txt", "2125550110\n"))
        words = ("run", "--address", "127.0.0.1", "--until-done", "--trunk",
                 "host=127.0.0.1,port=9", "--registry")
        self.outdial(*words, "missing", code=FAILURE)
        self.outdial(*words, "n.reg")

    def test_stops_in_order(self):
        self.outdial("group", "add", "g")
        words = [OUTDIAL, "run", "--address", "127.0.0.1", "--json",
                 "--trunk", "host=127.0.0.1,port=9"]
        with subprocess.Popen(words, cwd=self.folder) as program:
            self.addCleanup(program.kill)
            with self.assertRaises(subprocess.TimeoutExpired):
                program.wait(timeout=1)
            program.send_signal(signal.SIGINT)
            self.assertEqual(program.wait(timeout=20), OK)

    def test_ends_when_nothing_runs(self):
        self.outdial("group", "add", "g")
        self.outdial("run", "--address", "127.0.0.1", "--until-done",
                     "--trunk", "host=127.0.0.1,port=9")


class OverSip(Case):
    """Calls to examples/callee, a process of its own, on loopback."""

    def setUp(self):
        super().setUp()
        if not os.path.exists(CALLEE):
            self.skipTest("built without SIP")

    def callee(self, play):
        """Three people who do as told; the port they listen on."""
        self.run_program(MAKE_PEOPLE, "all.csv", "all.plays", "agreed.csv")
        with open(self.path("all.csv"), encoding="utf-8") as file:
            self.path("three.csv", "".join(file.readlines()[:4]))
        plays = self.path("plays", "* " + play + "\n")
        callee = subprocess.Popen([CALLEE, "--listen", "127.0.0.1:0",
                                   "--plays", plays],
                                  stdout=subprocess.PIPE, encoding="utf-8")
        self.addCleanup(callee.stdout.close)
        self.addCleanup(callee.wait, 10)
        self.addCleanup(callee.terminate)
        return callee.stdout.readline().strip().rpartition(":")[2]

    def poll(self, port):
        self.outdial("import", "three.csv", "--group", "all")
        self.outdial("consent", "import", "agreed.csv")
        self.outdial("media", "add", "hello", PROMPT)
        self.outdial("survey", "add", self.path("s.txt", SURVEY))
        self.outdial("campaign", "create", "Poll", "--group", "all",
                     "--caller-id", "+12125550199", "--prompt", "hello",
                     "--survey", "Poll", "--seller", "Lake Water Works",
                     *self.LAWFUL, "--purpose", "informational")
        return [OUTDIAL, "run", "Poll", "--until-done", "--json", "--trunk",
                "host=127.0.0.1,port=" + port]

    def test_events_and_results(self):
        words = self.poll(self.callee("ring 1s answer wait 5s press 2"))
        lines = self.run_program(*words).stdout.splitlines()
        events = [json.loads(line) for line in lines[:-1]]
        results = json.loads(lines[-1])
        kinds = [event["event"] for event in events]
        for kind in ("dialing", "ringing", "answered", "answer", "ended"):
            self.assertEqual(kinds.count(kind), 3, kind)
        self.assertEqual(results["finished_by"], {"answered": 3})
        self.assertEqual(results["answers"], [
            {"question": "happy", "choice": "No", "count": 3}])

    def test_first_signal_hangs_up(self):
        words = self.poll(self.callee("ring 1s answer"))
        with subprocess.Popen(words, cwd=self.folder, encoding="utf-8",
                              stdout=subprocess.PIPE) as program:
            self.addCleanup(program.kill)
            for line in program.stdout:
                if json.loads(line)["event"] == "answered":
                    break
            program.send_signal(signal.SIGINT)
            rest = [json.loads(line) for line in program.stdout]
            self.assertEqual(program.wait(timeout=30), INTERRUPTED)
        self.assertEqual(rest[-1]["in_progress"], 0)
        self.assertEqual(self.rows("campaign", "status", "Poll")[0]["state"],
                         "running")

    def test_monitor_draws_in_place(self):
        words = self.poll(self.callee("ring 1s answer wait 2s hangup"))
        words.remove("--json")
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(str(error))
        with subprocess.Popen(words, cwd=self.folder, stdout=theirs,
                              stderr=theirs) as program:
            self.addCleanup(program.kill)
            os.close(theirs)
            text = b""
            with open(ours, "rb", buffering=0) as terminal:
                try:
                    while chunk := terminal.read(4096):
                        text += chunk
                except OSError:
                    pass  # how the end of a terminal is told
            self.assertEqual(program.wait(timeout=30), OK)
        self.assertIn(b"\x1b[", text)
        self.assertIn(b"3 of 3 done", text)
        self.assertIn(b"Poll: completed", text)

    def test_minimal(self):
        port = self.callee("ring 1s answer")
        with open(self.path("agreed.csv"), encoding="utf-8") as file:
            agreed = file.read().replace("Lake Water Works", "")
        done = self.run_program(os.path.join(BUILD, "examples", "minimal"),
                                "three.csv", self.path("c.csv", agreed),
                                PROMPT, "+12125550199", "127.0.0.1", port)
        self.assertIn("3 of 3 answered", done.stdout)


class Examples(Case):
    def example(self, name, *words):
        return self.run_program(os.path.join(BUILD, "examples", name),
                                *words).stdout

    def test_survey(self):
        text = self.example("survey")
        self.assertIn("coming", text)
        self.assertIn("Yes", text)

    def test_texts(self):
        text = self.example("texts")
        self.assertRegex(text, r"delivered +\d\d\d\n")
        self.assertRegex(text, r"opted out +[1-9]")
        self.assertRegex(text, r"coming: Yes +[1-9]")

    def test_custom_storage(self):
        self.assertRegex(self.example("custom_storage"), r"commits, \d+ calls")

    def test_custom_transport(self):
        self.assertEqual(self.example("custom_transport").count("hang up"), 3)

    def test_own_loop(self):
        self.outdial("group", "add", "g")
        self.example("own_loop", "outdial.db")


if __name__ == "__main__":
    unittest.main()
