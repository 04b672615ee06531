"""WGS 84, which phones measure, and GCJ-02, which Chinese maps are drawn in: pure arithmetic.

GCJ-02 has no published definition; this is the approximation everybody uses (Krasovsky ellipsoid, series in sines),
good to about a metre against the reference points in the tests. Outside China both are the same.
"""

from math import cos, pi, radians, sin, sqrt

AXIS, ECCENTRICITY = 6_378_245.0, 0.00669342162296594323  # Krasovsky 1940: metres, squared
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271  # degrees, beyond which nothing is shifted
ROUNDS, CLOSE = 10, 1e-9  # of the way back; degrees, a tenth of a millimetre


def to_gcj(latitude: float, longitude: float) -> tuple[float, float]:
    """Where a WGS 84 position stands on a Chinese map."""
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        return latitude, longitude
    north, east = _shift(latitude, longitude)
    return latitude + north, longitude + east


def from_gcj(latitude: float, longitude: float) -> tuple[float, float]:
    """The WGS 84 position of a place on a Chinese map; found by going back and forth until it fits."""
    guess = latitude, longitude
    for _round in range(ROUNDS):
        there = to_gcj(*guess)
        north, east = latitude - there[0], longitude - there[1]
        guess = guess[0] + north, guess[1] + east
        if abs(north) < CLOSE and abs(east) < CLOSE:
            break
    return guess


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    both = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    bend = 1 - ECCENTRICITY * sin(radians(latitude)) ** 2
    metres_north = AXIS * (1 - ECCENTRICITY) / (bend * sqrt(bend))
    metres_east = AXIS / sqrt(bend) * cos(radians(latitude))
    return north * 180 / (metres_north * pi), east * 180 / (metres_east * pi)
