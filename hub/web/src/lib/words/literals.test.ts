// What a person reads stands in a catalogue, in every language: in no page is a text written out.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCES = new URL("../../", import.meta.url);
const SAID = new Set([
  "aria-label",
  "aria-description",
  "aria-roledescription",
  "alt",
  "title",
  "placeholder",
  "label",
]);
/** A word, and not a code in which digits stand. */
const WORD = /(?<![\p{L}\d:])\p{L}{2,}(?![\p{L}\d])/u;

/** Texts of a page that no catalogue holds: between tags, in what is read aloud, and in expressions that become either. */
function written(name: string, source: string): string[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const note = (text: string) => WORD.test(text.replace(/&\w+;/g, "")) && found.push(`${name}: ${text.trim()}`);
  /** Only what the expression becomes, and not what it asks of. */
  const becomes = (node: ts.Node | undefined): void => {
    if (!node) return;
    if (ts.isStringLiteralLike(node)) note(node.text);
    else if (ts.isTemplateExpression(node)) {
      note(node.head.text);
      for (const { expression, literal } of node.templateSpans) {
        becomes(expression);
        note(literal.text);
      }
    } else if (ts.isConditionalExpression(node)) {
      becomes(node.whenTrue);
      becomes(node.whenFalse);
    } else if (ts.isBinaryExpression(node)) {
      const isTest = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
      if (!isTest) becomes(node.left);
      becomes(node.right);
    } else if (ts.isParenthesizedExpression(node)) becomes(node.expression);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) note(node.text);
    else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) becomes(node.expression);
    else if (ts.isJsxAttribute(node) && SAID.has(node.name.getText())) {
      const given = node.initializer;
      becomes(given && ts.isJsxExpression(given) ? given.expression : given);
    } else if (ts.isCallExpression(node) && node.expression.getText() === "say") becomes(node.arguments[0]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test("the judge sees a text wherever a person would", () => {
  const page = `const a = <p title="Close it" class="wide">Some text {b ? "or other" : <b aria-label={\`at \${c}\`} />}</p>;
    say("Done now"); const d = <i>{e === "not this" && f}{g["nor this"]} · {h}</i>;`;
  expect(written("page.tsx", page).map((each) => each.slice(10))).toEqual([
    "Close it",
    "Some text",
    "or other",
    "at",
    "Done now",
  ]);
});

test("no page writes a text out", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => /\.tsx$/.test(file));
  expect(pages.length).toBeGreaterThan(50);
  expect(pages.flatMap((file) => written(file, readFileSync(new URL(file, SOURCES), "utf8")))).toEqual([]);
});
