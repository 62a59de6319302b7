import { InvalidArgumentError } from 'commander';

/**
 * Reads a number from an option of a command line.
 *
 * @returns a parser that refuses in a sentence whatever is not within the bounds.
 */
export function numberFrom(least: number, most: number, kind: 'whole' | 'any' = 'whole') {
  return (text: string): number => {
    const number = text.trim() === '' ? NaN : Number(text);
    const isOfKind = kind === 'any' || Number.isInteger(number);
    if (isOfKind && number >= least && number <= most) return number;
    const sort = kind === 'whole' ? 'a whole number' : 'a number';
    throw new InvalidArgumentError(`It must be ${sort} from ${least} to ${most}.`);
  };
}
