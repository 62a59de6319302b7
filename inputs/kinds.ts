import { isRecord, toNumber, toText } from '../attro/values.ts';
import type { Input, InputReading, LabelledField } from './input.ts';
import type { RecordType } from './records.ts';
import { quoted, sameWords } from './words.ts';

/** An input as a row describes it: the field, and Attro's name where it is not the key. */
type Described = LabelledField & { attroName?: string };

type Reader = (text: string, label: string) => InputReading;

/** A text without the blanks around it. */
export function textInput(described: Described): Input {
  return readAsText(described, (value) => ({ value }));
}

/** Deliberately lenient: Attro has the last word on what an address may be. */
const EMAIL = /^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$/;

/** Tells whether a text is one email address. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

export function emailInput(described: Described): Input {
  return readAsText(described, (value, label) =>
    isEmail(value)
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
      : {
          problem: `${label} must be a web address, such as https://acme.com; ${quoted(value)} is none.`,
        };
  });
}

/** The codes of ISO 4217, as far as Node's own data knows them: looked up once, when first needed. */
let currencyCodes: ReadonlySet<string> | undefined;

/** A currency's code of ISO 4217, in whatever case it is written. */
export function currencyInput(described: Described): Input {
  return readAsText(described, (value, label) => {
    currencyCodes ??= new Set(Intl.supportedValuesOf('currency'));
    const code = value.toUpperCase();
    return currencyCodes.has(code)
      ? { value: code }
      : {
          problem:
            `${label} must be the code of a currency in three letters (ISO 4217), such as USD or EUR; ` +
            `${quoted(value)} is none.`,
        };
  });
}

/** An amount of money: a number that is not negative. */
export function amountInput(described: Described & { placeholder: string }): Input {
  const { placeholder: example } = described;
  return readAsNumber(
    described,
    `a plain number of 0 or more, such as ${example}, without a currency sign`,
    (amount) => amount >= 0,
  );
}

/** A score from 0 to 100. */
export function scoreInput(described: Described): Input {
  return readAsNumber(described, 'a number from 0 to 100', (score) => score >= 0 && score <= 100);
}

function readAsNumber(
  described: Described,
  takes: string,
  fits: (number: number) => boolean,
): Input {
  return withName(described, (value) => {
    const number = toNumber(value);
    // -0 is a zero too.
    if (number !== null && fits(number)) return { value: Math.abs(number) };
    const came = quoted(toText(value) ?? 'an object');
    return { problem: `${described.label} must be ${takes}; ${came} is not.` };
  });
}

/** No id of Attro's is longer, and no name that one is looked up by. Assumption. */
const MAX_LENGTH = 200;

/**
 * A record of Attro's: picked from a dropdown, mapped from an earlier step, or, where its kind has
 * names, as a person calls it. What is not an id is looked up before it is used; see `lookup.ts`.
 */
export function recordInput({ record, ...described }: Described & { record: RecordType }): Input {
  const input = readAsText(described, (value, label) => {
    // Dots alone would lead to another address than a record's. No id has blanks, or is an email address.
    const isUsable = value.length <= MAX_LENGTH && !/^\.+$/.test(value);
    return isUsable && (record.nameOf || !/[\s@]/.test(value))
      ? { value }
      : {
          problem:
            `${label} must be ${record.takes}. ` +
            `Pick one from the list, or find it with the step ${record.finder}.`,
        };
  });
  return { ...input, record };
}

/** One of a few values, also by its label. */
export function choiceInput(
  described: Omit<Described, 'choices'> & { choices: Record<string, string> },
): Input {
  const choices = Object.entries(described.choices);
  return readAsText(described, (text, label) => {
    const found = choices.find((choice) => choice.some((name) => sameWords(name, text)));
    return found
      ? { value: found[0] }
      : {
          problem: `${label} must be ${choices.map(([, name]) => name).join(' or ')}; ${quoted(text)} is not.`,
        };
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
