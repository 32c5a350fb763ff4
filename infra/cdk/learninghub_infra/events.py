"""EventBridge: a bus for our own facts with an archive, rules on what AWS says, a schedule, and a way to a third party."""

from aws_cdk import (
    Duration,
    SecretValue,
)
from aws_cdk import (
    aws_codebuild as codebuild,
)
from aws_cdk import (
    aws_events as events,
)
from aws_cdk import (
    aws_events_targets as targets,
)
from aws_cdk import (
    aws_scheduler as scheduler,
)
from aws_cdk import (
    aws_scheduler_targets as scheduler_targets,
)
from aws_cdk import (
    aws_sns as sns,
)
from aws_cdk import (
    aws_sqs as sqs,
)
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig

# What AWS says about our own things that a person should hear.
NEWS = {
    "BackupFailed": (["aws.backup"], ["Backup Job State Change"], {"state": ["FAILED", "ABORTED", "EXPIRED"]}),
    "DatabaseFailover": (
        ["aws.rds"],
        ["RDS DB Instance Event"],
        {"EventCategories": ["failover", "failure", "low storage"]},
    ),
    "ImageFindings": (
        ["aws.ecr"],
        ["ECR Image Scan"],
        {"finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]}},
    ),
    "BuildFailed": (["aws.codebuild"], ["CodeBuild Build State Change"], {"build-status": ["FAILED"]}),
}


class Events(Construct):
    def __init__(
        self, scope: Construct, name: str, *, config: EnvConfig, project: codebuild.IProject, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, name)
        self.lost = sqs.Queue(
            self,
            "Lost",
            queue_name="learninghub-events-lost",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(
            self.lost, "This queue is the dead-letter queue; an alarm watches it and a person empties it.", "SQS3"
        )
        self.bus = events.EventBus(
            self, "Bus", event_bus_name="learninghub", description="Facts of the platform, for those outside it"
        )
        self.bus.archive(
            "Archive",
            archive_name="learninghub",
            retention=Duration.days(30),
            event_pattern=events.EventPattern(source=["learninghub"]),
        )
        self._facts(topic)
        for label, (sources, kinds, detail) in NEWS.items():
            rule = events.Rule(
                self, label, event_pattern=events.EventPattern(source=sources, detail_type=kinds, detail=detail)
            )
            rule.add_target(targets.SnsTopic(topic, dead_letter_queue=self.lost))
        self._third_party(config)
        self._schedule(project)

    def _facts(self, topic: sns.ITopic) -> None:
        """Facts that a person should hear of at once, whoever else listens."""
        urgent = events.EventPattern(
            source=["learninghub"], detail_type=["payments.dispute_lost.v1", "auth.refresh_reused.v1"]
        )
        events.Rule(self, "UrgentFacts", event_bus=self.bus, event_pattern=urgent).add_target(
            targets.SnsTopic(topic, dead_letter_queue=self.lost)
        )

    def _third_party(self, config: EnvConfig) -> None:
        connection = events.Connection(
            self,
            "Chat",
            connection_name="learninghub-chat",
            authorization=events.Authorization.api_key(
                "X-Token", SecretValue.secrets_manager(f"{config.parameters.strip('/')}/chat")
            ),
        )
        destination = events.ApiDestination(
            self, "ChatHook", connection=connection, endpoint=config.chat_webhook, rate_limit_per_second=5
        )
        rule = events.Rule(
            self,
            "AlarmToChat",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                detail={"state": {"value": ["ALARM"]}},
            ),
        )
        rule.add_target(targets.ApiDestination(destination, dead_letter_queue=self.lost))

    def _schedule(self, project: codebuild.IProject) -> None:
        """Every Monday the image is built anew, so that Debian's and Python's repairs arrive without a commit."""
        rebuild = scheduler_targets.CodeBuildStartBuild(project, dead_letter_queue=self.lost)
        scheduler.Schedule(
            self,
            "WeeklyBuild",
            schedule_name="learninghub-weekly-build",
            schedule=scheduler.ScheduleExpression.cron(minute="0", hour="4", week_day="MON"),
            target=rebuild,
        )
