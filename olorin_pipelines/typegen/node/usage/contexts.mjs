// What of the types file does a place in the code deal with? Nearest first: what it names, then what it is typed as.
import { nameOf } from "./uses.mjs";

const MOST = 60;

// Returns { near, typed, around, calls }: paths in the types file, and (method, path) of typed calls around the place.
export function contextOf(project, calls, { file, line, column }) {
  const { ts, checker, program } = project;
  const source = program.getSourceFile(`${project.root}/${file}`);
  if (!source) return { near: [], typed: [], around: [], calls: [] };
  const position = source.getPositionOfLineAndCharacter(line - 1, 0) + column - 1;
  const node = innermost(ts, source, position);
  const statement = ts.findAncestor(node, (one) => ts.isStatement(one) || ts.isPropertySignature(one)) ?? node;
  const call = ts.findAncestor(node, ts.isCallExpression);
  const found = { near: [], typed: [], around: [], calls: [] };
  found.near.push(...(nameOf(project, node)?.paths ?? []));
  for (let one = node; one && one !== statement.parent && found.typed.length < MOST; one = one.parent) {
    if (!ts.isExpression(one) && !ts.isTypeNode(one) && !ts.isVariableDeclaration(one)) continue;
    found.typed.push(...project.pathsOfType(checker.getTypeAtLocation(one), 2));
    const wanted = ts.isExpression(one) ? checker.getContextualType(one) : undefined;
    if (wanted) found.typed.push(...project.pathsOfType(wanted, 2));
    if (ts.isCallExpression(one)) break;
  }
  collect(project, statement, found.around);
  const around = [call, ...ancestors(ts, call)].filter(Boolean).map((one) => project.place(one));
  found.calls = calls.filter((one) => around.some((at) => at.file === one.file && at.line === one.line && at.column === one.column));
  return { ...found, calls: found.calls.map(({ method, path }) => ({ method, path })) };
}

function ancestors(ts, call) {
  const found = [];
  for (let node = call?.parent; node; node = node.parent) if (ts.isCallExpression(node)) found.push(node);
  return found;
}

function collect(project, node, into) {
  if (into.length >= MOST) return;
  into.push(...(nameOf(project, node)?.paths ?? []));
  project.ts.forEachChild(node, (child) => collect(project, child, into));
}

function innermost(ts, source, position) {
  let found = source;
  const visit = (node) => {
    if (node.getStart() <= position && position < node.getEnd()) {
      found = node;
      ts.forEachChild(node, visit);
    }
  };
  ts.forEachChild(source, visit);
  return found;
}
