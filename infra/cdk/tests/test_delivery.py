import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILDSPEC = (ROOT / "infra/buildspec.yml").read_text()


def repository(templates, name):
    return templates.one("ECR::Repository", RepositoryName=name)


def test_images_are_scanned_and_a_tag_never_moves(plain):
    images = repository(plain, "learninghub")
    assert images["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert images["ImageTagMutability"] == "IMMUTABLE"
    assert repository(plain, "learninghub-cache")["ImageTagMutability"] == "MUTABLE"


def test_old_images_are_removed(plain):
    rules = json.loads(repository(plain, "learninghub")["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert [(rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules] == [
        ("untagged", 7),
        ("any", 50),
    ]


def test_codebuild_builds_in_parallel_and_pushes_to_ecr(plain):
    project = plain.one("CodeBuild::Project")
    assert (project["Name"], project["ConcurrentBuildLimit"], project["Environment"]["PrivilegedMode"]) == (
        "learninghub-image",
        4,
        True,
    )
    assert "ServiceRole" in project["BuildBatchConfig"]
    assert project["Source"]["BuildSpec"] == "infra/buildspec.yml"
    assert re.findall(r"identifier: (\w+)", BUILDSPEC) == ["image", "tests"]


def test_builds_use_the_registry_as_their_cache(plain):
    names = {one["Name"] for one in plain.one("CodeBuild::Project")["Environment"]["EnvironmentVariables"]}
    assert names == {"IMAGES", "CACHE"}
    assert "--cache-from type=registry,ref=$CACHE" in BUILDSPEC
    assert "--cache-to type=registry,ref=$CACHE" in BUILDSPEC
    assert plain.one("CodeBuild::Project")["Cache"]["Modes"] == ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"]


def test_jenkins_starts_builds_reads_its_settings_and_deploys_to_one_namespace(plain):
    entry = plain.one("EKS::AccessEntry")["AccessPolicies"][0]
    assert entry["AccessScope"] == {"Namespaces": ["backend-prod"], "Type": "namespace"}
    policy = next(
        one
        for name, one in plain.stack("Delivery").items()
        if one["Type"] == "AWS::IAM::Policy" and "PipelineJenkins" in name
    )
    text = json.dumps(policy)
    for action in ("codebuild:StartBuildBatch", "ssm:GetParameter", "eks:DescribeCluster", "s3:PutObject"):
        assert action in text
    assert "parameter/learninghub/ci/*" in text


def test_staging_is_a_machine_with_docker_compose_that_sleeps_at_night(plain):
    machine = next(
        one
        for one in plain.all("EC2::Instance")
        if "Staging" in str(one["Tags"]) or "learninghub-staging" in str(one["Tags"])
    )
    setup = json.dumps(machine["UserData"])
    assert "docker-compose" in setup
    assert machine["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert "appSubnet" in str(machine["SubnetId"])
    [place] = [one for one in plain.all("SSM::Parameter") if one.get("Name") == "/learninghub/staging/media/bucket"]
    assert "StagingFiles" in str(place["Value"])
    assert plain.one("S3::Bucket", BucketName="learninghub-staging-files-111122223333")
    schedules = {one["Name"]: one["ScheduleExpression"] for one in plain.all("Scheduler::Schedule")}
    assert schedules["learninghub-staging-stop"] == "cron(0 20 ? * MON-FRI *)"
    assert schedules["learninghub-staging-start"] == "cron(0 6 ? * MON-FRI *)"
