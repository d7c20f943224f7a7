"""One photo of twelve megapixels: our whole cleaning against Pillow's fastest way to one JPEG, in the same run.

    python -m bench.photo [--rounds 15] [--largest]

Ours reads EXIF, checks, makes display and thumbnail and strips; Pillow's only drafts (in the photo's own proportion),
shrinks, turns last and writes one JPEG of the same size and quality. Bound: ours takes at most 1.3 times as long.
With --largest, the largest of every kind that is taken: seconds each, and the peak of memory with two threads.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from server.photos.clean import DISPLAY, QUALITY, clean
from server.photos.extent import PIXELS
from server.photos.kinds import Kind

BOUND = 1.3
SIZE = (4000, 3000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--memory", choices=["1", "2"], help=argparse.SUPPRESS)
    parser.add_argument("--largest", action="store_true")
    asked = parser.parse_args()
    if asked.memory:
        print(_peak_mb(sys.stdin.buffer.read(), threads=int(asked.memory)))
        return 0
    if asked.largest:
        return _show_largest()
    photo = generated()
    ours, fastest, ratio = _medians(asked.rounds, lambda: clean(photo), lambda: _pillows_fastest(photo))
    cleaned = clean(photo)
    print(f"photo      {SIZE[0]} x {SIZE[1]}, {len(photo) / 1e6:.2f} MB JPEG, EXIF orientation 6, generated")
    sizes = f"display {len(cleaned.display) // 1000} KB + thumb {len(cleaned.thumb) // 1000} KB"
    print(f"ours       {ours * 1000:6.1f} ms ({sizes})")
    print(f"Pillow's   {fastest * 1000:6.1f} ms (one JPEG {len(_pillows_fastest(photo)) // 1000} KB)")
    print(f"ratio      {ratio:6.2f}    (at most {BOUND}; median of {asked.rounds} rounds, each the two in turn)")
    print(f"threads    {_throughput(photo, 1):.1f} photos/s in one thread, {_throughput(photo, 2):.1f} in two")
    print(f"peak RSS   {_measured_apart(photo, 1)} MB with one thread, {_measured_apart(photo, 2)} MB with two")
    return 0 if ratio <= BOUND else 1


def generated() -> bytes:
    """A photo-like picture: soft light and dark, hard edges, sensor noise; stored lying, to be turned by EXIF."""
    chance = random.Random(12)
    scene = Image.effect_noise((80, 60), 90).resize(SIZE, Image.Resampling.BICUBIC)
    colours = (Image.effect_noise((40, 30), 60).resize(SIZE, Image.Resampling.BICUBIC) for _ in range(2))
    picture = Image.merge("YCbCr", (scene, *colours)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(400):
        x, y = chance.randrange(SIZE[0]), chance.randrange(SIZE[1])
        paint = tuple(chance.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + chance.randrange(20, 300), y + chance.randrange(20, 300)), outline=paint, width=6)
    grain = Image.effect_noise(SIZE, 12).filter(ImageFilter.GaussianBlur(0.7)).convert("RGB")
    picture = Image.blend(picture, grain, 0.15)
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (22.0, 39.0, 30.0), 3: "E", 4: (114.0, 1.0, 30.0)})
    written = BytesIO()
    picture.save(written, "JPEG", quality=90, exif=exif)
    return written.getvalue()


def _pillows_fastest(photo: bytes) -> bytes:
    image = Image.open(BytesIO(photo))
    scale = DISPLAY / max(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    image.draft("RGB", size)
    small = image.resize(size, Image.Resampling.BICUBIC).transpose(Image.Transpose.ROTATE_270)
    written = BytesIO()
    small.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _medians(rounds: int, *ways: Callable[[], object]) -> tuple[float, float, float]:
    """Seconds each, and their ratio; in turns, so that what else the machine does falls on both alike."""
    taken: list[list[float]] = [[] for _ in ways]
    for each in range(rounds + 1):
        for way, times in zip(ways, taken, strict=True):
            begun = time.perf_counter()
            way()
            if each:
                times.append(time.perf_counter() - begun)
    ratios = [one / other for one, other in zip(*taken, strict=True)]
    return statistics.median(taken[0]), statistics.median(taken[1]), statistics.median(ratios)


def _show_largest() -> int:
    for name, photo in _largest():
        begun = time.perf_counter()
        width = clean(photo).width
        seconds = time.perf_counter() - begun
        print(
            f"{name:18} {len(photo) / 1e6:5.1f} MB to {width} px  {seconds:5.2f} s, peak {_measured_apart(photo, 2)} MB"
        )
    return 0


def _largest() -> Iterator[tuple[str, bytes]]:
    import pillow_heif

    def side(kind: Kind) -> tuple[int, int]:
        return int((PIXELS[kind] * 4 / 3) ** 0.5), int((PIXELS[kind] * 3 / 4) ** 0.5)

    def written(image: Image.Image, kind: str, **options: object) -> bytes:
        file = BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    grain = Image.effect_noise(side(Kind.JPEG), 40).convert("RGB")
    yield "JPEG", written(grain, "JPEG", quality=50)
    yield "JPEG, progressive", written(grain, "JPEG", quality=50, progressive=True)
    heic = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", side(Kind.HEIC), "red")).save(heic)
    yield "HEIC", heic.getvalue()
    yield "PNG, transparent", written(Image.new("RGBA", side(Kind.PNG), (200, 0, 0, 90)), "PNG")
    yield "WebP, transparent", written(Image.new("RGBA", side(Kind.WEBP), (200, 0, 0, 90)), "WEBP")
    yield "GIF", written(Image.new("P", side(Kind.GIF), 3), "GIF", transparency=3)


def _throughput(photo: bytes, threads: int, photos: int = 24) -> float:
    with ThreadPoolExecutor(threads) as pool:
        begun = time.perf_counter()
        list(pool.map(clean, [photo] * photos))
        return photos / (time.perf_counter() - begun)


def _measured_apart(photo: bytes, threads: int) -> int:
    """Peak RSS of a process that does nothing but this."""
    command = [sys.executable, "-m", "bench.photo", "--memory", str(threads)]
    return int(subprocess.run(command, input=photo, capture_output=True, check=True, env=os.environ).stdout)


def _peak_mb(photo: bytes, threads: int) -> int:
    _throughput(photo, threads, 4)
    # Not getrusage: its peak begins with what the process was forked from.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
