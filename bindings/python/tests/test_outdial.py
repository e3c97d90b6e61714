"""The Python package, as a program uses it.

Run by ctest, which says where the package is. Campaigns are simulated and in
virtual time, but for one call over SIP to examples/callee.
"""

import csv
import inspect
import itertools
import os
import re
import select
import subprocess
import sys

import pytest

import outdial
from outdial import (CampaignState, ConsentKind, Disposition, DncScope,
                     Duplicate, Err, EventType, LedgerFormat, LedgerKind, Line,
                     OutdialError, Purpose, Reason, RuleEffect, Severity,
                     VerdictKind, capi)
from stage import DEMO, NOON, ROOT, SURVEY, make_campaign, make_engine, phone


@pytest.fixture
def engine():
    with make_engine() as engine:
        yield engine


def import_all(engine, group, **options):
    job = engine.import_start(group, **options)
    while not (report := engine.import_report_get(job)).done:
        engine.turn()
    return report


# -- campaigns ----------------------------------------------------------------


PLAYS = {
    phone(0): "ring 2s answer wait 5s press 1 wait 20s hangup",
    phone(1): "ring 1s answer wait 5s press 2 wait 20s hangup",
    phone(2): "ring 3s answer wait 4s press 9",
    phone(3): "ring 1s status 486",
    phone(4): "ring 1s status 603",
    phone(5): "ring 99s",
    phone(6): "status 404",
}


def test_campaign_from_start_to_end():
    with make_engine(PLAYS) as engine:
        campaign = make_campaign(engine, PLAYS)
        survey = engine.survey_add(SURVEY)
        options = engine.campaign_get(campaign).options
        assert options.retry_delay_s == 3600 and options.survey == 0
        options.survey = survey
        engine.campaign_update(campaign, options)
        engine.campaign_start(campaign)
        events = list(engine.run(campaign))

        stats = engine.campaign_stats_get(campaign)
        assert stats.state == CampaignState.COMPLETED
        assert stats.contacts == stats.finished + stats.blocked == len(PLAYS)
        assert {d: n for d, n in stats.attempts_by.items() if n} == {
            Disposition.ANSWERED: 3, Disposition.BUSY: 1,
            Disposition.DECLINED: 1, Disposition.NO_ANSWER: 1,
            Disposition.NOT_FOUND: 1}
        assert stats.opted_out == 1
        assert {tuple(row.values()) for row in engine.results_get(campaign)
                } == {("pet", "Cat", 1), ("pet", "Dog", 1)}
        assert {(a.phone, a.digits, a.choice, a.visit)
                for a in engine.answers_list(campaign)} == {
            (phone(0), "1", "Cat", 1), (phone(1), "2", "Dog", 1)}
        assert engine.dnc_check(phone(2), 0)

        # What was reported is what is stored.
        ended = {e.attempt: e for e in events
                 if e.type == EventType.CALL_ENDED}
        calls = list(engine.calls_list(campaign=campaign))
        assert [c.attempt for c in calls] == sorted(ended)
        for call in calls:
            event = ended[call.attempt]
            for field in ("phone", "contact", "disposition", "sip_status",
                          "fault", "survey_done"):
                assert call[field] == event[field], field
        kinds = [str(e.type) for e in events]
        assert kinds.count("call_dialing") == len(PLAYS)
        assert kinds.count("call_answered") == 3
        assert kinds.count("answer") == 2 and kinds.count("opt_out") == 1
        assert events[-1].type == EventType.CAMPAIGN_STATE
        assert events[-1].state == CampaignState.COMPLETED
        assert engine.next_event() is None


def test_own_loop_by_deadline(engine):
    campaign = make_campaign(engine, [phone(i) for i in range(20)])
    engine.campaign_start(campaign)
    now = dict(NOON)
    for _ in range(10000):
        engine.step(**now)
        if (engine.campaign_stats_get(campaign).state ==
                CampaignState.COMPLETED):
            break
        ahead_ms = max(0, engine.deadline_ms() - now["mono_ms"])
        now = {name: value + ahead_ms for name, value in now.items()}
    stats = engine.campaign_stats_get(campaign)
    assert stats.state == CampaignState.COMPLETED and stats.attempts == 20
    with pytest.raises(OutdialError) as error:
        engine.step(mono_ms=0, utc_ms=0)
    assert error.value.code == Err.INVALID


def test_texts(engine):
    text = outdial.text_measure("Your table is ready \N{PARTY POPPER}")
    assert (text.encoding, text.segments, text.ucs2_text) == (
        outdial.TextEncoding.UCS2, 1, "\N{PARTY POPPER}")
    assert outdial.reply_classify("Stop. Thank you", 0) == \
        outdial.ReplyKind.OPT_OUT
    group = engine.group_add("texted")
    contact = engine.contact_add(group, phone=phone(0), first_name="Ann")
    preview = engine.template_preview("Hello {{first_name|there}}", contact)
    assert preview.text == "Hello Ann"
    report = engine.template_check("Hello {{first_name}}", group)
    assert report.contacts == 1


def test_event_attributes():
    with make_engine({phone(0): "ring 2s answer wait 3s hangup"}) as engine:
        campaign = make_campaign(engine, [phone(0)])
        engine.campaign_start(campaign)
        ended = [e for e in engine.run(campaign)
                 if e.type == EventType.CALL_ENDED]
        assert len(ended) == 1
        event = ended[0]
        assert event.phone == event["phone"] == phone(0)
        assert event.disposition == Disposition.ANSWERED
        assert f"{event.disposition:>10}" == "  answered"
        assert (event.ring_ms, event.talk_ms) == (2000, 3000)
        assert event.campaign == campaign and event.survey_done is False
        assert event.fault == Err.OK
        assert not hasattr(event, "digits")
        with pytest.raises(AttributeError, match="digits"):
            event.digits


def test_dnc_blocks_and_explain_says_so(engine):
    campaign = make_campaign(engine, [phone(0), phone(1)])
    engine.dnc_add(phone=phone(0), reason="asked twice")
    engine.campaign_start(campaign)
    engine.turn()
    verdict = engine.campaign_explain(campaign, phone(0))
    assert verdict.kind == VerdictKind.BLOCK and verdict.reason == Reason.DNC
    assert "do-not-call" in outdial.verdict_text(verdict)
    events = list(engine.run(campaign))
    assert {e.phone for e in events if "phone" in e} == {phone(1)}
    stats = engine.campaign_stats_get(campaign)
    assert stats.blocked_by[Reason.DNC] == stats.blocked == 1

    entry, = engine.dnc_list()
    assert (entry.phone, entry.scope, entry.reason, entry.source) == (
        phone(0), DncScope.ALL, "asked twice", "host")
    engine.dnc_remove(phone(0), DncScope.ALL, 0)
    assert engine.dnc_check(phone(0), 0) is False


def test_window_defers(engine):
    campaign = make_campaign(engine, [phone(0)], windows=["mon-fri 9:00-17:30"])
    engine.campaign_start(campaign)
    engine.turn()
    verdict = engine.campaign_explain(campaign, phone(0))
    assert verdict.kind == VerdictKind.DEFER
    assert verdict.reason == Reason.CAMPAIGN_WINDOW
    assert verdict.until_utc_ms > NOON["utc_ms"]
    first = next(e for e in engine.run(campaign)
                 if e.type == EventType.CALL_DIALING)
    assert first.utc_ms >= verdict.until_utc_ms
    window, = engine.campaign_get(campaign).options.windows
    assert window == {"days": 0x1f, "start_min": 540, "end_min": 1050}
    assert window == outdial.window_parse("mon-fri 9-17:30")


def test_problems_are_all_listed(engine):
    campaign = engine.campaign_add(name="empty")
    with pytest.raises(OutdialError) as error:
        engine.campaign_start(campaign)
    assert error.value.code == Err.REFUSED
    problems = engine.campaign_problems(campaign)
    assert len(problems) >= 4
    assert all(problem.what and problem.cure for problem in problems)
    assert {problem.severity for problem in problems} == {Severity.ERROR}


def test_policies_go_in_and_come_out(engine):
    campaign = make_campaign(
        engine, [phone(0)], seller="Acme, Inc.", priority=7, weight=20,
        retries={Disposition.BUSY: {"delay_s": 600, "attempts_max": 2},
                 Disposition.DECLINED: {"delay_s": outdial.NONE}},
        guards={"abandon_max": 20, "prefix_max": outdial.NONE})
    options = engine.campaign_get(campaign).options
    assert (options.purpose, options.seller, options.priority,
            options.weight) == (Purpose.SURVEY, "Acme, Inc.", 7, 20)
    assert options.identity_prompt == options.offer_prompt > 0
    assert options.retries[Disposition.BUSY] == {"delay_s": 600,
                                                 "attempts_max": 2}
    assert options.retries[Disposition.DECLINED].delay_s == outdial.NONE
    assert options.retries[Disposition.NO_ANSWER].delay_s == 0
    assert (options.guards.abandon_max, options.guards.prefix_max,
            options.guards.sample) == (20, outdial.NONE, 50)
    options.retries[Disposition.BUSY] = {"delay_s": 60, "attempts_max": 0}
    options.guards.sample = 100
    engine.campaign_update(campaign, options)
    assert engine.campaign_get(campaign).options == options

    for wrong in ([], {"busy": {}}, {16: {}}, {-1: {}}, {1 << 70: {}},
                  {Disposition.BUSY: None}, {Disposition.BUSY: {"delay": 1}}):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            engine.campaign_add(name="wrong", retries=wrong)
    with pytest.raises(OutdialError) as error:
        engine.campaign_add(name="wrong", retries={
            Disposition.ANSWERED: {"delay_s": 60}})
    assert "answered" in error.value.text


def test_checks_histogram_forecast(engine):
    campaign = make_campaign(engine, [phone(0), phone(1), phone(2)])
    engine.consent_revoke(phone(1))
    engine.campaign_start(campaign)
    engine.step(**NOON)
    checks = {check.name: check
              for check in engine.campaign_checks(campaign, phone(1))
              if check.verdict.kind != VerdictKind.ALLOW}
    consent = checks["consent"]
    assert consent.verdict.reason == Reason.CONSENT
    assert consent.verdict.rule == "us.consent.other"
    assert "64.1200" in consent.citation
    rows = engine.campaign_histogram(campaign)
    assert sum(row.count for row in rows) == 3
    assert rows[0].verdict.kind in VerdictKind.__members__.values()

    waiting = make_engine()
    campaign = make_campaign(waiting, [phone(i) for i in range(200)])
    forecast = waiting.campaign_forecast(campaign, answer=500, seed=3)
    assert forecast.contacts == forecast.calls == 200
    assert 60 < forecast.answered < 140
    assert sum(forecast.hours) == 200 and forecast.never_by[Reason.DNC] == 0
    assert forecast == waiting.campaign_forecast(campaign,
                                                 {"answer": 500, "seed": 3})
    waiting.close()


def test_call_back():
    with make_engine({phone(0): "ring 1s answer wait 9s hangup"}) as engine:
        campaign = make_campaign(engine, [phone(0)], attempts_max=3)
        engine.campaign_start(campaign)
        list(engine.run(campaign))
        when = engine.now.utc_ms + 7200000
        engine.campaign_callback(campaign, phone(0), when)
        engine.campaign_start(campaign)
        list(engine.run(campaign))
        first, second = engine.calls_list()
        assert second.claimed_utc_ms >= when > first.ended_utc_ms
        assert LedgerKind.CALLBACK in [r.kind for r in engine.ledger_read()]


# -- the law ------------------------------------------------------------------


RULES = """\
rule acme.hours
  in US-NY
  purpose any-but-emergency
  window daily 15:00-16:00
  cite board decision
  verified yes
"""


def test_rules(engine):
    rules = {rule.id: rule for rule in engine.rules_list()}
    hours = rules["us.hours"]
    assert (hours.effect, hours.jurisdiction, hours.verified, hours.host,
            hours.lifted) == (RuleEffect.WINDOW, "US", True, False, False)
    assert hours.text == "window daily 8:00-21:00" and hours["from"] == ""
    assert rules["us-pa.hours"]["from"] == "2026-10-18"
    before = engine.rules_hash()
    assert len(before) == 32
    engine.rules_add("acme", RULES)
    assert len(list(engine.rules_list())) == len(rules) + 1
    assert engine.rules_hash() != before
    campaign = make_campaign(engine, [phone(0)])
    engine.campaign_start(campaign)
    engine.turn()
    assert engine.campaign_explain(campaign, phone(0)).rule == "acme.hours"
    engine.override_add(name="early", rule="acme.hours", reason="a test",
                        who="Ada", campaign=campaign)
    override, = engine.overrides_list()
    assert (override.name, override.reason, override.campaign) == (
        "early", "a test", campaign)
    assert engine.campaign_explain(campaign, phone(0)).kind == (
        VerdictKind.ALLOW)
    engine.override_remove("early")
    engine.rules_remove("acme")
    assert engine.rules_hash() == before
    with pytest.raises(OutdialError) as error:
        engine.rules_add("acme", "rule x\n  in Mars\n")
    assert error.value.code == Err.FORMAT and "Mars" in error.value.text


def test_consent(engine, tmp_path):
    proof = bytes(range(32))
    engine.consent_add(phone="212 555 0110", kind=ConsentKind.WRITTEN,
                       purpose=Purpose.MARKETING, seller="Acme",
                       obtained_utc_ms=1800000000000, sha256=proof)
    engine.consent_add(phone=phone(1), kind=ConsentKind.PURCHASE,
                       obtained_utc_ms=1800000000000)
    row, bought = engine.consents_list(None)
    assert (row.phone, row.kind, row.purpose, row.seller, row.sha256) == (
        "+12125550110", ConsentKind.WRITTEN, Purpose.MARKETING, "Acme", proof)
    assert bought.sha256 == bytes(32) and bought.revoked_utc_ms == 0
    assert list(engine.consents_list(phone(1))) == [bought]
    engine.consent_add(bought)  # the same again is no other row
    assert len(list(engine.consents_list(None))) == 2
    engine.consent_revoke("+12125550110", reason="by mail")
    assert next(engine.consents_list(None)).revoked_utc_ms > 0
    engine.consent_export(tmp_path / "consent.csv")
    with make_engine() as other:
        report = other.consent_import(tmp_path / "consent.csv",
                                      tmp_path / "rejected.csv")
        assert (report.rows, report.added, report.rejected) == (2, 1, 1)
    for wrong in (b"short", bytes(33), "x" * 31):
        with pytest.raises(ValueError):
            engine.consent_add(phone=phone(0), sha256=wrong)

    engine.caller_id_add(phone="+12125550199", evidence="letter")
    assert list(engine.caller_ids_list()) == [
        {"phone": "+12125550199", "evidence": "letter"}]
    engine.caller_id_remove("+12125550199")
    assert list(engine.caller_ids_list()) == []


def test_registry(engine, tmp_path):
    (tmp_path / "a.txt").write_text("2125550110\nnonsense\n", "ascii")
    (tmp_path / "b.txt").write_text("2125550111\n", "ascii")
    info = outdial.registry_build(
        paths=[tmp_path / "a.txt", os.fspath(tmp_path / "b.txt")],
        out_path=tmp_path / "n.reg", name="us.national",
        obtained_utc_ms=NOON["utc_ms"])
    assert (info.name, info.count, info.rejected, info.areas) == (
        "us.national", 2, 1, 1)
    assert outdial.registry_info_read(tmp_path / "n.reg") == info
    assert outdial.registry_verify(tmp_path / "n.reg") == info
    engine.registry_attach(tmp_path / "n.reg")
    assert list(engine.registries_list()) == [info]
    engine.registry_detach("us.national")
    assert list(engine.registries_list()) == []
    with pytest.raises(OutdialError) as error:
        outdial.registry_build(paths=[tmp_path / "none.txt"], name="x",
                               out_path=tmp_path / "x", obtained_utc_ms=1)
    assert error.value.code == Err.IO and "none.txt" in error.value.text
    with pytest.raises(TypeError):
        outdial.registry_build(paths=[None])
    for path in (None, "", "x" * 2000):
        with pytest.raises(OutdialError) as error:
            engine.registry_attach(path)
        assert error.value.code == Err.INVALID


def test_ranges_of_the_carrier():
    carrier = outdial.transport_new_sim(
        model={"busy": 1000}, ranges=[
            {"prefix": "+1212555200", "model": {"answer": 1000,
                                                "talk_ms_min": 5000,
                                                "talk_ms_max": 5000}}])
    with outdial.Engine(None, carrier, NOON, seed=7) as engine:
        campaign = make_campaign(engine, [phone(0), phone(10)])
        engine.campaign_start(campaign)
        list(engine.run(campaign))
        assert {call.phone: call.disposition for call in engine.calls_list()
                } == {phone(0): Disposition.ANSWERED,
                      phone(10): Disposition.BUSY}


def test_ledger_in_parts(engine, tmp_path):
    engine.group_add("x")
    engine.dnc_add(phone=phone(0))
    kept = engine.ledger_head_get()
    engine.dnc_add(phone=phone(1))
    assert engine.ledger_verify_range(None, kept) == kept.seq
    assert engine.ledger_verify_range(kept) == 1
    engine.ledger_extract(path=tmp_path / "one.jsonl", phone=phone(1))
    assert (tmp_path / "one.jsonl").read_text("utf-8").count("\n") == 1
    engine.ledger_extract(path=tmp_path / "calls.csv",
                          format=LedgerFormat.CALLS_CSV)
    assert (tmp_path / "calls.csv").read_text("utf-8-sig").startswith("attempt")
    kept.hash = bytes(32)
    with pytest.raises(OutdialError) as error:
        engine.ledger_verify_range(None, kept)
    assert error.value.code == Err.CORRUPT


def test_a_person_is_erased(engine):
    people = engine.group_add("people")
    engine.contact_add(people, phone=phone(0), line=Line.MOBILE, zip="10001")
    contact, = engine.contacts_list(people)
    assert (contact.line, contact.zip, contact.phone2) == (
        Line.MOBILE, "10001", "")
    done = engine.person_erase(phone(0), "asked by mail")
    assert done.contacts == 1 and list(engine.contacts_list(people)) == []
    with pytest.raises(OutdialError) as error:
        engine.person_erase(phone(0))
    assert error.value.code == Err.INVALID


# -- people -------------------------------------------------------------------


def test_import_with_rejects(engine, tmp_path):
    people = engine.group_add("people")
    (tmp_path / "people.csv").write_text(
        "Phone,First_Name,Pet\n(212) 555-0110,Ädä,cat\n212 555 0111,Ben,dog\n"
        "nonsense,Zoe,\n+12125550110,Ada again,\n", "utf-8")
    report = import_all(engine, people, path=tmp_path / "people.csv",
                        reject_path=tmp_path / "rejected.csv")
    assert (report.rows, report.added, report.rejected,
            report.duplicate_file) == (4, 2, 1, 1)
    assert report.err == Err.OK and report.bytes == report.bytes_total
    with open(tmp_path / "rejected.csv", encoding="utf-8") as file:
        header, rejected = csv.reader(file)
    assert "nonsense" in ",".join(rejected)
    done = [e for e in engine.events() if e.type == EventType.IMPORT][-1]
    assert done.done is True and done.rows == 4 and done["import"] > 0

    (tmp_path / "more.csv").write_text("phone\n2125550110\n", "utf-8")
    report = import_all(engine, people, path=os.fspath(tmp_path / "more.csv"),
                        duplicate=Duplicate.UPDATE)
    assert report.updated == 1
    with pytest.raises(OutdialError) as error:
        engine.import_start(people, path=tmp_path / "none.csv")
    assert error.value.code == Err.IO and "none.csv" in error.value.text


def test_contact_round_trip(engine):
    people = engine.group_add("people")
    fields = {"pet": "cat", "Größe": "1,80 \N{SNOWMAN}"}
    contact = engine.contact_add(people, {"phone": "212 555 0110"},)
    stored = engine.contact_get(contact)
    assert stored.phone == "+12125550110" and stored.fields == {}
    stored.first_name = "Ada"
    stored.fields = fields
    engine.contact_update(stored)
    assert engine.contact_get(contact) == {**stored, "fields": fields}
    with pytest.raises(OutdialError) as error:
        engine.contact_add(people, phone="12125550110")
    assert error.value.code == Err.EXISTS
    engine.contact_leave(contact, people)
    engine.contact_remove(contact)
    with pytest.raises(OutdialError) as error:
        engine.contact_get(contact)
    assert error.value.code == Err.NOT_FOUND


def test_list_pages(engine, tmp_path):
    people = engine.group_add("people")
    path = tmp_path / "people.csv"
    path.write_text("phone,first_name\n" + "".join(
        f"{phone(i)},n{i}\n" for i in range(2345)), "ascii")
    assert import_all(engine, people, path=path).added == 2345
    contacts = engine.contacts_list(people)
    assert iter(contacts) is contacts
    ids = [contact.id for contact in contacts]
    assert len(set(ids)) == 2345 and ids == sorted(ids)
    assert [c.id for c in engine.contacts_list(0, after_id=ids[2000])] == (
        ids[2001:])
    assert engine.contact_get(ids[7]) == next(
        engine.contacts_list(people, ids[6]))

    # Who is removed while the list is read does not come later.
    contacts = engine.contacts_list(people)
    for first in itertools.islice(contacts, 3):
        pass
    for row in list(engine.contacts_list(people, after_id=ids[1000])):
        engine.contact_remove(row.id)
    assert len(list(contacts)) == 1001 - 3
    assert list(engine.groups_list())[0].members == 1001


# -- the store ----------------------------------------------------------------


def test_file_is_opened_again(tmp_path):
    path = tmp_path / "campaign.db"
    with make_engine(PLAYS, path, poll_ms=1000) as engine:
        campaign = make_campaign(engine, PLAYS)
        engine.campaign_start(campaign)
        list(engine.run(campaign))
        calls = list(engine.calls_list())
        stats = engine.campaign_stats_get(campaign)
        ledger = engine.ledger_verify()
        engine.backup(tmp_path / "copy.db")
    with outdial.Engine(os.fspath(path)) as engine:
        assert list(engine.calls_list()) == calls
        assert engine.campaign_find("Pets") == campaign
        assert engine.campaign_stats_get(campaign).attempts == stats.attempts
        assert engine.ledger_verify() == ledger
        rows = list(engine.ledger_read())
        assert [row.seq for row in rows] == list(range(1, ledger[0] + 1))
        assert rows[-1].hash == ledger[1] and len(rows[0].salt) == 16
        assert {row.kind for row in rows} >= {
            LedgerKind.CAMPAIGN_SET, LedgerKind.ATTEMPT, LedgerKind.OUTCOME}
    with outdial.Engine(tmp_path / "copy.db") as engine:
        assert list(engine.calls_list()) == calls


def test_one_engine_dials(tmp_path):
    with make_engine(storage=tmp_path / "a.db") as engine:
        with pytest.raises(OutdialError) as error:
            make_engine(storage=tmp_path / "a.db")
        assert error.value.code == Err.LOCKED
        assert str(os.getpid()) in error.value.text
        engine.group_add("still fine")


# -- everything is wrapped, and said once -------------------------------------


def test_every_function_is_there():
    symbols = (ROOT / "docs" / "symbols.txt").read_text("ascii").split()
    headers = (ROOT / "include" / "outdial").glob("backend*.h")
    backend = "".join(header.read_text("utf-8") for header in headers)
    authors = set(re.findall(r"^OD_API [^;(]*?(\w+)\(", backend, re.M))
    assert "od_sink_post" in authors and "od_group_add" in symbols
    for symbol in set(symbols) - authors:
        name = symbol[3:].removeprefix("engine_")
        assert (hasattr(outdial.Engine, name) or hasattr(outdial, name) or
                symbol in ("od_engine_new", "od_engine_free")), symbol


def test_docstrings_come_from_the_headers():
    assert "+15551230001" in capi.od_contact.phone.__doc__
    assert "contacts stay" in outdial.Engine.group_remove.__doc__
    assert "OD_ERR_EXISTS" in outdial.Engine.contact_add.__doc__
    assert str(inspect.signature(outdial.Engine.group_add)).startswith(
        "(engine: 'od_engine *', name")
    assert outdial.version() == ".".join(
        str(getattr(capi, f"OD_VERSION_{part}"))
        for part in ("MAJOR", "MINOR", "PATCH"))


# -- the guide and the example ------------------------------------------------


def test_guide_chapter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hello.wav").write_bytes((DEMO / "hello.wav").read_bytes())
    text = (ROOT / "docs" / "guide" / "python.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    assert len(blocks) >= 5
    names = {}
    for block in blocks:
        exec(compile(block, "python.md", "exec"), names)
    names["engine"].close()


def test_example(tmp_path):
    (tmp_path / "people.csv").write_text("phone,first_name\n" + "".join(
        f"{phone(i)},n{i}\n" for i in range(30)), "ascii")
    (tmp_path / "agreed.csv").write_text(
        "phone,kind,purpose,obtained\n" + "".join(
            f"{phone(i)},express,survey,2026-03-01\n" for i in range(30)),
        "ascii")
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "campaign.py", "people.csv",
         "agreed.csv", DEMO / "survey.txt", "+12125550199", DEMO / "hello.wav",
         DEMO / "offer.wav", *sorted(DEMO.glob("*.wav"))],
        cwd=tmp_path, capture_output=True, timeout=120, encoding="utf-8")
    assert done.stderr == "" and done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "30 people, 0 rows rejected"
    assert sum(line.endswith(" answered") for line in lines) > 10
    assert lines[-1].split()[:2] == ["back", "Yes"]


# -- one real call ------------------------------------------------------------


@pytest.mark.skipif("OUTDIAL_CALLEE" not in os.environ,
                    reason="built without SIP or examples")
def test_sip_call_in_a_loop_of_its_own(tmp_path):
    plays = tmp_path / "plays"
    plays.write_text("* ring 1s answer wait 5s press 2 wait 9s hangup\n")
    callee = subprocess.Popen(
        [os.environ["OUTDIAL_CALLEE"], "--listen", "127.0.0.1:0", "--plays",
         plays], stdout=subprocess.PIPE, encoding="utf-8")
    try:
        port = int(callee.stdout.readline().strip().rpartition(":")[2])
        sip = outdial.transport_new_sip(
            address="127.0.0.1",
            trunks=[{"name": "loop", "host": "127.0.0.1", "port": port}])
        clock = outdial.now_read()
        shift_ms = NOON["utc_ms"] - clock.utc_ms  # it is always noon here

        def now():
            clock = outdial.now_read()
            return {**clock, "utc_ms": clock.utc_ms + shift_ms}

        with outdial.Engine(None, sip, now()) as engine:
            campaign = make_campaign(engine, [phone(0)])
            options = engine.campaign_get(campaign).options
            options.survey = engine.survey_add(SURVEY)
            engine.campaign_update(campaign, options)
            engine.campaign_start(campaign)
            poll = select.poll()
            poll.register(engine.fd(), select.POLLIN)
            events = []
            limit_ms = clock.mono_ms + 60000
            while not (events and events[-1].type ==
                       EventType.CAMPAIGN_STATE and
                       events[-1].state == CampaignState.COMPLETED):
                at = now()
                assert at["mono_ms"] < limit_ms
                poll.poll(min(1000, max(0, engine.deadline_ms() -
                                        at["mono_ms"])))
                engine.step(now())
                events += engine.events()
            call, = engine.calls_list()
            assert call.disposition == Disposition.ANSWERED
            assert call.trunk == "loop" and call.heard_ms > 1000
            assert [r.choice for r in engine.results_get(campaign)] == ["Dog"]
    finally:
        callee.terminate()
        callee.wait(10)
        callee.stdout.close()
