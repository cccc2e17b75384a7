"""A WHIP publisher by FFmpeg's own muxer, through PyAV: `python -m tests.media.ffmpeg_whip URL TOKEN SECONDS`.

It needs a process of its own, since PyAV opens an output under the interpreter's lock. The certificate is ours: the one
that a muxer built with GnuTLS makes for itself is on the curve P-224, which OpenSSL 4 no longer knows.
"""

import datetime as dt
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

WIDTH, HEIGHT, RATE = 360, 640, 30
SAMPLES = 960  # of one packet of Opus
ENCODER = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": "60", "bf": "0"}


def write_certificate(folder: Path) -> dict[str, str]:
    """The muxer's options for a new certificate on P-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "whip")])
    now = dt.datetime.now(dt.UTC)
    draft = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
    certificate = draft.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return {"cert_file": str(folder / "cert.pem"), "key_file": str(folder / "key.pem")}


def publish(url: str, token: str, seconds: float, folder: Path) -> None:
    """Send for so long."""
    options = {"authorization": token, **write_certificate(folder)}
    with av.open(url, "w", format="whip", options=options) as out:
        video = out.add_stream("libx264", rate=RATE, options=ENCODER)
        video.width, video.height, video.pix_fmt, video.bit_rate = WIDTH, HEIGHT, "yuv420p", 600_000
        audio = out.add_stream("libopus", rate=48_000)
        audio.layout, audio.bit_rate = "stereo", 64_000
        began = time.monotonic()
        spoken = 0
        for number in range(round(seconds * RATE)):
            picture = np.full((HEIGHT, WIDTH, 3), (number * 3) % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(frame))
            while spoken * SAMPLES < (number + 1) * 48_000 // RATE:  # the muxer interleaves: neither may lag
                sound = av.AudioFrame.from_ndarray(np.zeros((1, 2 * SAMPLES), np.int16), format="s16", layout="stereo")
                sound.sample_rate, sound.pts, sound.time_base = 48_000, spoken * SAMPLES, Fraction(1, 48_000)
                out.mux(audio.encode(sound))
                spoken += 1
            time.sleep(max(0.0, began + number / RATE - time.monotonic()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        publish(sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(name))
