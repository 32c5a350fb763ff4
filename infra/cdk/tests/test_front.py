from learninghub_infra.ingress import gateway_paths

from learninghub.registry import SERVICES


def distribution(templates):
    return templates.one("CloudFront::Distribution")["DistributionConfig"]


def behaviours(templates):
    return {one["PathPattern"]: one for one in distribution(templates)["CacheBehaviors"]}


def balancer(templates, name="learninghub"):
    return templates.one("ElasticLoadBalancingV2::LoadBalancer", Name=name)


def records(templates, name):
    return [one for one in templates.all("Route53::RecordSet") if one["Name"].rstrip(".") == name]


def rules(templates):
    return {rule["Name"]: rule for rule in templates.one("WAFv2::WebACL")["Rules"]}


def test_learninghub_com_leads_to_cloudfront(plain):
    assert plain.one("Route53::HostedZone")["Name"] == "learninghub.com."
    for host in ("learninghub.com", "www.learninghub.com"):
        assert {one["Type"] for one in records(plain, host)} == {"A", "AAAA"}
        assert all("SiteDistribution" in str(one["AliasTarget"]["DNSName"]) for one in records(plain, host))


def test_health_is_asked_through_the_whole_way(plain):
    check = plain.one("Route53::HealthCheck")["HealthCheckConfig"]
    assert (check["Type"], check["FullyQualifiedDomainName"], check["ResourcePath"]) == (
        "HTTPS",
        "learninghub.com",
        "/readyz",
    )


def test_with_no_healthy_gateway_the_origin_is_the_maintenance_page(plain):
    ways = {one["Failover"]: one["AliasTarget"] for one in records(plain, "origin.learninghub.com")}
    assert set(ways) == {"PRIMARY", "SECONDARY"}
    assert ways["PRIMARY"]["EvaluateTargetHealth"] is True
    assert "MaintenanceAlb" in str(ways["SECONDARY"]["DNSName"])
    listener = next(
        one for one in plain.all("ElasticLoadBalancingV2::Listener") if "MaintenanceAlb" in str(one["LoadBalancerArn"])
    )
    assert listener["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "503"


def test_europe_has_a_way_of_its_own_behind_the_flag_alone(plain, full):
    assert not [one for one in plain.all("Route53::RecordSet") if "GeoLocation" in one]
    ways = {
        str(one["GeoLocation"]): one["ResourceRecords"]
        for one in full.all("Route53::RecordSet")
        if "GeoLocation" in one
    }
    assert ways == {
        "{'ContinentCode': 'EU'}": ["origin-eu.learninghub.com"],
        "{'CountryCode': '*'}": ["here.learninghub.com"],
    }


def test_one_certificate_for_the_name_and_all_under_it(plain):
    certificate = plain.one("CertificateManager::Certificate")
    assert (certificate["DomainName"], certificate["SubjectAlternativeNames"]) == (
        "learninghub.com",
        ["*.learninghub.com"],
    )
    assert "DnsCertificate" in str(distribution(plain)["ViewerCertificate"]["AcmCertificateArn"])


def test_cloudfront_answers_from_all_edges_in_tls_1_3(plain):
    assert distribution(plain)["PriceClass"] == "PriceClass_All"
    assert distribution(plain)["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.3_2025"
    assert distribution(plain)["Aliases"] == ["learninghub.com", "www.learninghub.com"]
    assert distribution(plain)["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert {one["ViewerProtocolPolicy"] for one in behaviours(plain).values()} == {"https-only"}


def test_static_files_and_media_are_kept_a_day_at_the_edge(plain):
    policies = {
        one["CachePolicyConfig"]["Name"]: one["CachePolicyConfig"] for one in plain.all("CloudFront::CachePolicy")
    }
    assert (policies["learninghub-day"]["DefaultTTL"], policies["learninghub-day"]["MaxTTL"]) == (86400, 86400)
    for way in (
        distribution(plain)["DefaultCacheBehavior"],
        behaviours(plain)["/static/*"],
        behaviours(plain)["/media/*"],
    ):
        assert "SiteDay" in str(way["CachePolicyId"])


def test_only_public_reads_of_the_api_are_kept_by_their_own_headers_and_never_for_another(plain):
    kept = {path for path, one in behaviours(plain).items() if "SitePublicReads" in str(one["CachePolicyId"])}
    assert kept == {"/api/v1/courses/*", "/api/v1/categories/*", "/api/v1/reviews/*"}
    policies = {
        one["CachePolicyConfig"]["Name"]: one["CachePolicyConfig"] for one in plain.all("CloudFront::CachePolicy")
    }
    policy = policies["learninghub-public-reads"]
    assert (policy["DefaultTTL"], policy["MinTTL"]) == (0, 0)
    assert "Authorization" in policy["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"]
    disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behaviours(plain)["/api/*"]["CachePolicyId"] == disabled
    assert list(behaviours(plain)).index("/api/v1/courses/*") < list(behaviours(plain)).index("/api/*")


def test_buckets_are_read_through_cloudfront_alone(plain):
    assert len(plain.all("CloudFront::OriginAccessControl")) == 2
    policies = [one for one in plain.all("S3::BucketPolicy") if "cloudfront.amazonaws.com" in str(one)]
    assert len(policies) == 2
    assert all("AWS:SourceArn" in str(one) for one in policies)


def test_media_is_given_to_signed_urls_alone(plain):
    assert len(behaviours(plain)["/media/*"]["TrustedKeyGroups"]) == 1


def test_a_release_of_the_frontend_is_a_folder_so_that_the_last_one_can_come_back(plain):
    paths = {one.get("OriginPath") for one in distribution(plain)["Origins"]}
    assert "/releases/first" in paths
    assert "index.html" in plain.one("CloudFront::Function")["FunctionCode"]
    assert "CustomErrorResponses" not in distribution(plain)


def test_waf_stands_on_the_distribution_with_the_managed_rules(plain):
    assert plain.one("WAFv2::WebACL")["Scope"] == "CLOUDFRONT"
    assert "FirewallAcl" in str(distribution(plain)["WebACLId"])
    managed = {
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]
        for rule in rules(plain).values()
        if "OverrideAction" in rule
    }
    assert managed == {
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    }
    assert len({rule["Priority"] for rule in rules(plain).values()}) == len(rules(plain))


def test_waf_refuses_sql_injection_and_cross_site_scripting(plain):
    assert rules(plain)["sql"]["OverrideAction"] == {"None": {}}
    common = rules(plain)["common"]
    counted = [one["Name"] for one in common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]]
    assert (common["OverrideAction"], counted) == ({"None": {}}, ["SizeRestrictions_BODY"])


def test_waf_counts_requests_by_address_and_log_ins_more_strictly(plain):
    limits = {name: rules(plain)[name]["Statement"]["RateBasedStatement"]["Limit"] for name in ("rate", "logins")}
    assert limits == {"rate": 2000, "logins": 100}


def test_waf_has_a_rule_of_our_own_for_what_only_the_cluster_asks(plain):
    statement = rules(plain)["hidden-paths"]["Statement"]["OrStatement"]["Statements"]
    assert [one["ByteMatchStatement"]["SearchString"] for one in statement] == ["/metrics", "/internal/"]
    assert "Block" in rules(plain)["hidden-paths"]["Action"]


def test_shield_advanced_is_there_by_its_flag_alone(plain, full):
    assert not plain.all("Shield::Protection")
    assert {one["Name"] for one in full.all("Shield::Protection")} == {
        "learninghub-distribution",
        "learninghub-balancer",
        "learninghub-zone",
    }


def test_the_load_balancer_ends_tls_with_the_1_3_policy(plain):
    for listener in plain.all("ElasticLoadBalancingV2::Listener"):
        assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
        assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    assert len(balancer(plain)["Subnets"]) == 3
    assert all("publicSubnet" in str(one) for one in balancer(plain)["Subnets"])


def test_paths_of_the_registry_and_cloudfronts_secret_lead_to_the_gateway(plain):
    wanted = set()
    for rule in plain.all("ElasticLoadBalancingV2::ListenerRule"):
        conditions = {one["Field"]: one for one in rule["Conditions"]}
        assert set(conditions) == {"http-header", "path-pattern"}
        assert "resolve:secretsmanager" in str(conditions["http-header"])
        assert "IngressGateway" in str(rule["Actions"][0])
        wanted |= set(conditions["path-pattern"]["PathPatternConfig"]["Values"])
    assert wanted == set(gateway_paths())
    stems = [pattern.rstrip("*") for pattern in wanted]
    assert all(any(path.startswith(stem) for stem in stems) for service in SERVICES for path in service.paths)
    refusing = next(
        one for one in plain.all("ElasticLoadBalancingV2::Listener") if "IngressAlb" in str(one["LoadBalancerArn"])
    )
    assert refusing["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "403"


def test_targets_are_pods_asked_on_readyz_drained_for_thirty_seconds(plain):
    group = plain.one("ElasticLoadBalancingV2::TargetGroup")
    assert (group["TargetType"], group["Port"], group["HealthCheckPath"]) == ("ip", 3000, "/readyz")
    told = {one["Key"]: one["Value"] for one in group["TargetGroupAttributes"]}
    assert told["deregistration_delay.timeout_seconds"] == "30"


def test_sticky_sessions_are_an_attribute_of_the_target_group(plain):
    told = {
        one["Key"]: one["Value"] for one in plain.one("ElasticLoadBalancingV2::TargetGroup")["TargetGroupAttributes"]
    }
    assert (told["stickiness.enabled"], told["stickiness.type"]) == ("true", "lb_cookie")
