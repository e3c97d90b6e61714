"""Ask everybody in a CSV file a question, in a few lines of Python.

    campaign.py PEOPLE.csv CONSENT.csv SURVEY.txt CALLER-ID
                HELLO.wav OFFER.wav PROMPT.wav... [sip:HOST[:PORT]]

HELLO says who calls, OFFER that star opts out; the survey then plays prompts by
the names of their files. CONSENT says who agreed to be asked: outdial consent
import --help. Without a trunk the calls are simulated, in no time.
"""

import pathlib
import sys

import outdial

people_csv, consent_csv, survey_txt, caller_id, *prompts = sys.argv[1:]
store, carrier, now = None, None, None
if prompts[-1].startswith("sip:"):
    host, _, port = prompts.pop()[4:].partition(":")
    trunk = {"name": "trunk", "host": host, "port": int(port or 0)}
    store, carrier = "campaign.db", outdial.transport_new_sip(trunks=[trunk])
else:
    carrier, now = outdial.transport_new_sim(seed=1), outdial.now_read()

with outdial.Engine(store, carrier, now) as engine:
    people = engine.group_add("people")
    job = engine.import_start(people, path=people_csv)
    while not (report := engine.import_report_get(job)).done:
        engine.turn()
    print(f"{report.added} people, {report.rejected} rows rejected")
    print(f"{engine.consent_import(consent_csv).added} agreed")
    media = [engine.media_add(pathlib.Path(p).stem, p) for p in prompts]
    survey = engine.survey_add(pathlib.Path(survey_txt).read_text("utf-8"))
    campaign = engine.campaign_add(
        name="Ask", purpose=outdial.Purpose.SURVEY, caller_id=caller_id,
        groups=[people], prompts=media[:2], identity_prompt=media[0],
        offer_prompt=media[1], opt_out_key=ord("*"), survey=survey)
    engine.campaign_start(campaign)
    for event in engine.run(campaign):
        if event.type == outdial.EventType.CALL_ENDED:
            print(event.phone, event.disposition)
    for result in engine.results_get(campaign):
        print(f"{result.question:12} {result.choice:12} {result.count:6}")
