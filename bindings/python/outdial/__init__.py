"""liboutdial in Python: an outbound campaign dialer you link, not deploy.

Every C function is here under its own name without the prefix, with its own
docstring, and made when this module is imported:

    od_group_add(engine, name, ...)   Engine.group_add(name)
    od_engine_stop(engine)            Engine.stop()
    od_transport_new_sim(..., opts)   outdial.transport_new_sim(seed=1)

Structs go in as keyword arguments or as a dict, and come out as a Record. An
od_err is an OutdialError. Lists are generators. The module outdial.capi holds
the functions as they are in C.
"""

import functools
import inspect
import os
from enum import IntEnum

from . import capi

NEVER = capi.OD_NEVER_
NONE = capi.OD_NONE

_PAGE = 500  # rows that a list reads at once


# -- values -------------------------------------------------------------------


class _Enum(IntEnum):
    """A number of the library that prints as its name."""

    def __str__(self):
        return self.name.lower()

    def __format__(self, spec):
        return format(str(self), spec)


def _enum(name, prefix, *others, **more):
    """The constants OD_<prefix>... as an enum; limits and those of other enums
    are not among them."""
    start = f"OD_{prefix}_"
    members = {key[len(start):]: value for key, value in vars(capi).items()
               if key.startswith(start) and not key.endswith("_MAX") and
               key not in others}
    return _Enum(name, {**more, **members}, module=__name__)


Err = _enum("Err", "ERR", OK=capi.OD_OK)
CampaignState = _enum("CampaignState", "CAMPAIGN")
Channel = _enum("Channel", "CHANNEL")
ConsentKind = _enum("ConsentKind", "CONSENT")
Delivery = _enum("Delivery", "DELIVERY")
Disposition = _enum("Disposition", "DISPOSITION")
DncScope = _enum("DncScope", "DNC")
Duplicate = _enum("Duplicate", "DUPLICATE")
EventType = _enum("EventType", "EVENT")
LedgerFormat = _Enum("LedgerFormat", {
    "JSON_LINES": capi.OD_LEDGER_JSON_LINES,
    "CALLS_CSV": capi.OD_LEDGER_CALLS_CSV}, module=__name__)
LedgerKind = _enum("LedgerKind", "LEDGER", "OD_LEDGER_JSON_LINES",
                   "OD_LEDGER_CALLS_CSV")
Line = _enum("Line", "LINE")
Notice = _enum("Notice", "NOTICE")
Purpose = _enum("Purpose", "PURPOSE")
Reason = _enum("Reason", "REASON")
ReplyKind = _enum("ReplyKind", "REPLY", "OD_REPLY_YES_STARTS")
RuleEffect = _enum("RuleEffect", "RULE")
Severity = _enum("Severity", "SEVERITY")
SimTalk = _enum("SimTalk", "SIM_TALK")
SmppAlphabet = _enum("SmppAlphabet", "SMPP_ALPHABET")
SmppIds = _enum("SmppIds", "SMPP_IDS")
SmppLong = _enum("SmppLong", "SMPP_LONG")
TextEncoding = _enum("TextEncoding", "TEXT_ENCODING")
TextPolicy = _enum("TextPolicy", "TEXT_POLICY")
VerdictKind = _enum("VerdictKind", "VERDICT")

# Fields whose number is one of an enum, or which have a number for each of it.
_ENUMS = {
    "channel": Channel, "delivery": Delivery, "disposition": Disposition,
    "effect": RuleEffect,
    "encoding": TextEncoding, "err": Err, "fault": Err, "line": Line,
    "notice": Notice, "purpose": Purpose,
    "reason": Reason, "scope": DncScope, "severity": Severity,
    "state": CampaignState, "type": EventType, "od_consent.kind": ConsentKind,
    "od_ledger_row.kind": LedgerKind, "od_sim_model.talk": SimTalk,
    "od_campaign_options.text_policy": TextPolicy,
    "od_event_reply.kind": ReplyKind, "od_reply.answered": Notice,
    "od_reply.kind": ReplyKind,
    "od_text_options.policy": TextPolicy, "od_verdict.kind": VerdictKind,
}
_TABLES = {"attempts_by": Disposition, "blocked_by": Reason,
           "delivery_by": Delivery,
           "finished_by": Disposition, "never_by": Reason,
           "retries": Disposition}


class OutdialError(Exception):
    """The library failed: code is an Err, text says why."""

    def __init__(self, code, text=""):
        super().__init__(code, text)
        self.code = _member_of(Err, code)
        self.name = capi.od_err_name(code)
        self.text = text

    def __str__(self):
        return f"{self.text} ({self.name})" if self.text else self.name


class Record(dict):
    """A struct of the library: a dict whose keys are attributes as well."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no field {name!r}") from None

    def __setattr__(self, name, value):
        self[name] = value


def _member_of(enum, value):
    """A member, or the number where a newer library knows more of them."""
    try:
        return enum(value)
    except ValueError:
        return value


@functools.cache
def _fields(struct):
    """Names and getters of a struct, in its order."""
    return [(name, field.fget) for name, field in vars(struct).items()
            if isinstance(field, property) and name != "thisown"]


def _record(row):
    """Copy a struct, and what it points to, into a Record. Called from C."""
    record = Record()
    for name, get in _fields(type(row)):
        value = get(row)
        if name == "u":
            record.update(_member_said(value, record.type))
            continue
        if hasattr(value, "this"):
            value = _record(value)
        elif name == "fields":
            value = dict(value)
        elif name in _TABLES:
            value = {_member_of(_TABLES[name], i): n
                     for i, n in enumerate(value)}
        elif type(value) is int:
            enum = (_ENUMS.get(name) or
                    _ENUMS.get(f"{type(row).__name__}.{name}"))
            value = _member_of(enum, value) if enum else value
        record[name.lstrip("_")] = value
    return record


def _member_said(union, kind):
    """The member of a tagged union with whose name that of the kind begins."""
    for name, get in _fields(type(union)):
        if str(kind).startswith(name.strip("_")):
            return _record(get(union))
    return {}


def _given(name, fields):
    """Fill a struct from a mapping of its fields. Called from C."""
    struct = getattr(capi, name)
    if isinstance(fields, struct):
        return fields
    made = struct()
    try:
        items = dict(fields).items()
    except (TypeError, ValueError):
        raise TypeError(f"{name}: a dict of its fields is needed, not "
                        f"{type(fields).__name__}") from None
    for field, value in items:
        if field not in dict(_fields(struct)):
            raise TypeError(f"{name} has no field {field!r}")
        setattr(made, field, value)
    return made


# -- functions ----------------------------------------------------------------

# Parameters that may be left out; structs may be as well.
_DEFAULTS = {"after": 0, "after_id": 0, "after_seq": 0, "reason": None,
             "reject_path": None, "seller": None, "timeout_ms": NEVER,
             "to": None}


def _bind(function):
    """A function of C as one of Python: see the top of this file."""
    called = function.__name__[3:]
    kinds = {name: function.__annotations__[name]
             for name in inspect.signature(function).parameters}
    names = [name for name in kinds if name != "rows"]
    struct = next((name for name in names if hasattr(capi, kinds[name])), None)
    after = next((name for name in names if name.startswith("after")), None)
    defaults = {name: _DEFAULTS[name] for name in names if name in _DEFAULTS}
    if struct:
        defaults[struct] = None

    def arguments(args, more):
        if len(args) > len(names):
            raise TypeError(f"{called}() has {len(names)} parameters, "
                            f"{len(args)} were given")
        named = dict(zip(names, args))
        fields = {}
        for name, value in more.items():
            if name in named:
                raise TypeError(f"{called}() was given {name!r} twice")
            (named if name in names else fields)[name] = value
        if fields:
            if struct is None or struct in named:
                raise TypeError(f"{called}() has no parameter "
                                f"{next(iter(fields))!r}")
            named[struct] = fields
        return {**defaults, **named}

    def pages(named):
        while rows := function(**named, rows=_PAGE):
            yield from rows
            if after == "after":  # how many to pass over
                named[after] += len(rows)
            else:
                named[after] = next(iter(rows[-1].values()))

    @functools.wraps(function)
    def call(*args, **more):
        named = arguments(args, more)
        if "rows" not in kinds:
            return function(**named)
        if after:
            return pages(named)
        room = _PAGE
        while len(rows := function(**named, rows=room)) == room:
            room *= 2
        return rows

    call.__name__ = called
    return call


def _method(function):
    call = _bind(function)

    @functools.wraps(call)
    def method(self, *args, **more):
        return call(self._engine, *args, **more)

    return method


class Engine:
    """An engine, and the loop around it.

    storage is the path of a database, or what a storage_... function made;
    without one everything is kept in memory. transport is what a transport_...
    function made; without one the engine manages and does not dial. Both
    belong to the engine from here on. options are those of od_engine_options.

    Given `now`, a dict of mono_ms and utc_ms, the engine lives in that time
    instead of the system's: turn() then goes to what is due next at once.
    """

    def __init__(self, storage=None, transport=None, now=None, **options):
        if storage is None:
            storage = capi.od_storage_new_memory()
        elif isinstance(storage, (str, bytes, os.PathLike)):
            storage = capi.od_storage_open_sqlite(storage)
        self.now = None if now is None else Record(now)
        self.closed = False
        self._engine = capi.od_engine_new(options, storage, transport,
                                          self.now or capi.od_now_read())

    def close(self):
        """Free the engine. Calls that live end as UNKNOWN: stop() first."""
        if not self.closed:
            capi.od_engine_free(self._engine)
            self.closed = True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def events(self):
        """Take the events that are there, one by one."""
        while (event := self.next_event()) is not None:
            yield event

    def turn(self, timeout_ms=500):
        """Wait until something is due, at most timeout_ms, and do it."""
        if self.now is None:
            self.wait(timeout_ms)
            return
        due_ms = self.deadline_ms()
        ahead_ms = (timeout_ms if due_ms == NEVER
                    else max(0, due_ms - self.now.mono_ms))
        self.now.mono_ms += ahead_ms
        self.now.utc_ms += ahead_ms
        self.step(self.now)

    def run(self, campaign):
        """Turn, and yield the events, until a campaign and all calls ended."""
        live = (CampaignState.SCHEDULED, CampaignState.RUNNING)
        while True:
            yield from self.events()
            state = self.campaign_stats_get(campaign).state
            if state not in live and self.calls_live() == 0:
                return
            self.turn()


def _publish():
    """Make methods of what takes an engine, and functions of the rest."""
    own = ("od_engine_new", "od_engine_free")
    for name, function in vars(capi).items():
        if not (name.startswith("od_") and inspect.isfunction(function)):
            continue
        if name not in own and "engine" in function.__annotations__:
            setattr(Engine, name[3:].removeprefix("engine_"),
                    _method(function))
        elif name not in own:
            globals()[name[3:]] = _bind(function)


_publish()
