// Which files use the project and are in no part of it? Scripts and tests that its tsconfig leaves out are not compiled.
import { readFileSync } from "node:fs";
import path from "node:path";

const IMPORTED = /\b(?:from|import|require)\b\s*\(?\s*["'](\.[^"'\n]*)["']/g;
const MOST = 500;

// Returns the names of TypeScript files below the root that import a file of the program by a relative path.
export function outsideOf(ts, root, program) {
  const known = new Set(program.getSourceFiles().map((file) => stem(file.fileName)));
  const inside = new Set(program.getSourceFiles().map((file) => file.fileName));
  const others = ts.sys
    .readDirectory(root, [".ts", ".tsx", ".mts", ".cts"], ["**/node_modules"])
    .filter((name) => !inside.has(name) && !/\.d\.[cm]?ts$/.test(name));
  return others.slice(0, MOST).filter((name) => {
    const wanted = [...readFileSync(name, "utf8").matchAll(IMPORTED)].map((found) => path.resolve(path.dirname(name), found[1]));
    return wanted.some((one) => known.has(stem(one)) || known.has(`${one}/index`));
  });
}

const stem = (name) => name.replace(/(\.d)?\.[cm]?[jt]sx?$/, "");
