"""A small campaign in virtual time, for the tests beside this file."""

import pathlib

import outdial
from outdial import ConsentKind, Purpose

ROOT = pathlib.Path(__file__).parents[3]
DEMO = ROOT / "examples" / "demo"
NOON = {"mono_ms": 1000, "utc_ms": 1900000000000}  # a Sunday, 13:46 in New York
SURVEY = """\
survey Pets
question pet
  play hello
  key 1 Cat -> end
  key 2 Dog -> end
end hello
"""


def phone(number):
    return f"+1212555{2000 + number}"


def make_engine(plays=None, storage=None, now=NOON, **options):
    carrier = outdial.transport_new_sim(seed=1)
    for number, play in (plays or {}).items():
        outdial.sim_play(carrier, number, play)
    return outdial.Engine(storage, carrier, now, **{"seed": 7, **options})


def make_campaign(engine, phones, **options):
    people = engine.group_add("people")
    for number in phones:
        engine.contact_add(people, phone=number)
        engine.consent_add(phone=number, kind=ConsentKind.EXPRESS,
                           purpose=Purpose.SURVEY, how="a test",
                           obtained_utc_ms=NOON["utc_ms"] - 86400000)
    hello = engine.media_add("hello", DEMO / "hello.wav")
    return engine.campaign_add(**{
        "name": "Pets", "purpose": Purpose.SURVEY,
        "caller_id": "+12125550199", "groups": [people], "prompts": [hello],
        "identity_prompt": hello, "offer_prompt": hello, "attempts_max": 1,
        **options})
