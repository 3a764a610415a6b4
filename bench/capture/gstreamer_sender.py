"""Offers an X display as a stream, the way self-hosted stacks wire GStreamer up; keys come back.

The display is the one of DISPLAY and XAUTHORITY. Arguments: kbit/s, frames a second.
"""

import ctypes
import struct
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("Nice", "0.1")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC, Nice
from receiver_messages import listen, say

# Newest picture only between the threads: what waits would be seen late.
PIPELINE = """
webrtcbin name=webrtc bundle-policy=max-bundle latency=0
ximagesrc use-damage=false show-pointer=false
! video/x-raw,framerate={rate}/1
! videoconvert n-threads=2 ! video/x-raw,format=I420
! queue max-size-buffers=1 leaky=downstream
! x264enc tune=zerolatency speed-preset=ultrafast bitrate={kbps} vbv-buf-capacity={vbv_ms}
  key-int-max=1000000
! video/x-h264,profile=constrained-baseline
! rtph264pay aggregate-mode=zero-latency config-interval=-1
! application/x-rtp,media=video,encoding-name=H264,payload=102
! webrtc.
"""

# input-messages.ts: u8 type, u32 sequence number, u8 down, u8 code.
KEY = struct.Struct(">BIBB")
KEY_TYPE = 1

# No frame is larger than so many are on average at the bitrate; a keyframe neither.
VBV_FRAMES = 1.5


class Keyboard:
    """Presses one key of the display: which one the browser pressed makes no difference here."""

    def __init__(self):
        self.xlib = ctypes.CDLL("libX11.so.6")
        self.xtest = ctypes.CDLL("libXtst.so.6")
        self.xlib.XOpenDisplay.restype = ctypes.c_void_p
        self.display = ctypes.c_void_p(self.xlib.XOpenDisplay(None))
        self.keycode = self.xlib.XKeysymToKeycode(self.display, ctypes.c_ulong(ord("f")))

    def handle(self, message):
        data = message.get_data()
        if len(data) != KEY.size or data[0] != KEY_TYPE:
            return
        _, _, down, _ = KEY.unpack(data)
        self.xtest.XTestFakeKeyEvent(self.display, self.keycode, down, ctypes.c_ulong(0))
        self.xlib.XFlush(self.display)


class Sender:
    def __init__(self, kbps, rate):
        self.keyboard = Keyboard()
        self.candidates = []
        vbv_ms = round(1000 * VBV_FRAMES / rate)
        self.pipeline = Gst.parse_launch(PIPELINE.format(kbps=kbps, rate=rate, vbv_ms=vbv_ms))
        self.webrtc = self.pipeline.get_by_name("webrtc")
        # Left alone it hears which packets were lost, and sends none of them again.
        self.webrtc.emit("get-transceiver", 0).set_property("do-nack", True)
        self.stay_on_this_machine()
        self.webrtc.connect("on-ice-candidate", self.handle_candidate)
        self.webrtc.connect("notify::ice-gathering-state", self.handle_gathering)
        # A channel can be made from here on, and stands in the first offer then.
        self.pipeline.set_state(Gst.State.READY)
        self.channel = self.webrtc.emit("create-data-channel", "input", None)
        self.channel.connect("on-message-data", lambda _, data: self.keyboard.handle(data))
        self.webrtc.connect("on-negotiation-needed", self.offer)
        self.pipeline.set_state(Gst.State.PLAYING)

    def stay_on_this_machine(self):
        """Left alone libnice sends nothing over the loopback interface."""
        loopback = Nice.Address.new()
        loopback.set_from_string("127.0.0.1")
        # Held for good: webrtcbin hands out its own reference.
        self.ice = self.webrtc.get_property("ice-agent")
        self.agent = self.ice.get_property("agent")
        self.agent.add_local_address(loopback)

    def offer(self, webrtc):
        webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.apply_offer))

    def apply_offer(self, promise):
        # The offer lies in the reply, which must be held meanwhile.
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        self.sdp = offer.sdp.as_text()
        self.webrtc.emit("set-local-description", offer, Gst.Promise.new())

    def handle_candidate(self, _webrtc, _index, candidate):
        self.candidates.append(candidate)

    def handle_gathering(self, webrtc, _property):
        state = webrtc.get_property("ice-gathering-state")
        if state == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            say("offer", sdp=self.sdp, candidates=self.candidates)

    def handle_answer(self, sdp):
        _, parsed = GstSdp.SDPMessage.new_from_text(sdp)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, parsed)
        self.webrtc.emit("set-remote-description", answer, Gst.Promise.new())

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


def main():
    Gst.init(None)
    kbps, rate = map(int, sys.argv[1:])
    loop = GLib.MainLoop()
    sender = Sender(kbps, rate)

    def handle(message):
        if message is None:
            loop.quit()
        else:
            sender.handle_answer(message["sdp"])

    listen(lambda message: GLib.idle_add(handle, message))
    loop.run()
    sender.close()


main()
