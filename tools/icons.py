"""Draw the product's mark (static/img/icon.svg) as the PNGs that phones want for their home screen.

Run once when the mark changes: `.venv/bin/python -m tools.icons`; the small results are committed.
The mark is four shapes on a grid of 64, so it is drawn here again rather than with an SVG renderer as a dependency.
"""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "static" / "img"
GRID, FINE = 64, 8  # the SVG's own units; drawn this much larger and reduced, which makes edges smooth
GREEN, PAPER, RED = "#075847", "#ffffff", "#b3261e"
# name -> (pixels, how much of the square the mark fills, whether the ground has round corners)
ICONS = {
    "icon-192.png": (192, 1.0, True),
    "icon-512.png": (512, 1.0, True),
    "icon-maskable-512.png": (512, 1.0, False),  # the phone cuts its own shape around it
    "apple-touch-icon.png": (180, 1.1, False),
}


def draw(pixels: int, fill: float, *, rounded: bool) -> Image.Image:
    """The mark on its green ground, `pixels` square."""
    side = pixels * FINE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    unit, shift = side / GRID * fill, side * (1 - fill) / 2

    def at(*numbers: float) -> list[float]:
        return [shift + number * unit for number in numbers]

    corner = 15 * unit if rounded else 0
    pen.rounded_rectangle([0, 0, side - 1, side - 1], corner, fill=GREEN)
    pen.rounded_rectangle(at(16, 14, 48, 50), 3 * unit, fill=PAPER)
    _line(pen, [at(22, 22), at(42, 22)], 3.5 * unit, RED)
    _line(pen, [at(23, 36), at(29.5, 42.5), at(42, 30)], 4.5 * unit, GREEN)
    return image.resize((pixels, pixels), Image.Resampling.LANCZOS)


def _line(pen: ImageDraw.ImageDraw, points: list[list[float]], width: float, colour: str) -> None:
    """A line with round ends and corners."""
    pen.line([tuple(point) for point in points], fill=colour, width=round(width))
    for x, y in points:
        pen.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=colour)


def main() -> None:
    for name, (pixels, fill, rounded) in ICONS.items():
        image = draw(pixels, fill, rounded=rounded)
        small = image.quantize(64) if rounded else image.convert("RGB").quantize(32)
        small.save(FOLDER / name, optimize=True)
        print(name, (FOLDER / name).stat().st_size)


if __name__ == "__main__":
    main()
