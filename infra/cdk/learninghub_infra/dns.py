"""Route 53: the zone, the names, the health check, the turn to the maintenance page, and Europe's own way when there is one."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig
from learninghub_infra.ingress import Ingress


class Zone(Construct):
    def __init__(self, scope: Construct, name: str, *, config: EnvConfig) -> None:
        super().__init__(scope, name)
        self.zone = route53.PublicHostedZone(self, "Zone", zone_name=config.domain)
        self.zone.apply_removal_policy(RemovalPolicy.RETAIN)
        acknowledge(
            self.zone,
            "Queries carry addresses of people; what they then ask for is logged by CloudFront, and kept 90 days.",
            "R53RN1",
        )
        self.certificate = acm.Certificate(
            self,
            "Certificate",
            domain_name=config.domain,
            subject_alternative_names=[f"*.{config.domain}"],
            validation=acm.CertificateValidation.from_dns(self.zone),
        )


class Names(Construct):
    """`learninghub.com` is the distribution. Behind it `origin.` is the load balancer while its targets are healthy, else the
    maintenance page. Two distributions cannot share a name, so the turn is made where CloudFront asks, not where people do."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        config: EnvConfig,
        zone: route53.IHostedZone,
        distribution: cloudfront.IDistribution,
        ingress: Ingress,
    ) -> None:
        super().__init__(scope, name)
        edge = route53.RecordTarget.from_alias(targets.CloudFrontTarget(distribution))
        for label, host in (("Apex", config.domain), ("Www", f"www.{config.domain}")):
            route53.ARecord(self, label, zone=zone, record_name=host, target=edge)
            route53.AaaaRecord(self, f"{label}Six", zone=zone, record_name=host, target=edge)
        self.health_check = route53.CfnHealthCheck(
            self,
            "Health",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="HTTPS",
                fully_qualified_domain_name=config.domain,
                resource_path="/readyz",
                port=443,
                request_interval=30,
                failure_threshold=3,
                enable_sni=True,
            ),
        )
        here = f"here.{config.domain}" if config.second_origin else config.origin
        for role, balancer in (("PRIMARY", ingress.balancer), ("SECONDARY", ingress.maintenance)):
            route53.CfnRecordSet(
                self,
                role.title(),
                hosted_zone_id=zone.hosted_zone_id,
                name=here,
                type="A",
                set_identifier=role.lower(),
                failover=role,
                alias_target=route53.CfnRecordSet.AliasTargetProperty(
                    dns_name=balancer.load_balancer_dns_name,
                    hosted_zone_id=balancer.load_balancer_canonical_hosted_zone_id,
                    evaluate_target_health=role == "PRIMARY",
                ),
            )
        if config.second_origin:
            self._by_continent(config, zone, here)

    def _by_continent(self, config: EnvConfig, zone: route53.IHostedZone, here: str) -> None:
        """The resolver's place decides; what is not Europe, or not known, is answered here."""
        places = (
            ("Europe", {"continent_code": "EU"}, config.second_origin),
            ("Elsewhere", {"country_code": "*"}, here),
        )
        for label, place, target in places:
            route53.CfnRecordSet(
                self,
                label,
                hosted_zone_id=zone.hosted_zone_id,
                name=config.origin,
                type="CNAME",
                ttl="60",
                set_identifier=label.lower(),
                geo_location=route53.CfnRecordSet.GeoLocationProperty(**place),
                resource_records=[target],
            )
