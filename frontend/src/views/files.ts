/** Files out of what was chosen or dropped, folders opened, each named by its path: its folder says what it shows. */

import type { Named } from "../api/galleries";

const PICTURES = /\.(jpe?g|png|webp|zip)$/i;
export const AT_ONCE = { files: 400, bytes: 100 * 2 ** 20 }; // of one request

/** What was chosen in a file field, whole folders or single files. */
export const chosen = (files: Iterable<File>): Named[] =>
  [...files].map((file) => ({ file, name: file.webkitRelativePath || file.name })).filter(wanted);

/** What was dropped, folders opened to their depth. */
export async function dropped(transfer: DataTransfer): Promise<Named[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()); // at once: it is gone after the event
  const plain = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return chosen(plain);
  const found: Named[] = [];
  for (const entry of entries) if (entry) found.push(...(await opened(entry)));
  return found.filter(wanted);
}

/** Hidden files and what is no picture by its name are not sent at all. */
const wanted = ({ name }: Named): boolean => PICTURES.test(name) && !/(^|\/)[._]/.test(name);

async function opened(entry: FileSystemEntry): Promise<Named[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Named[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const each of some) found.push(...(await opened(each)));
  }
}

/** Files in portions that one request may carry. */
export function portions(files: readonly Named[], most = AT_ONCE): Named[][] {
  const all: Named[][] = [];
  let bytes = Infinity;
  for (const each of files) {
    const last = all.at(-1);
    if (!last || last.length >= most.files || bytes + each.file.size > most.bytes) {
      all.push([each]);
      bytes = each.file.size;
    } else {
      last.push(each);
      bytes += each.file.size;
    }
  }
  return all;
}

/** What a gallery made of these might be called: their common folder, or the archive. */
export function titleOf(files: readonly Named[]): string {
  const [first = ""] = files.map(({ name }) => name);
  const folder = first.includes("/") ? first.split("/")[0]! : "";
  if (folder && files.every(({ name }) => name.startsWith(`${folder}/`))) return folder;
  return files.length === 1 && /\.zip$/i.test(first) ? first.replace(/\.zip$/i, "") : "";
}
