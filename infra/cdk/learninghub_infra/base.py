"""What every stack shares: its place, its tags, zones that need no look-up, and words for what cdk-nag finds."""

from aws_cdk import Acknowledgment, Environment, Stack, Tags, Validations
from constructs import Construct, IConstruct

from learninghub_infra.config import EnvConfig


class HubStack(Stack):
    def __init__(
        self, scope: Construct, name: str, *, config: EnvConfig, region: str = "", zones: tuple[str, ...] = ()
    ) -> None:
        self._zones = list(zones or config.zones)
        super().__init__(
            scope,
            name,
            env=Environment(account=config.account, region=region or config.region),
            description=f"Learning Hub, {config.environment}: {name}",
            termination_protection=config.environment == "prod",
        )
        Tags.of(self).add("project", "learninghub")
        Tags.of(self).add("environment", config.environment)

    @property
    def availability_zones(self) -> list[str]:
        """Known, never looked up: a look-up would need an account at synthesis."""
        return self._zones


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """A finding of cdk-nag that stands, with the sentence that says why."""
    for rule in rules:
        Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))
