"""What the fake camera and microphone of the test browser play: a moving picture with a marker, and a tone."""

import wave
from pathlib import Path

import numpy as np

#: Pixels and frames a second of the picture: a phone's studio crops it to a square, the least that has three layers;
#: twenty a second, since three encoders of a phone have one core here.
WIDTH, HEIGHT, RATE = 720, 960, 20
#: The colour of the big square in the middle, as RGB: no skin, shop or user interface has it.
MARKER = (210, 20, 200)
TONE_HZ = 440
SAMPLE_RATE = 48_000


def write_video(path: Path, seconds: int = 2) -> None:
    """A YUV4MPEG2 file: a grey ramp whose grain drifts, with a bar that moves, and the marker square in the middle."""
    frames = seconds * RATE
    ramp = np.linspace(60, 190, HEIGHT, dtype=np.uint8)[:, None].repeat(WIDTH, axis=1)
    grain = np.random.default_rng(7).integers(0, 24, (HEIGHT // 8, WIDTH // 8), np.uint8).repeat(8, 0).repeat(8, 1)
    y, u, v = _yuv(MARKER)
    top, left, side = HEIGHT // 2 - 134, WIDTH // 2 - 134, 268
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for index in range(frames):
            luma = ramp + np.roll(grain, index * HEIGHT // frames, axis=0)
            bar = index * HEIGHT // frames
            luma[bar : bar + 24] = 235
            luma[top : top + side, left : left + side] = y
            planes = [luma]
            for chroma in (u, v):
                plane = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
                plane[top // 2 : (top + side) // 2, left // 2 : (left + side) // 2] = chroma
                planes.append(plane)
            file.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in planes))


def write_tone(path: Path, seconds: int = 5) -> None:
    """A mono WAV of a sine at half of full scale."""
    times = np.arange(SAMPLE_RATE * seconds) / SAMPLE_RATE
    samples = (np.sin(2 * np.pi * TONE_HZ * times) * 16_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())


def _yuv(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """BT.601, full range."""
    r, g, b = rgb
    y = 0.299 * r + 0.587 * g + 0.114 * b
    return round(y), round(128 + 0.564 * (b - y)), round(128 + 0.713 * (r - y))
