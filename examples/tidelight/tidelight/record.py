"""The best scores, in the home folder: `saves` in the manifest keeps it for each player."""

import json
import os
from pathlib import Path

FOLDER = Path.home() / ".local" / "share" / "tidelight"
FILE = FOLDER / "best.json"


class Record:
    def __init__(self):
        try:
            kept = json.loads(FILE.read_text())
            self.best = {int(players): int(score) for players, score in kept.items()}
        except (OSError, ValueError, AttributeError):
            self.best = {}  # A first start, or a file that is none of ours.

    def of(self, players):
        return self.best.get(players, 0)

    def keep(self, players, score):
        """True for a new best. The file is whole at any moment: it is replaced, never changed."""
        if score <= self.of(players):
            return False
        self.best[players] = score
        FOLDER.mkdir(parents=True, exist_ok=True)
        fresh = FILE.with_suffix(".new")
        fresh.write_text(json.dumps(self.best))
        os.replace(fresh, FILE)
        return True
