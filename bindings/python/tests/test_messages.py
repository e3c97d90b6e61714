"""Campaigns of texts in Python: what is sent, what becomes of it, what comes
back. Over the simulated carrier, in virtual time."""

import csv

import pytest

import outdial
from outdial import (CampaignState, Channel, Delivery, Disposition, Err,
                     EventType, Notice, OutdialError, Purpose, Reason,
                     ReplyKind, TextEncoding, TextPolicy)
from stage import NOON, make_campaign, phone

TEXT = {"channel": Channel.TEXT, "prompts": [], "identity_prompt": 0,
        "offer_prompt": 0, "text": "Hi {{first_name|there}}, cat or dog?",
        "opt_out_text": "Reply STOP to opt out",
        "confirm_text": "No more texts.", "help_text": "Call us."}

POLL = """\
survey Pets
question pet
  play nothing
  key 1 Cat -> end
  key 2 Dog -> end
"""


def make_engine(*plays, **options):
    """The carrier, which stays good, and an engine on it."""
    carrier = outdial.transport_new_sim(seed=1, **options)
    for number, play in enumerate(plays):
        outdial.sim_text_play(carrier, phone(number), play)
    return outdial.Engine(None, carrier, NOON, seed=7)


def make_smpp(**account):
    try:
        return outdial.transport_new_smpp(trunks=[{
            "name": "smsc", "host": "127.0.0.1", "system_id": "me",
            "port": 9, **account}])
    except OutdialError as error:
        if error.code == Err.UNSUPPORTED:
            pytest.skip(error.text)
        raise


def pass_time(engine, seconds):
    """The events of so much time."""
    events = []
    end = engine.now.utc_ms + seconds * 1000
    while engine.now.utc_ms < end:
        ahead = min(max(0, engine.deadline_ms() - engine.now.mono_ms), 1000)
        engine.now.mono_ms += ahead
        engine.now.utc_ms += ahead
        engine.step(engine.now)
        events += engine.events()
    return events


def start(engine, count, **options):
    campaign = make_campaign(engine, [phone(n) for n in range(count)],
                             **{**TEXT, **options})
    engine.campaign_start(campaign)
    return campaign


def test_texts_and_receipts(tmp_path):
    with make_engine("accept wait 2s sent wait 2s delivered",
                     "accept wait 1s code 034 failed",
                     "reject 11", "lost") as engine:
        campaign = start(engine, 4)
        events = pass_time(engine, 60)
        stats = engine.campaign_stats_get(campaign)
        assert stats.state == CampaignState.COMPLETED
        assert {d: n for d, n in stats.delivery_by.items() if n} == {
            Delivery.NONE: 2, Delivery.DELIVERED: 1, Delivery.FAILED: 1}
        texts = {text.phone: text for text in engine.messages_list()}
        assert [(texts[phone(n)].disposition, texts[phone(n)].delivery)
                for n in range(4)] == [
            (Disposition.SENT, Delivery.DELIVERED),
            (Disposition.UNDELIVERED, Delivery.FAILED),
            (Disposition.NOT_FOUND, Delivery.NONE),
            (Disposition.UNKNOWN, Delivery.NONE)]
        one = texts[phone(1)]
        assert (one.network_code, one.notice, one.encoding, one.segments,
                one.text) == ("034", Notice.NONE, TextEncoding.GSM, 1,
                              "Hi there, cat or dog? Reply STOP to opt out")
        assert f"{one.delivery}" == "failed"

        # What was told is what is stored.
        told = [e for e in events if e.type == EventType.MESSAGE]
        last = {e.phone: (e.disposition, e.delivery) for e in told}
        assert last == {number: (text.disposition, text.delivery)
                        for number, text in texts.items()}
        assert [e.delivery for e in told if e.phone == phone(0)] == [
            Delivery.ACCEPTED, Delivery.SENT, Delivery.DELIVERED]

        sent = list(engine.messages_list(campaign=campaign,
                                         disposition=Disposition.SENT))
        assert [text.phone for text in sent] == [phone(0)]
        engine.messages_export({"campaign": campaign}, tmp_path / "texts.csv")
        with open(tmp_path / "texts.csv", encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == 4


def test_replies_and_opt_outs(tmp_path):
    with make_engine("accept delivered wait 5s reply 1",
                     "accept delivered wait 5s reply Stop. each accept",
                     "accept delivered wait 5s reply leave+me+alone "
                     "each accept",
                     "accept delivered wait 5s reply HELP each accept"
                     ) as engine:
        campaign = start(engine, 4, survey=engine.survey_add(POLL))
        events = pass_time(engine, 60)
        replies = {reply.phone: reply for reply in engine.replies_list()}
        assert [(replies[phone(n)].kind, replies[phone(n)].answered)
                for n in range(4)] == [
            (ReplyKind.OTHER, Notice.NONE),
            (ReplyKind.OPT_OUT, Notice.CONFIRM),
            (ReplyKind.OTHER, Notice.NONE),
            (ReplyKind.HELP, Notice.HELP)]
        assert {e.reply for e in events if e.type == EventType.REPLY} == {
            reply.id for reply in replies.values()}
        assert [e.phone for e in events if e.type == EventType.OPT_OUT] == [
            phone(1)]
        assert [(a.phone, a.choice) for a in engine.answers_list(campaign)
                ] == [(phone(0), "Cat")]
        assert engine.dnc_check(phone(1), 0)

        other = replies[phone(2)]
        assert engine.reply_get(other.id) == other
        assert not engine.dnc_check(phone(2), 0)
        engine.reply_opt_out(other.id)
        assert engine.dnc_check(phone(2), 0)
        assert engine.reply_get(other.id).kind == ReplyKind.OPT_OUT
        assert {e.source for e in engine.dnc_list()} == {"reply"}
        pass_time(engine, 10)
        assert sorted((m.phone, m.notice, m.text) for m in
                      engine.messages_list() if m.notice) == [
            (phone(1), Notice.CONFIRM, "No more texts."),
            (phone(2), Notice.CONFIRM, "No more texts."),
            (phone(3), Notice.HELP, "Call us.")]
        # What the host declares is not counted.
        assert engine.campaign_stats_get(campaign).opted_out == 1
        found = list(engine.replies_list(campaign=campaign, phone=phone(3)))
        assert [reply.text for reply in found] == ["HELP"]
        engine.replies_export(None, tmp_path / "replies.csv")
        with open(tmp_path / "replies.csv", encoding="utf-8") as file:
            assert {row["kind"] for row in csv.DictReader(file)} == {
                "other", "opt_out", "help"}
        with pytest.raises(OutdialError) as refused:
            engine.reply_opt_out(999)
        assert refused.value.code == Err.NOT_FOUND


def test_what_it_would_be():
    with make_engine() as engine:
        people = engine.group_add("guests")
        ada = engine.contact_add(people, phone=phone(0), first_name="Ada")
        party = engine.contact_add(people, phone=phone(1),
                                   first_name="Ben \N{PARTY POPPER}")
        campaign = engine.campaign_add(
            name="Tables", purpose=Purpose.SURVEY, groups=[people],
            caller_id="12345", **TEXT)
        report = engine.campaign_text_check(campaign)
        assert (report.contacts, report.segments, report.ucs2,
                report.ucs2_contact) == (2, 2, 1, party)
        text = engine.campaign_text_preview(campaign, ada)
        assert text.text == "Hi Ada, cat or dog? Reply STOP to opt out"
        assert engine.campaign_text_preview(
            campaign, party).ucs2_text == "\N{PARTY POPPER}"
        options = engine.campaign_get(campaign).options
        assert options.channel == Channel.TEXT
        assert options.text_policy == TextPolicy.SPLIT
        assert options.caller_id == "12345"
        options.text = "Hi {{pet}}"
        engine.campaign_update(campaign, options)
        assert "pet" in " ".join(p.what for p in
                                 engine.campaign_problems(campaign))
        forecast = engine.campaign_forecast(campaign,
                                            segment_price_micros=7500)
        assert forecast.segments == 0  # nobody agreed
        with pytest.raises(OutdialError) as refused:
            engine.campaign_update(campaign, {**options, "text": "{{"})
        assert refused.value.code == Err.FORMAT


def test_a_text_that_lacks_a_field_is_not_sent():
    with make_engine("accept") as engine:
        campaign = start(engine, 1, text="Hi {{first_name}}!")
        pass_time(engine, 10)
        stats = engine.campaign_stats_get(campaign)
        assert stats.blocked_by[Reason.TEXT] == 1
        assert list(engine.messages_list()) == []


def test_shares_of_a_carrier():
    with make_engine(texts={"undelivered": 1000}) as engine:
        campaign = start(engine, 3)
        pass_time(engine, 30)
        assert engine.campaign_stats_get(
            campaign).delivery_by[Delivery.FAILED] == 3


def test_joined_transports():
    texts = outdial.transport_new_sim(seed=1)
    both = outdial.transport_new_joined(
        [texts, make_smpp(reconnect_ms_min=60000)])
    with pytest.raises((OutdialError, ValueError, TypeError)):
        outdial.transport_new_joined([texts])  # it belongs to `both`
    with outdial.Engine(None, both, NOON, seed=7) as engine:
        campaign = start(engine, 2)
        pass_time(engine, 30)
        assert {text.trunk for text in engine.messages_list()} == {"sim"}
        assert engine.campaign_stats_get(
            campaign).delivery_by[Delivery.DELIVERED] == 2


def test_joined_transports_that_cannot_be():
    one, two = outdial.transport_new_sim(), outdial.transport_new_sim()
    for wrong in ([], [one, one], [one, two], [None], "one", None):
        with pytest.raises((OutdialError, TypeError, ValueError)):
            outdial.transport_new_joined(wrong)
    outdial.transport_free(two)
    outdial.transport_free(outdial.transport_new_joined([one]))


def test_smpp_is_made_and_freed():
    outdial.transport_free(make_smpp(
        password="secret", long_texts=outdial.SmppLong.PAYLOAD,
        alphabet=outdial.SmppAlphabet.LATIN1,
        receipt_ids=outdial.SmppIds.DECIMAL, source_ton=5))
    for wrong in ({"password": "too long!"}, {"window": 1001},
                  {"source_ton": 7}, {"dest_npi": 2}, {"host": None}):
        with pytest.raises(OutdialError) as refused:
            make_smpp(**wrong)
        assert refused.value.code == Err.INVALID


def test_names():
    assert f"{Delivery.EXPIRED}" == outdial.delivery_name(5) == "expired"
    assert f"{Notice.CONFIRM}" == outdial.notice_name(1) == "confirm"
    assert [d.name for d in Delivery] == [
        "NONE", "ACCEPTED", "SENT", "DELIVERED", "FAILED", "EXPIRED",
        "UNKNOWN"]
    assert [n.name for n in Notice] == ["NONE", "CONFIRM", "HELP"]
