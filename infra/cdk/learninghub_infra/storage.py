"""Keys and buckets that keep: backups under KMS, and the archive of logs whose writers know SSE-S3 alone."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from learninghub_infra.base import acknowledge
from learninghub_infra.config import EnvConfig


def bucket(
    scope: Construct, name: str, *, config: EnvConfig, what: str, logs: s3.IBucket | None = None, **properties: object
) -> s3.Bucket:
    """A bucket as all of ours are: private, versioned, TLS only, kept when the stack goes."""
    settings = {"encryption": s3.BucketEncryption.S3_MANAGED, "bucket_name": config.bucket(what)} | properties
    return s3.Bucket(
        scope,
        name,
        versioned=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        removal_policy=RemovalPolicy.RETAIN,
        server_access_logs_bucket=logs,
        server_access_logs_prefix=f"s3/{what}/" if logs else None,
        **settings,
    )


class Storage(Construct):
    """The customer keys, the backup bucket and the archive of logs, which is copied into the backup bucket."""

    def __init__(self, scope: Construct, name: str, *, config: EnvConfig) -> None:
        super().__init__(scope, name)
        self.data_key = kms.Key(
            self,
            "DataKey",
            alias="alias/learninghub-data",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.backup_key = kms.Key(
            self,
            "BackupKey",
            alias="alias/learninghub-backups",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        for service in (
            "logs.us-east-1.amazonaws.com",
            "sns.amazonaws.com",
            "cloudwatch.amazonaws.com",
            "events.amazonaws.com",
        ):
            self.data_key.grant_encrypt_decrypt(iam.ServicePrincipal(service))
        self.backups = self._backups(config)
        self.logs = self._logs(config)
        acknowledge(
            self,
            "Replication reads and writes every object of the two buckets it stands between, under their keys; CDK writes this grant.",
            "IAM5[Action::kms:ReEncrypt*]",
            "IAM5[Action::kms:GenerateDataKey*]",
            "IAM5[Resource::<StorageLogs2A2D4D26.Arn>/*]",
            "IAM5[Resource::<StorageBackups8B487C5A.Arn>/*]",
            f"IAM5[Resource::arn:<AWS::Partition>:s3:::{config.backup_copies}/*]",
        )

    def _backups(self, config: EnvConfig) -> s3.Bucket:
        copies = []
        if config.second_region:
            region = config.second_region
            copies = [
                s3.ReplicationRule(
                    id="second-region",
                    priority=1,
                    destination=s3.Bucket.from_bucket_name(self, "Copies", config.backup_copies),
                    kms_key=kms.Key.from_key_arn(
                        self, "CopiesKey", f"arn:aws:kms:{region}:{config.account}:alias/learninghub-backups"
                    ),
                    sse_kms_encrypted_objects=True,
                )
            ]
        backups = bucket(
            self,
            "Backups",
            config=config,
            what="backups",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.backup_key,
            bucket_key_enabled=True,
            replication_rules=copies or None,
            replication_role=self._copier(config) if copies else None,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="old-dumps",
                    prefix="postgres/",
                    transitions=[
                        s3.Transition(storage_class=s3.StorageClass.GLACIER, transition_after=Duration.days(30))
                    ],
                    expiration=Duration.days(400),
                    noncurrent_version_expiration=Duration.days(90),
                ),
                *(
                    s3.LifecycleRule(
                        id=f"old-{prefix.strip('/').lower()}",
                        prefix=prefix,
                        transitions=[
                            s3.Transition(storage_class=s3.StorageClass.GLACIER, transition_after=Duration.days(90))
                        ],
                        expiration=Duration.days(400),
                        noncurrent_version_expiration=Duration.days(30),
                    )
                    for prefix in ("logs/", "AWSLogs/")  # WAF's prefix is not ours to choose
                ),
                s3.LifecycleRule(id="unfinished", abort_incomplete_multipart_upload_after=Duration.days(7)),
            ],
        )
        acknowledge(
            backups,
            "The backup bucket's own access log would be written into what it protects; CloudTrail data events are the record.",
            "S1",
        )
        return backups

    def _copier(self, config: EnvConfig) -> iam.Role:
        """By hand: CDK gives each replication role one fixed name, and the archive of logs has that already."""
        here, there = (f"arn:aws:s3:::{name}" for name in (config.bucket("backups"), config.backup_copies))
        far_keys = f"arn:aws:kms:{config.second_region}:{config.account}:key/*"
        role = iam.Role(self, "Copier", assumed_by=iam.ServicePrincipal("s3.amazonaws.com"))
        for actions, resource in (
            (["s3:GetReplicationConfiguration", "s3:ListBucket"], here),
            (
                ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                f"{here}/*",
            ),
            (["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], f"{there}/*"),
            (["kms:Decrypt"], self.backup_key.key_arn),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))
        named = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/learninghub-backups"}}
        role.add_to_policy(iam.PolicyStatement(actions=["kms:Encrypt"], resources=[far_keys], conditions=named))
        acknowledge(
            role,
            "Replication copies every object of the bucket, under the key that the other region's alias names.",
            *(f"IAM5[Resource::{resource}]" for resource in (f"{here}/*", f"{there}/*", far_keys)),
        )
        return role

    def _logs(self, config: EnvConfig) -> s3.Bucket:
        logs = bucket(
            self,
            "Logs",
            config=config,
            what="logs",
            bucket_name=f"aws-waf-logs-learninghub-{config.account}",  # WAF writes to no other prefix
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,  # CloudFront writes by an ACL
            replication_rules=[
                s3.ReplicationRule(
                    id="archive",
                    priority=1,
                    destination=self.backups,
                    kms_key=self.backup_key,
                    storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
                )
            ],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="short",
                    expiration=Duration.days(90),
                    noncurrent_version_expiration=Duration.days(7),
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                )
            ],
        )
        deliver = iam.ServicePrincipal(
            "delivery.logs.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": config.account}}
        )
        logs.add_to_resource_policy(
            iam.PolicyStatement(
                sid="WafWrites",
                principals=[deliver],
                actions=["s3:PutObject"],
                resources=[logs.arn_for_objects(f"AWSLogs/{config.account}/*")],
                conditions={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        logs.add_to_resource_policy(
            iam.PolicyStatement(
                sid="WafLooks", principals=[deliver], actions=["s3:GetBucketAcl"], resources=[logs.bucket_arn]
            )
        )
        acknowledge(logs, "This bucket is where access logs go; logging it into itself would never end.", "S1")
        return logs
