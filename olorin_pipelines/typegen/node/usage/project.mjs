// The consumer's program, and what of it comes from the types file.
import { createRequire } from "node:module";
import path from "node:path";

const HTTP = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);

export class Project {
  constructor({ modules, project, types, generated }) {
    this.ts = createRequire(path.join(modules, "index.js"))(path.join(modules, "typescript"));
    const { ts } = this;
    this.root = process.cwd();
    const parsed = ts.getParsedCommandLineOfConfigFile(project, {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} });
    if (!parsed) throw new Error(`${project} cannot be read`);
    this.options = parsed.options;
    this.program = ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options });
    this.checker = this.program.getTypeChecker();
    this.typesFile = this.program.getSourceFile(path.join(this.root, types));
    if (!this.typesFile) throw new Error(`${types} is not part of the project`);
    const hidden = new Set([types, ...generated].map((name) => path.join(this.root, name)));
    const inside = (file) => file.fileName.startsWith(`${this.root}/`) && !file.fileName.includes("/node_modules/");
    this.files = this.program
      .getSourceFiles()
      .filter((file) => inside(file) && !hidden.has(file.fileName) && !file.fileName.endsWith(".json"));
    this.operations = operationsOf(ts, this.typesFile);
  }

  place(node) {
    const file = node.getSourceFile();
    const { line, character } = file.getLineAndCharacterOfPosition(node.getStart());
    return { file: path.relative(this.root, file.fileName), line: line + 1, column: character + 1 };
  }

  // Names from the outermost interface of the types file down to a declaration, such as components, schemas, Case, title.
  pathOf(declaration) {
    const names = [];
    for (let node = declaration; node && !this.ts.isSourceFile(node); node = node.parent) {
      if (node.name && "text" in node.name) names.unshift(node.name.text);
    }
    return names;
  }

  pathsOfSymbol(symbol) {
    const found = (symbol?.declarations ?? []).filter((declaration) => declaration.getSourceFile() === this.typesFile);
    return found.map((declaration) => this.pathOf(declaration)).filter((names) => names.length > 0);
  }

  // What of the types file a type is made of: through unions, promises, arrays and, one step, properties.
  pathsOfType(type, depth = 4, seen = new Set()) {
    if (!type || depth < 0 || seen.has(type) || seen.size > 400) return [];
    seen.add(type);
    const own = [...this.pathsOfSymbol(type.aliasSymbol), ...this.#literalPaths(type)];
    if (own.length) return own;
    const below = [...(type.aliasTypeArguments ?? [])];
    if (type.isUnionOrIntersection()) below.push(...type.types);
    if (type.objectFlags & this.ts.ObjectFlags.Reference) below.push(...this.checker.getTypeArguments(type));
    const found = below.flatMap((part) => this.pathsOfType(part, depth - 1, seen));
    if (found.length || !(type.flags & this.ts.TypeFlags.Object)) return found;
    return this.checker
      .getPropertiesOfType(type)
      .slice(0, 20)
      .flatMap((property) => this.pathsOfSymbol(property).map((names) => names.slice(0, -1)))
      .filter((names) => names.length);
  }

  // An object type written in the types file is named by the member it is written at.
  #literalPaths(type) {
    return (type.symbol?.declarations ?? [])
      .filter((declaration) => declaration.getSourceFile() === this.typesFile)
      .map((declaration) => this.pathOf(declaration))
      .filter((names) => names.length);
  }

  isAny(type) {
    return Boolean(type.flags & this.ts.TypeFlags.Any);
  }
}

export function operationsOf(ts, file) {
  const found = { paths: new Map(), named: new Map() };
  const root = file.statements.find((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === "paths");
  for (const item of root?.members ?? []) {
    const methods = [];
    for (const member of (item.type && ts.isTypeLiteralNode(item.type) && item.type.members) || []) {
      if (!HTTP.has(member.name?.text) || member.type?.kind === ts.SyntaxKind.NeverKeyword) continue;
      methods.push(member.name.text.toUpperCase());
      const id = referenced(ts, member.type);
      if (id !== undefined) {
        if (!found.named.has(id)) found.named.set(id, []);
        found.named.get(id).push([member.name.text.toUpperCase(), item.name.text]);
      }
    }
    found.paths.set(item.name.text, methods);
  }
  return found;
}

function referenced(ts, node) {
  return node && ts.isIndexedAccessTypeNode(node) && ts.isLiteralTypeNode(node.indexType) ? node.indexType.literal.text : undefined;
}

export const isMethod = (text) => HTTP.has(String(text).toLowerCase());
