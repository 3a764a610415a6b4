"""Answers an offer with GStreamer's webrtcbin and tells of each decoded picture."""

import base64

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("Nice", "0.1")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC, Nice

from receiver_messages import listen, say, say_picture

DECODERS = {
    "H264": "rtph264depay ! h264parse ! avdec_h264",
    "VP8": "rtpvp8depay ! vp8dec",
}
# The newest picture at once, as a game wants it; the sink is asked for rows without padding.
SHOW = "videoconvert ! video/x-raw,format=I420 ! appsink name=sink sync=false emit-signals=true"


class Receiver:
    def __init__(self):
        self.pipeline = Gst.Pipeline.new("receiver")
        self.webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
        self.webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.webrtc.set_property("latency", 0)
        self.stay_on_this_machine()
        self.webrtc.connect("on-ice-candidate", self.handle_candidate)
        self.webrtc.connect("on-data-channel", self.handle_channel)
        self.webrtc.connect("pad-added", self.handle_pad)
        self.pipeline.add(self.webrtc)
        self.pipeline.set_state(Gst.State.PLAYING)
        self.channels = {}

    def stay_on_this_machine(self):
        """Left alone libnice sends nothing over the loopback interface."""
        loopback = Nice.Address.new()
        loopback.set_from_string("127.0.0.1")
        # Held for good: webrtcbin hands out its own reference.
        self.ice = self.webrtc.get_property("ice-agent")
        self.agent = self.ice.get_property("agent")
        self.agent.add_local_address(loopback)

    def handle_candidate(self, _webrtc, index, candidate):
        say("candidate", candidate=candidate, sdpMid=None, sdpMLineIndex=index)

    def handle_channel(self, _webrtc, channel):
        label = channel.get_property("label")
        self.channels[label] = channel
        channel.connect("on-message-string", lambda _, text: say("text", channel=label, text=text))
        say("open", channel=label)

    def handle_pad(self, _webrtc, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        caps = pad.get_current_caps().get_structure(0)
        if caps.get_string("media") == "video":
            decoder = DECODERS[caps.get_string("encoding-name")]
            branch = Gst.parse_bin_from_description(f"{decoder} ! {SHOW}", True)
            branch.get_by_name("sink").connect("new-sample", self.handle_picture)
        else:
            branch = Gst.ElementFactory.make("fakesink")
            branch.set_property("sync", False)
        self.pipeline.add(branch)
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))

    def handle_picture(self, sink):
        sample = sink.emit("pull-sample")
        caps = sample.get_caps().get_structure(0)
        width, height = caps.get_value("width"), caps.get_value("height")
        buffer = sample.get_buffer()
        # A row of I420 is padded to four bytes, which every width on offer is a multiple of.
        say_picture(buffer.extract_dup(0, width * height), width, width, height)
        return Gst.FlowReturn.OK

    def handle(self, message):
        if message["type"] == "offer":
            self.answer(message["sdp"])
        elif message["type"] == "candidate":
            index = message["sdpMLineIndex"] or 0
            self.webrtc.emit("add-ice-candidate", index, message["candidate"])
        elif message["type"] == "send":
            data = GLib.Bytes.new(base64.b64decode(message["base64"]))
            self.channels[message["channel"]].emit("send-data", data)
        elif message["type"] == "send-text":
            self.channels[message["channel"]].emit("send-string", message["text"])

    def answer(self, sdp):
        _, parsed = GstSdp.SDPMessage.new_from_text(sdp)
        offer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, parsed)
        self.webrtc.emit("set-remote-description", offer, Gst.Promise.new())
        self.webrtc.emit("create-answer", None, Gst.Promise.new_with_change_func(self.say_answer))

    def say_answer(self, promise):
        # The answer lies in the reply, which must be held meanwhile.
        reply = promise.get_reply()
        answer = reply.get_value("answer")
        self.webrtc.emit("set-local-description", answer, Gst.Promise.new())
        say("answer", sdp=answer.sdp.as_text())

    def close(self):
        self.pipeline.set_state(Gst.State.NULL)


def main():
    Gst.init(None)
    loop = GLib.MainLoop()
    receiver = Receiver()

    def handle(message):
        if message is None:
            loop.quit()
        else:
            receiver.handle(message)

    listen(lambda message: GLib.idle_add(handle, message))
    loop.run()
    receiver.close()


main()
