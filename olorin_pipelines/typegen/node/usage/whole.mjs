// Where is a value of the API read as a whole: by a computed name, as text, as a copy, or by a function of any type?
import { HARMLESS, isFlow } from "./positions.mjs";

const READERS = /^(Object\.(keys|values|entries|assign|fromEntries)|Reflect\.get)$/;
const DEEP_READERS = /^(JSON\.stringify|structuredClone)$/;

// Types all of whose members a node may read: by a computed name, or by a function that goes through them.
export function wholeOf(project, node) {
  const { ts, checker } = project;
  if (ts.isElementAccessExpression(node) && !ts.isStringLiteralLike(node.argumentExpression) && !ts.isNumericLiteral(node.argumentExpression)) {
    const type = checker.getTypeAtLocation(node.expression);
    return checker.isArrayLikeType(type) ? [] : project.pathsOfType(type, 1);
  }
  if (ts.isForInStatement(node)) return project.pathsOfType(checker.getTypeAtLocation(node.expression), 1);
  if (ts.isCallExpression(node) && READERS.test(node.expression.getText())) {
    return node.arguments.flatMap((argument) => project.pathsOfType(checker.getTypeAtLocation(argument), 1));
  }
  return readingOf(project, node) === "dynamic" ? handedOver(project, node) : [];
}

// Types whose members, and theirs, a node may hand on as text or as a copy.
export function deepOf(project, node) {
  const { ts, checker } = project;
  if (readingOf(project, node) === "deep") return handedOver(project, node);
  if (!ts.isCallExpression(node)) return [];
  const name = node.expression.getText();
  const into = name === "Object.assign" && ts.isExpressionStatement(node.parent); // its target has a type of its own
  const given = into ? node.arguments.slice(1) : DEEP_READERS.test(name) ? node.arguments.slice(0, 1) : [];
  return given.flatMap((argument) => project.pathsOfType(checker.getTypeAtLocation(argument), 1));
}

const readings = new WeakMap();

const uncast = (ts, node) => (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node) ? uncast(ts, node.expression) : node);

// How a function of the consumer's own reads any type it is given: "dynamic" by names it is given too, "deep" as a type
// that says less, undefined when it does not look inside.
function readingOf(project, node) {
  const { ts, checker } = project;
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return undefined;
  const declared = checker.getResolvedSignature(node)?.declaration;
  const made = declared && ts.isConstructorDeclaration(declared) ? declared.parent : declared;
  if (!made?.typeParameters?.length || !declared.body) return undefined;
  const open = (one) => Boolean(checker.getTypeAtLocation(uncast(ts, one)).flags & ts.TypeFlags.Instantiable);
  const found = new Set();
  const look = (one) => {
    if (readsByKey(ts, one, open)) found.add("dynamic");
    if (leaves(project, one, open)) found.add("deep");
    ts.forEachChild(one, look);
  };
  if (!readings.has(made)) {
    look(made === declared ? declared.body : made);
    readings.set(made, found.has("deep") ? "deep" : [...found][0]);
  }
  return readings.get(made);
}

function readsByKey(ts, node, open) {
  if (ts.isElementAccessExpression(node)) return !ts.isStringLiteralLike(node.argumentExpression) && open(node.expression);
  if (ts.isForInStatement(node)) return open(node.expression);
  return ts.isCallExpression(node) && READERS.test(node.expression.getText()) && node.arguments.some(open);
}

function leaves({ ts, checker }, node, open) {
  if (ts.isCallExpression(node) && DEEP_READERS.test(node.expression.getText())) return node.arguments.some(open);
  if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) return open(node.expression) && !ts.isElementAccessExpression(around(ts, node));
  if (ts.isCallExpression(node.parent) && HARMLESS.test(node.parent.expression.getText())) return false;
  return ts.isExpression(node) && isFlow(ts, node) && open(node) && Boolean((checker.getContextualType(node)?.flags ?? 0) & ts.TypeFlags.Any);
}

const around = (ts, node) => (ts.isParenthesizedExpression(node.parent) ? around(ts, node.parent) : node.parent);

// What arguments bring: themselves, or what a function answers when it is called.
function handedOver(project, node) {
  const given = (node.arguments ?? []).map((argument) => project.checker.getTypeAtLocation(argument));
  const answers = given.flatMap((type) => type.getCallSignatures().map((one) => project.checker.getReturnTypeOfSignature(one)));
  return [...given, ...answers].flatMap((type) => project.pathsOfType(type, 1));
}
