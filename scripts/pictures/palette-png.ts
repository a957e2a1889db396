import { deflateSync, crc32 } from 'node:zlib';
import { PNG } from 'pngjs';

const MOST_COLORS = 256;

/**
 * The same picture as a PNG with a palette, a third of the size: pictures of windows have few colors. Those that are near
 * each other, shades at the edges of letters, become the most frequent one of them.
 */
export function withPalette(png: Buffer): Buffer {
  const { width, height, data } = PNG.sync.read(png);
  const pixels = new Uint32Array(width * height);
  const counts = new Map<number, number>();
  for (let at = 0; at < pixels.length; at++) {
    const color = data.readUIntBE(at * 4, 3);
    pixels[at] = color;
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const { palette, indices } = fewColors(counts);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      rows[y * (width + 1) + 1 + x] = indices.get(pixels[y * width + x] ?? 0) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, by palette.
  header.set([8, 3], 8);
  const colors = Buffer.alloc(palette.length * 3);
  for (const [index, color] of palette.entries()) colors.writeUIntBE(color, index * 3, 3);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

interface FewColors {
  readonly palette: readonly number[];
  /** Where in it each color is. */
  readonly indices: ReadonlyMap<number, number>;
}

/** Parts the colors by the first bits of red, green and blue, as many as there is room for. */
function fewColors(counts: ReadonlyMap<number, number>): FewColors {
  const frequent = [...counts].sort(([a, one], [b, other]) => other - one || a - b).map(([color]) => color);
  for (let dropped = 0; ; dropped++) {
    const mask = ((0xff << dropped) & 0xff) * 0x010101;
    const parts = new Map<number, number>();
    const palette: number[] = [];
    for (const color of frequent) {
      if (parts.has(color & mask)) continue;
      parts.set(color & mask, palette.length);
      palette.push(color);
    }
    if (palette.length <= MOST_COLORS)
      return { palette, indices: new Map(frequent.map(color => [color, parts.get(color & mask) ?? 0])) };
  }
}

function chunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
