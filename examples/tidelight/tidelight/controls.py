"""Keys and pads. A pad keeps its player's number until it is unplugged."""

import pygame
from pygame._sdl2 import controller

KEYS = (
    (pygame.K_a, pygame.K_d, pygame.K_w, pygame.K_s, pygame.K_SPACE),
    (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_RETURN),
)
MENU_KEYS = {
    pygame.K_UP: "up", pygame.K_w: "up", pygame.K_DOWN: "down", pygame.K_s: "down",
    pygame.K_RETURN: "go", pygame.K_SPACE: "go", pygame.K_KP_ENTER: "go",
    pygame.K_ESCAPE: "back", pygame.K_p: "back",
}
MENU_BUTTONS = {
    pygame.CONTROLLER_BUTTON_DPAD_UP: "up", pygame.CONTROLLER_BUTTON_DPAD_DOWN: "down",
    pygame.CONTROLLER_BUTTON_A: "go", pygame.CONTROLLER_BUTTON_B: "back",
    pygame.CONTROLLER_BUTTON_START: "back",
}
STICK = (pygame.CONTROLLER_AXIS_LEFTX, pygame.CONTROLLER_AXIS_LEFTY)
CROSS = (
    pygame.CONTROLLER_BUTTON_DPAD_LEFT, pygame.CONTROLLER_BUTTON_DPAD_RIGHT,
    pygame.CONTROLLER_BUTTON_DPAD_UP, pygame.CONTROLLER_BUTTON_DPAD_DOWN,
)
DEAD = 0.2  # Of a stick's way.


class Controls:
    def __init__(self):
        controller.init()
        self.pads = [None, None]
        self.leaning = 0

    def command(self, event):
        """What an event says to a menu: up, down, go or back; None where nothing."""
        if event.type == pygame.KEYDOWN:
            return MENU_KEYS.get(event.key)
        if event.type == pygame.CONTROLLERBUTTONDOWN:
            return MENU_BUTTONS.get(event.button)
        if event.type == pygame.CONTROLLERDEVICEADDED:
            self.plug(event.device_index)
        if event.type == pygame.CONTROLLERDEVICEREMOVED:
            self.unplug(event.instance_id)
        if event.type == pygame.CONTROLLERAXISMOTION and event.axis == STICK[1]:
            before, self.leaning = self.leaning, round(event.value / 32_768)
            if self.leaning and self.leaning != before:
                return "down" if self.leaning > 0 else "up"
        return None

    def plug(self, device):
        if None in self.pads:
            self.pads[self.pads.index(None)] = controller.Controller(device)

    def unplug(self, instance):
        for number, pad in enumerate(self.pads):
            if pad and pad.as_joystick().get_instance_id() == instance:
                pad.quit()
                self.pads[number] = None

    def push(self, number, players):
        """A swimmer's direction, and whether it asks to dash. One player may use all."""
        numbers = (0, 1) if players == 1 else (number,)
        x = y = 0.0
        dash = False
        held = pygame.key.get_pressed()
        for one in numbers:
            left, right, up, down, fast = KEYS[one]
            x += held[right] - held[left]
            y += held[down] - held[up]
            dash = dash or held[fast]
            if pad := self.pads[one]:
                px, py, pressed = self.read(pad)
                x, y, dash = x + px, y + py, dash or pressed
        return x, y, dash

    def read(self, pad):
        x, y = (pad.get_axis(axis) / 32_768 for axis in STICK)
        if abs(x) < DEAD and abs(y) < DEAD:
            left, right, up, down = (pad.get_button(button) for button in CROSS)
            x, y = right - left, down - up
        return x, y, bool(pad.get_button(pygame.CONTROLLER_BUTTON_A))
