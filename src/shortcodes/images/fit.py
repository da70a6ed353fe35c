"""Make a picture fit a box: in sRGB, smaller if it has to be, and never larger.

::

    small = fit(picture.first(side=2 * 128), 128, picture.profile)
"""

import functools
import io

from PIL import Image, ImageCms

_TO_SRGB = ImageCms.ImageCmsTransform


def fit(image: Image.Image, box: int, profile: bytes = b"") -> Image.Image:
    """Return an RGBA image whose longer side is `box` pixels at most, in sRGB, and without anything that is not seen.

    Its edges do not darken: Pillow resizes RGBA by premultiplied alpha.
    """
    size = fitted(image.width, image.height, box)
    if size != image.size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    if profile and (transform := _transform(profile)):
        alpha = image.getchannel("A")
        image = ImageCms.applyTransform(image.convert("RGB"), transform) or image
        image.putalpha(alpha)
    return _without_hidden(image)


def fitted(width: int, height: int, box: int) -> tuple[int, int]:
    """Return the size in pixels at which a picture fits the box, its shape kept.

    >>> fitted(640, 480, 128), fitted(20, 10, 128), fitted(4000, 3, 128)
    ((128, 96), (20, 10), (128, 1))
    """
    longer = max(width, height)
    if longer <= box:
        return width, height
    return max(1, round(width * box / longer)), max(1, round(height * box / longer))


def _without_hidden(image: Image.Image) -> Image.Image:
    """Clear the colours below what is wholly transparent: they cost bytes, and may be what somebody had cut away."""
    image = image.copy()
    image.info = {}  # Pillow would write what it finds here: profiles, resolutions, comments
    alpha = image.getchannel("A")
    if not alpha.getextrema()[0]:
        image.paste((0, 0, 0, 0), mask=alpha.point(_CLEAR))
    return image


_CLEAR = [255] + [0] * 255


@functools.lru_cache(maxsize=4)  # a pack has one or two; a stranger's may be long
def _transform(profile: bytes) -> _TO_SRGB | None:
    """Return the way from a profile of RGB to sRGB; none from one that is damaged, or of another space."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != "RGB":
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
