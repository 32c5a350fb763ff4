"""CloudWatch and X-Ray: a log group for each service, alarms on every key metric of the drawing, one dashboard."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_xray as xray
from constructs import Construct

from learninghub.registry import SERVICES
from learninghub_infra.config import EnvConfig
from learninghub_infra.watches import Watch, Watched, of_aws, of_services, of_the_code

MINUTE = Duration.minutes(1)
PROCESSES = ("relay", "schedule", "migrate", "backup")


class Observability(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, key: kms.IKey, watched: Watched) -> None:
        super().__init__(scope, name)
        self.topic = sns.Topic(self, "Alarms", topic_name="learninghub-alarms", master_key=key, enforce_ssl=True)
        self.topic.add_subscription(subscriptions.EmailSubscription(config.alarm_mail))
        for place in (*(service.name for service in SERVICES), *PROCESSES):
            logs.LogGroup(
                self,
                f"Log-{place}",
                log_group_name=f"/learninghub/{place}",
                retention=logs.RetentionDays.THREE_MONTHS,
                encryption_key=key,
                removal_policy=RemovalPolicy.DESTROY,
            )
        groups = {"The site": of_aws(watched), "Services": of_services(), "Facts, jobs, pools": of_the_code()}
        for watches in groups.values():
            for watch in watches:
                self._alarm(watch)
        self._dashboard(groups)
        self._traces()

    def _alarm(self, watch: Watch) -> None:
        alarm = cloudwatch.Alarm(
            self,
            f"Alarm-{watch.name}",
            alarm_name=f"learninghub-{watch.name}",
            metric=_metric(watch),
            threshold=watch.bound,
            evaluation_periods=watch.minutes,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            if watch.below
            else cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=watch.missing,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))

    def _dashboard(self, groups: dict[str, list[Watch]]) -> None:
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name="learninghub")
        for title, watches in groups.items():
            board.add_widgets(cloudwatch.TextWidget(markdown=f"# {title}", width=24, height=1))
            board.add_widgets(
                *(
                    cloudwatch.GraphWidget(
                        title=watch.name,
                        left=[_metric(watch)],
                        left_annotations=[cloudwatch.HorizontalAnnotation(value=watch.bound)],
                        width=6,
                        height=5,
                    )
                    for watch in watches
                )
            )

    def _traces(self) -> None:
        """One request in twenty, and one a second at least; what was slow or failed is a group of its own."""
        xray.CfnSamplingRule(
            self,
            "Sampling",
            sampling_rule=xray.CfnSamplingRule.SamplingRuleProperty(
                rule_name="learninghub",
                version=1,
                priority=100,
                reservoir_size=1,
                fixed_rate=0.05,
                service_name="*",
                service_type="*",
                host="*",
                http_method="*",
                url_path="*",
                resource_arn="*",
            ),
        )
        insights = xray.CfnGroup.InsightsConfigurationProperty(insights_enabled=True, notifications_enabled=True)
        xray.CfnGroup(
            self,
            "Slow",
            group_name="learninghub-slow",
            filter_expression="responsetime > 1",
            insights_configuration=insights,
        )
        xray.CfnGroup(
            self,
            "Failed",
            group_name="learninghub-failed",
            filter_expression="fault = true",
            insights_configuration=insights,
        )


def _metric(watch: Watch) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=watch.namespace,
        metric_name=watch.metric,
        dimensions_map=watch.dimensions,
        statistic=watch.statistic,
        period=MINUTE,
    )
