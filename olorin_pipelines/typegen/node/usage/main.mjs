// What does a consumer's code do with the API's types?
//
// The question: { root, project, types, generated, newTypes, anchors }; `root` is the folder of the staged copy, whose
// types file is the old one. Nothing of the consumer is executed: its code is parsed and its types are resolved.
// `contexts` is asked afterwards, when the compilers have said at which `places` something is wrong.
import { Addresses } from "./addresses.mjs";
import { callsOf } from "./calls.mjs";
import { contextOf } from "./contexts.mjs";
import { escapesOf } from "./escapes.mjs";
import { flowsOf } from "./flows.mjs";
import { Project, warm } from "./project.mjs";
import { shownIn } from "./shown.mjs";
import { distinct, usesOf } from "./uses.mjs";

const KEPT = 4;
const read = new Map();

function reading(question, ts) {
  const key = JSON.stringify([question.root, question.project, question.types]);
  let found = read.get(key);
  if (!found) {
    const project = new Project(question, ts);
    found = { project, ...callsOf(project, new Addresses(project)) };
    read.set(key, found);
    if (read.size > KEPT) read.delete(read.keys().next().value);
  }
  return found;
}

export function usage(question, ts) {
  const { project, calls, unknown } = reading(question, ts);
  const flows = flowsOf(project);
  return {
    strictNullChecks: Boolean(project.options.strictNullChecks ?? project.options.strict),
    files: project.files.length,
    uses: distinct([...usesOf(project), ...flows.uses]),
    calls,
    escapes: distinct([...escapesOf(project), ...flows.escapes, ...unknown]),
    shown: shownIn(project.ts, project.typesFile.text, question.newTypes, question.anchors),
    named: Object.fromEntries(project.operations.named),
  };
}

export function contexts(question, ts) {
  const { project, calls } = reading(question, ts);
  return { contexts: question.places.map((place) => contextOf(project, calls, place)) };
}

// Parse ahead what consumers share or what their dependencies bring: it takes longer than their own code.
export function preload(projects, ts) {
  for (const path of projects) {
    try {
      warm(path, ts);
    } catch {
      // said when it is read
    }
  }
}
