// Where does data of the API go on under a type that says less, and where is other data taken for the API's?
//
// The compiler follows a value as long as its type is that of the API. A parameter of `unknown`, an interface of the
// consumer's own with less in it, or `any` end that; a value of `any` that is sent begins it.
import { brief } from "./calls.mjs";
import { HARMLESS, isFlow, wantedAt } from "./positions.mjs";
import { nameOf } from "./uses.mjs";

const DEPTH = 3;

// Returns { uses, escapes }, as the code's other uses and escapes.
export function flowsOf(project) {
  const { ts, files } = project;
  const found = { uses: [], escapes: [] };
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.typeArguments) found.escapes.push(...promised(project, node));
    found.escapes.push(...mixed(project, node));
    if (ts.isExpression(node) && isFlow(ts, node)) new Flow(project, node, found).follow();
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
  return found;
}

class Flow {
  constructor(project, node, found) {
    Object.assign(this, { project, node, found });
    this.parent = node.parent;
    while (project.ts.isParenthesizedExpression(this.parent)) this.parent = this.parent.parent;
    this.cast = project.ts.isAsExpression(this.parent) || project.ts.isTypeAssertionExpression(this.parent);
  }

  follow() {
    const { ts, checker } = this.project;
    const have = checker.getTypeAtLocation(this.node);
    const want = this.#wanted();
    if (!want) return;
    if (isDeclaredByHand(this.project, this.node)) this.#escape("loose", this.project.pathsOfType(have));
    if (have.flags & (ts.TypeFlags.AnyOrUnknown | ts.TypeFlags.Never)) this.#assumed(want);
    else this.#pair(have, want, DEPTH, new Set());
  }

  #wanted() {
    const { ts, checker } = this.project;
    const { parent } = this.node;
    if (ts.isShorthandPropertyAssignment(parent)) {
      const target = wantedAt(this.project, parent.parent);
      const property = target && checker.getPropertyOfType(checker.getNonNullableType(target), this.node.text);
      return property && checker.getTypeOfSymbolAtLocation(property, parent);
    }
    return wantedAt(this.project, this.node);
  }

  // A value nobody checked becomes one that is sent.
  #assumed(want) {
    const { ts } = this.project;
    const { parent } = this.node;
    if (this.cast && ts.isAsExpression(this.node)) return; // of two assertions the outer one is judged
    const property = ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) ? nameOf(this.project, parent.name)?.paths : undefined;
    const paths = property ?? this.project.pathsOfType(want);
    this.#escape("assumed", paths);
  }

  #escape(kind, paths) {
    if (paths.length) this.found.escapes.push({ ...this.project.place(this.node), kind, text: brief(this.node), paths });
  }

  #use(way, paths) {
    for (const path of paths) this.found.uses.push({ ...this.project.place(this.node), path, way });
  }

  #pair(have, want, depth, seen) {
    const { ts, checker } = this.project;
    const [from, to] = [checker.getNonNullableType(have), checker.getNonNullableType(want)];
    if (from === to || depth < 0 || seen.has(from)) return;
    seen.add(from);
    const parts = from.isUnion() ? from.types : [from];
    for (const part of parts.filter((one) => one.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) this.#part(part, to, depth, seen);
  }

  #part(from, to, depth, seen) {
    const { ts, checker } = this.project;
    if (this.project.isAny(to)) return this.cast ? undefined : this.#loose(from, "any"); // an assertion is judged by itself
    const targets = (to.isUnion() ? to.types : [to]).filter((one) => one !== from);
    if (targets.length < (to.isUnion() ? to.types.length : 1)) return; // it is one of them, as it is
    if (targets.some((one) => this.#saysNothing(one))) return this.#loose(from, "loose");
    const items = elementOf(this.project, from);
    for (const target of targets.filter((one) => one.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) {
      const wanted = elementOf(this.project, target);
      if (items && wanted) this.#pair(items, wanted, depth - 1, seen);
      else if (!items && !wanted) this.#members(from, target, depth, seen);
    }
    return undefined;
  }

  #saysNothing(type) {
    const { ts, checker } = this.project;
    if (type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) return true;
    if (!(type.flags & ts.TypeFlags.Object) || elementOf(this.project, type)) return false;
    if (checker.getPropertiesOfType(type).length) return false;
    const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (index) return Boolean(index.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown));
    return checker.getSignaturesOfType(type, ts.SignatureKind.Call).length === 0;
  }

  // It goes where its type does not follow: past functions that only show or forward it as it is.
  #loose(from, kind) {
    const { ts, checker } = this.project;
    const { parent } = this.node;
    const paths = this.project.pathsOfType(from);
    if ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && !looksInto(this.project, parent, this.node)) return;
    if (this.cast && checker.getTypeAtLocation(this.parent).flags & ts.TypeFlags.Unknown) return; // the assertion around it is judged
    this.#escape(kind, paths);
  }

  #members(from, to, depth, seen) {
    const { ts, checker } = this.project;
    for (const wanted of checker.getPropertiesOfType(to).slice(0, 100)) {
      const given = checker.getPropertyOfType(from, wanted.name);
      if (!given) continue;
      const [of, into] = [this.project.pathsOfSymbol(given), this.project.pathsOfSymbol(wanted)];
      if (into.length && !of.length) this.#use("write", into);
      if (!of.length || into.length) continue;
      const [have, want] = [given, wanted].map((one) => checker.getTypeOfSymbolAtLocation(one, this.node));
      const optional = wanted.flags & ts.SymbolFlags.Optional && !(given.flags & ts.SymbolFlags.Optional);
      if (this.cast || optional || (have !== want && !(want.flags & ts.TypeFlags.Object))) this.#use("read", of);
      this.#pair(have, want, depth - 1, seen);
    }
    const [of, into] = [from, to].map((type) => (hasOnlyMembers(this.project, type) ? this.project.pathsOfType(type) : []));
    if (into.length && !of.some((one) => into.some((other) => one[2] === other[2]))) this.#use("carried", of);
  }
}

// `known ?? anything`: one of the two takes the type away from the other.
function mixed(project, node) {
  const { ts, checker } = project;
  const sides = ts.isConditionalExpression(node) ? [node.whenTrue, node.whenFalse] : ts.isBinaryExpression(node) ? [node.left, node.right] : [];
  if (!sides.length || !project.isAny(checker.getTypeAtLocation(node))) return [];
  const paths = sides.flatMap((side) => project.pathsOfType(checker.getTypeAtLocation(side), 1));
  return paths.length ? [{ ...project.place(node), kind: "any", text: brief(node), paths }] : [];
}

// `load<NewCase>()`: a function of the consumer's own answers with whatever type it is asked for.
function promised(project, node) {
  const { checker } = project;
  const declared = checker.getResolvedSignature(node)?.declaration;
  if (!declared?.body || !project.files.includes(declared.getSourceFile())) return [];
  const paths = node.typeArguments.flatMap((one) => project.pathsOfType(checker.getTypeAtLocation(one))).filter((names) => names[0] === "components");
  return paths.length ? [{ ...project.place(node), kind: "assumed", text: brief(node), paths }] : [];
}

// Whether all that a type has is of the API.
export function wholly(project, type, depth = 4) {
  const { ts, checker } = project;
  const inner = checker.getNonNullableType(type);
  if (depth < 0) return true;
  if (inner.isUnion()) return inner.types.every((part) => wholly(project, part, depth));
  if (!(inner.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return true;
  const held = elementOf(project, inner) ?? (inner.symbol?.name === "Promise" ? checker.getTypeArguments(inner)[0] : undefined);
  if (held) return wholly(project, held, depth - 1);
  return checker.getPropertiesOfType(inner).every((one) => project.pathsOfSymbol(one).length > 0);
}

// Whether each of its members, and it has some, is one of the API: theirs may be anything.
const hasOnlyMembers = (project, type) => {
  const members = project.checker.getPropertiesOfType(type);
  return members.length > 0 && members.every((one) => project.pathsOfSymbol(one).length > 0);
};

function elementOf({ ts, checker }, type) {
  return checker.isArrayLikeType(type) ? checker.getIndexTypeOfType(type, ts.IndexKind.Number) : undefined;
}

// Whether an argument goes to code of the consumer's that is only declared: it may be JavaScript that nobody checks.
function isDeclaredByHand(project, argument) {
  const { ts, checker } = project;
  const call = argument.parent;
  if (!ts.isCallExpression(call) && !ts.isNewExpression(call)) return false;
  return project.declarations.includes(checker.getResolvedSignature(call)?.declaration?.getSourceFile());
}

// Whether code that is not the consumer's takes an argument as anything, or as what its own type says nothing of: a
// container of `unknown` gives it back as that.
function keeps(project, parameter, argument) {
  const { ts, checker } = project;
  const written = parameter?.type?.kind;
  return project.isAny(checker.getContextualType(argument) ?? checker.getTypeAtLocation(argument)) || (written !== ts.SyntaxKind.UnknownKeyword && written !== ts.SyntaxKind.ObjectKeyword);
}

// Whether what is called may look into an argument that its parameter says nothing of.
function looksInto(project, call, argument) {
  const { ts, checker } = project;
  const declared = checker.getResolvedSignature(call)?.declaration;
  if (!declared) return true;
  const index = call.arguments.indexOf(argument);
  const parameter = declared.parameters?.[index] ?? declared.parameters?.at(-1);
  if (!project.files.includes(declared.getSourceFile())) return !HARMLESS.test(call.expression.getText()) && keeps(project, parameter, argument);
  if (!declared.body || !parameter || !ts.isIdentifier(parameter.name) || project.isAny(checker.getTypeAtLocation(parameter))) return true;
  const symbol = checker.getSymbolAtLocation(parameter.name);
  const isIt = (node) => ts.isIdentifier(node) && checker.getSymbolAtLocation(node) === symbol;
  const looks = (node) => (isIt(node) && !shown(ts, node)) || Boolean(ts.forEachChild(node, (child) => looks(child) || undefined));
  return Boolean(declared.type && ts.isTypePredicateNode(declared.type)) || looks(declared.body);
}

// A value that is only shown, compared or asked for its presence is not looked into.
function shown(ts, node) {
  const { parent } = node;
  if (ts.isTemplateSpan(parent) || ts.isIfStatement(parent) || ts.isPrefixUnaryExpression(parent) || ts.isTypeOfExpression(parent) || ts.isConditionalExpression(parent)) return true;
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind !== ts.SyntaxKind.InKeyword;
  return ts.isCallExpression(parent) && HARMLESS.test(parent.expression.getText());
}
