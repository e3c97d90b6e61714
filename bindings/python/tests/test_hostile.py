"""The Python package, as a careless or hostile program uses it.

Whatever it does ends in an exception, never in a crash: run it with the
address sanitizer as well.
"""

import gc
import inspect
import os
import pathlib
import random
import signal
import threading

import pytest

import outdial
from outdial import Err, OutdialError, Record, capi
from stage import make_campaign, make_engine, phone


@pytest.fixture
def engine():
    with make_engine() as engine:
        yield engine


# -- ownership ----------------------------------------------------------------


def test_storage_and_transport_go_to_the_engine():
    storage = outdial.storage_new_memory()
    carrier = outdial.transport_new_sim()
    with pytest.raises(OutdialError) as error:
        outdial.Engine(storage, carrier, country="nowhere")
    assert error.value.code == Err.INVALID and "nowhere" in error.value.text
    with outdial.Engine(storage, carrier):
        for use in (lambda: outdial.Engine(storage),
                    lambda: outdial.Engine(None, carrier),
                    lambda: outdial.storage_free(storage),
                    lambda: outdial.transport_free(carrier),
                    lambda: outdial.sim_play(carrier, phone(0), "answer")):
            with pytest.raises(OutdialError) as error:
                use()
            assert error.value.code == Err.STATE
    outdial.storage_free(outdial.storage_new_memory())
    outdial.transport_free(outdial.transport_new_sim())


def test_closed_engine_refuses():
    engine = make_engine()
    contacts = engine.contacts_list(0)
    engine.close()
    engine.close()
    assert engine.closed
    for use in (engine.fd, engine.calls_live, engine.wake, engine.errmsg,
                engine.next_event, engine.stop, engine.turn,
                lambda: engine.group_add("x"), lambda: next(contacts),
                lambda: list(engine.run(1))):
        with pytest.raises(OutdialError) as error:
            use()
        assert error.value.code == Err.STATE
    with pytest.raises(OutdialError):
        capi.od_engine_free(engine._engine)


def test_forgotten_objects_are_freed():
    for _ in range(20):
        engine = make_engine()
        engine.group_add("x")
        outdial.transport_new_sim()
        outdial.storage_new_memory()
        outdial.transport_new_sip(trunks=[{"name": "t", "host": "127.0.0.1"}])
        del engine
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) < 100


def test_results_outlive_their_engine():
    with make_engine() as engine:
        people = engine.group_add("people")
        engine.contact_add(people, phone=phone(0), first_name="Ada")
        contact, = engine.contacts_list(people)
        group, = engine.groups_list()
    assert (contact.first_name, group.name) == ("Ada", "people")
    assert isinstance(contact, Record) and isinstance(contact, dict)


def test_structs_within_structs_are_copies():
    made = capi.od_sim_options()
    made.model = {"answer": 5, "keys": "12"}
    model = made.model
    del made
    assert isinstance(model, Record) and (model.answer, model["keys"]) == (
        5, "12")
    made = capi.od_sip_options()
    made.trunks = [{"name": "a", "host": "b"}]
    assert made.trunks[0].name == "a"
    made.trunks = None
    assert made.trunks == []


# -- threads ------------------------------------------------------------------


def test_wait_lets_others_run_but_not_in():
    with outdial.Engine() as engine:
        engine.turn()  # from here on nothing is due without a transport
        thread = threading.Thread(target=engine.wait)
        thread.start()
        code = None
        while code is None:  # until it waits
            try:
                engine.calls_live()
            except OutdialError as error:
                code = error.code
        assert code == Err.STATE
        with pytest.raises(OutdialError):
            engine.close()
        while thread.is_alive():
            engine.wake()
            thread.join(0.01)
        assert engine.calls_live() == 0


def test_wait_ends_with_a_signal():
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    before = signal.signal(signal.SIGALRM, stop)
    try:
        with outdial.Engine() as engine:
            engine.turn()
            with pytest.raises(Stop):
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                engine.wait(10000)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_closed_within_a_call():
    with make_engine() as engine:
        people = engine.group_add("people")

        class Contact:
            """Closes the engine while it is asked what it consists of."""

            def keys(self):
                engine.close()
                return ["phone"]

            def __getitem__(self, name):
                return phone(0)

        with pytest.raises(OutdialError) as error:
            engine.contact_add(people, Contact())
        assert error.value.code == Err.STATE and engine.closed


# -- failures -----------------------------------------------------------------


def test_error_has_code_and_text(engine):
    with pytest.raises(OutdialError) as error:
        engine.campaign_get(99)
    assert error.value.code == Err.NOT_FOUND
    assert error.value.name == "OD_ERR_NOT_FOUND"
    assert error.value.text == engine.errmsg() and "99" in error.value.text
    assert str(error.value) == f"{error.value.text} (OD_ERR_NOT_FOUND)"
    assert str(OutdialError(Err.FORMAT)) == "OD_ERR_FORMAT"
    assert OutdialError(-9999).code == -9999

    with pytest.raises(OutdialError) as error:
        outdial.storage_open_sqlite("/nonexistent/folder/a.db")
    assert error.value.code == Err.IO and error.value.text
    with pytest.raises(OutdialError) as error:
        outdial.window_parse("some day")
    assert error.value.code == Err.FORMAT


@pytest.mark.parametrize("error, use", [
    (TypeError, lambda e: e.group_add()),
    (TypeError, lambda e: e.group_add("a", "b")),
    (TypeError, lambda e: e.group_add("a", name="b")),
    (TypeError, lambda e: e.group_add(label="a")),
    (TypeError, lambda e: e.group_add(5)),
    (TypeError, lambda e: e.group_remove("5")),
    (TypeError, lambda e: e.group_remove(5.0)),
    (TypeError, lambda e: e.group_remove(None)),
    (TypeError, lambda e: e.contact_add(1, phon="x")),
    (TypeError, lambda e: e.contact_add(1, size=3)),
    (TypeError, lambda e: e.contact_add(1, thisown=False)),
    (TypeError, lambda e: e.contact_add(1, "phone")),
    (TypeError, lambda e: e.contact_add(1, phone=5)),
    (TypeError, lambda e: e.contact_add(1, {"phone": "x"}, notes="y")),
    (TypeError, lambda e: e.contact_add(1, fields=["pet"])),
    (TypeError, lambda e: e.contact_add(1, fields={"pet": 1})),
    (TypeError, lambda e: e.campaign_add(name="a", groups=5)),
    (TypeError, lambda e: e.campaign_add(name="a", groups=["x"])),
    (TypeError, lambda e: e.campaign_add(name="a", windows=[None])),
    (TypeError, lambda e: e.campaign_add(name="a", windows=[5])),
    (TypeError, lambda e: e.campaign_add(name="a", groups_len=5)),
    (TypeError, lambda e: e.import_start(1, path=None, allocator=None)),
    (TypeError, lambda e: outdial.transport_new_sip(trunks=[None])),
    (TypeError, lambda e: outdial.transport_new_sip(trunks="trunk")),
    (TypeError, lambda e: outdial.transport_new_sim(model=None)),
    (TypeError, lambda e: outdial.sim_play(e._engine, "1", "answer")),
    (TypeError, lambda e: outdial.Engine("a" * 3, "b", owner="c")),
    (ValueError, lambda e: e.group_add("a\0b")),
    (ValueError, lambda e: e.group_add(b"a\0b")),
    (ValueError, lambda e: e.group_add("\ud800")),
    (ValueError, lambda e: e.contact_add(1, fields={"a": "b\0"})),
    (ValueError, lambda e: e.campaign_add(name="a", windows=["mon\0 9-10"])),
    (OverflowError, lambda e: e.group_remove(1 << 64)),
    (OverflowError, lambda e: e.campaign_add(name="a", attempts_max=1 << 31)),
    (OverflowError, lambda e: e.campaign_add(name="a", groups=[1 << 64])),
    (OutdialError, lambda e: e.group_add(None)),
    (OutdialError, lambda e: e.group_add("")),
    (OutdialError, lambda e: e.group_add("a" * 128)),
    (OutdialError, lambda e: e.group_add(b"\xff")),
    (OutdialError, lambda e: e.group_remove(-1)),
    (OutdialError, lambda e: e.contact_add(1)),
    (OutdialError, lambda e: e.contact_add(1, phone=None)),
    (OutdialError, lambda e: e.step()),
    (OutdialError, lambda e: e.wait(-1)),
    (OutdialError, lambda e: e.survey_add(None)),
    (OutdialError, lambda e: e.media_add_bytes("a", b"")),
    (OutdialError, lambda e: e.media_add_bytes("a", "text")),
    (OutdialError, lambda e: e.campaign_add(name="a", groups=range(99))),
    (OutdialError, lambda e: e.campaign_add(name="a", windows=["noon"])),
    (OutdialError, lambda e: outdial.transport_new_sip()),
    (OutdialError, lambda e: outdial.sim_play(None, "1", "answer")),
])
def test_bad_arguments(engine, error, use):
    with pytest.raises(error):
        use(engine)
    engine.group_add("still fine")


# -- hostile callers: any exception will do, a crash will not -----------------

ALLOWED = (TypeError, ValueError, OverflowError, MemoryError, OutdialError,
           AttributeError)


def odd_values(engine):
    return [
        None, True, 0, 1, -1, 2, 63, 1000, 1001, 1 << 31, 1 << 40, 1 << 63,
        -1 << 63, 1 << 64, 0.5, float("nan"), "", "x", "people", "hello",
        "+12125552000", "a\0b", "\ud800", "\U0001f600", "é" * 5000, b"", b"\xff",
        b"a\0", bytearray(b"ab"), memoryview(b"ab"), pathlib.Path("odd.csv"),
        [], [None], [1] * 100, (), {}, {1: 2}, {"phone": "2125550110"},
        {"name": "x", "path": "odd.csv"}, {"mono_ms": 5000, "utc_ms": 1 << 62},
        {"kind": 2, "rule": "x" * 31}, {"days": 127, "end_min": 5},
        {"trunks": [{"name": "t", "host": "h"}] * 3}, {"size": 1 << 40},
        object(), int, capi.od_contact(), capi.od_campaign_options(),
        outdial.storage_new_memory(), outdial.transport_new_sim(), engine,
        engine._engine, ["daily 9-10", {"days": 1, "end_min": 9}],
        {"fields": {"a": "b"}}, {"model": {"answer": 1 << 30, "keys": "12"}},
    ]


def test_fuzz_functions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seed = random.SystemRandom().getrandbits(32)
    print("seed", seed)
    chance = random.Random(seed)
    functions = [f for name, f in vars(capi).items()
                 if name.startswith("od_") and inspect.isfunction(f)
                 and name not in ("od_engine_free", "od_engine_wait")]
    engine = make_engine()
    make_campaign(engine, [phone(0)])
    done = 0
    for turn in range(20000):
        if turn % 2000 == 0:
            engine = make_engine()
            make_campaign(engine, [phone(0)])
            values = odd_values(engine)
        function = chance.choice(functions)
        names = list(inspect.signature(function).parameters)
        words = [engine._engine if name == "engine" and chance.random() < 0.95
                 else chance.choice(values) for name in names]
        try:
            function(*words)
            done += 1
        except ALLOWED:
            pass
        if engine.now and chance.random() < 0.1:
            try:
                engine.turn()
            except OutdialError:  # it may live in another time by now
                pass
    assert done > 500


def test_fuzz_structs():
    seed = random.SystemRandom().getrandbits(32)
    print("seed", seed)
    chance = random.Random(seed)
    with make_engine() as engine:
        values = odd_values(engine)
        structs = [s for name, s in vars(capi).items()
                   if name.startswith("od_") and inspect.isclass(s)]
        assert len(structs) > 20
        made = 0
        for struct in structs:
            fields = {n: p for n, p in vars(struct).items()
                      if isinstance(p, property) and n != "thisown"}
            for field in fields.values():
                for use in (lambda: field.fget(None),
                            lambda: field.fset(None, 1),
                            lambda: field.fget(object()),
                            lambda: field.fget(capi.od_now)):
                    with pytest.raises(ALLOWED):
                        use()
            try:
                one = struct()
            except AttributeError:
                continue  # it only comes out
            made += 1
            with pytest.raises(AttributeError):
                one.no_such_field = 1
            for _ in range(500):
                name = chance.choice(list(fields))
                try:
                    setattr(one, name, chance.choice(values))
                except ALLOWED:
                    pass
                getattr(one, name)
        assert made >= 13
