#!/usr/bin/env python3
"""Make plan_data.c, the number plan's tables, from the CSV files beside it.

npa.csv      one row per NANP area code: npa,country,region,zones,overlay_of.
             zones is the union over the whole overlay complex, joined by '+';
             '-' is a code that no campaign may call (toll-free, premium,
             non-geographic), its region says why.
country.csv  one row per calling code or part of one: code,countries,prefixes,
             trunk,len_min,len_max,zones. The first country names the region,
             prefixes (default: the code) are the leading digits that mean this
             row, trunk is what national numbers begin with at home, the
             lengths are those of the number without calling code and trunk.
regions.csv  states, provinces and territories: region,name,aliases,zones.
zip.csv      prefixes,region,zones: what postal codes begin with, joined by '+',
             runs as 010-027, and where they are; the longest prefix of a code
             counts. No zones: all of the region's, also where it is not
             certain which of them. Military codes (090-098, 340, 962-966) are
             left out, they have no place.
zones.csv    zone,like: zones of the same country that show the same clock;
             used only to see that a contact's own zone fits its number.

Everything is checked before a line is written. Standard library only.

    gen_plan.py > plan_data.c
"""
import csv
import os
import re
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*\Z")
ZIP = re.compile(r"([0-9]{3,5}|[ABCEGHJ-NPRSTVXY]([0-9][ABCEGHJ-NPRSTV-Z]?)?)"
                 r"\Z")
ZONES_MAX = 16  # OD__ZONES_MAX of place.h


def fail(text):
    sys.exit("gen_plan.py: " + text)


def read(name, columns):
    with open(os.path.join(HERE, name), encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != columns:
            fail(f"{name}: the columns must be {','.join(columns)}")
        out = list(rows)
    for row in out:
        if None in row or None in row.values():
            fail(f"{name}: {row}: wrong number of cells")
    return out


def parts(cell):
    return [p for p in cell.split("+") if p] if cell not in ("", "-") else []


def zones_of(row, where):
    zones = parts(row["zones"])
    for zone in zones:
        if not ZONE.match(zone) or len(zone) > 39:
            fail(f"{where}: {zone!r} is not a zone")
    if len(set(zones)) != len(zones) or len(zones) > ZONES_MAX:
        fail(f"{where}: a zone is repeated, or there are too many")
    return tuple(sorted(zones))


def prefixes_of(cell, where):
    """"010-012+055" -> 010, 011, 012, 055."""
    for part in parts(cell):
        first, _, last = part.partition("-")
        if last and (not (first + last).isdigit() or first >= last
                     or len(first) != len(last)):
            fail(f"{where}: {part!r} is not a run")
        run = range(int(first), int(last) + 1) if last else ()
        yield from [str(n).zfill(len(first)) for n in run] or [first]


def name_key(text):
    """What od__region_parse compares: letters only, lower case, no accents."""
    plain = unicodedata.normalize("NFD", text.replace("&", "and"))
    return "".join(c for c in plain.lower() if "a" <= c <= "z")


class Plan:
    """The CSV files, checked and joined."""

    def __init__(self):
        self.sets = {(): 0}   # tuple of zones -> index
        self.regions = {}     # code -> tuple of zones
        self.names = {}       # key -> region
        self.npas = {}        # 200..999 -> (region, zones)
        self.countries = []   # (row, zones)
        self.zips = {}        # prefix -> (region, zones)
        self.likes = []
        self.read_regions()
        self.read_countries()
        self.read_npas()
        self.read_zips()
        self.read_likes()
        for zones in self.regions.values():
            self.set_index(zones)

    def set_index(self, zones):
        return self.sets.setdefault(zones, len(self.sets))

    def read_regions(self):
        for row in read("regions.csv",
                        ["region", "name", "aliases", "zones"]):
            code = row["region"]
            if not re.match(r"(US|CA)-[A-Z][A-Z]\Z", code):
                fail(f"regions.csv: {code!r} is not a region")
            self.regions[code] = zones_of(row, "regions.csv: " + code)
            for text in [code, code[3:], row["name"]] + parts(row["aliases"]):
                key = name_key(text)
                if self.names.setdefault(key, code) != code:
                    fail(f"regions.csv: {text!r} names two regions")

    def read_countries(self):
        seen = set()
        for row in read("country.csv", ["code", "countries", "prefixes",
                                        "trunk", "len_min", "len_max",
                                        "zones"]):
            where = "country.csv: " + row["code"]
            if not re.match(r"[1-9][0-9]{0,2}\Z", row["code"]):
                fail(where + ": not a calling code")
            if not re.match(r"(-|[0-9]{1,3})\Z", row["trunk"]):
                fail(where + ": trunk")
            if not 1 <= int(row["len_min"]) <= int(row["len_max"]) <= 14:
                fail(where + ": lengths")
            zones = zones_of(row, where)
            if not zones and row["countries"] != "-" and row["code"] != "1":
                fail(where + ": no zones")
            for iso in parts(row["countries"]):
                if not re.match(r"[A-Z][A-Z]\Z", iso) or iso in seen:
                    fail(f"{where}: country {iso!r}")
                seen.add(iso)
                if row["code"] != "1":
                    self.regions[iso] = zones
            for prefix in parts(row["prefixes"]):
                if not prefix.startswith(row["code"]) or len(prefix) > 3:
                    fail(f"{where}: prefix {prefix!r}")
            self.countries.append((row, zones))
            self.set_index(zones)

    def read_npas(self):
        nanp = next(parts(r["countries"]) for r, _ in self.countries
                    if r["code"] == "1")
        overlays = []
        united = {}
        for row in read("npa.csv", ["npa", "country", "region", "zones",
                                    "overlay_of"]):
            npa, region = row["npa"], row["region"]
            where = "npa.csv: " + npa
            if not re.match(r"[2-9][0-8][0-9]\Z", npa):
                fail(where + ": not an area code")
            if int(npa) in self.npas:
                fail(where + ": twice")
            zones = zones_of(row, where)
            if zones:
                if row["country"] not in nanp:
                    fail(where + ": country")
                if region.split("-")[0] != row["country"]:
                    fail(where + ": the region is not of the country")
                if region in self.regions and "-" in region:
                    if not set(zones) <= set(self.regions[region]):
                        fail(where + ": a zone that its region lacks")
                elif "-" in region:
                    fail(where + ": unknown region " + region)
                united.setdefault(region, set()).update(zones)
                united.setdefault(row["country"], set()).update(zones)
            self.npas[int(npa)] = (region if zones else "", zones)
            self.set_index(zones)
            overlays.append((npa, zones, region, parts(row["overlay_of"])))
        for npa, zones, region, olds in overlays:
            for old in olds:
                under = self.npas.get(int(old), ("?", ()))
                if under[0] != region or not set(under[1]) <= set(zones):
                    fail(f"npa.csv: {npa} does not cover {old}")
        for code, zones in united.items():
            if code in self.regions:
                if self.regions[code] != tuple(sorted(zones)):
                    fail(f"regions.csv: {code} is not the union of its codes")
            elif len(zones) <= ZONES_MAX:
                self.regions[code] = tuple(sorted(zones))
            else:
                self.regions[code] = ()

    def zones_in(self, region):
        """The zones of a region, or of all regions in one that is too wide."""
        return set(self.regions[region]).union(
            *(zones for code, zones in self.regions.items()
              if code.startswith(region + "-")))

    def read_zips(self):
        united = {}
        for row in read("zip.csv", ["prefixes", "region", "zones"]):
            where, region = "zip.csv: " + row["prefixes"], row["region"]
            if region not in self.regions:
                fail(f"{where}: unknown region {region}")
            zones = zones_of(row, where) or self.regions[region]
            if not zones or not set(zones) <= self.zones_in(region):
                fail(where + ": no zones, or one that its region lacks")
            for prefix in prefixes_of(row["prefixes"], where):
                if not ZIP.match(prefix) or prefix in self.zips:
                    fail(f"{where}: {prefix!r} is no prefix, or is twice")
                self.zips[prefix] = (region, zones)
            united.setdefault(region, set()).update(zones)
            self.set_index(zones)
        for code in self.regions:
            if "-" in code and united.get(code) != set(self.regions[code]):
                fail(f"zip.csv: {code} is not the union of its codes")

    def read_likes(self):
        for row in read("zones.csv", ["zone", "like"]):
            if not ZONE.match(row["zone"]) or not ZONE.match(row["like"]):
                fail(f"zones.csv: {row}")
            self.likes.append((row["zone"], row["like"]))
        bases = {like for _, like in self.likes}
        if len({z for z, _ in self.likes} | bases) != (len(self.likes)
                                                        + len(bases)):
            fail("zones.csv: a zone is repeated, or is both like and liked")


def prefix_table(plan):
    """Index + 1 of the country row for each three leading digits."""
    best = {}
    for at, (row, _) in enumerate(plan.countries):
        for prefix in parts(row["prefixes"]) or [row["code"]]:
            first = int(prefix.ljust(3, "0"))
            for three in range(first, first + 10 ** (3 - len(prefix))):
                old = best.get(three)
                if old is not None and old[0] == len(prefix):
                    fail(f"country.csv: two rows for {prefix}")
                if old is None or old[0] < len(prefix):
                    best[three] = (len(prefix), at + 1)
    if len(plan.countries) > 255:
        fail("country.csv: more rows than od__plan_prefixes can count")
    return [best.get(three, (0, 0))[1] for three in range(1000)]


def wrapped(values):
    line = "   "
    for value in values:
        piece = f" {value},"
        if len(line) + len(piece) > 79:
            yield line
            line = "   "
        line += piece
    yield line


def emit(plan, out):
    regions = sorted(plan.regions)
    region_at = {code: at for at, code in enumerate(regions)}

    def table(head, lines):
        out.append(f"\n{head} = {{")
        out.extend(lines)
        out.append("};")

    def length(name, count):
        out.append(f"const size_t {name}_len = {count};")

    out.append("/*\n"
               " * plan_data.c - the number plan's tables, made by "
               "gen_plan.py from npa.csv,\n"
               " * country.csv, regions.csv, zip.csv and zones.csv. Not to be "
               "edited; plan.h\n"
               " * says what each one is.\n"
               " */\n"
               "/* clang-format off */\n"
               "#include \"place/plan.h\"")
    flat, sets = [], []
    for zones in plan.sets:
        sets.append((len(flat), len(zones)))
        flat.extend(zones)
    table("const char *const od__plan_zones[]",
          [f'    "{zone}",' for zone in flat])
    table("const od__plan_set od__plan_sets[]",
          [f"    {{{first}, {count}}}," for first, count in sets])
    table("const od__plan_region od__plan_regions[]",
          [f'    {{"{code}", {plan.sets[plan.regions[code]]}}},'
           for code in regions])
    length("od__plan_regions", len(regions))
    table("const od__plan_name od__plan_names[]",
          [f'    {{"{key}", {region_at[plan.names[key]]}}},'
           for key in sorted(plan.names)])
    length("od__plan_names", len(plan.names))
    table("const od__plan_npa od__plan_npas[800]",
          [f"    [{npa} - 200] = {{1, {region_at.get(region, 0)}, "
           f"{plan.sets[zones]}}},"
           for npa, (region, zones) in sorted(plan.npas.items())])

    rows = []
    for row, zones in plan.countries:
        iso = (parts(row["countries"]) or [""])[0]
        if row["code"] == "1":
            iso = ""
        rows.append(f'    {{{row["code"]}, {len(row["code"])}, '
                    f'{row["len_min"]}, {row["len_max"]}, '
                    f'"{row["trunk"].strip("-")}", '
                    f'{region_at[iso] if iso else 0}, {plan.sets[zones]}}},')
    table("const od__plan_country od__plan_countries[]", rows)
    isos = sorted((iso, at) for at, (row, _) in enumerate(plan.countries)
                  for iso in parts(row["countries"]))
    table("const od__plan_iso od__plan_isos[]",
          [f'    {{"{iso}", {at}}},' for iso, at in isos])
    length("od__plan_isos", len(isos))
    table("const uint8_t od__plan_prefixes[1000]",
          wrapped(prefix_table(plan)))
    table("const od__plan_zip od__plan_zips[]",
          wrapped(f'{{"{prefix}", {region_at[region]}, {plan.sets[zones]}}}'
                  for prefix, (region, zones) in sorted(plan.zips.items())))
    length("od__plan_zips", len(plan.zips))
    table("const od__plan_like od__plan_likes[]",
          [f'    {{"{zone}", "{like}"}},' for zone, like in
           sorted(plan.likes)])
    length("od__plan_likes", len(plan.likes))


def main():
    out = []
    emit(Plan(), out)
    print("\n".join(out))


main()
