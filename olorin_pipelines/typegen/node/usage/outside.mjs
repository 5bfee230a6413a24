// Which files import the types and are in no part of the project? Scripts that its tsconfig leaves out are not compiled.
import { readFileSync } from "node:fs";
import path from "node:path";

const IMPORTED = /\b(?:from|import|require)\b\s*\(?\s*["'](\.[^"'\n]*)["']/g;
const MOST = 500;

// Returns the names of TypeScript files below the root that import the types file by a relative path. Those that only
// import what does are not read: what else tests and scripts import (a browser, a test runner) takes a second to parse.
export function outsideOf(ts, root, program, types) {
  const inside = new Set(program.getSourceFiles().map((file) => file.fileName));
  const others = ts.sys
    .readDirectory(root, [".ts", ".tsx", ".mts", ".cts"], ["**/node_modules"])
    .filter((name) => !inside.has(name) && !/\.d\.[cm]?ts$/.test(name));
  return others.slice(0, MOST).filter((name) => {
    const imported = [...readFileSync(name, "utf8").matchAll(IMPORTED)].map((found) => path.resolve(path.dirname(name), found[1]));
    return imported.some((one) => stem(one) === stem(types));
  });
}

const stem = (name) => name.replace(/(\.d)?\.[cm]?[jt]sx?$/, "");
