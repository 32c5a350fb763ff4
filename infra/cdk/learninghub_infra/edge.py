"""CloudFront: the frontend and its releases, media by signed URL, and the API, which answers for its own caching."""

from aws_cdk import (
    Duration,
)
from aws_cdk import (
    aws_certificatemanager as acm,
)
from aws_cdk import (
    aws_cloudfront as cloudfront,
)
from aws_cdk import (
    aws_cloudfront_origins as origins,
)
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from learninghub.registry import SERVICES, CachePolicy
from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig
from learninghub_infra.firewall import Firewall
from learninghub_infra.ingress import ORIGIN_HEADER, Ingress, gateway_paths
from learninghub_infra.storage import bucket

DAY = Duration.hours(24)
# A page's address has no dot in its last part; it gets the one page that the frontend is. Error pages would do the same
# to the API, whose 404 belongs to it.
PAGES = """\
function handler(event) {
  var request = event.request;
  if (!request.uri.split('/').pop().includes('.')) { request.uri = '/index.html'; }
  return request;
}
"""


class Site(Construct):
    """The static and the media bucket, and the distribution in front of them and of the load balancer."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        config: EnvConfig,
        ingress: Ingress,
        firewall: Firewall,
        certificate: acm.ICertificate,
        logs: s3.IBucket,
    ) -> None:
        super().__init__(scope, name)
        self._config = config
        self.static = self._static(logs)
        self.media = self._media(logs)
        self._api = origins.HttpOrigin(
            config.origin,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            custom_headers={ORIGIN_HEADER: ingress.secret.secret_value.unsafe_unwrap()},
            read_timeout=Duration.seconds(60),
        )
        self._day = cloudfront.CachePolicy(
            self,
            "Day",
            cache_policy_name="learninghub-day",
            default_ttl=DAY,
            max_ttl=DAY,
            min_ttl=Duration.seconds(0),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )
        self._public_reads = cloudfront.CachePolicy(
            self,
            "PublicReads",
            cache_policy_name="learninghub-public-reads",
            comment="As long as the answer's own headers say, and never one person's answer for another",
            default_ttl=Duration.seconds(0),
            min_ttl=Duration.seconds(0),
            max_ttl=Duration.hours(1),
            query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
            header_behavior=cloudfront.CacheHeaderBehavior.allow_list("Authorization", "Accept", "Accept-Language"),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Learning Hub",
            domain_names=[config.domain, f"www.{config.domain}"],
            certificate=certificate,
            price_class=cloudfront.PriceClass.PRICE_CLASS_ALL,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_root_object="index.html",
            web_acl_id=firewall.acl.attr_arn,
            log_bucket=logs,
            log_file_prefix="logs/cloudfront/",
            publish_additional_metrics=True,
            default_behavior=self._frontend(),
            additional_behaviors=self._behaviours(),
        )
        acknowledge(
            self.distribution,
            "A school for everyone: no country is refused; WAF and the rates judge by behaviour.",
            "CFR1",
        )

    def _static(self, logs: s3.IBucket) -> s3.Bucket:
        rule = s3.LifecycleRule(
            id="old-versions",
            noncurrent_version_expiration=Duration.days(90),
            noncurrent_versions_to_retain=5,
            abort_incomplete_multipart_upload_after=Duration.days(7),
        )
        return bucket(self, "Static", config=self._config, what="static", logs=logs, lifecycle_rules=[rule])

    def _media(self, logs: s3.IBucket) -> s3.Bucket:
        glacier = s3.NoncurrentVersionTransition(
            storage_class=s3.StorageClass.GLACIER, transition_after=Duration.days(30)
        )
        return bucket(
            self,
            "Media",
            config=self._config,
            what="media",
            logs=logs,
            cors=[
                s3.CorsRule(
                    allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET],
                    allowed_origins=[f"https://{self._config.domain}"],
                    allowed_headers=["*"],
                    max_age=3600,
                )
            ],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="old-versions",
                    noncurrent_version_transitions=[glacier],
                    noncurrent_version_expiration=Duration.days(365),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                s3.LifecycleRule(
                    id="seldom-watched",
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=Duration.days(30)
                        )
                    ],
                ),
            ],
        )

    def _frontend(self) -> cloudfront.BehaviorOptions:
        """A release is a folder; rolling back is naming the one before."""
        pages = cloudfront.Function(
            self, "Pages", code=cloudfront.FunctionCode.from_inline(PAGES), runtime=cloudfront.FunctionRuntime.JS_2_0
        )
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(
                self.static, origin_path=f"/releases/{self._config.frontend_release}"
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=self._day,
            response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
            function_associations=[
                cloudfront.FunctionAssociation(event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=pages)
            ],
            compress=True,
        )

    def _behaviours(self) -> dict[str, cloudfront.BehaviorOptions]:
        """The first pattern that fits decides; CloudFront asks in the order given here."""
        public = [path for service in SERVICES if service.cache is CachePolicy.PUBLIC_READS for path in service.paths]
        behaviours = {f"{path}*": self._to_gateway(self._public_reads) for path in public}
        for path in gateway_paths():
            static = path.startswith("/static/")
            behaviours[path] = self._to_gateway(self._day if static else cloudfront.CachePolicy.CACHING_DISABLED)
        return behaviours | {"/media/*": self._to_media()}

    def _to_gateway(self, policy: cloudfront.ICachePolicy) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=self._api,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=policy,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER,
            compress=True,
        )

    def _to_media(self) -> cloudfront.BehaviorOptions:
        """Only URLs signed by media-service, whose public half lies in Parameter Store before the first deployment."""
        encoded = ssm.StringParameter.value_for_string_parameter(
            self, f"{self._config.parameters}/media/url-public-key"
        )
        key = cloudfront.PublicKey(self, "UrlKey", encoded_key=encoded)
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(self.media),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            cache_policy=self._day,
            trusted_key_groups=[cloudfront.KeyGroup(self, "UrlKeys", items=[key])],
            response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
        )
