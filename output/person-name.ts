/** The first word of a display name: `Jane` of `Jane Doe`; null where there is none. */
export function firstNameOf(displayName: string | null): string | null {
  return displayName?.trim().split(/\s+/, 1)[0] || null;
}

/** What follows the first word of a display name: `Doe` of `Jane Doe`; null for a single word. */
export function lastNameOf(displayName: string | null): string | null {
  return /^\S+\s+(.+)$/su.exec(displayName?.trim() ?? '')?.[1] ?? null;
}
