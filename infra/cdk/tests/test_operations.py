import re
from pathlib import Path

import pytest
from learninghub_infra.config import BadConfig, EnvConfig

from learninghub.registry import SERVICES

ROOT = Path(__file__).resolve().parents[3]


def alarms(templates):
    return {one["AlarmName"].removeprefix("learninghub-"): one for one in templates.all("CloudWatch::Alarm")}


def exported():
    """The names that the code exports, as `definitions.py` enters them."""
    source = (ROOT / "learninghub/metrics/definitions.py").read_text()
    entered = re.findall(r"_(counter|gauge|histogram|read)\(\s*\"(\w+)\"", source)
    return {f"learninghub_{name}{'_total' if kind == 'counter' else ''}" for kind, name in entered}


def test_every_service_and_process_has_a_log_group_kept_and_encrypted(plain):
    groups = {
        one["LogGroupName"]: one
        for one in plain.all("Logs::LogGroup")
        if str(one.get("LogGroupName", "")).startswith("/learninghub/")
    }
    assert set(groups) == {
        f"/learninghub/{name}"
        for name in (*(service.name for service in SERVICES), "relay", "schedule", "migrate", "backup")
    }
    assert all(one["RetentionInDays"] == 90 and "DataKey" in str(one["KmsKeyId"]) for one in groups.values())


def test_every_key_metric_of_the_drawing_has_its_alarm(plain):
    names = alarms(plain)
    drawn = {
        "api-response-time": ("AWS/ApplicationELB", "TargetResponseTime"),
        "api-errors": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"),
        "database-connections": ("AWS/RDS", "DatabaseConnections"),
        "cache-hits": ("AWS/ElastiCache", "CacheHitRate"),
        "pods-cpu": ("ContainerInsights", "pod_cpu_utilization_over_pod_limit"),
        "pods-memory": ("ContainerInsights", "pod_memory_utilization_over_pod_limit"),
    }
    assert {name: (names[name]["Namespace"], names[name]["MetricName"]) for name in drawn} == drawn


def test_errors_are_watched_service_by_service(plain):
    names = alarms(plain)
    for service in SERVICES:
        dimensions = {one["Name"]: one["Value"] for one in names[f"errors-{service.name}"]["Dimensions"]}
        assert dimensions == {"ClusterName": "learninghub", "Service": service.name, "status": "5xx"}


def test_every_alarm_on_a_metric_of_ours_names_one_that_the_code_exports(plain):
    ours = {one["MetricName"] for one in plain.all("CloudWatch::Alarm", Namespace="LearningHub")}
    assert len(ours) == 14
    assert ours <= exported()


def test_every_alarm_tells_somebody(plain):
    assert all(len(one["AlarmActions"]) == 1 for one in plain.all("CloudWatch::Alarm"))
    assert plain.one("SNS::Subscription")["Endpoint"] == "operations@learninghub.com"


def test_the_dashboard_shows_what_the_alarms_watch(plain):
    body = str(plain.one("CloudWatch::Dashboard")["DashboardBody"])
    assert {name for name in alarms(plain) if name not in body} == set()


def test_a_bus_with_an_archive_takes_our_facts(plain):
    assert plain.one("Events::EventBus")["Name"] == "learninghub"
    assert plain.one("Events::Archive")["RetentionDays"] == 30


def test_rules_act_on_events_and_lose_none(plain):
    rules = plain.all("Events::Rule")
    assert len(rules) == 6
    assert all("EventsLost" in str(target["DeadLetterConfig"]) for rule in rules for target in rule["Targets"])


def test_alarms_reach_a_third_party_by_an_api_destination(plain):
    destination = plain.one("Events::ApiDestination")
    assert (destination["HttpMethod"], destination["InvocationEndpoint"]) == (
        "POST",
        "https://chat.learninghub.com/hooks/alarms",
    )
    assert "resolve:secretsmanager" in str(plain.one("Events::Connection"))


def test_a_schedule_builds_the_image_anew_each_week(plain):
    schedule = plain.one("Scheduler::Schedule", Name="learninghub-weekly-build")
    assert schedule["ScheduleExpression"] == "cron(0 4 ? * MON *)"


def test_parameters_hold_settings_and_no_secret(plain):
    names = {one["Name"] for one in plain.all("SSM::Parameter") if "Name" in one}
    assert "/learninghub/prod/app/site-url" in names
    assert "/learninghub/ci/project" in names
    assert {one["Type"] for one in plain.all("SSM::Parameter")} == {"String"}
    assert not [name for name in names if re.search("password|secret|private", name)]


def test_the_budget_knows_the_drawn_range_and_what_it_really_costs(plain):
    budget = plain.one("Budgets::Budget")
    thresholds = [
        (one["Notification"]["Threshold"], one["Notification"]["ThresholdType"])
        for one in budget["NotificationsWithSubscribers"]
    ]
    assert thresholds == [(520, "ABSOLUTE_VALUE"), (1190, "ABSOLUTE_VALUE"), (100, "PERCENTAGE")]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 2000, "Unit": "USD"}


def test_everything_lies_in_the_drawn_region_and_carries_its_tags(plain):
    assert set(plain.stacks) == {
        f"LearningHub{name}" for name in ("Foundation", "Data", "Front", "Cluster", "Delivery", "Operations", "Staging")
    }
    assert {"Key": "project", "Value": "learninghub"} in plain.one("EC2::VPC")["Tags"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account", "12"), ("region", "eu-west-1"), ("domain", "no domain"), ("replica_count", 0), ("redis_replicas", 0), ("broker_instance", "mq.t3.micro"),
        ("web_nodes", (3, 5)), ("nat_gateways", 0), ("second_region", "us-east-1"), ("second_origin", "far.example.org"), ("frontend_release", "../x"),
    ],
)  # fmt: skip
def test_a_setting_that_no_installation_can_have_is_refused_by_name(field, value):
    with pytest.raises(BadConfig, match=field):
        EnvConfig(**{"account": "111122223333", field: value})


def test_the_cost_table_adds_up_and_the_budget_covers_it():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs/costs.md").read_text().splitlines()
        if line.startswith("|")
    ]
    parts = [row for row in rows[2:] if not row[0].startswith("**")]
    for column in (2, 3, 4):
        total = next(row for row in rows if row[0] == "**Total**")[column]
        assert sum(int(row[column]) for row in parts) == int(total.strip("*")), rows[0][column]
    on_demand = int(next(row for row in rows if row[0] == "**Total**")[2].strip("*"))
    assert 1190 < on_demand < EnvConfig(account="111122223333").monthly_budget
