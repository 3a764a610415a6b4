"""The window. Only tiles that something moved over are drawn and sent again."""

import pygame

WIDTH, HEIGHT = 1280, 720  # The game's own units, whatever the display's size.
TILE = 80  # Pixels: large enough that a frame is a few dozen updates, small enough to save most.


class Stage:
    def __init__(self):
        size = pygame.display.get_desktop_sizes()[0]
        self.screen = pygame.display.set_mode(size, pygame.NOFRAME)
        pygame.display.set_caption("Tidelight")
        pygame.mouse.set_visible(False)
        self.unit = min(size[0] / WIDTH, size[1] / HEIGHT)
        self.left = (size[0] - WIDTH * self.unit) / 2
        self.top = (size[1] - HEIGHT * self.unit) / 2
        self.columns = (size[0] - 1) // TILE + 1
        self.rows = (size[1] - 1) // TILE + 1
        self.base = pygame.Surface(size)
        self.still = self.base
        self.written = {}
        self.before = set()
        self.now = set()

    def set_base(self, picture):
        """The picture under everything that moves."""
        self.base.blit(picture, (self.left, self.top))
        self.still = self.base.copy()
        self.redraw()

    def redraw(self):
        self.now = {(row, column) for row in range(self.rows) for column in range(self.columns)}

    def write(self, key, picture, x, y):
        """Puts a picture that stays until it is written again or wiped. Keys must not overlap."""
        self.wipe(key)
        self.written[key] = self.place(picture, x, y)
        self.mark(self.still.blit(picture, self.written[key]))

    def wipe(self, *keys):
        for key in keys or tuple(self.written):
            area = self.written.pop(key, None)
            if area:
                self.still.blit(self.base, area, area)
                self.mark(area)

    def place(self, picture, x, y):
        width, height = picture.get_size()
        left = round(self.left + x * self.unit) - width // 2
        return pygame.Rect(left, round(self.top + y * self.unit) - height // 2, width, height)

    def mark(self, area):
        columns = range(max(area.left // TILE, 0), min((area.right - 1) // TILE + 1, self.columns))
        for row in range(max(area.top // TILE, 0), min((area.bottom - 1) // TILE + 1, self.rows)):
            for column in columns:
                self.now.add((row, column))

    def begin(self):
        """Takes away what moved: call before the frame's first draw."""
        for area in self.runs(self.before | self.now):
            self.screen.blit(self.still, area, area)

    def draw(self, picture, x, y, blend=0):
        self.mark(self.screen.blit(picture, self.place(picture, x, y), None, blend))

    def light(self, picture, x, y):
        self.draw(picture, x, y, pygame.BLEND_RGB_ADD)

    def show(self):
        pygame.display.update(self.runs(self.before | self.now))
        self.before, self.now = self.now, set()

    def runs(self, tiles):
        """Neighbours in a row become one rectangle."""
        areas = []
        for row, column in sorted(tiles):
            last = areas[-1] if areas else None
            if last and last.top == row * TILE and last.right == column * TILE:
                last.width += TILE
            else:
                areas.append(pygame.Rect(column * TILE, row * TILE, TILE, TILE))
        return areas
