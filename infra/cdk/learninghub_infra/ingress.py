"""The load balancer: TLS, paths from the registry, CloudFront alone may speak to it; and the page for when nobody answers."""

from aws_cdk import (
    Duration,
)
from aws_cdk import (
    aws_certificatemanager as acm,
)
from aws_cdk import (
    aws_elasticloadbalancingv2 as elb,
)
from aws_cdk import (
    aws_kms as kms,
)
from aws_cdk import (
    aws_s3 as s3,
)
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from learninghub.registry import SERVICES
from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig
from learninghub_infra.network import GATEWAY_PORT, Network

ORIGIN_HEADER = "X-Origin-Secret"
PROBES = ("/healthz", "/readyz")
MAINTENANCE = '{"type":"about:blank","title":"Learning Hub is being repaired","status":503,"code":"maintenance"}'
# A rule may test five values; the secret header is one of them.
PATHS_A_RULE = 4


def gateway_paths() -> tuple[str, ...]:
    """What the gateway answers, as patterns; `/api/*` stands for all that lies under it."""
    paths = {path for service in SERVICES for path in service.paths}
    pages = sorted(f"{path}*" if path.endswith("/") else path for path in paths if not path.startswith("/api/"))
    return ("/api/*", *pages, *PROBES)


class Ingress(Construct):
    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        config: EnvConfig,
        network: Network,
        certificate: acm.ICertificate,
        logs: s3.IBucket,
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, name)
        self._network, self._certificate, self._logs = network, certificate, logs
        self.secret = secretsmanager.Secret(
            self,
            "OriginSecret",
            secret_name=f"{config.parameters.strip('/')}/origin",
            encryption_key=key,
            generate_secret_string=secretsmanager.SecretStringGenerator(exclude_punctuation=True, password_length=48),
        )
        acknowledge(
            self.secret,
            "Both ends of this header change in one deployment, by a runbook; a rotation function would part them.",
            "SMG4",
        )
        self.balancer = self._balancer("Alb", "learninghub", "logs/alb")
        self.gateway = elb.ApplicationTargetGroup(
            self,
            "Gateway",
            vpc=network.vpc,
            target_group_name="learninghub-gateway",
            target_type=elb.TargetType.IP,
            port=GATEWAY_PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            deregistration_delay=Duration.seconds(30),
            stickiness_cookie_duration=Duration.hours(1),
            health_check=elb.HealthCheck(
                path="/readyz",
                healthy_http_codes="200",
                interval=Duration.seconds(10),
                timeout=Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
        self._route(
            self._listener(
                self.balancer,
                elb.ListenerAction.fixed_response(403, content_type="text/plain", message_body="Forbidden"),
            )
        )
        self.maintenance = self._balancer("MaintenanceAlb", "learninghub-maintenance", "logs/maintenance")
        self._listener(
            self.maintenance,
            elb.ListenerAction.fixed_response(503, content_type="application/json", message_body=MAINTENANCE),
        )

    def _balancer(self, name: str, label: str, prefix: str) -> elb.ApplicationLoadBalancer:
        balancer = elb.ApplicationLoadBalancer(
            self,
            name,
            load_balancer_name=label,
            vpc=self._network.vpc,
            vpc_subnets=self._network.public,
            security_group=self._network.load_balancer_group,
            internet_facing=True,
            deletion_protection=True,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elb.DesyncMitigationMode.STRICTEST,
            idle_timeout=Duration.seconds(60),
            http2_enabled=True,
        )
        balancer.log_access_logs(self._logs, prefix)
        return balancer

    def _listener(
        self, balancer: elb.ApplicationLoadBalancer, otherwise: elb.ListenerAction
    ) -> elb.ApplicationListener:
        return balancer.add_listener(
            "Https",
            port=443,
            open=False,
            protocol=elb.ApplicationProtocol.HTTPS,
            ssl_policy=elb.SslPolicy.TLS13_RES,
            certificates=[self._certificate],
            default_action=otherwise,
        )

    def _route(self, listener: elb.ApplicationListener) -> None:
        paths = gateway_paths()
        secret = elb.ListenerCondition.http_header(ORIGIN_HEADER, [self.secret.secret_value.unsafe_unwrap()])
        for number, start in enumerate(range(0, len(paths), PATHS_A_RULE), start=1):
            listener.add_action(
                f"Paths{number}",
                priority=number * 10,
                conditions=[secret, elb.ListenerCondition.path_patterns(list(paths[start : start + PATHS_A_RULE]))],
                action=elb.ListenerAction.forward([self.gateway]),
            )
