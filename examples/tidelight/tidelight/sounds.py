"""Every sound is made here at the start: a turning complex number is a sine that dies away."""

import cmath
import math
import random
from array import array

import pygame

RATE = 48_000
SCALE = [220 * 2 ** (half / 12) for half in (0, 3, 5, 7, 10, 12, 15, 17, 19, 22, 24, 27)]


def stereo(mono):
    both = array("h", bytes(4 * len(mono)))
    both[0::2] = both[1::2] = mono
    return pygame.mixer.Sound(buffer=both)


def pluck(hertz, seconds, loudness, bright=0.3):
    """A soft bell: a note and a quieter one near its double."""
    low = cmath.rect(0.001 ** (1 / (seconds * RATE)), math.tau * hertz / RATE)
    high = cmath.rect(0.001 ** (2.5 / (seconds * RATE)), math.tau * hertz * 2.01 / RATE)
    a, b = complex(loudness * 32_000), complex(loudness * bright * 32_000)
    samples = array("h")
    for i in range(int(seconds * RATE)):
        a *= low
        b *= high
        samples.append(int((a.imag + b.imag) * min(1.0, i / 240)))
    return stereo(samples)


def whoosh(seconds, loudness):
    samples, value, count = array("h"), 0.0, int(seconds * RATE)
    for i in range(count):
        value += (random.uniform(-1, 1) - value) * 0.06
        samples.append(int(value * loudness * 32_000 * math.sin(math.pi * i / count) ** 2))
    return stereo(samples)


def drone(seconds, loudness):
    """Whole turns of every wave fit the loop, so that its end meets its start."""
    count = int(seconds * RATE)
    waves = [(55, 0.55), (82.5, 0.35), (110.25, 0.35)]
    turns = [cmath.rect(1, math.tau * round(hertz * seconds) / count) for hertz, _ in waves]
    swell = cmath.rect(1, math.tau / count)
    values = [complex(0, share * loudness * 32_000) for _, share in waves]
    samples, slow = array("h"), 1 + 0j
    for _ in range(count):
        values = [value * turn for value, turn in zip(values, turns)]
        slow *= swell
        samples.append(int(sum(value.imag for value in values) * (0.75 - 0.25 * slow.real)))
    return stereo(samples)


class Sounds:
    """Silent where there is no sound device: the game goes on without."""

    def __init__(self):
        try:
            pygame.mixer.init(RATE, -16, 2, 512, allowedchanges=0)
        except pygame.error:
            self.sounds = {}
            return
        pygame.mixer.set_num_channels(16)
        self.notes = [pluck(hertz, 0.9, 0.16) for hertz in SCALE]
        self.sounds = {
            "sting": pluck(73, 0.9, 0.4, 0.1),
            "dash": whoosh(0.45, 0.9),
            "end": pluck(110, 2.0, 0.3, 0.6),
            "choose": pluck(440, 0.3, 0.1),
        }
        drone(4, 0.16).play(loops=-1, fade_ms=2500)

    def play(self, kind, count=0):
        if not self.sounds:
            return
        if kind in ("gather", "home"):
            self.notes[min(count - 1, len(self.notes) - 1)].play()
        else:
            self.sounds[kind].play()
