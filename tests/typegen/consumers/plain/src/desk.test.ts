import { Desk } from "./desk.ts";

declare const process: { argv: string[] };
const desk = new Desk(process.argv[2] ?? "");

const said = await desk.summary();
if (/undefined|null|object/.test(said)) throw new Error(`the summary reads ${said}`);
const next = await desk.report("a lamp is broken");
if (!Number.isInteger(next)) throw new Error(`the priority is ${next}`);
