import { describe, expect, it } from '@jest/globals';
import { baseUrl, BaseUrlError } from '../../attro/contract.ts';

describe('the address of Attro', () => {
  it.each([
    [undefined, 'https://get-attro.com'],
    ['', 'https://get-attro.com'],
    ['  ', 'https://get-attro.com'],
    ['https://staging.get-attro.com', 'https://staging.get-attro.com'],
    ['https://staging.get-attro.com//', 'https://staging.get-attro.com'],
    ['https://example.com/attro/', 'https://example.com/attro'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('of ATTRO_BASE_URL %p is %s', (value, expected) => {
    expect(baseUrl({ ATTRO_BASE_URL: value })).toBe(expected);
  });

  it.each([
    'get-attro.com',
    'ftp://get-attro.com',
    'http://get-attro.com',
    'http://localhost.evil.example',
    'file:///etc/passwd',
    'https://user@get-attro.com',
    'https://:password@get-attro.com',
    'https://get-attro.com/?x=1',
    'https://get-attro.com/#x',
  ])('is not taken from %s', (value) => {
    expect(() => baseUrl({ ATTRO_BASE_URL: value })).toThrow(BaseUrlError);
  });
});
