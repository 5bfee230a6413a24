"""Who may announce deployments over HTTP? The key `serve` of `olorin.yaml`."""

from __future__ import annotations

from pydantic import Field

from olorin_pipelines.config.values import Model, Secret

__all__ = ["Serve"]


class Serve(Model):
    """What `olorin serve` asks for. Without a token everybody on this machine may ask, and nobody else."""

    token: Secret | None = Field(
        default=None, description="token that is wanted as `Authorization: Bearer …`; needed beyond loopback"
    )
    github_secret: Secret | None = Field(
        default=None, description="secret of GitHub's webhook, which signs with it (`X-Hub-Signature-256`)"
    )
    gitlab_token: Secret | None = Field(
        default=None, description="secret token of GitLab's webhook, sent as `X-Gitlab-Token`"
    )
    hosts: tuple[str, ...] = Field(
        default=(),
        description="hosts that a deployment may be announced at besides those of the service's environments; globs: "
        '"*.example.com"',
    )
