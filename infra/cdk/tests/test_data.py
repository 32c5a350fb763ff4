def primary(templates):
    return templates.one("RDS::DBInstance", DBInstanceIdentifier="learninghub")


def replicas(templates):
    return [one for one in templates.all("RDS::DBInstance") if "SourceDBInstanceIdentifier" in one]


def test_postgresql_15_in_two_zones_with_the_drawn_class(plain):
    one = primary(plain)
    assert (one["Engine"], one["EngineVersion"].split(".")[0], one["DBInstanceClass"], one["MultiAZ"]) == (
        "postgres",
        "15",
        "db.t3.medium",
        True,
    )


def test_daily_backups_are_kept_seven_days_and_allow_any_second(plain):
    assert primary(plain)["BackupRetentionPeriod"] == 7
    assert primary(plain)["DeleteAutomatedBackups"] is False


def test_the_database_is_encrypted_under_our_key(plain):
    assert primary(plain)["StorageEncrypted"] is True
    assert "DataKey" in str(primary(plain)["KmsKeyId"])


def test_a_connection_without_tls_is_refused_and_the_certificate_can_be_checked(plain):
    parameters = plain.one("RDS::DBParameterGroup")["Parameters"]
    assert (parameters["rds.force_ssl"], parameters["ssl_min_protocol_version"]) == ("1", "TLSv1.2")
    assert {one.get("CACertificateIdentifier") for one in plain.all("RDS::DBInstance")} == {"rds-ca-rsa2048-g1"}


def test_performance_insights_and_enhanced_monitoring_are_on_everywhere(plain):
    for one in plain.all("RDS::DBInstance"):
        assert one["EnablePerformanceInsights"] is True
        assert (one["DatabaseInsightsMode"], one["PerformanceInsightsRetentionPeriod"]) == ("standard", 7)
        assert one["MonitoringInterval"] == 60


def test_the_database_is_private_and_cannot_be_deleted_by_mistake(plain):
    for one in plain.all("RDS::DBInstance"):
        assert (one["PubliclyAccessible"], one["DeletionProtection"]) == (False, True)
    group = plain.one("RDS::DBSubnetGroup")
    assert len(group["SubnetIds"]) == 3
    assert all("dataSubnet" in str(one) for one in group["SubnetIds"])


def test_its_log_and_metrics_go_to_cloudwatch(plain):
    assert primary(plain)["EnableCloudwatchLogsExports"] == ["postgresql", "upgrade"]


def test_no_password_of_the_owner_is_ours_to_keep(plain):
    assert primary(plain)["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in primary(plain)


def test_replica_count_says_how_many_replicas_follow_the_primary(plain, full):
    near = [one for one in replicas(full) if "far" not in one["DBInstanceIdentifier"]]
    assert (len(replicas(plain)), len(near)) == (1, 2)
    assert all("DatabasePrimary" in str(one["SourceDBInstanceIdentifier"]) for one in near)
    assert all("BackupRetentionPeriod" not in one for one in near)


def test_redis_7_in_cluster_mode_fails_over_between_zones(plain, full):
    redis = plain.one("ElastiCache::ReplicationGroup")
    assert (redis["Engine"], redis["EngineVersion"], redis["CacheNodeType"]) == ("redis", "7.1", "cache.t3.medium")
    assert (redis["ClusterMode"], redis["NumNodeGroups"], redis["ReplicasPerNodeGroup"]) == ("enabled", 1, 1)
    assert (redis["AutomaticFailoverEnabled"], redis["MultiAZEnabled"]) == (True, True)
    assert full.one("ElastiCache::ReplicationGroup")["NumNodeGroups"] == 2


def test_redis_is_encrypted_both_ways(plain):
    redis = plain.one("ElastiCache::ReplicationGroup")
    assert (redis["TransitEncryptionEnabled"], redis["TransitEncryptionMode"], redis["AtRestEncryptionEnabled"]) == (
        True,
        "required",
        True,
    )
    assert "DataKey" in str(redis["KmsKeyId"])


def test_redis_lies_in_the_data_subnets_with_its_password_from_a_secure_string(plain):
    assert len(plain.one("ElastiCache::SubnetGroup")["SubnetIds"]) == 3
    assert (
        plain.one("ElastiCache::ReplicationGroup")["AuthToken"]
        == "{{resolve:ssm-secure:/learninghub/prod/redis/password}}"
    )


def test_rabbitmq_is_a_cluster_of_three_in_the_data_subnets(plain):
    broker = plain.one("AmazonMQ::Broker")
    assert (broker["EngineType"], broker["DeploymentMode"], broker["PubliclyAccessible"]) == (
        "RABBITMQ",
        "CLUSTER_MULTI_AZ",
        False,
    )
    assert (broker["EngineVersion"], broker["HostInstanceType"]) == ("4.2", "mq.m7g.large")
    assert len(broker["SubnetIds"]) == 3
    assert broker["EncryptionOptions"]["UseAwsOwnedKey"] is False


def test_no_secret_is_written_out_in_any_template(plain, full):
    for templates in (plain, full):
        for broker in templates.all("AmazonMQ::Broker"):
            assert "resolve:secretsmanager" in str(broker["Users"][0]["Password"])
        for secret in templates.all("SecretsManager::Secret"):
            assert "SecretString" not in secret
