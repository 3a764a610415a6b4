"""Every picture is drawn once at the start, large, then scaled down: edges are smooth for free."""

import math
import random

import pygame

from pool import CENTRE_X, CENTRE_Y, RADIUS_X, RADIUS_Y
from stage import HEIGHT, WIDTH

WATER, DEEP, ROCK = (17, 58, 74), (5, 17, 32), (13, 20, 31)
PLAYERS = ((96, 226, 255), (255, 190, 104))
LIGHT, JELLY, HOME, INK = (188, 255, 214), (186, 120, 255), (255, 116, 128), (206, 228, 236)
TURNS = 48  # Headings a swimmer is drawn in.
FINE = 3  # How much larger shapes are drawn than shown.
FONT = "/usr/share/fonts/truetype/freefont/FreeSans.ttf"


def mix(one, other, share):
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other))


class Pictures:
    def __init__(self, unit):
        self.unit = unit
        self.falloff = self.draw_falloff()
        self.fonts = {}
        self.light = [self.glow(18, LIGHT, share / 8) for share in range(1, 9)]
        self.core = self.glow(7, (255, 255, 255))
        self.home = [self.glow(120, HOME, 0.4 + 0.05 * share) for share in range(9)]
        self.swimmer_glow = [self.glow(64, colour, 0.5) for colour in PLAYERS]
        self.trail = [
            [self.glow(22 - 14 * i / 8, colour, 0.95) for i in range(9)] for colour in PLAYERS
        ]
        self.swimmers = [
            [self.draw_swimmer(colour, turn) for turn in range(TURNS)] for colour in PLAYERS
        ]
        self.jelly_glow = self.glow(66, JELLY, 0.42)
        self.jellies = [self.draw_jelly(phase / 16) for phase in range(16)]
        colours = {"gather": LIGHT, "home": HOME, "sting": JELLY, "dash": INK}
        self.ripples = {
            kind: [self.draw_ripple(colour, frame / 14) for frame in range(14)]
            for kind, colour in colours.items()
        }

    def canvas(self, width, height, scale=1):
        return pygame.Surface((round(width * scale), round(height * scale)), pygame.SRCALPHA)

    def shrink(self, canvas):
        width, height = canvas.get_size()
        size = max(1, round(width * self.unit / FINE)), max(1, round(height * self.unit / FINE))
        return pygame.transform.smoothscale(canvas, size)

    def draw_falloff(self):
        spot = pygame.Surface((64, 64), depth=32)
        for y in range(64):
            for x in range(64):
                reach = min(1.0, math.hypot(x - 31.5, y - 31.5) / 31.5)
                level = round(255 * (1 - reach) ** 2.4)
                spot.set_at((x, y), (level, level, level))
        return spot

    def glow(self, radius, colour, strength=1.0):
        """To be added to what is below."""
        size = max(2, round(radius * 2 * self.unit))
        spot = pygame.transform.smoothscale(self.falloff, (size, size))
        spot.fill(mix((0, 0, 0), colour, strength), special_flags=pygame.BLEND_RGB_MULT)
        return spot

    def draw_swimmer(self, colour, turn):
        canvas = self.canvas(72, 72, FINE)
        angle, size = turn * math.tau / TURNS, 1.25 * FINE
        cos, sin, middle = math.cos(angle) * size, math.sin(angle) * size, 36 * FINE

        def shape(points, shade):
            spots = [(middle + x * cos - y * sin, middle + x * sin + y * cos) for x, y in points]
            pygame.draw.polygon(canvas, shade, spots)

        steps = [i / 20 for i in range(21)]
        body = [(17 - 32 * s, 8.4 * math.sin(math.pi * s ** 0.62)) for s in steps]
        shape([(-10, 0), (-24, -9), (-19, 0), (-24, 9)], (*mix(colour, DEEP, 0.35), 210))
        shape([(3, 0), (-7, -15), (-8, -3), (-8, 3), (-7, 15)], (*mix(colour, DEEP, 0.45), 190))
        shape(body + [(x, -y) for x, y in reversed(body)], (*colour, 255))
        pale = [(x * 0.66 + 3, y * 0.5) for x, y in body]
        white = (*mix(colour, (255, 255, 255), 0.6), 255)
        shape(pale + [(x, -y) for x, y in reversed(pale)], white)
        return self.shrink(canvas)

    def draw_jelly(self, phase):
        canvas = self.canvas(92, 92, FINE)
        beat = math.sin(phase * math.tau)
        radius, middle = 23 - 3.4 * beat, 46

        def at(turn, reach):
            x, y = math.cos(turn) * reach, math.sin(turn) * reach
            return (middle + x) * FINE, (middle + y) * FINE

        for arm in range(10):
            turn = arm * math.tau / 10
            points = []
            for i in range(12):
                bend = turn + 0.2 * math.sin(i * 0.6 - phase * math.tau + arm)
                points.append(at(bend, radius * 0.55 + i * (1.9 + 0.35 * beat)))
            pygame.draw.lines(canvas, (*JELLY, 120), False, points, FINE)
        for ring in range(12):
            shade = (*mix(JELLY, (250, 230, 255), ring / 14), 70 + ring * 12)
            reach = radius * (1 - ring / 12 * 0.9)
            pygame.draw.circle(canvas, shade, at(0, 0), reach * FINE)
        for petal in range(4):
            spot, shade = at(petal * math.tau / 4 + 0.4, radius * 0.36), mix(JELLY, DEEP, 0.2)
            pygame.draw.circle(canvas, (*shade, 170), spot, 4.2 * FINE, FINE)
        return self.shrink(canvas)

    def draw_ripple(self, colour, age):
        canvas = self.canvas(128, 128, FINE)
        shade = mix((0, 0, 0), colour, 0.5 * (1 - age) ** 1.5)
        middle, reach = (64 * FINE, 64 * FINE), (8 + 52 * age ** 0.6) * FINE
        pygame.draw.circle(canvas, (*shade, 255), middle, reach, 2 * FINE)
        ring = pygame.Surface(canvas.get_size(), depth=32)
        ring.blit(canvas, (0, 0))
        return self.shrink(ring)

    def text(self, words, size, colour=INK, spread=0):
        """Letters with room between them, on nothing."""
        size = round(size * self.unit)
        if size not in self.fonts:
            try:
                self.fonts[size] = pygame.font.Font(FONT, size)
            except FileNotFoundError:
                self.fonts[size] = pygame.font.Font(None, size)
        letters = [self.fonts[size].render(letter, True, colour) for letter in words or " "]
        gap = round(spread * self.unit)
        width = sum(letter.get_width() + gap for letter in letters) - gap
        line = pygame.Surface((width, letters[0].get_height()), pygame.SRCALPHA)
        x = 0
        for letter in letters:
            line.blit(letter, (x, 0))
            x += letter.get_width() + gap
        return line

    def bar(self, width, colour):
        line = pygame.Surface((max(1, round(width * self.unit)), max(2, round(3 * self.unit))))
        line.fill(colour)
        return line

    def pool(self):
        """The pool as it lies there: water, sand, the rocks around it, the home in its middle."""
        chance = random.Random(7)
        deep = pygame.Surface((WIDTH // 4, HEIGHT // 4), depth=32)
        for y in range(HEIGHT // 4):
            for x in range(WIDTH // 4):
                dx, dy = (x * 4 - CENTRE_X) / RADIUS_X, (y * 4 - CENTRE_Y) / RADIUS_Y
                share = min(1.0, (dx * dx + dy * dy) ** 0.7) + chance.uniform(-0.012, 0.012)
                deep.set_at((x, y), mix(WATER, DEEP, min(1.0, max(0.0, share))))
        picture = pygame.transform.smoothscale(deep, (WIDTH * 2, HEIGHT * 2))
        layer = self.canvas(WIDTH, HEIGHT, 2)
        for _ in range(150):
            self.pebble(layer, chance, chance.random() ** 0.5, chance.uniform(4, 17), 0.72, 70)
        picture.blit(layer, (0, 0))
        layer.fill((0, 0, 0, 0))
        for reach in range(6, -1, -1):
            for _ in range(64 + 14 * reach):
                away = 1.12 + reach * 0.09 + chance.uniform(-0.03, 0.03)
                self.pebble(layer, chance, away, chance.uniform(28, 62), 0.1 + reach * 0.1, 255)
        for arm in range(72):
            self.arm(layer, chance, arm * math.tau / 24, 1 - arm // 24 * 0.28)
        picture.blit(layer, (0, 0))
        size = round(WIDTH * self.unit), round(HEIGHT * self.unit)
        return pygame.transform.smoothscale(picture, size)

    def pebble(self, layer, chance, reach, radius, shade, alpha):
        turn = chance.random() * math.tau
        x = CENTRE_X + math.cos(turn) * RADIUS_X * reach
        y = CENTRE_Y + math.sin(turn) * RADIUS_Y * reach
        if not (-radius < x < WIDTH + radius and -radius < y < HEIGHT + radius):
            return
        tilt, bumps = chance.random() * math.tau, chance.random() * 9
        cos, sin, flat = math.cos(tilt), math.sin(tilt), chance.uniform(0.6, 0.95)
        stone = mix((52, 76, 92), ROCK, min(1.0, 0.55 + shade * 0.5))
        for size, light, lift in ((1, 0, 0), (0.86, 0.07, 0.05), (0.62, 0.12, 0.12)):
            points = []
            for i in range(28):
                way = i * math.tau / 28
                bump = 1 + 0.07 * math.sin(3 * way + bumps) + 0.04 * math.sin(5 * way - bumps)
                px = math.cos(way) * bump * radius * size
                py = math.sin(way) * bump * radius * size * flat
                left, top = x - radius * lift, y - radius * lift
                points.append((2 * (left + px * cos - py * sin), 2 * (top + px * sin + py * cos)))
            pygame.draw.polygon(layer, (*mix(stone, (120, 150, 165), light), alpha), points)

    def arm(self, layer, chance, turn, length):
        """One of the anemone's arms, thick at its foot."""
        turn, curl = turn + chance.uniform(-0.09, 0.09), chance.uniform(-0.013, 0.013)
        for i in range(26):
            reach = 6 + i * 1.75 * length * (1 + curl * 8)
            bend = turn + curl * i
            x, y = CENTRE_X + math.cos(bend) * reach, CENTRE_Y + math.sin(bend) * reach
            shade = mix((92, 30, 52), HOME, (i / 25) ** 1.4 * (1.1 - 0.45 * length))
            pygame.draw.circle(layer, (*shade, 255), (2 * x, 2 * y), 2 * (4.4 - i * 0.09))
