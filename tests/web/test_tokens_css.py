"""The colours of both themes, read from the style sheet: contrast, and what remains for eyes that see fewer colours.

Source of the simulation: Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. Distances are CIE 1976.
"""

import re
from itertools import combinations
from math import dist
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "cango_ops" / "static" / "css"
PAIRS = (
    dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}), #\w{6}\)", (CSS / "tokens.css").read_text())),
    dict(re.findall(r"--([\w-]+): light-dark\(#\w{6}, (#\w{6})\)", (CSS / "tokens.css").read_text())),
)
THEMES = {"paper": PAIRS[0], "graphite": PAIRS[1]}
SURFACES = ("page", "panel", "sunk")
TEXTS = ("ink", "ink-2", "ink-3", "accent")
STATES = ("ok", "warning", "critical", "maintenance", "stale", "unknown")
USES = ("use-mining", "use-ai", "use-sold", "use-stored", "use-idle")
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "deuteranopia": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "tritanopia": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}
ENOUGH = 9.0


def linear(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one, other):
    """WCAG 2.2."""
    light = [sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear(c), strict=True)) for c in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


def seen(colour, deficiency):
    """L*a*b* of the colour as such an eye sees it."""
    rgb = linear(colour)
    r, g, b = (
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, rgb, strict=True))))
        for row in DEFICIENCIES[deficiency]
    )
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*TEXTS, *STATES])
def test_words_have_the_contrast_of_text_on_every_surface(theme, name):
    colours = THEMES[theme]

    assert min(contrast(colours[name], colours[surface]) for surface in SURFACES) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*USES, "control"])
def test_shapes_and_edges_of_controls_stand_out_from_every_surface(theme, name):
    colours = THEMES[theme]

    assert min(contrast(colours[name], colours[surface]) for surface in SURFACES) >= 3.0


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("group", [STATES, USES], ids=["states", "uses"])
def test_no_two_colours_of_a_group_look_alike(theme, group, deficiency):
    looks = {name: seen(THEMES[theme][name], deficiency) for name in group}

    alike = [pair for pair in combinations(group, 2) if dist(looks[pair[0]], looks[pair[1]]) < ENOUGH]
    assert alike == []


def test_colours_stand_in_the_tokens_alone():
    """But for the white behind a QR code, and the dressing of an installed package's page."""
    others = [path for path in CSS.glob("*.css") if path.name not in ("tokens.css", "api_docs.css")]
    found = {path.name: re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", path.read_text()) for path in others}

    assert {name: colours for name, colours in found.items() if set(colours) - {"#ffffff"}} == {}


def test_there_are_no_shadows_and_no_gradients():
    text = "".join(path.read_text() for path in CSS.glob("*.css"))

    assert re.findall(r"gradient\(|box-shadow|text-shadow", text) == []
