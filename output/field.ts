import {
  isRecord,
  toDateTime,
  toNumber,
  toText,
  type AttroRecord,
  type Scalar,
} from '../attro/values.ts';
import { formatAmount } from './money.ts';

/** What a field may need to know beside the record. */
export interface Occasion {
  /** The delivery's `timestamp`; absent for a record that was listed, found or written. */
  timestamp?: unknown;
  /** Where links point to, without a slash at its end. */
  baseUrl: string;
}

/** A declared output field. Its key and type are for ever: they are in the Zaps of users. */
export interface OutputField {
  key: string;
  label: string;
  type: 'string' | 'number' | 'datetime';
  /** The payload's fields that this one stands for, so that they are not passed on twice. */
  sources: readonly string[];
  read: (record: AttroRecord, occasion: Occasion) => Scalar;
}

export function text(key: string, label: string, source = key): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: [source],
    read: (record) => toText(record[source]),
  };
}

export function number(key: string, label: string, source = key): OutputField {
  return {
    key,
    label,
    type: 'number',
    sources: [source],
    read: (record) => toNumber(record[source]),
  };
}

export function dateTime(key: string, label: string, source = key): OutputField {
  return {
    key,
    label,
    type: 'datetime',
    sources: [source],
    read: (record) => toDateTime(record[source]),
  };
}

export function formatted(key: string, label: string, source: string): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: [],
    read: (record) => formatAmount(toNumber(record[source]), toText(record['currency'])),
  };
}

/** A part of the affiliate's name: sent by Attro, or else taken from the display name. */
export function namePart(
  key: string,
  label: string,
  source: string,
  displayName: string,
  part: (displayName: string | null) => string | null,
): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: [source],
    read: (record) => toText(record[source])?.trim() || part(toText(record[displayName])),
  };
}

/** A text that may be in one of several places, each the names that lead to it; the first one counts. */
export function textAt(
  key: string,
  label: string,
  paths: readonly (readonly string[])[],
): OutputField {
  return {
    key,
    label,
    type: 'string',
    sources: paths.filter((path) => path.length === 1).flat(),
    read: (record) => {
      for (const path of paths) {
        const value = toText(
          path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : null), record),
        );
        if (value !== null) return value;
      }
      return null;
    },
  };
}
