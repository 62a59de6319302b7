import { isRecord, toNumber, toText } from '../attro/values.ts';
import type { Input, InputReading, LabelledField } from './input.ts';

/** An input as a row describes it: the field, and Attro's name where it is not the key. */
type Described = LabelledField & { attroName?: string };

type Reader = (text: string, label: string) => InputReading;

/** A text without the blanks around it. */
export function textInput(described: Described): Input {
  return readAsText(described, (value) => ({ value }));
}

/** Deliberately lenient: Attro has the last word on what an address may be. */
const EMAIL = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/;

export function emailInput(described: Described): Input {
  return readAsText(described, (value, label) =>
    EMAIL.test(value)
      ? { value }
      : { problem: `${label} must be one email address, such as jane@example.com.` },
  );
}

const WEB_ADDRESS = /^https?:\/\/[^\s/.]+\.\S+$/;

/** The address of a site. People leave its `https://` out, and Attro takes none without. */
export function webAddressInput(described: Described): Input {
  return readAsText(described, (value, label) => {
    const address = /^[a-z]+:/i.test(value)
      ? value.replace(/^https?:/i, (scheme) => scheme.toLowerCase())
      : `https://${value}`;
    return WEB_ADDRESS.test(address)
      ? { value: address }
      : { problem: `${label} must be a web address, such as https://acme.com.` };
  });
}

/** A currency's code of ISO 4217, in whatever case it is written. */
export function currencyInput(described: Described): Input {
  return readAsText(described, (value, label) =>
    /^[a-z]{3}$/i.test(value)
      ? { value: value.toUpperCase() }
      : { problem: `${label} must be a code of three letters, such as USD.` },
  );
}

/** A number that is not negative. */
export function amountInput(described: Described): Input {
  return withName(described, (value) => {
    const amount = toNumber(value);
    if (amount === null)
      return {
        problem: `${described.label} must be a plain number, such as 99.90, without a currency sign.`,
      };
    // -0 is a zero too.
    return amount < 0
      ? { problem: `${described.label} must not be negative.` }
      : { value: Math.abs(amount) };
  });
}

/** No id of Attro's is longer. Assumption. */
const MAX_ID_LENGTH = 200;

/** A record of Attro's, by its id: picked from a dropdown, or mapped from an earlier step. */
export function recordInput(described: Described): Input {
  const input = readAsText(described, (value, label) =>
    // Dots alone would lead to another address than a record's.
    value.length > MAX_ID_LENGTH || /^\.+$|\s/.test(value)
      ? { problem: `${label} must be picked from the list, or be an ID from an earlier step.` }
      : { value },
  );
  return { ...input, namesRecord: true };
}

/** One of a few values, also by its label and in any case. */
export function choiceInput(
  described: Omit<Described, 'choices'> & { choices: Record<string, string> },
): Input {
  const choices = Object.entries(described.choices);
  return readAsText(described, (text, label) => {
    const wanted = text.toLowerCase();
    const found = choices.find((choice) => choice.some((name) => name.toLowerCase() === wanted));
    return found
      ? { value: found[0] }
      : { problem: `${label} must be ${choices.map(([, name]) => name).join(' or ')}.` };
  });
}

/** Names with a text each. A name without one is left out. */
export function pairsInput(described: Described): Input {
  return withName({ ...described, dict: true }, (value) => {
    if (!isRecord(value) || Object.values(value).some(isNested))
      return { problem: `${described.label} must be pairs of a name and a plain value.` };
    const pairs = Object.entries(value)
      .map(([name, text]) => [name.trim(), toText(text)?.trim() ?? ''] as const)
      .filter(([name, text]) => name !== '' && text !== '');
    return { value: pairs.length > 0 ? Object.fromEntries(pairs) : undefined };
  });
}

function readAsText(described: Described, read: Reader): Input {
  return withName(described, (value) => {
    const text = toText(value)?.trim();
    return text
      ? read(text, described.label)
      : { problem: `${described.label} must be plain text, not a list or an object.` };
  });
}

function withName({ attroName, ...field }: Described, read: Input['read']): Input {
  return { field, attroName: attroName ?? field.key, read };
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && toText(value) === null;
}
