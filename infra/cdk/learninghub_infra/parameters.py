"""Parameter Store: what is no secret is written here; secrets are SecureString, which only `scripts/put_parameters.py` can write."""

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from learninghub.registry import NAMESPACE
from learninghub_infra.config import EnvConfig


class Parameters(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, values: dict[str, str]) -> None:
        super().__init__(scope, name)
        told = {
            "app/site-url": f"https://{config.domain}",
            "app/allowed-hosts": f"{config.domain},www.{config.domain}",
            "app/email-from": f"Learning Hub <hello@{config.domain}>",
            "app/cors-origins": f"https://{config.domain}",
            "app/trusted-proxies": "2",
            "app/log-format": "json",
            "app/namespace": NAMESPACE,
        }
        for path, value in (told | values).items():
            ssm.StringParameter(
                self, path.replace("/", "-"), parameter_name=f"{config.parameters}/{path}", string_value=value
            )
        for path, value in {"region": config.region, "namespace": NAMESPACE, "project": "learninghub-image"}.items():
            ssm.StringParameter(self, f"ci-{path}", parameter_name=f"/learninghub/ci/{path}", string_value=value)
