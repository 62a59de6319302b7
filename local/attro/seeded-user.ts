/** The one user of the sandbox, who is always signed in, as `GET /me` shows her. */
export const SEEDED_USER = {
  id: 'usr_jane',
  email: 'jane@example.com',
  name: 'Jane Doe',
  organization: { id: 'org_acme', name: 'Acme Corp', slug: 'acme' },
} as const;
