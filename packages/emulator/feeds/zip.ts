import { crc32 } from 'node:zlib';

/** A ZIP archive of plain text files, stored as they are (PKWARE APPNOTE 4.3): a wheel, a .nupkg, a .jar. */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const path = Buffer.from(name, 'utf8');
    const content = Buffer.from(text, 'utf8');
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(content), 0);
    sizes.writeUInt32LE(content.length, 4);
    sizes.writeUInt32LE(content.length, 8);
    // Version 2.0; names in UTF-8; stored; midnight of 1980-01-01, the first moment that a ZIP archive can tell.
    const common = Buffer.from([20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0]);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(path.length, 0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, sizes, lengths, path, content]);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    const record = [Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, sizes, lengths];
    central.push(Buffer.concat([...record, where, path]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central.length, 4);
  end.writeUInt16LE(central.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
