// A tsx spread.
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
function Row(props: {
  id: string;
  state?: string;
  total?: number;
  children?: unknown;
}) { return <li>{props.state!.toUpperCase()} {props.total!.toFixed(1)}</li>; }
export const view = (order: Order): string => String(<Row {...order}/>);
