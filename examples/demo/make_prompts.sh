#!/bin/sh
# Speak the prompts of the demonstration again: needs espeak-ng and sox, which
# neither the library nor the demonstration does. Writes NAME.wav beside itself,
# 8 kHz mu-law, at most 40 kB each.
set -eu
cd "$(dirname "$0")"

say() { # NAME TEXT
    espeak-ng -v en-us -s 180 --stdout "$2" |
        sox -q -t wav - -r 8000 -c 1 -e mu-law "$1.wav" \
            highpass 150 gain -n -4 \
            silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse
}

say hello "Hello, this is the water works. We mended a pipe in your street."
say offer "Press star, and we do not call again."
say ask_back "Is your water back? One for yes, two for no. \
Nine, and we do not call again."
say ask_people "We will send somebody. How many people live in your home?"
say no_such_key "That key means nothing here."
say thanks "Thank you. Goodbye."
say removed "You will not be called again. Goodbye."
ls -l -- *.wav
