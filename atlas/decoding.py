"""From a file that passed the gates to the pixels people mean: upright, on white, in sRGB, no side over 1024.

Runs in the child process of `sandbox.py`: Pillow is all it needs.
"""

import functools
import io
import json
from typing import Any, cast

from PIL import Image, ImageCms, MpoImagePlugin, PngImagePlugin, WebPImagePlugin

from lucarne.atlas import gates
from lucarne.models.errors import BadPicture, Mistake, NotAPicture, TooMuch

__all__ = ["LONGEST", "answer", "decoded", "read", "warm"]

LONGEST = 1024  # pixels of the longest side that are kept: the networks read 227, a screen shows about this many

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# A phone's HDR picture carries a second one that says how bright it shines, not what it shows.
_GAIN_MAPS = (b"hdrgm:Version", b":hdrgainmap", b"urn:iso:std:iso:ts:21496")


def warm() -> None:
    """Have Pillow import what it imports at first use, so that no child has to."""
    for kind in ("JPEG", "PNG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, kind, icc_profile=ImageCms.ImageCmsProfile(_srgb()).tobytes())
        answer(file.getvalue())


@functools.cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def answer(file: bytes) -> bytes:
    """A line of JSON, and after it the pixels, three bytes each. Never raises: a refusal is an answer too."""
    try:
        image = decoded(gates.checked(file))
    except Mistake as mistake:
        limit = mistake.limit if isinstance(mistake, TooMuch) else None
        return json.dumps({"mistake": type(mistake).__name__, "detail": mistake.detail, "limit": limit}).encode()
    return json.dumps({"width": image.width, "height": image.height}).encode() + b"\n" + image.tobytes()


def read(answer: bytes) -> tuple[int, int, bytes]:
    """Height, width and pixels of an `answer`. Raises the refusal it tells of; ValueError where it is none."""
    line, _, pixels = answer.partition(b"\n")
    said = json.loads(line)
    if "mistake" in said:
        detail = str(said["detail"])[:200]
        if said["mistake"] == "TooMuch":
            raise TooMuch(detail, int(said["limit"]))
        raise (NotAPicture if said["mistake"] == "NotAPicture" else BadPicture)(detail)
    height, width = int(said["height"]), int(said["width"])
    if not (1 <= height <= LONGEST and 1 <= width <= LONGEST and len(pixels) == height * width * 3):
        raise ValueError("pixels that are none")
    return height, width, pixels


def decoded(file: gates.File) -> Image.Image:
    """The picture, mode RGB. Raises BadPicture where the decoder gives up, TooMuch where memory does."""
    try:
        return _decoded(file)
    except MemoryError:
        raise TooMuch("Decoding the picture takes too much memory. Send a smaller one.", gates.MAX_PIXELS) from None
    except Mistake:
        raise
    except Exception as error:  # whatever Pillow stumbles over in a damaged file, from SyntaxError to struct.error
        raise BadPicture(f"The {_name(file)} file is damaged: it cannot be decoded.") from error


def _decoded(file: gates.File) -> Image.Image:
    with Image.open(io.BytesIO(file.content), formats=[file.kind]) as opened:
        if opened.size != (file.width, file.height):
            raise BadPicture(f"The {_name(file)} file is damaged: it states two sizes.")
        if isinstance(opened, MpoImagePlugin.MpoImageFile):
            _refuse_several(opened, file.content)
        raw = _raw_mode(opened)  # before the notes are read: of a PNG that reads all
        orientation = _orientation(opened)
        profile = file.profile or cast(bytes | None, opened.info.get("icc_profile"))
        target = _target(file.width, file.height)
        opened.draft(cast(str, None), (2 * target[0], 2 * target[1]))  # a JPEG decodes at half or quarter size
        image = _shrunk(_plain(_loaded(opened), raw), target)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return _on_white(image, profile)


def _name(file: gates.File) -> str:
    return "WebP" if file.kind == "WEBP" else file.kind


def _refuse_several(opened: MpoImagePlugin.MpoImageFile, content: bytes) -> None:
    """Cameras append previews and gain maps to a JPEG: those are welcome. A stereo pair is several pictures."""
    kinds = [str(entry["Attribute"]["MPType"]) for entry in cast(dict[int, Any], opened.mpinfo)[0xB002][1:]]
    previews = all(kind.startswith("Large Thumbnail") for kind in kinds)
    if not previews and not any(mark in content for mark in _GAIN_MAPS):
        raise BadPicture("The file holds several pictures. Send one.")


def _orientation(opened: Image.Image) -> int:
    try:
        return cast(int, opened.getexif().get(0x0112, 1))
    except Exception:  # damaged notes of a camera are no reason to refuse its picture; Pillow raises anything here
        return 1


def _raw_mode(opened: Image.Image) -> str:
    stored = opened.tile[0][3] if isinstance(opened, PngImagePlugin.PngImageFile) and opened.tile else ""
    return stored if isinstance(stored, str) else str(stored[0] if stored else "")


def _target(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, LONGEST / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _loaded(opened: Image.Image) -> Image.Image:
    """The picture as Pillow reads it.

    Of a WebP Pillow would hold two canvases and two copies, 400 MB for 25 megapixels: here they go before more comes.
    """
    decoder = getattr(opened, "_decoder", None)
    if not isinstance(opened, WebPImagePlugin.WebPImageFile) or decoder is None:
        opened.load()
        return opened
    opened._decoder = None  # the last reference but ours
    frame = decoder.get_next()
    if frame is None:
        raise BadPicture("The WebP file is damaged: it cannot be decoded.")
    del decoder
    return Image.frombuffer(opened.mode, opened.size, frame[0], "raw", opened.rawmode, 0, 1)


def _plain(image: Image.Image, raw: str) -> Image.Image:
    """The same picture in mode L, LA, RGB, RGBA or CMYK, eight bits each, its transparent colour made alpha.

    `raw` says how the file stores a pixel: sixteen bits are scaled, where Pillow's own conversion would clip them.
    """
    clear = image.info.get("transparency")
    if image.mode == "P":
        return image.convert("RGB" if clear is None else "RGBA")
    if image.mode == "RGB" and clear is not None:
        if raw.startswith("RGB;16"):
            image.info["transparency"] = tuple(level >> 8 for level in clear)
        return image.convert("RGBA")
    if image.mode.startswith("I"):
        image = image.convert("I")
        grey = image.point([(level * 255 + 32767) // 65535 for level in range(65536)], "L")
        alpha = None if clear is None else image.point([255 * (level != clear) for level in range(65536)], "L")
    elif image.mode in ("1", "L"):
        grey = image.convert("L")
        level = clear if clear is None else clear * {"L;2": 85, "L;4": 17}.get(raw, 1)
        alpha = None if clear is None else grey.point([255 * (value != level) for value in range(256)])
    else:
        return image if image.mode in ("LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")
    return grey if alpha is None else Image.merge("LA", (grey, alpha))


def _shrunk(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    if image.size == target:
        return image
    return image.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)  # weighs colours by alpha


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return _in_srgb(image, profile)
    alpha = image.getchannel("A")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(_in_srgb(image.convert(image.mode[:-1]), profile), mask=alpha)
    return ground


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Converted from the colours of its profile; one that is damaged or for another kind of picture is ignored."""
    if profile:
        try:
            meant = ImageCms.ImageCmsProfile(cast(Any, io.BytesIO(profile)))
            about = cast(Any, meant.profile)
            mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(about.xcolor_space.strip(), "")
            if mode == "RGB" and "sRGB" in (about.profile_description or ""):
                return image.convert("RGB")
            if mode == image.mode or (mode == "RGB" and image.mode == "L"):
                converted = ImageCms.profileToProfile(image.convert(mode), meant, _srgb(), outputMode="RGB")
                return cast(Image.Image, converted)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return image.convert("RGB")
