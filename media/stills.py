"""One key frame to a small JPEG. Decoding is why this is never imported by a node."""

import io
from typing import cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from media.client import EncodedPicture
from media.errors import MediaError

WIDTH = 360  # pixels
_DECODERS = {"H264": "h264", "VP8": "vp8"}
_LARGEST = 4096 * 4096  # pixels


class UndecodableError(MediaError):
    """The key frame is broken, or not of a codec that we know."""

    code = "undecodable"


def _decode(picture: EncodedPicture) -> VideoFrame:
    name = _DECODERS.get(picture.codec)
    if name is None or not picture.data:
        raise UndecodableError(f"no decoder for {picture.codec!r}")
    decoder = cast("VideoCodecContext", av.CodecContext.create(name, "r"))
    decoder.thread_count = 1
    try:
        frames = [*decoder.decode(av.Packet(picture.data)), *decoder.decode(None)]
    except (av.FFmpegError, ValueError) as error:
        raise UndecodableError("the key frame cannot be decoded") from error
    if not frames or frames[0].width * frames[0].height > _LARGEST:
        raise UndecodableError("the key frame has no picture in it, or too large a one")
    return frames[0]


def jpeg(picture: EncodedPicture, width: int = WIDTH) -> bytes:
    """A JPEG `width` pixels wide, in the picture's own shape. Raises UndecodableError."""
    frame = _decode(picture)
    height = max(2, round(frame.height * width / frame.width / 2) * 2)
    try:
        scaled = frame.reformat(width=width, height=height, format="yuvj420p")
        out = io.BytesIO()
        with av.open(out, "w", format="mjpeg") as container:
            stream = container.add_stream("mjpeg", rate=1)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
            stream.codec_context.thread_count = 1
            scaled.pts = 0
            container.mux(stream.encode(scaled))
            container.mux(stream.encode(None))
    except (av.FFmpegError, ValueError) as error:
        raise UndecodableError("the key frame cannot be scaled") from error
    return out.getvalue()
