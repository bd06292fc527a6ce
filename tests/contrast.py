"""How far two colours stand apart, as the guidelines for accessible content compute it."""


def luminance(colour: tuple[float, float, float]) -> float:
    """Return the relative luminance of an sRGB colour (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(ink: str, ground: str, *, opacity: float = 1.0) -> float:
    """Return the contrast ratio (1 to 21) of an ink, perhaps half transparent, on a ground."""
    over, under = (
        [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        for colour in (ink, ground)
    )
    red, green, blue = (opacity * a + (1 - opacity) * b for a, b in zip(over, under, strict=True))
    dark, light = sorted([luminance((red, green, blue)), luminance((under[0], under[1], under[2]))])
    return (light + 0.05) / (dark + 0.05)
