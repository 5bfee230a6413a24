// What has to be changed in a document before types can be made of it? Nothing, as a rule.
//
// `gather` moves what stands outside `components`, such as other files of the document, to where types can name it.
// What is mended is for types that do not compile: a reference into the schema of a path, a schema that is nothing but
// itself, and an `operationId` that is used twice.

// Keys whose value is data, where "$ref" means nothing; and keys whose value maps free names to objects.
export const DATA = new Set(["const", "default", "enum", "example", "examples", "value"]);
export const MAPS = new Set([
  "$defs", "callbacks", "content", "definitions", "dependentSchemas", "encoding", "headers", "links", "pathItems",
  "parameters", "paths", "patternProperties", "properties", "requestBodies", "responses", "schemas", "webhooks",
]);
const NOTHING = new Set(["number", "string"]);
const ANCHOR = /^#[A-Za-z_][\w.-]*$/;
const NAMED_IN_TYPES = new Set(["$defs", "components", "paths", "webhooks"]);
// What stands in such a place is no schema, and is put where it is referred to.
const INLINE = new Set([
  "callbacks", "headers", "links", "parameters", "pathItems", "paths", "requestBodies", "requestBody", "responses",
  "webhooks",
]);

export function gather(document, mended, refuse) {
  const moved = new Map();
  const around = [];
  let anchors;

  function target(ref) {
    if (ref.startsWith("#/")) return find(document, ref);
    anchors ??= anchored(document);
    return anchors.get(ref.slice(1));
  }

  function move(node, slot) {
    const ref = node.$ref;
    const found = target(ref);
    if (!found || typeof found !== "object") {
      if (NAMED_IN_TYPES.has(segments(ref)[0]) || !ref.startsWith("#/")) return; // said by the compiler, or refused
      refuse(`the reference ${JSON.stringify(ref)} names nothing`);
    }
    if (INLINE.has(slot)) {
      if (around.includes(ref)) refuse(`the reference ${JSON.stringify(ref)} leads to itself`);
      delete node.$ref;
      for (const [key, value] of Object.entries(structuredClone(found))) define(node, key, value);
      around.push(ref);
      walk(node, false, slot);
      around.pop();
      return;
    }
    if (!moved.has(ref)) {
      const schemas = ((document.components ??= {}).schemas ??= {});
      const last = (segments(ref).at(-1) ?? ref.slice(1)).split("/").at(-1).replace(/\.(ya?ml|json)$/, "");
      let name = last;
      for (let number = 2; Object.hasOwn(schemas, name); number += 1) name = `${last}_${number}`;
      moved.set(ref, `#/components/schemas/${escaped(name)}`);
      define(schemas, name, found);
      walk(found, false, "schemas");
    }
    node.$ref = moved.get(ref);
  }

  // Types can name a component, and parts of it that are properties; not a schema inside a path.
  const outside = (ref) => {
    if (ANCHOR.test(ref)) return true;
    const [first, ...rest] = segments(ref);
    return ref.startsWith("#/") && (!NAMED_IN_TYPES.has(first) || (mended && first === "paths" && rest.length > 1));
  };

  function walk(node, named, slot) {
    if (!node || typeof node !== "object") return;
    if (!named && typeof node.$ref === "string" && outside(node.$ref)) return move(node, slot);
    for (const [key, value] of Object.entries(node)) {
      if (key.startsWith("x-") && (value === null || NOTHING.has(typeof value))) delete node[key]; // not a schema
      if (!named && (DATA.has(key) || key.startsWith("x-"))) continue;
      const map = !named && !Array.isArray(node) && MAPS.has(key) && !Array.isArray(value);
      walk(value, map, named || Array.isArray(node) ? slot : slot === "callbacks" ? "pathItems" : key);
    }
  }

  for (const [path, item] of Object.entries(document.paths ?? {})) {
    if (!item || typeof item !== "object") delete document.paths[path];
  }
  walk(document, false, "");
  return document;
}

function anchored(node, found = new Map()) {
  if (!node || typeof node !== "object") return found;
  if (typeof node.$anchor === "string" && !found.has(node.$anchor)) found.set(node.$anchor, node);
  for (const value of Object.values(node)) anchored(value, found);
  return found;
}

export function mend(document) {
  const known = new Set();
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(item ?? {})) {
      if (typeof operation?.operationId !== "string") continue;
      if (known.has(operation.operationId)) delete operation.operationId;
      else known.add(operation.operationId);
    }
  }
  loosen(document.components?.schemas ?? {});
  return document;
}

// TypeScript resolves unions, intersections and lists at once, the properties of an object later. Where a schema leads
// back to itself by the former alone, the reference that closes the circle allows any value.
function loosen(schemas) {
  const state = new Map();
  const visit = (name) => {
    state.set(name, "open");
    follow(schemas[name]);
    state.set(name, "done");
  };
  const follow = (node) => {
    if (!node || typeof node !== "object") return;
    const [first, second, name, ...more] = typeof node.$ref === "string" ? segments(node.$ref) : [];
    if (first === "components" && second === "schemas" && !more.length && Object.hasOwn(schemas, name)) {
      if (state.get(name) === "open") delete node.$ref;
      else if (!state.has(name)) visit(name);
    }
    for (const key of ["allOf", "anyOf", "oneOf", "prefixItems"]) {
      if (Array.isArray(node[key])) node[key].forEach(follow);
    }
    follow(node.items);
  };
  for (const name of Object.keys(schemas)) if (!state.has(name)) visit(name);
}

function find(document, ref) {
  let node = document;
  for (const segment of segments(ref)) {
    if (!node || typeof node !== "object" || !Object.hasOwn(node, segment)) return undefined;
    node = node[segment];
  }
  return node;
}

function segments(ref) {
  let text = ref;
  try {
    text = decodeURIComponent(ref);
  } catch {
    // it is meant as it is written
  }
  return text.split("/").slice(1).map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const escaped = (name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")).replaceAll("%7E", "~");

const define = (object, key, value) =>
  Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
