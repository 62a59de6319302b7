import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How much of a process is in memory, in bytes; NaN where it has ended or the system does not tell. */
export function residentBytes(pid: number): number {
  try {
    const kilobytes = process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
    return Number(kilobytes ?? NaN) * 1024;
  } catch {
    return NaN;
  }
}

function fromProc(pid: number): string | undefined {
  return /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

function fromPs(pid: number): string {
  return execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
