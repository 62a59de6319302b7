const FORM = /<form method="post"[^>]*>(.*?)<\/form>/s;
const HIDDEN = /<input type="hidden" name="([^"]*)" value="([^"]*)"/g;

/**
 * What a person sends who presses Allow on a consent page of the local Attro.
 *
 * @returns undefined where the page holds no such form.
 */
export function agreement(page: string): URLSearchParams | undefined {
  const form = FORM.exec(page)?.[1];
  if (!form?.includes('value="allow"')) return undefined;
  const fields = new URLSearchParams({ decision: 'allow' });
  for (const [, name = '', value = ''] of form.matchAll(HIDDEN)) fields.set(name, value);
  return fields;
}
