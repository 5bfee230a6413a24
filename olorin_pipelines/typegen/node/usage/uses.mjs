// Where does the code name something of the types file, and what does it do with it there?

export function usesOf(project) {
  const { ts, files } = project;
  const found = [];
  const visit = (node) => {
    const named = nameOf(project, node);
    if (named) {
      for (const path of named.paths) found.push({ ...project.place(node), path, way: named.way });
    }
    const whole = wholeOf(project, node);
    for (const path of whole) found.push({ ...project.place(node), path, way: "dynamic" });
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
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
    return named(project, name === undefined ? [] : propertiesOf(type, name), parent.initializer ? "guarded" : "read");
  }
  if ((ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) && parent.name === node && node.text !== undefined) {
    const target = checker.getContextualType(parent.parent);
    return named(project, target ? propertiesOf(target, node.text) : [], "write");
  }
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    return named(project, [checker.getSymbolAtLocation(node)], wayOf(ts, parent));
  }
  if (ts.isStringLiteralLike(node) && ts.isElementAccessExpression(parent) && parent.argumentExpression === node) {
    return named(project, [checker.getSymbolAtLocation(node)], wayOf(ts, parent));
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
  return owner && named(project, propertiesOf(checker.getTypeAtLocation(owner), node.text), insists(ts, parent) ? "read" : "guarded");
}

const READERS = /^(Object\.(keys|values|entries|assign|fromEntries)|JSON\.stringify|structuredClone)$/;

// Types all of whose members a node may read: by a computed name, or by a function that goes through them.
function wholeOf(project, node) {
  const { ts, checker } = project;
  if (ts.isElementAccessExpression(node) && !ts.isStringLiteralLike(node.argumentExpression) && !ts.isNumericLiteral(node.argumentExpression)) {
    const type = checker.getTypeAtLocation(node.expression);
    return checker.isArrayLikeType(type) ? [] : project.pathsOfType(type, 1);
  }
  if (ts.isForInStatement(node)) return project.pathsOfType(checker.getTypeAtLocation(node.expression), 1);
  if (ts.isCallExpression(node) && READERS.test(node.expression.getText())) {
    return node.arguments.flatMap((argument) => project.pathsOfType(checker.getTypeAtLocation(argument), 1));
  }
  if (ts.isCallExpression(node) && readsByKey(project, checker.getResolvedSignature(node)?.declaration)) {
    return node.arguments.flatMap((argument) => project.pathsOfType(checker.getTypeAtLocation(argument), 1));
  }
  return [];
}

const readers = new WeakMap();

// Whether a function of the consumer's own reads members of any type it is given, by names it is given too.
function readsByKey({ ts, checker }, declared) {
  if (!declared?.typeParameters?.length || !declared.body) return false;
  const reads = (node) => {
    const open = (one) => Boolean(checker.getTypeAtLocation(one).flags & ts.TypeFlags.TypeParameter);
    if (ts.isElementAccessExpression(node) && !ts.isStringLiteralLike(node.argumentExpression) && open(node.expression)) return true;
    if (ts.isForInStatement(node) && open(node.expression)) return true;
    if (ts.isCallExpression(node) && READERS.test(node.expression.getText()) && node.arguments.some(open)) return true;
    return Boolean(ts.forEachChild(node, reads));
  };
  if (!readers.has(declared)) readers.set(declared, reads(declared.body));
  return readers.get(declared);
}

function named(project, symbols, way) {
  const paths = symbols.flatMap((symbol) => project.pathsOfSymbol(symbol));
  return paths.length ? { paths, way } : undefined;
}

function propertiesOf(type, name) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.map((part) => part.getProperty(name)).filter(Boolean);
}

// Whether a question leads to an error or is handed on: then the absence that it asks for is no way to go on.
function insists(ts, question) {
  let node = question;
  if (ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.BarBarToken && node.parent.left === node) return false;
  for (;;) {
    const { parent } = node;
    const logical = ts.isBinaryExpression(parent) && /^(&&|\|\||==|!=|===|!==)$/.test(parent.operatorToken.getText());
    if (!logical && !ts.isParenthesizedExpression(parent) && !ts.isPrefixUnaryExpression(parent)) break;
    node = parent;
  }
  const { parent } = node;
  if (ts.isCallExpression(parent)) return parent.arguments.includes(node);
  const branches = ts.isIfStatement(parent) && parent.expression === node ? [parent.thenStatement, parent.elseStatement] : [];
  return branches.some((branch) => branch && throws(ts, branch));
}

function throws(ts, node) {
  return ts.isThrowStatement(node) || Boolean(ts.forEachChild(node, (child) => !ts.isFunctionLike(child) && throws(ts, child)));
}

// "guarded" is a read that expects null or nothing, "read" any other, "write" an assignment.
function wayOf(ts, access) {
  const way = plainWayOf(ts, access);
  return way === "guarded" && insists(ts, access) ? "read" : way;
}

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
    if (other.kind === ts.SyntaxKind.NullKeyword || other.getText() === "undefined") return "guarded";
    if ((kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken) && parent.left === node) return "guarded";
  }
  if (ts.isTypeOfExpression(parent)) return "guarded";
  if ((ts.isIfStatement(parent) || ts.isConditionalExpression(parent)) && (parent.expression ?? parent.condition) === node) return "guarded";
  if (ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.ExclamationToken) return "guarded";
  if ((ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent) || ts.isCallExpression(parent)) && parent.expression === node) {
    return parent.questionDotToken ? "guarded" : "read";
  }
  return "read";
}

export function distinct(entries) {
  const seen = new Set();
  return entries.filter((entry) => {
    const key = JSON.stringify(entry);
    return !seen.has(key) && seen.add(key);
  });
}
