#!/bin/sh
# Draws the pictures of the README into docs/, or into the directory that is named.
# LOOPSCOPE is the program to draw them with; without it, it is built. `cargo test --test pictures` draws them again
# and holds them against what is in docs/.
set -eu
cd "$(dirname "$0")"
to=${1:-docs}
mkdir -p "$to"
if [ -z "${LOOPSCOPE:-}" ]; then
    cargo build --quiet --release
    LOOPSCOPE=${CARGO_TARGET_DIR:-target}/release/loopscope
fi

# Two tasks asleep at once: what the loop shows, and why the one that was woken does not run yet.
"$LOOPSCOPE" render say_after:concurrent --at "tick 4" --press NNN --size 120x40 -o "$to/main.svg"
# The two ways of the same program on one clock.
"$LOOPSCOPE" render say_after:sequential,say_after:concurrent --at "t 2" --size 120x40 -o "$to/compare.svg"
# Who else could run first?
"$LOOPSCOPE" render say_after:concurrent --at "tick 1" --press ti --size 120x40 -o "$to/what_if.svg"
# For where there are no pictures.
"$LOOPSCOPE" render say_after:concurrent --at "tick 4" --press NNN --size 80x24 -o "$to/main.txt"
# A playback for `asciinema play`.
"$LOOPSCOPE" cast say_after:concurrent --size 100x30 -o "$to/say_after.cast"
