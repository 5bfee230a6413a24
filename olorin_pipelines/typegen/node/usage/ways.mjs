// What does code that reads a member do when it is not there? Expect that, insist on it, or go on.

// Whether the nothing that a chain `one.owner?.name` may end in goes where no type refuses it.
function goesOn(ts, chain) {
  let node = chain;
  while (node.parent.expression === node && (ts.isPropertyAccessExpression(node.parent) || ts.isElementAccessExpression(node.parent) || ts.isCallExpression(node.parent) || ts.isParenthesizedExpression(node.parent))) node = node.parent;
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind === ts.SyntaxKind.PlusToken;
  return ts.isTemplateSpan(parent) || ts.isNonNullExpression(parent) || ts.isAsExpression(parent) || ts.isCallExpression(parent);
}

// Whether a question leads to an error or is handed on: then the absence that it asks for is no way to go on.
export function insists(project, question) {
  const { ts } = project;
  let node = question;
  if (ts.isBinaryExpression(node.parent) && isDefault(ts, node.parent) && node.parent.left === node && throws(project, node.parent.right)) return true;
  if (ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.BarBarToken && node.parent.left === node) return false;
  for (;;) {
    const { parent } = node;
    const logical = ts.isBinaryExpression(parent) && /^(&&|\|\||==|!=|===|!==)$/.test(parent.operatorToken.getText());
    if (!logical && !ts.isParenthesizedExpression(parent) && !ts.isPrefixUnaryExpression(parent) && !ts.isTypeOfExpression(parent)) break;
    node = parent;
  }
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.arguments.includes(node);
  const asked = (ts.isIfStatement(parent) ? parent.expression : parent.condition) === node;
  const branches = asked ? [parent.thenStatement, parent.elseStatement, parent.whenTrue, parent.whenFalse] : [];
  return branches.some((branch) => branch && throws(project, branch));
}

const isDefault = (ts, node) => node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken || node.operatorToken.kind === ts.SyntaxKind.BarBarToken;

// Whether code ends in an error: by itself, or by a function that never returns.
function throws(project, node) {
  const { ts, checker } = project;
  if (ts.isThrowStatement(node)) return true;
  if (ts.isCallExpression(node) && (node.expression.getText() === "Promise.reject" || checker.getTypeAtLocation(node).flags & ts.TypeFlags.Never)) return true;
  return Boolean(ts.forEachChild(node, (child) => (!ts.isFunctionLike(child) && throws(project, child)) || undefined));
}

// "guarded" is a read that expects null or nothing, "defaulted" one that expects nothing, but no null, "read" any other,
// "write" an assignment.
export function wayOf(project, access) {
  const way = plainWayOf(project.ts, access);
  return EXPECTS.has(way) && insists(project, access) ? "read" : way;
}

const EXPECTS = new Set(["guarded", "defaulted"]);

function plainWayOf(ts, access) {
  let node = access;
  while (ts.isParenthesizedExpression(node.parent) || ts.isNonNullExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (ts.isNonNullExpression(access.parent)) return "asserted";
  if (ts.isBinaryExpression(parent)) {
    const kind = parent.operatorToken.kind;
    const other = parent.left === node ? parent.right : parent.left;
    if (kind === ts.SyntaxKind.EqualsToken && parent.left === node) return "write";
    if (kind === ts.SyntaxKind.QuestionQuestionToken && parent.left === node) return "guarded";
    const strict = kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken;
    if (other.kind === ts.SyntaxKind.NullKeyword) return "guarded";
    if (other.getText() === "undefined") return strict ? "defaulted" : "guarded";
    if ((kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) && parent.left === node) return "guarded";
  }
  if (ts.isTypeOfExpression(parent)) return "guarded";
  if ((ts.isIfStatement(parent) || ts.isConditionalExpression(parent)) && (parent.expression ?? parent.condition) === node) return "guarded";
  if (ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.ExclamationToken) return "guarded";
  if ((ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isCallExpression(parent)) && parent.expression === node) {
    return parent.questionDotToken && !goesOn(ts, parent) ? "guarded" : "read";
  }
  return "read";
}
