import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** docs/operations.md has every sentence that the app logs or fails with, word for word. */

const FOLDERS = 'attro,deliveries,inputs,output,triggers,searches,creates';

/** Properties, and a function, whose texts the editor shows; no message is made of them. */
const SHOWN = ['description', 'helpText', 'label', 'message', 'noun', 'placeholder', 'takenAs'];

const onOneLine = (text: string): string => text.replace(/\s+/g, ' ');

/** The fixed parts of a text: what stands between the values that are put into it. */
function fixedParts(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return fixedParts(node.expression);
  if (ts.isTemplateExpression(node)) {
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  }
  // A value: what comes before it and what comes after are two parts.
  if (!isSum(node)) return ['', ''];
  const left = fixedParts(node.left);
  const [joined = '', ...right] = fixedParts(node.right);
  return [...left.slice(0, -1), `${left.at(-1) ?? ''}${joined}`, ...right];
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** Every fixed part of three words or more in a module's texts, but for what the editor shows. */
function sentences(code: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isNamed = ts.isPropertyAssignment(node) || ts.isFunctionDeclaration(node);
    if (isNamed && SHOWN.includes(node.name?.getText() ?? '')) return;
    if (ts.isImportDeclaration(node) || ts.isLiteralTypeNode(node)) return;
    if (isSum(node) || ts.isTemplateExpression(node) || ts.isStringLiteralLike(node)) {
      found.push(...fixedParts(node));
    }
    // Where a text was put together its parts have been seen; what is put into it has not.
    if (isSum(node)) [node.left, node.right].forEach(visitInside);
    else ts.forEachChild(node, visit);
  };
  const visitInside = (node: ts.Node): void => {
    if (isSum(node)) [node.left, node.right].forEach(visitInside);
    else if (ts.isTemplateExpression(node)) {
      for (const { expression } of node.templateSpans) visit(expression);
    } else if (!ts.isStringLiteralLike(node)) visit(node);
  };
  visit(ts.createSourceFile('module.ts', code, ts.ScriptTarget.Latest, true));
  return found.map((text) => onOneLine(text).trim()).filter((text) => text.split(' ').length >= 3);
}

describe('docs/operations.md', () => {
  const text = onOneLine(readFileSync('docs/operations.md', 'utf8'));
  // Labels of output fields are no messages.
  const files = globSync(['authentication.ts', `{${FOLDERS}}/**/*.ts`], {
    exclude: ['output/fields.ts'],
  });

  it.each(files)('has every sentence of %s', (file) => {
    const missing = sentences(readFileSync(file, 'utf8')).filter((said) => !text.includes(said));
    expect(missing).toEqual([]);
  });
});
