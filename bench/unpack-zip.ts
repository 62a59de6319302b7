import AdmZip from 'adm-zip';

/** Unpacks a zip into a folder that need not exist. */
export function unpackZip(zipFile: string, folder: string): void {
  new AdmZip(zipFile).extractAllTo(folder, true);
}
