/** What happens, as an event with fields, from a level on. Tokens and bodies are never among the fields. */
import type { LogLevel } from "../config/environment";

export type Fields = Readonly<Record<string, unknown>>;
export type Sink = Pick<Console, LogLevel>;
export type Logger = Readonly<Record<LogLevel, (event: string, fields?: Fields) => void>>;

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

export function createLogger(from: LogLevel, sink: Sink = console): Logger {
  const log =
    (level: LogLevel) =>
    (event: string, fields: Fields = {}) => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(from)) sink[level](event, fields);
    };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
