// Do two types files say the same of one member? Comments do not count; a member that one of them lacks differs.
import { readFileSync } from "node:fs";

// Returns for each path "same", "differs" or "absent" (neither file has it).
export function shownIn(ts, oldText, newFile, paths) {
  const files = [oldText, readFileSync(newFile, "utf8")].map((text) => ts.createSourceFile("schema.d.ts", text, ts.ScriptTarget.ESNext, true));
  const printer = ts.createPrinter({ removeComments: true });
  const trees = files.map((file) => ({ file, roots: new Map(file.statements.filter((one) => one.name).map((one) => [one.name.text, one])) }));
  return paths.map((path) => {
    const [before, after] = trees.map(({ file, roots }) => {
      const member = find(ts, roots.get(path[0]), path.slice(1));
      return member && printer.printNode(ts.EmitHint.Unspecified, member, file);
    });
    if (before === undefined && after === undefined) return "absent";
    return before === after ? "same" : "differs";
  });
}

// Arrays, unions and intersections have no name of their own: a member is looked for in all of their parts.
function find(ts, node, names) {
  if (!node || names.length === 0) return node;
  const members = membersOf(ts, node);
  for (const member of members) {
    if (member.name?.text !== names[0]) continue;
    const found = find(ts, names.length === 1 ? member : (member.type ?? member), names.slice(1));
    if (found) return found;
  }
  return undefined;
}

function membersOf(ts, node, depth = 8) {
  if (!node || depth < 0) return [];
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return [...node.members];
  if (ts.isTypeAliasDeclaration(node) || ts.isParenthesizedTypeNode(node) || ts.isPropertySignature(node) || ts.isIndexSignatureDeclaration(node) || ts.isTypeOperatorNode(node)) {
    return membersOf(ts, node.type, depth - 1);
  }
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) return node.types.flatMap((one) => membersOf(ts, one, depth - 1));
  if (ts.isArrayTypeNode(node)) return membersOf(ts, node.elementType, depth - 1);
  if (ts.isTupleTypeNode(node)) return node.elements.flatMap((one) => membersOf(ts, one, depth - 1));
  return [];
}
