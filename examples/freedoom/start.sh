#!/bin/sh
# The player's own settings are kept in the home folder; a first start begins with ours.
settings="$HOME/.local/share/chocolate-doom"
mkdir -p "$settings"
[ -f "$settings/default.cfg" ] || cp /game/player.cfg "$settings/default.cfg"

# -extraconfig is read from the build: what belongs to the stream is not the player's to lose.
exec /usr/games/chocolate-doom -iwad /usr/share/games/doom/freedoom1.wad \
    -fullscreen -nogui -extraconfig /game/stream.cfg "$@"
