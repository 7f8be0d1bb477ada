"""Make a picture of a page small enough for a paper: the same pixels in at most 256 colours."""

import base64
import struct
import zlib

from playwright.sync_api import Browser

# The browser unpacks the picture and finds the colours; most pixels keep theirs exactly,
# the rest are shades at the edges of letters and get the nearest.
_REDUCE = """
async png => {
  const packed = await fetch(`data:image/png;base64,${png}`);
  const picture = await createImageBitmap(await packed.blob());
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(picture, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const seen = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  const palette = [...seen].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([colour]) => colour);
  const far = (a, b) => ((a >> 16) - (b >> 16)) ** 2
    + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
  const places = new Map();
  for (const colour of seen.keys()) {
    let best = 0;
    palette.forEach((other, n) => {
      if (far(colour, other) < far(colour, palette[best])) best = n;
    });
    places.set(colour, best);
  }
  const rows = new Uint8Array(data.length / 4);
  for (let at = 0; at < data.length; at += 4) {
    rows[at / 4] = places.get((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
  }
  let text = '';
  for (let at = 0; at < rows.length; at += 32768) {
    text += String.fromCharCode(...rows.subarray(at, at + 32768));
  }
  return { width, height, palette, rows: btoa(text) };
}
"""


def smaller(browser: Browser, png: bytes) -> bytes:
    """The picture as a PNG with a palette (https://www.w3.org/TR/png/#11PLTE)."""
    page = browser.new_page()
    found = page.evaluate(_REDUCE, base64.b64encode(png).decode())
    page.close()
    width, height = found["width"], found["height"]
    pixels = base64.b64decode(found["rows"])
    # Every row begins with the name of its filter; 0 is none.
    rows = b"".join(b"\0" + pixels[at : at + width] for at in range(0, len(pixels), width))
    palette = b"".join(struct.pack(">I", colour)[1:] for colour in found["palette"])
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)
