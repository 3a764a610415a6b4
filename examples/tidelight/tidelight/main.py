"""Tidelight: gather drifting lights, bring them home before the tide turns."""

import math
import os
import signal
import sys
import time

import pygame

from controls import Controls
from pictures import HOME, INK, PLAYERS, TURNS, Pictures, mix
from pool import CENTRE_X, CENTRE_Y, STEP, TIDE, Pool
from record import Record
from sounds import Sounds
from stage import Stage

FAINT = mix(INK, (5, 17, 32), 0.45)
MENUS = {
    "title": (("One swimmer", "one"), ("Two swimmers", "two"), ("Leave", "quit")),
    "pause": (("Swim on", "on"), ("To the title", "title")),
    "over": (("Once more", "again"), ("To the title", "title")),
}


class Tidelight:
    def __init__(self):
        self.stage = Stage()
        self.pictures = Pictures(self.stage.unit)
        self.stage.set_base(self.pictures.pool())
        self.controls = Controls()
        self.sounds = Sounds()
        self.record = Record()
        self.running = True
        self.clock = 0.0
        self.ripples = []
        self.show_title()

    def stop(self, *_):
        self.running = False

    def run(self):
        due = time.monotonic()
        while self.running:
            for event in pygame.event.get():
                self.handle(event)
            if self.state != "pause":
                self.step()
                self.draw()
            elif self.stage.now:
                self.draw()  # A picture that stands still is neither drawn nor encoded again.
            due = max(due + STEP, time.monotonic() - STEP)
            time.sleep(max(0.0, due - time.monotonic()))
        self.keep()

    # What the player asks for

    def handle(self, event):
        if event.type == pygame.QUIT:
            self.stop()
        elif event.type == pygame.WINDOWEXPOSED:
            self.stage.redraw()
        elif event.type == pygame.WINDOWFOCUSLOST and self.state == "play":
            self.open("pause", "THE TIDE WAITS")
        command = self.controls.command(event)
        if self.state == "play":
            if command == "back":
                self.open("pause", "THE TIDE WAITS")
        elif command in ("up", "down"):
            self.chosen = (self.chosen + (1 if command == "down" else -1)) % len(MENUS[self.state])
            self.sounds.play("choose")
            self.write_menu()
        elif command == "go":
            self.sounds.play("choose")
            self.choose(MENUS[self.state][self.chosen][1])
        elif command == "back" and self.state != "title":
            self.choose("on" if self.state == "pause" else "title")

    def choose(self, what):
        if what == "quit":
            self.stop()
        elif what == "title":
            self.keep()
            self.show_title()
        elif what == "on":
            self.open("play")
        else:
            players = {"one": 1, "two": 2}.get(what) or len(self.pool.swimmers)
            self.pool = Pool(players)
            self.open("play")

    # What is shown

    def show_title(self):
        self.pool = Pool(0)
        line = "Gather the lights. A longer trail brought home is worth far more."
        self.open("title", "TIDELIGHT", line)

    def open(self, state, heading="", line=""):
        self.state, self.chosen, self.shown = state, 0, {}
        self.stage.wipe()
        if heading:
            big = 66 if state == "title" else 44
            self.stage.write("heading", self.pictures.text(heading, big, INK, 16), CENTRE_X, 190)
            self.stage.write("line", self.pictures.text(line, 19, FAINT, 1), CENTRE_X, 254)
            self.write_menu()

    def write_menu(self):
        for place, (label, _) in enumerate(MENUS[self.state]):
            words = f"·  {label}  ·" if place == self.chosen else label
            picture = self.pictures.text(words, 25, INK if place == self.chosen else FAINT, 2)
            self.stage.write(f"menu{place}", picture, CENTRE_X, 470 + place * 44)

    def write_once(self, key, words, look, x, y):
        """Writes only what changed: a written picture costs nothing while it stays."""
        if self.shown.get(key) != words:
            self.shown[key] = words
            self.stage.write(key, self.pictures.text(words, *look), x, y)

    def write_scores(self):
        for number, swimmer in enumerate(self.pool.swimmers):
            look = (38, PLAYERS[number], 2)
            self.write_once(f"score{number}", f"{swimmer.score}", look, 96 + number * 1088, 56)
        best = max(self.record.of(len(self.pool.swimmers)), self.pool.score)
        self.write_once("best", f"best {best}", (17, FAINT, 2), CENTRE_X, 28)
        seconds = math.ceil(self.pool.left)
        if self.shown.get("tide") != seconds:
            self.shown["tide"] = seconds
            bar = self.pictures.bar(360 * seconds / TIDE, HOME if seconds < 11 else INK)
            self.stage.write("tide", bar, CENTRE_X, 696)

    # What goes on

    def step(self):
        self.clock += STEP
        players = len(self.pool.swimmers)
        self.pool.step([self.controls.push(number, players) for number in range(players)])
        for kind, x, y, count in self.pool.events:
            self.sounds.play(kind, count)
            self.ripples.append([kind, x, y, 0])
        if self.state == "play" and not self.pool.left:
            self.finish()

    def finish(self):
        fresh = self.keep()
        self.sounds.play("end")
        best = self.record.of(len(self.pool.swimmers))
        line = "A new best tide." if fresh else f"The best tide so far: {best}"
        self.open("over", f"{self.pool.score}", line)

    def keep(self):
        """Saves a new best, also of a game that ends here."""
        players = len(self.pool.swimmers)
        return players > 0 and self.record.keep(players, self.pool.score)

    def draw(self):
        stage, pictures, pool = self.stage, self.pictures, self.pool
        if self.state == "play":
            self.write_scores()
        stage.begin()
        beat = 0.5 + 0.5 * math.sin(self.clock * 1.6)
        stage.light(pictures.home[round(beat * 8)], CENTRE_X, CENTRE_Y)
        for light in pool.lights:
            twinkle = 0.75 + 0.25 * math.sin(light.age * 2.3 + light.x * 0.05)
            shine = min(1.0, light.age) * twinkle
            stage.light(pictures.light[min(7, int(shine * 8))], light.x, light.y)
            stage.light(pictures.core, light.x, light.y)
        for swimmer in pool.swimmers:
            self.draw_swimmer(swimmer)
        for jelly in pool.jellies:
            stage.light(pictures.jelly_glow, jelly.x, jelly.y)
            stage.draw(pictures.jellies[int(jelly.phase * 16)], jelly.x, jelly.y)
        for ripple in self.ripples:
            kind, x, y, age = ripple
            stage.light(pictures.ripples[kind][age // 2], x, y)
            ripple[3] = age + 1
        self.ripples = [ripple for ripple in self.ripples if ripple[3] < 28]
        stage.show()

    def draw_swimmer(self, swimmer):
        stage, pictures, number = self.stage, self.pictures, swimmer.number
        trail = swimmer.trail()
        for place in range(len(trail) - 1, -1, -1):
            sway = math.sin(self.clock * 4 - place * 0.5) * min(4, place)
            x, y = trail[place]
            stage.light(pictures.trail[number][min(8, place // 4)], x, y + sway)
        if swimmer.dazed and int(swimmer.dazed * 8) % 2:
            return
        stage.light(pictures.swimmer_glow[number], swimmer.x, swimmer.y)
        turn = swimmer.heading + 0.16 * math.sin(swimmer.stroke * math.tau)
        picture = pictures.swimmers[number][round(turn / math.tau * TURNS) % TURNS]
        stage.draw(picture, swimmer.x, swimmer.y)


def main():
    # Plain memory rather than OpenGL: cheaper where a processor has to draw.
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    pygame.display.init()
    pygame.font.init()
    game = Tidelight()
    signal.signal(signal.SIGTERM, game.stop)
    game.run()
    pygame.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
