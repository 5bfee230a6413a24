// Which addresses can an expression have? Strings whose unknown parts are holes; null when nothing is known of it.

export const HOLE = "\0";
const MOST = 32;
const SAME_TEXT = new Set(["toString", "valueOf", "trim", "trimEnd", "trimStart", "href", "String", "URL", "Request"]);

export class Addresses {
  #callers;


  constructor(project) {
    this.project = project;
  }

  // The same, seen from one call of a function: its parameters have the values of that call only, or none without one.
  within(declaration, call) {
    const inside = new Addresses(this.project);
    inside.#callers = new Map([...this.callers(), [declaration, call ? [call] : []]]);
    return inside;
  }

  ofShorthand(property) {
    const symbol = this.project.checker.getShorthandAssignmentValueSymbol(property);
    const declared = symbol?.valueDeclaration;
    if (!declared) return null;
    const texts = literalsOf(this.project.ts, this.project.checker.getTypeOfSymbol(symbol));
    const passed = this.project.ts.isParameter(declared) ? this.argumentsOf(declared) : this.of(declared.initializer);
    return passed ?? texts;
  }

  of(node, depth = 6) {
    const { ts, checker } = this.project;
    if (!node || depth < 0) return null;
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isTemplateExpression(node)) {
      const parts = node.templateSpans.map((span) => [this.of(span.expression, depth - 1) ?? [HOLE], [span.literal.text]]);
      return joined([[node.head.text]], ...parts);
    }
    const literals = literalsOf(ts, checker.getTypeAtLocation(node));
    if (literals?.length === 1) return literals;
    if (ts.isBinaryExpression(node)) return this.#binary(node, depth);
    if (ts.isConditionalExpression(node)) return either(this.of(node.whenTrue, depth - 1), this.of(node.whenFalse, depth - 1));
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) return this.#call(node, depth);
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return this.#named(node, depth) ?? literals;
    if (node.expression && (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node) || ts.isSatisfiesExpression(node))) {
      return this.of(node.expression, depth - 1);
    }
    return null;
  }

  #binary(node, depth) {
    const { ts } = this.project;
    const kind = node.operatorToken.kind;
    const [left, right] = [this.of(node.left, depth - 1), this.of(node.right, depth - 1)];
    if (kind === ts.SyntaxKind.PlusToken) return left || right ? joined([left ?? [HOLE], right ?? [HOLE]]) : null;
    if (kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken) return either(left, right);
    return null;
  }

  #call(node, depth) {
    const { ts, checker } = this.project;
    const [first, second] = node.arguments ?? [];
    const callee = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.getText();
    if (callee === "URL" && second) {
      const below = this.of(first, depth - 1);
      return below && below.map((text) => (/^[a-z]+:|^\0/.test(text) ? text : HOLE + (text.startsWith("/") ? text : `/${text}`)));
    }
    if (SAME_TEXT.has(callee)) return this.of(first ?? node.expression.expression, depth - 1);
    const declared = checker.getResolvedSignature(node)?.declaration;
    const body = declared?.body;
    if (!body || declared.getSourceFile().isDeclarationFile) return null;
    return this.of(ts.isBlock(body) ? onlyReturn(ts, body) : body, depth - 1);
  }

  #named(node, depth) {
    const { ts, checker } = this.project;
    if (ts.isPropertyAccessExpression(node) && SAME_TEXT.has(node.name.text)) return this.of(node.expression, depth - 1);
    let symbol = checker.getSymbolAtLocation(node);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    const declared = symbol?.valueDeclaration;
    if (!declared) return null;
    if (ts.isParameter(declared)) return this.argumentsOf(declared, depth);
    const fixed =
      (ts.isVariableDeclaration(declared) && ts.getCombinedNodeFlags(declared) & ts.NodeFlags.Const) ||
      ts.isPropertyAssignment(declared) ||
      (ts.isPropertyDeclaration(declared) && declared.modifiers?.some((one) => one.kind === ts.SyntaxKind.ReadonlyKeyword));
    return fixed ? this.of(declared.initializer, depth - 1) : null;
  }

  // What callers pass for a parameter; null when one of them passes something unknown, or nobody calls.
  argumentsOf(parameter, depth = 6) {
    const index = parameter.parent.parameters?.indexOf(parameter) ?? -1;
    const calls = index < 0 ? [] : (this.callers().get(parameter.parent) ?? []);
    if (!calls.length) return null;
    const found = [];
    for (const call of calls) {
      const given = call.arguments?.[index];
      const texts = given || !parameter.initializer ? this.of(given, depth - 1) : this.of(parameter.initializer, depth - 1);
      if (!texts) return null;
      found.push(...texts);
    }
    return found.slice(0, MOST);
  }

  callers() {
    if (this.#callers) return this.#callers;
    const { ts, checker, files } = this.project;
    this.#callers = new Map();
    const visit = (node) => {
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
        const declared = checker.getResolvedSignature(node)?.declaration;
        if (declared) this.#callers.set(declared, [...(this.#callers.get(declared) ?? []), node]);
      }
      ts.forEachChild(node, visit);
    };
    files.forEach(visit);
    return this.#callers;
  }
}

// The API's paths an address can mean, null when it can be any: a base in front and a query behind are not looked at.
export function matching(text, templates) {
  let rest = text.replace(/^[a-z][a-z+.-]*:\/\/[^/]*/i, "").replace(/^\0+/, "");
  if (rest === "" || rest === HOLE) return null;
  rest = rest.replace(/[?#].*$/s, "");
  const given = segments(rest);
  if (given.every((segment) => segment === HOLE)) return null;
  const found = templates.map((template) => [template, closeness(given, segments(template))]).filter(([, rank]) => rank);
  const best = Math.max(...found.map(([, rank]) => rank));
  return found.filter(([, rank]) => rank === best).map(([template]) => template);
}

// 0 when an address cannot be of a template; else the more segments agree by name, the closer.
function closeness(given, wanted) {
  if (given.length < wanted.length || wanted.length === 0) return 0;
  const tail = given.slice(given.length - wanted.length);
  let rank = wanted.length * 100;
  for (const [index, segment] of wanted.entries()) {
    const have = tail[index];
    if (have === segment) rank += 10;
    else if (segment === "" || have === "") return 0;
    else if (segment.includes("{")) rank += have.includes(HOLE) ? 5 : 1;
    else if (have !== HOLE && !(have.includes(HOLE) && segment.startsWith(have.slice(0, have.indexOf(HOLE))))) return 0;
  }
  return rank;
}

const segments = (text) => text.split("/").filter((segment, index, all) => segment !== "" || (index === all.length - 1 && index > 1));

function joined(...groups) {
  let texts = [""];
  for (const options of groups.flat()) {
    texts = texts.flatMap((text) => options.map((option) => text + option)).slice(0, MOST);
  }
  return texts;
}

const either = (left, right) => (left && right ? [...left, ...right].slice(0, MOST) : null);

function literalsOf(ts, type) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.length <= MOST && parts.every((part) => part.isStringLiteral()) ? parts.map((part) => part.value) : null;
}

function onlyReturn(ts, block) {
  const found = [];
  const visit = (node) => {
    if (ts.isReturnStatement(node)) found.push(node.expression);
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(block);
  return found.length === 1 ? found[0] : undefined;
}
