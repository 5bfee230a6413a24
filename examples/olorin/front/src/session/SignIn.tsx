import type { FormEvent } from "react";

/** Asks for a JWT. */
export function SignIn({ refused, onToken }: { refused: boolean; onToken: (token: string) => void }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const entered = String(new FormData(event.currentTarget).get("token")).trim();
    if (entered) onToken(entered);
  }

  return (
    <main className="sign-in card">
      <h2>Sign in</h2>
      {refused && (
        <p className="field-error" role="alert">
          The service did not accept the token. It may have expired.
        </p>
      )}
      <form onSubmit={submit}>
        <div className="field">
          <label htmlFor="token">Token</label>
          <input id="token" name="token" type="password" autoComplete="off" required aria-describedby="token-hint" />
          <p className="hint" id="token-hint">
            A JWT that the service accepts. It is kept in this tab until it is closed.
          </p>
        </div>
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
