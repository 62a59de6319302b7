/** Where something about the embed is known from. */
export const EMBED_SOURCES = {
  workflowElement: 'https://docs.zapier.com/powered-by-zapier/zap-templates/getting-started',
  quickAccount: 'https://docs.zapier.com/powered-by-zapier/zap-creation/quick-account-creation',
  security: 'https://docs.zapier.com/powered-by-zapier/embedding-zapier/elements-security',
  credentials: 'https://docs.zapier.com/powered-by-zapier/zap-templates/retrieving-zap-templates',
  generator: 'https://zapier.com/partner/embed/workflow',
} as const;

export interface EmbedAttribute {
  /** What goes there, for the person who pastes the snippet. */
  meaning: string;
  /** The values that it may have, where it is not free text. */
  values?: readonly string[];
  /**
   * Zapier's documentation names it; otherwise it is only known from code that Zapier's generator
   * has written for others.
   */
  documented: boolean;
}

const SHOW_OR_HIDE = ['show', 'hide'] as const;

/** The attributes of `<zapier-workflow>` that this project knows. */
export const EMBED_ATTRIBUTES: Readonly<Record<string, EmbedAttribute>> = {
  'client-id': {
    meaning: 'The integration’s client ID. It is public; the client secret never goes into a page.',
    documented: true,
  },
  'sign-up-email': {
    meaning:
      'The signed-in user’s email address, so that a Zapier account can be made in one step.',
    documented: true,
  },
  'sign-up-first-name': { meaning: 'The signed-in user’s first name.', documented: true },
  'sign-up-last-name': { meaning: 'The signed-in user’s last name.', documented: true },
  theme: {
    meaning: 'The colors; `auto` follows the reader’s system.',
    values: ['light', 'dark', 'auto'],
    documented: false,
  },
  'intro-copy-display': {
    meaning: 'A few words about Zapier for those who are not signed in there.',
    values: SHOW_OR_HIDE,
    documented: false,
  },
  'manage-zaps-display': {
    meaning: 'The Zaps that the user has already made.',
    values: SHOW_OR_HIDE,
    documented: false,
  },
  'guess-zap-display': {
    meaning: 'A box that suggests a Zap for what the user writes.',
    values: SHOW_OR_HIDE,
    documented: false,
  },
  'app-search-bar-display': {
    meaning: 'A search through the apps that Attro can be connected with.',
    values: SHOW_OR_HIDE,
    documented: false,
  },
  'template-ids': {
    meaning:
      'The numbers of the templates to show, with commas between them; without it, the popular ones.',
    documented: false,
  },
};

/** Put by Attro's own server where the snippet has an example of Zapier's. */
export const EMBED_PLACEHOLDERS: Readonly<Record<string, string>> = {
  'client-id': 'YOUR_ZAPIER_CLIENT_ID',
  'sign-up-email': 'email_of_your_user@example.com',
  'sign-up-first-name': 'first_name_of_your_user',
  'sign-up-last-name': 'last_name_of_your_user',
};

/** The integration's own page on Zapier. The last part of its address is given at publication. */
export const INTEGRATION_PAGE = 'https://zapier.com/apps/attro/integrations';

/** What the settings page's Content-Security-Policy has to allow for the snippet. */
export const EMBED_CSP: Readonly<Record<string, readonly string[]>> = {
  'script-src': ["'self'", 'https://cdn.zapier.com'],
  'style-src': ["'self'", "'unsafe-inline'", 'https://cdn.zapier.com'],
  'frame-src': ['https://zapier.com', 'https://api.zapier.com'],
  'connect-src': ["'self'", 'https://zapier.com', 'https://api.zapier.com'],
  'img-src': ["'self'", 'data:', 'https:'],
};

/** A policy as the header writes it. */
export function cspLine(policy: typeof EMBED_CSP): string {
  return Object.entries(policy)
    .map(([directive, sources]) => [directive, ...sources].join(' '))
    .join('; ');
}

/** The two parts of the example page that are to be copied: for the head, and for the body. */
export function snippetParts(page: string): { head: string; body: string } {
  return { head: marked(page, 'head'), body: marked(page, 'body') };
}

/** @throws when the example page does not say where a part begins and ends. */
function marked(page: string, part: string): string {
  const found = new RegExp(
    `^[ \\t]*<!-- copy ${part} -->\\n([\\s\\S]*?)\\n[ \\t]*<!-- end ${part} -->`,
    'm',
  ).exec(page)?.[1];
  if (found === undefined) throw new Error(`The example page does not mark its ${part}.`);
  const lines = found.split('\n');
  const indent = Math.min(
    ...lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length),
  );
  return lines.map((line) => line.slice(indent)).join('\n');
}
