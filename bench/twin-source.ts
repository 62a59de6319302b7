/**
 * Writes a definition as a module of its own: the same data, each function a no-op of the same
 * number of parameters that answers with one record. None of the code behind the definition is in it.
 *
 * What the definition holds in several places stays one object in several places, since the platform
 * copies such an object once. What is frozen or bears a tag does so in the twin, for the same reason.
 */
export function twinSource(definition: unknown): string {
  const uses = countUses(definition);
  const names = new Map<object, string>();
  const shared: string[] = [];

  const write = (value: unknown): string => {
    if (!isReference(value)) return JSON.stringify(value);
    const known = names.get(value);
    if (known !== undefined) return known;
    const literal = writeReference(value);
    if ((uses.get(value) ?? 0) < 2) return literal;
    const name = `shared${names.size + 1}`;
    names.set(value, name);
    shared.push(`const ${name} = ${literal};`);
    return name;
  };

  const writeReference = (value: object): string => {
    if (typeof value === 'function') return noOp(value.length);
    const literal = Array.isArray(value)
      ? `[${value.map(write).join(', ')}]`
      : `{ ${[...namedEntries(value), ...tagEntries(value)].join(', ')} }`;
    if (isOfClass(value)) return `new Frozen(${literal})`;
    return Object.isFrozen(value) ? `Object.freeze(${literal})` : literal;
  };

  const namedEntries = (value: object): string[] =>
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => `${JSON.stringify(key)}: ${write(item)}`);

  const body = write(definition);
  return [FROZEN, ...shared, `export default ${body};`, ''].join('\n');
}

/**
 * The platform treats an object that bears a tag differently from others, so the twin's must bear it.
 *
 * @throws for anything else that a literal would lose: a twin without it would not be one.
 */
function tagEntries(value: object): string[] {
  return Object.getOwnPropertySymbols(value).map((symbol) => {
    if (symbol !== Symbol.toStringTag) {
      throw new Error(`The definition uses ${String(symbol)}, which the twin cannot be given.`);
    }
    return `[Symbol.toStringTag]: ${JSON.stringify(Reflect.get(value, symbol))}`;
  });
}

/** The class of the definition's frozen parts, which the platform treats differently from others. */
const FROZEN =
  'class Frozen { constructor(part) { Object.assign(this, part); Object.freeze(this); } }';

function isOfClass(value: object): boolean {
  return !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype;
}

function countUses(definition: unknown): Map<object, number> {
  const uses = new Map<object, number>();
  const count = (value: unknown): void => {
    if (!isReference(value)) return;
    const before = uses.get(value) ?? 0;
    uses.set(value, before + 1);
    if (before === 0 && typeof value !== 'function') Object.values(value).forEach(count);
  };
  count(definition);
  return uses;
}

function isReference(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function noOp(parameterCount: number): string {
  const parameters = Array.from({ length: parameterCount }, (_, index) => `_${index + 1}`);
  return `async (${parameters.join(', ')}) => [{ id: '1' }]`;
}
