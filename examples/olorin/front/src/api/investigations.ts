/** What the page knows of an investigation, whichever version of the API told it. */
import type { ApiVersion } from "../config/environment";
import type { components } from "./generated/v1/schema";

export type EntityType = components["schemas"]["EntityType"];
export type Status = components["schemas"]["InvestigationStatus"];

export interface Entity {
  readonly id: string;
  readonly type: EntityType;
}

export interface Investigation {
  readonly id: string;
  readonly status: Status;
  readonly score: number;
  readonly createdAt: Date;
  /** Version 1 does not tell it. */
  readonly entity: Entity | null;
  /** Version 1 does not tell it. */
  readonly level: "low" | "medium" | "high" | null;
  readonly factors: readonly string[];
}

export interface Period {
  readonly from: Date;
  readonly to: Date;
}

export interface InvestigationOrder extends Entity {
  readonly period: Period | null;
}

export interface InvestigationsPage {
  readonly items: readonly Investigation[];
  readonly total: number;
}

export interface InvestigationsApi {
  readonly version: ApiVersion;
  create(order: InvestigationOrder): Promise<Investigation>;
  read(id: string): Promise<Investigation>;
  list(limit: number): Promise<InvestigationsPage>;
}
