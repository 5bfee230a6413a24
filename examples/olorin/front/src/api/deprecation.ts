/** Until when is the version that answered served? Told by the `Sunset` header of its answers (RFC 8594). */

/** The date of a `Sunset` header; null without one, or when it is no date. */
export function sunsetOf(headers: Headers): Date | null {
  const time = Date.parse(headers.get("Sunset") ?? "");
  return Number.isNaN(time) ? null : new Date(time);
}
