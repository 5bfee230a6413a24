// Where in the code does a value go on to another place?

// Functions that take anything and only show it, or are judged by themselves.
export const HARMLESS = /^(console\.|JSON\.|Array\.isArray|Object\.|String$|Boolean$|Number$|structuredClone$|isNaN$)|(^|\.)(debug|error|info|log|trace|warn)$/;

// Whether an expression hands a value on as a whole; of literals and functions the parts do.
export function isFlow(ts, node) {
  if (!/^(Identifier|PropertyAccess|ElementAccess|Call|Await|As|TypeAssertion|NonNull|New)/.test(ts.SyntaxKind[node.kind])) return false;
  const { parent } = node;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) return parent.arguments?.includes(node) ?? false;
  if (ts.isArrowFunction(parent)) return parent.body === node;
  if (ts.isBinaryExpression(parent)) return parent.right === node && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  return (
    ((ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isParameter(parent)) && parent.initializer === node) ||
    (ts.isConditionalExpression(parent) && parent.condition !== node) ||
    [ts.isReturnStatement, ts.isArrayLiteralExpression, ts.isSpreadAssignment, ts.isJsxExpression, ts.isJsxSpreadAttribute, ts.isAsExpression, ts.isTypeAssertionExpression, ts.isSatisfiesExpression, ts.isYieldExpression, ts.isParenthesizedExpression].some((is) => is(parent))
  );
}

const IGNORE_INFERENCE = 4; // of the compiler's ContextFlags

// The type that is asked for at an expression. A generic client asks for what it is given: then its limit is meant,
// where that is of the API.
export function wantedAt(project, node) {
  const { ts, checker } = project;
  const wanted = checker.getContextualType(node);
  const call = wanted && ts.findAncestor(node.parent, (one) => (ts.isCallExpression(one) ? true : ts.isStatement(one) ? "quit" : false));
  if (!call?.arguments.some((one) => ts.isStringLiteralLike(one) && project.operations.paths.has(one.text))) return wanted;
  const limit = checker.getContextualType(node, IGNORE_INFERENCE);
  return limit && project.pathsOfType(limit, 1).length ? limit : wanted;
}
