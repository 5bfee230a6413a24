// What does a consumer's code do with the API's types?
//
// The question: { root, project, types, generated, newTypes, anchors, places }; `root` is the folder of the staged copy,
// whose types file is the old one. Nothing of the consumer is executed: its code is parsed and its types are resolved.
import { Addresses } from "./addresses.mjs";
import { callsOf } from "./calls.mjs";
import { contextOf } from "./contexts.mjs";
import { escapesOf } from "./escapes.mjs";
import { Project } from "./project.mjs";
import { shownIn } from "./shown.mjs";
import { usesOf } from "./uses.mjs";

export function usage(question, ts) {
  const project = new Project(question, ts);
  const { calls, unknown } = callsOf(project, new Addresses(project));
  return {
    strictNullChecks: Boolean(project.options.strictNullChecks ?? project.options.strict),
    files: project.files.length,
    uses: usesOf(project),
    calls,
    escapes: [...escapesOf(project), ...unknown],
    contexts: question.places.map((place) => contextOf(project, calls, place)),
    shown: shownIn(project.ts, project.typesFile.text, question.newTypes, question.anchors),
    named: Object.fromEntries(project.operations.named),
  };
}
