// Which operations does the code call? Typed calls name a path of the document; raw ones send to an address.
import { matching } from "./addresses.mjs";
import { wholly } from "./flows.mjs";
import { isMethod } from "./project.mjs";
import { distinct } from "./uses.mjs";

const SENDERS = new Set(["fetch", "axios", "ky", "got", "superagent", "request", "EventSource", "WebSocket", "sendBeacon"]);
const CLIENTS = /^(axios|ky|got|superagent|needle|undici|node-fetch|cross-fetch|ofetch|wretch|\$|jQuery|https?|node:https?)$/;

// Returns { calls, unknown }: `unknown` are places that send to an address nothing is known of.
export function callsOf(project, addresses) {
  const { ts, files } = project;
  const templates = [...project.operations.paths.keys()];
  const calls = [];
  const unknown = [];
  const told = new Set();
  const visit = (node) => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const typed = typedCall(project, node);
      if (typed) {
        told.add(typed.literal);
        calls.push(...typed.calls);
      } else if (sends(project, node)) {
        raw(node);
      } else if (isBlind(project, node)) {
        unknown.push({ ...project.place(node), kind: "fetch", text: brief(node), paths: [] });
      }
    }
    ts.forEachChild(node, visit);
  };
  const raw = (node) => {
    const address = addressOf(project, node);
    if (!address || carries(project, addresses, address) || isTypedClient(project, addresses, node)) return;
    for (const { at, inside } of sendersOf(project, addresses, node, address)) {
      const meant = inside.of(address)?.map((text) => matching(text, templates));
      if (!meant || meant.includes(null)) {
        unknown.push({ ...project.place(at), kind: "fetch", text: brief(at), paths: [] });
        continue;
      }
      const asserted = isAsserted(project, node, at);
      const named = isNamed(project, node, at);
      for (const method of methodsOf(project, inside, node)) {
        for (const path of new Set(meant.flat())) calls.push({ ...project.place(at), method, path, typed: false, asserted, named });
      }
    }
  };
  files.forEach(visit);
  return { calls: distinct([...calls, ...mentions(project, templates, told, calls, addresses)]), unknown };
}

export const brief = (node) => node.getText().replace(/\s+/g, " ").slice(0, 80);

// A call whose argument is a path of the document and is checked as one: `client.GET("/cases", …)` and its like.
function typedCall(project, node) {
  const { ts, checker, operations } = project;
  for (const argument of node.arguments ?? []) {
    if (!ts.isStringLiteralLike(argument) || !operations.paths.has(argument.text)) continue;
    const wanted = checker.getContextualType(argument);
    const parts = wanted ? (wanted.isUnion() ? wanted.types : [wanted]) : [];
    if (!parts.length || !parts.every((part) => part.isStringLiteral() || part.flags & ts.TypeFlags.Undefined)) continue;
    const method = namedMethod(ts, node) ?? literalMethod(ts, node);
    const typed = !project.elsewhere.has(argument.text);
    const answer = checker.getTypeAtLocation(node);
    const asserted = typed && (madeOf(project, answer).length > 0 || answersNothing(project, answer));
    const call = { ...project.place(node), method, path: argument.text, typed, asserted, named: false };
    return { literal: argument, calls: [typed ? { ...call, checks: distinct(checksOf(project, node)) } : call] };
  }
  return undefined;
}

// Whether a call that wants a path of the document is given one that nothing is known of: `client.GET(path as any)`.
function isBlind(project, node) {
  const { ts, checker, operations } = project;
  const [first] = node.arguments ?? [];
  if (!first || !(checker.getTypeAtLocation(first).flags & (ts.TypeFlags.Any | ts.TypeFlags.Never))) return false;
  const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
  if (isMethod(name) && name === name.toUpperCase()) return true;
  const wanted = checker.getResolvedSignature(node)?.declaration?.parameters?.[0]?.type;
  const limit = wanted && checker.getBaseConstraintOfType(checker.getTypeFromTypeNode(wanted));
  return Boolean(limit && (limit.isUnion() ? limit.types : [limit]).some((one) => one.isStringLiteral() && operations.paths.has(one.value)));
}

// What of the types file the parameters of a call are made of: a client need not check the query, or the body.
function checksOf(project, node) {
  const { checker } = project;
  const signature = checker.getResolvedSignature(node);
  return (signature?.parameters ?? []).flatMap((one) => madeOf(project, checker.getTypeOfSymbolAtLocation(one, node)));
}

function madeOf(project, type, depth = 3, seen = new Set()) {
  const { ts, checker } = project;
  if (depth < 0 || seen.has(type) || seen.size > 200) return [];
  seen.add(type);
  if (type.isUnionOrIntersection()) return type.types.flatMap((part) => madeOf(project, part, depth, seen));
  const own = project.pathsOfType(type, 1);
  if (own.length) return own;
  if (!(type.flags & ts.TypeFlags.Object)) return [];
  const held = type.objectFlags & ts.ObjectFlags.Reference ? checker.getTypeArguments(type) : [];
  const properties = held.length ? [] : checker.getPropertiesOfType(type).slice(0, 40).map((one) => checker.getTypeOfSymbol(one));
  return [...held, ...(type.aliasTypeArguments ?? []), ...properties].flatMap((part) => madeOf(project, part, depth - 1, seen));
}

function answersNothing(project, type) {
  const { ts, checker } = project;
  const inner = checker.getAwaitedType?.(type) ?? type;
  return Boolean(inner.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never));
}

function namedMethod(ts, node) {
  const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
  return isMethod(name) ? name.toUpperCase() : undefined;
}

function literalMethod(ts, node) {
  const given = node.arguments?.find((argument) => ts.isStringLiteralLike(argument) && isMethod(argument.text));
  return given ? given.text.toUpperCase() : null;
}

const MORE = /^(request|ajax|getJSON|stream)$/;

// Whether a call sends something by itself: `fetch`, under whatever name, and well-known clients. What a typed client
// does is its own.
function sends(project, node) {
  const { ts, checker } = project;
  const callee = node.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : "";
  if (ts.isPropertyAccessExpression(callee)) {
    const owner = callee.expression.getText();
    if (name === "fetch" || name === "sendBeacon") return !/[cC]lient$/.test(owner);
    if (name === "open" && checker.typeToString(checker.getTypeAtLocation(callee.expression)) === "XMLHttpRequest") return true;
    return ((isMethod(name) || MORE.test(name)) && isClient(project, callee.expression)) || answersResponse(project, node);
  }
  return SENDERS.has(name) || (ts.isIdentifier(callee) && ts.isCallExpression(node) && isClient(project, callee)) || answersResponse(project, node);
}

// Whether what is called has no body here and answers with a Response, as `fetch` does when it was handed on.
function answersResponse(project, node) {
  const { checker } = project;
  const signature = checker.getResolvedSignature(node);
  const declared = signature?.declaration;
  if (!declared || declared.body || declared.parameters?.length === 0) return false;
  return checker.typeToString(checker.getReturnTypeOfSignature(signature)) === "Promise<Response>";
}

function isClient(project, node) {
  const { ts, checker } = project;
  const symbol = checker.getSymbolAtLocation(node);
  const declared = symbol?.declarations?.[0];
  if (CLIENTS.test(node.getText())) return true;
  const from = declared && ts.findAncestor(declared, ts.isImportDeclaration);
  if (from) return CLIENTS.test(from.moduleSpecifier.text);
  const type = checker.typeToString(checker.getTypeAtLocation(node));
  return /^(Axios|Ky|Got)/.test(type);
}

function addressOf(project, node) {
  const { ts } = project;
  const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : "";
  const first = node.arguments?.[name === "open" ? 1 : 0];
  if (!first || !ts.isObjectLiteralExpression(first)) return first;
  const url = first.properties.find((one) => ts.isPropertyAssignment(one) && one.name.text === "url");
  return url?.initializer ?? first;
}

// A wrapper handed to a client as its `fetch` carries what others call: it is no access of its own.
function carries(project, addresses, address) {
  const { ts, checker } = project;
  const type = checker.typeToString(checker.getTypeAtLocation(address));
  if (!/\bRequest\b/.test(type)) return false;
  const declared = checker.getSymbolAtLocation(address)?.valueDeclaration;
  return Boolean(declared && ts.isParameter(declared) && !addresses.callers().get(declared.parent)?.length);
}

// Who sends: the call itself, or, where its address comes from outside, each caller of the function around it.
function sendersOf(project, addresses, node, address) {
  const { ts } = project;
  const texts = addresses.of(address);
  const around = ts.findAncestor(node, ts.isFunctionLike);
  const callers = around ? (addresses.callers().get(around) ?? []) : [];
  const own = [{ at: node, inside: addresses }];
  if (!callers.length || callers.length > 200) return own;
  const alone = addresses.within(around).of(address);
  if (texts && JSON.stringify(alone) === JSON.stringify(texts)) return own;
  const each = callers.map((call) => ({ at: call, inside: addresses.within(around, call) }));
  return !texts && each.every(({ inside }) => !inside.of(address)) ? own : each;
}

function methodsOf(project, addresses, node) {
  const { ts } = project;
  const named = namedMethod(ts, node);
  if (named) return [named];
  const request = requestOf(project, node.arguments?.[0]);
  if (request && node.arguments.length === 1) return request === node ? [null] : methodsOf(project, addresses, request);
  const options = optionsOf(project, node);
  const given = options?.properties.find((one) => one.name?.text === "method");
  if (given) {
    const texts = ts.isPropertyAssignment(given) ? addresses.of(given.initializer) : addresses.ofShorthand(given);
    return texts ? [...new Set(texts.map((text) => text.toUpperCase()))] : [null];
  }
  const spread = options?.properties.some(ts.isSpreadAssignment) || (node.arguments?.length > 1 && !options);
  return [literalMethod(ts, node) ?? (spread ? null : "GET")];
}

// A Request says its method where it is made: returns that place, the call's own argument where it cannot be found.
function requestOf(project, argument) {
  const { ts, checker } = project;
  if (!argument || checker.typeToString(checker.getTypeAtLocation(argument)) !== "Request") return undefined;
  const declared = ts.isIdentifier(argument) ? checker.getSymbolAtLocation(argument)?.valueDeclaration : undefined;
  const made = declared && ts.isVariableDeclaration(declared) ? declared.initializer : argument;
  return made && ts.isNewExpression(made) ? made : argument.parent;
}

// The options of a call, written in it or just before.
function optionsOf(project, node) {
  const { ts, checker } = project;
  for (const argument of node.arguments ?? []) {
    if (ts.isObjectLiteralExpression(argument)) return argument;
    const declared = ts.isIdentifier(argument) ? checker.getSymbolAtLocation(argument)?.valueDeclaration : undefined;
    if (declared && ts.isVariableDeclaration(declared) && declared.initializer && ts.isObjectLiteralExpression(declared.initializer)) return declared.initializer;
  }
  return undefined;
}

// A function all of whose callers are checked by the types sends what they were allowed to.
function isTypedClient(project, addresses, node) {
  const { ts } = project;
  for (let around = ts.findAncestor(node, ts.isFunctionLike); around; around = ts.findAncestor(around.parent, ts.isFunctionLike)) {
    const callers = addresses.callers().get(around);
    if (callers?.length && callers.every((call) => typedCall(project, call)?.calls.every((one) => one.typed))) return true;
  }
  return false;
}

// Whether everything sent in the body is named as one of the types, as in `const wanted: NewCase = …`.
function isNamed(project, node, at) {
  const { ts, checker } = project;
  const around = ts.findAncestor(node, ts.isFunctionLike);
  const sent = [];
  const visit = (one) => {
    if (ts.isCallExpression(one) && one.expression.getText() === "JSON.stringify") sent.push(one.arguments[0]);
    ts.forEachChild(one, visit);
  };
  if (around) visit(around);
  return sent.length > 0 && sent.every((one) => {
    const index = parameterOf(project, one, around);
    const given = index >= 0 && at !== node ? at.arguments?.[index] : one;
    return given === undefined || (ts.isIdentifier(given) && project.pathsOfType(checker.getTypeAtLocation(given), 0).length > 0);
  });
}

function parameterOf(project, node, around) {
  const declared = node && project.checker.getSymbolAtLocation(node)?.valueDeclaration;
  return declared && project.ts.isParameter(declared) ? around.parameters.indexOf(declared) : -1;
}

// Whether everything read from the answer is named as one of the types, as in `(await answer.json()) as Case`.
function isAsserted(project, node, at) {
  const { ts, checker } = project;
  const given = node.typeArguments?.[0];
  if (given) return isOfApi(project, checker.getTypeAtLocation(given));
  const around = ts.findAncestor(node, ts.isFunctionLike);
  const read = [];
  const visit = (one) => {
    if (ts.isCallExpression(one) && ts.isPropertyAccessExpression(one.expression) && one.expression.name.text === "json") read.push(one);
    ts.forEachChild(one, visit);
  };
  if (around) visit(around);
  const named = read.map((one) => asType(ts, one)).map((type) => type && checker.getTypeAtLocation(type));
  return named.length > 0 && named.every((type) => type && (isOfApi(project, type) || (isParameter(ts, type) && answers(project, at))));
}

const isParameter = (ts, type) => Boolean(type.flags & ts.TypeFlags.TypeParameter);

const isOfApi = (project, type) => project.pathsOfType(type).length > 0 && wholly(project, type);

const answers = (project, call) => isOfApi(project, project.checker.getTypeAtLocation(call));

function asType(ts, call) {
  let node = call.parent;
  while (ts.isAwaitExpression(node) || ts.isParenthesizedExpression(node)) node = node.parent;
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return node.type;
  if (ts.isVariableDeclaration(node)) return node.type;
  const around = ts.isReturnStatement(node) ? ts.findAncestor(node, ts.isFunctionLike) : ts.isArrowFunction(node) ? node : undefined;
  return around?.type && ts.isTypeReferenceNode(around.type) ? (around.type.typeArguments?.[0] ?? around.type) : undefined;
}

const isSum = (ts, node) => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

// A path of the document written anywhere else, for instance as an argument of the consumer's own function. One that
// is put together counts when nothing else is known to call it.
function mentions(project, templates, told, calls, addresses) {
  const { ts, files } = project;
  const found = [];
  const called = new Set(calls.map((one) => one.path));
  const written = templates.filter((template) => template.split("/").some((segment) => segment && !segment.includes("{")));
  const built = (node) => {
    for (const path of new Set((addresses.of(node) ?? []).flatMap((text) => (text.includes("/") ? (matching(text, written) ?? []) : [])))) {
      if (called.has(path)) continue;
      const call = ts.findAncestor(node.parent, (one) => ts.isCallExpression(one) || (ts.isStatement(one) && "quit"));
      const method = call ? (namedMethod(ts, call) ?? literalMethod(ts, call)) : null;
      found.push({ ...project.place(node), method, path, typed: false, asserted: false, named: false });
    }
  };
  const visit = (node) => {
    const literal = ts.isStringLiteralLike(node) && node.text.startsWith("/") && !ts.isLiteralTypeNode(node.parent);
    if (literal && node.text.length > 1 && !told.has(node)) {
      const call = ts.findAncestor(node.parent, (one) => ts.isCallExpression(one) || (ts.isStatement(one) && "quit"));
      const method = call ? (namedMethod(ts, call) ?? literalMethod(ts, call)) : null;
      const at = call ? project.place(call) : project.place(node);
      // An address that is filled in counts where a method stands beside it: other texts may be pages of a front end.
      const template = templates.includes(node.text) ? node.text : method ? matching(node.text, written)?.[0] : undefined;
      const known = calls.some((one) => one.path === template && one.file === at.file && one.line === at.line && one.column === at.column);
      if (!known && template) found.push({ ...project.place(node), method, path: template, typed: false, asserted: false, named: false });
    } else if (ts.isTemplateExpression(node) || (isSum(ts, node) && !isSum(ts, node.parent))) {
      built(node);
    }
    ts.forEachChild(node, visit);
  };
  files.forEach(visit);
  return found;
}
