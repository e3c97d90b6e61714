#!/usr/bin/python3
"""Compare npa.csv and country.csv with libphonenumber's map of time zones.

Every zone that the map names for an area code must be in our set, by name or
by showing the same clock, save for the places where the map is wrong, listed
below with the reason. The other way round is no error: the map does not know
the second zone of most overlays, nor the newest area codes.

Exit 77 (skipped) without python3-phonenumbers or the zone files. Needs no
network. The map is read from the installed package, nothing of it is ours.
"""
import collections
import csv
import datetime
import os
import sys
import zoneinfo

try:
    from phonenumbers.tzdata import TIMEZONE_DATA
except ImportError:
    print("python3-phonenumbers is not installed")
    sys.exit(77)

PLACE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "..", "..", "src", "place")

NAVAJO = "the Navajo Nation, alone on Denver's clock in Arizona, has 928"
ADAK = "the Aleutians keep Adak's clock; Hawaii has no summer time"
WRONG = {
    ("437", "America/Winnipeg"): "Toronto; western Ontario has 807",
    ("474", "America/Winnipeg"): "Saskatchewan keeps Regina's clock",
    ("480", "America/Denver"): NAVAJO,
    ("520", "America/Denver"): NAVAJO,
    ("602", "America/Denver"): NAVAJO,
    ("689", "America/Chicago"): "Orlando; Florida's panhandle has 850",
    ("709", "America/Puerto_Rico"): "Blanc-Sablon is in Quebec, 418",
    ("879", "America/Puerto_Rico"): "Blanc-Sablon is in Quebec, 418",
    ("867", "America/Vancouver"): "Yukon left the Pacific clock in 2020",
    ("867", "America/Winnipeg"): "Nunavut keeps Rankin Inlet's clock",
    ("907", "Pacific/Honolulu"): ADAK,
}


def clock(name, seen={}):
    """Offsets of three years, every other day."""
    if name not in seen:
        zone = zoneinfo.ZoneInfo(name)
        at = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc)
        seen[name] = tuple(
            (at + datetime.timedelta(days=day)).astimezone(zone).utcoffset()
            for day in range(0, 1096, 2))
    return seen[name]


def rows(name):
    with open(os.path.join(PLACE, name), encoding="utf-8") as file:
        return list(csv.DictReader(file))


def named_by_map():
    """Area code -> zones that any of its prefixes is given."""
    named = collections.defaultdict(set)
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4:
            named[prefix[1:4]].update(zones)
    return named


def check_npas():
    problems = []
    used = set()
    ours = {row["npa"]: row["zones"] for row in rows("npa.csv")}
    for npa, zones in sorted(named_by_map().items()):
        if npa not in ours:
            problems.append(f"{npa} is not in npa.csv: {sorted(zones)}")
            continue
        if ours[npa] == "-":
            problems.append(f"{npa} is geographic for the map")
            continue
        have = {clock(zone) for zone in ours[npa].split("+")}
        for zone in sorted(zones):
            if (npa, zone) in WRONG:
                used.add((npa, zone))
            elif clock(zone) not in have:
                problems.append(f"{npa}: the map has {zone}, we have "
                                f"{ours[npa]}")
    for npa, zone in sorted(set(WRONG) - used):
        print(f"note: the map no longer has {zone} for {npa}")
    return problems


def check_likes():
    return [f"zones.csv: {row['zone']} is not like {row['like']}"
            for row in rows("zones.csv")
            if clock(row["zone"]) != clock(row["like"])]


def main():
    try:
        problems = check_npas() + check_likes()
    except zoneinfo.ZoneInfoNotFoundError as missing:
        print(missing)
        sys.exit(77)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


main()
