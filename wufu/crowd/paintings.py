"""What the town's people photograph on the eve, painted by code: no file is loaded, no font is needed.

Five motifs, each different with every key: the character 福 on a door, written stroke by stroke with a brush;
fireworks over the roofs; lanterns under the eaves; a branch of plum; dumplings on the table. Every picture is
painted at twice its size and made smaller, which rounds the edges, and given the grain and the darker corners
of a photograph.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from wufu.crowd.people import Dice

Motif = Literal["fu", "fireworks", "lanterns", "plum", "dumplings"]
MOTIFS: Sequence[Motif] = get_args(Motif)

WIDTH, HEIGHT = 960, 1200
LARGE = (2 * WIDTH, 2 * HEIGHT)
QUALITY = 88

Point = tuple[float, float]
Colour = tuple[int, int, int]
Ink = Colour | int
"""A colour, or how white where there is nothing else."""
Pen = ImageDraw.ImageDraw

FU_STROKES: Sequence[tuple[float, Sequence[Point]]] = (
    # Each stroke: how heavy it is, and its way in a square of 64.
    (3.2, ((25.0, 15.2), (26.6, 18.6))),
    (2.6, ((20.6, 22.4), (30.6, 21.4))),
    (3.0, ((30.2, 21.6), (27.0, 28.0), (19.6, 34.6))),
    (3.6, ((26.0, 28.0), (26.0, 47.0))),
    (3.0, ((27.4, 30.2), (31.4, 34.0))),
    (2.8, ((33.2, 18.8), (47.4, 17.8))),
    (3.0, ((35.2, 23.4), (35.6, 29.6))),
    (2.8, ((35.2, 23.4), (45.6, 23.0), (44.8, 29.2))),
    (2.4, ((35.6, 29.4), (44.8, 29.0))),
    (3.4, ((33.6, 33.2), (34.2, 46.4))),
    (3.2, ((33.6, 33.2), (47.2, 32.6), (46.6, 46.2))),
    (2.4, ((40.4, 33.4), (40.4, 45.0))),
    (2.4, ((34.2, 39.4), (46.6, 39.0))),
    (2.6, ((34.2, 45.8), (46.6, 45.4))),
)


def paint(motif: Motif, rolled: Dice) -> bytes:
    """A picture of `WIDTH` by `HEIGHT` as a JPEG; equal dice, equal picture."""
    picture = PAINTERS[motif](rolled).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    _as_photograph(picture, rolled).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


# --- Tools ----------------------------------------------------------------------------------------


def _as_photograph(picture: Image.Image, rolled: Dice) -> Image.Image:
    """Grain, and corners that are a little darker."""
    chance = np.random.default_rng(rolled.below(1 << 32))
    pixels = np.asarray(picture, dtype=np.float32)
    across = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, HEIGHT, dtype=np.float32)[:, None]
    light = 1 - 0.17 * (across**2 + down**2)
    grain = chance.normal(0, 3.2, (HEIGHT, WIDTH)).astype(np.float32)
    made = pixels * light[:, :, None] + grain[:, :, None]
    return Image.fromarray(np.clip(made, 0, 255).astype(np.uint8), "RGB")


def _gradient(colours: Sequence[Colour]) -> Image.Image:
    """From the first colour at the top to the last at the bottom."""
    rows = np.linspace(0, len(colours) - 1, LARGE[1])
    table = np.array(colours, dtype=float)
    lines = np.stack([np.interp(rows, range(len(colours)), table[:, part]) for part in range(3)], axis=1)
    return Image.fromarray(np.repeat(lines[:, None, :], LARGE[0], axis=1).astype(np.uint8), "RGB")


def _dab(pen: Pen, at: Point, radius: float, colour: Ink) -> None:
    x, y = at
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _brush(pen: Pen, way: Sequence[Point], width: float, colour: Ink) -> None:
    """A stroke along `way`: pressed at its beginning, lighter in the middle, leaning out at the end."""
    lengths = [math.dist(one, other) for one, other in pairwise(way)]
    whole, gone = sum(lengths) or 1.0, 0.0
    for (one, other), length in zip(pairwise(way), lengths, strict=True):
        steps = max(int(length / 5), 1)
        for step in range(steps + 1):
            share = step / steps
            along = (gone + share * length) / whole
            press = 1.0 - 0.34 * math.sin(math.pi * along) + 0.12 * math.cos(math.pi * along)
            at = (one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share)
            _dab(pen, at, width * press / 2, colour)
        gone += length


def _mix(one: Colour, other: Colour, percent: int) -> Colour:
    red, green, blue = ((a * (100 - percent) + b * percent) // 100 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _glow(picture: Image.Image, over: Image.Image, radius: float) -> Image.Image:
    """The picture, with the light of `over` and around it."""
    lit = np.asarray(picture, dtype=np.int16) + np.asarray(over, dtype=np.int16)
    lit += np.asarray(over.filter(ImageFilter.GaussianBlur(radius)), dtype=np.int16)
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8), "RGB")


def _of(choices: Sequence[Colour], rolled: Dice) -> Colour:
    return choices[rolled.below(len(choices))]


# --- 福 ------------------------------------------------------------------------------------------


def _fu(rolled: Dice) -> Image.Image:
    """Red paper on a wooden door, now and then upside down: 倒 sounds like 到, "has come"."""
    wood = _of([(92, 52, 34), (70, 44, 40), (58, 66, 58)], rolled)
    picture = Image.new("RGB", LARGE, wood)
    pen = ImageDraw.Draw(picture)
    for line in range(0, LARGE[0], 9):
        shade = _mix(wood, (20, 12, 10), rolled.between(0, 34))
        pen.line((line, 0, line + rolled.between(-14, 14), LARGE[1]), fill=shade, width=7)
    for board in (480, 960, 1440):
        pen.line((board, 0, board, LARGE[1]), fill=(24, 14, 12), width=12)
    _ring(pen, (960, 2210), (196, 152, 66))
    paper = Image.new("RGBA", (1500, 1500), (0, 0, 0, 0))
    sheet = ImageDraw.Draw(paper)
    sheet.rectangle((130, 130, 1370, 1370), fill=(196, 38, 28, 255))
    sheet.rectangle((176, 176, 1324, 1324), outline=(222, 170, 72, 255), width=10)
    for _ in range(260):
        x, y = rolled.between(140, 1350), rolled.between(140, 1350)
        size = rolled.between(2, 9)
        sheet.rectangle((x, y, x + size, y + size), fill=(232, 184, 90, 255))
    paper = paper.rotate(45 + rolled.between(-2, 2), Image.Resampling.BICUBIC, expand=True)
    shadow = Image.new("RGBA", paper.size, (0, 0, 0, 0))
    shadow.putalpha(paper.getchannel("A").point(lambda value: value * 5 // 10))
    shadow = shadow.filter(ImageFilter.GaussianBlur(26))
    left, top = (LARGE[0] - paper.width) // 2, (LARGE[1] - paper.height) // 2 - 120
    picture.paste(shadow, (left + 16, top + 34), shadow)
    picture.paste(paper, (left, top), paper)
    ink: Colour = (30, 18, 16) if rolled.hits(1, 2) else (244, 204, 112)
    written = Image.new("L", (1100, 1100), 0)
    _write_fu(ImageDraw.Draw(written), rolled, 1100)
    if rolled.hits(1, 3):
        written = written.rotate(180)
    written = written.rotate(rolled.between(-3, 3), Image.Resampling.BICUBIC)
    picture.paste(ink, (LARGE[0] // 2 - 550, top + paper.height // 2 - 550), written)
    return picture


def _write_fu(pen: Pen, rolled: Dice, side: int) -> None:
    """The character, its middle in the middle of a square; every hand shakes a little."""
    scale = side / 41

    def place(point: Point) -> Point:
        x, y = point
        shake = [rolled.between(-30, 30) / 100 for _ in range(2)]
        return (x - 33.5 + shake[0]) * scale + side / 2, (y - 31.3 + shake[1]) * scale + side / 2

    for weight, way in FU_STROKES:
        _brush(pen, [place(point) for point in way], weight * scale * 1.12, 255)


def _ring(pen: Pen, at: Point, colour: Colour) -> None:
    """A door's brass ring."""
    x, y = at
    pen.ellipse((x - 120, y - 120, x + 120, y + 120), outline=_mix(colour, (0, 0, 0), 20), width=26)
    pen.ellipse((x - 118, y - 118, x + 112, y + 112), outline=colour, width=14)
    _dab(pen, (x, y - 116), 40, _mix(colour, (0, 0, 0), 10))


# --- Fireworks ------------------------------------------------------------------------------------


def _fireworks(rolled: Dice) -> Image.Image:
    night = _gradient([(8, 10, 30), (22, 22, 58), (64, 40, 74)])
    light = Image.new("RGB", LARGE, (0, 0, 0))
    pen = ImageDraw.Draw(light)
    colours = [(255, 196, 84), (255, 92, 84), (120, 220, 160), (150, 176, 255), (255, 150, 210)]
    for burst in range(rolled.between(4, 6)):
        middle = (float(rolled.between(260, LARGE[0] - 260)), float(rolled.between(260, 1250)))
        _burst(pen, middle, rolled.between(230, 520) if burst else 620, _of(colours, rolled), rolled)
    picture = _glow(night, light, 18)
    pen = ImageDraw.Draw(picture)
    x = -40
    while x < LARGE[0]:
        width, top = rolled.between(150, 330), LARGE[1] - rolled.between(260, 760)
        pen.rectangle((x, top, x + width, LARGE[1]), fill=(14, 12, 26))
        for row in range(top + 50, LARGE[1], 78):
            for column in range(x + 34, x + width - 40, 62):
                if rolled.hits(2, 5):
                    lit = _of([(255, 206, 120), (255, 226, 170), (230, 160, 84)], rolled)
                    pen.rectangle((column, row, column + 26, row + 38), fill=_mix(lit, (14, 12, 26), 25))
        x += width + rolled.between(-20, 40)
    return picture


def _burst(pen: Pen, middle: Point, radius: int, colour: Colour, rolled: Dice) -> None:
    rays = rolled.between(34, 60)
    for ray in range(rays):
        angle = 2 * math.pi * (ray + rolled.below(60) / 100) / rays
        at = middle
        long = radius * rolled.between(62, 100) / 100
        for step in range(24, 101, 3):
            share = step / 100
            fall = 0.16 * radius * share * share
            out = long * share
            at = (middle[0] + math.cos(angle) * out, middle[1] + math.sin(angle) * out + fall)
            _dab(pen, at, 2.0 + 3.4 * share, _mix((0, 0, 0), colour, min(30 + step, 100)))
        _dab(pen, at, 8.0, (255, 246, 220))


# --- Lanterns -------------------------------------------------------------------------------------


def _lanterns(rolled: Dice) -> Image.Image:
    dusk = [[(28, 34, 66), (96, 62, 92), (226, 132, 84)], [(18, 28, 46), (44, 66, 92), (150, 120, 110)]]
    picture = _gradient(dusk[rolled.below(2)])
    pen = ImageDraw.Draw(picture)
    for tile in range(-60, LARGE[0], 96):
        pen.rectangle((tile, 0, tile + 84, 250), fill=(38, 34, 44))
        pen.pieslice((tile - 4, 200, tile + 88, 300), 0, 180, fill=(58, 50, 58))
    pen.rectangle((0, 0, LARGE[0], 70), fill=(28, 24, 34))
    light = Image.new("RGB", LARGE, (0, 0, 0))
    glow = ImageDraw.Draw(light)
    places = [(rolled.between(330, 520), 760, 270), (rolled.between(1240, 1480), 1010, 330)]
    if rolled.hits(2, 3):
        places.append((rolled.between(760, 1060), 1720, 230))
    for x, y, _ in places:
        pen.line((x, 240, x, y), fill=(60, 30, 24), width=10)
    for x, y, radius in places:
        _lantern(pen, float(x), float(y), float(radius))
        glow.ellipse((x - radius, y - radius * 4 // 5, x + radius, y + radius * 4 // 5), fill=(72, 26, 8))
    blurred = light.filter(ImageFilter.GaussianBlur(90))
    return _glow(picture, blurred, 40)


def _lantern(pen: Pen, x: float, y: float, radius: float) -> None:
    """A round one with ribs, a gold rim above and below, and a tassel."""
    tall = radius * 0.8
    pen.ellipse((x - radius, y - tall, x + radius, y + tall), fill=(206, 34, 26))
    for rib in (0.78, 0.5, 0.2):
        pen.ellipse((x - radius * rib, y - tall, x + radius * rib, y + tall), outline=(238, 96, 52), width=8)
    rim = radius * 0.44
    for edge in (y - tall - 26, y + tall - 26):
        pen.rounded_rectangle((x - rim, edge, x + rim, edge + 54), 18, fill=(220, 168, 70))
    for thread in range(-5, 6):
        end = (x + thread * 13, y + tall + radius * 0.95)
        pen.line((x + thread * 7, y + tall + 28, *end), fill=(226, 70, 40), width=7)
    _dab(pen, (x, y + tall + 52), 26, (220, 168, 70))


# --- Plum -----------------------------------------------------------------------------------------


def _plum(rolled: Dice) -> Image.Image:
    ground = [[(228, 232, 236), (246, 240, 230)], [(34, 44, 78), (92, 92, 130)]]
    night = rolled.below(2)
    picture = _gradient(ground[night])
    pen = ImageDraw.Draw(picture)
    moon = (float(rolled.between(1250, 1500)), float(rolled.between(380, 560)))
    _dab(pen, moon, 250, (250, 240, 206) if night else (252, 250, 244))
    bark = (44, 32, 34) if night else (72, 52, 46)
    blossoms: list[Point] = []
    _branch(pen, (-40.0, 2150.0), -0.72, 1500.0, 74.0, bark, rolled, blossoms)
    petals = _of([(226, 62, 84), (244, 126, 150), (252, 222, 226)], rolled)
    for at in blossoms:
        _blossom(pen, at, rolled.between(44, 84), petals, rolled)
    for _ in range(60):
        flake = (float(rolled.below(LARGE[0])), float(rolled.below(LARGE[1])))
        _dab(pen, flake, rolled.between(4, 11), (255, 255, 255) if night else (252, 252, 252))
    return picture


def _branch(
    pen: Pen,
    start: Point,
    angle: float,
    length: float,
    width: float,
    colour: Colour,
    rolled: Dice,
    blossoms: list[Point],
) -> None:
    """A branch that turns as it grows, and its twigs; blossoms open along the thin ones."""
    x, y = start
    for piece in range(10):
        angle += rolled.between(-26, 26) / 100
        step = length / 10
        other = (x + math.cos(angle) * step, y + math.sin(angle) * step)
        pen.line((x, y, *other), fill=colour, width=max(int(width), 4))
        _dab(pen, other, width / 2, colour)
        x, y = other
        width *= 0.88
        if width < 30 and rolled.hits(1, 5):
            blossoms.append((x + rolled.between(-40, 40), y + rolled.between(-40, 40)))
        if piece in (2, 4, 6, 7) and length > 260:
            turn = angle + (0.75 if rolled.hits(1, 2) else -0.75)
            _branch(pen, other, turn, length * 0.5, width * 0.62, colour, rolled, blossoms)


def _blossom(pen: Pen, at: Point, radius: int, colour: Colour, rolled: Dice) -> None:
    turn = rolled.below(628) / 100
    for petal in range(5):
        angle = turn + petal * 2 * math.pi / 5
        place = (at[0] + math.cos(angle) * radius * 0.62, at[1] + math.sin(angle) * radius * 0.62)
        _dab(pen, place, radius * 0.52, _mix(colour, (255, 255, 255), 12 * (petal % 2)))
    _dab(pen, at, radius * 0.3, _mix(colour, (120, 20, 40), 40))
    for thread in range(9):
        angle = turn + thread * 2 * math.pi / 9
        end = (at[0] + math.cos(angle) * radius * 0.52, at[1] + math.sin(angle) * radius * 0.52)
        pen.line((*at, *end), fill=(250, 226, 150), width=3)
        _dab(pen, end, 5, (252, 210, 96))


# --- Dumplings ------------------------------------------------------------------------------------


def _dumplings(rolled: Dice) -> Image.Image:
    table = _of([(150, 104, 66), (112, 78, 56), (176, 132, 90)], rolled)
    picture = Image.new("RGB", LARGE, table)
    pen = ImageDraw.Draw(picture)
    for line in range(0, LARGE[1], 8):
        shade = _mix(table, (60, 36, 20), rolled.between(0, 26))
        pen.line((0, line, LARGE[0], line + rolled.between(-12, 12)), fill=shade, width=6)
    shadow = Image.new("L", LARGE, 0)
    dark = ImageDraw.Draw(shadow)
    dark.ellipse((190, 560, 1790, 2160), fill=150)
    dark.ellipse((1330, 130, 1830, 630), fill=130)
    picture.paste((20, 12, 8), (0, 0), shadow.filter(ImageFilter.GaussianBlur(40)))
    pen.ellipse((160, 500, 1760, 2100), fill=(244, 240, 232))
    rim = _of([(40, 74, 150), (196, 50, 40), (70, 120, 96)], rolled)
    pen.ellipse((200, 540, 1720, 2060), outline=rim, width=16)
    pen.ellipse((330, 670, 1590, 1930), fill=(236, 231, 221))
    for radius, count in ((470, 11), (225, 6), (0, 1)):
        turn = rolled.below(628) / 100
        for place in range(count):
            angle = turn + place * 2 * math.pi / count
            at = (960 + math.cos(angle) * radius, 1300 + math.sin(angle) * radius)
            _dumpling(picture, at, angle + 1.57 + rolled.between(-20, 20) / 100, rolled)
    pen.ellipse((1310, 90, 1810, 590), fill=(246, 243, 238))
    pen.ellipse((1360, 140, 1760, 540), fill=(66, 34, 22))
    for _ in range(16):
        at = (float(rolled.between(1430, 1690)), float(rolled.between(210, 470)))
        _dab(pen, at, rolled.between(7, 13), _of([(196, 48, 30), (110, 160, 70), (230, 206, 150)], rolled))
    for stick in (0, 74):
        pen.line((120 + stick, 130, 700 + stick, 470), fill=(74, 34, 26), width=30)
        pen.line((120 + stick, 130, 320 + stick, 247), fill=(198, 40, 32), width=30)
    return picture


def _dumpling(picture: Image.Image, at: Point, angle: float, rolled: Dice) -> None:
    """A half moon with a pleated edge."""
    side = 300
    made = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(made)
    dough = _of([(250, 240, 212), (246, 232, 198), (252, 244, 222)], rolled)
    pen.ellipse((22, 86, 278, 236), fill=(150, 128, 96, 120))
    pen.chord((24, 52, 276, 252), 180, 360, fill=_mix(dough, (190, 160, 110), 22))
    pen.ellipse((24, 100, 276, 214), fill=dough)
    pen.ellipse((70, 136, 200, 176), fill=_mix(dough, (255, 255, 255), 60))
    for pleat in range(9):
        turn = math.pi * (1.08 + 0.84 * pleat / 8)
        place = _around((150 + math.cos(turn) * 116, 150 + math.sin(turn) * 84), 19)
        pen.ellipse(place, fill=dough, outline=(206, 182, 136), width=4)
    made = made.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
    picture.paste(made, (int(at[0]) - side // 2, int(at[1]) - side // 2), made)


def _around(at: Point, radius: float) -> tuple[float, float, float, float]:
    x, y = at
    return x - radius, y - radius, x + radius, y + radius


PAINTERS: Mapping[Motif, Callable[[Dice], Image.Image]] = {
    "fu": _fu,
    "fireworks": _fireworks,
    "lanterns": _lanterns,
    "plum": _plum,
    "dumplings": _dumplings,
}
