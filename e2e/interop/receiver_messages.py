"""The language of receiver-messages.ts: one JSON object a line, on standard input and output."""

import base64
import json
import sys
import threading

# Wide enough for four pixels in a cell of the calibration strip, and small to tell of.
KEPT_WIDTH = 128

_output = threading.Lock()


def say(kind, **fields):
    with _output:
        print(json.dumps({"type": kind, **fields}), flush=True)


def say_picture(luma, stride, width, height):
    """luma: bytes of the plane; stride: bytes from one row to the next."""
    step = max(1, width // KEPT_WIDTH)
    rows = [luma[y * stride : y * stride + width : step] for y in range(0, height, step)]
    pixels = base64.b64encode(b"".join(rows)).decode()
    say("picture", width=len(rows[0]), height=len(rows), lumaBase64=pixels)


def listen(handle):
    """Calls handle on a thread of its own with each message, and with None at the end."""

    def read():
        for line in sys.stdin:
            handle(json.loads(line))
        handle(None)

    threading.Thread(target=read, daemon=True).start()
