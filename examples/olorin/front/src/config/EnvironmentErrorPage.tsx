import type { EnvironmentInvalid } from "./environment";

/** What is shown instead of the page when it was built with wrong settings. */
export function EnvironmentErrorPage({ error }: { error: EnvironmentInvalid }) {
  return (
    <main className="error-page" role="alert">
      <h1>This page is not set up</h1>
      <p>It was built with settings that cannot be right:</p>
      <dl>
        {error.faults.map(({ name, message }) => (
          <div key={name + message}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{message}</dd>
          </div>
        ))}
      </dl>
      <p>
        Correct them in <code>.env</code> (<code>.env.example</code> has them all) and build again.
      </p>
    </main>
  );
}
