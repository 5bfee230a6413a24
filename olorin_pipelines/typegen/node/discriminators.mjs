// Where may a document have discriminators? The generator looks for them in all of it, twice, and names each place.
//
// `sparse` gives the same document for it to read and to change, of which only the branches show that lead to a
// `discriminator` or an `allOf`; whatever is asked for by its name is there as before.

export function sparse(document) {
  const kept = new Set();
  if (!mark(document, kept)) return {};
  const views = new Map();
  const view = (node) => {
    if (!kept.has(node)) return node;
    if (!views.has(node)) views.set(node, new Proxy(node, handler));
    return views.get(node);
  };
  const handler = {
    get: (node, key) => view(node[key]),
    ownKeys: (node) => (Array.isArray(node) ? Reflect.ownKeys(node) : Object.keys(node).filter((key) => kept.has(node[key]))),
  };
  return view(document);
}

function mark(node, kept) {
  let leads = !Array.isArray(node) && ("discriminator" in node || "allOf" in node);
  for (const key of Object.keys(node)) {
    const value = node[key];
    if (value && typeof value === "object" && mark(value, kept)) leads = true;
  }
  if (leads) kept.add(node);
  return leads;
}
