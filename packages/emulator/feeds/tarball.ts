import { gzipSync } from 'node:zlib';

const block = 512;

/** A gzipped tar archive (ustar) of plain text files. */
export function tarball(files: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text, 'utf8');
    const padding = (block - (content.length % block)) % block;
    return [header(name, content.length), content, Buffer.alloc(padding)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]));
}

function header(name: string, size: number): Buffer {
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const bytes = Buffer.alloc(block);
  const put = (text: string, offset: number): number => bytes.write(text, offset, 'ascii');
  put(name, 0);
  put(octal(0o644, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(size, 12), 124);
  put(octal(0, 12), 136);
  put('0', 156);
  put('ustar\x0000', 257);
  // The checksum counts its own field as eight spaces.
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
