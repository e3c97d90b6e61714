#!/bin/sh
# Invent forty people who may be called at this very minute, and how each of
# them behaves: a CSV file for the dialer, a file of plays for examples/callee,
# and a CSV file that says how each of them agreed to be called.
#
#     make_people.sh PEOPLE.csv PLAYS [CONSENT.csv]
#
# Calls are allowed by the local time of who is called, so the people live
# where it is between 9:00 and 19:45 now; at any minute of the year that is so
# in two of the regions at least. The numbers are ones that regulators keep for
# film and theatre. Prints the names of the regions.
set -eu

# name | all digits but the last two | time zone
regions='New York|+121255501|America/New_York
Los Angeles|+121355501|America/Los_Angeles
Honolulu|+180855501|Pacific/Honolulu
Guam|+167155501|Pacific/Guam
Sydney|+612555000|Australia/Sydney
Berlin|+4930231250|Europe/Berlin
London|+4420794600|Europe/London'

# how many people | what they do
behaviours='14|ring 2s answer wait 8s press 1
2|ring 2s answer wait 9s press 2 wait 4s press 3
2|ring 3s answer wait 8s press 2 wait 5s press 4
2|ring 1s answer wait 8s press 2 wait 4s press 12
1|ring 2s answer wait 8s press 5 wait 5s press 1
1|ring 2s answer wait 9s press 9
1|ring 3s answer
3|ring 2s answer wait 4s hangup
4|status 486
4|ring 60s
3|ring 3s status 603
1|status 404
2|ring 5s answer wait 8s press 1'

open_regions() {
    printf '%s\n' "$regions" | while IFS='|' read -r name digits zone; do
        clock=$(TZ=$zone date +%H%M)
        if [ "$clock" -ge 0900 ] && [ "$clock" -lt 1945 ]; then
            printf 'region|%s|%s|%s\n' "$name" "$digits" "$zone"
        fi
    done
}

{
    open_regions
    printf '%s\n' "$behaviours" | sed 's/^/play|/'
} | awk -F'|' -v people="$1" -v plays="$2" -v consent="${3:-/dev/null}" \
    -v agreed="$(date -u -d '40 days ago' +%Y-%m-%d)" '
    BEGIN { places = count = 0 }
    $1 == "region" { name[places] = $2; digits[places] = $3; zone[places++] = $4 }
    $1 == "play" { for (i = 0; i < $2; i++) play[count++] = $3 }
    END {
        firsts = split("Ada Ben Cleo Dev Eve Finn Gia Hugo Ines Joel", first, " ")
        lasts = split("Abel Brook Cruz Dunn Ek Frost Gray", last, " ")
        print "Phone,First_Name,Last_Name,Timezone,Street" >people
        print "phone,kind,purpose,seller,obtained,how,reference" >consent
        for (i = 0; i < count; i++) {
            number = digits[i % places] (10 + i)
            printf "%s,%s,%s,%s,%d Lake Road\n", number, first[i % firsts + 1],
                last[i % lasts + 1], zone[i % places], i + 1 >people
            printf "%s,express,informational,%s,%s,%s,form %d\n", number,
                "Lake Water Works", agreed, "paper form", i + 1 >consent
            # 7 and 40 have no common divisor: neighbours behave differently.
            print number, play[i * 7 % count] >plays
        }
        # What lists of people look like: one stands twice, one has no number.
        print digits[1 % places] "11,Ben,Brook,,2 Lake Road" >people
        print "ask at the door,Zoe,Zimmer,,99 Lake Road" >people
        for (i = 0; i < places; i++) printf "%s%s", i ? ", " : "", name[i]
        print ""
    }'
