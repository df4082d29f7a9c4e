"""An atlas to take along: one HTML file that asks nobody for anything, or a PNG of its finest grid."""

import base64
import hashlib
import html
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file

from lucarne.atlas.mapping.atlas import SIDE
from lucarne.atlas.mapping.bundled import Packed
from lucarne.atlas.vision.sheets import ACROSS

HERE = Path(__file__).parent
ARGUED = 3  # classes named of a cell
GROUND = (20, 20, 22)


def page_of(packed: Packed, title: str, labels: list[str]) -> str:
    """The atlas as one HTML file: every grid, to be moved and zoomed with pointer, wheel, touch and keys."""
    grids = [_grid(packed, page) for page in packed.said["pages"]]
    said = packed.said
    about = {"side": SIDE, "grids": grids, "labels": labels}
    script, style = ((HERE / f"export.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    allowed = f"default-src 'none'; img-src data:; script-src {_hashed(script)}; style-src {_hashed(style)}"
    caption = f"{title}: {said['site']}, {said['samples']:,} pictures ({said['credit']}), one place of each."
    data = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{html.escape(allowed)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{html.escape(f"Activation atlas · {title} · {said['site']}")}</title>
<style>{style}</style>
<canvas tabindex="0" role="img" aria-label="{html.escape(caption)}" aria-describedby="said"></canvas>
<p id="about">{html.escape(caption)}</p>
<p id="said" role="status"></p>
<script type="application/json" id="atlas">{data}</script>
<script>{script}</script>
</html>
"""


def picture_of(packed: Packed) -> bytes:
    """The finest grid as a PNG, `SIDE` pixels a cell."""
    page = packed.said["pages"][-1]
    places = load_file(packed.folder / page["table"])["place"].astype(int)  # (cells, 2): column, row
    side, across = page["side"] * SIDE, page.get("across", ACROSS)
    whole = Image.new("RGB", (side, side), GROUND)
    with Image.open(packed.folder / page["sheet"]) as opened:
        sheet = opened.convert("RGB")
    for i, (column, row) in enumerate(places.tolist()):
        left, top = i % across * SIDE, i // across * SIDE
        whole.paste(sheet.crop((left, top, left + SIDE, top + SIDE)), (column * SIDE, row * SIDE))
    written = io.BytesIO()
    whole.save(written, "PNG")
    return written.getvalue()


def _grid(packed: Packed, page: dict[str, object]) -> dict[str, object]:
    """What the script needs of a grid: the sheet as a data URL, and a row for each cell."""
    table = load_file(packed.folder / str(page["table"]))
    sheet = base64.b64encode((packed.folder / str(page["sheet"])).read_bytes()).decode()
    argued = table["arguments"].astype(np.float32)  # (cells, classes)
    most = np.argsort(-argued, axis=1, kind="stable")[:, :ARGUED]
    return {
        "side": page["side"],
        "across": page.get("across", ACROSS),
        "sheet": f"data:image/webp;base64,{sheet}",
        "place": table["place"].tolist(),
        "count": table["count"].tolist(),
        "argued": most.tolist(),
    }


def _hashed(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
