#!/bin/sh
# Neverball keeps settings, scores and replays in ~/.neverball; a first start begins with ours.
home="$HOME/.neverball"
mkdir -p "$home"
[ -f "$home/neverballrc" ] || cp /game/neverballrc "$home/neverballrc"
exec /usr/games/neverball "$@"
