NAMES = ("learninghub-static-111122223333", "learninghub-media-111122223333", "learninghub-backups-111122223333")
STATIC, MEDIA, BACKUPS = NAMES
LOGS = "aws-waf-logs-learninghub-111122223333"
STAGING = "learninghub-staging-files-111122223333"


def of(templates, name):
    return templates.one("S3::Bucket", BucketName=name)


def encryption(templates, name):
    rule = of(templates, name)["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    return rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"]


def lifecycle(templates, name):
    return {rule["Id"]: rule for rule in of(templates, name)["LifecycleConfiguration"]["Rules"]}


def test_every_bucket_is_versioned_private_and_kept(plain):
    assert {one["BucketName"] for one in plain.all("S3::Bucket")} == {*NAMES, LOGS, STAGING}
    for one in plain.raw("S3::Bucket"):
        assert one["Properties"]["VersioningConfiguration"]["Status"] == "Enabled"
        assert set(one["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
        assert one["DeletionPolicy"] == "Retain"


def test_every_bucket_refuses_what_comes_without_tls(plain):
    refusing = [
        one
        for one in plain.all("S3::BucketPolicy")
        if "aws:SecureTransport" in str(one) and "s3:TlsVersion" in str(one)
    ]
    assert len(refusing) == 5


def test_media_and_frontend_have_sse_s3_and_backups_kms(plain):
    assert (encryption(plain, STATIC), encryption(plain, MEDIA), encryption(plain, BACKUPS)) == (
        "AES256",
        "AES256",
        "aws:kms",
    )
    assert encryption(plain, LOGS) == "AES256"


def test_old_versions_of_the_frontend_go_after_ninety_days_but_five(plain):
    rule = lifecycle(plain, STATIC)["old-versions"]["NoncurrentVersionExpiration"]
    assert rule == {"NoncurrentDays": 90, "NewerNoncurrentVersions": 5}


def test_old_backups_logs_and_versions_of_media_go_to_glacier(plain):
    backups = lifecycle(plain, BACKUPS)
    for rule in ("old-dumps", "old-logs", "old-awslogs"):
        assert backups[rule]["Transitions"][0]["StorageClass"] == "GLACIER"
    assert lifecycle(plain, MEDIA)["old-versions"]["NoncurrentVersionTransitions"][0]["StorageClass"] == "GLACIER"


def test_browsers_may_post_uploads_from_our_pages_alone(plain):
    rule = of(plain, MEDIA)["CorsConfiguration"]["CorsRules"][0]
    assert rule["AllowedOrigins"] == ["https://learninghub.com"]
    assert rule["AllowedMethods"] == ["POST", "GET"]


def test_logs_of_cloudfront_balancer_waf_and_flows_reach_the_archive_and_the_backup_bucket(plain):
    assert plain.one("CloudFront::Distribution")["DistributionConfig"]["Logging"]["Prefix"] == "logs/cloudfront/"
    for balancer in plain.all("ElasticLoadBalancingV2::LoadBalancer"):
        told = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}
        assert told["access_logs.s3.enabled"] == "true"
        assert told["access_logs.s3.prefix"].startswith("logs/")
    assert len(plain.one("WAFv2::LoggingConfiguration")["LogDestinationConfigs"]) == 1
    assert plain.one("EC2::FlowLog")["LogDestinationType"] == "s3"
    rules = of(plain, LOGS)["ReplicationConfiguration"]["Rules"]
    assert [(rule["Id"], rule["Status"], rule["Destination"]["StorageClass"]) for rule in rules] == [
        ("archive", "Enabled", "GLACIER_IR")
    ]


def test_backups_are_replicated_to_the_second_region_by_its_flag_alone(plain, full):
    assert "ReplicationConfiguration" not in of(plain, BACKUPS)
    rule = of(full, BACKUPS)["ReplicationConfiguration"]["Rules"][0]
    assert "learninghub-backup-copies-eu-west-1-111122223333" in str(rule["Destination"]["Bucket"])
    copies = full.one("S3::Bucket", BucketName="learninghub-backup-copies-eu-west-1-111122223333")
    assert copies["VersioningConfiguration"]["Status"] == "Enabled"


def test_the_replica_in_the_second_region_stands_by_its_flag_alone(plain, full):
    assert "LearningHubSecondRegion" not in plain.stacks
    far = full.one("RDS::DBInstance", DBInstanceIdentifier="learninghub-replica-far")
    assert far["SourceRegion"] == "us-east-1"
    assert far["SourceDBInstanceIdentifier"] == "arn:aws:rds:us-east-1:111122223333:db:learninghub"


def test_monthly_snapshots_are_kept_a_year_warm_and_copied_by_the_flag(plain, full):
    rule = plain.one("Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"][0]
    assert rule["ScheduleExpression"] == "cron(0 2 1 * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 365}
    assert "CopyActions" not in rule
    copies = full.one("Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"][0]["CopyActions"]
    assert "eu-west-1" in str(copies[0]["DestinationBackupVaultArn"])
    selected = plain.one("Backup::BackupSelection")["BackupSelection"]["Resources"]
    assert "DatabasePrimary" in str(selected)
