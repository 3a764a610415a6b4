"""The rules: lights drift, swimmers gather them and bring them home, jellies cut their trails."""

import math
import random
from collections import deque

STEP = 1 / 60  # Seconds.
TIDE = 90  # Seconds a game lasts.
CENTRE_X, CENTRE_Y = 640, 366
RADIUS_X, RADIUS_Y = 560, 292
HOME_REACH = 58
SPACING = 7  # Steps between two lights of a trail.
LONGEST = 32
LIGHTS = 22
MOST_JELLIES = 7


def inside(thing, slack=1.0):
    """Keeps a thing in the water; true where it touched the rim."""
    dx = (thing.x - CENTRE_X) / (RADIUS_X * slack)
    dy = (thing.y - CENTRE_Y) / (RADIUS_Y * slack)
    reach = math.hypot(dx, dy)
    if reach <= 1:
        return False
    thing.x = CENTRE_X + dx / reach * RADIUS_X * slack
    thing.y = CENTRE_Y + dy / reach * RADIUS_Y * slack
    return True


class Light:
    def __init__(self, x, y, vx=0.0, vy=0.0):
        self.x, self.y, self.vx, self.vy = x, y, vx, vy
        self.age = 0.0


class Jelly:
    def __init__(self, heading):
        self.x = CENTRE_X + math.cos(heading) * RADIUS_X
        self.y = CENTRE_Y + math.sin(heading) * RADIUS_Y
        self.heading = heading + math.pi
        self.phase = random.random()

    def step(self):
        self.phase = (self.phase + STEP * 0.55) % 1
        speed = 26 + 46 * max(0.0, math.sin(self.phase * math.tau))
        self.heading += random.uniform(-1.2, 1.2) * STEP
        self.x += math.cos(self.heading) * speed * STEP
        self.y += math.sin(self.heading) * speed * STEP
        if inside(self, 0.94):
            away = math.atan2(CENTRE_Y - self.y, CENTRE_X - self.x)
            self.heading = away + random.uniform(-0.8, 0.8)


class Swimmer:
    def __init__(self, number, players):
        self.number = number
        self.x = CENTRE_X + (number * 2 - players + 1) * 90
        self.y = CENTRE_Y + 120
        self.vx = self.vy = 0.0
        self.heading = -math.pi / 2
        self.stroke = 0.0
        self.path = deque(maxlen=LONGEST * SPACING + 1)
        self.lights = 0
        self.score = 0
        self.chain = 0  # Lights brought home in a row: each is worth one more.
        self.wait = 0.0  # Until the next light goes home.
        self.dazed = 0.0
        self.dash = 0.0

    def step(self, x, y):
        self.dazed = max(0.0, self.dazed - STEP)
        self.dash = max(0.0, self.dash - STEP)
        push = 0 if self.dazed > 0.6 else 980 + (1900 if self.dash > 0.3 else 0)
        length = max(1.0, math.hypot(x, y))
        self.vx += (x / length * push - self.vx * 3.4) * STEP
        self.vy += (y / length * push - self.vy * 3.4) * STEP
        self.x += self.vx * STEP
        self.y += self.vy * STEP
        speed = math.hypot(self.vx, self.vy)
        self.stroke = (self.stroke + (0.6 + speed / 90) * STEP) % 1
        if speed > 12:
            turn = math.atan2(self.vy, self.vx) - self.heading
            self.heading += math.remainder(turn, math.tau) * min(1, 10 * STEP)
        if inside(self):
            self.vx *= 0.9
            self.vy *= 0.9
        self.path.appendleft((self.x, self.y))

    def trail(self):
        last = len(self.path) - 1
        return [self.path[min((i + 1) * SPACING, last)] for i in range(self.lights)]


class Pool:
    """One game. `events` holds what happened in a step: (kind, x, y, count)."""

    def __init__(self, players):
        self.swimmers = [Swimmer(number, players) for number in range(players)]
        self.lights = [self.new_light(random.random()) for _ in range(LIGHTS)]
        self.jellies = [Jelly(turn * math.tau / 3 + 0.5) for turn in range(3)]
        self.time = 0.0
        self.events = []

    @property
    def score(self):
        return sum(swimmer.score for swimmer in self.swimmers)

    @property
    def left(self):
        """Seconds."""
        return max(0.0, TIDE - self.time)

    def new_light(self, depth=1.0):
        turn = random.random() * math.tau
        reach = 0.35 + 0.6 * math.sqrt(random.random() * depth)
        x = CENTRE_X + math.cos(turn) * RADIUS_X * reach
        return Light(x, CENTRE_Y + math.sin(turn) * RADIUS_Y * reach)

    def step(self, pushes):
        """`pushes`: each swimmer's direction and whether it asks to dash."""
        self.time += STEP
        self.events = []
        for light in self.lights:
            self.drift(light)
        for jelly in self.jellies:
            jelly.step()
        if len(self.jellies) < min(3 + self.time // 18, MOST_JELLIES):
            self.jellies.append(Jelly(random.random() * math.tau))
        for swimmer, (x, y, dash) in zip(self.swimmers, pushes if self.left else ()):
            if dash and swimmer.lights and not swimmer.dash and not swimmer.dazed:
                swimmer.lights -= 1
                swimmer.dash = 0.6
                self.events.append(("dash", swimmer.x, swimmer.y, swimmer.number))
            swimmer.step(x, y)
            self.gather(swimmer)
            self.bring_home(swimmer)
            self.meet_jellies(swimmer)
        while len(self.lights) < LIGHTS:
            self.lights.append(self.new_light())

    def drift(self, light):
        light.age += STEP
        light.vx += (15 * math.sin(light.y / 130 + self.time * 0.21) - light.vx) * STEP * 1.5
        light.vy += (15 * math.cos(light.x / 170 - self.time * 0.17) - light.vy) * STEP * 1.5
        light.x += light.vx * STEP
        light.y += light.vy * STEP
        inside(light, 0.97)

    def gather(self, swimmer):
        for light in self.lights:
            near = math.hypot(light.x - swimmer.x, light.y - swimmer.y)
            if near < 80 and swimmer.lights < LONGEST and light.age > 0.8:
                light.vx += (swimmer.x - light.x) * 9 * STEP
                light.vy += (swimmer.y - light.y) * 9 * STEP
                if near < 26:
                    self.lights.remove(light)
                    swimmer.lights += 1
                    self.events.append(("gather", light.x, light.y, swimmer.lights))
                    return

    def bring_home(self, swimmer):
        swimmer.wait = max(0.0, swimmer.wait - STEP)
        if math.hypot(swimmer.x - CENTRE_X, swimmer.y - CENTRE_Y) > HOME_REACH:
            swimmer.chain = 0
        elif swimmer.lights and not swimmer.wait:
            swimmer.lights -= 1
            swimmer.chain += 1
            swimmer.score += swimmer.chain
            swimmer.wait = 0.09
            self.events.append(("home", CENTRE_X, CENTRE_Y, swimmer.chain))

    def meet_jellies(self, swimmer):
        if swimmer.dazed:
            return
        body = [(swimmer.x, swimmer.y), *swimmer.trail()]
        for jelly in self.jellies:
            for place, (x, y) in enumerate(body):
                if abs(x - jelly.x) < 30 and math.hypot(x - jelly.x, y - jelly.y) < 30:
                    self.cut(swimmer, jelly, place, body)
                    return

    def cut(self, swimmer, jelly, place, body):
        """The trail breaks where the jelly touched it, and its lights drift off."""
        for x, y in body[max(place, 1):]:
            vx, vy = random.uniform(-70, 70), random.uniform(-70, 70)
            self.lights.append(Light(x, y, vx, vy))
        swimmer.lights = max(place - 1, 0)
        swimmer.dazed = 1.4
        if place == 0:
            away = math.atan2(swimmer.y - jelly.y, swimmer.x - jelly.x)
            swimmer.vx, swimmer.vy = math.cos(away) * 320, math.sin(away) * 320
        self.events.append(("sting", *body[place], place))
