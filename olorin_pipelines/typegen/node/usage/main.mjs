// Reads a question (JSON) on standard input and prints what a consumer's code does with the API's types.
//
// The question: { modules, project, types, generated, newTypes, anchors, places }, run in the folder of the staged copy
// whose types file is the old one. Nothing of the consumer is executed: its code is parsed and its types are resolved.
import { text } from "node:stream/consumers";
import { Addresses } from "./addresses.mjs";
import { callsOf } from "./calls.mjs";
import { contextOf } from "./contexts.mjs";
import { escapesOf } from "./escapes.mjs";
import { Project } from "./project.mjs";
import { shownIn } from "./shown.mjs";
import { usesOf } from "./uses.mjs";

function answer(question) {
  const project = new Project(question);
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

try {
  process.stdout.write(JSON.stringify(answer(JSON.parse(await text(process.stdin)))));
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exitCode = 1;
}
