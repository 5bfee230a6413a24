// A tsx table of fields.
// @options {"jsx": "react", "jsxFactory": "h"}
import { plain, first } from "./shared.ts";
import { view } from "./view.tsx";

export async function run(base: string): Promise<void> {
  plain(view(await first(base)));
}

// @file src/view.tsx
import type { components } from "./api/schema";
type Order = components["schemas"]["Order"];
declare global {
  namespace JSX {
    interface IntrinsicElements {
      [name: string]: any;
    }
    interface Element {
      text: string;
    }
    interface ElementChildrenAttribute {
      children: unknown;
    }
  }
}
function h(tag: any, props: any, ...children: any[]): any { return typeof tag === "function" ? tag({ ...props, children }) : children.flat().map((c) => c?.text ?? String(c)).join(""); }
function Table(props: {
  rows: object[];
  fields: string[];
  children?: unknown;
}) { return <ul>{props.rows.map((row) => props.fields.map((f) => String((row as any)[f])).join())}</ul>; }
export const view = (order: Order): string => String(<Table rows={[order]} fields={["state", "total"]}/>);
