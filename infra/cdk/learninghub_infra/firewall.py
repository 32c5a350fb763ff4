"""AWS WAF on the distribution: managed rules, a rate for each address, rules of our own; Shield Advanced by a flag."""

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_shield as shield
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from learninghub_infra.config import EnvConfig

MANAGED = (
    ("common", "AWSManagedRulesCommonRuleSet"),  # OWASP Top 10, XSS among it
    ("bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
    ("sql", "AWSManagedRulesSQLiRuleSet"),
    ("reputation", "AWSManagedRulesAmazonIpReputationList"),
)
# The API takes bodies above the common set's 8 KiB (course imports go straight to S3, quizzes do not).
COUNTED = {"common": ("SizeRestrictions_BODY",)}
REQUESTS_PER_FIVE_MINUTES = 2000
LOGINS_PER_FIVE_MINUTES = 100


class Firewall(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig, logs: s3.IBucket) -> None:
        super().__init__(scope, name)
        rules = [
            self._hidden_paths(0),
            self._rate("rate", 1, REQUESTS_PER_FIVE_MINUTES),
            self._rate("logins", 2, LOGINS_PER_FIVE_MINUTES, under="/api/v1/auth/"),
        ]
        rules += [self._managed(short, full, len(rules) + place) for place, (short, full) in enumerate(MANAGED)]
        self.acl = wafv2.CfnWebACL(
            self,
            "Acl",
            name="learninghub",
            scope="CLOUDFRONT",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen("learninghub"),
            rules=rules,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logs",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[logs.bucket_arn],
            redacted_fields=[{"singleHeader": {"Name": header}} for header in ("authorization", "cookie")],
        )

    @staticmethod
    def _managed(short: str, full: str, priority: int) -> wafv2.CfnWebACL.RuleProperty:
        counted = [
            wafv2.CfnWebACL.RuleActionOverrideProperty(
                name=name, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
            )
            for name in COUNTED.get(short, ())
        ]
        return wafv2.CfnWebACL.RuleProperty(
            name=short,
            priority=priority,
            override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
            statement=wafv2.CfnWebACL.StatementProperty(
                managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                    vendor_name="AWS", name=full, rule_action_overrides=counted or None
                )
            ),
            visibility_config=_seen(short),
        )

    @staticmethod
    def _rate(name: str, priority: int, limit: int, *, under: str = "") -> wafv2.CfnWebACL.RuleProperty:
        return wafv2.CfnWebACL.RuleProperty(
            name=name,
            priority=priority,
            action=wafv2.CfnWebACL.RuleActionProperty(block={"customResponse": {"responseCode": 429}}),
            statement=wafv2.CfnWebACL.StatementProperty(
                rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP",
                    limit=limit,
                    scope_down_statement=_path("STARTS_WITH", under) if under else None,
                )
            ),
            visibility_config=_seen(name),
        )

    @staticmethod
    def _hidden_paths(priority: int) -> wafv2.CfnWebACL.RuleProperty:
        """Our own rule: what only the cluster's probes and scrapers ask for is nobody's business outside."""
        return wafv2.CfnWebACL.RuleProperty(
            name="hidden-paths",
            priority=priority,
            action=wafv2.CfnWebACL.RuleActionProperty(block={}),
            statement=wafv2.CfnWebACL.StatementProperty(
                or_statement=wafv2.CfnWebACL.OrStatementProperty(
                    statements=[_path("STARTS_WITH", "/metrics"), _path("STARTS_WITH", "/internal/")]
                )
            ),
            visibility_config=_seen("hidden-paths"),
        )


class ShieldAdvanced(Construct):
    """About 3,000 US dollars a month with a year's commitment: only where the flag says so. Standard is always on."""

    def __init__(self, scope: Construct, name: str, *, resources: dict[str, str]) -> None:
        super().__init__(scope, name)
        for what, arn in resources.items():
            shield.CfnProtection(self, what, name=f"learninghub-{what.lower()}", resource_arn=arn)


def _seen(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, sampled_requests_enabled=True, metric_name=name
    )


def _path(constraint: str, text: str) -> wafv2.CfnWebACL.StatementProperty:
    return wafv2.CfnWebACL.StatementProperty(
        byte_match_statement=wafv2.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint=constraint,
            search_string=text,
            text_transformations=[wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NORMALIZE_PATH")],
        )
    )
