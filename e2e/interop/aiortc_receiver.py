"""Answers an offer with aiortc and tells of each decoded picture."""

import asyncio
import base64

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

from receiver_messages import listen, say, say_picture


class Receiver:
    def __init__(self):
        self.connection = RTCPeerConnection()
        self.channels = {}
        self.watching = None
        self.connection.on("datachannel", self.handle_channel)
        self.connection.on("track", self.handle_track)

    def handle_channel(self, channel):
        self.channels[channel.label] = channel

        @channel.on("message")
        def handle_message(data):
            if isinstance(data, str):
                say("text", channel=channel.label, text=data)

        say("open", channel=channel.label)

    def handle_track(self, track):
        if track.kind == "video":
            self.watching = asyncio.ensure_future(self.watch(track))

    async def watch(self, track):
        try:
            while True:
                frame = await track.recv()
                plane = frame.planes[0]
                say_picture(bytes(plane), plane.line_size, frame.width, frame.height)
        except MediaStreamError:
            # The track has ended.
            pass

    async def handle(self, message):
        if message["type"] == "offer":
            offer = RTCSessionDescription(sdp=message["sdp"], type="offer")
            await self.connection.setRemoteDescription(offer)
            self.decline_sound()
            await self.connection.setLocalDescription(await self.connection.createAnswer())
            say("answer", sdp=self.connection.localDescription.sdp)
        elif message["type"] == "candidate":
            candidate = candidate_from_sdp(message["candidate"].split(":", 1)[1])
            candidate.sdpMid = message["sdpMid"]
            candidate.sdpMLineIndex = message["sdpMLineIndex"]
            await self.connection.addIceCandidate(candidate)
        elif message["type"] == "send":
            self.channels[message["channel"]].send(base64.b64decode(message["base64"]))
        elif message["type"] == "send-text":
            self.channels[message["channel"]].send(message["text"])

    def decline_sound(self):
        """Its Opus decoder takes frames of 20 ms and no others."""
        for transceiver in self.connection.getTransceivers():
            if transceiver.kind == "audio":
                transceiver.direction = "inactive"


async def main():
    loop = asyncio.get_running_loop()
    messages = asyncio.Queue()
    listen(lambda message: loop.call_soon_threadsafe(messages.put_nowait, message))
    receiver = Receiver()
    while (message := await messages.get()) is not None:
        await receiver.handle(message)
    await receiver.connection.close()


asyncio.run(main())
