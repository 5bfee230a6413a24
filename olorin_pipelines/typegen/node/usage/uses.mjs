// Where does the code name something of the types file, and what does it do with it there?
import { wantedAt } from "./positions.mjs";
import { insists, wayOf } from "./ways.mjs";
import { deepOf, wholeOf } from "./whole.mjs";

export function usesOf(project) {
  const { ts, files, declarations } = project;
  const found = [];
  const visit = (node) => {
    const named = nameOf(project, node);
    if (named) {
      for (const path of named.paths) found.push({ ...project.place(node), path, way: named.way });
    }
    for (const path of wholeOf(project, node)) found.push({ ...project.place(node), path, way: "dynamic" });
    for (const path of deepOf(project, node)) found.push({ ...project.place(node), path, way: "deep" });
    ts.forEachChild(node, visit);
  };
  [...files, ...declarations].forEach(visit);
  return distinct(found);
}

// The members of the types file that a node names: { paths, way }, undefined for a node that names none.
export function nameOf(project, node) {
  const { ts, checker } = project;
  const { parent } = node;
  if (!parent) return undefined;
  if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent) && (parent.propertyName ?? parent.name) === node) {
    const name = node.text;
    const type = checker.getTypeAtLocation(parent.parent);
    return named(project, name === undefined ? [] : propertiesOf(type, name), parent.initializer ? "defaulted" : "read");
  }
  if ((ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) && parent.name === node && node.text !== undefined) {
    const target = wantedAt(project, parent.parent);
    return named(project, target ? propertiesOf(checker.getNonNullableType(target), node.text) : [], "write");
  }
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return named(project, [checker.getSymbolAtLocation(node)], wayOf(project, parent));
  }
  if (ts.isStringLiteralLike(node) && ts.isElementAccessExpression(parent) && parent.argumentExpression === node) {
    return named(project, [checker.getSymbolAtLocation(node)], wayOf(project, parent));
  }
  if (ts.isStringLiteralLike(node) && ts.isLiteralTypeNode(parent) && ts.isIndexedAccessTypeNode(parent.parent)) {
    const access = parent.parent;
    const deeper = ts.isIndexedAccessTypeNode(access.parent) && access.parent.objectType === access && ts.isLiteralTypeNode(access.parent.indexType);
    return named(project, [checker.getSymbolAtLocation(node)], deeper ? "through" : "type");
  }
  if (ts.isStringLiteralLike(node)) return asked(project, node) ?? pointed(project, node);
  return undefined;
}

// `sortBy(found, "title")`, `pick(one, ["id", "title"])`, `get(one, "owner.name")`: a text beside data that has such a member.
function pointed(project, node) {
  const { ts, checker } = project;
  const argument = ts.isArrayLiteralExpression(node.parent) ? node.parent : node;
  const call = argument.parent;
  if (!call || !ts.isCallExpression(call) || !call.arguments.includes(argument)) return undefined;
  const symbols = call.arguments
    .filter((other) => other !== argument && !ts.isStringLiteralLike(other))
    .flatMap((other) => memberAt(project, checker.getTypeAtLocation(other), node.text.split(".")));
  return named(project, symbols, "read");
}

function memberAt({ ts, checker }, type, [name, ...rest]) {
  const inner = checker.isArrayLikeType(type) ? checker.getIndexTypeOfType(type, ts.IndexKind.Number) : type;
  const found = inner ? propertiesOf(checker.getNonNullableType(inner), name) : [];
  if (!rest.length) return found;
  return found.flatMap((symbol) => memberAt({ ts, checker }, checker.getTypeOfSymbol(symbol), rest));
}

// `"title" in found`, `Object.hasOwn(found, "title")`, `found.hasOwnProperty("title")`: nothing tells when there is no
// such member any more.
function asked(project, node) {
  const { ts, checker } = project;
  const { parent } = node;
  let owner;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InKeyword && parent.left === node) owner = parent.right;
  if (ts.isCallExpression(parent) && ts.isPropertyAccessExpression(parent.expression)) {
    const { expression, name } = parent.expression;
    if (name.text === "hasOwnProperty") owner = expression;
    if (name.text === "hasOwn" && parent.arguments[1] === node) owner = parent.arguments[0];
  }
  return owner && named(project, propertiesOf(checker.getTypeAtLocation(owner), node.text), insists(project, parent) ? "read" : "guarded");
}

function named(project, symbols, way) {
  const paths = symbols.flatMap((symbol) => project.pathsOfSymbol(symbol));
  return paths.length ? { paths, way } : undefined;
}

function propertiesOf(type, name) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.map((part) => part.getProperty(name)).filter(Boolean);
}

export function distinct(entries) {
  const seen = new Set();
  return entries.filter((entry) => {
    const key = JSON.stringify(entry);
    return !seen.has(key) && seen.add(key);
  });
}
