// Where does the code leave the types? `any`, casts, suppressed errors, unchecked files, and `!` on data of the API.
import { brief } from "./calls.mjs";
import { distinct, nameOf } from "./uses.mjs";

const SUPPRESSED = /@ts-(ignore|expect-error|nocheck)\b/g;

export function escapesOf(project) {
  const { ts, files } = project;
  const found = [];
  const add = (node, kind, paths) => found.push({ ...project.place(node), kind, text: brief(node), paths });
  const visit = (node) => {
    if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) assertion(project, node, add);
    else if (ts.isNonNullExpression(node)) nonNull(project, node, add);
    ts.forEachChild(node, visit);
  };
  for (const file of files) {
    visit(file);
    found.push(...suppressed(project, file));
  }
  return found;
}

function assertion(project, node, add) {
  const { ts, checker } = project;
  if (ts.isConstTypeReference(node.type)) return;
  const target = checker.getTypeAtLocation(node.type);
  const inner = node.expression;
  const twice = ts.isAsExpression(inner) && !ts.isConstTypeReference(inner.type);
  const source = checker.getTypeAtLocation(twice ? inner.expression : inner);
  if (project.isAny(target)) {
    const paths = project.pathsOfType(source);
    if (paths.length) add(node, "any", paths);
    return;
  }
  if (target.flags & ts.TypeFlags.Unknown) return; // the assertion around it is judged
  const from = project.pathsOfType(source);
  const to = project.pathsOfType(target);
  const named = to.length ? [] : pathsOfTypeNode(project, node.type);
  if (named.length && source.flags & ts.TypeFlags.AnyOrUnknown) add(node, "assumed", named);
  else if (named.length && !checker.isTypeAssignableTo(source, target)) add(node, "cast", named);
  if (twice && (from.length || (to.length && !project.isAny(source)))) add(node, "cast", [...from, ...to]);
  else if (!twice && to.length && ts.isObjectLiteralExpression(unwrapped(ts, inner))) add(node, "cast", to);
  else if (!twice && to.length && !from.length && !(source.flags & ts.TypeFlags.AnyOrUnknown) && !checker.isTypeAssignableTo(source, target)) add(node, "cast", to);
  else if (!twice && from.length && !sameNullability(ts, checker, source, target)) add(node, "non-null", from);
  else if (!twice && from.length && !checker.isTypeAssignableTo(source, target)) add(node, "cast", from);
}

// What a type that is no object, such as that of an enum, is written as.
function pathsOfTypeNode(project, node, depth = 4) {
  const { ts, checker } = project;
  if (!node || depth < 0) return [];
  if (ts.isIndexedAccessTypeNode(node) && ts.isLiteralTypeNode(node.indexType)) return nameOf(project, node.indexType.literal)?.paths ?? [];
  if (!ts.isTypeReferenceNode(node)) return ts.forEachChild(node, (child) => nonEmpty(pathsOfTypeNode(project, child, depth - 1))) ?? [];
  const declared = checker.getSymbolAtLocation(node.typeName)?.declarations?.find(ts.isTypeAliasDeclaration);
  return [...pathsOfTypeNode(project, declared?.type, depth - 1), ...(node.typeArguments ?? []).flatMap((one) => pathsOfTypeNode(project, one, depth - 1))];
}

const nonEmpty = (all) => (all.length ? all : undefined);

const unwrapped = (ts, node) => (ts.isParenthesizedExpression(node) ? unwrapped(ts, node.expression) : node);

function sameNullability(ts, checker, source, target) {
  return checker.getNonNullableType(source) === source || checker.getNonNullableType(target) !== target;
}

function nonNull(project, node, add) {
  const { ts, checker } = project;
  const inner = unwrapped(ts, node.expression);
  const name = ts.isPropertyAccessExpression(inner) ? inner.name : ts.isElementAccessExpression(inner) ? inner.argumentExpression : inner;
  const own = project.pathsOfSymbol(checker.getSymbolAtLocation(name));
  const paths = own.length ? own : project.pathsOfType(checker.getTypeAtLocation(inner));
  if (paths.length) add(node, "non-null", paths);
}

function suppressed(project, file) {
  const { ts } = project;
  const found = [];
  if (project.outside.has(file.fileName)) found.push({ ...project.place(file), kind: "outside", text: "a file that its tsconfig leaves out", paths: [] });
  if (/\.[cm]?jsx?$/.test(file.fileName) && !project.options.checkJs && !/^\s*\/\/ *@ts-check/m.test(file.text)) {
    found.push({ ...project.place(file), kind: "unchecked", text: "a JavaScript file that is not checked", paths: [] });
  }
  for (const match of file.text.matchAll(SUPPRESSED)) {
    const before = file.text.slice(file.text.lastIndexOf("\n", match.index) + 1, match.index);
    if (!/\/\/|\/\*|^\s*\*/.test(before)) continue;
    const { line, character } = file.getLineAndCharacterOfPosition(match.index);
    const kind = match[1] === "nocheck" ? "unchecked" : `ts-${match[1]}`;
    const place = { file: ts.sys.resolvePath(file.fileName).slice(project.root.length + 1), line: line + 1, column: character + 1 };
    found.push({ ...place, kind, text: match[0], paths: match[1] === "nocheck" ? [] : pathsAtLine(project, file, line + 1) });
  }
  return found;
}

// What a line deals with: the members it names, and what its expressions are typed as.
function pathsAtLine(project, file, line) {
  const { ts, checker } = project;
  const found = [];
  const visit = (node) => {
    const first = file.getLineAndCharacterOfPosition(node.getStart()).line;
    if (first > line || file.getLineAndCharacterOfPosition(node.getEnd()).line < line) return;
    if (first === line) found.push(...(nameOf(project, node)?.paths ?? []));
    if (first === line && ts.isExpression(node)) found.push(...project.pathsOfType(checker.getTypeAtLocation(node), 2));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return distinct(found).slice(0, 60);
}
